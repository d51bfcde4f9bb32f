package io.topicstream.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.ApiKeys;
import io.topicstream.server.Engine;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The tokens of the examples on `/staging`: who shows one is a guest, and nobody else.
class GuestTokensTest {
    private static final String CAROL = "[{token: the-token-of-karl, user: karl, name: Karl}]";

    private static TopicStreamServer serve(Engine engine, String... settings) {
        return TestServers.start(engine, TestServers.config(settings));
    }

    private static Engine engine() {
        return Engine.inMemory(InstantSource.system());
    }

    private static String welcome(TopicStreamServer server, String query) {
        try (TestClient client =
                TestClient.to(TestServers.uri(server), "/staging" + query).open()) {
            return client.await("\"welcome\"");
        }
    }

    private static int refused(TopicStreamServer server, String path) {
        return TestClient.to(TestServers.uri(server), path).refusedWith();
    }

    @ParameterizedTest
    @ValueSource(strings = {"valid_test_token", "valid_token"})
    void whereGuestsAreLetInTheyOpenAsMuchAsNoToken(String token) {
        try (TopicStreamServer server = serve(engine(), "access.anonymous", "auto")) {
            assertThat(welcome(server, "?userId=testuser1&username=TestUser1&token=" + token))
                    .contains("\"userId\":\"testuser1\"");
            // They are no configured tokens: guests are still let in without one, and everywhere else.
            assertThat(welcome(server, "")).contains("\"userId\":\"anonymous\"");
            assertThat(welcome(server, "?token=")).contains("\"userId\":\"anonymous\"");
            assertThat(refused(server, "/v1?token=" + token)).isEqualTo(401);
            assertThat(refused(server, "/dev?token=" + token)).isEqualTo(401);
            assertThat(refused(server, "/staging?token=" + token + "x")).isEqualTo(401);
            assertThat(refused(server, "/staging?token=valid_")).isEqualTo(401);
            assertThat(TestClient.to(TestServers.uri(server), "/staging")
                            .header("Authorization", "Bearer " + token)
                            .refusedWith())
                    .isEqualTo(401);
            assertThat(TestClient.to(TestServers.uri(server), "/staging")
                            .header("x-api-key", token)
                            .refusedWith())
                    .isEqualTo(401);
        }
    }

    @Test
    void whereGuestsAreTurnedAwayTheyOpenNothing() {
        Engine engine = engine();
        new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system())
                .create("ann", null)
                .toCompletableFuture()
                .join();
        try (TopicStreamServer withKeys = serve(engine, "access.anonymous", "auto");
                TopicStreamServer off = serve(engine(), "access.anonymous", "off");
                TopicStreamServer withTokens = serve(engine(), "access.anonymous", "auto", "access.tokens", CAROL)) {
            for (TopicStreamServer server : new TopicStreamServer[] {withKeys, off, withTokens}) {
                assertThat(refused(server, "/staging?token=valid_token")).isEqualTo(401);
                assertThat(refused(server, "/staging")).isEqualTo(401);
                assertThat(refused(server, "/dev")).isEqualTo(401);
            }
        }
    }

    @Test
    void theyAreNoReasonToTrustAPage() {
        try (TopicStreamServer server = serve(engine())) {
            assertThat(TestClient.to(TestServers.uri(server), "/staging?token=valid_token")
                            .header("Origin", "https://elsewhere.example")
                            .refusedWith())
                    .isEqualTo(403);
        }
    }

    @Test
    void aTokenOfAUserIsThatUser() {
        try (TopicStreamServer server = serve(engine(), "access.tokens", CAROL)) {
            assertThat(welcome(server, "?userId=ann&username=Ann&roomId=den&token=the-token-of-karl"))
                    .contains("\"userId\":\"karl\",\"roomId\":\"den\"");
            try (TestClient karl = TestClient.to(TestServers.uri(server), "/staging?userId=ann&token=the-token-of-karl")
                    .open()) {
                karl.send("{\"message\":\"hi\"}");
                assertThat(karl.await("\"chat\"")).contains("\"senderId\":\"karl\",\"senderName\":\"Karl\"");
            }
        }
    }

    @Test
    void aStageHasTheTokensThatAreConfigured() {
        try (TopicStreamServer server = serve(
                engine(),
                "stages",
                "[{path: /staging, dialect: rooms}, {path: /other, dialect: rooms, guest_tokens: [come_in]},"
                        + " {path: /keyed, dialect: rooms, callers: key, guest_tokens: [come_in]}]")) {
            assertThat(refused(server, "/staging?token=valid_token")).isEqualTo(401);
            TestClient.to(TestServers.uri(server), "/other?token=come_in")
                    .open()
                    .close();
            assertThat(refused(server, "/keyed?token=come_in")).isEqualTo(401);
        }
    }

    @Test
    void parametersThatDoNotFitAreRefused() {
        try (TopicStreamServer server = serve(engine())) {
            assertThat(refused(server, "/staging?roomId=" + "x".repeat(196))).isEqualTo(400);
            assertThat(refused(server, "/staging?userId=" + "x".repeat(257))).isEqualTo(400);
            assertThat(refused(server, "/staging?userId=a%0Ab")).isEqualTo(400);
            assertThat(welcome(server, "?roomId=" + "x".repeat(195) + "&userId=" + "y".repeat(256)))
                    .contains("\"userId\":\"" + "y".repeat(256) + "\"");
        }
    }

    @Test
    void aStageOfTheChatMayNameWhatIsReceived() {
        try (TopicStreamServer server = serve(engine(), "stages", "[{path: /dev, dialect: chat, actions: received}]");
                TestClient client =
                        TestClient.to(TestServers.uri(server), "/dev").open()) {
            assertThat(client.await("has joined")).startsWith("{\"action\":\"systemMessage\",\"content\":\"User ");
            client.send("{\"action\":\"sendMessage\",\"content\":\"hi\"}");
            assertThat(client.await("\"hi\""))
                    .startsWith("{\"action\":\"receiveMessage\",\"content\":\"hi\",\"sender\":");
        }
    }
}
