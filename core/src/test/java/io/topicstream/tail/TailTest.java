package io.topicstream.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Admission;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.HandOver;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.Message;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Following;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import io.topicstream.testkit.SteppedExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TailTest {
    private static final TopicName TOPIC = new TopicName("orders");
    private static final String PARTITION = "places";

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor loop = new SteppedExecutor(clock);
    private final InMemoryLog log = new InMemoryLog(clock, loop, 1);
    private final InMemoryStateStore state = new InMemoryStateStore(clock, loop);
    private TopicFeed feed = log;

    /// Reads as soon as it may, and is done at once with what it takes.
    private final class Eager implements Tail.Reader {
        private final Tail tail;
        private final List<Long> read = new ArrayList<>();
        private final List<List<Long>> gaps = new ArrayList<>();
        private int most = Integer.MAX_VALUE;
        private int displaced;

        Eager(Tail.Start start) {
            tail = new Tail(source(), TOPIC, start, this);
        }

        Eager begin() {
            tail.begin();
            loop.runAll();
            return this;
        }

        @Override
        public void onReady() {
            tail.read(3, 1_000_000);
        }

        @Override
        public void onRead(long epoch, List<Message> messages) {
            for (Message message : messages) {
                if (read.size() == most) {
                    return;
                }
                read.add(message.offset());
                tail.advance(message.offset() + 1);
            }
            if (tail.isReady() && !messages.isEmpty()) {
                tail.read(3, 1_000_000);
            }
        }

        @Override
        public void onMissed(long from, long to) {
            gaps.add(List.of(from, to));
        }

        @Override
        public void onDisplaced() {
            displaced++;
        }
    }

    private Tail.Source source() {
        Deadlines deadlines = new Deadlines(loop, loop);
        return new Tail.Source(
                log,
                state,
                PARTITION,
                new Following.Source(feed, handOver -> loop.execute(handOver::run), loop, new Random(1)),
                deadlines,
                loop,
                new Random(1),
                Tail.LOOK_MS);
    }

    private void append(int count) {
        RecordingLane lane = RecordingLane.on("publisher", Runnable::run);
        for (int i = 0; i < count; i++) {
            assertThat(log.append(RecordingAppend.to(TOPIC).message("1").on(lane)))
                    .isEqualTo(Admission.ACCEPTED);
            loop.runAll();
        }
    }

    private Place stored() {
        var asked = state.get(PARTITION, TOPIC.value()).toCompletableFuture();
        loop.runAll();
        return Place.of(asked.join());
    }

    private static List<Long> offsets(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    @Test
    void itReadsWhatIsThereAndWhatComes() {
        append(4);

        Eager reader = new Eager(Tail.Start.first()).begin();
        append(5);

        assertThat(reader.read).isEqualTo(offsets(1, 9));
        assertThat(stored()).isEqualTo(new Place(1, 10, 0));
        assertThat(reader.tail.lag()).isZero();
    }

    @Test
    void itBeginsWhereItIsTold() {
        append(3);
        clock.advance(Duration.ofSeconds(10));
        long since = clock.millis();
        append(2);

        Eager fromNow = new Eager(Tail.Start.next()).begin();
        fromNow.tail.end();
        var _ = state.delete(PARTITION, TOPIC.value(), StateStore.ANY_VERSION);
        loop.runAll();
        Eager fromThen = new Eager(Tail.Start.since(since)).begin();

        assertThat(fromNow.read).isEmpty();
        assertThat(fromThen.read).containsExactly(4L, 5L);
    }

    @Test
    void anotherGoesOnFromTheStoredPlace() {
        append(5);
        Eager first = new Eager(Tail.Start.first());
        first.most = 2;
        first.begin();
        first.tail.end();

        Eager second = new Eager(Tail.Start.next()).begin();

        assertThat(first.read).containsExactly(1L, 2L);
        assertThat(second.read).containsExactly(3L, 4L, 5L);
        assertThat(first.tail.isResumed()).isFalse();
        assertThat(second.tail.isResumed()).isTrue();
    }

    @Test
    void itsPlaceIsStoredBeforeItReads() {
        append(2);
        Eager reader = new Eager(Tail.Start.first());
        reader.most = 0;
        reader.begin();

        assertThat(stored()).isEqualTo(Place.at(1));
        assertThat(new Eager(Tail.Start.next()).begin().read).containsExactly(1L, 2L);
    }

    @Test
    void aWakeUpThatIsLostIsFoundWithinASecond() {
        // Follows, and then says nothing any more.
        feed = new TopicFeed() {
            @Override
            public void follow(TopicName topic, Lane lane, Follower follower) {
                HandOver answer = new HandOver();
                answer.followed(follower, Extent.empty(1));
                lane.enqueue(answer);
            }

            @Override
            public void unfollow(TopicName topic, Lane lane, Follower follower) {}

            @Override
            public Admission signal(TopicName topic, byte[] signal) {
                return Admission.ACCEPTED;
            }
        };
        Eager reader = new Eager(Tail.Start.first()).begin();
        append(3);
        assertThat(reader.read).isEmpty();

        loop.advance(Duration.ofMillis(Tail.LOOK_MS));

        assertThat(reader.read).isEqualTo(offsets(1, 3));
    }

    @Test
    void whatWasTrimmedIsCountedAndTheRestIsRead() {
        append(10);
        Eager reader = new Eager(Tail.Start.first());
        reader.most = 2;
        reader.begin();
        reader.tail.end();
        var _ = log.trim(TOPIC, 8);
        loop.runAll();

        Eager next = new Eager(Tail.Start.first()).begin();

        assertThat(next.read).isEqualTo(offsets(8, 10));
        assertThat(next.tail.missed()).isEqualTo(5);
        assertThat(next.gaps).containsExactly(List.of(3L, 8L));
        assertThat(stored()).isEqualTo(new Place(1, 11, 5));
    }

    @Test
    void aTopicThatWasTrimmedToItsEndIsGoneOnWithFromThere() {
        append(4);
        Eager reader = new Eager(Tail.Start.first());
        reader.most = 1;
        reader.begin();
        reader.tail.end();
        var _ = log.trim(TOPIC, 5);
        loop.runAll();

        Eager next = new Eager(Tail.Start.first()).begin();
        append(1);

        assertThat(next.read).containsExactly(5L);
        assertThat(next.tail.missed()).isEqualTo(3);
    }

    @Test
    void inAnotherLifeItGoesBackToWhatIsCommon() {
        append(6);
        Eager reader = new Eager(Tail.Start.first()).begin();
        var _ = log.beginEpoch(2, Map.of(TOPIC, 5L));
        loop.runAll();
        loop.advance(Duration.ofSeconds(3));
        append(2);

        assertThat(reader.read).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 5L, 6L);
        assertThat(reader.tail.resets()).isEqualTo(1);
        assertThat(stored()).isEqualTo(new Place(2, 7, 0));
    }

    @Test
    void anotherLifeWithTheSameMessagesIsGoneOnWith() {
        append(3);
        Eager reader = new Eager(Tail.Start.first()).begin();
        var _ = log.beginEpoch(2, Map.of());
        loop.runAll();
        append(2);
        loop.advance(Duration.ofSeconds(3));

        assertThat(reader.read).isEqualTo(offsets(1, 5));
        assertThat(reader.tail.resets()).isZero();
    }

    @Test
    void whosePlaceWasMovedByAnotherStops() {
        append(3);
        Eager reader = new Eager(Tail.Start.first()).begin();
        var _ = state.put(PARTITION, TOPIC.value(), Place.at(2).encode(), StateStore.ANY_VERSION, StateStore.NEVER);
        loop.runAll();
        append(2);
        append(1);

        assertThat(reader.displaced).isEqualTo(1);
        assertThat(reader.read).doesNotContain(6L);
        assertThat(stored().next()).isEqualTo(2);
    }

    @Test
    void whoIsMovedBackKnowsWhatHeMayHaveReadBefore() {
        append(4);
        Place moved = new Place(1, 2, 0, 5);
        var _ = state.put(PARTITION, TOPIC.value(), moved.encode(), StateStore.ANY_VERSION, StateStore.NEVER);
        loop.runAll();
        assertThat(stored()).isEqualTo(moved);
        Eager reader = new Eager(Tail.Start.first());
        reader.most = 1;
        reader.begin();

        assertThat(reader.tail.readBefore()).isEqualTo(5);
        assertThat(stored()).isEqualTo(new Place(1, 3, 0, 5));
        reader.tail.end();
        Eager next = new Eager(Tail.Start.first()).begin();
        append(1);

        assertThat(next.read).isEqualTo(offsets(3, 5));
        assertThat(stored()).isEqualTo(new Place(1, 6, 0));
    }

    @Test
    void whatWasAdvancedIsStoredThoughItEnds() {
        append(3);
        Eager reader = new Eager(Tail.Start.first());
        reader.tail.begin();
        while (reader.read.size() < 3) {
            assertThat(loop.step()).isTrue();
        }
        boolean[] told = {false};
        reader.tail.end();
        reader.tail.whenStored(() -> told[0] = true);
        loop.runAll();

        assertThat(told[0]).isTrue();
        assertThat(stored().next()).isEqualTo(4);
    }
}
