package io.topicstream.gateway.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.expression.Events;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.Answer.Failure;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Integration.ContentHandling;
import io.topicstream.gateway.model.Integration.Passthrough;
import io.topicstream.gateway.model.IntegrationResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseMappingTest {
    private static final ResponseMapping MAPPING = new ResponseMapping(new Templates(MappingLimits.DEFAULT));
    private static final GatewayEvent MESSAGE = Events.message("{\"kind\":\"k\"}");

    private static IntegrationResponse response(
            String key, Map<String, String> templates, @Nullable String expression) {
        return new IntegrationResponse(key, ContentHandling.NONE, Map.of(), templates, expression);
    }

    private static IntegrationResponse fixed(String key, String text) {
        return response(key, Map.of("$default", text), "\\$default");
    }

    private static Integration integration(IntegrationResponse... responses) {
        return new Integration(
                Integration.Type.HTTP,
                "http://backend.example/",
                "POST",
                ContentHandling.NONE,
                Passthrough.WHEN_NO_MATCH,
                Map.of(),
                Map.of(),
                null,
                29_000,
                Arrays.stream(responses).collect(Collectors.toMap(IntegrationResponse::key, Function.identity())),
                null);
    }

    private static Answer.Given given(
            GatewayEvent event, Integration integration, String selector, int status, String body) {
        return (Answer.Given) MAPPING.map(
                event, integration, selector, status, Map.of("X-A", List.of("1", "2")), body.getBytes(UTF_8));
    }

    private static String text(GatewayEvent event, Integration integration, String selector, int status, String body) {
        byte[] bytes = given(event, integration, selector, status, body).body();
        return bytes == null ? "(none)" : new String(bytes, UTF_8);
    }

    private static Failure failure(Integration integration, String selector, String body) {
        return ((Answer.Failed) MAPPING.map(MESSAGE, integration, selector, 200, Map.of(), body.getBytes(UTF_8))).why();
    }

    @ParameterizedTest
    @DisplayName("85: the status selects by /regex/ keys, else $default")
    @CsvSource({"404,not found", "499,not found", "200,fine", "500,fine", "4040,fine", "302,moved"})
    void statusSelects(String status, String expected) {
        Integration integration =
                integration(fixed("/4\\d\\d/", "not found"), fixed("$default", "fine"), fixed("302", "moved"));

        assertThat(text(MESSAGE, integration, status, 200, "body")).isEqualTo(expected);
    }

    @Test
    @DisplayName("85: a function's error message selects, and who did not fail is the default's")
    void errorMessageSelects() {
        Integration integration =
                integration(fixed("/.*Bad.*/", "bad"), fixed("/.*/", "any"), fixed("$default", "fine"));

        assertThat(text(MESSAGE, integration, "It is Bad indeed", 200, "{}")).isEqualTo("any");
        assertThat(text(MESSAGE, integration, "", 200, "{}")).isEqualTo("fine");
        Integration one = integration(fixed("/.*Bad.*/", "bad"), fixed("$default", "fine"));
        assertThat(text(MESSAGE, one, "It is Bad indeed", 200, "{}")).isEqualTo("bad");
        assertThat(text(MESSAGE, one, "Other", 200, "{}")).isEqualTo("fine");
    }

    @Test
    @DisplayName("86: without a matching response and without $default it is an internal error")
    void noResponse() {
        assertThat(failure(integration(), "200", "x")).isEqualTo(Failure.INTERNAL);
        assertThat(failure(integration(fixed("/4\\d\\d/", "x")), "200", "x")).isEqualTo(Failure.INTERNAL);
    }

    @Test
    void aPatternThatNeverEndsFailsTheAnswer() {
        Integration integration = integration(fixed("/(a|aa)+\\1/", "x"), fixed("$default", "fine"));

        assertThat(failure(integration, "a".repeat(60) + "!", "x")).isEqualTo(Failure.INTERNAL);
        assertThat(text(MESSAGE, integration, "b", 200, "x")).isEqualTo("fine");
    }

    @Test
    void theTemplateSeesTheAnswer() {
        Integration integration =
                integration(fixed("$default", "{\"n\":$input.json('$.n'),\"to\":\"$context.connectionId\"}"));

        Answer.Given answer = given(MESSAGE, integration, "200", 200, "{\"n\":[1]}");

        assertThat(new String(answer.body(), UTF_8)).isEqualTo("{\"n\":[1],\"to\":\"gbgHN0-zjQAYKEjhgA==\"}");
        assertThat(answer.contentType()).isEqualTo("application/json");
        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void whatSelectsTheTemplateIsOfTheAnswerOrOfTheMessage() {
        Map<String, String> templates = Map.of("k-404", "both", "2", "header", "$default", "default");

        assertThat(text(
                        MESSAGE,
                        integration(response(
                                "$default", templates, "${request.body.kind}-${integration.response.statuscode}")),
                        "404",
                        404,
                        "x"))
                .isEqualTo("both");
        assertThat(text(
                        MESSAGE,
                        integration(response("$default", templates, "${integration.response.header.x-a}")),
                        "404",
                        404,
                        "x"))
                .isEqualTo("header");
        assertThat(text(MESSAGE, integration(response("$default", templates, "zzz")), "404", 404, "x"))
                .isEqualTo("default");
    }

    @Test
    @DisplayName("85: without a template the body stays as it came")
    void noTemplate() {
        Integration integration = integration(response("$default", Map.of(), null));

        assertThat(text(MESSAGE, integration, "200", 200, " { } ")).isEqualTo(" { } ");
        assertThat(text(MESSAGE, integration, "200", 200, "")).isEqualTo("(none)");
        byte[] bytes = {0, (byte) 0xff};
        assertThat(((Answer.Given) MAPPING.map(MESSAGE, integration, "200", 200, Map.of(), bytes)).body())
                .isEqualTo(bytes)
                .isNotSameAs(bytes);
    }

    @Test
    @DisplayName("93: of a handshake, statusCode in the mapped body is the status")
    void handshakeStatus() {
        assertThat(given(Events.connect(), integration(fixed("$default", "{\"statusCode\":200}")), "", 500, "x")
                        .status())
                .isEqualTo(200);
        assertThat(given(Events.connect(), integration(fixed("$default", "{\"statusCode\":403}")), "", 200, "x")
                        .status())
                .isEqualTo(403);
        assertThat(given(Events.connect(), integration(fixed("$default", "{}")), "", 404, "x")
                        .status())
                .isEqualTo(404);
        assertThat(given(Events.connect(), integration(fixed("$default", "{\"statusCode\":99}")), "", 200, "x")
                        .status())
                .isEqualTo(200);
        assertThat(given(MESSAGE, integration(fixed("$default", "{\"statusCode\":403}")), "", 200, "x")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void parametersOfTheAnswerAreMapped() {
        Integration integration = integration(new IntegrationResponse(
                "$default",
                ContentHandling.NONE,
                Map.of(
                        "method.response.header.Sec-WebSocket-Protocol", "integration.response.header.x-a",
                        "method.response.header.All", "integration.response.multivalueheader.x-a",
                        "method.response.header.Of-Body", "integration.response.body.p.q",
                        "method.response.header.Static", "'s'",
                        "method.response.header.None", "integration.response.header.none"),
                Map.of(),
                null));

        assertThat(given(Events.connect(), integration, "200", 200, "{\"p\":{\"q\":\"chat\"}}")
                        .headers())
                .isEqualTo(Map.of(
                        "Sec-WebSocket-Protocol", List.of("2"),
                        "All", List.of("1", "2"),
                        "Of-Body", List.of("chat"),
                        "Static", List.of("s")));
        assertThat(failure(integration, "200", "{\"p\":{\"q\":\"a\\r\\nb\"}}")).isEqualTo(Failure.INTERNAL);
    }

    @Test
    void bytesBecomeBase64AndBack() {
        Integration toText = integration(
                new IntegrationResponse("$default", ContentHandling.CONVERT_TO_TEXT, Map.of(), Map.of(), null));
        Integration toBinary = integration(
                new IntegrationResponse("$default", ContentHandling.CONVERT_TO_BINARY, Map.of(), Map.of(), null));
        byte[] bytes = {0x00, (byte) 0xff, (byte) 0x80};

        assertThat(((Answer.Given) MAPPING.map(MESSAGE, toText, "200", 200, Map.of(), bytes)).body())
                .isEqualTo("AP+A".getBytes(UTF_8));
        assertThat(given(MESSAGE, toBinary, "200", 200, "AP+A").body()).isEqualTo(bytes);
        assertThat(failure(toBinary, "200", "***")).isEqualTo(Failure.INTERNAL);
    }

    @Test
    void whatIsNoPatternIsRefusedBeforeTheFirstEvent() {
        assertThatThrownBy(() -> MAPPING.prepare(integration(fixed("/(/", "x"))))
                .isInstanceOf(MappingException.class)
                .satisfies(e -> assertThat(((MappingException) e).place()).contains("/(/"));
        assertThatThrownBy(() -> MAPPING.prepare(integration(fixed("$default", "#parse('x')"))))
                .satisfies(e -> assertThat(((MappingException) e).place())
                        .isEqualTo("IntegrationResponse '$default': ResponseTemplates['$default'], line 1, column 1"));
    }

    @Test
    void aTemplateThatFailsFailsTheAnswer() {
        assertThat(failure(integration(fixed("$default", "$util.urlDecode('%')")), "200", "x"))
                .isEqualTo(Failure.INTERNAL);
    }
}
