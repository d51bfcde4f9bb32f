package io.topicstream.server.scenario;

import io.topicstream.access.ApiKeys;
import io.topicstream.server.Engine;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.io.IOException;
import java.nio.file.Files;
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

/// The scenarios through the gateway: a stage is an API whose every route goes to TopicStream, in place of the server's
/// own stage.
class GatewayScenariosTest {
    /// What every server here serves.
    abstract static class OnServers {
        @TempDir
        private static Path directory;

        private final int count;
        private final String definition;
        private Engine engine;
        private List<TopicStreamServer> servers;
        private Deployment deployment;

        OnServers(int count, String definition) {
            this.count = count;
            this.definition = definition;
        }

        @BeforeAll
        void start() throws IOException {
            Path file = directory.resolve("apis.yaml");
            Files.writeString(file, definition);
            engine = Engine.inMemory(InstantSource.system());
            // The frames that the server's own stages take.
            servers = serve(engine, "gateway.definition", file.toString(), "gateway.frame_bytes", "128KiB");
            ApiKeys keys = new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system());
            deployment = new Deployment(servers.stream().map(TestServers::uri).toList(), Deployment.keys(keys))
                    .administeredBy(keys, Deployment.rights(engine.state(), keys));
        }

        List<TopicStreamServer> serve(Engine shared, String... settings) {
            return Stream.generate(() -> TestServers.start(shared.shared(), TestServers.config(settings)))
                    .limit(count)
                    .toList();
        }

        @AfterAll
        void stop() {
            servers.forEach(TopicStreamServer::close);
            engine.close().run();
        }

        public Deployment deployment() {
            return deployment;
        }
    }

    abstract static class Native extends OnServers
            implements NativeScenarios,
                    DirectScenarios,
                    DirectHttpScenarios,
                    PrivacyScenarios,
                    PrivacyHttpScenarios,
                    PresenceScenarios,
                    NameScenarios,
                    RoomScenarios,
                    RoomDeletionHttpScenarios,
                    HistoryScenarios,
                    AboutScenarios,
                    AboutHttpScenarios,
                    RedactScenarios,
                    RedactHttpScenarios,
                    HastyScenarios,
                    HostileScenarios,
                    OrderScenarios,
                    RightsScenarios {
        Native(int count) {
            super(count, """
                stage: v1
                routes:
                  $connect: {type: topicstream}
                  $disconnect: {type: topicstream}
                  $default: {type: topicstream}
                  publish: {type: topicstream}
                """);
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class NativeOnOneServer extends Native {
        NativeOnOneServer() {
            super(1);
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class NativeOnTwoServers extends Native {
        NativeOnTwoServers() {
            super(2);
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class OtherDialects extends OnServers
            implements LiveStageScenarios, DevStageScenarios, StagingStageScenarios, RightsHttpScenarios {
        OtherDialects() {
            super(1, """
                apis:
                  topics:
                    stage: live
                    routes:
                      $connect: {type: topicstream, dialect: topics}
                      $default: {type: topicstream, dialect: topics}
                  chat:
                    stage: dev
                    routes:
                      $connect: {type: topicstream, dialect: chat}
                      $default: {type: topicstream, dialect: chat}
                      sendMessage: {type: topicstream, dialect: chat}
                  rooms:
                    stage: staging
                    routes:
                      $connect: {type: topicstream, dialect: rooms}
                      $default: {type: topicstream, dialect: rooms}
                """);
        }

        // Who must show a key, and which tokens are guests', are terms of the server's own stages. An API has its
        // own.

        @Override
        public void withoutAKeyTheUpgradeIsRefused() {}

        @Override
        public void aTokenThatIsKnownIsTakenAndAnotherRefused() {}

        @Override
        public void theWelcomeShowsWhatWasGiven() {}
    }

    /// Rights end on routes of every dialect, though what servers tell each other gets lost.
    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class RightsOnALossyNetwork extends OnServers implements RightsScenarios, RightsHttpScenarios {
        private @Nullable LossyServers lossy;

        RightsOnALossyNetwork() {
            super(2, """
                apis:
                  native:
                    stage: v1
                    routes:
                      $connect: {type: topicstream}
                      $default: {type: topicstream}
                  topics:
                    stage: live
                    routes:
                      $connect: {type: topicstream, dialect: topics}
                      $default: {type: topicstream, dialect: topics}
                  chat:
                    stage: dev
                    routes:
                      $connect: {type: topicstream, dialect: chat}
                      $default: {type: topicstream, dialect: chat}
                  rooms:
                    stage: staging
                    routes:
                      $connect: {type: topicstream, dialect: rooms}
                      $default: {type: topicstream, dialect: rooms}
                """);
        }

        @Override
        List<TopicStreamServer> serve(Engine shared, String... settings) {
            LossyServers started = new LossyServers(shared, settings);
            started.beginBadWeather();
            lossy = started;
            return started.servers();
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
}
