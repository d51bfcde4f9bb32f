package io.topicstream.state;

import static io.topicstream.state.StateStore.ABSENT;
import static io.topicstream.state.StateStore.ANY_VERSION;
import static io.topicstream.state.StateStore.NEVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.LogUnavailableException;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/// What a store in memory keeps, what it has no room for, and when it frees what has expired.
class BoundedStateTest {
    private static final int VALUE_BYTES = 1_000;
    /// Of a record with a key of three letters and such a value.
    private static final long RECORD_BYTES = MemoryRecords.RECORD_BYTES + 2 * 3 + VALUE_BYTES;
    /// Of the partition `p`.
    private static final long PARTITION_BYTES = MemoryRecords.PARTITION_BYTES + 2;

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor steps = new SteppedExecutor(clock);

    private InMemoryStateStore roomFor(int records) {
        return new InMemoryStateStore(clock, steps, PARTITION_BYTES + records * RECORD_BYTES);
    }

    private <T> T get(CompletionStage<T> stage) {
        steps.runAll();
        return stage.toCompletableFuture().join();
    }

    private long put(StateStore store, String key, int valueBytes, long expiresAtMs) {
        return get(store.put("p", key, new byte[valueBytes], ANY_VERSION, expiresAtMs));
    }

    private long put(StateStore store, String key) {
        return put(store, key, VALUE_BYTES, NEVER);
    }

    private void assertNoRoom(CompletionStage<?> stage) {
        assertThatThrownBy(() -> get(stage))
                .cause()
                .isInstanceOf(LogUnavailableException.class)
                .hasMessageContaining("no room");
    }

    @Test
    void whatFitsIsTakenToTheByteAndOneMoreIsRefused() {
        InMemoryStateStore store = roomFor(3);
        for (String key : new String[] {"k-1", "k-2", "k-3"}) {
            put(store, key);
        }

        assertNoRoom(store.put("p", "k-4", new byte[0], ABSENT, NEVER));
        assertNoRoom(store.put("q", "k-1", new byte[0], ABSENT, NEVER));

        long full = PARTITION_BYTES + 3 * RECORD_BYTES;
        assertThat(store.figures()).isEqualTo(new StateFigures(3, full, full, 2));
        assertThat(get(store.get("p", "k-4"))).isNull();
        assertThat(get(store.get("q", "k-1"))).isNull();
    }

    @Test
    void aFullStoreStillRenewsAndShrinksAndDeletes() {
        InMemoryStateStore store = roomFor(2);
        put(store, "k-1");
        long version = put(store, "k-2");

        long renewed = get(store.put("p", "k-2", new byte[VALUE_BYTES], version, clock.millis() + 5_000));
        assertThat(renewed).isGreaterThan(version);
        assertNoRoom(store.put("p", "k-2", new byte[VALUE_BYTES + 1], renewed, NEVER));
        assertThat(get(store.get("p", "k-2")).version()).as("nothing changed").isEqualTo(renewed);

        put(store, "k-1", VALUE_BYTES / 2, NEVER);
        put(store, "k-2", VALUE_BYTES + VALUE_BYTES / 2, NEVER);
        assertThat(store.figures().bytes()).isEqualTo(store.figures().maxBytes());

        assertThat(get(store.delete("p", "k-1", ANY_VERSION))).isTrue();
        put(store, "k-3", 0, NEVER);
        assertThat(store.figures().records()).isEqualTo(2);
    }

    @Test
    void anEmptyStoreTakesNothing() {
        InMemoryStateStore store = roomFor(5);
        for (int i = 0; i < 4; i++) {
            put(store, "k-" + i, VALUE_BYTES, i % 2 == 0 ? NEVER : clock.millis() + 10);
        }
        clock.advance(Duration.ofSeconds(1));

        assertThat(get(store.delete("p", "k-0", ANY_VERSION))).isTrue();
        assertThat(get(store.delete("p", "k-2", ANY_VERSION))).isTrue();
        assertThat(store.figures().records()).as("expired, and still there").isEqualTo(2);
        store.sweep();
        steps.runAll();

        assertThat(store.figures()).isEqualTo(new StateFigures(0, 0, PARTITION_BYTES + 5 * RECORD_BYTES, 0));
    }

    @Test
    void whatHasExpiredMakesRoomTheOldestFirstAndNoMoreThanIsNeeded() {
        InMemoryStateStore store = roomFor(4);
        put(store, "k-1", VALUE_BYTES, clock.millis() + 2_000);
        put(store, "k-2", VALUE_BYTES, clock.millis() + 1_000);
        put(store, "k-3", VALUE_BYTES, clock.millis() + 10_000);
        put(store, "k-4");
        clock.advance(Duration.ofMillis(999));
        assertNoRoom(store.put("p", "k-5", new byte[VALUE_BYTES], ABSENT, NEVER));

        clock.advance(Duration.ofMillis(1));
        put(store, "k-5");
        assertNoRoom(store.put("p", "k-6", new byte[VALUE_BYTES], ABSENT, NEVER));
        clock.advance(Duration.ofSeconds(9));
        put(store, "k-6");
        assertThat(store.figures().records())
                .as("k-3 has expired and is not in the way")
                .isEqualTo(4);
        put(store, "k-7");

        assertThat(get(store.scan("p", "", "", 10)).records().stream().map(StateRecord::key))
                .containsExactly("k-4", "k-5", "k-6", "k-7");
        assertNoRoom(store.put("p", "k-8", new byte[VALUE_BYTES], ABSENT, NEVER));
    }

    @Test
    void anExpiredRecordThatIsPutAgainTakesItsRoomOnce() {
        InMemoryStateStore store = roomFor(1);
        long first = put(store, "k-1", VALUE_BYTES, clock.millis() + 1_000);
        clock.advance(Duration.ofSeconds(2));

        long again = get(store.put("p", "k-1", new byte[VALUE_BYTES], ABSENT, clock.millis() + 1_000));
        assertThat(again).isGreaterThan(first);
        clock.advance(Duration.ofSeconds(2));
        put(store, "k-2");

        assertThat(store.figures().records()).isEqualTo(1);
    }

    @Test
    void aLeaseThatIsRenewedForDaysTakesNoMoreThanOne() {
        InMemoryStateStore store = roomFor(2);
        for (int i = 0; i < 10_000; i++) {
            put(store, "k-1", VALUE_BYTES, clock.millis() + 30_000);
            clock.advance(Duration.ofSeconds(10));
        }
        store.sweep();
        steps.runAll();

        assertThat(store.figures().bytes()).isEqualTo(PARTITION_BYTES + RECORD_BYTES);
        assertThat(get(store.get("p", "k-1"))).isNotNull();
        clock.advance(Duration.ofSeconds(21));
        store.sweep();
        steps.runAll();
        assertThat(store.figures().bytes()).isZero();
    }

    @Test
    void aSweepGivesOthersTheirTurn() {
        InMemoryStateStore store = new InMemoryStateStore(clock, steps, 1 << 20);
        int many = 2 * InMemoryStateStore.SWEEP_RECORDS + 1;
        for (int i = 0; i < many; i++) {
            put(store, "k-%04d".formatted(i), 0, clock.millis() + 1_000);
        }
        put(store, "stays", 0, clock.millis() + 2_000);
        store.sweep();
        steps.runAll();
        assertThat(store.figures().records()).as("nothing has expired").isEqualTo(many + 1);
        clock.advance(Duration.ofSeconds(1));

        store.sweep();
        CompletionStage<?> answer = store.get("p", "stays");
        steps.step();
        assertThat(store.figures().records()).isEqualTo(many + 1 - InMemoryStateStore.SWEEP_RECORDS);
        steps.step();
        assertThat(answer.toCompletableFuture()).isCompleted();
        steps.runAll();

        assertThat(store.figures().records()).isEqualTo(1);
    }
}
