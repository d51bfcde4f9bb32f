package io.topicstream.gateway.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.expression.Events;
import io.topicstream.gateway.integration.Answer.Failure;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Integration.ContentHandling;
import io.topicstream.gateway.model.Integration.Passthrough;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestMappingTest {
    private static final RequestMapping MAPPING = new RequestMapping(new Templates(MappingLimits.DEFAULT));

    private static Integration integration(
            Integration.Type type,
            Map<String, String> parameters,
            Map<String, String> templates,
            @Nullable String expression,
            Passthrough passthrough,
            ContentHandling handling) {
        return new Integration(
                type,
                "http://backend.example/",
                "POST",
                handling,
                passthrough,
                parameters,
                templates,
                expression,
                29_000,
                Map.of(),
                null);
    }

    private static Integration parameters(Integration.Type type, Map<String, String> parameters) {
        return integration(type, parameters, Map.of(), null, Passthrough.WHEN_NO_MATCH, ContentHandling.NONE);
    }

    private static Integration templates(Map<String, String> templates, @Nullable String expression, Passthrough by) {
        return integration(Integration.Type.HTTP, Map.of(), templates, expression, by, ContentHandling.NONE);
    }

    private static Mapped.Request map(GatewayEvent event, Integration integration) {
        return (Mapped.Request) MAPPING.map(event, integration);
    }

    private static String body(GatewayEvent event, Integration integration) {
        return new String(map(event, integration).body(), UTF_8);
    }

    private static Failure refused(GatewayEvent event, Integration integration) {
        return ((Mapped.Refused) MAPPING.map(event, integration)).why().why();
    }

    @ParameterizedTest
    @DisplayName("80: a proxy gets exactly the message")
    @ValueSource(strings = {"hello", "", "{ \"a\" : 1.10 }", "ä€😀\u0000"})
    void proxyBody(String text) {
        Integration proxy = integration(
                Integration.Type.HTTP_PROXY,
                Map.of(),
                Map.of("$default", "no"),
                null,
                Passthrough.NEVER,
                ContentHandling.NONE);

        assertThat(map(Events.message(text), proxy).body()).isEqualTo(text.getBytes(UTF_8));
        assertThat(map(Events.connect(), proxy).body()).isEmpty();
    }

    @Test
    @DisplayName("81: without a mapping there are no parameters")
    void noParameters() {
        Mapped.Request request = map(Events.message("x"), parameters(Integration.Type.HTTP_PROXY, Map.of()));

        assertThat(request.headers()).isEmpty();
        assertThat(request.query()).isEmpty();
        assertThat(request.path()).isEmpty();
    }

    @Test
    @DisplayName("82: a mapped connectionId is there in all three kinds of events")
    void connectionId() {
        Integration proxy = parameters(
                Integration.Type.HTTP_PROXY, Map.of("integration.request.header.ConnectionId", "context.connectionId"));

        for (GatewayEvent event : List.of(Events.connect(), Events.message("x"), Events.disconnect())) {
            assertThat(map(event, proxy).headers()).isEqualTo(Map.of("ConnectionId", List.of("gbgHN0-zjQAYKEjhgA==")));
        }
    }

    @ParameterizedTest
    @DisplayName("83, 84: each source brings its value")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'static'|static",
                "''|``",
                "stageVariables.x|of the stage",
                "context.authorizer.k|value",
                "context.identity.sourceIp|192.0.2.7",
                "context.connectedAt|1700000000123",
                "route.request.querystring.authToken|new",
                "route.request.header.X-TAG|two"
            })
    void sourcesOnConnect(String source, String value) {
        Integration integration = parameters(Integration.Type.HTTP, Map.of("integration.request.header.H", source));

        assertThat(map(Events.connect(), integration).headers()).isEqualTo(Map.of("H", List.of(value)));
    }

    @Test
    @DisplayName("84: values of the body, of any kind")
    void sourcesOfTheBody() {
        GatewayEvent event = Events.message("{\"a\":{\"b\":\"text\",\"n\":7,\"o\":{\"p\":[1]}}}");
        Integration integration = parameters(
                Integration.Type.HTTP,
                Map.of(
                        "integration.request.querystring.b", "route.request.body.a.b",
                        "integration.request.querystring.n", "route.request.body.a.n",
                        "integration.request.querystring.o", "route.request.body.a.o",
                        "integration.request.querystring.first", "route.request.body.a.o.p[0]",
                        "integration.request.querystring.none", "route.request.body.none",
                        "integration.request.path.id", "route.request.body.a.b"));

        assertThat(map(event, integration).query())
                .isEqualTo(Map.of(
                        "b", List.of("text"), "n", List.of("7"), "o", List.of("{\"p\":[1]}"), "first", List.of("1")));
        assertThat(map(event, integration).path()).isEqualTo(Map.of("id", "text"));
    }

    @Test
    void allValuesAreThereWhereAllAreAskedFor() {
        Integration integration = parameters(
                Integration.Type.HTTP,
                Map.of(
                        "integration.request.querystring.t", "route.request.multivaluequerystring.authToken",
                        "integration.request.header.t", "route.request.multivalueheader.x-tag"));

        assertThat(map(Events.connect(), integration).query()).isEqualTo(Map.of("t", List.of("old", "new")));
        assertThat(map(Events.connect(), integration).headers()).isEqualTo(Map.of("t", List.of("one", "two")));
        assertThat(map(Events.message("{}"), integration).query()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "integration.request.header.h|{\"v\":\"a\\r\\nX-Forged: 1\"}",
                "integration.request.header.h|{\"v\":\"a\\u0000\"}",
                "integration.request.path.p|{\"v\":\"a\\nb\"}",
                "integration.request.path.p|{\"v\":\"..\"}",
                "integration.request.path.p|{\"v\":\".\"}"
            })
    void aValueThatCouldForgeTheRequestIsRefused(String target, String text) {
        Integration integration = parameters(Integration.Type.HTTP_PROXY, Map.of(target, "route.request.body.v"));

        assertThat(refused(Events.message(text), integration)).isEqualTo(Failure.INTERNAL);
        assertThat(map(Events.message("{\"v\":\"a..b\"}"), integration)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "integration.request.header.a b|'x'",
                "integration.request.body|'x'",
                "integration.request.header.|'x'",
                "header.a|'x'",
                "integration.request.header.a|route.request.cookie.x",
                "integration.request.header.a|'x",
                "integration.request.header.a|context.",
                "integration.request.header.a|stageVariables.a b",
                "integration.request.header.a|integration.response.header.x",
                "integration.request.header.a|route.request.body.a["
            })
    void whatIsNoMappingIsRefusedBeforeTheFirstEvent(String target, String source) {
        assertThatThrownBy(() -> MAPPING.prepare(parameters(Integration.Type.HTTP, Map.of(target, source))))
                .isInstanceOf(MappingException.class)
                .satisfies(e ->
                        assertThat(((MappingException) e).place()).isEqualTo("RequestParameters['" + target + "']"));
    }

    @ParameterizedTest
    @DisplayName("87: the expression selects a template, else $default")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"{\"kind\":\"a\"}|A", "{\"kind\":\"zzz\"}|D", "{}|D", "hello|D"})
    void selection(String text, String expected) {
        Integration integration =
                templates(Map.of("a", "A", "$default", "D"), "${request.body.kind}", Passthrough.NEVER);

        assertThat(body(Events.message(text), integration)).isEqualTo(expected);
    }

    @Test
    @DisplayName("87: the usual pair, and the template of those who say nothing")
    void usualTemplates() {
        assertThat(body(Events.message("x"), templates(Map.of("$default", "D"), "\\$default", Passthrough.NEVER)))
                .isEqualTo("D");
        assertThat(body(
                        Events.message("x"),
                        templates(Map.of("application/json", "J", "$default", "D"), null, Passthrough.NEVER)))
                .isEqualTo("J");
        assertThat(body(Events.connect(), templates(Map.of("200", "{\"statusCode\":200}"), "200", Passthrough.NEVER)))
                .isEqualTo("{\"statusCode\":200}");
    }

    @Test
    @DisplayName("88: WHEN_NO_MATCH passes the body where no template matches")
    void whenNoMatch() {
        assertThat(body(Events.message(" x "), templates(Map.of(), null, Passthrough.WHEN_NO_MATCH)))
                .isEqualTo(" x ");
        assertThat(body(Events.message(" x "), templates(Map.of("a", "A"), "b", Passthrough.WHEN_NO_MATCH)))
                .isEqualTo(" x ");
    }

    @Test
    @DisplayName("89: NEVER, and WHEN_NO_TEMPLATES where there are some, refuse")
    void never() {
        assertThat(refused(Events.message("x"), templates(Map.of(), null, Passthrough.NEVER)))
                .isEqualTo(Failure.UNSUPPORTED_MEDIA_TYPE);
        assertThat(refused(Events.message("x"), templates(Map.of("a", "A"), "b", Passthrough.WHEN_NO_TEMPLATES)))
                .isEqualTo(Failure.UNSUPPORTED_MEDIA_TYPE);
        assertThat(body(Events.message("x"), templates(Map.of(), "b", Passthrough.WHEN_NO_TEMPLATES)))
                .isEqualTo("x");
    }

    @ParameterizedTest
    @DisplayName("92: CONVERT_TO_BINARY decodes base64")
    @EnumSource(
            value = Integration.Type.class,
            names = {"HTTP", "HTTP_PROXY"})
    void toBinary(Integration.Type type) {
        Integration integration = integration(
                type, Map.of(), Map.of(), null, Passthrough.WHEN_NO_MATCH, ContentHandling.CONVERT_TO_BINARY);

        assertThat(map(Events.message("AP+A\n"), integration).body()).containsExactly(0x00, 0xff, 0x80);
        assertThat(map(Events.connect(), integration).body()).isEmpty();
        assertThat(refused(Events.message("not base64"), integration)).isEqualTo(Failure.INTERNAL);
    }

    @Test
    void aTextStaysATextWhereTextIsAskedFor() {
        Integration integration = integration(
                Integration.Type.HTTP,
                Map.of(),
                Map.of(),
                null,
                Passthrough.WHEN_NO_MATCH,
                ContentHandling.CONVERT_TO_TEXT);

        assertThat(body(Events.message("hello"), integration)).isEqualTo("hello");
    }

    @Test
    void aTemplateThatFailsFailsItsRequestOnly() {
        Integration integration =
                templates(Map.of("$default", "$util.parseJson($input.path('$.v'))"), null, Passthrough.NEVER);

        assertThat(refused(Events.message("{\"v\":\"{\"}"), integration)).isEqualTo(Failure.INTERNAL);
        assertThat(body(Events.message("{\"v\":\"[1]\"}"), integration)).isEqualTo("[1]");
    }

    @Test
    void badTemplatesAndExpressionsAreRefusedBeforeTheFirstEvent() {
        assertThatThrownBy(() -> MAPPING.prepare(templates(Map.of("k", "#if("), null, Passthrough.NEVER)))
                .isInstanceOf(MappingException.class)
                .satisfies(e -> assertThat(((MappingException) e).place()).startsWith("RequestTemplates['k'], line 1"));
        assertThatThrownBy(() -> MAPPING.prepare(templates(Map.of(), "$request.header.x", Passthrough.NEVER)))
                .isInstanceOf(MappingException.class)
                .satisfies(e ->
                        assertThat(((MappingException) e).place()).isEqualTo("RequestTemplateSelectionExpression"));
    }
}
