package io.topicstream.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.Answer.Failure;
import io.topicstream.gateway.model.Api;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What clients get for their messages: statements 70 to 79, and how much of a client may be under way.
class ReplyTest {
    private static final String JOIN = "{\"action\":\"join\"}";

    private static TestGateway gateway(boolean twoWay) {
        return new TestGateway(
                new TestApi().route("join", twoWay).route("two", true).definition());
    }

    private static TestGateway limited(GatewaySettings.Limits limits) {
        return new TestGateway(new TestApi().route("join", true).definition(), GatewaySettings.DEFAULTS.with(limits));
    }

    private static GatewaySettings ordered() {
        return GatewaySettings.DEFAULTS.with(GatewaySettings.Messages.DEFAULTS.inOrder(true));
    }

    @Test
    @DisplayName("70, 76: what a one-way route answers is not sent")
    void oneWay() {
        TestGateway test = gateway(false);
        Peer peer = test.accepted();

        test.answers("join", TestGateway.given(200, "x")).stage().message(peer, JOIN);
        test.answers("join", TestGateway.OK).stage().message(peer, JOIN);

        assertThat(test.routesCalled()).containsExactly(Api.CONNECT, "join", "join");
        assertThat(test.sent).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 401, 500, 501})
    @DisplayName("71, 72: what a two-way route answers is sent, with any status")
    void twoWay(int status) {
        TestGateway test = gateway(true);
        Peer peer = test.accepted();

        test.answers("join", TestGateway.given(status, "x")).stage().message(peer, JOIN);

        assertThat(test.sent).containsExactly("conn-1 x");
    }

    @Test
    @DisplayName("71: an answer without a body sends nothing; an empty body is an empty message")
    void noBody() {
        TestGateway test = gateway(true);
        Peer peer = test.accepted();

        test.answers("join", TestGateway.OK).stage().message(peer, JOIN);
        assertThat(test.sent).isEmpty();

        test.answers("join", TestGateway.given(200, "")).stage().message(peer, JOIN);
        assertThat(test.sent).containsExactly("conn-1 ");
    }

    @Test
    @DisplayName("71: an answer of 128 KB is sent; a longer one is an error")
    void longAnswers() {
        TestGateway test = gateway(true);
        Peer peer = test.accepted();

        test.answers("join", TestGateway.given(200, "x".repeat(131_072)))
                .stage()
                .message(peer, JOIN);
        test.answers("join", TestGateway.given(200, "x".repeat(131_073)))
                .stage()
                .message(peer, JOIN);

        assertThat(test.sent.get(0)).isEqualTo("conn-1 " + "x".repeat(131_072));
        assertThat(test.sent.get(1)).contains("Internal server error");
    }

    @ParameterizedTest
    @CsvSource({
        "INTERNAL, Internal server error",
        "TIMEOUT, Endpoint request timed out",
        "UNSUPPORTED_MEDIA_TYPE, Unsupported Media Type",
        "THROTTLED, Too Many Requests"
    })
    @DisplayName("73, 74, 75, 77: a failure is told byte for byte, also on a one-way route; the connection goes on")
    void failures(Failure failure, String message) {
        for (boolean twoWay : new boolean[] {false, true}) {
            TestGateway test = gateway(twoWay);
            Peer peer = test.accepted();

            test.answers("join", TestGateway.failed(failure)).stage().message(peer, JOIN);

            assertThat(test.sent)
                    .containsExactly("conn-1 {\"message\": \"" + message
                            + "\", \"connectionId\":\"conn-1\", \"requestId\":\"id-2\"}");
            assertThat(test.calls.getLast().requestId()).isEqualTo("id-2");
            test.stage().message(peer, "{}");
            assertThat(test.routesCalled()).endsWith(Api.DEFAULT);
        }
    }

    @Test
    @DisplayName("73: a route without an integration, and a back end that breaks its promise, are failures")
    void broken() {
        TestGateway test =
                new TestGateway(new TestApi().route("none", false, null).definition());
        Peer peer = test.accepted();

        test.stage().message(peer, "{\"action\":\"none\"}");
        test.answers.put("join", _ -> {
            throw new IllegalStateException("for a test");
        });
        test.stage().message(peer, JOIN);
        test.answers.put("join", _ -> CompletableFuture.failedStage(new IllegalStateException("for a test")));
        test.stage().message(peer, JOIN);

        assertThat(test.sent).hasSize(3).allMatch(frame -> frame.contains("\"Internal server error\""));
    }

    @Test
    @DisplayName("78: of two messages the second may be answered first")
    void sideBySide() {
        TestGateway test = gateway(true);
        Peer peer = test.accepted();
        CompletableFuture<Answer> slow = test.holds("join");
        test.stage().message(peer, JOIN);

        test.answers("two", TestGateway.given(200, "second")).stage().message(peer, "{\"action\":\"two\"}");
        slow.complete(TestGateway.given(200, "first"));

        assertThat(test.sent).containsExactly("conn-1 second", "conn-1 first");
    }

    @Test
    @DisplayName("78: where order is chosen, messages of a connection run one after the other, its end last")
    void ordered_() {
        TestGateway test = new TestGateway(
                new TestApi().route("join", true).route("two", true).definition(), ordered());
        Peer peer = test.accepted();
        Peer other = test.accepted();
        CompletableFuture<Answer> slow = test.holds("join");
        test.answers("two", TestGateway.given(200, "second"));
        var readOn = test.stage().message(peer, JOIN);

        test.stage().message(peer, "{\"action\":\"two\"}");
        test.stage().disconnected(peer, 1000, "");
        test.stage().message(other, "{\"action\":\"two\"}");

        assertThat(readOn.toCompletableFuture()).isNotDone();
        assertThat(test.sent).containsExactly("conn-2 second");
        slow.complete(TestGateway.given(200, "first"));
        assertThat(test.sent).containsExactly("conn-2 second", "conn-1 first", "conn-1 second");
        assertThat(test.routesCalled()).containsExactly(Api.CONNECT, Api.CONNECT, "join", "two", "two", Api.DISCONNECT);
        assertThat(readOn.toCompletableFuture()).isCompleted();
    }

    @Test
    @DisplayName("79: $connect and $disconnect send nothing, also as two-way routes")
    void ends() {
        TestGateway test = new TestGateway(new TestApi()
                .route(Api.CONNECT, true)
                .route(Api.DISCONNECT, true)
                .definition());
        test.answers(Api.CONNECT, TestGateway.given(200, "x"));
        test.answers(Api.DISCONNECT, TestGateway.given(200, "x"));

        test.stage().disconnected(test.accepted(), 1000, "");

        assertThat(test.routesCalled()).containsExactly(Api.CONNECT, Api.DISCONNECT);
        assertThat(test.sent).isEmpty();
    }

    @Test
    @DisplayName("messages of a connection beyond those under way wait, and it is not read on until there is room")
    void backPressure() {
        TestGateway test = limited(TestLimits.perConnection(2, 1));
        Peer peer = test.accepted();
        CompletableFuture<Answer> slow = test.holds("join");

        var first = test.stage().message(peer, JOIN);
        var second = test.stage().message(peer, JOIN);
        var third = test.stage().message(peer, JOIN);
        var fourth = test.stage().message(peer, JOIN);

        assertThat(first.toCompletableFuture()).isCompleted();
        assertThat(second.toCompletableFuture()).isNotDone();
        assertThat(third.toCompletableFuture()).isNotDone();
        assertThat(fourth.toCompletableFuture()).isNotDone();
        assertThat(test.routesCalled()).containsExactly(Api.CONNECT, "join", "join");
        assertThat(test.sent).singleElement().asString().contains("\"Too Many Requests\"");
        slow.complete(TestGateway.given(200, "x"));
        assertThat(second.toCompletableFuture()).isCompleted();
        assertThat(third.toCompletableFuture()).isCompleted();
        assertThat(test.sent).hasSize(4);
        assertThat(test.stage().message(peer, JOIN).toCompletableFuture()).isCompleted();
    }

    @Test
    @DisplayName("many messages that wait do not pile up on the stack")
    void manyThatWait() {
        TestGateway test = limited(TestLimits.perConnection(1, 20_000));
        Peer peer = test.accepted();
        CompletableFuture<Answer> slow = test.holds("join");
        IntStream.range(0, 9_000).forEach(_ -> test.stage().message(peer, JOIN));

        slow.complete(TestGateway.given(200, "x"));

        assertThat(test.sent).hasSize(9_000).allMatch("conn-1 x"::equals);
    }

    @Test
    @DisplayName("what waited too long is answered as timed out")
    void waitedTooLong() {
        TestGateway test = limited(TestLimits.perConnection(1, 5));
        Peer peer = test.accepted();
        CompletableFuture<Answer> slow = test.holds("join");
        test.stage().message(peer, JOIN);
        test.stage().message(peer, JOIN);
        test.clock.advance(java.time.Duration.ofMillis(29_001));

        slow.complete(TestGateway.given(200, "x"));

        assertThat(test.sent.get(0)).isEqualTo("conn-1 x");
        assertThat(test.sent.get(1)).contains("\"Endpoint request timed out\"");
        assertThat(test.calls).hasSize(2);
    }

    @Test
    @DisplayName("messages of a stage beyond those that may be under way are answered as throttled")
    void fullStage() {
        TestGateway test = limited(TestLimits.perStage(2, 1L << 20));
        CompletableFuture<Answer> slow = test.holds("join");
        List<Peer> peers = List.of(test.accepted(), test.accepted(), test.accepted());
        peers.forEach(peer -> test.stage().message(peer, JOIN));

        assertThat(test.sent).singleElement().asString().contains("\"Too Many Requests\"");
        slow.complete(TestGateway.OK);
        test.stage().message(test.accepted(), JOIN);
        assertThat(test.sent).hasSize(1);
    }

    @Test
    @DisplayName("messages of a stage may have so many bytes together")
    void fullStageInBytes() {
        TestGateway test = limited(TestLimits.perStage(100, 2 * 600L));
        CompletableFuture<Answer> slow = test.holds("join");
        List<Peer> peers = List.of(test.accepted(), test.accepted(), test.accepted());
        String message = "{\"action\":\"join\",\"x\":\"" + "x".repeat(276) + "\"}";
        peers.forEach(peer -> test.stage().message(peer, message));

        assertThat(message).hasSize(300);
        assertThat(test.sent).singleElement().asString().contains("\"Too Many Requests\"");
        slow.complete(TestGateway.OK);
        test.stage().message(test.accepted(), JOIN);
        assertThat(test.sent).hasSize(1);
    }

    @Test
    @DisplayName("an answer that a back end gives with headers is sent without them")
    void headers() {
        TestGateway test = gateway(true);
        test.answers(
                "join", new Answer.Given(200, Map.of("X", List.of("y")), new byte[] {'o', 'k'}, "application/json"));

        test.stage().message(test.accepted(), JOIN);

        assertThat(test.sent).containsExactly("conn-1 ok");
    }
}
