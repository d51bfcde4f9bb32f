package io.topicstream.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.GatewayMetrics.Series;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.Answer.Failure;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.RouteSettings;
import io.topicstream.gateway.model.RouteSettings.Logging;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What is seen of a stage from outside: statements 133 and 134, and the execution log.
class ObservationTest {
    private static final String JOIN = "{\"action\":\"join\"}";

    private static TestGateway logged(String format, RouteSettings settings) {
        return new TestGateway(new TestApi()
                .route("join", true)
                .stage("dev", Map.of(), settings, Map.of(), format)
                .definition());
    }

    private static RouteSettings logging(Logging logging, boolean dataTrace) {
        return new RouteSettings(logging, dataTrace, false, null, null);
    }

    @Test
    @DisplayName("133: one line for each event, in the format of the stage")
    void accessLog() {
        TestGateway test = logged(
                "$context.eventType $context.routeKey $context.connectionId $context.status $context.requestId"
                        + " $context.error.message $context.integration.status $context.nothing",
                RouteSettings.NONE);
        Peer peer = test.accepted();
        test.stage().message(peer, JOIN);
        test.answers("join", TestGateway.given(500, "x")).stage().message(peer, JOIN);
        test.answers("join", TestGateway.failed(Failure.TIMEOUT)).stage().message(peer, JOIN);
        test.stage().disconnected(peer, 1000, "");

        assertThat(test.accessLog)
                .containsExactly(
                        "abcdef1234/dev CONNECT $connect conn-1 200 id-1 - 200 -",
                        "abcdef1234/dev MESSAGE join conn-1 200 id-2 - 200 -",
                        "abcdef1234/dev MESSAGE join conn-1 200 id-4 - 500 -",
                        "abcdef1234/dev MESSAGE join conn-1 504 id-6 Endpoint request timed out - -",
                        "abcdef1234/dev DISCONNECT $disconnect conn-1 200 id-8 - 200 -");
    }

    @Test
    @DisplayName("133: lines of those that are refused")
    void accessLogOfRefusals() {
        TestGateway test = new TestGateway(new TestApi()
                .without(Api.DEFAULT)
                .connect(new io.topicstream.gateway.model.Authorization.Open(), true, Map.of())
                .stage(
                        "dev",
                        Map.of(),
                        RouteSettings.NONE,
                        Map.of(),
                        "$context.routeKey $context.status $context.error.messageString $context.error.responseType")
                .definition());
        test.refused();
        test.gateway.take(new TestApi()
                .without(Api.DEFAULT)
                .stage("dev", Map.of(), RouteSettings.NONE, Map.of(), "$context.status $context.error.messageString")
                .definition());
        test.stage().message(test.accepted(), "{}");

        assertThat(test.accessLog)
                .containsExactly(
                        "abcdef1234/dev $connect 403 \"Forbidden\" INVALID_API_KEY",
                        "abcdef1234/dev 200 -",
                        "abcdef1234/dev 403 \"Forbidden\"");
    }

    @Test
    @DisplayName("133: the latency of a back end, and a client's words that cannot forge a line")
    void latencyAndForgery() {
        TestGateway test = logged("$context.integrationLatency \"$context.identity.userAgent\"", RouteSettings.NONE);
        CompletableFuture<Answer> slow = test.holds(Api.CONNECT);
        var _ = test.opening(TestGateway.handshake(Map.of(), "User-Agent", "a\" 200\nb"));
        test.clock.advance(Duration.ofMillis(7));
        slow.complete(TestGateway.OK);

        assertThat(test.accessLog)
                .singleElement()
                .asString()
                .startsWith("abcdef1234/dev 7 \"a\\\" 200")
                .doesNotContain("\n");
    }

    @Test
    @DisplayName("133: without a format there is no access log")
    void noAccessLog() {
        TestGateway test = logged(null, RouteSettings.NONE);
        test.stage().message(test.accepted(), JOIN);

        assertThat(test.accessLog).isEmpty();
        assertThat(test.executionLog).isEmpty();
    }

    @Test
    @DisplayName("134: the six metrics, by API and stage")
    void metrics() {
        TestGateway test = new TestGateway(
                new TestApi().route("join", true).without(Api.DEFAULT).definition());
        Peer peer = test.accepted();
        test.answers("join", TestGateway.given(200, "x")).stage().message(peer, JOIN);
        test.answers("join", TestGateway.given(500, "x")).stage().message(peer, JOIN);
        CompletableFuture<Answer> slow = test.holds("join");
        test.stage().message(peer, JOIN);
        test.clock.advance(Duration.ofMillis(30));
        slow.complete(TestGateway.failed(Failure.INTERNAL));
        test.stage().message(peer, "{}");
        test.stage().posted();
        test.stage().disconnected(peer, 1000, "");
        test.answers(Api.CONNECT, TestGateway.given(403, ""));
        test.refused();

        // Messages: four came, four frames and a post went.
        assertThat(test.gateway.metrics().series())
                .containsExactly(new Series(TestApi.ID, "dev", null, 2, 9, 2, 1, 1, 6, 30));
    }

    @Test
    @DisplayName("134: a client that is refused before the back end counts as its own error, not as a connection")
    void refusedClients() {
        TestGateway test = new TestGateway(
                new TestApi().settings(TestApi.throttled(0, 0.0), Map.of()).definition());
        test.refused();

        assertThat(test.gateway.metrics().series())
                .containsExactly(new Series(TestApi.ID, "dev", null, 0, 0, 0, 1, 0, 0, 0));
    }

    @Test
    @DisplayName("134: metrics of a route where they are wanted; mocks have no latency")
    void metricsOfRoutes() {
        RouteSettings detailed = new RouteSettings(Logging.OFF, false, true, null, null);
        TestGateway test = new TestGateway(new TestApi()
                .route("join", true, Integration.Type.MOCK)
                .settings(RouteSettings.NONE, Map.of("join", detailed))
                .definition());
        test.answers("join", TestGateway.given(200, "x"));

        test.stage().message(test.accepted(), JOIN);

        assertThat(test.gateway.metrics().series())
                .containsExactly(
                        new Series(TestApi.ID, "dev", null, 1, 2, 0, 0, 0, 1, 0),
                        new Series(TestApi.ID, "dev", "join", 0, 2, 0, 0, 0, 0, 0));
    }

    @Test
    @DisplayName("the execution log says what was done, bodies only where they are wanted, 1,024 bytes of each line")
    void executionLog() {
        TestGateway test = logged(null, logging(Logging.INFO, true));
        Peer peer = test.accepted();
        test.executionLog.clear();

        test.stage().message(peer, "{\"action\":\"join\",\n\"x\":\"" + "é".repeat(2000) + "\"}");

        assertThat(test.executionLog.get(0)).isEqualTo("INFO (id-2) Extended Request Id: id-2");
        assertThat(test.executionLog)
                .anySatisfy(line -> assertThat(line)
                        .startsWith("INFO (id-2) Method request body before transformations: {\"action\":\"join\", ")
                        .endsWith("é"))
                .allSatisfy(line -> assertThat(line.substring("INFO ".length()).getBytes(StandardCharsets.UTF_8).length)
                        .isLessThanOrEqualTo(1024));
        assertThat(test.executionLog.getLast()).isEqualTo("INFO (id-2) Completed with status: 200");

        TestGateway quiet = logged(null, logging(Logging.INFO, false));
        quiet.stage().message(quiet.accepted(), JOIN);
        assertThat(quiet.executionLog).noneMatch(line -> line.contains("action"));
    }

    @Test
    @DisplayName("the execution log of errors says what went wrong, and only that")
    void executionLogOfErrors() {
        TestGateway test = logged(null, logging(Logging.ERROR, true));
        Peer peer = test.accepted();
        test.stage().message(peer, JOIN);
        test.answers("join", TestGateway.failed(Failure.INTERNAL)).stage().message(peer, JOIN);

        assertThat(test.executionLog).containsExactly("ERROR (id-4) Execution failed: It failed.");
    }

    @Test
    @DisplayName("134: what a definition does not have any more is not told, and counts are bounded")
    void metricsAreBounded() {
        RouteSettings detailed = new RouteSettings(Logging.OFF, false, true, null, null);
        TestGateway test =
                new TestGateway(new TestApi().settings(detailed, Map.of()).definition());
        test.stage().message(test.accepted(), JOIN);
        assertThat(test.gateway.metrics().series())
                .extracting(Series::route)
                .containsExactly(null, Api.CONNECT, "join");

        test.gateway.take(
                new TestApi().without("join").settings(detailed, Map.of()).definition());
        assertThat(test.gateway.metrics().series()).extracting(Series::route).containsExactly(null, Api.CONNECT);

        GatewayMetrics metrics = new GatewayMetrics();
        for (int i = 0; i < GatewayMetrics.MAX_SERIES + 10; i++) {
            metrics.of("api", "dev", "route" + i).messages.increment();
        }
        assertThat(metrics.series()).hasSize(GatewayMetrics.MAX_SERIES + 1);
        assertThat(metrics.series().getFirst())
                .isEqualTo(new Series(
                        GatewayMetrics.OTHERS, GatewayMetrics.OTHERS, GatewayMetrics.OTHERS, 0, 10, 0, 0, 0, 0, 0));
    }
}
