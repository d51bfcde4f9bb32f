package io.topicstream.migration;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Moves everything durable from one engine into another, while nobody serves either: topics with each message at its
/// offset, in its epoch, with its time and its id, and the state records with their versions. At the end both are
/// read and compared, and only then the new store can be opened.
///
/// Many topics are copied at once, each a batch after the other, so that memory is bounded however much a topic has.
///
/// The log begins a new epoch where it comes to, and clients are not told: one that knows (epoch, offset) of before
/// names a message that is there. But what the old store says to somebody after it was read is of another life, and
/// is told apart.
public final class Migration {
    /// What API Gateway delivers at most, in one message.
    public static final int FRAME_BYTES = 120 << 10;

    /// Partitions that belong to the servers of a store or to its place, which make their own.
    static final Set<String> LEFT_BEHIND = Set.of("connections", "dev-keys");

    private static final Duration IDS_KEPT = Duration.ofHours(24);
    private static final int TOPICS_AT_ONCE = 8;
    private static final int TOPICS_A_STEP = 64;
    private static final int RECORDS_AT_ONCE = 100;

    private final StoreExport from;
    private final StoreImport to;
    private final InstantSource clock;
    private final MigrationProgress progress;
    private final AtomicLong topics = new AtomicLong();
    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong records = new AtomicLong();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

    private Migration(StoreExport from, StoreImport to, InstantSource clock, MigrationProgress progress) {
        this.from = from;
        this.to = to;
        this.clock = clock;
        this.progress = progress;
    }

    /// Moves all of it; blocks. However it ended before, it may be run again.
    ///
    /// @throws MigrationException where it cannot go on; what was copied stays, and a later run goes on with it
    public static MigrationReport run(
            StoreExport from, StoreImport to, InstantSource clock, MigrationProgress progress) {
        return new Migration(from, to, clock, progress).run();
    }

    private MigrationReport run() {
        StoreImport.Run run = to.begin(from.fingerprint(), from.epoch(), clock.millis());
        if (run.isFinished()) {
            return new MigrationReport(run.epoch(), 0, 0, 0, 0, 0, true);
        }
        MigrationReport report;
        try (ExecutorService threads = Executors.newFixedThreadPool(
                TOPICS_AT_ONCE,
                Thread.ofPlatform().daemon().name("topicstream-migration-", 1).factory())) {
            copyTopics(run, threads);
            copyRecords();
            report = compare(run, threads);
        }
        to.finish(from.versions());
        return report;
    }

    // ---- copying

    private void copyTopics(StoreImport.Run run, ExecutorService threads) {
        long forgottenMs = run.atMs() - IDS_KEPT.toMillis();
        String after = run.afterTopic();
        for (List<TopicStand> some = from.topics(after, TOPICS_A_STEP);
                !some.isEmpty();
                some = from.topics(after, TOPICS_A_STEP)) {
            each(threads, some, topic -> about(topic, () -> copy(topic, forgottenMs)));
            to.finishedUpTo(some.getLast());
            after = some.getLast().topic().value();
        }
    }

    private void copy(TopicStand topic, long forgottenMs) {
        StoreImport.TopicImport into = to.topic(topic);
        from.endedIds(topic, forgottenMs, into::putEnded);
        if (into.next() < topic.nextOffset()) {
            try (BatchReader batches = from.batches(topic, into.next(), forgottenMs)) {
                for (CopiedBatch batch = batches.next(); batch != null; batch = batches.next()) {
                    requireGoingOn();
                    into.put(batch);
                    messages.addAndGet(batch.messages().size());
                    tell(MigrationProgress.Step.COPYING_TOPICS);
                }
            }
        }
        into.end();
        topics.incrementAndGet();
        tell(MigrationProgress.Step.COPYING_TOPICS);
    }

    private void copyRecords() {
        List<CopiedRecord> some = new ArrayList<>();
        from.records(clock.millis(), record -> {
            if (!LEFT_BEHIND.contains(record.partition())) {
                some.add(record);
                if (some.size() == RECORDS_AT_ONCE) {
                    put(some);
                }
            }
        });
        put(some);
    }

    private void put(List<CopiedRecord> some) {
        to.put(List.copyOf(some));
        records.addAndGet(some.size());
        some.clear();
        tell(MigrationProgress.Step.COPYING_STATE);
    }

    // ---- comparing

    private MigrationReport compare(StoreImport.Run run, ExecutorService threads) {
        topics.set(0);
        messages.set(0);
        records.set(0);
        StoreExport written = to.written();
        long forgottenMs =
                clock.millis() - IDS_KEPT.toMillis() + Duration.ofMinutes(30).toMillis();
        Comparison comparison = new Comparison(from, written, forgottenMs, count -> {
            requireGoingOn();
            messages.addAndGet(count);
            tell(MigrationProgress.Step.COMPARING);
        });
        String after = "";
        while (true) {
            List<TopicStand> ours = from.topics(after, TOPICS_A_STEP);
            List<TopicStand> theirs = written.topics(after, Math.max(1, ours.size()));
            if (ours.isEmpty()) {
                if (!theirs.isEmpty()) {
                    throw new MigrationException(
                            "topic " + theirs.getFirst().topic() + " is in the new store, and not in the old one");
                }
                break;
            }
            comparison.sameStands(ours, theirs);
            each(
                    threads,
                    ours,
                    topic -> about(topic, () -> {
                        comparison.sameContents(topic);
                        topics.incrementAndGet();
                        tell(MigrationProgress.Step.COMPARING);
                    }));
            after = ours.getLast().topic().value();
        }
        compareRecords(written, threads);
        return new MigrationReport(
                run.epoch(),
                topics.get(),
                messages.get(),
                comparison.ids(),
                records.get(),
                comparison.largeMessages(),
                false);
    }

    private void compareRecords(StoreExport written, ExecutorService threads) {
        long nowMs = clock.millis();
        List<CopiedRecord> some = new ArrayList<>();
        from.records(nowMs, record -> {
            if (!LEFT_BEHIND.contains(record.partition())) {
                some.add(record);
                if (some.size() == RECORDS_AT_ONCE) {
                    compare(some, written, threads);
                }
            }
        });
        compare(some, written, threads);
        AtomicLong there = new AtomicLong();
        written.records(nowMs, _ -> there.incrementAndGet());
        if (there.get() != records.get()) {
            throw new MigrationException(
                    "the old store has " + records.get() + " state records, and the new one " + there.get());
        }
    }

    private void compare(List<CopiedRecord> some, StoreExport written, ExecutorService threads) {
        each(threads, some, each -> {
            if (!each.record()
                    .equals(written.record(each.partition(), each.record().key()))) {
                throw new MigrationException("the state record " + each.partition() + " "
                        + each.record().key() + " is not in the new store as in the old one");
            }
        });
        records.addAndGet(some.size());
        some.clear();
        tell(MigrationProgress.Step.COMPARING);
    }

    // ---- many at once

    /// Does something with each, several at once, and waits for all of them. What fails first is thrown, and ends the
    /// others soon.
    private <T> void each(ExecutorService threads, List<T> some, Consumer<T> task) {
        List<? extends Future<?>> all = some.stream()
                .map(one -> threads.submit(() -> {
                    try {
                        requireGoingOn();
                        task.accept(one);
                    } catch (RuntimeException e) {
                        failure.compareAndSet(null, e);
                    }
                }))
                .toList();
        for (Future<?> one : all) {
            await(one);
        }
        RuntimeException first = failure.get();
        if (first != null) {
            throw first;
        }
    }

    private static void await(Future<?> task) {
        try {
            task.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MigrationException("interrupted", e);
        }
    }

    /// Another one has failed: this one need not come to its end.
    private void requireGoingOn() {
        RuntimeException first = failure.get();
        if (first != null) {
            throw first;
        }
    }

    private static void about(TopicStand topic, Runnable task) {
        try {
            task.run();
        } catch (MigrationException e) {
            String message = String.valueOf(e.getMessage());
            String prefix = "topic " + topic.topic();
            throw message.startsWith("topic ") ? e : new MigrationException(prefix + ": " + message, e);
        }
    }

    private void tell(MigrationProgress.Step step) {
        progress.at(step, topics.get(), messages.get(), records.get());
    }
}
