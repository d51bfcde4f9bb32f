package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.ProxyEvent;
import io.topicstream.transport.RawClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Handshakes with stages of the gateway, at real sockets. The numbers are those of the specification's statements.
class GatewayDoorTest {
    private static final String FORBIDDEN = "{\"message\":\"Forbidden\"}";

    private GatewayNodes nodes;
    private int port;

    @BeforeEach
    void start() {
        nodes = new GatewayNodes();
        port = nodes.first().port;
    }

    @AfterEach
    void stop() {
        nodes.close();
    }

    private RawClient.Answer handshake(String path, String... fields) throws IOException {
        try (GatewaySocket client = new GatewaySocket(port)) {
            return client.upgrade(path, fields).answer();
        }
    }

    @Test
    @DisplayName("1, 6: the 101 comes after the $connect integration, not before")
    void theAnswerWaitsForTheBackEnd() throws Exception {
        CompletableFuture<Answer> held = new CompletableFuture<>();
        nodes.backEnd.answer(_ -> held);
        try (GatewaySocket client = new GatewaySocket(port)) {
            client.upgrade("/dev");
            assertThat(nodes.backEnd.next()).isEqualTo("CONNECT");
            assertThat(client.hears(200)).as("an answer before the back end's").isFalse();

            held.complete(new Answer.Given(200, Map.of(), null, null));

            assertThat(client.answer().status()).isEqualTo(101);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev", "/dev/", "/dev?a=1", "/dev/?a=1"})
    @DisplayName("2: a slash at the end and a query change nothing")
    void theStageIsFound(String path) throws Exception {
        assertThat(handshake(path).status()).isEqualTo(101);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nope", "/dev/more", "/", "/Dev"})
    @DisplayName("3: a stage that does not exist is forbidden")
    void anotherPathIsForbidden(String path) throws Exception {
        RawClient.Answer answer = handshake(path);

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.text()).isEqualTo(FORBIDDEN);
        assertThat(answer.header("x-amzn-ErrorType")).isEqualTo("ForbiddenException");
        assertThat(nodes.backEnd.isQuiet()).isTrue();
    }

    @Test
    @DisplayName("3: paths of the server's own stages are theirs, but not under a name of the gateway")
    void theServersStagesStay() throws Exception {
        assertThat(handshake("/native").status()).isEqualTo(418);
        assertThat(handshake("/native", "Host: " + GatewayNodes.CHAT + ".execute-api.us-east-1.amazonaws.com")
                        .status())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "HEAD"})
    @DisplayName("4: a request that is no upgrade is told to upgrade, and no integration runs")
    void aPlainRequestIsToldToUpgrade(String method) throws Exception {
        try (GatewaySocket client = new GatewaySocket(port)) {
            client.send(method + " /dev HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            String answer =
                    new String(client.socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);

            assertThat(answer).startsWith("HTTP/1.1 426 ");
            assertThat(answer.contains("{\"message\":\"Upgrade Required\"}")).isEqualTo(!method.equals("HEAD"));
            assertThat(nodes.backEnd.isQuiet()).isTrue();
        }
    }

    @Test
    @DisplayName("4: other requests are others'")
    void otherRequestsAreOthers() throws Exception {
        try (GatewaySocket client = new GatewaySocket(port)) {
            assertThat(client.request("GET", "/health", new byte[0]).answer().status())
                    .isEqualTo(404);
            assertThat(client.request("GET", "/topics", new byte[0]).answer().status())
                    .isEqualTo(404);
            assertThat(client.request(
                                    "GET",
                                    "/topics",
                                    new byte[0],
                                    "Host: " + GatewayNodes.CHAT + ".execute-api.us-east-1.amazonaws.com")
                            .answer()
                            .status())
                    .isEqualTo(403);
        }
    }

    @Test
    @DisplayName("21, 22, 23, 24: the query is decoded and the names of header fields keep their case, on the way too")
    void theEventHasWhatTheClientSent() throws Exception {
        LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
        nodes.backEnd.answer(event -> {
            events.add(new String(ProxyEvent.of(event), UTF_8));
            return ScriptedBackEnd.done(200, "");
        });

        handshake("/dev?a=1&a=2&b=x%20y", "X-MyHdr: v");
        handshake("/dev");

        assertThat(events.poll(20, TimeUnit.SECONDS))
                .contains("\"X-MyHdr\":\"v\"", "\"X-MyHdr\":[\"v\"]")
                .contains(
                        "\"queryStringParameters\":{\"a\":\"2\",\"b\":\"x y\"}",
                        "\"multiValueQueryStringParameters\":{\"a\":[\"1\",\"2\"],\"b\":[\"x y\"]}")
                .doesNotContainIgnoringCase("\"connection\":")
                .doesNotContainIgnoringCase("\"upgrade\":");
        assertThat(Stream.generate(events::poll).takeWhile(Objects::nonNull))
                .filteredOn(event -> event.contains("\"CONNECT\""))
                .singleElement()
                .asString()
                .doesNotContain("ueryStringParameters");
    }

    @Test
    @DisplayName("8: what $connect refuses is refused with its status and body, and no socket")
    void theBackEndRefuses() throws Exception {
        nodes.backEnd.answer(_ -> ScriptedBackEnd.done(401, "no"));

        RawClient.Answer answer = handshake("/dev");

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.text()).isEqualTo("no");
        assertThat(answer.header("x-amzn-RequestId")).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({"myprotocol,myprotocol", "never-offered,never-offered"})
    @DisplayName("14: the 101 carries exactly the subprotocol that $connect chose")
    void theChosenSubprotocolIsAnswered(String chosen, String answered) throws Exception {
        nodes.backEnd.answer(_ -> ScriptedBackEnd.done(200, Map.of("Sec-WebSocket-Protocol", List.of(chosen)), ""));

        assertThat(handshake("/dev", "Sec-WebSocket-Protocol: chat1,myprotocol").header("Sec-WebSocket-Protocol"))
                .isEqualTo(answered);
    }

    @Test
    @DisplayName("15: without a chosen one the 101 carries no subprotocol")
    void noSubprotocolIsChosenByTheGateway() throws Exception {
        RawClient.Answer answer = handshake("/dev", "Sec-WebSocket-Protocol: chat1");

        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.headers()).doesNotContainKey("Sec-WebSocket-Protocol");
    }

    @Test
    @DisplayName("16: other headers and a body of $connect do not reach the client")
    void nothingElseOfTheBackEndIsAnswered() throws Exception {
        nodes.backEnd.answer(_ -> ScriptedBackEnd.done(200, Map.of("Set-Cookie", List.of("a=b")), "hello"));
        try (GatewaySocket client = new GatewaySocket(port)) {
            RawClient.Answer answer = client.upgrade("/dev").answer();

            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.headers()).doesNotContainKey("Set-Cookie");
            assertThat(client.hears(100)).as("a body").isFalse();
        }
    }

    @Test
    @DisplayName("17: permessage-deflate is not negotiated")
    void nothingIsCompressed() throws Exception {
        RawClient.Answer answer = handshake("/dev", "Sec-WebSocket-Extensions: permessage-deflate");

        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.headers()).doesNotContainKey("Sec-WebSocket-Extensions");
    }

    @Test
    @DisplayName("13: after a refused $connect there is no $disconnect")
    void whoWasRefusedDoesNotLeave() throws Exception {
        nodes.backEnd.answer(_ -> ScriptedBackEnd.done(403, ""));
        handshake("/dev");
        assertThat(nodes.backEnd.next()).isEqualTo("CONNECT");
        nodes.backEnd.answer(_ -> ScriptedBackEnd.done(200, ""));

        handshake("/dev");

        assertThat(nodes.backEnd.next()).isEqualTo("CONNECT");
    }

    @Test
    void aClientThatLeavesDuringItsHandshakeIsToldOfOnce() throws Exception {
        CompletableFuture<Answer> held = new CompletableFuture<>();
        nodes.backEnd.answer(
                event -> event.cause() instanceof GatewayEvent.Connect ? held : ScriptedBackEnd.done(200, ""));
        try (GatewaySocket client = new GatewaySocket(port)) {
            client.upgrade("/dev");
            assertThat(nodes.backEnd.next()).isEqualTo("CONNECT");
        }

        held.complete(new Answer.Given(200, Map.of(), null, null));

        assertThat(nodes.backEnd.next()).startsWith("DISCONNECT 1006");
        assertThat(nodes.backEnd.isQuiet()).isTrue();
    }

    @Test
    @DisplayName("135, 136: a custom domain leads to its stage, and a disabled endpoint does not")
    void hostsLeadToStages() throws Exception {
        assertThat(handshake("/v1", "Host: ws.example.com").status()).isEqualTo(101);
        assertThat(handshake("/", "Host: hidden.example.com").status()).isEqualTo(101);
        assertThat(handshake("/secret", "Host: " + GatewayNodes.HIDDEN + ".execute-api.us-east-1.amazonaws.com")
                        .text())
                .isEqualTo(FORBIDDEN);
        assertThat(handshake("/dev", "Host: " + GatewayNodes.CHAT + ".execute-api.us-east-1.amazonaws.com")
                        .status())
                .isEqualTo(101);
    }
}
