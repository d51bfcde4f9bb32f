package io.topicstream.bench.micro;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Batch;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// One append to the log in memory, up to where a follower has the message, all on one thread: what the log costs by
/// itself, without a disk and without a thread to wake. Every iteration has a fresh log, since one keeps all it gets.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MemoryFollowBenchmark {
    private final TopicName topic = new TopicName("bench.0");
    private final byte[] payload = Payloads.bytes();
    private InMemoryLog log = fresh();
    private Counting follower = new Counting();

    private static InMemoryLog fresh() {
        return new InMemoryLog(InstantSource.system(), Runnable::run, 1);
    }

    @Setup(Level.Iteration)
    public void open() {
        log = fresh();
        follower = new Counting();
        log.follow(topic, Lane.DIRECT, follower);
    }

    @TearDown(Level.Iteration)
    public void close() {
        log.close();
    }

    /// One message; answers the offset that comes after it.
    ///
    /// @throws IllegalStateException if the message did not arrive
    @Benchmark
    public long appendAndFollow() {
        long next = follower.nextOffset;
        if (log.append(new Unanswered(topic, payload)) == Admission.REFUSED || follower.nextOffset != next + 1) {
            throw new IllegalStateException("the message did not arrive");
        }
        return follower.nextOffset;
    }

    private static final class Unanswered extends Append {
        Unanswered(TopicName topic, byte[] payload) {
            super(topic, List.of(new Draft(payload, null, null)), "alice", "alice", ANY_OFFSET, Lane.DIRECT);
        }

        @Override
        public void onAnswered(AppendResult result) {
            if (!(result instanceof AppendResult.Appended)) {
                throw new IllegalStateException("an append was answered by " + result);
            }
        }
    }

    private static final class Counting implements Follower {
        private long nextOffset;

        @Override
        public void onFollowed(Extent extent) {
            nextOffset = extent.nextOffset();
        }

        @Override
        public void onCommitted(Batch batch) {
            nextOffset = batch.nextOffset();
        }

        @Override
        public void onSignal(byte[] signal) {
            throw new IllegalStateException("nobody signals");
        }

        @Override
        public void onLost() {
            throw new IllegalStateException("a log in memory loses no feed");
        }
    }
}
