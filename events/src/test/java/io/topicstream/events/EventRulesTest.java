package io.topicstream.events;

import static java.util.Collections.nCopies;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rules and events of somebody who means no good: each is answered, and soon.
@Timeout(60)
class EventRulesTest {
    private static final String FIVE = "{\"a\":[\"x\"],\"b\":[\"x\"],\"c\":[\"x\"],\"d\":[\"x\"],\"e\":[\"y\"]}";

    private static EventRules rules(String... patterns) {
        return new EventRules(List.of(patterns));
    }

    private static String array(String element, int count) {
        return "[" + String.join(",", nCopies(count, element)) + "]";
    }

    private static String nested(String open, String inner, String close, int depth) {
        return open.repeat(depth) + inner + close.repeat(depth);
    }

    @Test
    void arraysThatMultiplyAreNotCompared() {
        String some = array("\"x\"", 100);
        String event = "{\"a\":" + some + ",\"b\":" + some + ",\"c\":" + some + ",\"d\":" + some + ",\"e\":\"z\"}";

        assertThat(event).hasSizeLessThan(2_000);
        assertThatThrownBy(() -> rules(FIVE).match(event)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void membersThatAreThereManyTimesMultiplyToo() {
        String same = IntStream.range(0, 100)
                .mapToObj(_ -> "\"a\":\"x\",\"b\":\"x\",\"\\u0063\":\"x\",\"d\":\"x\"")
                .collect(Collectors.joining(","));

        assertThatThrownBy(() -> rules(FIVE).match("{" + same + ",\"e\":\"z\"}"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aLongListOfWhichOneMemberIsNamedIsCompared() {
        EventRules rules = rules("{\"tags\":[\"last\"]}", "{\"n\":[1],\"m\":[2]}");
        String tags = array("\"tag\"", 50_000);

        assertThat(rules.match("{\"tags\":" + tags + "}")).isFalse();
        assertThat(rules.match("{\"tags\":" + tags.replaceFirst("]", ",\"last\"]") + "}"))
                .isTrue();
    }

    @Test
    void aLongListOfObjectsIsComparedObjectByObject() {
        EventRules rules = rules("{\"items\":{\"a\":[\"x\"],\"b\":[\"y\"],\"c\":[\"z\"],\"d\":[\"w\"]}}");
        String others = String.join(",", nCopies(5_000, "{\"a\":\"x\",\"b\":\"y\",\"c\":\"z\",\"d\":\"q\"}"));

        assertThat(rules.match("{\"items\":[" + others + "]}")).isFalse();
        assertThat(rules.match("{\"items\":[" + others + ",{\"a\":\"x\",\"b\":\"y\",\"c\":\"z\",\"d\":\"w\"}]}"))
                .isTrue();
    }

    @Test
    void aLongTextIsNotComparedWithManyWildcards() {
        EventRules rules = rules("{\"a\":[{\"wildcard\":\"" + "*a".repeat(90) + "\"}]}");

        assertThat(rules.match("{\"a\":\"" + "a".repeat(100) + "\",\"b\":\"" + "a".repeat(100_000) + "\"}"))
                .isTrue();
        assertThatThrownBy(() -> rules.match("{\"a\":\"" + "a".repeat(100_000) + "\"}"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {990, 2_000, 400_000})
    void whatIsDeepIsComparedOrRefused(int depth) {
        EventRules rules = rules("{\"data\":{\"payload\":{\"a\":[1]}}}");
        for (String payload : List.of(nested("{\"a\":", "2", "}", depth), nested("[", "2", "]", depth))) {
            String event = "{\"data\":{\"payload\":" + payload + "}}";
            if (depth < 1_000) {
                assertThat(rules.match(event)).isFalse();
            } else {
                assertThatThrownBy(() -> rules.match(event)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void aRuleMayBeDeep() {
        EventRules rules = rules(nested("{\"a\":", "[1]", "}", 600));

        assertThat(rules.match(nested("{\"a\":", "1", "}", 600))).isTrue();
        assertThat(rules.match(nested("{\"a\":", "1", "}", 599))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "100, true", "99.99999, false", "100.00001, true", "1e2, true", "0.1e3, true", "-100, false",
                "'\"100\"', false",
        "1e300, true", "-1e300, false", "1e-300, false", "null, false", "true, false", "[1;100], true", "{}, false",
    })
    void numbersAreComparedAsNumbers(String number, boolean isMeant) {
        EventRules rules = rules("{\"n\":[{\"numeric\":[\">=\",100]}]}");

        assertThat(rules.match("{\"n\":" + number.replace(';', ',') + "}")).isEqualTo(isMeant);
    }

    @Test
    void aNumberThatIsTooLongIsNotCompared() {
        EventRules rules = rules("{\"n\":[{\"numeric\":[\">=\",100]}]}");

        assertThatThrownBy(() -> rules.match("{\"n\":1" + "0".repeat(2_000) + "}"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(rules.match("{\"n\":1e2000000000}")).isFalse();
    }

    @Test
    void anythingButWantsTheMemberAndExistsDoesNot() {
        EventRules but = rules("{\"state\":[{\"anything-but\":[\"draft\",\"void\"]}]}");
        assertThat(but.match("{\"state\":\"paid\"}")).isTrue();
        assertThat(but.match("{\"state\":\"void\"}")).isFalse();
        assertThat(but.match("{\"state\":[\"void\",\"paid\"]}")).isTrue();
        assertThat(but.match("{\"other\":1}")).isFalse();

        EventRules gone = rules("{\"gone\":[{\"exists\":false}]}");
        assertThat(gone.match("{\"other\":1}")).isTrue();
        assertThat(gone.match("{\"gone\":null}")).isFalse();
        // Leaves are what exists.
        assertThat(gone.match("{\"gone\":{}}")).isTrue();
    }

    @Test
    void alternativesAreRules() {
        EventRules rules = rules("{\"$or\":[{\"a\":[1]},{\"b\":{\"c\":[2]}}],\"d\":[3]}");

        assertThat(rules.match("{\"a\":1,\"d\":3}")).isTrue();
        assertThat(rules.match("{\"b\":{\"c\":2},\"d\":3}")).isTrue();
        assertThat(rules.match("{\"a\":1,\"d\":4}")).isFalse();
        assertThat(rules.match("{\"a\":2,\"b\":{\"c\":1},\"d\":3}")).isFalse();
    }

    @Test
    void alternativesThatMultiplyAreRefused() {
        String many = IntStream.range(0, 90)
                .mapToObj(i -> "\"f" + i + "\":{\"$or\":[{\"a\":[1]},{\"b\":[1]}]}")
                .collect(Collectors.joining(",", "{", "}"));
        String escaped = many.replace("$", "\\u0024");

        assertThatThrownBy(() -> rules(many)).hasMessageContaining("more than 50");
        assertThatThrownBy(() -> rules(escaped.substring(0, escaped.indexOf("\"f60\"") - 1) + "}"))
                .hasMessageContaining("more than 50");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"$or\":[{\"a\":[1]}]}",
                "{\"$or\":[]}",
                "{\"a\":[]}",
                "{\"a\":[{\"prefix\":1}]}",
                "{\"a\":[{\"numeric\":[\">\"]}]}",
                "{\"a\":[{\"numeric\":[\">\",1e999999999]}]}",
                "{\"a\":[{\"exists\":\"yes\"}]}",
                "{\"a\":[{\"wildcard\":\"**\"}]}",
                "{\"a\":[{\"exists\":true,\"prefix\":\"x\"}]}",
                "null"
            })
    void whatCannotBeComparedIsNoRule(String rule) {
        assertThatThrownBy(() -> rules(rule)).hasMessageContaining("the rule " + rule + " is none");
    }
}
