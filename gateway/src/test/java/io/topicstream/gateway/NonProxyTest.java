package io.topicstream.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.backend.BackEndSettings;
import io.topicstream.gateway.backend.FunctionBackEnd;
import io.topicstream.gateway.backend.Integrations;
import io.topicstream.gateway.backend.MockBackEnd;
import io.topicstream.gateway.exchange.Opening;
import io.topicstream.gateway.integration.BackEnds;
import io.topicstream.gateway.lambda.Functions;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Route;
import io.topicstream.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What clients see of routes that are no proxies, from the message to the frame, all parts but the functions real.
class NonProxyTest {
    private final List<String> payloads = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();

    private GatewayStage stage(TestApi api) {
        Functions functions = new Functions() {
            @Override
            public CompletionStage<Invocation> invoke(String name, byte[] payload, Duration within) {
                payloads.add(new String(payload, UTF_8));
                return CompletableFuture.completedStage(new Invocation(null, "{\"a\":1}".getBytes(UTF_8)));
            }

            @Override
            public CompletionStage<Void> invokeLater(String name, byte[] payload) {
                throw new AssertionError("nobody asked for that");
            }
        };
        Gateway gateway = new Gateway(
                api.definition(),
                GatewaySettings.DEFAULTS,
                new Gateway.Ports(
                        new BackEnds(Map.of(
                                Integration.Type.AWS,
                                new FunctionBackEnd(functions, Integrations.MAPPINGS, BackEndSettings.DEFAULTS),
                                Integration.Type.MOCK,
                                new MockBackEnd(Integrations.MAPPINGS))),
                        functions,
                        null,
                        new ManualClock(),
                        new RequestIds(1),
                        (id, message) -> sent.add(new String(message, UTF_8)),
                        GatewayLog.ofSystem()));
        GatewayStage stage = gateway.stageAt("localhost", List.of("dev"));
        assertThat(stage).isNotNull();
        return stage;
    }

    private static Route route(String key, boolean twoWay, Integrations integration) {
        return new Route(key, integration.made(), new Authorization.Open(), false, null, Map.of(), Map.of(), twoWay);
    }

    private static Integrations function() {
        return Integrations.of(Integration.Type.AWS, TestApi.FUNCTION);
    }

    private static Integrations mock(String rendered) {
        return Integrations.of(Integration.Type.MOCK, "")
                .template("200", rendered)
                .select("200");
    }

    /// What a client gets for a message to the route `join`.
    private List<String> join(boolean twoWay, Integrations integration) {
        GatewayStage stage = stage(new TestApi().without(Api.CONNECT).route(route("join", twoWay, integration)));
        Opening opening = stage.connect("conn", TestGateway.handshake(Map.of()))
                .toCompletableFuture()
                .join();
        sent.clear();
        stage.message(((Opening.Accepted) opening).peer(), "{\"action\":\"join\"}")
                .toCompletableFuture()
                .join();
        return List.copyOf(sent);
    }

    @Test
    @DisplayName("86: without an integration response that fits, the client is told of an internal error")
    void noResponse() {
        assertThat(join(true, function().response("/denied/", Map.of())))
                .singleElement()
                .asString()
                .startsWith("{\"message\": \"Internal server error\", \"connectionId\":\"conn\", \"requestId\":\"");
        assertThat(payloads).hasSize(1);
    }

    @Test
    @DisplayName("89: with NEVER and no template the function is not called, and the client is told")
    void never() {
        assertThat(join(
                        true,
                        function().passthrough(Integration.Passthrough.NEVER).response("$default", Map.of())))
                .singleElement()
                .asString()
                .startsWith("{\"message\": \"Unsupported Media Type\", \"connectionId\":\"conn\", \"requestId\":\"");
        assertThat(payloads).isEmpty();
    }

    @Test
    @DisplayName("90: what the response template of a mock renders is sent on a two-way route")
    void mocks() {
        assertThat(join(
                        true,
                        mock("{\"statusCode\":200}")
                                .response("$default", Map.of("$default", "pong of $context.connectionId"))))
                .containsExactly("pong of conn");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"statusCode\":\"200\"}", "no JSON"})
    @DisplayName("91: a mock that renders no whole number as statusCode is an error frame")
    void mocksWithoutStatus(String rendered) {
        assertThat(join(true, mock(rendered).response("$default", Map.of("$default", "pong"))))
                .singleElement()
                .asString()
                .startsWith("{\"message\": \"Internal server error\", ");
    }

    @Test
    @DisplayName("93: an integration AWS of $connect lets in by its response template, and without one does not")
    void connect() {
        Integrations usual = function().template("$default", "{}").select("\\$default");
        GatewayStage stage = stage(new TestApi()
                .route(route(
                        Api.CONNECT, true, usual.response("$default", Map.of("$default", "{\"statusCode\":200}")))));
        assertThat(stage.connect("conn", TestGateway.handshake(Map.of())).toCompletableFuture())
                .isCompletedWithValueMatching(Opening.Accepted.class::isInstance);

        GatewayStage without = stage(new TestApi().route(route(Api.CONNECT, true, function())));
        assertThat(without.connect("conn", TestGateway.handshake(Map.of())).toCompletableFuture())
                .isCompletedWithValueMatching(
                        opening -> opening instanceof Opening.Refused refused && refused.status() == 500);
        assertThat(sent).isEmpty();
    }

    @Test
    @DisplayName("95: what a one-way route answers is not sent, whatever its integration responses make of it")
    void oneWay() {
        assertThat(join(false, function().response("$default", Map.of("$default", "made: $input.body"))))
                .isEmpty();
        assertThat(payloads).hasSize(1);
        assertThat(join(true, function().response("$default", Map.of("$default", "made: $input.body"))))
                .containsExactly("made: {\"a\":1}");
    }
}
