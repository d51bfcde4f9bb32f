package io.topicstream.gateway.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.expression.SelectionExpression.Returned;
import io.topicstream.gateway.expression.SelectionExpression.Use;
import io.topicstream.gateway.json.JsonBody;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectionExpressionTest {
    private static String route(String expression, String body) {
        return SelectionExpression.parse(expression, Use.ROUTE).evaluate(JsonBody.of(body));
    }

    @Test
    @DisplayName("52: $request.body.action selects by a member of the body")
    void aMemberOfTheBody() {
        assertThat(route("$request.body.action", "{\"action\":\"join\"}")).isEqualTo("join");
        assertThat(route("${request.body.action}", "{\"action\":\"join\"}")).isEqualTo("join");
    }

    @Test
    @DisplayName("53: several variables with text between them")
    void severalVariables() {
        String body = "{\"service\":\"chat\",\"action\":\"join\"}";

        assertThat(route("${request.body.service}/${request.body.action}", body))
                .isEqualTo("chat/join");
        assertThat(route("$request.body.service/$request.body.action", body)).isEqualTo("chat/join");
        assertThat(route("v1:${request.body.action}.", body)).isEqualTo("v1:join.");
    }

    @Test
    @DisplayName("54: a variable that stands for nothing is empty")
    void nothingIsEmpty() {
        assertThat(route("${request.body.action}-${request.body.none}", "{\"action\":\"join\"}"))
                .isEqualTo("join-");
    }

    @Test
    @DisplayName("55: a JSONPath follows request.body.")
    void aPath() {
        assertThat(route("$request.body.a.b", "{\"a\":{\"b\":\"join\"}}")).isEqualTo("join");
        assertThat(route("$request.body.a[1].b", "{\"a\":[0,{\"b\":\"join\"}]}"))
                .isEqualTo("join");
        assertThat(route("${request.body.a['b}']}", "{\"a\":{\"b}\":\"join\"}}"))
                .isEqualTo("join");
    }

    @ParameterizedTest
    @DisplayName("56: \\$default is $default whatever comes")
    @ValueSource(strings = {"{\"default\":\"x\"}", "hello", ""})
    void escapedDollar(String body) {
        assertThat(route("\\$default", body)).isEqualTo("$default");
        assertThat(route("$default", body)).isEqualTo("$default");
        assertThat(SelectionExpression.parse("\\$default", Use.ROUTE).constant())
                .isTrue();
        assertThat(SelectionExpression.parse("$request.body.a", Use.ROUTE).constant())
                .isFalse();
    }

    @Test
    void whatAVariableStandsForIsNotEvaluatedAgain() {
        assertThat(route("$request.body.a", "{\"a\":\"$request.body.b\",\"b\":\"no\"}"))
                .isEqualTo("$request.body.b");
        assertThat(route("\\${request.body.a}", "{\"a\":\"no\"}")).isEqualTo("${request.body.a}");
    }

    @ParameterizedTest
    @DisplayName("59, 60, 66: of what is no JSON object, every path is empty")
    @ValueSource(strings = {"hello", "", "[]", "[{\"action\":\"join\"}]", "\"join\"", "1", "null", "{\"action\":"})
    void noObject(String body) {
        assertThat(route("$request.body.action", body)).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("61, 62, 63: what is not a text is written as one")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1|1",
                "1.5|1.5",
                "true|true",
                "[\"a\",\"b\"]|[a, b]",
                "[]|[]",
                "[1,[\"a\"],{\"b\":2}]|[1, [a], {\"b\":2}]",
                "null|null",
                "{\"a\":\"b\"}|{\"a\":\"b\"}",
                "\"\"|``"
            })
    void otherValues(String value, String text) {
        assertThat(route("$request.body.action", "{\"action\":" + value + "}")).isEqualTo(text == null ? "" : text);
    }

    @Test
    @DisplayName("64: case counts")
    void caseCounts() {
        assertThat(route("$request.body.action", "{\"action\":\"JOIN\"}")).isEqualTo("JOIN");
        assertThat(route("$request.body.Action", "{\"action\":\"join\"}")).isEmpty();
    }

    @Test
    void aBareWordIsAConstant() {
        assertThat(route("join", "{}")).isEqualTo("join");
        assertThat(route("", "{}")).isEmpty();
        assertThat(route("a\\b", "{}")).isEqualTo("a\\b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$request.header.x",
                "$request.querystring.x",
                "$context.connectionId",
                "${request.body.a",
                "$",
                "${}",
                "$request.body.a[",
                "$integration.response.statuscode"
            })
    void variablesThatRoutesHaveNotAreRefusedWithTheExpression(String expression) {
        assertThatThrownBy(() -> SelectionExpression.parse(expression, Use.ROUTE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expression.replace("$request.body.a[", "$.a["));
    }

    @Test
    void templatesOfAnswersAreSelectedByTheAnswer() {
        GatewayEvent event = Events.message("{\"kind\":\"k\"}");
        Returned returned = new Returned(404, Map.of("X-Kind", List.of("a", "b")));

        assertThat(answer("${integration.response.statuscode}", event, returned))
                .isEqualTo("404");
        assertThat(answer("$integration.response.header.x-kind", event, returned))
                .isEqualTo("b");
        assertThat(answer("$integration.response.multivalueheader.X-Kind", event, returned))
                .isEqualTo("a,b");
        assertThat(answer("${integration.response.header.none}/${request.body.kind}", event, returned))
                .isEqualTo("/k");
    }

    private static String answer(String expression, GatewayEvent event, Returned returned) {
        return SelectionExpression.parse(expression, Use.RESPONSE_TEMPLATE).evaluate(event, returned);
    }

    @Test
    @DisplayName("46, 48: the API key comes from the header or from the authorizer")
    void apiKeys() {
        assertThat(SelectionExpression.parse("$request.header.x-api-key", Use.API_KEY)
                        .evaluate(Events.connect()))
                .isEqualTo("k-1");
        assertThat(SelectionExpression.parse("$context.authorizer.usageIdentifierKey", Use.API_KEY)
                        .evaluate(Events.connect()))
                .isEmpty();
        assertThatThrownBy(() -> SelectionExpression.parse("$request.header.other", Use.API_KEY))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
