package io.topicstream.testkit;

import static io.topicstream.testkit.LogContractFixture.ALL;
import static io.topicstream.testkit.LogContractFixture.TOPIC;
import static io.topicstream.testkit.LogContractFixture.assertUnbroken;
import static io.topicstream.testkit.LogContractFixture.get;
import static io.topicstream.testkit.LogContractFixture.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Pages: where they begin, where they stop, and which offset a time has. A part of [TopicLogContract].
interface ReadContract extends ShortWays {
    @Test
    default void aReadForwardBeginsAtTheOffset() {
        storeNumbers(TOPIC, 10);

        assertUnbroken(offsets(forward(TOPIC, 1, ALL).messages()), 1, 10);
        assertUnbroken(offsets(forward(TOPIC, 4, ALL).messages()), 4, 10);
        assertUnbroken(offsets(forward(TOPIC, 10, ALL).messages()), 10, 10);
        assertUnbroken(offsets(forward(TOPIC, 0, ALL).messages()), 1, 10);
        assertUnbroken(offsets(forward(TOPIC, -5, ALL).messages()), 1, 10);
    }

    @Test
    default void aReadForwardStopsAtItsLimit() {
        storeNumbers(TOPIC, 10);

        assertUnbroken(offsets(forward(TOPIC, 3, 1).messages()), 3, 3);
        assertUnbroken(offsets(forward(TOPIC, 3, 5).messages()), 3, 7);
        assertUnbroken(offsets(forward(TOPIC, 8, 5).messages()), 8, 10);
        assertUnbroken(offsets(forward(TOPIC, 1, Integer.MAX_VALUE).messages()), 1, 10);
    }

    @Test
    default void aReadBackwardEndsAtTheOffsetAndStillAscends() {
        storeNumbers(TOPIC, 10);

        assertUnbroken(offsets(backward(TOPIC, 10, 3).messages()), 8, 10);
        assertUnbroken(offsets(backward(TOPIC, 7, 3).messages()), 5, 7);
        assertUnbroken(offsets(backward(TOPIC, 2, 3).messages()), 1, 2);
        assertUnbroken(offsets(backward(TOPIC, 7, Integer.MAX_VALUE).messages()), 1, 7);
        assertThat(backward(TOPIC, 0, 3).messages()).isEmpty();
        assertThat(backward(TOPIC, -1, 3).messages()).isEmpty();
    }

    @Test
    default void aReadBackwardFromPastTheTailCountsFromTheTail() {
        storeNumbers(TOPIC, 10);

        assertUnbroken(offsets(backward(TOPIC, 11, 3).messages()), 8, 10);
        assertUnbroken(offsets(backward(TOPIC, Long.MAX_VALUE, 3).messages()), 8, 10);
    }

    @Test
    default void aReadForwardAtOrPastTheTailIsEmptyAndNamesTheExtent() {
        storeNumbers(TOPIC, 3);
        Extent extent = extent(TOPIC);

        assertThat(forward(TOPIC, 4, ALL)).isEqualTo(new Page(extent, List.of()));
        assertThat(forward(TOPIC, 5, ALL)).isEqualTo(new Page(extent, List.of()));
        assertThat(forward(TOPIC, Long.MAX_VALUE, ALL)).isEqualTo(new Page(extent, List.of()));
    }

    @Test
    default void aReadOfNoMessagesNamesTheExtent() {
        storeNumbers(TOPIC, 3);

        assertThat(forward(TOPIC, 1, 0)).isEqualTo(new Page(extent(TOPIC), List.of()));
        assertThat(backward(TOPIC, 3, 0)).isEqualTo(new Page(extent(TOPIC), List.of()));
    }

    @Test
    default void aReadStopsBeforeTheMessageThatIsTooMuch() {
        storeNumbers(TOPIC, 9);
        int size = all(TOPIC).getFirst().sizeBytes();

        assertUnbroken(offsets(read(1, Direction.FORWARD, 3 * size)), 1, 3);
        assertUnbroken(offsets(read(1, Direction.FORWARD, 4 * size - 1)), 1, 3);
        assertUnbroken(offsets(read(9, Direction.BACKWARD, 3 * size)), 7, 9);
        assertUnbroken(offsets(read(9, Direction.BACKWARD, 4 * size - 1)), 7, 9);
    }

    @Test
    default void theFirstMessageOfAReadComesWhateverItsSize() {
        store(TOPIC, "\"" + "x".repeat(100_000) + "\"", "2", "\"" + "y".repeat(100_000) + "\"");

        assertUnbroken(offsets(read(1, Direction.FORWARD, 10)), 1, 1);
        assertUnbroken(offsets(read(1, Direction.FORWARD, 0)), 1, 1);
        assertUnbroken(offsets(read(3, Direction.BACKWARD, 10)), 3, 3);
        assertUnbroken(offsets(read(2, Direction.FORWARD, 1_000)), 2, 2);
    }

    @Test
    default void pagesPutTogetherAreTheWholeTopic() {
        storeNumbers(TOPIC, 250);

        List<Message> forward = new ArrayList<>();
        for (long from = 1; from <= 250; from = forward.getLast().offset() + 1) {
            forward.addAll(forward(TOPIC, from, 7).messages());
        }
        List<Message> backward = new ArrayList<>();
        for (long from = 250; from >= 1; from = backward.getFirst().offset() - 1) {
            backward.addAll(0, backward(TOPIC, from, 9).messages());
        }

        assertUnbroken(offsets(forward), 1, 250);
        assertThat(backward).isEqualTo(forward);
    }

    @Test
    default void offsetAtIsTheFirstMessageAtOrAfterTheTime() {
        long t1 = engine().clock().millis();
        store(TOPIC, "1", "2");
        engine().clock().advance(Duration.ofSeconds(10));
        long t3 = engine().clock().millis();
        store(TOPIC, "3");
        engine().clock().advance(Duration.ofSeconds(10));
        store(TOPIC, "4");

        assertThat(get(log().offsetAt(TOPIC, Long.MIN_VALUE))).isEqualTo(1);
        assertThat(get(log().offsetAt(TOPIC, t1))).isEqualTo(1);
        assertThat(get(log().offsetAt(TOPIC, t1 + 1))).isEqualTo(3);
        assertThat(get(log().offsetAt(TOPIC, t3))).isEqualTo(3);
        assertThat(get(log().offsetAt(TOPIC, t3 + 1))).isEqualTo(4);
        assertThat(get(log().offsetAt(TOPIC, engine().clock().millis() + 1)))
                .as("the next one where there is none")
                .isEqualTo(5);
        assertThat(get(log().offsetAt(TOPIC, Long.MAX_VALUE))).isEqualTo(5);
    }

    @Test
    default void offsetAtFindsTheSameMessageAsLookingAtEachOne() {
        for (int i = 0; i < 60; i++) {
            engine().clock().advance(Duration.ofMillis(i % 7 * 5L));
            RecordingAppend.Builder append = RecordingAppend.to(TOPIC);
            for (int d = 0; d <= i % 4; d++) {
                append.message(Integer.toString(i));
            }
            stored(append.on(lane()));
        }
        get(log().trim(TOPIC, 20));
        List<Message> kept = all(TOPIC);
        long first = kept.getFirst().timestamp();
        long last = kept.getLast().timestamp();

        for (long time = first - 2; time <= last + 2; time += 3) {
            long at = time;
            long expected = kept.stream()
                    .filter(message -> message.timestamp() >= at)
                    .mapToLong(Message::offset)
                    .findFirst()
                    .orElse(kept.getLast().offset() + 1);
            assertThat(get(log().offsetAt(TOPIC, time))).isEqualTo(expected);
        }
    }

    private List<Message> read(long from, Direction direction, int maxBytes) {
        return get(log().read(TOPIC, from, direction, ALL, maxBytes)).messages();
    }
}
