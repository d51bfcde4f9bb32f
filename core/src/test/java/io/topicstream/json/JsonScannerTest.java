package io.topicstream.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonScannerTest {
    private final JsonScanner scanner = new JsonScanner();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "0",
                "-0",
                "1.5e+10",
                "\"\"",
                "true",
                "false",
                "null",
                " \r\n\t[ 1 , 2 ] ",
                "{\"a\":{\"a\":1,\"a\":2}}",
                "\"\\u0000\\ud800\"",
                "1e999999999",
                "[[],{},[{}]]",
                "\"\u007f\u2028é😀\"",
                "{\"\":\"\"}"
            })
    void textThatIsJsonIsTaken(String text) {
        assertThat(isJson(text)).isTrue();
        assertThat(scanner.problem()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[",
                "]",
                "}",
                "{]",
                "[}",
                "[1,]",
                "[,1]",
                "[1 2]",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{,}",
                "{a:1}",
                "{'a':1}",
                "{1:2}",
                "{\"a\" 1}",
                "01",
                "-",
                "-a",
                "+1",
                ".5",
                "1.",
                "1.e5",
                "1e",
                "1e+",
                "0x10",
                "00",
                "-01",
                "NaN",
                "Infinity",
                "-Infinity",
                "tru",
                "trueX",
                "True",
                "nul",
                "\"",
                "\"\\\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u12G4\"",
                "\"\\u\"",
                "\"a\nb\"",
                "\"a\tb\"",
                "\"\u0000\"",
                "\"\u001f aaaaaaaaaa\"",
                "{} {}",
                "1 2",
                "[] x",
                "// c\n1",
                "/* c */1",
                "\uFEFF1",
                "\u00a01",
                "1\u0000",
                "\u000b1",
                "\f1"
            })
    void textThatIsNoJsonIsRefusedWithAReason(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        JsonObjectReader reader = new JsonObjectReader.Builder().build();

        assertThat(isJson(text)).isFalse();
        assertThat(reader.read(bytes, 0, bytes.length)).isFalse();
        assertThat(reader.problem()).isNotBlank();
    }

    @Test
    void depthIsCountedAndCostsNoStack() {
        String deep = "[".repeat(60_000) + "]".repeat(60_000);

        assertThat(isJson(deep)).isTrue();
        assertThat(scanner.deepest()).isEqualTo(60_000);
        assertThat(isJson("[".repeat(60_000))).isFalse();
        assertThat(isJson("{\"a\":".repeat(20_000) + "[[]]" + "}".repeat(20_000)))
                .isTrue();
        assertThat(scanner.deepest()).isEqualTo(20_002);
        assertThat(isJson("[{\"a\":".repeat(100) + "1" + "}]".repeat(99) + "]}"))
                .isFalse();
    }

    @Test
    void onlyTheBytesThatItWasGivenAreLookedAt() {
        byte[] text = "xx[1]]".getBytes(StandardCharsets.UTF_8);
        scanner.take(text, 5);

        assertThat(scanner.value(2)).isEqualTo(5);

        scanner.take(text, 4);
        assertThat(scanner.value(2)).isEqualTo(JsonScanner.BROKEN);
    }

    /// The one known difference: the other parser refuses half a surrogate pair in a member's name,
    /// which RFC 8259 (section 8.2) allows. Such samples are passed over.
    @Test
    void agreesWithAnotherParserOnRandomText() throws IOException {
        long seed = Long.getLong("topicstream.seed", System.nanoTime());
        Random random = new Random(seed);
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(100_000).build())
                .build();
        int valid = 0;
        int compared = 0;
        int rounds = 100_000;

        for (int round = 0; round < rounds; round++) {
            String text = JsonSamples.space(random) + JsonSamples.value(random, 5) + JsonSamples.space(random);
            boolean untouched = random.nextInt(4) == 0;
            if (!untouched) {
                text = JsonSamples.mutated(random, text);
            }
            Boolean expected = otherParserTakes(factory, text);
            if (expected == null) {
                continue;
            }
            compared++;

            String where = "-Dtopicstream.seed=" + seed + ", round " + round + ": " + text;
            assertThat(isJson(text)).as(where).isEqualTo(expected);
            if (untouched) {
                assertThat(expected).as(where).isTrue();
            }
            valid += expected ? 1 : 0;
        }

        assertThat(compared).isGreaterThan(rounds * 3 / 4);
        assertThat(valid).isBetween(rounds / 4, rounds * 3 / 4);
    }

    private static @Nullable Boolean otherParserTakes(JsonFactory factory, String text) throws IOException {
        try (JsonParser parser = factory.createParser(text)) {
            int values = 0;
            int depth = 0;
            while (parser.nextToken() != null) {
                if (parser.currentToken().isStructEnd()) {
                    depth--;
                } else if (depth == 0) {
                    values++;
                }
                if (parser.currentToken().isStructStart()) {
                    depth++;
                }
                // The parser is lazy: the value is only looked at when somebody asks for it.
                parser.getText();
            }
            return values == 1 && depth == 0;
        } catch (JsonProcessingException refused) {
            return refused.getOriginalMessage().contains("surrogate") ? null : false;
        }
    }

    private boolean isJson(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        scanner.take(bytes, bytes.length);
        scanner.forget();
        int at = scanner.value(scanner.skipSpace(0));
        return at >= 0 && scanner.skipSpace(at) == bytes.length;
    }
}
