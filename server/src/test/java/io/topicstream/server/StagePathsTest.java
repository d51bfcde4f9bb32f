package io.topicstream.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What HTTP finds at the paths of WebSockets, and before the body of a request is read.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StagePathsTest {
    private TopicStreamServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    void start() {
        server = TestServers.start(
                Engine.inMemory(InstantSource.system()), TestServers.config("access.anonymous", "off"));
    }

    @AfterAll
    void stop() {
        client.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/live", "/live/", "/live?token=none"})
    void aStageWithoutAnUpgradeSaysWhatIsMissing(String path) throws Exception {
        URI uri = TestServers.uri(server).resolve(path);

        HttpResponse<String> got =
                client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        HttpResponse<String> posted = client.send(
                HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString("x")).build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(got.statusCode()).isEqualTo(426);
        assertThat(got.headers().firstValue("Upgrade")).contains("websocket");
        assertThat(got.body()).contains("WebSocket");
        assertThat(posted.statusCode()).isEqualTo(405);
        assertThat(posted.headers().firstValue("Allow")).contains("GET, HEAD");
    }

    @Test
    void aWebSocketWithoutACredentialIsToldHowToShowOne() throws IOException {
        String upgrade = "GET /v1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
        assertThat(answer(upgrade + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
                .startsWith("HTTP/1.1 401 ")
                .contains("WWW-Authenticate: Bearer");
        assertThat(answer(upgrade + "Sec-WebSocket-Version: 8\r\n\r\n"))
                .startsWith("HTTP/1.1 426 ")
                .contains("Upgrade: websocket");
    }

    @Test
    void whoMayNotCallIsToldBeforeTheBodyComes() throws IOException {
        String announced = "Host: localhost\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n{";
        assertThat(answer("POST /topics/t/produce HTTP/1.1\r\n" + announced)).startsWith("HTTP/1.1 401 ");
        assertThat(answer("POST /nowhere HTTP/1.1\r\n" + announced)).startsWith("HTTP/1.1 404 ");
        assertThat(answer("POST /health HTTP/1.1\r\n" + announced)).startsWith("HTTP/1.1 405 ");
        assertThat(answer("POST /admin/keys HTTP/1.1\r\n" + announced)).startsWith("HTTP/1.1 401 ");
        assertThat(answer("GET /health HTTP/1.1\r\n" + announced)).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void cookiesThatNobodyLooksAtAreNoReasonToRefuse() throws IOException {
        assertThat(answer("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: a="
                        + "x".repeat(20_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }

    /// All that comes for these bytes.
    private String answer(String request) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
