package io.topicstream.cli.aws;

import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.server.scenario.Deployment;
import io.topicstream.server.scenario.DevStageScenarios;
import io.topicstream.server.scenario.LiveStageScenarios;
import io.topicstream.server.scenario.NativeScenarios;
import io.topicstream.server.scenario.StagingStageScenarios;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The scenarios on the serverless edition where each action of a client is a route of its own, whose answers would go
/// to the client.
class CustomRoutesScenariosTest {
    private static final String TWO_WAY = "{function: websocket, two_way: true}";

    abstract static class OnFunctions {
        @TempDir
        private static Path directory;

        private final String definition;
        private LocalAws aws;
        private Deployment deployment;

        OnFunctions(String definition) {
            this.definition = definition;
        }

        @BeforeAll
        void open() throws IOException {
            Path file = directory.resolve("api.yaml");
            Files.writeString(file, definition);
            aws = new LocalAws(
                    LocalAws.Parts.of(Dynoxide.get().table(), DynamoOptions.DEFAULTS),
                    LocalAws.Around.NOTHING,
                    ApiFile.read(file),
                    0);
            deployment = Deployment.onFunctions(
                    aws.uri(), aws.door().keys(), aws.door().rights());
        }

        @AfterAll
        void close() {
            aws.close();
        }

        public Deployment deployment() {
            return deployment;
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class ByAction extends OnFunctions implements LiveStageScenarios, DevStageScenarios, NativeScenarios {
        ByAction() {
            super("""
                routes:
                  $connect: websocket
                  $disconnect: websocket
                  $default: TWO_WAY
                  subscribe: TWO_WAY
                  unsubscribe: TWO_WAY
                  publish: TWO_WAY
                  read: websocket
                  ack: TWO_WAY
                  sendMessage: TWO_WAY
                  receiveMessage: TWO_WAY
                  systemMessage: websocket
                stages: {v1: , live: , dev: , staging: }
                """.replace("TWO_WAY", TWO_WAY));
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class ByType extends OnFunctions implements StagingStageScenarios {
        ByType() {
            super("""
                select: $request.body.type
                routes:
                  $connect: websocket
                  $disconnect: websocket
                  $default: websocket
                  chat: TWO_WAY
                  join_room: TWO_WAY
                  leave_room: TWO_WAY
                  private_message: TWO_WAY
                  room_list: TWO_WAY
                stages: {v1: , live: , dev: , staging: }
                """.replace("TWO_WAY", TWO_WAY));
        }
    }
}
