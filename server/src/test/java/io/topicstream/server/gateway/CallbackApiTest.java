package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.transport.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The callback API, at real sockets, on one node and on the other. The numbers are those of the specification's
/// statements.
class CallbackApiTest {
    private static final byte[] NOTHING = {};

    private GatewayNodes nodes;
    private GatewaySocket client;
    private String id;

    @BeforeEach
    void start() throws Exception {
        nodes = new GatewayNodes();
        client = GatewaySocket.open(nodes.first().port, "/dev", "User-Agent: tester");
        assertThat(nodes.backEnd.next()).isEqualTo("CONNECT");
        id = nodes.backEnd.connectionId;
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        nodes.close();
    }

    private RawClient.Answer call(String method, String path, byte[] body, String... fields) throws IOException {
        return call(0, method, path, body, fields);
    }

    private RawClient.Answer call(int node, String method, String path, byte[] body, String... fields)
            throws IOException {
        try (GatewaySocket caller = new GatewaySocket(nodes.nodes.get(node).port)) {
            return caller.request(method, path, body, fields).answer();
        }
    }

    private String path() {
        return "/dev/@connections/" + id;
    }

    private static void requireIds(RawClient.Answer answer) {
        assertThat(answer.header("x-amzn-RequestId"))
                .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        assertThat(answer.header("x-amz-apigw-id")).matches("[A-Za-z0-9_-]{15}=");
        assertThat(answer.header("X-Amzn-Trace-Id")).matches("Root=1-[0-9a-f]{8}-[0-9a-f]{24}");
    }

    private static void requireGone(RawClient.Answer answer) {
        assertThat(answer.status()).isEqualTo(410);
        assertThat(answer.header("x-amzn-ErrorType")).isEqualTo("GoneException");
        assertThat(answer.header("Content-Length")).isEqualTo("0");
        requireIds(answer);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @DisplayName("114: a post reaches the client, from its node and from another")
    void aPostReachesTheClient(int node) throws Exception {
        RawClient.Answer answer = call(node, "POST", path(), "x".getBytes(UTF_8));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Length")).isEqualTo("0");
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        requireIds(answer);
        RawClient.Frame frame = client.next();
        assertThat(frame.opcode()).isEqualTo(1);
        assertThat(frame.text()).isEqualTo("x");
    }

    @Test
    @DisplayName("115: 131,072 bytes are posted; 131,073 are not, without an error type, and nothing else happens")
    void postsAreBounded() throws Exception {
        String described = call("GET", path(), NOTHING).text();
        nodes.pass(Duration.ofSeconds(5));
        try (GatewaySocket caller = new GatewaySocket(nodes.first().port)) {
            RawClient.Answer answer =
                    caller.request("POST", path(), new byte[131_073]).answer();
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.headers()).containsOnlyKeys("Content-Length", "Date");
            assertThat(answer.header("Content-Length")).isEqualTo("0");
            assertThat(call("GET", path(), NOTHING).text()).isEqualTo(described);

            // The connection was kept.
            byte[] largest = "x".repeat(131_072).getBytes(UTF_8);
            assertThat(caller.request("POST", path(), largest).answer().status())
                    .isEqualTo(200);
        }

        assertThat(client.next().payload()).hasSize(131_072);
    }

    @Test
    @DisplayName("115: a post that is much too long is refused in the same way, before it is read")
    void hugePostsAreRefusedAtOnce() throws Exception {
        try (GatewaySocket caller = new GatewaySocket(nodes.first().port)) {
            caller.send("POST " + path() + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n");

            RawClient.Answer answer = caller.answer();

            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.headers()).containsOnlyKeys("Content-Length", "Date", "Connection");
        }
    }

    @Test
    @DisplayName("115: a post that is much too long is refused in the same way where it comes in chunks")
    void hugeChunkedPostsAreRefusedAlike() throws Exception {
        try (GatewaySocket caller = new GatewaySocket(nodes.first().port)) {
            caller.send("POST " + path() + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 3; i++) {
                caller.send("10000\r\n" + "x".repeat(0x10000) + "\r\n");
            }
            caller.send("1\r\nx\r\n");

            RawClient.Answer answer = caller.answer();

            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.headers()).containsOnlyKeys("Content-Length", "Date", "Connection");
            assertThat(answer.body()).isEmpty();
        }
    }

    @Test
    @DisplayName("116: nothing can be posted too")
    void anEmptyPostIsAnEmptyMessage() throws Exception {
        assertThat(call("POST", path(), NOTHING).status()).isEqualTo(200);

        RawClient.Frame frame = client.next();
        assertThat(frame.opcode()).isEqualTo(1);
        assertThat(frame.payload()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @DisplayName("117: a connection is described")
    void aConnectionIsDescribed(int node) throws Exception {
        RawClient.Answer answer = call(node, "GET", path(), NOTHING);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.text()).isEqualTo("""
                        {
                          "identity": {
                            "sourceIp": "127.0.0.1",
                            "userAgent": "tester"
                          },
                          "connectedAt": "2025-10-09T08:53:20.000Z",
                          "lastActiveAt": "2025-10-09T08:53:20.000Z"
                        }""");
    }

    @Test
    @DisplayName("117: a client without a user agent is described without one")
    void noUserAgentIsNone() throws Exception {
        try (GatewaySocket other = nodes.first().open()) {
            assertThat(nodes.backEnd.next()).isEqualTo("CONNECT");
            assertThat(call("GET", "/dev/@connections/" + nodes.backEnd.connectionId, NOTHING)
                            .text())
                    .contains("sourceIp")
                    .doesNotContain("userAgent");
            assertThat(other.hears(1)).isFalse();
        }
    }

    @Test
    @DisplayName("118: a post and a message move lastActiveAt, asking does not")
    void activityIsNoted() throws Exception {
        nodes.pass(Duration.ofMillis(1_500));
        assertThat(call("GET", path(), NOTHING).text()).contains("\"lastActiveAt\": \"2025-10-09T08:53:20.000Z\"");
        call("POST", path(), "x".getBytes(UTF_8));
        nodes.pass(Duration.ofMillis(1_500));
        assertThat(call("GET", path(), NOTHING).text()).contains("\"lastActiveAt\": \"2025-10-09T08:53:21.500Z\"");
        client.text("hello");
        assertThat(nodes.backEnd.next()).isEqualTo("MESSAGE hello");
        assertThat(call("GET", path(), NOTHING).text())
                .contains("\"connectedAt\": \"2025-10-09T08:53:20.000Z\"")
                .contains("\"lastActiveAt\": \"2025-10-09T08:53:23.000Z\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @DisplayName(
            "109, 119, 124: what is deleted is closed, and gone for all that is asked of it; $disconnect hears 1000")
    void deletedConnectionsAreGone(int node) throws Exception {
        RawClient.Answer answer = call(node, "DELETE", path(), NOTHING);

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.body()).isEmpty();
        assertThat(client.next().closing()).isEqualTo("1000 Connection Closed Normally");
        assertThat(nodes.backEnd.next()).isEqualTo("DISCONNECT 1000 Connection Closed Normally");
        requireGone(call(node, "GET", path(), NOTHING));
        requireGone(call(node, "POST", path(), "x".getBytes(UTF_8)));
        requireGone(call(node, "DELETE", path(), NOTHING));
    }

    @Test
    @DisplayName("120, H101: when the client has closed, its connection is gone")
    void closedConnectionsAreGone() throws Exception {
        client.closing(1000, "");
        assertThat(nodes.backEnd.next()).startsWith("DISCONNECT");

        requireGone(call("POST", path(), "x".getBytes(UTF_8)));
    }

    @Test
    @DisplayName("18, 19: before the 101 a connection is gone, after it a post arrives")
    void aConnectionIsThereWithItsAnswer() throws Exception {
        CompletableFuture<Answer> held = new CompletableFuture<>();
        nodes.backEnd.answer(
                event -> event.cause() instanceof GatewayEvent.Connect ? held : ScriptedBackEnd.done(200, ""));
        try (GatewaySocket other = new GatewaySocket(nodes.first().port)) {
            other.upgrade("/dev");
            assertThat(nodes.backEnd.next()).isEqualTo("CONNECT");
            String early = "/dev/@connections/" + nodes.backEnd.connectionId;
            requireGone(call("POST", early, "x".getBytes(UTF_8)));

            held.complete(new Answer.Given(200, Map.of(), null, null));
            assertThat(other.answer().status()).isEqualTo(101);

            assertThat(call("POST", early, "x".getBytes(UTF_8)).status()).isEqualTo(200);
            assertThat(other.next().text()).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "DELETE"})
    @DisplayName("121, H102: an id that nobody made is a bad request that names it")
    void forgedIdsAreKnown(String method) throws Exception {
        char first = id.charAt(0);
        for (String forged : new String[] {
            (first == 'A' ? 'B' : 'A') + id.substring(1), id.substring(0, 17), id + id, "R0oXAdfD0kwCH6w=", "a%22b"
        }) {
            RawClient.Answer answer = call(method, "/dev/@connections/" + forged, NOTHING);

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.header("x-amzn-ErrorType")).isEqualTo("BadRequestException");
            assertThat(answer.text())
                    .isEqualTo("{\"message\":\"Invalid connectionId: " + forged.replace("%22", "\\\"") + "\"}");
        }
    }

    @Test
    @DisplayName("122, H101: an id works through another stage of its API, and not through another API")
    void idsBelongToTheirApi() throws Exception {
        String other = "/other/@connections/" + id;
        assertThat(call("GET", other, NOTHING).status()).isEqualTo(200);
        assertThat(call("POST", other, "x".getBytes(UTF_8)).status()).isEqualTo(200);
        assertThat(client.next().text()).isEqualTo("x");
        String host = "Host: hidden.example.com";
        for (String method : new String[] {"GET", "POST", "DELETE"}) {
            assertThat(call(method, "/@connections/" + id, NOTHING, host).status())
                    .isEqualTo(403);
            assertThat(call(method, "/native/@connections/" + id, NOTHING).status())
                    .isEqualTo(403);
        }
        assertThat(client.hears(50)).as("a frame from another API").isFalse();
        assertThat(call("DELETE", other, NOTHING).status()).isEqualTo(204);
    }

    @ParameterizedTest
    @CsvSource({"@,=", "%40,=", "@,%3D", "%40,%3D", "%40,%3d"})
    @DisplayName("123: @ and = may be encoded or not")
    void anyEncodingIsTaken(String at, String equals) throws Exception {
        String encoded = id.replace("=", equals);

        assertThat(call("POST", "/dev/" + at + "connections/" + encoded, "x".getBytes(UTF_8))
                        .status())
                .isEqualTo(200);
        assertThat(call("POST", "/dev//" + at + "connections/" + encoded, "y".getBytes(UTF_8))
                        .status())
                .isEqualTo(200);
        assertThat(client.next().text()).isEqualTo("x");
        assertThat(client.next().text()).isEqualTo("y");
    }

    @Test
    @DisplayName("126: a stage that does not exist, and none at all, are forbidden")
    void otherStagesAreForbidden() throws Exception {
        for (String path : new String[] {"/nope/@connections/" + id, "/@connections/" + id}) {
            RawClient.Answer answer = call("POST", path, "x".getBytes(UTF_8));

            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.header("x-amzn-ErrorType")).isEqualTo("ForbiddenException");
            assertThat(answer.text()).isEqualTo("{\"message\":\"Forbidden\"}");
        }
    }

    @Test
    @DisplayName("127: a client that does not read makes posts fail with 429, and others are well")
    void aClientThatDoesNotReadIsTold() throws Exception {
        byte[] much = "x".repeat(131_072).getBytes(UTF_8);
        RawClient.Answer answer = call("POST", path(), much);
        for (int i = 0; i < 2_000 && answer.status() == 200; i++) {
            answer = call("POST", path(), much);
        }

        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.header("x-amzn-ErrorType")).isEqualTo("LimitExceededException");
        try (GatewaySocket other = nodes.first().open()) {
            assertThat(nodes.backEnd.next()).isEqualTo("CONNECT");
            assertThat(call("POST", "/dev/@connections/" + nodes.backEnd.connectionId, "y".getBytes(UTF_8))
                            .status())
                    .isEqualTo(200);
            assertThat(other.next().text()).isEqualTo("y");
        }
    }

    @Test
    @DisplayName("135, 136: callbacks by a custom domain; none by an endpoint that is disabled")
    void hostsLeadToStages() throws Exception {
        assertThat(call("POST", "/v1/@connections/" + id, "x".getBytes(UTF_8), "Host: ws.example.com")
                        .status())
                .isEqualTo(200);
        assertThat(client.next().text()).isEqualTo("x");
        assertThat(call("POST", "/secret/@connections/" + id, NOTHING).status()).isEqualTo(403);
    }

    @Test
    void whatIsNoUtf8IsABinaryFrame() throws Exception {
        assertThat(call("POST", path(), new byte[] {(byte) 0xC3, 0x28}).status())
                .isEqualTo(200);

        RawClient.Frame frame = client.next();
        assertThat(frame.opcode()).isEqualTo(2);
        assertThat(frame.payload()).containsExactly(0xC3, 0x28);
    }

    @Test
    void chunkedBodiesAndExpectationsAreTaken() throws Exception {
        try (GatewaySocket caller = new GatewaySocket(nodes.first().port)) {
            caller.send("POST " + path() + " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                    + "Content-Type: application/octet-stream\r\nContent-Length: 5\r\n\r\n");
            assertThat(caller.answer().status()).isEqualTo(100);
            assertThat(caller.send("hello").answer().status()).isEqualTo(200);
            assertThat(caller.send("POST " + path()
                                    + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    + "2\r\nwo\r\n3\r\nrld\r\n0\r\n\r\n")
                            .answer()
                            .status())
                    .isEqualTo(200);
        }
        assertThat(client.next().text()).isEqualTo("hello");
        assertThat(client.next().text()).isEqualTo("world");
    }

    @Test
    void aConnectionIsKeptAfterErrors() throws Exception {
        try (GatewaySocket caller = new GatewaySocket(nodes.first().port)) {
            String gone = "/dev/@connections/" + id.replace(id.charAt(3), id.charAt(3) == 'x' ? 'y' : 'x');
            assertThat(caller.request("POST", gone, "x".getBytes(UTF_8))
                            .answer()
                            .status())
                    .isEqualTo(400);
            assertThat(caller.request("POST", "/nope/@connections/" + id, "x".getBytes(UTF_8))
                            .answer()
                            .status())
                    .isEqualTo(403);
            assertThat(caller.request("PUT", path(), "x".getBytes(UTF_8))
                            .answer()
                            .status())
                    .isEqualTo(403);
            assertThat(caller.request("GET", "/dev/@connections", NOTHING)
                            .answer()
                            .status())
                    .isEqualTo(403);
            assertThat(caller.request("POST", path(), "x".getBytes(UTF_8))
                            .answer()
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aForeignPageMayNotCallWithoutASignature() throws Exception {
        assertThat(call("POST", path(), "x".getBytes(UTF_8), "Origin: https://foreign.example")
                        .status())
                .isEqualTo(403);
    }
}
