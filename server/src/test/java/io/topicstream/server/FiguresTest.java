package io.topicstream.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `/metrics` count is what was sent: no more, and no less.
class FiguresTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String TOKEN = "the-own-token-of-carol";

    @TempDir
    private Path directory;

    private static TopicStreamServer start(String... settings) {
        return TestServers.start(Engine.inMemory(InstantSource.system()), TestServers.config(settings));
    }

    private static String reply(TestClient client, String frame) {
        client.send("{\"id\":\"r\"," + frame + "}");
        return client.await("\"id\":\"r\"");
    }

    private static void awaitFigure(URI server, String series, long value) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Metrics.of(server).of(series)).isEqualTo(value));
    }

    /// Sends the bytes and waits until the server has ended the connection.
    private static String send(TopicStreamServer server, String bytes) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(bytes.getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }

    @Test
    void aMessageThatIsWithheldIsNotCountedAsDelivered() {
        try (TopicStreamServer server = start()) {
            URI uri = TestServers.uri(server);
            TestClient publisher = TestClient.connect(uri);
            TestClient other = TestClient.connect(uri);
            reply(publisher, "\"action\":\"subscribe\",\"topic\":\"t\"");
            reply(other, "\"action\":\"subscribe\",\"topic\":\"t\"");

            for (int i = 0; i < 3; i++) {
                reply(publisher, "\"action\":\"publish\",\"topic\":\"t\",\"message\":1,\"echo\":false");
            }
            other.await("\"offset\":3");

            awaitFigure(uri, "messages_delivered_total", 3);
            reply(publisher, "\"action\":\"publish\",\"topic\":\"t\",\"message\":1");
            awaitFigure(uri, "messages_delivered_total", 5);
        }
    }

    @Test
    void anErrorThatTheDialectHasNoWordForIsNotCounted() {
        try (TopicStreamServer server = start("access.tokens", "[{token: " + TOKEN + ", user: carol}]")) {
            URI uri = TestServers.uri(server);
            TestClient live = TestClient.to(uri, "/live")
                    .header("Authorization", "Bearer " + TOKEN)
                    .open();

            live.send("{\"action\":\"fly\"}").send("{\"action\":\"subscribe\"}");
            live.await("Internal server error");

            awaitFigure(uri, "errors_total{code=\"bad_topic\"}", 0);
            awaitFigure(uri, "errors_total{code=\"bad_frame\"}", 1);
            awaitFigure(uri, "errors_total{code=\"unknown_action\"}", 0);
        }
    }

    @Test
    void whatTheTransportRefusesIsCountedToo() throws IOException {
        try (TopicStreamServer server = start()) {
            URI uri = TestServers.uri(server);

            assertThat(send(server, "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                    .startsWith("HTTP/1.1 400 ");
            assertThat(send(server, "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n"))
                    .startsWith("HTTP/1.1 400 ");

            awaitFigure(uri, "errors_total{code=\"bad_frame\"}", 2);
            awaitFigure(uri, "upgrades_refused_total{code=\"bad_frame\"}", 1);
            awaitFigure(uri, "http_responses_total{class=\"4xx\"}", 2);
        }
    }

    @Test
    void aConnectionThatIsOneTooManyIsCounted() throws IOException {
        try (TopicStreamServer server = start("limits.connections.total", "2")) {
            URI uri = TestServers.uri(server);
            TestClient held = TestClient.connect(uri);
            assertThat(Metrics.of(uri).of("connections_limit")).isEqualTo(2);

            try {
                send(server, "GET /topics HTTP/1.1\r\nHost: localhost\r\n\r\n");
            } catch (IOException e) {
                // Turned away before it was read.
            }

            awaitFigure(uri, "connections_refused_total{limit=\"total\"}", 1);
            awaitFigure(uri, "errors_total{code=\"overloaded\"}", 1);
            held.close();
        }
    }

    @Test
    void wrongCredentialsAreCountedAtEveryDoorAndMissingOnesAtNone() {
        try (TopicStreamServer server = start(
                "server.run_dir",
                directory.toString(),
                "access.tokens",
                "[{token: " + TOKEN + ", user: carol}]",
                "access.wrong_credentials_per_minute",
                "3")) {
            URI uri = TestServers.uri(server);
            for (String right :
                    List.of("X-Nothing: none", "Authorization: Basic YTpi", "Authorization: Bearer " + TOKEN)) {
                assertThat(RawHttp.get(server.address(), "/topics", right).status())
                        .isEqualTo(200);
            }
            assertThat(RawHttp.get(server.address(), "/admin/keys").status()).isEqualTo(401);
            awaitFigure(uri, "credentials_refused_total{kind=\"client\"}", 0);
            awaitFigure(uri, "credentials_refused_total{kind=\"admin\"}", 0);

            RawHttp.get(server.address(), "/topics", "x-api-key: wrong");
            assertThat(TestClient.to(uri, "/v1?token=wrong").refusedWith()).isEqualTo(401);
            TestClient carol = TestClient.to(uri, "/v1")
                    .header("Authorization", "Bearer " + TOKEN)
                    .open();
            assertThat(reply(carol, "\"action\":\"authenticate\",\"token\":\"wrong\""))
                    .contains("unauthenticated");
            assertThat(RawHttp.get(server.address(), "/topics", "Authorization: Bearer wrong")
                            .status())
                    .as("one more than is looked at without a word")
                    .isEqualTo(429);
            for (String token : List.of("wrong", TOKEN)) {
                assertThat(RawHttp.get(server.address(), "/admin/keys", "Authorization: Bearer " + token)
                                .status())
                        .isEqualTo(401);
            }

            awaitFigure(uri, "credentials_refused_total{kind=\"client\"}", 4);
            awaitFigure(uri, "credentials_refused_total{kind=\"admin\"}", 2);
        }
    }

    @Test
    void theFreeSpaceIsThatOfTheStoresDisk() throws StartException {
        try (TopicStreamServer server = TopicStreamServer.start(TestServers.config(
                "engine", "rocksdb", "data.dir", directory.resolve("data").toString()))) {
            URI uri = TestServers.uri(server);

            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(Metrics.of(uri).of("data_free_bytes")).isPositive());
        }
        try (TopicStreamServer server = start()) {
            assertThat(Metrics.of(TestServers.uri(server)).values()).doesNotContainKey("data_free_bytes");
        }
    }
}
