package io.topicstream.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.exchange.Opening;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.Answer.Failure;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Integration;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Handshakes: statements 1 to 28, as far as they need no socket.
class HandshakeTest {
    private final TestGateway test = new TestGateway(new TestApi().definition());

    @Test
    @DisplayName("1, 6: the $connect integration runs before the connection is accepted, which waits for it")
    void acceptsAfterTheBackEnd() {
        CompletableFuture<Answer> answer = test.holds(Api.CONNECT);

        CompletableFuture<Opening> opening = test.opening(TestGateway.handshake(Map.of()));

        assertThat(test.routesCalled()).containsExactly(Api.CONNECT);
        assertThat(opening).isNotDone();
        answer.complete(TestGateway.OK);
        assertThat(opening).isCompletedWithValueMatching(Opening.Accepted.class::isInstance);
    }

    @Test
    @DisplayName("2: a slash behind the stage changes nothing")
    void aSlashAtTheEnd() {
        assertThat(test.gateway.stageAt(TestApi.HOST, List.of("dev", "")))
                .isNotNull()
                .isSameAs(test.gateway.stageAt(TestApi.HOST, List.of("dev")));
        assertThat(test.gateway.stageAt(TestApi.HOST, List.of("dev", "more"))).isNull();
        assertThat(test.gateway.stageAt(TestApi.HOST, List.of())).isNull();
        assertThat(test.gateway.stageAt(TestApi.HOST, List.of(""))).isNull();
    }

    @Test
    @DisplayName("3: there is no stage of another name")
    void noSuchStage() {
        assertThat(test.gateway.stageAt(TestApi.HOST, List.of("nope"))).isNull();
    }

    @Test
    @DisplayName("5: without a $connect route everybody comes in")
    void withoutConnectRoute() {
        TestGateway without = new TestGateway(new TestApi().without(Api.CONNECT).definition());

        assertThat(without.open()).isInstanceOf(Opening.Accepted.class);
        assertThat(without.calls).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 299})
    @DisplayName("7: a status of 200 to 299 lets the client in")
    void successes(int status) {
        test.answers(Api.CONNECT, TestGateway.given(status, ""));

        assertThat(test.open()).isInstanceOf(Opening.Accepted.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 301, 400, 401, 501, 599})
    @DisplayName("8, 9: any other status refuses it with that status and the back end's body")
    void refusals(int status) {
        test.answers(Api.CONNECT, TestGateway.given(status, "no"));

        Opening.Refused refused = test.refused();

        assertThat(refused.status()).isEqualTo(status);
        assertThat(TestGateway.body(refused)).isEqualTo("no");
        assertThat(refused.contentType()).isEqualTo("text/plain");
    }

    @Test
    @DisplayName("8: a refusal without a body has none")
    void refusalWithoutBody() {
        test.answers(Api.CONNECT, new Answer.Given(403, Map.of("X-Why", List.of("x")), null, null));

        Opening.Refused refused = test.refused();

        assertThat(refused.body()).isEmpty();
        assertThat(refused.contentType()).isNull();
        assertThat(refused.headers())
                .containsEntry("x-amzn-RequestId", "id-1")
                .containsEntry("x-amz-apigw-id", "id-1")
                .doesNotContainKey("X-Why");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 101, 199, 600})
    @DisplayName("11: a status that can end no handshake is a malformed result: 502")
    void impossibleStatus(int status) {
        test.answers(Api.CONNECT, TestGateway.given(status, ""));

        assertThat(test.refused().status()).isEqualTo(502);
    }

    @ParameterizedTest
    @CsvSource({
        "AWS_PROXY, INTERNAL, 502, Internal server error",
        "AWS_PROXY, TIMEOUT, 504, Endpoint request timed out",
        "AWS, INTERNAL, 500, Internal server error",
        "HTTP_PROXY, INTERNAL, 504, Internal server error",
        "HTTP, INTERNAL, 504, Internal server error",
        "MOCK, INTERNAL, 500, Internal server error",
        "HTTP, UNSUPPORTED_MEDIA_TYPE, 415, Unsupported Media Type",
        "AWS_PROXY, THROTTLED, 429, Too Many Requests"
    })
    @DisplayName("10, 11, 12: a back end that fails, or takes too long, refuses the client")
    void failures(Integration.Type type, Failure failure, int status, String message) {
        TestGateway failing =
                new TestGateway(new TestApi().route(Api.CONNECT, false, type).definition());
        failing.answers(Api.CONNECT, TestGateway.failed(failure));

        Opening.Refused refused = failing.refused();

        assertThat(refused.status()).isEqualTo(status);
        assertThat(TestGateway.body(refused))
                .isEqualTo("{\"message\": \"" + message + "\", \"connectionId\":\"conn-1\", \"requestId\":\"id-1\"}");
    }

    @Test
    @DisplayName("10: a route without an integration refuses the client")
    void noIntegration() {
        TestGateway without =
                new TestGateway(new TestApi().route(Api.CONNECT, false, null).definition());

        assertThat(without.refused().status()).isEqualTo(500);
    }

    @Test
    @DisplayName("10: a back end that breaks its promise refuses the client")
    void aBackEndThatThrows() {
        test.answers.put(Api.CONNECT, _ -> {
            throw new IllegalStateException("for a test");
        });
        assertThat(test.refused().status()).isEqualTo(500);

        test.answers.put(Api.CONNECT, _ -> CompletableFuture.failedStage(new IllegalStateException("for a test")));
        assertThat(test.refused().status()).isEqualTo(500);
    }

    @Test
    @DisplayName("13: a refused client has no end that is told")
    void noDisconnectAfterRefusal() {
        test.answers(Api.CONNECT, TestGateway.given(403, ""));

        test.refused();

        assertThat(test.routesCalled()).containsExactly(Api.CONNECT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Sec-WebSocket-Protocol", "sec-websocket-protocol"})
    @DisplayName("14: the subprotocol is the one that the back end names, in any case")
    void subprotocol(String name) {
        test.answers(Api.CONNECT, new Answer.Given(200, Map.of(name, List.of("myprotocol")), null, null));

        Opening opening = test.open(TestGateway.handshake(Map.of(), "Sec-WebSocket-Protocol", "chat1,myprotocol"));

        assertThat(((Opening.Accepted) opening).subprotocol()).isEqualTo("myprotocol");
    }

    @Test
    @DisplayName("15, 16: without such a header there is no subprotocol, and nothing else of the answer passes")
    void noSubprotocol() {
        test.answers(
                Api.CONNECT,
                new Answer.Given(
                        200, Map.of("Set-Cookie", List.of("a=b")), "body".getBytes(StandardCharsets.UTF_8), null));

        Opening opening = test.open(TestGateway.handshake(Map.of(), "Sec-WebSocket-Protocol", "chat1"));

        assertThat(((Opening.Accepted) opening).subprotocol()).isNull();
        assertThat(test.sent).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Evil: b", "a b", "a,b"})
    @DisplayName("14: what cannot be a subprotocol refuses the client")
    void impossibleSubprotocol(String value) {
        test.answers(Api.CONNECT, new Answer.Given(200, Map.of("Sec-WebSocket-Protocol", List.of(value)), null, null));

        assertThat(test.refused().status()).isEqualTo(502);
    }

    @Test
    @DisplayName("20: when the rate of new connections is used up, 429")
    void connectRate() {
        TestGateway limited = new TestGateway(
                new TestApi().definition(),
                GatewaySettings.DEFAULTS.with(TestLimits.connects(new GatewaySettings.Rate(2.0, 2))));
        limited.accepted();
        limited.accepted();

        Opening.Refused refused = limited.refused();

        assertThat(refused.status()).isEqualTo(429);
        assertThat(TestGateway.body(refused)).isEqualTo("{\"message\":\"Too Many Requests\"}");
        assertThat(refused.headers()).containsEntry("x-amzn-ErrorType", "TooManyRequestsException");
        assertThat(limited.calls).hasSize(2);
        limited.clock.advance(Duration.ofMillis(500));
        limited.accepted();
        limited.refused();
    }

    @Test
    @DisplayName("20: beyond the handshakes of a stage that may be under way, 429")
    void fullStage() {
        TestGateway full = new TestGateway(
                new TestApi().definition(), GatewaySettings.DEFAULTS.with(TestLimits.perStage(2, 1 << 20)));
        CompletableFuture<Answer> slow = full.holds(Api.CONNECT);
        var _ = full.opening(TestGateway.handshake(Map.of()));
        var _ = full.opening(TestGateway.handshake(Map.of()));

        assertThat(full.refused().status()).isEqualTo(429);
        slow.complete(TestGateway.OK);
        full.accepted();
    }

    @Test
    @DisplayName("27, 28: each event has an id of its own; the time of the connection stays")
    void idsAndTimes() {
        Peer peer = test.accepted();
        long connectedAtMs = test.clock.millis();
        test.clock.advance(Duration.ofHours(1));
        test.stage().message(peer, "{}");
        test.stage().disconnected(peer, 1000, "");

        assertThat(test.calls).extracting(event -> event.requestId()).doesNotHaveDuplicates();
        assertThat(test.calls).extracting(event -> event.peer().connectedAtMs()).containsOnly(connectedAtMs);
        assertThat(test.calls.get(1).timeMs()).isEqualTo(connectedAtMs + 3_600_000);
    }

    @Test
    @DisplayName("25: what is known of a client is in its events")
    void peers() {
        Peer peer = test.accepted(TestGateway.handshake(Map.of(), "user-agent", "wscat"));

        assertThat(peer.userAgent()).isEqualTo("wscat");
        assertThat(peer.sourceIp()).isEqualTo("192.0.2.1");
        assertThat(peer.domainName()).isEqualTo(TestApi.HOST);
        assertThat(peer.authorizer()).isEmpty();
        assertThat(peer.identity()).isEmpty();
        assertThat(test.calls.getFirst().peer()).isEqualTo(peer);
    }

    @Test
    @DisplayName("events name the domain that is configured, with its port")
    void domainName() {
        TestGateway named =
                new TestGateway(new TestApi().definition(), GatewaySettings.DEFAULTS.named(null, "localhost:8443"));

        assertThat(named.accepted().domainName()).isEqualTo("localhost:8443");
    }

    @Test
    @DisplayName("an API has the id that is configured, in its host name and in ARNs")
    void apiId() {
        TestGateway named = new TestGateway(
                new TestApi().definition(),
                GatewaySettings.DEFAULTS.named("zzzzzzzzzz", null).at("eu-west-1", "123456789012"));

        GatewayStage stage = named.gateway.stageAt("zzzzzzzzzz.execute-api.eu-west-1.amazonaws.com", List.of("dev"));

        assertThat(stage).isNotNull();
        assertThat(stage.apiId()).isEqualTo("zzzzzzzzzz");
        assertThat(stage.callbackArn("POST"))
                .isEqualTo("arn:aws:execute-api:eu-west-1:123456789012:zzzzzzzzzz/dev/POST"
                        + "/@connections/{connectionId}");
        assertThat(named.gateway.stageAt(TestApi.HOST, List.of("dev"))).isNull();
    }

    @Test
    @DisplayName("a URL and a header that are too long are refused before anybody is asked")
    void tooLong() {
        Handshake longUrl =
                new Handshake("/dev", "a=" + "x".repeat(4089), List.of(), Map.of(), TestApi.HOST, "192.0.2.1");
        Handshake longerUrl =
                new Handshake("/dev", "a=" + "x".repeat(4090), List.of(), Map.of(), TestApi.HOST, "192.0.2.1");

        test.accepted(longUrl);
        assertThat(test.refused(longerUrl).status()).isEqualTo(414);

        Handshake longHeader = new Handshake(
                "/dev", "", List.of(Map.entry("a", "x".repeat(10_239))), Map.of(), TestApi.HOST, "192.0.2.1");
        Handshake longerHeader = new Handshake(
                "/dev", "", List.of(Map.entry("a", "x".repeat(10_240))), Map.of(), TestApi.HOST, "192.0.2.1");
        test.accepted(longHeader);
        assertThat(test.refused(longerHeader).status()).isEqualTo(431);
        assertThat(test.calls).hasSize(2);
    }
}
