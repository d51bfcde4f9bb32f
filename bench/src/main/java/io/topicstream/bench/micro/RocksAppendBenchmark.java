package io.topicstream.bench.micro;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import io.topicstream.rocksdb.RocksLog;
import io.topicstream.rocksdb.RocksOptions;
import io.topicstream.rocksdb.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Appends of one message of 128 bytes each to one topic on RocksDB with durability `os`, from the first call to the
/// last answer: so many publishers at once, the way through the engine's threads and back, and no sync.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RocksAppendBenchmark {
    /// Appends in flight; the time is that of all of them.
    @Param({"1", "64"})
    int messages;

    private final TopicName topic = new TopicName("bench.0");
    private final byte[] payload = Payloads.bytes();
    private @Nullable Path folder;
    private @Nullable RocksLog log;

    @Setup
    public void open() throws IOException, StoreException {
        Path directory = Files.createTempDirectory("topicstream-bench-");
        folder = directory;
        log = RocksLog.open(directory, RocksOptions.DEFAULTS.withDurability(Durability.OS));
    }

    @TearDown
    public void close() throws IOException {
        if (log != null) {
            log.close();
        }
        if (folder != null) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /// All appends at once; answers what the last one was answered by.
    ///
    /// @throws IllegalStateException if one was refused or failed, which would make the figure worthless
    @Benchmark
    public AppendResult append() throws InterruptedException {
        RocksLog opened = log;
        if (opened == null) {
            throw new IllegalStateException("the log is not open");
        }
        CountDownLatch answers = new CountDownLatch(messages);
        AtomicReference<@Nullable AppendResult> last = new AtomicReference<>();
        for (int i = 0; i < messages; i++) {
            if (opened.append(new Awaited(topic, payload, answers, last)) == Admission.REFUSED) {
                throw new IllegalStateException("an append was refused");
            }
        }
        answers.await();
        AppendResult result = last.get();
        if (!(result instanceof AppendResult.Appended)) {
            throw new IllegalStateException("an append was answered by " + result);
        }
        return result;
    }

    private static final class Awaited extends Append {
        private final CountDownLatch answers;
        private final AtomicReference<@Nullable AppendResult> last;

        Awaited(TopicName topic, byte[] payload, CountDownLatch answers, AtomicReference<@Nullable AppendResult> last) {
            super(topic, List.of(new Draft(payload, null, null)), "alice", "alice", ANY_OFFSET, Lane.DIRECT);
            this.answers = answers;
            this.last = last;
        }

        @Override
        public void onAnswered(AppendResult result) {
            // The first that is no success stays.
            AppendResult before = last.get();
            if (before == null || before instanceof AppendResult.Appended) {
                last.set(result);
            }
            answers.countDown();
        }
    }
}
