package io.topicstream.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Deadlines;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseTest {
    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor loop = new SteppedExecutor(clock);
    private final InMemoryStateStore store = new InMemoryStateStore(clock, loop);
    private final List<String> told = new ArrayList<>();

    /// One node, whose thread can stand still.
    private final class NodeOf {
        private boolean isStill;
        private final List<Runnable> held = new ArrayList<>();
        private final Lease lease;

        NodeOf(String name) {
            Deadlines deadlines = new Deadlines((task, delayMs) -> loop.schedule(() -> run(task), delayMs), this::run);
            lease = new Lease(
                    store,
                    "leases",
                    "one",
                    new byte[] {1},
                    clock,
                    deadlines,
                    (task, delayMs) -> loop.schedule(() -> run(task), delayMs),
                    new Lease.Holder() {
                        @Override
                        public void onHeld() {
                            told.add(name + " has it");
                        }

                        @Override
                        public void onLost() {
                            told.add(name + " lost it");
                        }
                    });
        }

        private void run(Runnable task) {
            if (isStill) {
                held.add(task);
            } else {
                loop.execute(task);
            }
        }

        void goOn() {
            isStill = false;
            List<Runnable> all = List.copyOf(held);
            held.clear();
            all.forEach(loop::execute);
            loop.runAll();
        }
    }

    @Test
    void oneOfTwoHasItAndKeepsIt() {
        NodeOf a = new NodeOf("a");
        NodeOf b = new NodeOf("b");
        a.lease.begin();
        b.lease.begin();

        loop.advance(Duration.ofSeconds(30));

        assertThat(told).containsExactly("a has it");
        assertThat(a.lease.isHeld()).isTrue();
        assertThat(b.lease.isHeld()).isFalse();
    }

    @Test
    void whereItIsGivenBackAnotherHasItASecondLater() {
        NodeOf a = new NodeOf("a");
        NodeOf b = new NodeOf("b");
        a.lease.begin();
        b.lease.begin();
        loop.runAll();

        a.lease.end();
        loop.advance(Duration.ofMillis(Lease.RENEW_MS));

        assertThat(told).containsExactly("a has it", "b has it");
    }

    @Test
    void whereItsHolderStandsStillAnotherHasItWithinSeconds() {
        NodeOf a = new NodeOf("a");
        NodeOf b = new NodeOf("b");
        a.lease.begin();
        b.lease.begin();
        loop.advance(Duration.ofSeconds(5));

        a.isStill = true;
        loop.advance(Duration.ofMillis(Lease.LEASE_MS - Lease.RENEW_MS - 1));
        assertThat(told).containsExactly("a has it");
        loop.advance(Duration.ofMillis(2 * Lease.RENEW_MS));
        assertThat(told).containsExactly("a has it", "b has it");
        a.goOn();
        loop.advance(Duration.ofSeconds(5));

        assertThat(told).containsExactly("a has it", "b has it", "a lost it");
    }
}
