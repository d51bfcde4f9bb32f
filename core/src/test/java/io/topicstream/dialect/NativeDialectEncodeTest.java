package io.topicstream.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.json.JsonSamples;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.About;
import io.topicstream.log.Details;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Folded;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ReplySize;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.testkit.Speakers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NativeDialectEncodeTest {
    private static final TopicName TOPIC = new TopicName("room:1");
    private static final Extent EXTENT = new Extent(3, 5, 9);
    private static final byte[] ID = utf8("\"i\\u0064\"");

    private final NativeDialect dialect = new NativeDialect();

    @Test
    void welcome() {
        assertThat(encode(new ServerFrame.Welcome(
                        "c\"1",
                        "ann",
                        "Ann \u2603",
                        1700000000000L,
                        25_000,
                        Durability.OS,
                        1700000001000L,
                        List.of(new TopicExtent(TOPIC, EXTENT), new TopicExtent(new TopicName("b"), Extent.empty(0))),
                        false)))
                .isEqualTo(
                        "{\"type\":\"welcome\",\"connection_id\":\"c\\\"1\",\"user\":\"ann\",\"name\":\"Ann \u2603\","
                                + "\"protocol\":1,\"server_time\":1700000000000,\"ping_ms\":25000,\"durability\":\"os\","
                                + "\"expires_at\":1700000001000,\"subscriptions\":["
                                + "{\"topic\":\"room:1\",\"epoch\":3,\"next_offset\":9},"
                                + "{\"topic\":\"b\",\"epoch\":0,\"next_offset\":1}]}");
        assertThat(encode(new ServerFrame.Welcome("c", null, null, 1, 25_000, Durability.DISK, null, List.of(), false)))
                .isEqualTo("{\"type\":\"welcome\",\"connection_id\":\"c\",\"user\":null,\"name\":null,\"protocol\":1,"
                        + "\"server_time\":1,\"ping_ms\":25000,\"durability\":\"disk\",\"subscriptions\":[]}");
    }

    @Test
    void subscriptionsForWhichTheGreetingHasNoRoomFollowIt() {
        List<TopicExtent> most = IntStream.range(100, 600)
                .mapToObj(i -> new TopicExtent(
                        new TopicName(i + "x".repeat(197)), new Extent(Long.MAX_VALUE, 1, Long.MAX_VALUE)))
                .toList();

        List<List<TopicExtent>> pieces = ReplySize.pieces(most);

        assertThat(pieces).hasSize(2);
        assertThat(pieces.stream().flatMap(List::stream).toList()).isEqualTo(most);
        String name = "\uD83D\uDE00".repeat(64);
        assertThat(encode(new ServerFrame.Welcome(
                        "c".repeat(24), "u".repeat(96), name, 1, 1, Durability.MEMORY, 1L, pieces.getFirst(), true)))
                .endsWith("],\"more\":true}")
                .hasSizeLessThan(ReplySize.MAX_BYTES);
        assertThat(encode(new ServerFrame.Subscriptions(pieces.getLast(), false)))
                .startsWith("{\"type\":\"subscriptions\",\"subscriptions\":[{\"topic\":\"")
                .endsWith("}]}")
                .hasSizeLessThan(ReplySize.MAX_BYTES);
        assertThat(ReplySize.pieces(List.of())).containsExactly(List.of());
    }

    @Test
    void subscribedIsSentWithAndWithoutAnId() {
        assertThat(encode(new ServerFrame.Subscribed(ID, TOPIC, EXTENT, true)))
                .isEqualTo("{\"type\":\"reply\",\"id\":\"i\\u0064\",\"topic\":\"room:1\",\"epoch\":3,"
                        + "\"first_offset\":5,\"next_offset\":9,\"recovered\":true}");
        assertThat(encode(new ServerFrame.Subscribed(null, TOPIC, EXTENT, false)))
                .isEqualTo("{\"type\":\"reply\",\"topic\":\"room:1\",\"epoch\":3,\"first_offset\":5,\"next_offset\":9,"
                        + "\"recovered\":false}");
    }

    @Test
    void publishedNamesTheDurabilityOnlyWhereItIsLess() {
        assertThat(encode(new ServerFrame.Published(utf8("7"), TOPIC, 1, 2, 3, Durability.DISK)))
                .isEqualTo(
                        "{\"type\":\"reply\",\"id\":7,\"topic\":\"room:1\",\"epoch\":1,\"offset\":2,\"timestamp\":3}");
        assertThat(encode(new ServerFrame.Published(utf8("7"), TOPIC, 1, 2, 3, Durability.MEMORY)))
                .isEqualTo("{\"type\":\"reply\",\"id\":7,\"topic\":\"room:1\",\"epoch\":1,\"offset\":2,\"timestamp\":3,"
                        + "\"durability\":\"memory\"}");
    }

    @Test
    void theOtherReplies() {
        assertThat(encode(new ServerFrame.Unsubscribed(ID, TOPIC)))
                .isEqualTo("{\"type\":\"reply\",\"id\":\"i\\u0064\",\"topic\":\"room:1\"}");
        assertThat(encode(new Query.ReadPage(
                        utf8("1"),
                        TOPIC,
                        EXTENT,
                        List.of(
                                new Message(
                                        7,
                                        70,
                                        "ann",
                                        "m\"1",
                                        utf8("{\"a\": 1}"),
                                        Details.NONE.withKey("k").withheldFrom("c")),
                                new Message(8, 80, null, null, utf8("null"), null)))))
                .isEqualTo("{\"type\":\"reply\",\"id\":1,\"topic\":\"room:1\",\"messages\":["
                        + "{\"offset\":7,\"timestamp\":70,\"from\":\"ann\",\"message\":{\"a\": 1},"
                        + "\"message_id\":\"m\\\"1\",\"key\":\"k\"},{\"offset\":8,\"timestamp\":80,\"message\":null}],"
                        + "\"epoch\":3,\"first_offset\":5,\"next_offset\":9}");
        assertThat(encode(new Query.TopicList(utf8("1"), List.of(new TopicExtent(TOPIC, EXTENT)), null)))
                .isEqualTo("{\"type\":\"reply\",\"id\":1,\"topics\":["
                        + "{\"topic\":\"room:1\",\"epoch\":3,\"next_offset\":9}]}");
        assertThat(encode(new Query.TopicList(utf8("1"), List.of(), "room:1")))
                .isEqualTo("{\"type\":\"reply\",\"id\":1,\"topics\":[],\"next\":\"room:1\"}");
        assertThat(encode(new ServerFrame.Authenticated(utf8("1"), "ann", 5L)))
                .isEqualTo("{\"type\":\"reply\",\"id\":1,\"user\":\"ann\",\"expires_at\":5}");
        assertThat(encode(new ServerFrame.Authenticated(utf8("1"), null, null)))
                .isEqualTo("{\"type\":\"reply\",\"id\":1,\"user\":null,\"expires_at\":null}");
        assertThat(encode(new ServerFrame.Done(utf8("1")))).isEqualTo("{\"type\":\"reply\",\"id\":1}");
    }

    @Test
    void aReplyThatNobodyAskedForIsNotSent() {
        assertThat(encode(new ServerFrame.Published(null, TOPIC, 1, 2, 3, Durability.DISK)))
                .isNull();
        assertThat(encode(new ServerFrame.Unsubscribed(null, TOPIC))).isNull();
        assertThat(encode(new Query.ReadPage(null, TOPIC, EXTENT, List.of()))).isNull();
        assertThat(encode(new Query.TopicList(null, List.of(), null))).isNull();
        assertThat(encode(new ServerFrame.Authenticated(null, "ann", null))).isNull();
        assertThat(encode(new ServerFrame.Done(null))).isNull();
    }

    @Test
    void errorsAreSentWithWhatIsKnownOfThem() {
        assertThat(encode(new ServerFrame.Error(null, ErrorCode.OVERLOADED, "too \"much\"\n", null, null)))
                .isEqualTo("{\"type\":\"error\",\"code\":\"overloaded\",\"message\":\"too \\\"much\\\"\\n\","
                        + "\"retryable\":true}");
        assertThat(encode(new ServerFrame.Error(ID, ErrorCode.CONFLICT, "m", TOPIC, 9L)))
                .isEqualTo("{\"type\":\"error\",\"id\":\"i\\u0064\",\"code\":\"conflict\",\"message\":\"m\","
                        + "\"retryable\":false,\"topic\":\"room:1\",\"next_offset\":9}");
    }

    @Test
    void pongsAndEvents() {
        assertThat(encode(new ServerFrame.Pong(null))).isEqualTo("{\"type\":\"pong\"}");
        assertThat(encode(new ServerFrame.Pong(utf8("1")))).isEqualTo("{\"type\":\"pong\",\"id\":1}");
        assertThat(encode(new ServerFrame.Signal(TOPIC, "ann", utf8("{\"typing\":true}"))))
                .isEqualTo("{\"type\":\"signal\",\"topic\":\"room:1\",\"from\":\"ann\",\"message\":{\"typing\":true}}");
        assertThat(encode(new ServerFrame.Signal(TOPIC, null, utf8("1"))))
                .isEqualTo("{\"type\":\"signal\",\"topic\":\"room:1\",\"from\":null,\"message\":1}");
        assertThat(encode(new ServerFrame.Redacted(TOPIC, List.of(3L, 12L))))
                .isEqualTo("{\"type\":\"redacted\",\"topic\":\"room:1\",\"offsets\":[3,12]}");
        assertThat(encode(new ServerFrame.Truncated(TOPIC, 1, 2)))
                .isEqualTo("{\"type\":\"truncated\",\"topic\":\"room:1\",\"epoch\":1,\"first_offset\":2}");
        assertThat(encode(new ServerFrame.Reset(TOPIC, 1, 2)))
                .isEqualTo("{\"type\":\"reset\",\"topic\":\"room:1\",\"epoch\":1,\"common_offset\":2}");
        assertThat(encode(new ServerFrame.Draining(1500)))
                .isEqualTo("{\"type\":\"draining\",\"reconnect_in_ms\":1500}");
    }

    @Test
    void aDeliveryIsABareMessageWithWhatItHas() {
        List<Message> messages = List.of(
                new Message(
                        1,
                        10,
                        "ann",
                        "m1",
                        utf8("{\"a\":1}"),
                        Details.NONE.withKey("k1").withheldFrom("c")),
                new Message(2, 20, null, null, utf8("2"), null));

        assertThat(deliver(messages, false))
                .containsExactly(
                        "{\"type\":\"message\",\"topic\":\"room:1\",\"offset\":1,\"timestamp\":10,\"from\":\"ann\","
                                + "\"message\":{\"a\":1},\"message_id\":\"m1\",\"key\":\"k1\"}",
                        "{\"type\":\"message\",\"topic\":\"room:1\",\"offset\":2,\"timestamp\":20,\"message\":2}");
        assertThat(deliver(messages, true)).containsExactly("[" + String.join(",", deliver(messages, false)) + "]");
        assertThat(deliver(messages.subList(0, 1), true)).isEqualTo(deliver(messages.subList(0, 1), false));
    }

    @Test
    void aMessageSaysWhatItIsIfItIsNotJsonAndWhatWasSaidBeside() {
        Headers headers = Headers.of(Map.of("trace", "0\"af", "sender", "Ä"));
        List<Message> messages = List.of(
                new Message(
                        1,
                        10,
                        "ann",
                        "m1",
                        new byte[] {0, -1, 62},
                        new Details(Message.Kind.BYTES, "image/x; a=\"b\"", headers, "k1", "o", "c")),
                new Message(2, 20, null, null, new byte[0], Details.ofBytes("a/b")),
                new Message(3, 30, null, null, new byte[0], Details.REDACTED),
                new Message(4, 40, null, null, utf8("2"), Details.NONE.withHeaders(headers)),
                new Message(5, 50, null, null, new byte[] {1}, Details.ofBytes("a/b")),
                new Message(6, 60, null, null, new byte[] {1, 2}, Details.ofBytes("a/b")));

        assertThat(deliver(messages, false))
                .containsExactly(
                        "{\"type\":\"message\",\"topic\":\"room:1\",\"offset\":1,\"timestamp\":10,\"from\":\"ann\","
                                + "\"message\":\"AP8+\",\"message_id\":\"m1\",\"key\":\"k1\","
                                + "\"headers\":{\"sender\":\"Ä\",\"trace\":\"0\\\"af\"},"
                                + "\"content_type\":\"image/x; a=\\\"b\\\"\",\"encoding\":\"base64\"}",
                        "{\"type\":\"message\",\"topic\":\"room:1\",\"offset\":2,\"timestamp\":20,\"message\":\"\","
                                + "\"content_type\":\"a/b\",\"encoding\":\"base64\"}",
                        "{\"type\":\"message\",\"topic\":\"room:1\",\"offset\":3,\"timestamp\":30,\"message\":null,"
                                + "\"redacted\":true}",
                        "{\"type\":\"message\",\"topic\":\"room:1\",\"offset\":4,\"timestamp\":40,\"message\":2,"
                                + "\"headers\":{\"sender\":\"Ä\",\"trace\":\"0\\\"af\"}}",
                        "{\"type\":\"message\",\"topic\":\"room:1\",\"offset\":5,\"timestamp\":50,\"message\":\"AQ==\","
                                + "\"content_type\":\"a/b\",\"encoding\":\"base64\"}",
                        "{\"type\":\"message\",\"topic\":\"room:1\",\"offset\":6,\"timestamp\":60,\"message\":\"AQI=\","
                                + "\"content_type\":\"a/b\",\"encoding\":\"base64\"}");
        assertThat(encode(new Query.ReadPage(utf8("1"), TOPIC, EXTENT, messages.subList(2, 3))))
                .contains("[{\"offset\":3,\"timestamp\":30,\"message\":null,\"redacted\":true}]");
        assertForetold(messages);
    }

    @Test
    void aMessageShowsTheNameThatItsPublisherHadAndNoHeaderOfTheServer() {
        Headers named = Headers.NONE.with(Headers.NAME, "Änn \"A\"").with(Headers.AS, "José");
        List<Message> messages = List.of(
                new Message(1, 10, "ann", "m1", utf8("1"), Details.NONE.withHeaders(named)),
                new Message(2, 20, null, null, utf8("2"), Details.NONE.withHeaders(named)),
                new Message(
                        3,
                        30,
                        "ann",
                        null,
                        utf8("3"),
                        Details.NONE
                                .withHeaders(
                                        Headers.of(Map.of("a", "b", "z", "")).with(Headers.NAME, "Bo"))
                                .withKey("k")),
                new Message(
                        4, 40, "ann", null, utf8("4"), Details.NONE.withHeaders(Headers.NONE.with(Headers.AS, "x"))));

        assertThat(deliver(messages, false))
                .containsExactly(
                        "{\"type\":\"message\",\"topic\":\"room:1\",\"offset\":1,\"timestamp\":10,\"from\":\"ann\","
                                + "\"name\":\"Änn \\\"A\\\"\",\"message\":1,\"message_id\":\"m1\"}",
                        "{\"type\":\"message\",\"topic\":\"room:1\",\"offset\":2,\"timestamp\":20,"
                                + "\"name\":\"Änn \\\"A\\\"\",\"message\":2}",
                        "{\"type\":\"message\",\"topic\":\"room:1\",\"offset\":3,\"timestamp\":30,\"from\":\"ann\","
                                + "\"name\":\"Bo\",\"message\":3,\"key\":\"k\",\"headers\":{\"a\":\"b\",\"z\":\"\"}}",
                        "{\"type\":\"message\",\"topic\":\"room:1\",\"offset\":4,\"timestamp\":40,\"from\":\"ann\","
                                + "\"message\":4}");
        assertThat(encode(new Query.ReadPage(utf8("1"), TOPIC, EXTENT, messages.subList(2, 3))))
                .contains("[{\"offset\":3,\"timestamp\":30,\"from\":\"ann\",\"name\":\"Bo\",\"message\":3,"
                        + "\"key\":\"k\",\"headers\":{\"a\":\"b\",\"z\":\"\"}}]");
        assertForetold(messages);
    }

    @Test
    void arraysAreAsLongAsTheyMayBeAndNoLonger() {
        long seed = Long.getLong("topicstream.seed", System.nanoTime());
        Random random = new Random(seed);

        for (int round = 0; round < 200; round++) {
            int largest = random.nextBoolean() ? 40_000 : 2_000;
            List<Message> messages = LongStream.rangeClosed(1, 1 + random.nextInt(60))
                    .mapToObj(offset -> new Message(
                            offset,
                            offset,
                            random.nextBoolean() ? JsonSamples.text(random, 30) : null,
                            random.nextBoolean() ? JsonSamples.text(random, 30) : null,
                            utf8("\"" + "x".repeat(random.nextInt(largest)) + "\""),
                            Details.NONE.withKey(random.nextBoolean() ? JsonSamples.text(random, 30) : null)))
                    .toList();
            List<String> bare = deliver(messages, false);
            List<String> arrays = deliver(messages, true);

            String where = "-Dtopicstream.seed=" + seed + ", round " + round;
            List<String> unpacked = new ArrayList<>();
            int at = 0;
            for (String array : arrays) {
                int count = 1;
                if (array.startsWith("[")) {
                    assertThat(utf8(array).length).as(where).isLessThanOrEqualTo(Dialect.MAX_ARRAY_BYTES);
                    count = 2;
                    while (array.length()
                            > String.join(",", bare.subList(at, at + count)).length() + 2) {
                        count++;
                    }
                    unpacked.add(array.substring(1, array.length() - 1));
                } else {
                    unpacked.add(array);
                }
                at += count;
                if (at < bare.size()) {
                    int withNext = utf8(array).length + utf8(bare.get(at)).length + (count > 1 ? 1 : 3);
                    assertThat(withNext).as(where).isGreaterThan(Dialect.MAX_ARRAY_BYTES);
                }
            }
            assertThat(String.join(",", unpacked)).as(where).isEqualTo(String.join(",", bare));
        }
    }

    @Test
    void aPageIsCutBeforeItsReplyWouldBeTooLong() {
        List<Message> messages = LongStream.rangeClosed(1, 1000)
                .mapToObj(offset -> new Message(
                        offset, 1700000000000L, "a\"b", "\u0001", utf8("\"" + "é".repeat(200) + "\""), null))
                .toList();

        List<Message> first = ReplySize.fitting(messages, Direction.FORWARD, ReplySize.MAX_BYTES);
        List<Message> last = ReplySize.fitting(messages, Direction.BACKWARD, ReplySize.MAX_BYTES);

        for (List<Message> page : List.of(first, last)) {
            byte[] id = utf8("\"" + "x".repeat(126) + "\"");
            TopicName topic = new TopicName("t".repeat(200));
            Extent extent = new Extent(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
            String reply = encode(new Query.ReadPage(id, topic, extent, page));
            assertThat(utf8(reply).length).isBetween(ReplySize.MAX_BYTES - 2_000, ReplySize.MAX_BYTES);
        }
        assertThat(first.getFirst().offset()).isEqualTo(1);
        assertThat(last.getLast().offset()).isEqualTo(1000);
    }

    @Test
    void aPageKeepsOneMessageHoweverLargeAndAllWhereTheyFit() {
        Message large = new Message(1, 1, null, null, utf8("\"" + "x".repeat(120 * 1024 - 2) + "\""), null);
        Message small = new Message(2, 2, null, null, utf8("1"), null);

        assertThat(ReplySize.fitting(List.of(large, small), Direction.FORWARD, ReplySize.MAX_BYTES))
                .containsExactly(large);
        assertThat(ReplySize.fitting(List.of(large, small), Direction.BACKWARD, ReplySize.MAX_BYTES))
                .containsExactly(small);
        assertThat(ReplySize.fitting(List.of(large), Direction.BACKWARD, ReplySize.MAX_BYTES))
                .containsExactly(large);
        assertThat(ReplySize.fitting(List.of(small, small), Direction.FORWARD, ReplySize.MAX_BYTES))
                .hasSize(2);
        assertThat(ReplySize.fitting(List.of(), Direction.FORWARD, ReplySize.MAX_BYTES))
                .isEmpty();
    }

    @Test
    void whatIsForetoldOfAMessageIsWhatIsWritten() {
        Message message =
                new Message(123, 1700000000000L, "a\"", "é", utf8("{\"a\":[1,2]}"), Details.NONE.withKey("k"));
        assertForetold(List.of(message));
    }

    @Test
    void whatIsForetoldOfAMessageAboutAnotherIsWhatIsWritten() {
        Draft reply = new Draft(utf8("1"), null, null).about(new About(77, About.As.REPLY, null));
        Draft reaction = new Draft(utf8("null"), null, null).about(new About(1, About.As.REACTION, "\"\uD83D\uDC4D"));
        assertForetold(List.of(
                new Message(123, 17, "a", null, reply.payload(), reply.details()),
                new Message(124, 17, "a", null, reaction.payload(), reaction.details())));
    }

    @Test
    void aFoldedPageIsNoLongerThanForetold() {
        Folded most = new Folded(
                new Message(Long.MAX_VALUE, Long.MAX_VALUE, "a", null, utf8("1"), null),
                new Folded.Edit(Long.MAX_VALUE, Long.MAX_VALUE),
                List.of(
                        new Folded.Reaction("+", Integer.MAX_VALUE, List.of("u".repeat(96), "\u0001"), true),
                        new Folded.Reaction("\"", 1, List.of("u"), false)),
                new Folded.Replies(Integer.MAX_VALUE, Long.MAX_VALUE));
        Folded plain = new Folded(new Message(1, 1, null, null, utf8("1"), null), null, List.of(), null);

        for (Folded one : List.of(most, plain)) {
            List<Folded> many = java.util.Collections.nCopies(5_000, one);
            int count = ReplySize.countFitting(many, ReplySize.MAX_BYTES);
            byte[] id = utf8("\"" + "x".repeat(126) + "\"");
            Extent extent = new Extent(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
            String reply = encode(new Query.FoldedPage(
                    id, new TopicName("t".repeat(200)), extent, many.subList(0, count), Long.MAX_VALUE, 1));
            assertThat(utf8(reply).length)
                    .isLessThanOrEqualTo(ReplySize.MAX_BYTES)
                    .isGreaterThan(60_000);
        }
        assertThat(encode(new Query.FoldedPage(utf8("1"), TOPIC, EXTENT, List.of(plain), 1, 2)))
                .isEqualTo("{\"type\":\"reply\",\"id\":1,\"topic\":\"room:1\",\"messages\":["
                        + "{\"offset\":1,\"timestamp\":1,\"message\":1}],\"covers\":{\"first\":1,\"last\":2},"
                        + "\"epoch\":3,\"first_offset\":5,\"next_offset\":9}");
        assertThat(ReplySize.countFitting(List.of(most, most), 1)).isEqualTo(1);
        assertThat(ReplySize.countFitting(List.of(), 1)).isZero();
    }

    private void assertForetold(List<Message> messages) {
        int empty = encodedLength(new Query.ReadPage(utf8("1"), TOPIC, EXTENT, List.of()));
        for (Message message : messages) {
            int two = encodedLength(new Query.ReadPage(utf8("1"), TOPIC, EXTENT, List.of(message, message)));
            assertThat(2 * ReplySize.messageBytes(message) + 1)
                    .as("message %d", message.offset())
                    .isEqualTo(two - empty);
        }
    }

    private int encodedLength(ServerFrame frame) {
        JsonWriter json = new JsonWriter();
        assertThat(dialect.encode(frame, Speakers.on("c"), json)).isTrue();
        return json.length();
    }

    private @Nullable String encode(ServerFrame frame) {
        JsonWriter json = new JsonWriter();
        boolean said = dialect.encode(frame, Speakers.on("c"), json);
        assertThat(json.length() > 0).isEqualTo(said);
        return said ? json.toString() : null;
    }

    private List<String> deliver(List<Message> messages, boolean arrays) {
        return Deliveries.of(dialect, TOPIC, messages, arrays);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
