package io.topicstream.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Messages under way, with work that ends on other threads.
class ConversationsTest {
    @Test
    void manyThreadsNeverHaveMoreUnderWayThanMayBe() throws InterruptedException {
        int threads = 4;
        int each = 2_000;
        Conversations conversations = new Conversations(3, Integer.MAX_VALUE);
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(threads * each);
        List<CompletionStage<Void>> readOn = new ArrayList<>();
        try (ExecutorService workers = Executors.newFixedThreadPool(2);
                ExecutorService callers = Executors.newFixedThreadPool(threads)) {
            for (int t = 0; t < threads; t++) {
                callers.execute(() -> {
                    for (int i = 0; i < each; i++) {
                        CompletionStage<Void> room = conversations.enter(
                                "one",
                                () -> {
                                    most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                                    return CompletableFuture.runAsync(() -> underWay.decrementAndGet(), workers)
                                            .thenRun(done::countDown);
                                },
                                refused::incrementAndGet);
                        synchronized (readOn) {
                            readOn.add(room);
                        }
                    }
                });
            }
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(most).hasValueBetween(1, 3);
        assertThat(refused).hasValue(0);
        assertThat(readOn).allMatch(room -> room.toCompletableFuture().isDone());
        assertThat(conversations.size()).isZero();
    }

    @Test
    void oneAtATimeKeepsTheOrder() throws InterruptedException {
        Conversations conversations = new Conversations(1, Integer.MAX_VALUE);
        List<Integer> ran = new ArrayList<>();
        int count = 3_000;
        CountDownLatch done = new CountDownLatch(count);
        try (ExecutorService workers = Executors.newFixedThreadPool(2)) {
            for (int i = 0; i < count; i++) {
                int number = i;
                var _ = conversations.enter(
                        "one",
                        () -> CompletableFuture.runAsync(() -> ran.add(number), workers)
                                .thenRun(done::countDown),
                        null);
            }
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(ran).hasSize(count).isSorted();
    }

    @Test
    void workThatFailsMakesRoom() {
        Conversations conversations = new Conversations(1, 1);
        CompletableFuture<Void> failing = new CompletableFuture<>();
        CompletionStage<Void> room = conversations.enter("one", () -> failing, null);
        assertThat(room.toCompletableFuture()).isNotDone();

        failing.completeExceptionally(new IllegalStateException("for a test"));

        assertThat(room.toCompletableFuture()).isCompleted();
        assertThat(conversations.size()).isZero();
    }
}
