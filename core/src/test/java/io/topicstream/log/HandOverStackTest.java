package io.topicstream.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.testkit.RecordingLane;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class HandOverStackTest {
    private static final int THREADS = 4;
    private static final int EACH = 20_000;

    private final HandOverStack stack = new HandOverStack();

    @Test
    void whatWasPutIsTakenInTheSameOrderAndOnce() {
        HandOver first = new HandOver();
        HandOver second = new HandOver();
        HandOver third = new HandOver();

        assertThat(stack.takeAll()).isNull();
        assertThat(stack.put(first)).isTrue();
        assertThat(stack.put(second)).isFalse();
        assertThat(stack.put(third)).isFalse();

        assertThat(taken()).containsExactly(first, second, third);
        assertThat(stack.takeAll()).isNull();
        assertThat(stack.put(second)).isTrue();
        assertThat(taken()).containsExactly(second);
    }

    @Test
    void nothingIsLostOrOvertakenBetweenThreads() throws InterruptedException {
        Map<HandOver, int[]> numbers = new HashMap<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            List<HandOver> mine = new ArrayList<>();
            for (int i = 0; i < EACH; i++) {
                HandOver next = new HandOver();
                numbers.put(next, new int[] {t, i});
                mine.add(next);
            }
            threads.add(new Thread(() -> mine.forEach(stack::put)));
        }

        threads.forEach(Thread::start);
        int[] next = new int[THREADS];
        int count = 0;
        while (count < THREADS * EACH) {
            for (HandOver each : taken()) {
                int[] number = Objects.requireNonNull(numbers.get(each));
                assertThat(number[1]).isEqualTo(next[number[0]]++);
                count++;
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(stack.takeAll()).isNull();
    }

    @Test
    void aHandOverThatHasRunIsBackWhereItCameFromAndEmpty() {
        List<String> heard = new ArrayList<>();
        Follower follower = new Follower() {
            @Override
            public void onFollowed(Extent extent) {
                heard.add("followed");
            }

            @Override
            public void onCommitted(Batch batch) {
                heard.add("committed");
            }

            @Override
            public void onSignal(byte[] signal) {
                throw new IllegalStateException("a fault");
            }

            @Override
            public void onLost() {
                heard.add("lost");
            }
        };
        RecordingLane lane = RecordingLane.byHand("lane");
        HandOver handOver = new HandOver(stack);
        handOver.signal(follower, new byte[] {1});
        handOver.lost(follower);

        lane.enqueue(handOver);
        assertThat(stack.takeAll()).isNull();
        lane.drain();

        assertThat(heard).containsExactly("lost");
        assertThat(stack.takeAll()).isSameAs(handOver);
        assertThat(handOver.isEmpty()).isTrue();
        lane.close();
    }

    @Test
    void anErrorInTellingOneIsThrownWhenAllHaveHeard() {
        List<String> heard = new ArrayList<>();
        HandOver handOver = new HandOver(stack);
        for (int i = 0; i < 3; i++) {
            handOver.answer(new Telling(heard, "answer " + i, i == 0), new AppendResult.Unavailable("closed"));
        }
        Follower follower = new Follower() {
            @Override
            public void onFollowed(Extent extent) {
                heard.add("followed");
                throw new StackOverflowError("a fault");
            }

            @Override
            public void onCommitted(Batch batch) {
                heard.add("committed");
            }

            @Override
            public void onSignal(byte[] signal) {
                heard.add("signal");
            }

            @Override
            public void onLost() {
                heard.add("lost");
            }
        };
        handOver.followed(follower, Extent.empty(1));
        handOver.lost(follower);

        assertThatThrownBy(handOver::run).isInstanceOf(OutOfMemoryError.class);

        assertThat(heard).containsExactly("answer 0", "answer 1", "answer 2", "followed", "lost");
        assertThat(stack.takeAll()).isSameAs(handOver);
        assertThat(handOver.isEmpty()).isTrue();
    }

    private static final class Telling extends Append {
        private final List<String> heard;
        private final String name;
        private final boolean failing;

        Telling(List<String> heard, String name, boolean failing) {
            super(
                    new TopicName("t"),
                    List.of(new Draft(new byte[] {'1'}, null, null)),
                    null,
                    "",
                    ANY_OFFSET,
                    Lane.DIRECT);
            this.heard = heard;
            this.name = name;
            this.failing = failing;
        }

        @Override
        public void onAnswered(AppendResult result) {
            heard.add(name);
            if (failing) {
                throw new OutOfMemoryError("no direct memory");
            }
        }
    }

    private List<HandOver> taken() {
        List<HandOver> taken = new ArrayList<>();
        for (HandOver each = stack.takeAll(); each != null; each = each.next()) {
            taken.add(each);
        }
        return taken;
    }
}
