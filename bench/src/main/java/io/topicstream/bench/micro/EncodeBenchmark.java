package io.topicstream.bench.micro;

import io.topicstream.dialect.Dialect;
import io.topicstream.dialect.NativeDialect;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
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
import org.openjdk.jmh.annotations.Warmup;

/// Consecutive messages of a topic, written as the native dialect's deliveries: what is done once for a whole
/// audience.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EncodeBenchmark {
    private static final long TIMESTAMP = 1_767_225_600_000L;

    /// Messages a delivery.
    @Param({"1", "16"})
    int messages;

    /// Whether they may come as one array.
    @Param({"false", "true"})
    boolean arrays;

    private final NativeDialect dialect = new NativeDialect();
    private final TopicName topic = new TopicName("bench.0");
    private final Output output = new Output();
    private List<Message> delivered = List.of();

    @Setup
    public void fill() {
        delivered = LongStream.rangeClosed(1, messages)
                .mapToObj(offset -> new Message(offset, TIMESTAMP, "alice", null, Payloads.bytes(), null))
                .toList();
    }

    /// One delivery; answers how many bytes it has.
    @Benchmark
    public long delivery() {
        output.bytes = 0;
        dialect.encodeDelivery(topic, delivered, arrays, output);
        return output.bytes;
    }

    /// Writes every WebSocket message over the one before it.
    private static final class Output implements Dialect.DeliveryOutput {
        private final JsonWriter json = new JsonWriter();
        private long bytes;

        @Override
        public JsonWriter json() {
            return json;
        }

        @Override
        public void endOfMessage() {
            bytes += json.length();
            json.reset();
        }
    }
}
