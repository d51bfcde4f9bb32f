package io.topicstream.server.scenario;

import io.topicstream.access.ApiKeys;
import io.topicstream.server.Engine;
import io.topicstream.server.StartException;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The scenarios on one server with each engine, and on two that share one engine with their clients
/// spread over both: in one process, and over a network that delays, loses and is out of order for a while.
class ScenariosTest {
    abstract static class OnServers
            implements LiveStageScenarios,
                    DevStageScenarios,
                    StagingStageScenarios,
                    NativeScenarios,
                    DirectScenarios,
                    DirectHttpScenarios,
                    PrivacyScenarios,
                    PrivacyHttpScenarios,
                    PresenceScenarios,
                    NameScenarios,
                    RoomScenarios,
                    RoomDeletionHttpScenarios,
                    RoomDeletionDialectScenarios,
                    HistoryScenarios,
                    StreamScenarios,
                    AboutScenarios,
                    AboutHttpScenarios,
                    AboutDialectScenarios,
                    RedactScenarios,
                    RedactHttpScenarios,
                    HastyScenarios,
                    OrderScenarios,
                    RightsScenarios,
                    RightsHttpScenarios,
                    HostileScenarios {
        private final int count;
        private Engine engine;
        private List<TopicStreamServer> servers;
        private Deployment deployment;

        OnServers(int count) {
            this.count = count;
        }

        abstract Engine open() throws StartException;

        List<TopicStreamServer> serve(Engine shared) {
            return Stream.generate(() -> TestServers.start(shared.shared(), TestServers.config()))
                    .limit(count)
                    .toList();
        }

        boolean signalsAreLost() {
            return false;
        }

        @BeforeAll
        void start() throws StartException {
            engine = open();
            servers = serve(engine);
            ApiKeys keys = new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system());
            deployment = new Deployment(
                            servers.stream().map(TestServers::uri).toList(),
                            Deployment.keys(keys),
                            signalsAreLost(),
                            true)
                    .administeredBy(keys, Deployment.rights(engine.state(), keys));
        }

        @AfterAll
        void stop() {
            servers.forEach(TopicStreamServer::close);
            engine.close().run();
        }

        @Override
        public Deployment deployment() {
            return deployment;
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class OneServerInMemory extends OnServers {
        OneServerInMemory() {
            super(1);
        }

        @Override
        Engine open() {
            return Engine.inMemory(InstantSource.system());
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class TwoServersInMemory extends OnServers {
        TwoServersInMemory() {
            super(2);
        }

        @Override
        Engine open() {
            return Engine.inMemory(InstantSource.system());
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class TwoServersOnALossyNetwork extends OnServers {
        private @Nullable LossyServers lossy;

        TwoServersOnALossyNetwork() {
            super(2);
        }

        @Override
        Engine open() {
            return Engine.inMemory(InstantSource.system());
        }

        @Override
        List<TopicStreamServer> serve(Engine shared) {
            LossyServers started = new LossyServers(shared);
            started.beginBadWeather();
            lossy = started;
            return started.servers();
        }

        @Override
        boolean signalsAreLost() {
            return true;
        }

        @AfterAll
        @Override
        void stop() {
            if (lossy != null) {
                lossy.close();
            }
            super.stop();
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class OneServerOnDisk extends OnServers {
        @TempDir
        private static Path directory;

        OneServerOnDisk() {
            super(1);
        }

        @Override
        Engine open() throws StartException {
            return Engine.open(TestServers.config("engine", "rocksdb", "data.dir", directory.toString()));
        }
    }
}
