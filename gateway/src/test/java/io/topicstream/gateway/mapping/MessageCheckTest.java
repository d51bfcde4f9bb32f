package io.topicstream.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.gateway.expression.Events;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Model;
import io.topicstream.gateway.model.Route;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageCheckTest {
    private static final String JOIN = """
            {"$schema":"http://json-schema.org/draft-04/schema#","title":"Join","type":"object",
             "required":["action","room"],
             "properties":{"action":{"enum":["join"]},"room":{"type":"string","minLength":2,"maxLength":4},
                           "n":{"type":"integer","minimum":0,"exclusiveMinimum":true}}}
            """;

    private static MessageCheck check(
            @Nullable String expression, Map<String, String> requestModels, Map<String, String> models) {
        Map<String, Model> made = new LinkedHashMap<>();
        models.forEach((name, schema) -> made.put(name, new Model(name, "application/json", schema)));
        Api api = Events.api(made, Map.of());
        return MessageCheck.of(
                api,
                new Route("join", null, new Authorization.Open(), false, expression, requestModels, Map.of(), false));
    }

    private static MessageCheck one(String schema) {
        return check("\\$default", Map.of("$default", "M"), Map.of("M", schema));
    }

    private static @Nullable String problem(MessageCheck check, String text) {
        return check.problem(JsonBody.of(text));
    }

    @ParameterizedTest
    @DisplayName("67: a body that is as its model says passes")
    @ValueSource(
            strings = {
                "{\"action\":\"join\",\"room\":\"ab\"}",
                "{\"action\":\"join\",\"room\":\"abcd\",\"n\":1,\"more\":[]}"
            })
    void good(String text) {
        assertThat(problem(one(JOIN), text)).isNull();
    }

    @ParameterizedTest
    @DisplayName("67: a body that is not does not")
    @ValueSource(
            strings = {
                "{\"action\":\"join\"}",
                "{\"action\":\"leave\",\"room\":\"ab\"}",
                "{\"action\":\"join\",\"room\":\"a\"}",
                "{\"action\":\"join\",\"room\":\"abcde\"}",
                "{\"action\":\"join\",\"room\":\"ab\",\"n\":0}",
                "{\"action\":\"join\",\"room\":\"ab\",\"n\":1.5}",
                "[]",
                "\"join\"",
                "hello",
                ""
            })
    void bad(String text) {
        assertThat(problem(one(JOIN), text)).isNotNull();
    }

    @Test
    @DisplayName("68: where no model is selected and there is no $default, the check fails")
    void noModel() {
        MessageCheck check = check("$request.body.kind", Map.of("a", "M"), Map.of("M", "{\"required\":[\"x\"]}"));

        assertThat(problem(check, "{\"kind\":\"a\",\"x\":1}")).isNull();
        assertThat(problem(check, "{\"kind\":\"a\"}")).isNotNull();
        assertThat(problem(check, "{\"kind\":\"b\",\"x\":1}")).isNotNull();
        assertThat(problem(check, "{}")).isNotNull();
    }

    @Test
    @DisplayName("68: $default is for those who select no other")
    void defaultModel() {
        MessageCheck check = check(
                "$request.body.kind",
                Map.of("a", "A", "$default", "D"),
                Map.of("A", "{\"required\":[\"x\"]}", "D", "{\"required\":[\"y\"]}"));

        assertThat(problem(check, "{\"kind\":\"b\",\"y\":1}")).isNull();
        assertThat(problem(check, "{\"kind\":\"a\",\"y\":1}")).isNotNull();
    }

    @Test
    void aRouteWithoutExpressionLetsAllPass() {
        assertThat(problem(check(null, Map.of("$default", "M"), Map.of("M", JOIN)), "hello"))
                .isNull();
    }

    @Test
    void modelsReferToEachOther() {
        String base = "https://apigateway.amazonaws.com/restapis/a1b2c3d4e5/models/";
        MessageCheck check = check(
                "$default",
                Map.of("$default", "Outer"),
                Map.of(
                        "Outer",
                        "{\"properties\":{\"inner\":{\"$ref\":\"" + base + "Inner\"}," + "\"deep\":{\"$ref\":\"" + base
                                + "Inner#/definitions/d\"}}}",
                        "Inner",
                        "{\"type\":\"object\",\"required\":[\"id\"],\"definitions\":{\"d\":{\"type\":\"string\"}}}"));

        assertThat(problem(check, "{\"inner\":{\"id\":1},\"deep\":\"x\"}")).isNull();
        assertThat(problem(check, "{\"inner\":{}}")).isNotNull();
        assertThat(problem(check, "{\"deep\":1}")).isNotNull();
    }

    @Test
    void aModelMayContainItself() {
        MessageCheck check =
                one("{\"type\":\"object\",\"required\":[\"v\"],\"properties\":{\"next\":{\"$ref\":\"#\"}}}");

        assertThat(problem(check, "{\"v\":1,\"next\":{\"v\":2,\"next\":{\"v\":3}}}"))
                .isNull();
        assertThat(problem(check, "{\"v\":1,\"next\":{\"v\":2,\"next\":{}}}")).isNotNull();
        String deep = "{\"v\":1,\"next\":".repeat(390) + "{\"v\":1}" + "}".repeat(390);
        assertThat(problem(check, deep)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "{\"type\":\"nope\",\"pattern\":\"(\"}",
                "{\"properties\":{\"a\":{\"pattern\":\"(\"}}}",
                "{\"$ref\":\"http://localhost:1/schema.json\"}",
                "{\"$ref\":\"file:///etc/passwd\"}",
                "{\"$ref\":\"classpath:/draft-04/schema\"}",
                "{\"properties\":{\"a\":{\"$ref\":\"https://apigateway.amazonaws.com/restapis/x/models/None\"}}}",
                "{\"$ref\":\"#/definitions/none\"}"
            })
    void whatIsNoSchemaIsRefusedBeforeTheFirstMessage(String schema) {
        assertThatThrownBy(() -> one(schema))
                .isInstanceOf(MappingException.class)
                .satisfies(e -> assertThat(((MappingException) e).place()).isEqualTo("Model 'M'"));
    }

    @Test
    void aModelThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> check("$default", Map.of("$default", "None"), Map.of()))
                .isInstanceOf(MappingException.class)
                .satisfies(e -> assertThat(((MappingException) e).place()).isEqualTo("RequestModels['$default']"));
    }

    @Test
    void aPatternThatNeverEndsFailsTheMessage() {
        MessageCheck check = one("{\"items\":{\"pattern\":\"^(a|aa)+\\\\1*$\"}}");

        assertThat(problem(check, "[\"aaaa\"]")).isNull();
        assertThat(problem(check, "[\"ab\"]")).isNotNull();
        assertThat(problem(check, "[\"" + "a".repeat(60) + "!\"]")).contains("too long");
        assertThat(problem(check, "[\"aaaa\"]")).isNull();
    }

    @Test
    void whatIsSaidOfAMessageHasABound() {
        assertThat(problem(one("{\"additionalProperties\":false}"), "{\"" + "x".repeat(100_000) + "\":1}"))
                .hasSizeLessThanOrEqualTo(1_024);
    }
}
