package io.topicstream.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Batch;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.HandOver;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.Redaction;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import io.topicstream.signal.Signal;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordingListener;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.SteppedLane;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a lane does where messages are taken back: whom it tells, and that nobody gets from it what they said.
class LaneRedactionTest {
    private static final TopicName TOPIC = new TopicName("t");

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor engine = new SteppedExecutor(clock);
    private final SteppedExecutor loop = new SteppedExecutor(clock);
    private final InMemoryLog log = new InMemoryLog(clock, engine, 7);
    private final SteppedLane lane = new SteppedLane(log, log, loop);
    private final RecordingListener ann = new RecordingListener("ann");
    private final RecordingListener bob = new RecordingListener("bob");

    @Test
    void thoseWhoAreLiveAreToldAndWhoComesLaterReadsItTakenBack() {
        join(ann, From.NEW);
        publish(3);

        takeBack(2);

        assertThat(ann.heard()).containsExactly("1 1", "2 2", "3 3", "signal redacted [2]");
        join(bob, new From.Earliest());
        assertThat(bob.heard()).containsExactly("1 1", "2 ", "3 3");
        publish(1);
        assertThat(ann.heard()).containsExactly("4 4");
        assertThat(bob.heard()).containsExactly("4 4");
    }

    @Test
    void whoseSocketIsFullIsToldAfterwardsAndGetsNothingOfIt() {
        join(ann, From.NEW);
        join(bob, From.NEW);
        publish(1);
        bob.setWritable(false);
        publish(3);
        takeBack(1);
        takeBack(3);
        assertThat(bob.heard()).containsExactly("1 1");

        makeWritable(bob);

        assertThat(bob.heard()).containsExactly("2 2", "3 ", "4 4", "signal redacted [1]", "signal redacted [3]");
        assertThat(ann.heard()).endsWith("signal redacted [1]", "signal redacted [3]");
        publish(1);
        assertThat(bob.heard()).containsExactly("5 5");
    }

    @Test
    void whoIsLiveAndWhoseSocketIsFullAtThatMomentIsToldBeforeTheNextMessage() {
        join(bob, From.NEW);
        publish(1);
        bob.setWritable(false);
        takeBack(1);
        publish(1);

        makeWritable(bob);
        publish(1);

        assertThat(bob.heard()).containsExactly("1 1", "2 2", "signal redacted [1]", "3 3");
        assertThat(lane.liveSubscriptions()).isEqualTo(1);
    }

    @Test
    void whatIsNotDeliveredYetComesTakenBack() {
        HeldFeed feed = new HeldFeed(log);
        SteppedLane held = new SteppedLane(log, feed, loop);
        join(held, ann, From.NEW);
        publish(3);
        takeBackSilently(2);

        HandOver together = new HandOver();
        feed.batches.forEach(batch -> together.committed(feed.follower(), batch));
        together.signal(feed.follower(), new Signal.Redacted(List.of(2L)).encode());
        held.enqueue(together);
        settle();

        assertThat(ann.heard()).containsExactly("signal redacted [2]", "1 1", "2 ", "3 3");
    }

    @Test
    void aBatchThatComesAfterItsRedactionIsReadFromTheLog() {
        HeldFeed feed = new HeldFeed(log);
        SteppedLane held = new SteppedLane(log, feed, loop);
        join(held, ann, From.NEW);
        publish(2);
        takeBackSilently(1);

        HandOver early = new HandOver();
        early.signal(feed.follower(), new Signal.Redacted(List.of(1L)).encode());
        held.enqueue(early);
        settle();
        HandOver late = new HandOver();
        feed.batches.forEach(batch -> late.committed(feed.follower(), batch));
        held.enqueue(late);
        settle();

        assertThat(ann.heard()).containsExactly("signal redacted [1]", "1 ", "2 2");
    }

    @Test
    void whereTheSignalIsLostTheLaneKeepsTheTextForAMinuteAtMost() {
        join(ann, From.NEW);
        join(bob, From.NEW);
        publish(1);
        bob.setWritable(false);
        publish(3);
        takeBackSilently(3);
        loop.advance(Duration.ofMillis(2 * DeliveryLane.AGE_MS + 1));

        makeWritable(bob);

        assertThat(bob.heard()).containsExactly("1 1", "2 2", "3 ", "4 4");
        assertThat(((DeliveryLane) lane).recentRuns.isEmpty()).isTrue();
    }

    @Test
    void ofVeryManyThatWereMissedTheLastOnesAreTold() {
        join(bob, From.NEW);
        publish(RecentRedactions.KEPT + 20);
        bob.heard();
        bob.setWritable(false);
        for (int offset = 1; offset <= RecentRedactions.KEPT + 20; offset++) {
            takeBack(offset);
        }

        makeWritable(bob);

        assertThat(bob.heard())
                .hasSize(RecentRedactions.KEPT)
                .startsWith("signal redacted [21]")
                .endsWith("signal redacted [" + (RecentRedactions.KEPT + 20) + "]");
    }

    /// A feed that keeps batches and signals back.
    private static final class HeldFeed implements TopicFeed {
        private final InMemoryLog log;
        private final List<Batch> batches = new ArrayList<>();
        private @Nullable Follower follower;

        HeldFeed(InMemoryLog log) {
            this.log = log;
        }

        Follower follower() {
            return Objects.requireNonNull(follower);
        }

        @Override
        public void follow(TopicName topic, Lane of, Follower original) {
            follower = original;
            log.follow(topic, of, new Follower() {
                @Override
                public void onFollowed(Extent extent) {
                    original.onFollowed(extent);
                }

                @Override
                public void onCommitted(Batch batch) {
                    batches.add(batch);
                }

                @Override
                public void onSignal(byte[] signal) {}

                @Override
                public void onLost() {
                    original.onLost();
                }
            });
        }

        @Override
        public void unfollow(TopicName topic, Lane of, Follower original) {}

        @Override
        public Admission signal(TopicName topic, byte[] signal) {
            return log.signal(topic, signal);
        }
    }

    private int published;

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            byte[] payload = String.valueOf(++published).getBytes(StandardCharsets.UTF_8);
            var _ = log.append(
                    new Append(
                            TOPIC, List.of(new Draft(payload, null, null)), null, "", Append.ANY_OFFSET, Lane.DIRECT) {
                        @Override
                        public void onAnswered(AppendResult result) {}
                    });
            settle();
        }
    }

    private void takeBackSilently(long offset) {
        var done = log.redact(TOPIC, Redaction.of(offset)).toCompletableFuture();
        engine.runAll();
        assertThat(done).isCompletedWithValue(List.of(offset));
    }

    private void takeBack(long offset) {
        takeBackSilently(offset);
        var _ = log.signal(TOPIC, new Signal.Redacted(List.of(offset)).encode());
        settle();
    }

    private void makeWritable(RecordingListener listener) {
        listener.setWritable(true);
        lane.onWritable(listener);
        settle();
    }

    private void settle() {
        for (int i = 0; i < 5; i++) {
            engine.runAll();
            loop.advance(Duration.ofMillis(100));
        }
    }

    private void join(Listener listener, From from) {
        join(lane, listener, from);
    }

    private void join(DeliveryLane into, Listener listener, From from) {
        into.join(listener, TOPIC, from, new JoinReply() {
            @Override
            public void onJoined(TopicName topic, Extent extent, long common, boolean truncated, Runnable begin) {
                begin.run();
            }

            @Override
            public void onJoinFailed(TopicName topic, @Nullable Throwable cause) {
                throw new AssertionError(cause);
            }
        });
        settle();
    }
}
