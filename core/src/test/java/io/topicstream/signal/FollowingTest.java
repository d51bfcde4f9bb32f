package io.topicstream.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Admission;
import io.topicstream.log.Backoff;
import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.HandOver;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FollowingTest {
    private static final TopicName TOPIC = new TopicName("t");

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor loop = new SteppedExecutor(clock);
    private final Feed feed = new Feed();
    private final Ear ear = new Ear();

    /// Answers each follow at once, as it is told to: a closed engine refuses on the caller's thread, and the
    /// lane may run the hand-over in place.
    private final class Feed implements TopicFeed {
        private boolean refuses;
        private boolean silent;
        private final List<Long> followedAtMs = new ArrayList<>();
        private int left;

        @Override
        public void follow(TopicName topic, Lane lane, Follower follower) {
            followedAtMs.add(clock.millis());
            HandOver answer = new HandOver();
            if (refuses) {
                answer.lost(follower);
            } else {
                answer.followed(follower, Extent.empty(1));
            }
            if (!silent) {
                lane.enqueue(answer);
            }
        }

        @Override
        public void unfollow(TopicName topic, Lane lane, Follower follower) {
            left++;
        }

        @Override
        public Admission signal(TopicName topic, byte[] signal) {
            return Admission.ACCEPTED;
        }
    }

    private final class Ear extends Following {
        private int readAnew;

        Ear() {
            super(new Source(feed, Lane.DIRECT, loop, new Random(1)), TOPIC);
        }

        @Override
        protected void onFollowing(Extent extent) {
            readAnew++;
        }

        @Override
        public void onCommitted(Batch batch) {}

        @Override
        public void onSignal(byte[] signal) {}
    }

    @Test
    void aFeedThatRefusesAtOnceIsAskedAgainLessAndLessOften() {
        feed.refuses = true;

        ear.begin();
        assertThat(feed.followedAtMs).hasSize(1);
        loop.advance(Duration.ofSeconds(30));

        // Half a second to a second apart in the end.
        assertThat(feed.followedAtMs).hasSizeBetween(30, 70);
        for (int i = 1; i < feed.followedAtMs.size(); i++) {
            long waitMs = feed.followedAtMs.get(i) - feed.followedAtMs.get(i - 1);
            assertThat(waitMs).isBetween(i < 6 ? 25L : Backoff.MAX_MS / 2, Backoff.MAX_MS);
        }
        assertThat(loop.timerCount()).isEqualTo(1);
    }

    @Test
    void afterEachLossTheTruthIsReadAnewWithinASecond() {
        ear.begin();
        assertThat(ear.readAnew).isEqualTo(1);

        for (int i = 2; i < 20; i++) {
            ear.onLost();
            assertThat(ear.isFollowed()).isFalse();
            assertThat(ear.readAnew).isEqualTo(i - 1);
            loop.advance(Duration.ofSeconds(1));
            assertThat(ear.isFollowed()).isTrue();
            assertThat(ear.readAnew).isEqualTo(i);
        }
    }

    @Test
    void aLossAfterALongTimeIsAFirstOneAgain() {
        ear.begin();
        for (int i = 0; i < 10; i++) {
            ear.onLost();
            loop.advance(Duration.ofSeconds(1));
        }
        loop.advance(Duration.ofSeconds(10));

        ear.onLost();
        loop.advance(Duration.ofMillis(50));

        assertThat(ear.isFollowed()).isTrue();
    }

    @Test
    void twoLossesInARowAreFollowedByOneFollow() {
        ear.begin();
        ear.onLost();
        ear.onLost();

        loop.advance(Duration.ofMillis(100));

        assertThat(feed.followedAtMs).hasSize(2);
    }

    @Test
    void whatWaitsForTheFeedRunsOnceAndNotIfItWasTakenBack() {
        feed.silent = true;
        List<String> ran = new ArrayList<>();
        Runnable takenBack = () -> ran.add("taken back");
        ear.begin();
        ear.whenFollowed(() -> ran.add("waited"));
        ear.whenFollowed(takenBack);
        ear.forget(takenBack);
        assertThat(ran).isEmpty();

        ear.onFollowed(Extent.empty(1));
        ear.onFollowed(Extent.empty(1));
        ear.whenFollowed(() -> ran.add("at once"));

        assertThat(ran).containsExactly("waited", "at once");
    }

    @Test
    void onceItHasEndedItFollowsNoMore() {
        feed.refuses = true;
        ear.begin();
        loop.advance(Duration.ofSeconds(2));
        int before = feed.followedAtMs.size();

        ear.end();
        ear.onLost();
        ear.onFollowed(Extent.empty(1));
        loop.advance(Duration.ofSeconds(10));

        assertThat(feed.left).isEqualTo(1);
        assertThat(feed.followedAtMs).hasSize(before);
        assertThat(ear.isFollowed()).isFalse();
        assertThat(ear.readAnew).isZero();
    }
}
