package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKeys;
import io.topicstream.server.Engine;
import io.topicstream.server.Metrics;
import io.topicstream.server.StartException;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.load.Descriptors;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// All hostile stories on one server, which must have come out of them as it was: descriptors,
/// threads, heap, and what it says of itself.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileInputTest implements HostileScenarios {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long MIB = 1 << 20;

    @TempDir
    private static Path directory;

    private Engine engine;
    private TopicStreamServer server;
    private Deployment deployment;
    private Standing before;

    /// @param heap used after a collection, in MiB
    private record Standing(long descriptors, long threads, long heap) {
        static Standing now() {
            System.gc();
            return new Standing(
                    Descriptors.open(),
                    Thread.getAllStackTraces().keySet().stream()
                            // Those of the clients' own library come and go.
                            .filter(thread -> !thread.getName().startsWith("HttpClient")
                                    && !thread.getName().startsWith("ForkJoin"))
                            .count(),
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MIB);
        }
    }

    @BeforeAll
    void start() throws StartException {
        engine = Engine.open(TestServers.config("engine", "rocksdb", "data.dir", directory.toString()));
        server = TestServers.start(engine, TestServers.config());
        ApiKeys keys = new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system());
        deployment = new Deployment(List.of(TestServers.uri(server)), Deployment.keys(keys));
        // Once through every door, so that what is made once is there.
        deployment.client(0).close();
        deployment.live(0).close();
        theServerIsWell();
        before = Standing.now();
    }

    @AfterAll
    void itIsAsWellAsBefore() {
        URI uri = TestServers.uri(server);
        try {
            await().atMost(PATIENCE).untilAsserted(() -> {
                Metrics metrics = Metrics.of(uri);
                assertThat(metrics.connections()).isLessThanOrEqualTo(1);
                assertThat(metrics.live() + metrics.catchingUp()).isZero();
                assertThat(metrics.queueBytes()).isZero();
                assertThat(metrics.of("errors_total{code=\"internal\"}")).isZero();
                Standing after = Standing.now();
                assertThat(after.descriptors).isLessThanOrEqualTo(before.descriptors + 8);
                assertThat(after.threads).isLessThanOrEqualTo(before.threads + 4);
                assertThat(after.heap).isLessThanOrEqualTo(before.heap + 16);
            });
        } finally {
            server.close();
        }
    }

    @Override
    public Deployment deployment() {
        return deployment;
    }

    @Test
    void whoGuessesIsSoonToldToWaitAndOthersAreNot() {
        try (TopicStreamServer strict =
                TestServers.start(engine.shared(), TestServers.config("access.wrong_credentials_per_minute", "5"))) {
            URI uri = TestServers.uri(strict);
            for (int i = 0; i < 5; i++) {
                assertThat(TestClient.to(uri, "/v1")
                                .header("x-api-key", "ts_wrong" + i)
                                .refusedWith())
                        .isEqualTo(401);
            }
            assertThat(TestClient.to(uri, "/v1").header("x-api-key", "ts_wrong").refusedWith())
                    .isEqualTo(429);
            TestClient.to(uri, "/v1")
                    .header("x-api-key", deployment.key(0))
                    .open()
                    .close();
            TestClient anonymous = TestClient.connect(uri);
            anonymous.close();
        }
    }
}
