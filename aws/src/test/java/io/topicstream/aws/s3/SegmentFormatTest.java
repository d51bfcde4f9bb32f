package io.topicstream.aws.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.s3.Objects.Stored;
import io.topicstream.log.Batch;
import io.topicstream.log.Details;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentFormatTest {
    private static final TopicName NEWS = new TopicName("news");
    private static final long TIME = 1_767_225_600_000L;

    private static final String TWO =
            "{\"topicstream_segment\":1,\"topic\":\"news\",\"first_offset\":7,\"next_offset\":9,"
                    + "\"batches\":[{\"epoch\":1767225600,\"messages\":["
                    + "{\"offset\":7,\"payload\":{\"any\": \"JSON\"},\"timestamp\":1767225600000,\"from\":\"ann\","
                    + "\"message_id\":\"m-1\",\"key\":\"k\",\"origin\":\"c-1\",\"withheld_from\":\"c-2\","
                    + "\"headers\":{\"_name\":\"Ann\",\"lang\":\"de\"}}]},"
                    + "{\"epoch\":1767225601,\"messages\":["
                    + "{\"offset\":8,\"payload\":\"AAEC\",\"timestamp\":1767225600000,\"kind\":\"bytes\","
                    + "\"content_type\":\"image/png\"}]}]}";

    // ---- one plain message, as other deployments have every one

    @Test
    void onePlainMessageIsTheObjectThatOtherDeploymentsHave() {
        Stored object = SegmentFormat.encode(NEWS, plain(7, "{\"b\":[1,2.5,null],\"a\":\"ä\"}", 99));

        assertThat(text(object))
                .isEqualTo("{\"offset\":7,\"payload\":{\"b\":[1,2.5,null],\"a\":\"ä\"},\"timestamp\":1767225600000}");
        assertThat(object.metadata()).isEqualTo(Map.of("topicstream-epoch", "99"));
        assertThat(SegmentParser.parse(NEWS, 7, object)).isEqualTo(plain(7, "{\"b\":[1,2.5,null],\"a\":\"ä\"}", 99));
    }

    @Test
    void theirObjectsAreMessages() {
        assertThat(theirs(1, "{\"offset\":1,\"payload\":{\"event\":\"x\"},\"timestamp\":1700000000123}"))
                .isEqualTo(message(1, 1_700_000_000_123L, "{\"event\":\"x\"}"));
        assertThat(theirs(12, "{\"offset\":12,\"payload\":null,\"timestamp\":1700000000123}"))
                .isEqualTo(message(12, 1_700_000_000_123L, "null"));
        assertThat(theirs(3, "{\"offset\":3,\"payload\":\"a\\nb\",\"timestamp\":0}"))
                .isEqualTo(message(3, 0, "\"a\\nb\""));
        assertThat(theirs(4, "{\"offset\":4,\"payload\":1e400,\"timestamp\":1}"))
                .isEqualTo(message(4, 1, "1e400"));
    }

    @Test
    void anObjectThatWasWrittenOverSeveralLinesIsAMessageOnOne() {
        assertThat(theirs(5, "{\n  \"timestamp\": 1,\n  \"payload\": {\n\"a\": 1\r\n},\n  \"offset\": 5\n}\n"))
                .isEqualTo(message(5, 1, "{ \"a\": 1  }"));
    }

    @Test
    void aMessageThatHasMoreToSayIsNoPlainObject() {
        Message from = new Message(7, TIME, "ann", null, "1".getBytes(UTF_8), null);
        Message bytes = new Message(7, TIME, null, null, new byte[] {1}, Details.ofBytes("image/png"));
        Message redacted = new Message(7, TIME, null, null, new byte[0], Details.REDACTED);

        for (Message message : List.of(from, bytes, redacted)) {
            Segment segment = new Segment(List.of(new Batch(3, List.of(message))));
            Stored object = SegmentFormat.encode(NEWS, segment);

            assertThat(text(object)).startsWith("{\"topicstream_segment\":1,");
            assertThat(SegmentParser.parse(NEWS, 7, object)).isEqualTo(segment);
        }
    }

    // ---- segments

    @Test
    void aSegmentSaysAllOfItsMessages() {
        Details details = new Details(
                Message.Kind.JSON, null, Headers.kept(Map.of("lang", "de", "_name", "Ann")), "k", "c-1", "c-2");
        Message first = new Message(7, TIME, "ann", "m-1", "{\"any\": \"JSON\"}".getBytes(UTF_8), details);
        Message second = new Message(8, TIME, null, null, new byte[] {0, 1, 2}, Details.ofBytes("image/png"));
        Segment segment = new Segment(
                List.of(new Batch(1_767_225_600, List.of(first)), new Batch(1_767_225_601, List.of(second))));

        Stored object = SegmentFormat.encode(NEWS, segment);

        assertThat(text(object)).isEqualTo(TWO);
        assertThat(object.metadata()).isEmpty();
        assertThat(SegmentParser.parse(NEWS, 7, object)).isEqualTo(segment);
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Random random = new Random(20_260_101);
        RandomSegments segments = new RandomSegments(random);
        for (int round = 0; round < 2_000; round++) {
            long first = 1 + random.nextLong(1L << random.nextInt(62));
            Segment segment = segments.segment(first, 1 + random.nextInt(round % 100 == 0 ? 1_000 : 6));

            Segment read = SegmentParser.parse(NEWS, first, SegmentFormat.encode(NEWS, segment));

            assertThat(read).as("round %s", round).isEqualTo(segment);
        }
    }

    @Test
    void aSegmentIsConsecutiveAndBounded() {
        Batch seven = new Batch(1, List.of(message(7, 0, "1")));
        Batch nine = new Batch(1, List.of(message(9, 0, "1")));

        assertThatThrownBy(() -> new Segment(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Segment(List.of(seven, nine))).hasMessage("the offset 9 stands where 8 should");
        assertThatThrownBy(() -> new Segment(List.of(new Batch(1, List.of(message(0, 0, "1"))))))
                .hasMessage("offsets begin at 1, not at 0");
        List<Message> many = LongStream.rangeClosed(1, 1_001)
                .mapToObj(offset -> message(offset, 0, "1"))
                .toList();
        assertThatThrownBy(() -> new Segment(List.of(new Batch(1, many))))
                .hasMessage("a segment has at most 1000 messages");
        assertThat(new Segment(List.of(new Batch(1, many.subList(0, 1_000)))).count())
                .isEqualTo(1_000);
    }

    // ---- damage, and the work of other versions

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "topicstream_segment":1  | "topicstream_segment":2,"x":{} | it has the format version 2, which
            "topicstream_segment":1  | "topicstream_segment":"1"      | it has the format version "1", which
            "topic":"news"           | "topic":"olds"                 | it is not of the topic news
            "topic":"news",          | ''                             | it is not of the topic news
            "first_offset":7         | "first_offset":6               | says otherwise
            "next_offset":9          | "next_offset":10               | says otherwise
            "batches":[              | "batches":7,"b":[              | it has the member "b", which
            "epoch":1767225600,      | ''                             | "epoch" is missing
            "epoch":1767225600       | "epoch":-1                     | "epoch" is missing, or no whole
            "epoch":1767225600       | "ages":1,"epoch":1767225600    | it has the member "ages", which
            "offset":8               | "offset":9                     | the offset 9 stands where 8 should
            "kind":"bytes"           | "kind":"video"                 | a message of the kind "video", which
            "kind":"bytes"           | "kind":"redacted"              | bytes have a content type
            "AAEC","t                | "AAEC","kind":"redacted","t    | stands twice
            "AAEC"                   | "A?EC"                         | Illegal base64
            "AAEC"                   | 7                              | no string of base64
            "key":"k"                | "key":7                        | "key" is no string
            "key":"k"                | "key":"k","mood":"good"        | it has the member "mood", which
            "lang":"de"              | "lang":7                       | no object of strings
            "lang":"de"              | "Lang":"de"                    | a header's name
            "payload":"AAEC",        | ''                             | has no payload
            """)
    void whatIsNotKnownOrNotRightIsRefusedByName(String part, String other, String problem) {
        assertThat(TWO).contains(part);
        assertThatThrownBy(() -> SegmentParser.parse(NEWS, 7, object(TWO.replace(part, other))))
                .isInstanceOf(BadSegmentException.class)
                .hasMessageStartingWith("the segment topics/news/00000000000000000007.json cannot be read: ")
                .hasMessageContaining(problem);
    }

    @Test
    void aPieceOfASegmentIsNone() {
        for (String whole : List.of(TWO, text(SegmentFormat.encode(NEWS, plain(7, "{\"a\":1}", 0))))) {
            byte[] bytes = whole.getBytes(UTF_8);
            for (int length = 0; length < bytes.length; length++) {
                Stored piece = new Stored(Arrays.copyOf(bytes, length), Map.of());
                assertThatThrownBy(() -> SegmentParser.parse(NEWS, 7, piece))
                        .as("%s bytes", length)
                        .isInstanceOf(BadSegmentException.class);
            }
        }
    }

    @Test
    void anObjectUnderAnotherKeyIsRefused() {
        assertThatThrownBy(() -> SegmentParser.parse(NEWS, 8, object(TWO)))
                .hasMessageContaining("it begins at offset 7");
        assertThatThrownBy(() -> SegmentParser.parse(NEWS, 8, object("{\"offset\":7,\"payload\":1,\"timestamp\":1}")))
                .hasMessageContaining("it begins at offset 7");
    }

    @Test
    void whatIsNoTextIsRefused() {
        byte[] bytes = TWO.getBytes(UTF_8);
        bytes[TWO.indexOf("ann")] = (byte) 0xC0;

        assertThatThrownBy(() -> SegmentParser.parse(NEWS, 7, new Stored(bytes, Map.of())))
                .hasMessageContaining("it is not UTF-8");
    }

    @Test
    void anEpochThatIsNoNumberIsRefused() {
        Stored object = new Stored(
                "{\"offset\":7,\"payload\":1,\"timestamp\":1}".getBytes(UTF_8), Map.of("topicstream-epoch", "soon"));

        assertThatThrownBy(() -> SegmentParser.parse(NEWS, 7, object))
                .hasMessageContaining("its epoch is no number: soon");
    }

    private static Message theirs(long offset, String text) {
        Segment segment = SegmentParser.parse(NEWS, offset, object(text));
        assertThat(segment.batches()).extracting(Batch::epoch).containsExactly(Segment.NO_EPOCH);
        assertThat(segment.count()).isEqualTo(1);
        return segment.messages().findFirst().orElseThrow();
    }

    private static Segment plain(long offset, String payload, long epoch) {
        return new Segment(List.of(new Batch(epoch, List.of(message(offset, TIME, payload)))));
    }

    private static Message message(long offset, long timestamp, String payload) {
        return new Message(offset, timestamp, null, null, payload.getBytes(UTF_8), null);
    }

    private static Stored object(String text) {
        return new Stored(text.getBytes(UTF_8), Map.of());
    }

    private static String text(Stored object) {
        return new String(object.bytes(), UTF_8);
    }
}
