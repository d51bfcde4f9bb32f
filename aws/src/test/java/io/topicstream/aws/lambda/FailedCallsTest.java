package io.topicstream.aws.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.audience.Task;
import io.topicstream.log.InMemoryLog;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What is left of a call that fails half-way, and that another one goes on from there.
class FailedCallsTest {
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final InMemoryStateStore state = new InMemoryStateStore(InstantSource.system(), thread);
    private final Failing nodes = new Failing(state);
    private final CalledFunction function = new CalledFunction(
            new FrontDoor.Ports(new InMemoryLog(InstantSource.system(), thread, 1), state, nodes),
            DoorSettings.local());

    /// A store of which one question fails, if a test says so.
    private static final class Failing implements StateStore {
        private final StateStore store;
        /// What the partition begins with of which the next question fails.
        private final AtomicReference<@Nullable String> scanned = new AtomicReference<>();

        private final AtomicReference<@Nullable String> put = new AtomicReference<>();

        Failing(StateStore store) {
            this.store = store;
        }

        private static boolean fails(AtomicReference<@Nullable String> next, String partition) {
            String beginning = next.get();
            return beginning != null && partition.startsWith(beginning) && next.compareAndSet(beginning, null);
        }

        @Override
        public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
            return store.get(partition, key);
        }

        @Override
        public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
            return fails(put, partition)
                    ? CompletableFuture.failedFuture(new IllegalStateException("throttled"))
                    : store.put(partition, key, value, ifVersion, expiresAtMs);
        }

        @Override
        public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
            return store.delete(partition, key, ifVersion);
        }

        @Override
        public CompletionStage<Long> advance(String partition, String key, long value) {
            return store.advance(partition, key, value);
        }

        @Override
        public CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit) {
            return fails(scanned, partition)
                    ? CompletableFuture.failedFuture(new IllegalStateException("throttled"))
                    : store.scan(partition, prefix, after, limit);
        }
    }

    @AfterEach
    void end() {
        thread.shutdownNow();
    }

    private List<String> keys(String partition) {
        return state.scan(partition, "", "", 100).toCompletableFuture().join().records().stream()
                .map(StateRecord::key)
                .toList();
    }

    private void publish(int message) {
        function.frame("c", "{\"action\":\"publish\",\"id\":1,\"topic\":\"t\",\"message\":" + message + "}");
    }

    private long delivered(int offset) {
        return function.posts().stream()
                .filter(post -> post.contains("\"type\":\"message\"") && post.contains("\"offset\":" + offset + ","))
                .count();
    }

    @Test
    void aTurnThatFailsIsGivenBackAndTheNextOneDeliversBoth() {
        function.connect("c");
        function.doTasks();
        function.frame("c", "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"t\"}");
        publish(1);
        assertThat(delivered(1)).isOne();

        nodes.scanned.set("audience/t ");
        publish(2);
        assertThat(nodes.scanned).hasValue(null);
        assertThat(delivered(2)).isZero();
        publish(3);

        assertThat(delivered(2)).isOne();
        assertThat(delivered(3)).isOne();
    }

    @Test
    void aGreetingThatDiedBeforeItLetTheMessagesComeIsFinishedByItsRepeat() {
        function.connect("other");
        function.doTasks();
        function.frame("other", "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"t\",\"durable\":true}");
        function.connect("c");
        Task greeting = function.nextTask();
        nodes.put.set("audience/t ");

        assertThatThrownBy(() -> function.doTask(greeting)).hasStackTraceContaining("throttled");
        function.doTask(greeting);
        function.disconnect("other");
        publish(1);

        assertThat(function.posts())
                .filteredOn(post -> post.contains("\"type\":\"welcome\"") && post.contains("\"c\""))
                .hasSize(1);
        assertThat(delivered(1)).isOne();
    }

    @Test
    void aHandshakeThatFailsLeavesNobodyBehind() {
        function.refuseTasks(true);

        assertThatThrownBy(() -> function.connect("c")).hasStackTraceContaining("no call is taken");

        assertThat(keys("user/ann")).isEmpty();
    }
}
