package io.topicstream.gateway.backend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpCallLimits;
import io.topicstream.gateway.http.HttpCaller;
import io.topicstream.gateway.http.HttpCalls;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.Answer.Failure;
import io.topicstream.gateway.integration.Events;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Integration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What requests have in common, and what they differ by.
public class HttpRequestsTest {
    private final Servers servers = new Servers();
    private final AtomicReference<String> uri = new AtomicReference<>();
    private final AtomicReference<String> text = new AtomicReference<>();
    private final AtomicReference<Headers> seen = new AtomicReference<>();
    private HttpCalls calls;
    private HttpBackEnd backEnd;

    /// Who calls.
    protected HttpCalls calls(CallBounds within) {
        return new HttpCaller(within);
    }

    @BeforeEach
    final void open() {
        calls = calls(new CallBounds(HttpCallLimits.DEFAULT));
        backEnd = new HttpBackEnd(calls, Integrations.MAPPINGS, BackEndSettings.DEFAULTS);
    }

    @AfterEach
    void close() {
        calls.close();
        servers.close();
    }

    /// A server that keeps what it got last.
    private String server() {
        return servers.http((exchange, body) -> {
            uri.set(exchange.getRequestURI().toString());
            text.set(new String(body, UTF_8));
            seen.set(exchange.getRequestHeaders());
            Servers.answer(exchange, 200, "");
        });
    }

    private Answer call(GatewayEvent event, Integration integration) {
        return Integrations.call(backEnd, event, integration);
    }

    @Test
    void whatIsMadeOnceForAnIntegrationIsOfOneApiAndStage() {
        Integration integration = Integrations.of(Integration.Type.HTTP_PROXY, server() + "/${stageVariables.where}")
                .made();
        for (String where : List.of("one", "two", "one")) {
            GatewayEvent event =
                    Events.message("chat", "{}", Map.of("where", where), Events.peer(null, Map.of(), Map.of()));
            for (String api : List.of("abc123", "other", "abc123")) {
                call(inApi(api, event), integration);

                assertThat(uri.get()).isEqualTo("/" + where);
                assertThat(seen.get().getFirst("x-amzn-apigateway-api-id")).isEqualTo(api);
                assertThat(seen.get().getFirst("User-Agent")).isEqualTo("AmazonAPIGateway_" + api);
            }
        }
    }

    @Test
    void mappedFieldsGoWithEachMessageAndTakeThePlaceOfOthers() {
        String url = server();
        for (String name : List.of("Mine", "accept", "USER-AGENT", "Connection")) {
            Integration integration = Integrations.of(Integration.Type.HTTP_PROXY, url)
                    .parameter("integration.request.header." + name, "route.request.body.value")
                    .parameter("integration.request.header.Other", "context.routeKey")
                    .made();
            for (String value : List.of("one", "two")) {
                call(Events.message("chat", "{\"value\":\"" + value + "\"}"), integration);

                assertThat(seen.get().get(name)).isEqualTo(name.equals("Connection") ? null : List.of(value));
                assertThat(seen.get().get("Other")).containsExactly("chat");
            }
            call(Events.message("chat", "{}"), integration);
            assertThat(seen.get().getFirst(name))
                    .isEqualTo(
                            switch (name) {
                                case "accept" -> "application/json";
                                case "USER-AGENT" -> "AmazonAPIGateway_abc123";
                                default -> null;
                            });
        }
    }

    @Test
    void aMappedFieldThatHttpCannotCarryIsAnInternalError() {
        Integration integration = Integrations.of(Integration.Type.HTTP_PROXY, server())
                .parameter("integration.request.header.Mine", "route.request.body.value")
                .made();

        assertThat(Integrations.failure(call(Events.message("chat", "{\"value\":\"€\"}"), integration)))
                .isEqualTo(Failure.INTERNAL);
        assertThat(seen.get()).isNull();
    }

    private static GatewayEvent inApi(String id, GatewayEvent event) {
        Api api = event.api();
        Api named = new Api(
                id,
                api.name(),
                api.routeSelectionExpression(),
                api.apiKeySelectionExpression(),
                api.defaultEndpointDisabled(),
                api.routes(),
                api.models(),
                api.stages(),
                api.mappings());
        return new GatewayEvent(
                named, event.stage(), event.routeKey(), event.peer(), event.requestId(), event.timeMs(), event.cause());
    }

    @Test
    void aMessageWithoutATextHasNoContentType() {
        Integration integration =
                Integrations.of(Integration.Type.HTTP_PROXY, server()).made();
        for (String said : List.of("{}", "", "{}")) {
            call(Events.message("chat", said), integration);

            assertThat(text.get()).isEqualTo(said);
            assertThat(seen.get().getFirst("Content-Type")).isEqualTo(said.isEmpty() ? null : "application/json");
        }
    }
}
