package io.topicstream.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.Answer.Failure;
import io.topicstream.gateway.model.Api;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The end of connections: statements 106 to 113.
class DisconnectTest {
    private final TestGateway test = new TestGateway(new TestApi().definition());

    @ParameterizedTest
    @CsvSource({
        "1005, Client-side close frame status not set",
        "4000, bye",
        "1001, Going away",
        "1000, Connection Closed Normally",
        "1006, ''"
    })
    @DisplayName("106 to 110: $disconnect gets the code and the reason")
    void codesAndReasons(int code, String reason) {
        Peer peer = test.accepted();

        test.stage().disconnected(peer, code, reason);

        GatewayEvent event = test.calls.getLast();
        assertThat(event.routeKey()).isEqualTo(Api.DISCONNECT);
        assertThat(event.cause()).isEqualTo(new GatewayEvent.Disconnect(code, reason));
        assertThat(event.peer()).isEqualTo(peer);
    }

    @Test
    @DisplayName("111: the event has no body")
    void noBody() {
        test.stage().disconnected(test.accepted(), 1000, "");

        assertThat(test.calls.getLast().body()).isNull();
        assertThat(test.calls.getLast().handshake()).isNull();
    }

    @Test
    @DisplayName("112: a $disconnect that fails changes nothing for clients")
    void failures() {
        Peer peer = test.accepted();
        test.answers(Api.DISCONNECT, TestGateway.failed(Failure.INTERNAL))
                .stage()
                .disconnected(peer, 1000, "");
        test.answers.put(Api.DISCONNECT, _ -> {
            throw new IllegalStateException("for a test");
        });
        test.stage().disconnected(peer, 1000, "");

        assertThat(test.sent).isEmpty();
        assertThat(test.calls).hasSize(3);
    }

    @Test
    @DisplayName("112: there need be no $disconnect route, nor an integration of it")
    void withoutRoute() {
        TestGateway without =
                new TestGateway(new TestApi().without(Api.DISCONNECT).definition());
        without.stage().disconnected(without.accepted(), 1000, "");
        assertThat(without.routesCalled()).containsExactly(Api.CONNECT);

        TestGateway empty =
                new TestGateway(new TestApi().route(Api.DISCONNECT, false, null).definition());
        empty.stage().disconnected(empty.accepted(), 1000, "");
        assertThat(empty.routesCalled()).containsExactly(Api.CONNECT);
    }

    @Test
    @DisplayName("where many connections end at once, some are told at a time, and the others after them")
    void manyEnds() {
        int ends = GatewayStage.ENDS_AT_A_TIME + 10;
        CompletableFuture<Answer> slow = test.holds(Api.DISCONNECT);
        for (int i = 0; i < ends; i++) {
            test.stage().disconnected(test.accepted(), 1001, "Going away");
        }

        assertThat(test.calls).hasSize(ends + GatewayStage.ENDS_AT_A_TIME);
        slow.complete(TestGateway.OK);
        assertThat(test.calls).hasSize(ends + ends);
    }

    @Test
    @DisplayName("$disconnect runs even where nothing else may: what it cleans up must not stay")
    void isNotThrottled() {
        Peer peer = test.accepted();
        test.gateway.take(
                new TestApi().settings(TestApi.throttled(0, 0.0), Map.of()).definition());

        test.stage().message(peer, "{}");
        test.stage().disconnected(peer, 1000, "");

        assertThat(test.routesCalled()).containsExactly(Api.CONNECT, Api.DISCONNECT);
    }

    @Test
    void oneThatStopsCanWaitUntilAllEndsAreTold() {
        assertThat(test.gateway.endsTold()).isCompleted();
        CompletableFuture<Answer> slow = test.holds(Api.DISCONNECT);
        for (int i = 0; i <= GatewayStage.ENDS_AT_A_TIME; i++) {
            test.stage().disconnected(test.accepted(), 1001, "Going away");
        }
        CompletableFuture<Void> told = test.gateway.endsTold();
        assertThat(told).isNotDone();
        assertThat(test.routesCalled().stream().filter(Api.DISCONNECT::equals)).hasSize(GatewayStage.ENDS_AT_A_TIME);

        test.answers(Api.DISCONNECT, TestGateway.OK);
        slow.complete(TestGateway.failed(Answer.Failure.INTERNAL));

        assertThat(told).isCompleted();
        assertThat(test.routesCalled().stream().filter(Api.DISCONNECT::equals))
                .hasSize(GatewayStage.ENDS_AT_A_TIME + 1);
        assertThat(test.gateway.endsTold()).isCompleted();
    }
}
