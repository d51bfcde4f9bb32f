package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.HandOver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What other nodes say while the thread of the presence does nothing.
class PresenceLaneTest {
    private static final long MOST_BYTES = 10_000;

    private final ArrayDeque<Runnable> thread = new ArrayDeque<>();
    private final List<String> heard = new ArrayList<>();
    private final PresenceLane lane = new PresenceLane(thread::add, () -> heard.add("read anew"), MOST_BYTES);

    private final Follower follower = new Follower() {
        @Override
        public void onFollowed(Extent extent) {
            heard.add("followed");
        }

        @Override
        public void onCommitted(Batch batch) {
            throw new AssertionError("nothing is kept there");
        }

        @Override
        public void onSignal(byte[] signal) {
            heard.add("signal");
        }

        @Override
        public void onTail(long epoch, long next) {
            throw new AssertionError("nothing is kept there");
        }

        @Override
        public void onLost() {
            heard.add("lost");
        }
    };

    private HandOver saying(int bytes) {
        HandOver handOver = new HandOver();
        handOver.signal(follower, new byte[bytes]);
        return handOver;
    }

    private void runAll() {
        for (Runnable task = thread.poll(); task != null; task = thread.poll()) {
            task.run();
        }
    }

    @Test
    void signalsWaitUpToABoundAndWhatIsDroppedIsReadAnew() {
        for (int i = 0; i < 100_000; i++) {
            lane.enqueue(saying(900));
        }

        assertThat(lane.waitingBytes()).isEqualTo(MOST_BYTES);
        assertThat(thread).hasSize(11);
        runAll();
        assertThat(heard)
                .hasSize(11)
                .endsWith("read anew")
                .filteredOn("signal"::equals)
                .hasSize(10);
        assertThat(lane.waitingBytes()).isZero();

        lane.enqueue(saying(900));
        runAll();
        assertThat(heard).hasSize(12).endsWith("signal");
    }

    @Test
    void whatIsNoSignalIsNeverDropped() {
        lane.enqueue(saying((int) MOST_BYTES - 100));
        HandOver mixed = saying(900);
        mixed.followed(follower, Extent.empty(1));
        mixed.signal(follower, new byte[900]);
        mixed.lost(follower);

        lane.enqueue(mixed);

        assertThat(lane.waitingBytes()).isEqualTo(MOST_BYTES);
        runAll();
        assertThat(heard).containsExactly("signal", "read anew", "followed", "lost");
    }
}
