package io.topicstream.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonWriterTest {
    private final JsonWriter json = new JsonWriter(1);

    @Test
    void writesWhatItIsGivenInOrder() {
        json.raw('{')
                .raw(JsonWriter.ascii("\"a\":"))
                .number(1)
                .raw(',')
                .string("b")
                .raw(':')
                .bool(true);
        json.raw(',')
                .string("c")
                .raw(':')
                .string(null)
                .raw(',')
                .number((Long) null)
                .raw('}');

        assertThat(json.toString()).isEqualTo("{\"a\":1,\"b\":true,\"c\":null,null}");
        assertThat(json.length()).isEqualTo(json.toByteArray().length);
    }

    @Test
    void aWriterThatWasResetBeginsAnew() {
        json.string("before");
        json.reset();

        assertThat(json.length()).isZero();
        assertThat(json.number(7).toString()).isEqualTo("7");
    }

    @Test
    void oneHugeTextIsNotKeptInMemoryForEver() {
        json.raw(new byte[3 << 20]);
        assertThat(json.array()).hasSizeGreaterThanOrEqualTo(3 << 20);

        json.reset();

        assertThat(json.array()).hasSizeLessThan(1 << 20);
    }

    @Test
    void everythingThatMustBeEscapedIs() {
        json.string("\"\\/\b\f\n\r\t\u0000\u001f\u007f");

        assertThat(json.toString()).isEqualTo("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\"");
    }

    @Test
    void halfASurrogatePairBecomesTheReplacementCharacter() {
        json.string("\uD83Da\uDE00\uDE00\uD83D");

        assertThat(json.toString()).isEqualTo("\"\uFFFDa\uFFFD\uFFFD\uFFFD\"");
        assertThat(isUtf8(json)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                9,
                10,
                99,
                100,
                -1,
                -10,
                999_999_999_999_999_999L,
                1_000_000_000_000_000_000L,
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                Long.MIN_VALUE + 1
            })
    void numbersAreWrittenInFull(long value) {
        json.number(value);

        assertThat(json.toString()).isEqualTo(Long.toString(value));
        assertThat(JsonWriter.digitsOf(value)).isEqualTo(json.length());
    }

    @Test
    void numbersOfEveryLengthAreWrittenInFull() {
        long power = 1;
        for (int digits = 1; digits <= 19; digits++) {
            for (long near : new long[] {power - 1, power, power + 1, power + power / 7 * 6}) {
                for (long value : new long[] {near, -near}) {
                    JsonWriter number = new JsonWriter(1).number(value);
                    assertThat(number.toString()).isEqualTo(Long.toString(value));
                    assertThat(JsonWriter.digitsOf(value)).isEqualTo(number.length());
                }
            }
            power *= 10;
        }
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong() >> random.nextInt(Long.SIZE);
            JsonWriter number = new JsonWriter(1).number(value);
            assertThat(number.length()).isEqualTo(JsonWriter.digitsOf(value));
            assertThat(number.toString()).isEqualTo(Long.toString(value));
        }
    }

    @Test
    void anyTextComesBackFromAnotherParserAndHasTheSizeThatWasForetold() throws IOException {
        long seed = Long.getLong("topicstream.seed", System.nanoTime());
        Random random = new Random(seed);
        JsonFactory factory = new JsonFactory();

        for (int round = 0; round < 20_000; round++) {
            String text = JsonSamples.text(random, 1 + random.nextInt(20));
            json.reset();
            json.string(text);

            String where = "-Dtopicstream.seed=" + seed + ", round " + round;
            assertThat(JsonWriter.stringBytes(text)).as(where).isEqualTo(json.length());
            assertThat(isUtf8(json)).as(where).isTrue();
            try (JsonParser parser = factory.createParser(json.array(), 0, json.length())) {
                parser.nextToken();
                assertThat(parser.getText()).as(where).isEqualTo(withoutHalfPairs(text));
            }
        }
    }

    private static boolean isUtf8(JsonWriter written) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(written.array(), 0, written.length()));
            return true;
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }

    private static String withoutHalfPairs(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> out.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
        return out.toString();
    }
}
