package io.topicstream.server.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.Deliveries;
import io.topicstream.server.Metrics;
import io.topicstream.server.SocketSwarm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A thousand subscribers that stop reading, beside some that go on, on a server with 256 MiB of heap:
/// memory stays bounded, the others do not notice, and when the thousand read on they have lost
/// nothing.
class StalledSubscribersTest {
    private static final int STALLED = 1000;
    private static final int LIVE = 20;
    private static final int PAYLOAD_BYTES = 4096;
    private static final int MEASURED = 200;
    private static final int STEP = 100;
    private static final int MOST_IN_SYSTEM_BUFFERS = 2_000;
    /// What a stalled one may cost: a page of the log and a socket's buffer, both encoded.
    private static final long MIB_FOR_ALL_STALLED = STALLED * 2 * 64 / 1024 + 32;

    @TempDir
    private Path directory;

    static Stream<Arguments> engines() {
        return Stream.of(Arguments.of("rocksdb", "disk"), Arguments.of("memory", "memory"));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aThousandStalledSubscribersHarmNobodyAndLoseNothing(String engine, String durability, TestReporter report) {
        play(engine, durability, 300, Duration.ofMinutes(2), report);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = 20_000)
    void twentyThousandMessagesBehind(int messages, TestReporter report) {
        play("rocksdb", "os", messages, Duration.ofMinutes(20), report);
    }

    private void play(String engine, String durability, int messages, Duration patience, TestReporter report) {
        String topic = "a.topic";
        try (ServerProcess server = new ServerProcess(
                        "256m",
                        "engine",
                        engine,
                        "data.dir",
                        directory.toString(),
                        "data.durability",
                        durability,
                        "data.cache_bytes",
                        "32MiB",
                        "data.write_buffer_bytes",
                        "32MiB");
                SocketSwarm swarm = new SocketSwarm(server.uri());
                SocketSwarm publishing = new SocketSwarm(server.uri())) {
            List<Deliveries> live = new ArrayList<>();
            for (int i = 0; i < LIVE; i++) {
                Deliveries heard = new Deliveries();
                live.add(heard.subscribe(swarm.open("/v1", heard), topic));
            }
            Publisher publisher = new Publisher(publishing, topic, PAYLOAD_BYTES);
            publisher.publish(MEASURED, 1);
            Publisher.Times alone = publisher.measure(MEASURED);
            ServerProcess.Memory before = server.memory();

            List<SocketSwarm.Socket> sockets = new ArrayList<>();
            List<Deliveries> stalled = new ArrayList<>();
            for (int i = 0; i < STALLED; i++) {
                Deliveries heard = new Deliveries();
                SocketSwarm.Socket socket =
                        swarm.connect("/v1", "", 4096, heard).awaitOpen();
                stalled.add(heard.subscribe(socket, topic));
                sockets.add(socket.stall());
            }
            // How much the system's own buffers take before a socket is full is not ours to say.
            int behind = 0;
            while (behind < messages || Metrics.of(server.uri()).catchingUp() < STALLED) {
                assertThat(behind).as("messages until all are stalled").isLessThan(messages + MOST_IN_SYSTEM_BUFFERS);
                publisher.publish(STEP, 16);
                behind += STEP;
            }
            ServerProcess.Memory full = server.memory();
            Publisher.Times beside = publisher.measure(MEASURED);
            long last = publisher.publish();
            await().atMost(patience).until(() -> live.stream().allMatch(heard -> heard.next() > last));
            ServerProcess.Memory still = server.memory();

            long started = System.nanoTime();
            sockets.forEach(socket -> socket.drain(64 * 1024));
            await().atMost(patience).until(() -> {
                swarm.assertUnharmed();
                return stalled.stream().allMatch(heard -> heard.next() > last);
            });
            double seconds = (System.nanoTime() - started) / 1e9;
            // What is due is checked message by message; the payloads were the same for all.
            assertThat(stalled).extracting(Deliveries::closeCode).containsOnly(0);
            assertThat(stalled.stream().map(Deliveries::hash).distinct()).hasSize(1);
            await().until(() -> Metrics.of(server.uri()).catchingUp() == 0);
            assertThat(Metrics.of(server.uri()).live()).isEqualTo(STALLED + LIVE);
            ServerProcess.Memory drained = server.memory();
            assertThat(still.direct() - before.direct())
                    .as("MiB of buffers")
                    .isLessThan(MIB_FOR_ALL_STALLED)
                    .isLessThan(256);
            assertThat(still.resident() - before.resident()).as("resident MiB").isLessThan(400);
            sockets.forEach(SocketSwarm.Socket::reset);
            await().until(() -> {
                Metrics metrics = Metrics.of(server.uri());
                return metrics.live() == LIVE && metrics.catchingUp() == 0 && metrics.queueBytes() == 0;
            });
            Publisher.Times afterwards = publisher.measure(MEASURED);
            report.publishEntry(
                    engine + " " + durability,
                    "publishing beside the stalled against before them: " + beside.over(alone)
                            + ", against afterwards: " + beside.over(afterwards) + "; before " + before
                            + ", all stalled " + full + ", a while later " + still + ", drained " + drained
                            + "; drained " + Math.round(STALLED * (behind + MEASURED) / seconds)
                            + " messages/s");
            assertThat(beside.p50())
                    .as("half of the publishes")
                    .isLessThan(20 * Math.max(alone.p50(), afterwards.p50()));
        }
    }
}
