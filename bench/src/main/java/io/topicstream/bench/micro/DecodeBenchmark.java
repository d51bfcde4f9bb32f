package io.topicstream.bench.micro;

import io.topicstream.access.Identity;
import io.topicstream.access.Speaker;
import io.topicstream.dialect.NativeDialect;
import io.topicstream.protocol.WireFormat;
import io.topicstream.session.SessionRecord;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// A `publish` frame of the native dialect with a payload of 128 bytes, from UTF-8 to a checked frame.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodeBenchmark {
    private final NativeDialect dialect = new NativeDialect();
    private final Speaker speaker = new SessionRecord(
            "c", Identity.anonymous(null, null, List.of()), "v1", WireFormat.NATIVE, InetAddress.getLoopbackAddress());
    private final byte[] frame = ("{\"action\":\"publish\",\"id\":1,\"topic\":\"bench.0\",\"message\":"
                    + Payloads.text() + "}")
            .getBytes(StandardCharsets.US_ASCII);

    @Benchmark
    public void publish(Blackhole hole) {
        dialect.decode(speaker, frame, 0, frame.length, hole::consume);
    }
}
