package io.topicstream.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    private final SteppedExecutor thread = new SteppedExecutor(new ManualClock());
    private final Deadlines deadlines = new Deadlines(thread, thread);
    private final List<Object> told = new ArrayList<>();

    private void waitFor(CompletableFuture<String> stage) {
        deadlines.within(stage, (value, failure) -> told.add(value == null ? String.valueOf(failure) : value));
    }

    @Test
    void anAnswerInTimeIsToldOnTheThreadAndLeavesNothingBehind() {
        CompletableFuture<String> stage = new CompletableFuture<>();
        waitFor(stage);
        thread.advance(Duration.ofMillis(Deadlines.MAX_MS / 2 - 1));

        stage.complete("in time");
        assertThat(told).isEmpty();
        thread.runAll();
        assertThat(told).containsExactly("in time");

        thread.advance(Duration.ofMillis(2 * Deadlines.MAX_MS));
        assertThat(told).hasSize(1);
        assertThat(thread.timerCount()).isZero();
    }

    @Test
    void whatIsThereIsToldAtOnceAndWaitsForNothing() {
        waitFor(CompletableFuture.completedFuture("there"));

        assertThat(told).containsExactly("there");
        assertThat(thread.timerCount()).isZero();
    }

    @Test
    void oneThatDoesNotComeIsToldInTimeAndTheLateAnswerIsDropped() {
        CompletableFuture<String> stage = new CompletableFuture<>();
        thread.advance(Duration.ofMillis(1));
        waitFor(stage);

        thread.advance(Duration.ofMillis(Deadlines.MAX_MS / 2));
        assertThat(told).as("too early").isEmpty();
        thread.advance(Duration.ofMillis(Deadlines.MAX_MS / 2));
        assertThat(told).hasSize(1).first().asString().contains(TimeoutException.class.getSimpleName());
        assertThat(deadlines.isOwed()).as("nobody waits, but it is under way").isTrue();

        stage.complete("late");
        thread.runAll();
        assertThat(told).hasSize(1);
        assertThat(deadlines.isOwed()).isFalse();
    }

    @Test
    void everyWaitHasItsOwnTime() {
        for (int i = 0; i < 10; i++) {
            waitFor(new CompletableFuture<>());
            thread.advance(Duration.ofMillis(Deadlines.MAX_MS / 4));
        }
        assertThat(told).hasSizeBetween(5, 9);

        thread.advance(Duration.ofMillis(Deadlines.MAX_MS));

        assertThat(told).hasSize(10);
        assertThat(thread.timerCount()).isZero();
    }

    @Test
    void aFailureIsToldAndWhatAnAnswerThrowsHarmsNobodyElse() {
        deadlines.within(CompletableFuture.completedFuture("x"), (_, _) -> {
            throw new IllegalStateException("on purpose");
        });
        waitFor(CompletableFuture.failedFuture(new LogUnavailableException("closed")));
        deadlines.begin(() -> {
            throw new IllegalStateException("on purpose, later");
        });
        waitFor(new CompletableFuture<>());

        thread.advance(Duration.ofMillis(Deadlines.MAX_MS));

        assertThat(told).hasSize(2);
        assertThat(told.getFirst()).asString().contains("closed");
    }
}
