package io.topicstream.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.gateway.exchange.Opening;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.RouteSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Stages, where they are and what they let through: statements 129 to 132, 135 and 136.
class StageTest {
    private static final String JOIN = "{\"action\":\"join\"}";

    private final TestGateway test = new TestGateway(new TestApi().definition());

    private static String throttledFrames(TestGateway test) {
        return test.sent.stream()
                        .filter(frame -> frame.contains("\"Too Many Requests\""))
                        .count() + " of " + test.sent.size();
    }

    @Test
    @DisplayName("129: variables of the stage are in all events")
    void stageVariables() {
        TestGateway with =
                new TestGateway(new TestApi().variables(Map.of("v", "1")).definition());
        Peer peer = with.accepted();
        with.stage().message(peer, JOIN);
        with.stage().disconnected(peer, 1000, "");

        assertThat(with.calls)
                .hasSize(3)
                .allSatisfy(event -> assertThat(event.stage().variables()).isEqualTo(Map.of("v", "1")));
    }

    @Test
    @DisplayName("130: another definition holds for open connections too, once it is taken")
    void anotherDefinition() {
        Peer peer = test.accepted();
        GatewayStage stage = test.stage();
        stage.message(peer, "{\"action\":\"new\"}");
        assertThat(test.routesCalled()).containsExactly(Api.CONNECT, Api.DEFAULT);

        test.gateway.take(new TestApi().route("new", true).without(Api.DEFAULT).definition());

        assertThat(test.stage()).isSameAs(stage);
        test.answers("new", TestGateway.given(200, "x"));
        stage.message(peer, "{\"action\":\"new\"}");
        stage.message(peer, "{}");
        assertThat(test.routesCalled()).containsExactly(Api.CONNECT, Api.DEFAULT, "new");
        assertThat(test.sent.get(0)).isEqualTo("conn-1 x");
        assertThat(test.sent.get(1)).contains("\"Forbidden\"");
    }

    @Test
    @DisplayName("130: a stage that is not there any more is forbidden; when it comes back it is the same")
    void aStageThatGoes() {
        Peer peer = test.accepted();
        GatewayStage stage = test.stage();

        test.gateway.take(new TestApi().withoutStage("dev").definition());
        stage.message(peer, JOIN);
        stage.disconnected(peer, 1000, "");

        assertThat(test.gateway.stageAt(TestApi.HOST, List.of("dev"))).isNull();
        assertThat(test.routesCalled()).containsExactly(Api.CONNECT);
        assertThat(test.sent).singleElement().asString().contains("\"Forbidden\"");
        assertThat(stage.connect("late", TestGateway.handshake(Map.of())).toCompletableFuture())
                .isCompletedWithValueMatching(
                        opening -> opening instanceof Opening.Refused refused && refused.status() == 403);
        test.gateway.take(new TestApi().definition());
        assertThat(test.stage()).isSameAs(stage);
        stage.message(peer, JOIN);
        assertThat(test.routesCalled()).containsExactly(Api.CONNECT, "join");
    }

    @Test
    @DisplayName("130: a definition that cannot be run is not taken")
    void aBadDefinition() {
        assertThatThrownBy(() -> test.gateway.take(
                        new TestApi().selectedBy("${request.body.").definition()))
                .isInstanceOf(IllegalArgumentException.class);

        assertThatThrownBy(() -> test.gateway.take(new TestApi()
                        .model("Bad", "{")
                        .checked("join", "$default", Map.of("$default", "Bad"))
                        .definition()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("join");

        test.stage().message(test.accepted(), JOIN);
        assertThat(test.routesCalled()).containsExactly(Api.CONNECT, "join");
    }

    @Test
    @DisplayName("131: a route of 1 a second and 1 at once lets one of three messages through")
    void throttledRoute() {
        TestGateway throttled = new TestGateway(new TestApi()
                .settings(RouteSettings.NONE, Map.of("join", TestApi.throttled(1, 1.0)))
                .definition());
        Peer peer = throttled.accepted();

        for (int i = 0; i < 3; i++) {
            throttled.stage().message(peer, JOIN);
        }

        assertThat(throttled.routesCalled()).containsExactly(Api.CONNECT, "join");
        assertThat(throttledFrames(throttled)).isEqualTo("2 of 2");
        throttled.stage().message(peer, "{}");
        assertThat(throttled.routesCalled()).endsWith(Api.DEFAULT);
        throttled.clock.advance(Duration.ofMillis(999));
        throttled.stage().message(peer, JOIN);
        throttled.clock.advance(Duration.ofMillis(1));
        throttled.stage().message(peer, JOIN);
        assertThat(throttled.routesCalled()).containsExactly(Api.CONNECT, "join", Api.DEFAULT, "join");
    }

    @Test
    @DisplayName("132: a stage of rate 0 lets nobody in")
    void blockedStage() {
        TestGateway blocked = new TestGateway(
                new TestApi().settings(TestApi.throttled(null, 0.0), Map.of()).definition());

        Opening.Refused refused = blocked.refused();

        assertThat(refused.status()).isEqualTo(429);
        assertThat(TestGateway.body(refused)).isEqualTo("{\"message\":\"Too Many Requests\"}");
        assertThat(blocked.calls).isEmpty();
    }

    @Test
    @DisplayName("132: it does so without a $connect route too, and what a route says of itself counts first")
    void blockedStageAndItsRoutes() {
        TestGateway blocked = new TestGateway(new TestApi()
                .without(Api.CONNECT)
                .settings(TestApi.throttled(0, null), Map.of())
                .definition());
        assertThat(blocked.refused().status()).isEqualTo(429);

        TestGateway opened = new TestGateway(new TestApi()
                .settings(TestApi.throttled(0, 0.0), Map.of(Api.CONNECT, TestApi.throttled(10, 10.0)))
                .definition());
        Peer peer = opened.accepted();
        opened.stage().message(peer, JOIN);
        assertThat(opened.routesCalled()).containsExactly(Api.CONNECT);
    }

    @Test
    @DisplayName("all APIs and callbacks together may be limited")
    void allEvents() {
        TestGateway limited = new TestGateway(
                new TestApi().definition(),
                GatewaySettings.DEFAULTS.with(TestLimits.events(new GatewaySettings.Rate(1.0, 3))));
        Peer peer = limited.accepted();
        limited.stage().message(peer, JOIN);

        assertThat(limited.stage().takeCallback()).isTrue();
        assertThat(limited.stage().takeCallback()).isFalse();
        limited.stage().message(peer, JOIN);
        assertThat(throttledFrames(limited)).isEqualTo("1 of 1");
        assertThat(limited.refused().status()).isEqualTo(429);
    }

    @Test
    @DisplayName("135: a domain with a key leads to its stage, events name both")
    void mappings() {
        TestGateway mapped = new TestGateway(new TestApi()
                .stage("prod", Map.of(), RouteSettings.NONE, Map.of(), null)
                .mapping("d.example", "v1", "prod")
                .mapping("d.example", "v1/next", "dev")
                .mapping("*.w.example", "", "dev")
                .mapping("x.w.example", "", "prod")
                .definition());

        GatewayStage stage = mapped.gateway.stageAt("D.example:443", List.of("v1"));
        assertThat(stage).isNotNull();
        assertThat(stage.name()).isEqualTo("prod");
        var opening = stage.connect(
                        "c",
                        new io.topicstream.gateway.exchange.Handshake(
                                "/v1", "", List.of(), Map.of(), "d.example", "192.0.2.1"))
                .toCompletableFuture()
                .join();
        assertThat(((Opening.Accepted) opening).peer().domainName()).isEqualTo("d.example");
        assertThat(mapped.calls.getFirst().stage().name()).isEqualTo("prod");

        assertThat(name(mapped, "d.example", "v1", "")).isEqualTo("prod");
        assertThat(name(mapped, "d.example", "v1", "next")).isEqualTo("dev");
        assertThat(name(mapped, "d.example")).isNull();
        assertThat(name(mapped, "d.example", "prod")).isNull();
        assertThat(name(mapped, "d.example", "v1", "other")).isNull();
        assertThat(name(mapped, "a.w.example")).isEqualTo("dev");
        assertThat(name(mapped, "x.w.example")).isEqualTo("prod");
        assertThat(name(mapped, "a.b.w.example", "dev")).isEqualTo("dev");
    }

    private static String name(TestGateway gateway, String host, String... segments) {
        GatewayStage stage = gateway.gateway.stageAt(host, List.of(segments));
        return stage == null ? null : stage.name();
    }

    @Test
    @DisplayName("136: an API without its default endpoint is reached by its domains only")
    void disabledEndpoint() {
        TestGateway disabled = new TestGateway(
                new TestApi().withoutEndpoint().mapping("d.example", "", "dev").definition());

        assertThat(name(disabled, TestApi.HOST, "dev")).isNull();
        assertThat(name(disabled, "localhost:8080", "dev")).isNull();
        assertThat(name(disabled, "d.example")).isEqualTo("dev");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                TestApi.HOST,
                "ABCDEF1234.Execute-Api.us-east-1.amazonaws.com:443",
                "abcdef1234.execute-api.eu-west-1.amazonaws.com.",
                "abcdef1234.localhost:8080",
                "localhost",
                "127.0.0.1:8080",
                "[::1]:8080"
            })
    @DisplayName("the hosts of an API, and hosts that mean no API in particular")
    void hosts(String host) {
        assertThat(name(test, host, "dev")).isEqualTo("dev");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zzzzzzzzzz.execute-api.us-east-1.amazonaws.com",
                "localhost/evil",
                "user@localhost",
                "localhost:8080@evil.example",
                "localhost:",
                "a b",
                "a\r\nb",
                "::1"
            })
    @DisplayName("the hosts of others, and what cannot be a host: handlers build addresses of it")
    void otherHosts(String host) {
        boolean emptyPort = host.endsWith(":");

        assertThat(name(test, host, "dev")).isEqualTo(emptyPort ? "dev" : null);
    }

    @Test
    @DisplayName("a request may name no host")
    void noHost() {
        assertThat(test.gateway.stageAt(null, List.of("dev"))).isSameAs(test.stage());
    }

    @Test
    @DisplayName("a stage that several APIs have is found under their own hosts only")
    void severalApis() {
        Api one = new TestApi().api();
        Api two = new TestApi()
                .id("zzzzzzzzzz")
                .stage("only", Map.of(), RouteSettings.NONE, Map.of(), null)
                .api();
        TestGateway several = new TestGateway(new TestApi().definition(one, two));

        assertThat(name(several, "localhost", "dev")).isNull();
        assertThat(name(several, "localhost", "only")).isEqualTo("only");
        GatewayStage stage = several.gateway.stageAt("zzzzzzzzzz.localhost", List.of("dev"));
        assertThat(stage).isNotNull();
        assertThat(stage.apiId()).isEqualTo("zzzzzzzzzz");
        assertThat(several.stage().apiId()).isEqualTo(TestApi.ID);
    }
}
