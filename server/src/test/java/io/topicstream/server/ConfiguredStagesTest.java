package io.topicstream.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server whose configuration names its stages.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConfiguredStagesTest {
    private static final String STAGES =
            "[{path: /first, dialect: native}, {path: /v1, dialect: native}, {path: /live, dialect: topics, callers: key},"
                    + " {path: /chat, dialect: native, message_bytes: 1KiB}, {path: /shut, dialect: native, callers: key}]";

    private TopicStreamServer server;

    @BeforeAll
    void start() {
        server = TestServers.start(
                Engine.inMemory(InstantSource.system()),
                TestServers.config("stages", STAGES, "access.tokens", "[{token: the-token-of-carol, user: carol}]"));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private TestClient.Options at(String path) {
        return TestClient.to(TestServers.uri(server), path);
    }

    @Test
    void aStageHasItsOwnLimit() {
        String large = "{\"action\":\"publish\",\"id\":1,\"topic\":\"t\",\"message\":\"" + "x".repeat(1024) + "\"}";
        try (TestClient small = at("/chat").open();
                TestClient usual = at("/v1").open()) {
            usual.send(large);
            assertThat(usual.await("reply")).contains("\"offset\":1");

            small.send("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"t\",\"from\":\"earliest\"}");
            assertThat(small.await("\"id\":1")).contains("\"topic\":\"t\"");
            // What others say may be larger: the limit is for what comes.
            assertThat(small.await("\"type\":\"message\"")).contains("x".repeat(1024));
            small.send(large);
            assertThat(small.awaitClose()).isEqualTo(1009);

            usual.send("{\"action\":\"ping\",\"id\":2}");
            assertThat(usual.await("pong")).contains("2");
        }
    }

    @Test
    void aStageMayWantAKey() {
        assertThat(at("/shut").refusedWith()).isEqualTo(401);
        try (TestClient known =
                at("/shut").header("Authorization", "Bearer the-token-of-carol").open()) {
            assertThat(known.await("welcome")).contains("\"user\":\"carol\"");
        }
    }

    @Test
    void onlyTheNamedPathsAreStages() throws IOException {
        String asked = upgrade("/");

        assertThat(asked)
                .startsWith("HTTP/1.1 404 ")
                .contains("no WebSocket is served at this path; there are /first, /v1, /live, /chat and /shut");
        assertThat(upgrade("/chat/")).startsWith("HTTP/1.1 101 ");
        assertThat(upgrade("/v1/chat")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void httpIsToldThatAWebSocketIsServedThere() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> got = client.send(
                    HttpRequest.newBuilder(TestServers.uri(server).resolve("/chat"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            HttpResponse<String> home = client.send(
                    HttpRequest.newBuilder(TestServers.uri(server)).build(), HttpResponse.BodyHandlers.ofString());

            assertThat(got.statusCode()).isEqualTo(426);
            assertThat(home.body()).endsWith(",\"api\":\"/openapi.yaml\",\"websocket\":\"/first\"}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/topics", "/health", "/metrics", "/openapi.yaml"})
    void aPathOfTheHttpApiIsNoStage(String path) {
        assertThatThrownBy(() -> TopicStreamServer.start(
                        TestServers.config("stages", "[{path: " + path + ", dialect: native}]")))
                .isInstanceOf(StartException.class)
                .hasMessage("stages: the path " + path + " belongs to the HTTP API; a stage needs one of its own");
    }

    /// How the answer to an upgrade begins.
    private String upgrade(String path) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade"
                                    + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                            .getBytes(UTF_8));
            byte[] buffer = new byte[4096];
            int length = socket.getInputStream().read(buffer);
            return new String(buffer, 0, Math.max(0, length), UTF_8);
        }
    }
}
