package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.LogUnavailableException;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// How numbers that only rise are written, and what is left of them when the disk fails.
@Timeout(60)
class AdvanceTest {
    @TempDir
    private Path directory;

    private final FaultyCalls disk = new FaultyCalls();
    private RocksLog log;
    private StateStore state;

    @BeforeEach
    void openTheLog() throws Exception {
        log = RocksLog.open(directory, StoreUnderTest.small(), disk, false);
        state = log.state();
        answer(state.advance("p", "k", 5));
    }

    @AfterEach
    void closeTheLog() {
        log.close();
        assertThat(log.openHandles()).isZero();
    }

    /// Makes the writer stand in a sync, so that all that comes until the gate opens goes into one turn.
    private CountDownLatch holdTheWriter() {
        CountDownLatch gate = new CountDownLatch(1);
        int before = disk.synced.size();
        disk.syncGate = gate;
        var _ = state.put("p", "other", new byte[1], StateStore.ANY_VERSION, StateStore.NEVER);
        await().until(() -> disk.synced.size() > before);
        return gate;
    }

    @Test
    void manyInOneTurnAreOneRowAndOneVersion() throws Exception {
        CountDownLatch gate = holdTheWriter();
        int rowsBefore = disk.rows.get();
        List<Long> numbers = new ArrayList<>(LongStream.range(0, 1000).boxed().toList());
        Collections.shuffle(numbers, new Random(1));
        List<CompletionStage<Long>> stages = new ArrayList<>();
        for (long number : numbers) {
            stages.add(state.advance("p", "k", number));
        }

        gate.countDown();

        long highest = 5;
        for (int i = 0; i < numbers.size(); i++) {
            highest = Math.max(highest, numbers.get(i));
            assertThat(answer(stages.get(i))).isEqualTo(highest);
        }
        assertThat(disk.rows.get() - rowsBefore).isEqualTo(1);
        StateRecord record = answer(state.get("p", "k"));
        assertThat(StateNumber.of(record.value())).isEqualTo(999);
        assertThat(record.version()).isEqualTo(answer(state.get("p", "other")).version() + 1);
    }

    @Test
    void whatIsPutOrDeletedInTheSameTurnStandsWhereItCame() throws Exception {
        for (int i = 0; i < 3; i++) {
            answer(state.advance("p", "k" + i, 5));
        }
        CountDownLatch gate = holdTheWriter();
        var _ = state.advance("p", "k0", 6);
        var _ = state.put("p", "k0", StateNumber.bytes(1), StateStore.ANY_VERSION, StateStore.NEVER);
        var _ = state.advance("p", "k1", 6);
        var _ = state.delete("p", "k1", StateStore.ANY_VERSION);
        var _ = state.put("p", "k2", StateNumber.bytes(1), StateStore.ANY_VERSION, StateStore.NEVER);
        CompletionStage<Long> last = state.advance("p", "k2", 2);

        gate.countDown();
        assertThat(answer(last)).isEqualTo(2);
        log.close();
        log = RocksLog.open(directory, StoreUnderTest.small());
        state = log.state();

        assertThat(StateNumber.of(answer(state.get("p", "k0")).value())).isEqualTo(1);
        assertThat(answer(state.get("p", "k1"))).isNull();
        assertThat(StateNumber.of(answer(state.get("p", "k2")).value())).isEqualTo(2);
    }

    @Test
    void whatIsNotHigherIsNotWritten() throws Exception {
        int writesBefore = disk.writes.get();

        assertThat(answer(state.advance("p", "k", 5))).isEqualTo(5);
        assertThat(answer(state.advance("p", "k", 0))).isEqualTo(5);

        assertThat(disk.writes.get()).isEqualTo(writesBefore);
    }

    @Test
    void nobodyHearsOfANumberThatIsNotDurable() throws Exception {
        CountDownLatch gate = holdTheWriter();
        CompletableFuture<Long> higher = state.advance("p", "k", 9).toCompletableFuture();
        CompletableFuture<Long> lower = state.advance("p", "k", 8).toCompletableFuture();

        assertThat(higher).isNotDone();
        assertThat(lower).as("it rests on the other one").isNotDone();
        gate.countDown();

        assertThat(answer(higher)).isEqualTo(9);
        assertThat(answer(lower)).isEqualTo(9);
    }

    @Test
    void aNumberWhoseWriteFailedIsForgotten() throws Exception {
        disk.writesToFail.set(1);

        assertThat(state.advance("p", "k", 9).toCompletableFuture())
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .withCauseInstanceOf(LogUnavailableException.class);

        await().ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(answer(state.advance("p", "k", 6))).isEqualTo(6));
        assertThat(StateNumber.of(answer(state.get("p", "k")).value())).isEqualTo(6);
    }

    private static <T> T answer(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
