package io.topicstream.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Batch;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.HandOver;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.Page;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordingListener;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.SteppedLane;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A lane over a feed that leaves out, loses and keeps quiet what the test says, and over a log that begins
/// other lives.
class LaneTopicTest {
    private static final TopicName TOPIC = new TopicName("t");
    private static final long EPOCH = 100;

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor engine = new SteppedExecutor(clock);
    private final SteppedExecutor loop = new SteppedExecutor(clock);
    private final InMemoryLog log = new InMemoryLog(clock, engine, EPOCH);
    private final Feed feed = new Feed();
    private final SteppedLane lane = new SteppedLane(log, feed, loop);
    private final RecordingListener ann = new RecordingListener("ann");
    private final RecordingListener bob = new RecordingListener("bob");
    private final List<String> replies = new ArrayList<>();
    private int published;

    /// The log's own feed, but for what is left out.
    private final class Feed implements TopicFeed {
        private boolean leavesOut;
        private boolean silent;
        private @Nullable Follower follower;
        private final List<Batch> leftOut = new ArrayList<>();

        @Override
        public void follow(TopicName topic, Lane lane, Follower original) {
            follower = original;
            log.follow(topic, lane, new Follower() {
                @Override
                public void onFollowed(Extent extent) {
                    if (!silent) {
                        original.onFollowed(extent);
                    }
                }

                @Override
                public void onCommitted(Batch batch) {
                    if (leavesOut) {
                        leftOut.add(batch);
                    } else {
                        original.onCommitted(batch);
                    }
                }

                @Override
                public void onSignal(byte[] signal) {
                    original.onSignal(signal);
                }

                @Override
                public void onLost() {
                    if (!silent) {
                        original.onLost();
                    }
                }
            });
        }

        void tellTail(long epoch, long next) {
            HandOver tail = new HandOver();
            tail.tail(Objects.requireNonNull(follower), epoch, next);
            lane.enqueue(tail);
        }

        @Override
        public void unfollow(TopicName topic, Lane of, Follower original) {
            follower = null;
        }

        @Override
        public Admission signal(TopicName topic, byte[] signal) {
            return log.signal(topic, signal);
        }
    }

    private void settle() {
        for (int i = 0; i < 20; i++) {
            engine.runAll();
            loop.advance(Duration.ofMillis(100));
        }
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            var _ = log.append(new Publish(String.valueOf(++published)));
            engine.runAll();
        }
        loop.runAll();
    }

    private static final class Publish extends Append {
        Publish(String json) {
            this(new Draft(json.getBytes(StandardCharsets.UTF_8), null, null));
        }

        Publish(Draft draft) {
            super(TOPIC, List.of(draft), null, "", ANY_OFFSET, Lane.DIRECT);
        }

        @Override
        public void onAnswered(AppendResult result) {}
    }

    private void join(Listener listener, @Nullable From from) {
        join(lane, listener, from);
    }

    private void join(DeliveryLane into, Listener listener, @Nullable From from) {
        into.join(listener, TOPIC, from, new JoinReply() {
            @Override
            public void onJoined(TopicName topic, Extent extent, long common, boolean truncated, Runnable begin) {
                replies.add(listener.connectionId() + " joined at " + extent.nextOffset());
                begin.run();
            }

            @Override
            public void onJoinFailed(TopicName topic, @Nullable Throwable cause) {
                replies.add(listener.connectionId() + " failed");
            }
        });
    }

    private void beginEpoch(long epoch, long next) {
        CompletableFuture<?> begun = log.beginEpoch(epoch, Map.of(TOPIC, next)).toCompletableFuture();
        engine.runAll();
        assertThat(begun).isCompleted();
    }

    // ---- who hears of whom

    @Test
    void onlyThoseWhoHearItAreToldWhoComesAndGoes() {
        RecordingListener seen = tagged("seen", null);
        RecordingListener apart = tagged("apart", null);
        List<RecordingListener> all = List.of(ann, seen, apart);
        all.forEach(listener -> join(listener, From.NEW));
        settle();
        lane.attend(ann, TOPIC, Attendance.HEARING);
        lane.attend(seen, TOPIC, Attendance.SEEN);
        lane.attend(apart, new TopicName("another"), Attendance.HEARING);

        lane.tellAttending(TOPIC, "join".getBytes(StandardCharsets.UTF_8));
        lane.tellAttending(new TopicName("another"), "join".getBytes(StandardCharsets.UTF_8));

        assertThat(ann.heard()).containsExactly("signal join");
        assertThat(seen.heard()).isEmpty();
        assertThat(apart.heard()).isEmpty();
        assertThat(ann.hears(TOPIC)).isTrue();
        assertThat(seen.hears(TOPIC)).isFalse();

        join(ann, new From.Earliest());
        settle();
        assertThat(ann.hears(TOPIC)).as("who starts again elsewhere").isTrue();
        lane.leave(ann, TOPIC);
        lane.tellAttending(TOPIC, "leave".getBytes(StandardCharsets.UTF_8));
        assertThat(ann.heard()).isEmpty();
    }

    // ---- what is withheld

    @Test
    void aMessageIsWithheldFromAllThatBearItsTagLiveAndFromTheLog() {
        RecordingListener phone = tagged("phone", "client-1");
        RecordingListener laptop = tagged("laptop", "client-1");
        RecordingListener nobody = tagged("nobody", null);
        List<RecordingListener> all = List.of(ann, phone, laptop, nobody);
        all.forEach(listener -> join(listener, From.NEW));
        settle();

        publishWithheld("client-1");
        publishWithheld("ann");
        publish(1);
        settle();

        assertThat(ann.heard()).containsExactly("1 \"client-1\"", "3 1");
        assertThat(phone.heard()).containsExactly("2 \"ann\"", "3 1");
        assertThat(laptop.heard()).containsExactly("2 \"ann\"", "3 1");
        assertThat(nobody.heard()).containsExactly("1 \"client-1\"", "2 \"ann\"", "3 1");

        RecordingListener late = tagged("late", "client-1");
        join(late, new From.Earliest());
        settle();
        assertThat(late.heard()).containsExactly("2 \"ann\"", "3 1");
    }

    private static RecordingListener tagged(String connectionId, @Nullable String tag) {
        return new RecordingListener(connectionId) {
            @Override
            protected @Nullable String withholdTag() {
                return tag;
            }
        };
    }

    private void publishWithheld(String tag) {
        byte[] payload = ('"' + tag + '"').getBytes(StandardCharsets.UTF_8);
        var _ = log.append(new Publish(new Draft(payload, null, null).withheldFrom(tag)));
        engine.runAll();
        loop.runAll();
    }

    // ---- what the feed leaves out

    @Test
    void whatTheFeedLeftOutIsReadFromTheLogInOrder() {
        join(ann, From.NEW);
        settle();
        publish(2);
        feed.leavesOut = true;
        publish(3);
        feed.leavesOut = false;

        publish(2);
        settle();

        assertThat(ann.heard()).containsExactly("1 1", "2 2", "3 3", "4 4", "5 5", "6 6", "7 7");
        assertThat(lane.liveSubscriptions()).isEqualTo(1);
        assertThat(lane.catchingUpSubscriptions()).isZero();
    }

    @Test
    void aLostLastBatchIsReadWhenTheTailIsTold() {
        join(ann, From.NEW);
        settle();
        feed.leavesOut = true;
        publish(3);
        settle();
        assertThat(ann.heard()).isEmpty();

        feed.tellTail(EPOCH, 4);
        settle();

        assertThat(ann.heard()).containsExactly("1 1", "2 2", "3 3");
        feed.leavesOut = false;
        publish(1);
        assertThat(ann.heard()).containsExactly("4 4");
    }

    @Test
    void aTailThatWasReachedOrIsOfALifeThatHasEndedChangesNothing() {
        join(ann, From.NEW);
        settle();
        publish(3);
        beginEpoch(EPOCH + 1, 4);
        settle();

        feed.tellTail(EPOCH + 1, 4);
        feed.tellTail(EPOCH + 1, 2);
        feed.tellTail(EPOCH, 1_000);
        publish(1);
        settle();

        assertThat(ann.heard()).containsExactly("1 1", "2 2", "3 3", "4 4");
    }

    @Test
    void aTailThatComesBeforeItsBatchesRepeatsNothing() {
        join(ann, From.NEW);
        settle();
        feed.leavesOut = true;
        publish(2);
        feed.tellTail(EPOCH, 3);
        settle();

        HandOver late = new HandOver();
        feed.leftOut.forEach(batch -> late.committed(Objects.requireNonNull(feed.follower), batch));
        lane.enqueue(late);
        settle();

        assertThat(ann.heard()).containsExactly("1 1", "2 2");
    }

    // ---- what is delivered more slowly than it is published

    @Test
    void whatTheLaneHasNoRoomForIsReadFromTheLogAndNobodyFallsBehind() {
        SteppedLane small = new SteppedLane(log, feed, loop, 2);
        join(small, ann, From.NEW);
        join(small, bob, From.NEW);
        settle();
        feed.leavesOut = true;
        publish(40);
        feed.leavesOut = false;

        HandOver all = new HandOver();
        feed.leftOut.forEach(batch -> all.committed(Objects.requireNonNull(feed.follower), batch));
        small.enqueue(all);
        loop.runAll();
        List<String> first = ann.heard();
        publish(2);

        assertThat(first).startsWith("1 1").hasSizeLessThan(40);
        assertThat(small.liveSubscriptions()).isEqualTo(2);
        settle();
        assertThat(small.liveSubscriptions()).isEqualTo(2);
        assertThat(bob.heard())
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 42).mapToObj(n -> n + " " + n).toList());
        assertThat(Stream.concat(first.stream(), ann.heard().stream())).hasSize(42);
        publish(1);
        assertThat(bob.heard()).containsExactly("43 43");
    }

    @Test
    void whereWhatWasLeftToTheLogIsGoneEverybodyIsToldWhereItGoesOn() {
        SteppedLane small = new SteppedLane(log, feed, loop, 2);
        join(small, ann, From.NEW);
        settle();
        feed.leavesOut = true;
        publish(10);
        HandOver all = new HandOver();
        feed.leftOut.forEach(batch -> all.committed(Objects.requireNonNull(feed.follower), batch));
        var _ = log.trim(TOPIC, 9);
        small.enqueue(all);
        loop.runAll();
        List<String> first = ann.heard();

        settle();

        assertThat(first).containsExactly("1 1");
        assertThat(ann.heard()).containsExactly("from 9", "9 9", "10 10");
    }

    // ---- other lives of the log

    @Test
    void whoIsLiveIsResetWhenTheTailGoesBackAndGetsTheNewMessages() {
        join(ann, From.NEW);
        settle();
        publish(10);
        ann.heard();

        beginEpoch(EPOCH + 1, 5);
        publish(8);
        settle();

        assertThat(ann.heard())
                .containsExactly(
                        "reset to 4 in 101", "5 11", "6 12", "7 13", "8 14", "9 15", "10 16", "11 17", "12 18");
        assertThat(lane.liveSubscriptions()).isEqualTo(1);
    }

    @Test
    void whoSawNothingThatIsGoneIsNotReset() {
        join(ann, From.NEW);
        settle();
        publish(4);
        ann.heard();

        beginEpoch(EPOCH + 1, 5);
        settle();
        publish(2);
        settle();

        assertThat(ann.heard()).containsExactly("5 5", "6 6");
    }

    @Test
    void whoIsCatchingUpIsResetWhereItHadSeenMoreAndOnlyThere() {
        join(ann, From.NEW);
        join(bob, From.NEW);
        settle();
        publish(3);
        ann.setWritable(false);
        publish(4);
        bob.setWritable(false);
        publish(3);
        assertThat(ann.heard()).hasSize(3);
        assertThat(bob.heard()).hasSize(7);

        beginEpoch(EPOCH + 1, 5);
        publish(2);
        settle();
        for (RecordingListener listener : List.of(ann, bob)) {
            listener.setWritable(true);
            lane.onWritable(listener);
        }
        settle();

        assertThat(ann.heard()).containsExactly("4 4", "5 11", "6 12");
        assertThat(bob.heard()).containsExactly("reset to 4 in 101", "5 11", "6 12");
    }

    @Test
    void afterSeveralLivesTheCommonOffsetIsThatOfAllOfThem() {
        join(ann, From.NEW);
        settle();
        publish(10);
        ann.heard();
        ann.setWritable(false);

        beginEpoch(EPOCH + 1, 5);
        settle();
        publish(10);
        beginEpoch(EPOCH + 5, 3);
        settle();
        publish(3);
        ann.setWritable(true);
        lane.onWritable(ann);
        settle();

        // While its socket took nothing it had heard of neither.
        assertThat(ann.heard()).containsExactly("reset to 2 in 105", "3 21", "4 22", "5 23");
    }

    @Test
    void aBatchOfANewLifeIsEnoughToShowIt() {
        join(ann, From.NEW);
        settle();
        publish(6);
        ann.heard();
        feed.silent = true;
        Follower follower = Objects.requireNonNull(feed.follower);
        beginEpoch(EPOCH + 1, 3);
        publish(2);
        CompletableFuture<Page> page =
                log.read(TOPIC, 3, Direction.FORWARD, 10, 1_000).toCompletableFuture();
        engine.runAll();

        HandOver batch = new HandOver();
        batch.committed(follower, new Batch(EPOCH + 1, page.join().messages()));
        lane.enqueue(batch);
        settle();

        assertThat(ann.heard()).containsExactly("reset to 2 in 101", "3 7", "4 8");
    }

    @Test
    void aPageOfANewLifeIsEnoughToShowIt() {
        join(ann, From.NEW);
        join(bob, From.NEW);
        settle();
        publish(6);
        feed.silent = true;
        feed.leavesOut = true;
        bob.heard();
        ann.heard();
        publish(1);
        beginEpoch(EPOCH + 1, 3);
        publish(1);

        feed.tellTail(EPOCH, 8);
        settle();

        assertThat(ann.heard()).containsExactly("reset to 2 in 101", "3 8");
        assertThat(bob.heard()).containsExactly("reset to 2 in 101", "3 8");
    }

    // ---- the end of patience

    @Test
    void aJoinThatTheFeedDoesNotAnswerFailsInTimeAndALateAnswerChangesNothing() {
        join(ann, From.NEW);
        loop.advance(Duration.ofMillis(Deadlines.MAX_MS));
        assertThat(replies).containsExactly("ann failed");
        assertThat(ann.listensTo(TOPIC)).isFalse();

        settle();
        publish(2);
        settle();

        assertThat(replies).hasSize(1);
        assertThat(ann.heard()).isEmpty();
        assertThat(lane.liveSubscriptions()).isZero();
    }

    @Test
    void othersOfTheTopicGoOnWaitingWhenOneGivesUp() {
        join(ann, From.NEW);
        loop.advance(Duration.ofMillis(Deadlines.MAX_MS - 1));
        join(bob, new From.Earliest());
        loop.advance(Duration.ofMillis(1));
        assertThat(replies).containsExactly("ann failed");

        settle();
        publish(1);
        settle();

        assertThat(replies).containsExactly("ann failed", "bob joined at 1");
        assertThat(bob.heard()).containsExactly("1 1");
        assertThat(ann.heard()).isEmpty();
    }

    @Test
    void aPageThatDoesNotComeIsAskedForAgain() {
        join(ann, From.NEW);
        settle();
        feed.leavesOut = true;
        publish(3);

        feed.tellTail(EPOCH, 4);
        loop.advance(Duration.ofMillis(2 * Deadlines.MAX_MS));
        assertThat(ann.heard()).isEmpty();
        settle();

        assertThat(ann.heard()).containsExactly("1 1", "2 2", "3 3");
    }
}
