package io.topicstream.server.scenario;

import io.topicstream.access.ApiKeys;
import io.topicstream.server.Engine;
import io.topicstream.server.ServerSettings;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/// The scenarios on one server, and on two that share one engine with their clients spread over both.
class MemoryEngineScenariosTest {
    abstract static class OnServers implements LiveStageScenarios, NativeScenarios {
        private final int count;
        private Engine engine;
        private List<TopicStreamServer> servers;
        private Deployment deployment;

        OnServers(int count) {
            this.count = count;
        }

        @BeforeAll
        void start() {
            engine = TestServers.memoryEngine();
            servers = Stream.generate(() -> TestServers.start(engine.shared(), ServerSettings.onLoopback()))
                    .limit(count)
                    .toList();
            ApiKeys keys = new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system());
            deployment = new Deployment(
                    servers.stream().map(TestServers::uri).toList(),
                    Stream.of("ann", "bob", "cy")
                            .map(name -> keys.create(name, null)
                                    .toCompletableFuture()
                                    .join()
                                    .secret())
                            .toList());
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
    class OneServer extends OnServers {
        OneServer() {
            super(1);
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class TwoServers extends OnServers {
        TwoServers() {
            super(2);
        }
    }
}
