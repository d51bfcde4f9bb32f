package io.topicstream.gateway.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "hello", "{", "{\"a\":1}x", "{'a':1}", "[1,]", "01", "{\"a\"}", "1 2", "NaN", "\"\n\""})
    void whatIsNotOneValueIsNotJson(String text) {
        JsonBody body = JsonBody.of(text);

        assertThat(body.isJson()).isFalse();
        assertThat(body.value()).isNull();
        assertThat(body.text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "null", "true", "1", "\"hello\"", " {\"a\" : [ 1 ] } "})
    void eachKindOfValueIsJson(String text) {
        assertThat(JsonBody.of(text).isJson()).isTrue();
    }

    @Test
    void numbersKeepTheFormThatApiGatewayWrites() {
        Object value = JsonBody.of("[1,2147483648,9223372036854775808,1.10,1e3,0.1234567890123456789]")
                .value();

        assertThat(value)
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .containsExactly(
                        1,
                        2_147_483_648L,
                        new BigInteger("9223372036854775808"),
                        1.1,
                        1000.0,
                        new BigDecimal("0.1234567890123456789"));
        assertThat(JsonText.json(value))
                .isEqualTo("[1,2147483648,9223372036854775808,1.1,1000.0,0.1234567890123456789]");
    }

    @Test
    void ofMembersWithOneNameTheLastCountsInTheFirstOnesPlace() {
        JsonBody body = JsonBody.of("{\"a\":1,\"b\":2,\"a\":3}");

        assertThat(JsonText.json(body.value())).isEqualTo("{\"a\":3,\"b\":2}");
    }

    @Test
    void fourHundredLevelsAreReadAndNoMore() {
        assertThat(JsonBody.of("[".repeat(400) + "]".repeat(400)).isJson()).isTrue();
        assertThat(JsonBody.of("[".repeat(401) + "]".repeat(401)).isJson()).isFalse();
        assertThat(JsonBody.of("[".repeat(100_000)).isJson()).isFalse();
    }

    @Test
    void aNumberOfAThousandDigitsIsReadAndNoLongerOne() {
        assertThat(JsonBody.of("1".repeat(1_000)).isJson()).isTrue();
        assertThat(JsonBody.of("1".repeat(1_001)).isJson()).isFalse();
    }

    @Test
    void aNumberThatWouldHaveTooManyDigitsIsNotJson() {
        assertThat(JsonBody.of("1e2000").value()).isEqualTo(new BigDecimal("1e2000"));
        for (String number : new String[] {
            "1e2001",
            "1e999999999",
            "1e99999999999999999999",
            "0.1234567890123456789e-999999999",
            "1234567890123456789e-2001"
        }) {
            assertThat(JsonBody.of(number).isJson()).isFalse();
        }
        assertThat(JsonBody.of("1e-999999").value()).isEqualTo(0.0);
    }

    @Test
    void whatIsReadIsWrittenAsTheSameJson() {
        String text = "{\"a\":\"\\\"\\\\\\n\\r\\t\\b\\f\\u0001é/€😀\",\"b\":[null,true,false,{}],\"c\":{\"d\":[]}}";

        assertThat(JsonText.json(JsonBody.of(text).value())).isEqualTo(text);
    }

    @Test
    void bodiesAreAlikeByTheirText() {
        assertThat(JsonBody.of("{}")).isEqualTo(JsonBody.of("{}")).isNotEqualTo(JsonBody.of("{} "));
        assertThat(JsonBody.of(null)).isSameAs(JsonBody.NONE);
        assertThat(JsonBody.of("{}").isObject()).isTrue();
        assertThat(JsonBody.of("[]").isObject()).isFalse();
        assertThat(JsonBody.of("{\"a\":1}").value()).isEqualTo(Map.of("a", 1));
    }
}
