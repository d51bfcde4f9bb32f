package io.topicstream.rocksdb;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.HandOver;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/// Measures durable messages a second, and what one costs: a loop in the place of an event loop drives the
/// publishers, each with a window of messages in flight and a topic of its own.
///
/// Arguments: publishers, in flight for each, seconds, durability, messages a second in all (0: as fast as it
/// goes), linger in microseconds.
final class DurableRate {
    private DurableRate() {}

    public static void main(String[] args) throws Exception {
        int publishers = Integer.parseInt(args[0]);
        int window = Integer.parseInt(args[1]);
        int seconds = Integer.parseInt(args[2]);
        Durability durability = Durability.valueOf(args[3].toUpperCase(java.util.Locale.ROOT));
        long rate = Long.parseLong(args[4]);
        int lingerUs = args.length > 5 ? Integer.parseInt(args[5]) : RocksOptions.DEFAULTS.lingerUs();
        Path directory = Files.createTempDirectory(Path.of("."), "durable-rate");
        try (RocksLog log = RocksLog.open(
                directory, RocksOptions.DEFAULTS.withDurability(durability).withLingerUs(lingerUs))) {
            run(log, publishers, window, 2, rate, false);
            run(log, publishers, window, seconds, rate, true);
        } finally {
            StoreUnderTest.delete(directory);
        }
    }

    private static void run(RocksLog log, int publishers, int window, int seconds, long rate, boolean print)
            throws Exception {
        LinkedBlockingQueue<HandOver> inbox = new LinkedBlockingQueue<>();
        Loop loop = new Loop(log, inbox::add, publishers, rate > 0);
        long syncs = log.sync().syncs;
        long groups = log.sync().groupsTold;
        long cpu = cpuNs();
        long writer = cpuNs("topicstream-log-writer");
        long sync = cpuNs("topicstream-log-sync");
        long allocated = allocatedBytes();
        long begin = System.nanoTime();
        long end = begin + seconds * 1_000_000_000L;
        if (rate == 0) {
            for (int i = 0; i < publishers * window; i++) {
                loop.publish(i % publishers);
            }
            while (System.nanoTime() < end) {
                inbox.take().run();
            }
        } else {
            long due = begin;
            long step = 1_000_000_000L / rate;
            for (int i = 0; System.nanoTime() < end; i++) {
                while (System.nanoTime() < due) {
                    HandOver next = inbox.poll();
                    if (next != null) {
                        next.run();
                    } else {
                        LockSupport.parkNanos(Math.min(50_000, due - System.nanoTime()));
                    }
                }
                loop.publish(i % publishers);
                due += step;
            }
        }
        long took = System.nanoTime() - begin;
        long answered = loop.answered;
        long cpuUsed = cpuNs() - cpu;
        long writerUsed = cpuNs("topicstream-log-writer") - writer;
        long syncUsed = cpuNs("topicstream-log-sync") - sync;
        long bytes = allocatedBytes() - allocated;
        loop.stopped = true;
        while (loop.inFlight > 0) {
            inbox.take().run();
        }
        if (print) {
            long[] sorted = Arrays.copyOf(loop.latencies, (int) Math.min(loop.latencies.length, answered));
            Arrays.sort(sorted);
            System.out.printf(
                    "%d x %d: %,.0f msg/s, %.1f msg/sync, %.1f msg/group, cpu %.2f us/msg (writer %.2f,"
                            + " sync %.2f), %.0f B/msg, ack p50 %.0f us"
                            + " p99 %.0f us%n",
                    publishers,
                    window,
                    answered * 1e9 / took,
                    answered / (double) Math.max(1, log.sync().syncs - syncs),
                    answered / (double) Math.max(1, log.sync().groupsTold - groups),
                    cpuUsed / 1e3 / answered,
                    writerUsed / 1e3 / answered,
                    syncUsed / 1e3 / answered,
                    bytes / (double) answered,
                    sorted[sorted.length / 2] / 1e3,
                    sorted[(int) (sorted.length * 0.99)] / 1e3);
        }
    }

    private static final class Loop {
        final RocksLog log;
        final Lane lane;
        final TopicName[] topics;
        final boolean paced;
        final long[] latencies = new long[1 << 20];
        long answered;
        long inFlight;
        boolean stopped;

        Loop(RocksLog log, Lane lane, int publishers, boolean paced) {
            this.log = log;
            this.lane = lane;
            this.paced = paced;
            topics = new TopicName[publishers];
            for (int i = 0; i < publishers; i++) {
                topics[i] = new TopicName("dm:" + i);
            }
        }

        void publish(int publisher) {
            inFlight++;
            if (log.append(new Timed(this, publisher)) == Admission.REFUSED) {
                throw new IllegalStateException("refused");
            }
        }
    }

    private static final class Timed extends Append {
        private final Loop loop;
        private final int publisher;
        private final long sentNs = System.nanoTime();

        Timed(Loop loop, int publisher) {
            super(
                    loop.topics[publisher],
                    List.of(new Draft(new byte[128], null, null)),
                    "user",
                    "user",
                    ANY_OFFSET,
                    loop.lane);
            this.loop = loop;
            this.publisher = publisher;
        }

        @Override
        public void onAnswered(AppendResult result) {
            if (!(result instanceof AppendResult.Appended)) {
                throw new IllegalStateException(result.toString());
            }
            loop.latencies[(int) (loop.answered++ & (loop.latencies.length - 1))] = System.nanoTime() - sentNs;
            loop.inFlight--;
            if (!loop.stopped && !loop.paced) {
                loop.publish(publisher);
            }
        }
    }

    private static long cpuNs() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static long cpuNs(String thread) {
        var threads = ManagementFactory.getThreadMXBean();
        for (var each : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (each != null && each.getThreadName().equals(thread)) {
                return threads.getThreadCpuTime(each.getThreadId());
            }
        }
        return 0;
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
    }
}
