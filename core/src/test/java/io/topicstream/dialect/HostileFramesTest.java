package io.topicstream.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.topicstream.json.JsonSamples;
import io.topicstream.log.Draft;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.testkit.Speakers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What may come from somebody who means harm, or does not know better: each is refused for its
/// form or passes as plain data; nothing throws, and the next frame is read as if nothing had been.
class HostileFramesTest {
    private final NativeDialect dialect = new NativeDialect();
    private final TopicsDialect topics = new TopicsDialect(new Random(1));
    private final ChatDialect chat = new ChatDialect(false);
    private final RoomsDialect rooms =
            new RoomsDialect(NativeDialect.DEFAULT_MAX_PAYLOAD_BYTES, new Random(1), InstantSource.system());

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "[]", "42", "\"x\"", "hello", "true", "{", "}"})
    void whatIsNoFrame(String text) {
        assertRefused(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"action\":\"ping\"} x",
                "{\"action\":\"ping\"}{\"action\":\"ping\"}",
                "{\"action\":\"ping\"}\u0000",
                "{\"action\":\"ping\"/* c */}",
                "// c\n{\"action\":\"ping\"}",
                "{'action':'ping'}",
                "{action:\"ping\"}",
                "\uFEFF{\"action\":\"ping\"}",
                "{\"action\":\"ping\",\"id\":NaN}",
                "{\"action\":\"ping\",\"id\":1,}",
                "{\"action\":\"publish\",\"topic\":\"a\",\"message\":Infinity}"
            })
    void whatOnlySomeParsersTake(String text) {
        assertRefused(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "\u001f", "\n", "\t", "\\x", "\\", "\\u12", "\\ud800", "\\udc00\\ud800"})
    void whatNoChatTakes(String text) {
        for (String frame : List.of(
                "{\"action\":\"sendMessage\",\"content\":\"" + text + "\"}",
                "{\"type\":\"chat\",\"message\":\"" + text + "\"}",
                "{\"type\":\"chat\",\"message\":\"x\",\"roomId\":\"" + text + "\"}",
                "{\"type\":\"private_message\",\"message\":\"x\",\"targetUserId\":\"" + text + "\"}")) {
            Dialect spoken = frame.contains("action") ? chat : rooms;
            assertThat(decode(spoken, frame)).singleElement().isInstanceOf(ClientFrame.Malformed.class);
        }
    }

    @Test
    void chatsThatNestOrGoOnForever() {
        for (Dialect each : List.of(chat, rooms)) {
            for (String text : List.of(
                    "[".repeat(60_000),
                    "{\"message\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}",
                    "{\"action\":\"sendMessage\",\"content\":" + "{\"a\":".repeat(20_000) + "1" + "}".repeat(20_001),
                    "{\"type\":\"chat\",\"message\":\"" + "x".repeat(130_000) + "\"}")) {
                assertThat(decode(each, text))
                        .singleElement()
                        .isInstanceOfAny(ClientFrame.Malformed.class, ClientFrame.Unknown.class);
            }
        }
        assertThat(decode(rooms, "{\"type\":\"" + "x".repeat(100_000) + "\"}"))
                .singleElement()
                .extracting("reason")
                .asString()
                .hasSizeLessThan(100);
    }

    @Test
    void deepNesting() {
        assertRefused("[".repeat(60_000));
        assertRefused("[".repeat(50_000) + "]".repeat(50_000));
        assertRefused("{\"a\":".repeat(20_000) + "1" + "}".repeat(20_000));
        assertRefused(publish("[".repeat(50_000) + "]".repeat(50_000)));
        assertRefused(publish("[".repeat(33) + "]".repeat(33)));
        assertTaken(publish("[".repeat(32) + "]".repeat(32)));
        assertRefused("{\"action\":\"ping\",\"x\":" + "[".repeat(33) + "]".repeat(33) + "}");
    }

    @Test
    void inAnArrayAFrameThatNestsTooDeeplyIsRefusedForItself() {
        String deep = publish("[".repeat(5_000) + "]".repeat(5_000));

        assertThat(decode(dialect, "[" + deep + "," + publish("1") + "]"))
                .extracting(frame -> frame.getClass().getSimpleName())
                .containsExactly("Malformed", "Publish");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999999999", "1e-999999999", "-0.0e+00"})
    void numbersThatNobodyCanHold(String number) {
        assertTaken(publish(number));
        assertRefused(read("limit", number));
        assertRefused(read("after", number));
    }

    @Test
    void aNumberOfSixtyThousandDigits() {
        String number = "9".repeat(60_000);

        assertTaken(publish(number));
        assertRefused(read("limit", number));
        assertRefused("{\"action\":\"ping\",\"id\":" + number + "}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"action\":\"ping\",\"action\":\"ping\"}",
                "{\"action\":\"publish\",\"topic\":\"a\",\"message\":1,\"topic\":\"b\"}",
                "{\"action\":\"publish\",\"topic\":\"a\",\"message\":1,\"t\\u006fpic\":\"b\"}",
                "{\"action\":\"publish\",\"topic\":\"a\",\"message\":1,\"message\":2}",
                "{\"action\":\"ping\",\"x\":1,\"x\":1}"
            })
    void namesThatStandTwice(String text) {
        assertRefused(text);
    }

    @Test
    void insideAPayloadNamesMayStandTwice() {
        assertTaken(publish("{\"a\":1,\"a\":2}"));
    }

    @Test
    void manyLongAndCollidingNames() {
        String many = String.join(
                ",", IntStream.range(0, 5_000).mapToObj(i -> "\"k" + i + "\":1").toList());
        assertRefused("{\"action\":\"ping\"," + many + "}");
        assertTaken(publish("{" + many + "}"));
        assertTaken("{\"action\":\"ping\",\"" + "k".repeat(60_000) + "\":1}");
        // "Aa" and "BB" have one hash, and so has every text made of eleven of them.
        String colliding = String.join(
                ",",
                IntStream.range(0, 2_048).mapToObj(i -> "\"" + bits(i) + "\":1").toList());
        assertTaken(publish("{" + colliding + "}"));
        assertRefused("{\"action\":\"ping\"," + colliding + "}");
    }

    private static String bits(int number) {
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < 11; bit++) {
            text.append(((number >> bit) & 1) == 0 ? "Aa" : "BB");
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800x", "\\ud800\\ud800", "\\ud83d\\n"})
    void halfSurrogatePairs(String text) {
        assertTaken(publish("\"" + text + "\""));
        assertRefused("{\"action\":\"ping\",\"id\":\"" + text + "\"}");
        assertRefused("{\"action\":\"publish\",\"topic\":\"" + text + "\",\"message\":1}");
        assertRefused("{\"action\":\"publish\",\"topic\":\"a\",\"message\":1,\"key\":\"" + text + "\"}");
        assertRefused("{\"action\":\"authenticate\",\"token\":\"" + text + "\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "\u001f", "\n", "\t", "\\x", "\\", "\\u12", "\\u123g", "\\U0041", "\\'"})
    void rawControlsAndBadEscapesAreNoJsonAnywhere(String text) {
        assertRefused(publish("\"" + text + "\""));
        assertRefused("{\"action\":\"ping\",\"x\":\"" + text + "\"}");
        assertRefused("{\"action\":\"ping\",\"" + text + "\":1}");
    }

    @Test
    void aNulCharacterIsDataWhenItIsEscaped() {
        assertTaken(publish("\"\\u0000\""));
        assertTaken("{\"action\":\"publish\",\"topic\":\"a\",\"message\":1,\"key\":\"\\u0000\"}");
        assertRefused("{\"action\":\"publish\",\"topic\":\"a\\u0000\",\"message\":1}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"@class\":\"java.lang.Runtime\"}",
                "{\"__proto__\":{\"admin\":true}}",
                "\"${jndi:ldap://example.com/a}\"",
                "\"a\\nlevel=ERROR forged\\u001b[31m\""
            })
    void whatOtherSystemsWouldActOnIsPlainData(String payload) {
        List<ClientFrame> frames = decode(dialect, publish(payload));

        assertThat(((ClientFrame.Publish) frames.getFirst()).draft().payload())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(payload);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "9223372036854775808", "1.5", "\"1\"", "1e30", "-0", "true", "[1]", "{}"})
    void offsetsAndLimitsThatAreNone(String number) {
        assertRefused(read("after", number));
        assertRefused(read("before", number));
        assertRefused(read("limit", number));
        assertRefused("{\"action\":\"topics\",\"limit\":" + number + "}");
        assertRefused("{\"action\":\"publish\",\"topic\":\"a\",\"message\":1,\"expected_offset\":" + number + "}");
    }

    @Test
    void limitsOutOfBoundsAreTheBounds() {
        assertThat(((Query.Read) decode(dialect, read("limit", "0")).getFirst()).limit())
                .isZero();
        assertThat(((Query.Read) decode(dialect, read("limit", "1000000000")).getFirst()).limit())
                .isEqualTo(1000);
        assertThat(((Query.Read) decode(dialect, read("after", "9007199254740993"))
                                .getFirst())
                        .after())
                .isEqualTo(9007199254740993L);
    }

    @Test
    void messageIdsAndKeysThatAreEmptyOrTooLong() {
        String before = "{\"action\":\"publish\",\"id\":1,\"topic\":\"a\",\"message\":1,";
        assertCode(before + "\"message_id\":\"\"}", ErrorCode.BAD_FRAME);
        assertCode(before + "\"message_id\":5}", ErrorCode.BAD_FRAME);
        assertCode(before + "\"message_id\":\"" + "x".repeat(129) + "\"}", ErrorCode.TOO_LARGE);
        assertCode(before + "\"message_id\":\"" + "x".repeat(64 * 1024) + "\"}", ErrorCode.TOO_LARGE);
        assertCode(before + "\"key\":\"" + "x".repeat(257) + "\"}", ErrorCode.TOO_LARGE);
        assertTaken(before + "\"message_id\":\"" + "é".repeat(128) + "\",\"key\":\"" + "x".repeat(256) + "\"}");
        assertCode("{\"action\":\"ping\",\"id\":\"" + "x".repeat(64 * 1024) + "\"}", ErrorCode.BAD_FRAME);
        assertRefused("{\"action\":\"ping\",\"id\":{}}");
        assertRefused("{\"action\":\"ping\",\"id\":true}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"action\":null}", "{\"action\":1}", "{\"action\":[\"ping\"]}", "{\"Action\":\"ping\"}"})
    void aFrameWithoutAnAction(String text) {
        assertCode(text, ErrorCode.BAD_FRAME);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "1", "[]", "{}", "true"})
    void aTopicThatIsNoText(String topic) {
        assertCode("{\"action\":\"publish\",\"topic\":" + topic + ",\"message\":1}", ErrorCode.BAD_FRAME);
    }

    static Stream<String> badTopics() {
        return Stream.of(
                "",
                " ",
                ".",
                "..",
                "/",
                "a//b",
                "../../x",
                "..\\\\x",
                "%2e%2e%2f",
                "%252e",
                "a\\u0000b",
                "a\\r\\nb",
                "a\\u202eb",
                "\\ufeffa",
                "\uFEFFa",
                "a\u202Eb",
                "\uFF0E\uFF0E",
                "e\u0301",
                "é",
                "日本",
                "*",
                "a#",
                "a>",
                "$sys",
                "a b",
                "a,b",
                "a?b",
                "\\\"",
                ".hidden",
                "x".repeat(201),
                "x".repeat(300),
                "x".repeat(5_000),
                "_internal/",
                "\u00e9".repeat(100),
                "a\\u2028");
    }

    @ParameterizedTest
    @MethodSource("badTopics")
    void topicNamesThatAreNone(String topic) {
        for (String action : List.of("publish", "subscribe", "unsubscribe", "read", "signal")) {
            assertThat(code(dialect, action, topic)).isEqualTo(ErrorCode.BAD_TOPIC);
        }
        for (String action : List.of("publish", "subscribe", "unsubscribe")) {
            assertThat(code(topics, action, topic)).isEqualTo(ErrorCode.BAD_TOPIC);
        }
    }

    private static ErrorCode code(Dialect dialect, String action, String topic) {
        List<ClientFrame> frames =
                decode(dialect, "{\"action\":\"" + action + "\",\"topic\":\"" + topic + "\",\"message\":1}");
        return ((ClientFrame.Malformed) frames.getFirst()).code();
    }

    @Test
    void anyChangedFrameIsAnsweredAndOnlyJsonIsTaken() throws IOException {
        long seed = Long.getLong("topicstream.seed", System.nanoTime());
        Random random = new Random(seed);
        JsonFactory factory = new JsonFactory();
        String[] frames = {
            publish("{\"a\":[1,2,{\"b\":null}]}"),
            "{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"a\",\"from\":{\"resume\":{\"epoch\":1,\"offset\":2}},\"durable\":true}",
            read("after", "5"),
            "{\"action\":\"topics\",\"prefix\":\"a\",\"limit\":3}",
            "[" + publish("1") + ",{\"action\":\"ping\",\"id\":1}]",
            "{\"action\":\"sendMessage\",\"content\":\"a \\u00e9\"}",
            "{\"type\":\"chat\",\"message\":\"a \\u00e9\",\"roomId\":\"kitchen\"}",
            "{\"type\":\"private_message\",\"targetUserId\":\"bob\",\"message\":\"a\"}",
            "{\"type\":\"join_room\",\"roomId\":\"kitchen\"}"
        };

        for (int round = 0; round < 50_000; round++) {
            String text = JsonSamples.mutated(random, frames[random.nextInt(frames.length)]);
            String where = "-Dtopicstream.seed=" + seed + ", round " + round + ": " + text;
            for (Dialect each : List.of(dialect, topics, chat, rooms)) {
                List<ClientFrame> told = decode(each, text);
                assertThat(told).as(where).isNotEmpty();
                if (told.size() > 1 || !(told.getFirst() instanceof ClientFrame.Malformed)) {
                    assertThat(parses(factory, text)).as(where).isTrue();
                }
                for (ClientFrame frame : told) {
                    Draft draft = draft(frame);
                    if (draft != null) {
                        String payload = new String(draft.payload(), StandardCharsets.UTF_8);
                        assertThat(parses(factory, payload)).as(where).isTrue();
                        assertThat(payload).as(where).doesNotContain("\n", "\r");
                    }
                }
            }
        }
    }

    private static @Nullable Draft draft(ClientFrame frame) {
        return switch (frame) {
            case ClientFrame.Publish publish -> publish.draft();
            case ClientFrame.Say say -> say.draft();
            case ClientFrame.Tell tell -> tell.draft();
            default -> null;
        };
    }

    private static boolean parses(JsonFactory factory, String text) throws IOException {
        try (JsonParser parser = factory.createParser(text)) {
            while (parser.nextToken() != null) {
                parser.getText();
            }
            return true;
        } catch (JsonProcessingException refused) {
            return false;
        }
    }

    private static String publish(String payload) {
        return "{\"action\":\"publish\",\"topic\":\"a\",\"message\":" + payload + "}";
    }

    private static String read(String member, String value) {
        return "{\"action\":\"read\",\"topic\":\"a\",\"" + member + "\":" + value + "}";
    }

    private void assertRefused(String text) {
        assertThat(decode(dialect, text)).singleElement().isInstanceOf(ClientFrame.Malformed.class);
        assertTaken("{\"action\":\"ping\"}");
    }

    private void assertCode(String text, ErrorCode code) {
        assertThat(decode(dialect, text)).singleElement().extracting("code").isEqualTo(code);
    }

    private void assertTaken(String text) {
        assertThat(decode(dialect, text)).singleElement().isNotInstanceOf(ClientFrame.Malformed.class);
    }

    private static List<ClientFrame> decode(Dialect dialect, String text) {
        byte[] buffer = text.getBytes(StandardCharsets.UTF_8);
        List<ClientFrame> frames = new ArrayList<>();
        dialect.decode(Speakers.on("c"), buffer, 0, buffer.length, frames::add);
        return frames;
    }
}
