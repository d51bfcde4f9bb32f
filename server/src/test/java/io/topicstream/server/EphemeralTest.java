package io.topicstream.server;

import static io.topicstream.state.StateStore.ABSENT;
import static io.topicstream.state.StateStore.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.config.ServerConfig;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.StateStoreContract;
import io.topicstream.testkit.StateUnderTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What dies with the process: a store of its own beside each engine, shared by the servers that share the
/// engine.
class EphemeralTest {
    private static <T extends @Nullable Object> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Nested
    class ItKeepsThePromisesOfTheState extends StateStoreContract {
        @Override
        protected StateUnderTest open() {
            return new OfAnEngine();
        }
    }

    @Test
    void itIsAnotherStoreThanTheDurableOne() {
        Engine engine = Engine.inMemory(new ManualClock());

        get(engine.ephemeral().put("p", "k", new byte[1], ABSENT, NEVER));
        assertThat(get(engine.state().get("p", "k"))).isNull();
        get(engine.state().put("p", "k", new byte[2], ABSENT, NEVER));

        assertThat(get(engine.ephemeral().get("p", "k")).value()).hasSize(1);
        engine.close().run();
    }

    @Test
    void serversThatShareAnEngineShareItAndNoneOfThemEndsIt() {
        Engine engine = Engine.inMemory(new ManualClock());
        Engine other = engine.shared();

        get(engine.shared().ephemeral().put("p", "k", new byte[1], ABSENT, NEVER));
        engine.shared().close().run();

        assertThat(get(other.ephemeral().get("p", "k"))).isNotNull();
        assertThat(other.ephemeralFigures().get().records()).isEqualTo(1);
        engine.close().run();
        assertThat(other.ephemeral().get("p", "k").toCompletableFuture()).isCompletedExceptionally();
    }

    @Test
    void besideAStoreOnDiskItIsEmptyAtTheStartAndWithinItsBound(@TempDir Path directory) throws Exception {
        ServerConfig config = TestServers.config(
                "engine", "rocksdb", "data.dir", directory.toString(), "data.ephemeral_bytes", "1MiB");
        Engine engine = Engine.open(config);
        get(engine.state().put("p", "k", new byte[1], ABSENT, NEVER));
        get(engine.ephemeral().put("p", "k", new byte[2], ABSENT, NEVER));
        assertThat(engine.ephemeralFigures().get().maxBytes()).isEqualTo(1 << 20);
        engine.close().run();

        engine = Engine.open(config);

        assertThat(get(engine.state().get("p", "k"))).isNotNull();
        assertThat(get(engine.ephemeral().get("p", "k"))).isNull();
        assertThat(engine.ephemeralFigures().get().records()).isZero();
        engine.close().run();
    }

    @Test
    void itNeverTakesMoreThanAnEighthOfTheHeap() throws Exception {
        Engine engine = Engine.open(TestServers.config("data.ephemeral_bytes", "64GiB"));

        assertThat(engine.ephemeralFigures().get().maxBytes())
                .isEqualTo(Runtime.getRuntime().maxMemory() / 8);
        engine.close().run();
    }

    @Test
    void whatHasExpiredIsFreedThoughNobodyAsks() {
        ManualClock clock = new ManualClock();
        Engine engine = Engine.inMemory(clock);
        for (int i = 0; i < 5_000; i++) {
            get(engine.ephemeral().put("leases", "node-" + i, new byte[16], ABSENT, clock.millis() + 30_000));
        }
        get(engine.ephemeral().put("leases", "stays", new byte[16], ABSENT, clock.millis() + 60_000));
        assertThat(engine.ephemeralFigures().get().records()).isEqualTo(5_001);

        clock.advance(Duration.ofSeconds(30));

        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> engine.ephemeralFigures().get().records() == 1);
        assertThat(get(engine.ephemeral().scan("leases", "", "", 10)).records().stream()
                        .map(StateRecord::key))
                .containsExactly("stays");
        engine.close().run();
    }

    private static final class OfAnEngine implements StateUnderTest {
        private final ManualClock clock = new ManualClock();
        private Engine engine = Engine.inMemory(clock);

        @Override
        public StateStore store() {
            return engine.ephemeral();
        }

        @Override
        public ManualClock clock() {
            return clock;
        }

        @Override
        public boolean survivesReopen() {
            return false;
        }

        @Override
        public void shutDown() {
            engine.close().run();
        }

        @Override
        public void reopen() {
            engine.close().run();
            engine = Engine.inMemory(clock);
        }

        @Override
        public void close() {
            engine.close().run();
        }
    }
}
