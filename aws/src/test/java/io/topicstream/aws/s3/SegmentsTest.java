package io.topicstream.aws.s3;

import static io.topicstream.log.Direction.BACKWARD;
import static io.topicstream.log.Direction.FORWARD;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.s3.FaultyHttp.Fault;
import io.topicstream.aws.s3.Objects.Put;
import io.topicstream.log.Batch;
import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.services.s3.S3Client;

class SegmentsTest {
    private static final TopicName NEWS = new TopicName("news");
    private static final int MUCH = 1 << 30;

    private final FaultyHttp http = new FaultyHttp();
    private final S3Client client = LocalS3.get().over(http);
    private final Objects objects = new Objects(client, LocalS3.get().bucket());
    private final Segments segments = new Segments(objects);

    @AfterEach
    void close() {
        client.close();
        http.close();
    }

    // ---- writing

    @Test
    void aSegmentIsWrittenOnce() {
        assertThat(segments.write(NEWS, segment(1, 10))).isEqualTo(Put.STORED);

        assertThat(segments.write(NEWS, segment(1, 10))).isEqualTo(Put.SAME);
        assertThat(segments.find(NEWS, 10)).isEqualTo(segment(1, 10));
    }

    @Test
    void theSameInOtherWordsIsTheSame() {
        objects.putIfAbsent(
                SegmentKey.of(NEWS, 1),
                "{\"payload\": 1 , \"offset\":1, \"timestamp\":1}".getBytes(UTF_8),
                "application/json",
                Map.of());

        Segment one = new Segment(List.of(new Batch(0, List.of(message(1)))));

        assertThat(segments.write(NEWS, one)).isEqualTo(Put.SAME);
    }

    @Test
    void anotherSegmentStaysAsItIs() {
        segments.write(NEWS, segment(1, 5));

        assertThat(segments.write(NEWS, segment(1, 10))).isEqualTo(Put.OTHER);
        assertThat(segments.write(NEWS, segment(1, 1))).isEqualTo(Put.OTHER);
        assertThat(segments.find(NEWS, 1)).isEqualTo(segment(1, 5));
    }

    @Test
    void whatStandsThereAndCannotBeReadIsSaid() {
        objects.putIfAbsent(SegmentKey.of(NEWS, 1), "{".getBytes(UTF_8), "application/json", Map.of());

        assertThatThrownBy(() -> segments.write(NEWS, segment(1, 5)))
                .isInstanceOf(BadSegmentException.class)
                .hasMessageContaining("topics/news/00000000000000000001.json cannot be read");
    }

    @Test
    void aWriteWhoseAnswerWasLostIsNotAnothers() {
        http.next(SdkHttpMethod.PUT, new Fault.LostAnswer());

        assertThat(segments.write(NEWS, segment(1, 5))).isEqualTo(Put.SAME);
    }

    @Test
    void whatWouldNotBeReadAgainIsNotWritten() {
        Message broken = new Message(1, 1, null, null, "{".getBytes(UTF_8), null);
        Message twoLines = new Message(1, 1, null, null, "[1,\n2]".getBytes(UTF_8), null);

        for (Message message : List.of(broken, twoLines)) {
            Segment segment = new Segment(List.of(new Batch(1, List.of(message))));
            assertThatThrownBy(() -> segments.write(NEWS, segment)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(objects.list("", "", 10)).isEmpty();
    }

    // ---- reading

    @Test
    void pagesGoOverTheBordersOfSegments() {
        write(1, 3, 4, 8, 9, 10);
        Extent kept = new Extent(1, 1, 10);

        assertThat(offsets(kept, 1, FORWARD, 100)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(offsets(kept, 3, FORWARD, 3)).containsExactly(3L, 4L, 5L);
        assertThat(offsets(kept, 8, FORWARD, 1)).containsExactly(8L);
        assertThat(offsets(kept, 9, BACKWARD, 100)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(offsets(kept, 8, BACKWARD, 6)).containsExactly(3L, 4L, 5L, 6L, 7L, 8L);
        assertThat(offsets(kept, 3, BACKWARD, 1)).containsExactly(3L);
    }

    @Test
    void nothingOutsideOfWhatIsKeptIsRead() {
        write(1, 5, 10, 15, 20);
        Extent kept = new Extent(1, 7, 13);

        assertThat(offsets(kept, 1, FORWARD, 100)).containsExactly(7L, 8L, 9L, 10L, 11L, 12L);
        assertThat(offsets(kept, 99, BACKWARD, 100)).containsExactly(7L, 8L, 9L, 10L, 11L, 12L);
        assertThat(offsets(kept, 13, FORWARD, 100)).isEmpty();
        assertThat(offsets(kept, 6, BACKWARD, 100)).isEmpty();
        assertThat(offsets(kept, 7, FORWARD, 0)).isEmpty();
        assertThat(offsets(Extent.empty(1), 1, FORWARD, 100)).isEmpty();
        assertThat(offsets(new Extent(1, 5, 5), 5, BACKWARD, 100)).isEmpty();
    }

    @Test
    void aPageIsBoundedInBytesAndHasOneMessageAtLeast() {
        write(1, 4, 7);
        Extent kept = new Extent(1, 1, 7);
        int size = message(1).sizeBytes();

        assertThat(read(kept, 2, FORWARD, 100, 4 * size)).hasSize(4);
        assertThat(read(kept, 2, FORWARD, 100, 4 * size - 1)).hasSize(3);
        assertThat(read(kept, 6, BACKWARD, 100, 4 * size))
                .extracting(Message::offset)
                .containsExactly(3L, 4L, 5L, 6L);
        assertThat(read(kept, 5, FORWARD, 100, 0)).extracting(Message::offset).containsExactly(5L);
        assertThat(read(kept, 5, BACKWARD, 100, 0)).extracting(Message::offset).containsExactly(5L);
    }

    @Test
    void anyReadIsOfWhatWasWritten() {
        Random random = new Random(20_260_102);
        RandomSegments some = new RandomSegments(random);
        List<Message> all = new ArrayList<>();
        long next = 1L + random.nextInt(1_000_000);
        long first = next;
        while (all.size() < 1_500) {
            Segment segment = some.segment(next, random.nextInt(4) == 0 ? 200 : 5);
            segments.write(NEWS, segment);
            all.addAll(segment.messages().toList());
            next = segment.nextOffset();
        }
        for (int round = 0; round < 200; round++) {
            long low = first + random.nextInt(all.size());
            long high = low + random.nextLong(next - low + 1);
            long from = Math.max(0, low - 10 + random.nextLong(high - low + 20));
            int most = 1 + random.nextInt(round % 2 == 0 ? 2_000 : 20);
            int bytes = random.nextInt(round % 3 == 0 ? MUCH : 5_000);
            Direction direction = random.nextBoolean() ? FORWARD : BACKWARD;

            List<Message> read = read(new Extent(1, low, high), from, direction, most, bytes);

            assertThat(read)
                    .as("round %s", round)
                    .isEqualTo(expected(
                            all.subList((int) (low - first), (int) (high - first)), from, direction, most, bytes));
        }
    }

    /// What a read answers, said in another way: message by message, over a list in memory.
    private static List<Message> expected(List<Message> kept, long from, Direction direction, int most, int maxBytes) {
        List<Message> wanted = kept.stream()
                .filter(message -> direction == FORWARD ? message.offset() >= from : message.offset() <= from)
                .toList();
        List<Message> page = new ArrayList<>();
        long bytes = 0;
        for (Message message : direction == FORWARD ? wanted : wanted.reversed()) {
            bytes += message.sizeBytes();
            if (page.size() == most || (!page.isEmpty() && bytes > maxBytes)) {
                break;
            }
            page.add(message);
        }
        return direction == FORWARD ? page : page.reversed();
    }

    @Test
    void objectsOfOtherDeploymentsAreReadAsTheyWroteThem() throws Exception {
        int count = 1_100;
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            LongStream.rangeClosed(1, count)
                    .forEach(offset -> threads.execute(() -> objects.putIfAbsent(
                            "topics/news/%020d.json".formatted(offset),
                            "{\"offset\":%d,\"payload\":{\"n\":%d},\"timestamp\":1700000000%03d}"
                                    .formatted(offset, offset, offset % 1000)
                                    .getBytes(UTF_8),
                            "application/json",
                            Map.of())));
        }
        Extent kept = new Extent(1, 1, count + 1);
        http.forget();

        List<Message> page = read(kept, 1_050, FORWARD, 10, MUCH);

        assertThat(page).hasSize(10);
        assertThat(page.getFirst())
                .isEqualTo(new Message(1_050, 1_700_000_000_050L, null, null, "{\"n\":1050}".getBytes(UTF_8), null));
        assertThat(http.lists()).isEqualTo(2);
        assertThat(http.gets()).isEqualTo(10);
        assertThat(offsets(kept, 1_095, FORWARD, 1_000))
                .containsExactly(1_095L, 1_096L, 1_097L, 1_098L, 1_099L, 1_100L);
        http.forget();
        assertThat(offsets(kept, 1_100, BACKWARD, 1_000))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(101, 1_100).boxed().toList());
        assertThat(http.lists()).isEqualTo(3);
        http.forget();
        assertThat(segments.find(NEWS, 1_100).firstOffset()).isEqualTo(1_100);
        assertThat(http.lists()).isEqualTo(2);
        assertThat(http.gets()).isEqualTo(1);
    }

    @Test
    void aReadOfLargeSegmentsIsOneListAndAGetForEach() {
        for (long first = 1; first < 40_000; first += 1_000) {
            segments.write(NEWS, segment(first, 1_000));
        }
        Extent kept = new Extent(1, 1, 40_001);
        http.forget();

        assertThat(offsets(kept, 20_950, FORWARD, 100))
                .hasSize(100)
                .startsWith(20_950L)
                .endsWith(21_049L);
        assertThat(http.lists()).isEqualTo(1);
        assertThat(http.gets()).isEqualTo(2);
        http.forget();
        assertThat(offsets(kept, 39_999, BACKWARD, 100))
                .hasSize(100)
                .startsWith(39_900L)
                .endsWith(39_999L);
        assertThat(http.lists()).isEqualTo(1);
        assertThat(http.gets()).isEqualTo(1);
    }

    @Test
    void otherObjectsBesideTheSegmentsArePassedOver() {
        write(1, 5, 9);
        for (String name : List.of("", "00000000000000000001.json.bak", "00000000000000000004", "index.html")) {
            objects.putIfAbsent("topics/news/" + name, "x".getBytes(UTF_8), "text/plain", Map.of());
        }
        new Segments(objects).write(new TopicName("news2"), segment(9, 5));
        new Segments(objects).write(new TopicName("new"), segment(9, 5));

        assertThat(offsets(new Extent(1, 1, 9), 2, FORWARD, 100)).containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L);
    }

    // ---- what is missing

    @Test
    void aMissingSegmentIsSaidAndNotPassedOver() {
        write(1, 4, 7, 10);
        objects.delete(List.of(SegmentKey.of(NEWS, 4)));
        Extent kept = new Extent(1, 1, 10);

        for (long from = 1; from <= 6; from++) {
            long asked = from;
            assertThatThrownBy(() -> read(kept, asked, FORWARD, 100, MUCH))
                    .isInstanceOf(BadSegmentException.class)
                    .hasMessage("no segment of the topic news holds offset " + Math.max(4, asked));
        }
        assertThatThrownBy(() -> read(kept, 9, BACKWARD, 100, MUCH))
                .isInstanceOf(BadSegmentException.class)
                .hasMessage("no segment of the topic news holds offset 6");
        assertThatThrownBy(() -> segments.find(NEWS, 5)).isInstanceOf(BadSegmentException.class);
        assertThat(offsets(kept, 1, FORWARD, 3)).containsExactly(1L, 2L, 3L);
        assertThat(offsets(kept, 7, FORWARD, 100)).containsExactly(7L, 8L, 9L);
        assertThat(offsets(kept, 9, BACKWARD, 3)).containsExactly(7L, 8L, 9L);
    }

    @Test
    void aMissingEndIsSaid() {
        write(4, 7, 10);

        assertThatThrownBy(() -> read(new Extent(1, 4, 12), 8, FORWARD, 100, MUCH))
                .hasMessage("no segment of the topic news holds offset 10");
        assertThatThrownBy(() -> read(new Extent(1, 4, 12), 11, BACKWARD, 1, MUCH))
                .hasMessage("no segment of the topic news holds offset 11");
        assertThatThrownBy(() -> read(new Extent(1, 2, 10), 2, FORWARD, 100, MUCH))
                .hasMessage("no segment of the topic news holds offset 2");
        assertThatThrownBy(() -> read(new Extent(1, 2, 10), 5, BACKWARD, 100, MUCH))
                .hasMessage("no segment of the topic news holds offset 3");
        assertThatThrownBy(() -> segments.find(new TopicName("nothing"), 1)).isInstanceOf(BadSegmentException.class);
    }

    @Test
    void aDamagedSegmentIsSaid() {
        write(1, 4);
        objects.putIfAbsent(
                SegmentKey.of(NEWS, 4), "{\"topicstream_segment\":9}".getBytes(UTF_8), "application/json", Map.of());

        assertThatThrownBy(() -> read(new Extent(1, 1, 6), 1, FORWARD, 100, MUCH))
                .isInstanceOf(BadSegmentException.class)
                .hasMessageContaining(
                        "topics/news/00000000000000000004.json cannot be read: it has the format version 9");
    }

    @Test
    void aSegmentThatGoesBetweenListAndGetIsSaid() {
        write(1, 4, 7);
        http.next(SdkHttpMethod.GET, new Fault.None(), Fault.Answer.error(404, "NoSuchKey"));

        assertThatThrownBy(() -> read(new Extent(1, 1, 7), 5, FORWARD, 1, MUCH))
                .isInstanceOf(BadSegmentException.class)
                .hasMessage("the segment topics/news/00000000000000000004.json was listed, and is not there");
    }

    // ---- what tests write and read

    /// Writes segments that begin at these offsets but for the last, where the last of them ends.
    private void write(long... borders) {
        for (int i = 0; i + 1 < borders.length; i++) {
            segments.write(NEWS, segment(borders[i], (int) (borders[i + 1] - borders[i])));
        }
    }

    private List<Message> read(Extent kept, long from, Direction direction, int most, int maxBytes) {
        return segments.read(NEWS, kept, from, direction, most, maxBytes);
    }

    private List<Long> offsets(Extent kept, long from, Direction direction, int most) {
        return read(kept, from, direction, most, MUCH).stream()
                .map(Message::offset)
                .toList();
    }

    private static Segment segment(long first, int count) {
        return new Segment(List.of(new Batch(
                7,
                LongStream.range(first, first + count)
                        .mapToObj(SegmentsTest::message)
                        .toList())));
    }

    private static Message message(long offset) {
        return new Message(offset, 1, null, null, "1".getBytes(UTF_8), null);
    }
}
