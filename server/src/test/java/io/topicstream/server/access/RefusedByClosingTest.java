package io.topicstream.server.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.Engine;
import io.topicstream.server.Metrics;
import io.topicstream.server.RawHttp;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A browser tells its page nothing of an upgrade that is refused over HTTP. Who offers `topicstream.v1`, as
/// browsers do, is therefore let in, told why in a close frame, and nothing of what it sends runs. All others get
/// the HTTP status.
class RefusedByClosingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ORIGIN = "https://evil.example";

    private final Engine engine = Engine.inMemory(InstantSource.system());
    private TopicStreamServer server;

    @BeforeEach
    void start() {
        server = TestServers.start(engine, TestServers.config("access.anonymous", "on"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private URI uri() {
        return TestServers.uri(server);
    }

    private TestClient.Options to(String path, String header, String value) {
        TestClient.Options options = TestClient.to(uri(), path);
        return header.isEmpty() ? options : options.header(header, value);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1?user=guest.a, '', '', 4000, 400",
        "/v1?durable=yes, '', '', 4000, 400",
        "/v1?name=%E2%80%8B, '', '', 4000, 400",
        "/v1, Authorization, Bearer wrong, 4001, 401",
        "/v1?token=wrong, '', '', 4001, 401",
        "/live, '', '', 4001, 401",
        "/v1, Origin, https://evil.example, 4003, 403",
        "/nowhere, '', '', 4004, 404",
        "/v1/more, '', '', 4004, 404",
    })
    void theCloseCodeSaysWhatTheStatusWouldHaveSaid(
            String path, String header, String value, int closeCode, int status) {
        TestClient refused =
                to(path, header, value).subprotocol("topicstream.v1").open();

        assertThat(refused.awaitClose()).isEqualTo(closeCode);
        assertThat(refused.subprotocol()).isEqualTo("topicstream.v1");
        assertThat(refused.pending()).isEmpty();
        assertThat(to(path, header, value).refusedWith()).isEqualTo(status);
        assertThat(to(path, header, value).subprotocol("other").refusedWith()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "BAD_FRAME, 4000",
        "UNAUTHENTICATED, 4001",
        "FORBIDDEN, 4003",
        "NOT_FOUND, 4004",
        "RATE_LIMITED, 1013",
        "OVERLOADED, 1013",
        "UNAVAILABLE, 1013",
        "INTERNAL, 1011"
    })
    void eachErrorHasItsCloseCode(ErrorCode code, int closeCode) {
        assertThat(code.closeCode()).isEqualTo(closeCode);
        assertThat(ErrorCode.ofWireName(code.wireName())).isEqualTo(code);
    }

    @Test
    void theReasonNamesTheSetting() {
        TestClient refused = TestClient.to(uri(), "/v1")
                .header("Origin", ORIGIN)
                .subprotocol("topicstream.v1")
                .open();

        assertThat(refused.awaitClose()).isEqualTo(4003);
        assertThat(refused.closeReason()).contains("server.allowed_origins");
    }

    @Test
    void aPageIsToldTheSameAtBothDoors() {
        TestClient refused = TestClient.to(uri(), "/v1")
                .header("Origin", ORIGIN)
                .subprotocol("topicstream.v1")
                .open();
        RawHttp answer = RawHttp.get(server.address(), "/topics", "Origin: " + ORIGIN);

        assertThat(refused.awaitClose()).isEqualTo(4003);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.text()).contains("\"" + refused.closeReason() + "\"");
    }

    @Test
    void aBrowserWithAWrongKeyIsToldSo() {
        TestClient refused = TestClient.to(uri(), "/v1")
                .header("Origin", ORIGIN)
                .subprotocol("topicstream.v1")
                .subprotocol("bearer.a-wrong-key")
                .open();

        assertThat(refused.awaitClose()).isEqualTo(4001);
        assertThat(refused.closeReason()).isEqualTo("the credential is not valid");
    }

    @Test
    void nothingOfWhatItSendsRuns() throws IOException {
        byte[] publish = "{\"action\":\"publish\",\"topic\":\"t\",\"message\":1}".getBytes(US_ASCII);
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            ByteArrayOutputStream ahead = new ByteArrayOutputStream();
            String handshake = """
                    GET /v1?token=wrong HTTP/1.1
                    Host: localhost
                    Upgrade: websocket
                    Connection: Upgrade
                    Sec-WebSocket-Version: 13
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
                    Sec-WebSocket-Protocol: topicstream.v1

                    """.replace("\n", "\r\n");
            ahead.writeBytes(handshake.getBytes(US_ASCII));
            // A text frame under a mask of zeros, and a close frame.
            ahead.writeBytes(new byte[] {(byte) 0x81, (byte) (0x80 | publish.length), 0, 0, 0, 0});
            ahead.writeBytes(publish);
            ahead.writeBytes(new byte[] {(byte) 0x88, (byte) 0x80, 0, 0, 0, 0});
            socket.getOutputStream().write(ahead.toByteArray());

            String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);

            assertThat(answer).startsWith("HTTP/1.1 101 ").endsWith("the credential is not valid");
        }
        assertThat(TestClient.connect(uri())
                        .send("{\"id\":1,\"action\":\"read\",\"topic\":\"t\"}")
                        .await("\"id\":1"))
                .contains("\"messages\":[]");
    }

    @Test
    void theConnectionGoesAndTheRefusalIsCounted() {
        Metrics before = Metrics.of(uri());
        TestClient.to(uri(), "/v1?token=wrong")
                .subprotocol("topicstream.v1")
                .open()
                .awaitClose();
        TestClient.to(uri(), "/nowhere").refusedWith();

        await().atMost(PATIENCE).untilAsserted(() -> {
            Metrics after = Metrics.of(uri());
            assertThat(after.connections()).isLessThanOrEqualTo(before.connections());
            assertThat(after.of("upgrades_refused_total{code=\"unauthenticated\"}"))
                    .isEqualTo(1);
            assertThat(after.of("upgrades_refused_total{code=\"not_found\"}")).isEqualTo(1);
            assertThat(after.of("errors_total{code=\"unauthenticated\"}")).isEqualTo(1);
            assertThat(after.of("http_responses_total{class=\"1xx\"}")).isEqualTo(1);
            assertThat(after.of("http_responses_total{class=\"4xx\"}")).isEqualTo(1);
        });
    }
}
