package io.topicstream.server.access;

import static io.topicstream.tokens.authorizer.AuthorizerService.NEVER;
import static io.topicstream.tokens.authorizer.AuthorizerService.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.Engine;
import io.topicstream.server.Metrics;
import io.topicstream.server.RawHttp;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.admin.AdminToken;
import io.topicstream.tokens.authorizer.AuthorizerService;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A server whose operator's service says who callers are, at all doors.
class HttpAuthorizerDoorsTest {
    @TempDir
    private Path runDirectory;

    private final Engine engine = Engine.inMemory(InstantSource.system());
    private AuthorizerService service;
    private TopicStreamServer server;

    @BeforeEach
    void start() {
        service = new AuthorizerService(HttpAuthorizerDoorsTest::judge);
        server = TestServers.start(
                engine,
                TestServers.config(
                        "server.run_dir", runDirectory.toString(),
                        "access.authorizer.url", service.url(),
                        "access.authorizer.timeout", "500ms",
                        "access.authorizer.query", "ticket",
                        "access.tokens", "[{token: a-static-token, user: stan}]"));
    }

    @AfterEach
    void stop() {
        server.close();
        service.close();
    }

    private static String judge(String question) {
        if (question.contains("never")) {
            return NEVER;
        } else if (question.contains("banned")) {
            return answer(403, "");
        } else if (question.contains("broken")) {
            return answer(500, "");
        } else if (question.contains("narrow")) {
            return answer(
                    200, "{\"user\":\"ann\",\"grants\":[{\"topics\":\"a*\",\"allow\":[\"read\",\"subscribe\"]}]}");
        } else if (question.contains("brief")) {
            return answer(200, "{\"user\":\"ann\",\"ttl_s\":2}");
        } else if (question.contains("bob")) {
            return answer(200, "{\"user\":\"bob\"}");
        }
        return question.contains("right") ? answer(200, "{\"user\":\"ann\",\"name\":\"Ann\"}") : answer(401, "");
    }

    private RawHttp get(String path, String... fields) {
        return RawHttp.get(server.address(), path, fields);
    }

    private TestClient.Options to(String path) {
        return TestClient.to(TestServers.uri(server), path);
    }

    @ParameterizedTest
    @CsvSource({
        "Authorization: Bearer right, 200",
        "x-api-key: right, 200",
        "Authorization: Bearer wrong, 401",
        "Authorization: Bearer banned, 403",
        "Authorization: Bearer broken, 503",
        "Authorization: Bearer never, 503",
        "Authorization: Bearer a-static-token, 200",
        "Authorization: Bearer ts_right, 401",
        "Authorization: right, 200",
        "Authorization: Basic right, 200",
        "Accept: right, 200"
    })
    void httpAnswersWhatTheServiceSays(String field, int status) {
        assertThat(get("/topics", field).status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"wrong, 401, 4001", "banned, 403, 4003", "broken, 503, 1013", "never, 503, 1013"})
    void soDoHandshakes(String token, int status, int closeCode) {
        TestClient.Options options = to("/v1").header("Authorization", "Bearer " + token);

        assertThat(options.refusedWith()).isEqualTo(status);
        assertThat(options.subprotocol("topicstream.v1").open().awaitClose()).isEqualTo(closeCode);
    }

    @Test
    void whereverTheTokenStandsTheCallerIsLetIn() {
        for (TestClient.Options options : new TestClient.Options[] {
            to("/v1").header("Authorization", "Bearer right"),
            to("/v1?token=right"),
            to("/v1?ticket=right"),
            to("/live").header("x-api-key", "right"),
            to("/v1").subprotocol("topicstream.v1").subprotocol("bearer.right")
        }) {
            try (TestClient client = options.open()) {
                client.send("{\"action\":\"subscribe\",\"topic\":\"t\"}");
                client.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":\"heard\"}");
                client.await("heard");
            }
        }
        assertThat(service.questions()).anyMatch(question -> question.contains("\"stage\":\"/live\""));
    }

    @Test
    void whatComesOfQuestionsIsCounted() {
        for (String token : List.of("right", "right", "banned", "wrong", "broken")) {
            get("/topics", "Authorization: Bearer " + token);
        }

        Metrics metrics = Metrics.of(TestServers.uri(server));
        assertThat(metrics.of("authorizer_answers_total{answer=\"known\"}")).isEqualTo(1);
        assertThat(metrics.of("authorizer_answers_total{answer=\"kept\"}")).isEqualTo(1);
        assertThat(metrics.of("authorizer_answers_total{answer=\"refused\"}")).isEqualTo(2);
        assertThat(metrics.of("authorizer_answers_total{answer=\"nothing\"}")).isEqualTo(1);
    }

    @Test
    void whoIsSignedOutIsAskedAboutAgain() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(get("/topics", "Authorization: Bearer right").status()).isEqualTo(200);
            assertThat(get("/topics", "Authorization: Bearer bob").status()).isEqualTo(200);
        }
        assertThat(service.questions()).hasSize(2);

        assertThat(administer("PUT", "/admin/users/ann/sign-out").status()).isEqualTo(200);

        assertThat(get("/topics", "Authorization: Bearer bob").status()).isEqualTo(200);
        assertThat(service.questions()).hasSize(2);
        assertThat(get("/topics", "Authorization: Bearer right").status()).isEqualTo(200);
        assertThat(service.questions()).hasSize(3);
    }

    private RawHttp administer(String method, String path) throws IOException {
        return RawHttp.send(
                server.address(),
                method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n"
                        + "Authorization: Bearer "
                        + AdminToken.read(
                                List.of(runDirectory), server.address().getPort()) + "\r\n\r\n");
    }

    @Test
    void whoIsBlockedIsRefusedThoughTheAnswerAboutHimIsKept() throws Exception {
        assertThat(get("/topics", "Authorization: Bearer right").status()).isEqualTo(200);

        assertThat(administer("PUT", "/admin/users/ann/block").status()).isEqualTo(200);

        assertThat(get("/topics", "Authorization: Bearer right").status()).isEqualTo(403);
        assertThat(service.questions()).hasSize(1);
        assertThat(to("/v1").header("Authorization", "Bearer right").refusedWith())
                .isEqualTo(403);
    }

    @Test
    void guestsAreNotAskedAbout() {
        try (TestClient client = to("/v1?user=me").open()) {
            client.await("guest.me");
        }
        assertThat(get("/topics").status()).isEqualTo(200);
        assertThat(service.questions()).isEmpty();
    }

    @Test
    void theGrantsHold() {
        String narrow = "Authorization: Bearer narrow";

        assertThat(get("/topics/a1/consume", narrow).status()).isEqualTo(200);
        assertThat(get("/topics/b1/consume", narrow).status()).isEqualTo(403);
    }

    @Test
    void whatIsKeptIsNotAskedAgain() {
        get("/topics", "Authorization: Bearer right");
        get("/topics", "Authorization: Bearer right");

        assertThat(service.questions()).hasSize(1);
    }

    @Test
    void aConnectionEndsWithWhatItWasGiven() {
        try (TestClient client =
                to("/v1").header("Authorization", "Bearer brief").open()) {
            client.await("\"expires_at\":");

            assertThat(client.awaitClose()).isEqualTo(4001);
        }
    }

    @Test
    void aNewTokenInTimeKeepsItOpen() {
        try (TestClient client =
                to("/v1").header("Authorization", "Bearer brief").open()) {
            client.await("\"expires_at\":");
            client.send("{\"action\":\"authenticate\",\"token\":\"right\",\"id\":\"renewed\"}");
            assertThat(client.await("renewed")).contains("\"user\":\"ann\",\"expires_at\":null");
            client.send("{\"action\":\"authenticate\",\"token\":\"wrong\",\"id\":\"not\"}");
            assertThat(client.await("not")).contains("unauthenticated");
            client.send("{\"action\":\"authenticate\",\"token\":\"broken\",\"id\":\"nobody\"}");
            assertThat(client.await("nobody")).contains("unavailable");
            client.send("{\"action\":\"authenticate\",\"token\":\"bob\",\"id\":\"another\"}");
            assertThat(client.awaitClose()).isEqualTo(4003);
        }
    }
}
