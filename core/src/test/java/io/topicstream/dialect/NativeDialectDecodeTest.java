package io.topicstream.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Append;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.testkit.Speakers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NativeDialectDecodeTest {
    private static final TopicName TOPIC = new TopicName("room:1");

    private final NativeDialect dialect = new NativeDialect();

    @Test
    void publishWithAllItsMembers() {
        ClientFrame.Publish publish = only(
                ClientFrame.Publish.class,
                "{\"action\":\"publish\",\"id\":\"p\\u0031\",\"topic\":\"room:1\",\"message\":{\"a\" : [1]},"
                        + "\"message_id\":\"m-1\",\"key\":\"gr\\u00fcn\",\"expected_offset\":9223372036854775807,\"echo\":false}");

        assertThat(publish.id()).asString(StandardCharsets.UTF_8).isEqualTo("\"p\\u0031\"");
        assertThat(publish.topic()).isEqualTo(TOPIC);
        assertThat(publish.draft()).isEqualTo(new Draft(utf8("{\"a\" : [1]}"), "m-1", Details.NONE.withKey("grün")));
        assertThat(publish.expectedOffset()).isEqualTo(Long.MAX_VALUE);
        assertThat(publish.echo()).isFalse();
    }

    @Test
    void publishWithHeaders() {
        String frame = "{\"action\":\"publish\",\"topic\":\"room:1\",\"headers\":%s,\"message\":1}";

        assertThat(only(
                                ClientFrame.Publish.class,
                                frame.formatted("{\"tr\\u0061ce\" : \"0\\\"af\" ,\n\"a\":\"\", \"b\":\"grün\"}"))
                        .draft())
                .isEqualTo(new Draft(
                        utf8("1"),
                        null,
                        Details.NONE.withHeaders(Headers.of(Map.of("a", "", "b", "grün", "trace", "0\"af")))));
        for (String none : List.of("null", "{}", "{ }")) {
            assertThat(only(ClientFrame.Publish.class, frame.formatted(none))
                            .draft()
                            .details())
                    .as(none)
                    .isNull();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | BAD_FRAME | \"headers\" is an object of strings, and no name stands twice in it",
                "\"a\" | BAD_FRAME | \"headers\" is an object of strings, and no name stands twice in it",
                "{\"a\":1} | BAD_FRAME | \"headers\" is an object of strings, and no name stands twice in it",
                "{\"a\":null} | BAD_FRAME | \"headers\" is an object of strings, and no name stands twice in it",
                "{\"a\":{}} | BAD_FRAME | \"headers\" is an object of strings, and no name stands twice in it",
                "{\"a\":\"\",\"\\u0061\":\"\"} | BAD_FRAME | \"headers\" is an object of strings, and no name stands twice in it",
                "{\"Trace\":\"\"} | BAD_FRAME | a header's name is 1 to 64 characters of a-z 0-9 . _ -",
                "{\"\":\"\"} | BAD_FRAME | a header's name is 1 to 64 characters of a-z 0-9 . _ -",
                "{\"a\":\"\",\"_name\":\"x\"} | BAD_FRAME | a header's name does not begin with _: such names are the server's",
                "{\"_\":\"\"} | BAD_FRAME | a header's name does not begin with _: such names are the server's",
                "{\"a\":\"\\n\"} | BAD_FRAME | the header \"a\" has a control character or half a surrogate pair",
                "{\"a\":\"\\ud800\"} | BAD_FRAME | a string has half a surrogate pair"
            })
    void headersThatAreNoneAreRefused(String headers, ErrorCode code, String reason) {
        assertRefuses(headers, code, reason);
    }

    @Test
    void tooManyOrTooLongHeadersAreTooLarge() {
        String many =
                IntStream.range(0, 17).mapToObj(i -> "\"h" + i + "\":\"\"").collect(Collectors.joining(","));
        assertRefuses("{" + many + "}", ErrorCode.TOO_LARGE, "a message has at most 16 headers");
        assertRefuses(
                "{\"a\":\"" + "é".repeat(2048) + "\"}",
                ErrorCode.TOO_LARGE,
                "the headers of a message have at most 4096 bytes together");
        assertThat(only(
                                ClientFrame.Publish.class,
                                "{\"action\":\"publish\",\"topic\":\"room:1\",\"message\":1,\"headers\":{\"a\":\""
                                        + "é".repeat(2047) + "\"}}")
                        .payloadBytes())
                .as("what a held frame counts")
                .isGreaterThan(2047);
    }

    private void assertRefuses(String headers, ErrorCode code, String reason) {
        ClientFrame.Malformed refused = only(
                ClientFrame.Malformed.class,
                "{\"action\":\"publish\",\"topic\":\"room:1\",\"message\":1,\"headers\":" + headers + "}");
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.reason()).isEqualTo(reason);
    }

    @Test
    void publishWithNothingButWhatItMustHave() {
        ClientFrame.Publish publish =
                only(ClientFrame.Publish.class, "{\"message\":null,\"topic\":\"room:1\",\"action\":\"publish\"}");

        assertThat(publish.id()).isNull();
        assertThat(publish.draft()).isEqualTo(new Draft(utf8("null"), null, null));
        assertThat(publish.expectedOffset()).isEqualTo(Append.ANY_OFFSET);
        assertThat(publish.echo()).isTrue();
    }

    @Test
    void anOptionalMemberThatIsNullWasNotGiven() {
        ClientFrame.Publish publish = only(
                ClientFrame.Publish.class,
                "{\"action\":\"publish\",\"topic\":\"room:1\",\"message\":1,\"id\":null,\"message_id\":null,"
                        + "\"key\":null,\"expected_offset\":null,\"echo\":null}");

        assertThat(publish.id()).isNull();
        assertThat(publish.draft().messageId()).isNull();
        assertThat(publish.echo()).isTrue();
    }

    @Test
    void anIdIsEchoedAsItStoodWhateverNumberItIs() {
        for (String id : List.of("1", "-1.50e3", "9".repeat(128), "\"\"", "\"" + "x".repeat(126) + "\"")) {
            assertThat(only(ClientFrame.Ping.class, "{\"action\":\"ping\",\"id\":" + id + "}")
                            .id())
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo(id);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"new\" | New[]",
                "\"earliest\" | Earliest[]",
                "0 | Offset[offset=0]",
                "9007199254740993 | Offset[offset=9007199254740993]",
                "{\"last\":0} | Last[count=0]",
                "{\"last\":10} | Last[count=10]",
                "{\"time\":1700000000000} | Time[timestamp=1700000000000]",
                "{\"resume\":{\"epoch\":3,\"offset\":7}} | Resume[epoch=3, offset=7]",
                "{\"resume\":{\"offset\":7,\"epoch\":0},\"later\":true} | Resume[epoch=0, offset=7]"
            })
    void subscribeFromEveryPosition(String from, String expected) {
        ClientFrame.Subscribe subscribe = only(
                ClientFrame.Subscribe.class,
                "{\"action\":\"subscribe\",\"topic\":\"room:1\",\"from\":" + from
                        + ",\"durable\":true,\"presence\":false}");

        assertThat(subscribe.from()).hasToString(expected);
        assertThat(subscribe.durable()).isTrue();
        assertThat(subscribe.presence()).isFalse();
    }

    @Test
    void lengthsAreCountedInCharacters() {
        String emoji = "\uD83D\uDE00";
        String frame =
                "{\"action\":\"publish\",\"topic\":\"room:1\",\"message\":1,\"message_id\":\"%s\",\"key\":\"%s\"}";

        ClientFrame.Publish longest =
                only(ClientFrame.Publish.class, frame.formatted(emoji.repeat(128), emoji.repeat(256)));
        assertThat(longest.draft().messageId()).isEqualTo(emoji.repeat(128));
        assertThat(only(ClientFrame.Malformed.class, frame.formatted(emoji.repeat(129), "k"))
                        .code())
                .isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(only(ClientFrame.Malformed.class, frame.formatted("m", emoji.repeat(257)))
                        .code())
                .isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(only(ClientFrame.Unknown.class, "{\"action\":\"" + "x".repeat(63) + emoji + "y\"}")
                        .action())
                .isEqualTo("x".repeat(63) + emoji);
    }

    @Test
    void presenceIsTrueOrFalseOrNotSaid() {
        String frame = "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"room:1\"%s}";

        assertThat(only(ClientFrame.Subscribe.class, frame.formatted(",\"presence\":true"))
                        .presence())
                .isTrue();
        assertThat(only(ClientFrame.Subscribe.class, frame.formatted("")).presence())
                .isNull();
        ClientFrame.Malformed malformed = only(ClientFrame.Malformed.class, frame.formatted(",\"presence\":\"yes\""));
        assertThat(malformed.code()).isEqualTo(ErrorCode.BAD_FRAME);
        assertThat(malformed.reason()).isEqualTo("\"presence\" is true or false");
    }

    @Test
    void subscribeThatSaysNoPositionHasNone() {
        ClientFrame.Subscribe subscribe =
                only(ClientFrame.Subscribe.class, "{\"action\":\"subscribe\",\"topic\":\"room:1\"}");

        assertThat(subscribe).isEqualTo(new ClientFrame.Subscribe(null, TOPIC, null, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"NEW\"",
                "\"\"",
                "-1",
                "1.5",
                "1e3",
                "\"1\"",
                "9223372036854775808",
                "true",
                "[]",
                "{}",
                "{\"last\":-1}",
                "{\"last\":\"1\"}",
                "{\"last\":1,\"time\":1}",
                "{\"time\":-1}",
                "{\"time\":1.5}",
                "{\"resume\":1}",
                "{\"resume\":{}}",
                "{\"resume\":{\"epoch\":1}}",
                "{\"resume\":{\"offset\":1}}",
                "{\"resume\":{\"epoch\":-1,\"offset\":1}}",
                "{\"resume\":{\"epoch\":1,\"offset\":1e2}}",
                "{\"last\":1,\"last\":1}",
                "{\"resume\":{\"epoch\":1,\"epoch\":1,\"offset\":1}}"
            })
    void aPositionThatIsNoneIsRefused(String from) {
        assertMalformed(
                "{\"action\":\"subscribe\",\"id\":7,\"topic\":\"room:1\",\"from\":" + from + "}",
                ErrorCode.BAD_FRAME,
                "7");
    }

    @Test
    void unsubscribe() {
        assertThat(only(
                        ClientFrame.Unsubscribe.class,
                        "{\"action\":\"unsubscribe\",\"topic\":\"room:1\",\"durable\":true}"))
                .isEqualTo(new ClientFrame.Unsubscribe(null, TOPIC, true));
        assertThat(only(ClientFrame.Unsubscribe.class, "{\"action\":\"unsubscribe\",\"topic\":\"room:1\"}")
                        .durable())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "none | none | none | -1 | -1 | 50",
                "0 | none | 0 | 0 | -1 | 0",
                "none | 9 | 1000 | -1 | 9 | 1000",
                "none | none | 1000000000 | -1 | -1 | 1000"
            })
    void readWithItsDefaultsAndBounds(
            @Nullable String after, @Nullable String before, @Nullable String limit, long a, long b, int l) {
        String text = "{\"action\":\"read\",\"topic\":\"room:1\""
                + (after == null ? "" : ",\"after\":" + after)
                + (before == null ? "" : ",\"before\":" + before)
                + (limit == null ? "" : ",\"limit\":" + limit)
                + "}";

        assertThat(only(Query.Read.class, text)).isEqualTo(new Query.Read(null, TOPIC, a, b, l));
    }

    @Test
    void readFromBothSidesIsRefused() {
        assertMalformed(
                "{\"action\":\"read\",\"id\":1,\"topic\":\"room:1\",\"after\":1,\"before\":2}",
                ErrorCode.BAD_FRAME,
                "1");
    }

    @Test
    void topicsWithItsDefaultsAndBounds() {
        assertThat(only(Query.Topics.class, "{\"action\":\"topics\"}")).isEqualTo(new Query.Topics(null, "", 100, ""));
        assertThat(only(
                        Query.Topics.class,
                        "{\"action\":\"topics\",\"prefix\":\"room:\",\"limit\":5000,\"start_after\":\"room:9\"}"))
                .isEqualTo(new Query.Topics(null, "room:", 1000, "room:9"));
        assertThat(only(Query.Topics.class, "{\"action\":\"topics\",\"limit\":0}")
                        .limit())
                .isEqualTo(1);
        assertMalformed("{\"action\":\"topics\",\"prefix\":\"a/b\"}", ErrorCode.BAD_TOPIC, null);
        assertMalformed("{\"action\":\"topics\",\"prefix\":7}", ErrorCode.BAD_FRAME, null);
        assertMalformed(
                "{\"action\":\"topics\",\"start_after\":\"" + "x".repeat(201) + "\"}", ErrorCode.TOO_LARGE, null);
    }

    @Test
    void signalUpToItsLimit() {
        String most = "\"" + "x".repeat(8 * 1024 - 2) + "\"";

        assertThat(only(
                                ClientFrame.Signal.class,
                                "{\"action\":\"signal\",\"topic\":\"room:1\",\"message\":" + most + "}")
                        .payload())
                .isEqualTo(utf8(most));
        assertMalformed(
                "{\"action\":\"signal\",\"topic\":\"room:1\",\"message\": " + most.replaceFirst("x", "xx") + "}",
                ErrorCode.TOO_LARGE,
                null);
    }

    @Test
    void authenticateAndPing() {
        assertThat(only(ClientFrame.Authenticate.class, "{\"action\":\"authenticate\",\"token\":\"t\"}")
                        .token())
                .isEqualTo("t");
        assertMalformed("{\"action\":\"authenticate\",\"token\":\"\"}", ErrorCode.BAD_FRAME, null);
        assertMalformed("{\"action\":\"authenticate\",\"id\":2}", ErrorCode.BAD_FRAME, "2");
        assertThat(only(ClientFrame.Ping.class, "{\"act\\u0069on\":\"p\\u0069ng\"}")
                        .id())
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"edit", "fly", "Publish", "what?!", ""})
    void anActionThatNobodyKnowsIsUnknown(String action) {
        ClientFrame.Unknown unknown =
                only(ClientFrame.Unknown.class, "{\"id\":\"a\",\"action\":\"" + action + "\",\"topic\":\"/\"}");

        assertThat(unknown.action()).isEqualTo(action);
        assertThat(unknown.id()).asString(StandardCharsets.UTF_8).isEqualTo("\"a\"");
    }

    @Test
    void ofAHugeUnknownActionOnlyTheBeginningIsKept() {
        assertThat(only(ClientFrame.Unknown.class, "{\"action\":\"" + "x".repeat(60_000) + "\"}")
                        .action())
                .hasSize(64);
    }

    @Test
    void aPayloadMayBeAsLargeAsTheLimitAndNotLarger() {
        NativeDialect small = new NativeDialect(10);

        assertThat(decode(small, "{\"action\":\"publish\",\"topic\":\"a\",\"message\":  \"12345678\"  }"))
                .singleElement()
                .isInstanceOf(ClientFrame.Publish.class);
        assertThat(decode(small, "{\"action\":\"publish\",\"topic\":\"a\",\"message\":\"123456789\"}"))
                .singleElement()
                .extracting("code")
                .isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void aPayloadArrivesAsOneLine() {
        ClientFrame.Publish publish = only(
                ClientFrame.Publish.class,
                "{\"action\":\"publish\",\"topic\":\"a\",\"message\":{\n  \"text\": \"line\\nbreak\",\r\n  \"n\": 1\n}\n}\r\n");

        assertThat(publish.draft().payload()).isEqualTo(utf8("{   \"text\": \"line\\nbreak\",    \"n\": 1 }"));
    }

    @Test
    void theFramesOfAnArrayAreToldInOrderAndEachForItself() {
        List<ClientFrame> frames = decode(
                dialect,
                " [ {\"action\":\"ping\",\"id\":1} ,\n{\"action\":\"publish\",\"id\":2,\"topic\":\"/\",\"message\":1},42,"
                        + "[],{\"action\":\"what\",\"id\":3},{\"id\":4,\"id\":4,\"action\":\"ping\"},{\"action\":\"ping\",\"id\":5}] ");

        assertThat(frames)
                .extracting(frame -> frame.getClass().getSimpleName() + " "
                        + (frame.id() == null ? null : new String(frame.id(), StandardCharsets.UTF_8)))
                .containsExactly(
                        "Ping 1",
                        "Malformed 2",
                        "Malformed null",
                        "Malformed null",
                        "Unknown 3",
                        "Malformed 4",
                        "Ping 5");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "[ ]",
                "[",
                "[{\"action\":\"ping\"}",
                "[{\"action\":\"ping\"},",
                "[{\"action\":\"ping\"},]",
                "[{\"action\":\"ping\"} {\"action\":\"ping\"}]",
                "[{\"action\":\"ping\"}]x",
                "[{\"action\":\"ping\"}][]",
                "[{\"action\":\"ping\"},{\"action\":\"ping\"]",
                "[{\"action\":\"ping\"},nul]",
                "[,]"
            })
    void nothingOfABrokenArrayRuns(String text) {
        assertMalformed(text, ErrorCode.BAD_FRAME, null);
    }

    @Test
    void anArrayHasAtMostAThousandFrames() {
        String ping = "{\"action\":\"ping\"}";

        assertThat(decode(dialect, "[" + (ping + ",").repeat(999) + ping + "]")).hasSize(1000);
        assertMalformed("[" + (ping + ",").repeat(1000) + ping + "]", ErrorCode.BAD_FRAME, null);
        assertThat(decode(dialect, ping)).hasSize(1);
    }

    @Test
    void aNameThatComesAgainIsTheSameObject() {
        String text = "{\"action\":\"publish\",\"topic\":\"room:1\",\"message\":1}";

        TopicName first = only(ClientFrame.Publish.class, text).topic();
        for (int i = 0; i < 100_000; i++) {
            only(ClientFrame.Unsubscribe.class, "{\"action\":\"unsubscribe\",\"topic\":\"other-" + i + "\"}");
        }
        TopicName later = only(ClientFrame.Publish.class, text).topic();
        TopicName again = only(ClientFrame.Publish.class, text).topic();

        assertThat(later).isEqualTo(first);
        assertThat(again).isSameAs(later);
    }

    private <T extends ClientFrame> T only(Class<T> type, String text) {
        List<ClientFrame> frames = decode(dialect, text);
        assertThat(frames).as(text.substring(0, Math.min(200, text.length()))).hasSize(1);
        assertThat(frames.getFirst()).isInstanceOf(type);
        return type.cast(frames.getFirst());
    }

    private void assertMalformed(String text, ErrorCode code, @Nullable String id) {
        ClientFrame.Malformed malformed = only(ClientFrame.Malformed.class, text);
        assertThat(malformed.code()).isEqualTo(code);
        assertThat(malformed.reason()).isNotBlank();
        if (id == null) {
            assertThat(malformed.id()).isNull();
        } else {
            assertThat(malformed.id()).isEqualTo(utf8(id));
        }
    }

    private static List<ClientFrame> decode(Dialect dialect, String text) {
        // Something stands before and after, which no reader may see.
        byte[] buffer = utf8("\"[" + text + "}]\"");
        List<ClientFrame> frames = new ArrayList<>();
        dialect.decode(Speakers.on("c"), buffer, 2, buffer.length - 3, frames::add);
        return frames;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
