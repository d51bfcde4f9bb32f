package io.topicstream.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonObjectReaderTest {
    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member NAME = MEMBERS.add("name");
    private static final JsonObjectReader.Member COUNT = MEMBERS.add("count");
    private static final JsonObjectReader.Member PAYLOAD = MEMBERS.add("payload", JsonObjectReader.Trait.PAYLOAD);
    private static final JsonObjectReader.Member LIST = MEMBERS.add("list", JsonObjectReader.Trait.LIST);

    private final JsonObjectReader reader = MEMBERS.build();

    @Test
    void membersAreFoundByNameInAnyOrder() {
        assertThat(read(" {\"count\" : 7 , \"other\":[1,{\"name\":2}],\"name\":\"n\\u00e4me\"} "))
                .isTrue();

        assertThat(reader.string(NAME)).isEqualTo("näme");
        assertThat(reader.integer(COUNT)).isEqualTo(7);
        assertThat(reader.has(PAYLOAD)).isFalse();
        assertThat(reader.kind(NAME)).isEqualTo(JsonObjectReader.Kind.STRING);
        assertThat(reader.string(COUNT)).isNull();
        assertThat(reader.integer(NAME)).isEqualTo(JsonObjectReader.NOT_AN_INTEGER);
    }

    @Test
    void anObjectOfStringsIsReadWhole() {
        assertThat(read("{\"name\" : { \"b\" : \"x\\n\" , \"\\u0061\":\"\", \"ü\":\"grün\" } ,\"count\":{}}"))
                .isTrue();

        assertThat(reader.strings(NAME)).isEqualTo(Map.of("a", "", "b", "x\n", "ü", "grün"));
        assertThat(reader.strings(COUNT)).isEmpty();
        assertThat(reader.strings(PAYLOAD)).isNull();
        for (String other :
                List.of("[]", "\"\"", "1", "{\"a\":1}", "{\"a\":\"\",\"b\":{}}", "{\"a\":\"\",\"a\":\"\"}")) {
            assertThat(read("{\"name\":" + other + "}")).isTrue();
            assertThat(reader.strings(NAME)).as(other).isNull();
        }
    }

    @Test
    void anObjectOfListsIsReadWhole() {
        assertThat(read("{\"name\":{ \"b\" : [ \"x\\n\" , \"y\" ] , \"\\u0061\":[] , \"B\":[\"z\"], \"b\":[\"w\"] },"
                        + "\"count\":{}}"))
                .isTrue();

        assertThat(reader.textsInAnyCase(NAME, 4))
                .isEqualTo(Map.of("a", List.of(), "b", List.of("x\n", "y", "z", "w")))
                .containsKey("B");
        assertThat(reader.textsByName(NAME, 4))
                .isEqualTo(Map.of("a", List.of(), "b", List.of("x\n", "y", "w"), "B", List.of("z")));
        assertThat(reader.textsByName(NAME, 3)).isNull();
        assertThat(reader.textsByName(COUNT, 0)).isEmpty();
        assertThat(reader.textsByName(PAYLOAD, 1)).isNull();
        for (String other :
                List.of("[]", "\"\"", "null", "{\"a\":1}", "{\"a\":\"b\"}", "{\"a\":[1]}", "{\"a\":[[]]}")) {
            assertThat(read("{\"name\":" + other + "}")).isTrue();
            assertThat(reader.textsByName(NAME, 9)).as(other).isNull();
        }
    }

    @Test
    void aNameIsTheSameHoweverItIsWritten() {
        assertThat(read("{\"n\\u0061me\":\"x\"}")).isTrue();
        assertThat(reader.string(NAME)).isEqualTo("x");

        assertThat(read("{\"n\\u0061me\":\"x\",\"name\":\"y\"}")).isFalse();
        assertThat(reader.problem()).contains("name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\":1,\"name\":1}",
                "{\"x\":1,\"x\":1}",
                "{\"x\":1,\"\\u0078\":1}",
                "{\"name\":\"\\ud800\"}",
                "{\"\\udc00\":1}",
                "{\"x\":[\"\\ud800\"]}",
                "[]",
                "1",
                "{} {}",
                "{}x"
            })
    void whatTwoReadersCouldTakeDifferentlyIsRefused(String text) {
        assertThat(read(text)).isFalse();
        assertThat(reader.problem()).isNotBlank();
    }

    @Test
    void insideAPayloadAllThatIsJsonGoes() {
        String payload = "{\"a\":1,\"a\":[\"\\ud800\",1e999999999," + "9".repeat(60_000) + "]}";

        assertThat(read("{\"payload\":" + payload + "}")).isTrue();
        assertThat(reader.payload(PAYLOAD)).asString(StandardCharsets.UTF_8).isEqualTo(payload);
    }

    @Test
    void nullIsAPayloadAndElsewhereNothing() {
        assertThat(read("{\"payload\":null,\"name\":null}")).isTrue();

        assertThat(reader.has(PAYLOAD)).isTrue();
        assertThat(reader.has(NAME)).isFalse();
    }

    @Test
    void theDepthOfAPayloadIsCountedFromThePayload() {
        assertThat(read("{\"payload\":" + "[".repeat(32) + "]".repeat(32) + "}"))
                .isTrue();
        assertThat(read("{\"payload\":" + "[".repeat(33) + "]".repeat(33) + "}"))
                .isFalse();
        assertThat(read("{\"x\":" + "{\"x\":".repeat(33) + "1" + "}".repeat(33) + "}"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "9223372036854775807,9223372036854775807",
        "9007199254740993,9007199254740993",
        "9223372036854775808,-1",
        "9999999999999999999,-1",
        "99999999999999999999,-1",
        "-1,-1",
        "-0,-1",
        "1.0,-1",
        "1e2,-1",
        "true,-1",
        "\"1\",-1",
        "[1],-1"
    })
    void onlyAnExactIntegerIsOne(String text, long expected) {
        assertThat(read("{\"count\":" + text + "}")).isTrue();
        assertThat(reader.integer(COUNT)).isEqualTo(expected);
    }

    @Test
    void aPayloadIsOneLineWhateverItsSpaces() {
        assertThat(read("{\"payload\":\r\n[1,\r\n\t\"a\\nb\",\n{\"k\"\n:\n2}\r]\n,\n\"name\":\"x\"}"))
                .isTrue();

        assertThat(reader.payload(PAYLOAD))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("[1,  \t\"a\\nb\", {\"k\" : 2} ]");
    }

    @Test
    void aPayloadWithoutLineBreaksIsTheBytesThatWereSent() {
        long seed = Long.getLong("topicstream.seed", System.nanoTime());
        Random random = new Random(seed);

        for (int round = 0; round < 10_000; round++) {
            String payload = JsonSamples.value(random, 4);
            String where = "-Dtopicstream.seed=" + seed + ", round " + round;
            assertThat(read("{\"payload\":\n" + payload + "\n}")).as(where).isTrue();
            assertThat(reader.payload(PAYLOAD))
                    .asString(StandardCharsets.UTF_8)
                    .as(where)
                    .isEqualTo(payload.replace('\n', ' ').replace('\r', ' '));
        }
    }

    @Test
    void anObjectHasABoundedNumberOfMembers() {
        assertThat(read(members(64))).isTrue();
        assertThat(read(members(65))).isFalse();
        assertThat(read(members(5_000))).isFalse();
        assertThat(reader.problem()).contains("64");
        assertThat(read("{\"" + "k".repeat(60_000) + "\":1}")).isTrue();
    }

    private static String members(int count) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : ",").append("\"k").append(i).append("\":1");
        }
        return text.append('}').toString();
    }

    @Test
    void theElementsOfAListAreReadOneByOne() {
        JsonObjectReader.Builder members = new JsonObjectReader.Builder();
        JsonObjectReader.Member payload = members.add("payload", JsonObjectReader.Trait.PAYLOAD);
        JsonObjectReader element = members.build();
        String deep = "[".repeat(32) + "]".repeat(32);
        byte[] text = ("{\"list\":[ {\"payload\":1} , {\"payload\":\"\\ud800\"},{\"payload\":" + deep + "}, 4 ]}")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(reader.read(text, 0, text.length)).isTrue();
        List<String> payloads = new ArrayList<>();

        reader.elements(
                LIST,
                (start, end) -> payloads.add(
                        element.read(text, start, end)
                                ? new String(element.payload(payload), StandardCharsets.UTF_8)
                                : element.problem()));

        assertThat(payloads).containsExactly("1", "\"\\ud800\"", deep, "expected a JSON object");
        assertThat(read("{\"list\":[]}")).isTrue();
        reader.elements(LIST, (start, end) -> {
            throw new AssertionError("an empty list has no element");
        });
        assertThat(read("{\"list\":{}}")).isTrue();
        assertThatThrownBy(() -> reader.elements(LIST, (start, end) -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void namesMatchInAnyCaseWhereTheReaderSaysSo() {
        JsonObjectReader.Builder members = new JsonObjectReader.Builder();
        JsonObjectReader.Member action = members.add("action");
        JsonObjectReader.Member topic = members.add("topic", JsonObjectReader.Trait.ANY_CASE);
        JsonObjectReader anyCase = members.build();
        byte[] text = "{\"TOPIC\":\"t\",\"Action\":\"a\"}".getBytes(StandardCharsets.UTF_8);

        assertThat(anyCase.read(text, 0, text.length)).isTrue();
        assertThat(anyCase.string(topic)).isEqualTo("t");
        assertThat(anyCase.has(action)).isFalse();
    }

    @Test
    void aMemberIsTrueOnlyWhereItSaysSo() {
        assertThat(read("{\"count\":true,\"name\":\"true\"}")).isTrue();

        assertThat(reader.isTrue(COUNT)).isTrue();
        assertThat(reader.isTrue(NAME)).isFalse();
        assertThat(reader.isTrue(LIST)).isFalse();
    }

    @Test
    void noTwoMembersHaveOneNameAndEachBelongsToItsOwnReaders() {
        JsonObjectReader.Builder members = new JsonObjectReader.Builder();
        JsonObjectReader.Member foreign = members.add("name");

        assertThatThrownBy(() -> members.add("name")).isInstanceOf(IllegalArgumentException.class);
        assertThat(read("{\"name\":\"x\"}")).isTrue();
        assertThatThrownBy(() -> reader.string(foreign)).isInstanceOf(AssertionError.class);
    }

    private boolean read(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return reader.read(bytes, 0, bytes.length);
    }
}
