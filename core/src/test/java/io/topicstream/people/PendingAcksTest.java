package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import io.topicstream.people.Acks.Taken;
import io.topicstream.protocol.Query;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PendingAcksTest {
    private static final TopicName CHAT = new TopicName("dm:ann~bob");
    private static final Duration REST = Duration.ofMillis(PendingAcks.REST_MS);
    private static final int MOST = 5;

    private final ReceiptsFixture fixture = new ReceiptsFixture();
    private final PendingAcks acks = new PendingAcks(fixture.receipts, fixture.clock, fixture.executor, MOST);

    @BeforeEach
    void publish() {
        fixture.publish(CHAT, 100);
    }

    private CompletableFuture<Taken> ack(String user, long delivered, boolean isAnswered) {
        return acks.take(user, CHAT, new Progress(delivered, Query.NOT_GIVEN), isAnswered)
                .toCompletableFuture();
    }

    @Test
    void theFirstIsStoredAtOnce() {
        CompletableFuture<Taken> taken = ack("ann", 1, true);
        assertThat(taken).isNotDone();

        fixture.executor.runAll();

        assertThat(taken).isCompletedWithValue(Taken.TAKEN);
        assertThat(fixture.stored("ann", CHAT)).isEqualTo(new Progress(1, 0));
    }

    @Test
    void whatComesWithinASecondIsStoredTogetherAndTheHighestOfIt() {
        var _ = ack("ann", 1, false);
        fixture.executor.runAll();
        int before = fixture.advances;
        List<CompletableFuture<Taken>> answers = new ArrayList<>();
        for (long i = 50; i > 1; i--) {
            answers.add(ack("ann", i, true));
        }
        fixture.executor.advance(REST.minusMillis(1));
        assertThat(fixture.advances).isEqualTo(before);
        assertThat(answers).noneMatch(CompletableFuture::isDone);

        fixture.executor.advance(Duration.ofMillis(1));

        // The index and the number itself.
        assertThat(fixture.advances).isEqualTo(before + 2);
        assertThat(answers).allMatch(CompletableFuture::isDone);
        assertThat(fixture.stored("ann", CHAT)).isEqualTo(new Progress(50, 0));
        assertThat(fixture.told).containsExactly("dm:ann~bob ann 1 -1", "dm:ann~bob ann 50 -1");
    }

    @Test
    void whereNobodyWaitsItIsTakenAtOnceAndStoredAllTheSame() {
        var _ = ack("ann", 1, false);
        fixture.executor.runAll();

        assertThat(ack("ann", 2, false)).isCompletedWithValue(Taken.TAKEN);
        assertThat(fixture.stored("ann", CHAT)).isEqualTo(new Progress(1, 0));
        assertThat(acks.pending("ann")).isEqualTo(Map.of(CHAT, new Progress(2, Query.NOT_GIVEN)));
        fixture.executor.advance(REST);

        assertThat(fixture.stored("ann", CHAT)).isEqualTo(new Progress(2, 0));
        assertThat(acks.pending("ann")).isEmpty();
    }

    @Test
    void atMostSoManyAreKeptAndThenThereIsRoomAgain() {
        for (int i = 0; i < MOST; i++) {
            assertThat(ack("u" + i, 1, false)).isCompletedWithValue(Taken.TAKEN);
        }
        assertThat(ack("one more", 1, true)).isCompletedWithValue(Taken.NO_ROOM);
        assertThat(ack("u0", 2, false)).isCompletedWithValue(Taken.TAKEN);
        fixture.executor.advance(REST);
        fixture.executor.advance(REST);

        assertThat(ack("one more", 1, true)).isNotDone();
        fixture.executor.runAll();
        assertThat(fixture.stored("one more", CHAT)).isEqualTo(new Progress(1, 0));
        assertThat(fixture.stored("u0", CHAT)).isEqualTo(new Progress(2, 0));
    }

    @Test
    void nothingIsLeftWhenAllHaveRested() {
        var _ = ack("ann", 1, false);
        var _ = ack("bob", 1, false);
        fixture.executor.advance(REST);
        fixture.executor.advance(REST);

        assertThat(fixture.executor.timerCount()).isZero();
        assertThat(acks.pending("ann")).isEmpty();
    }

    @Test
    void whatCannotBeStoredIsToldAndTriedAgain() {
        fixture.isBroken = true;
        CompletableFuture<Taken> waiting = ack("ann", 3, true);
        fixture.executor.runAll();
        assertThat(waiting).isCompletedExceptionally();
        assertThat(acks.pending("ann")).containsKey(CHAT);

        fixture.isBroken = false;
        fixture.executor.advance(REST);

        assertThat(fixture.stored("ann", CHAT)).isEqualTo(new Progress(3, 0));
        assertThat(acks.pending("ann")).isEmpty();
    }

    @Test
    void noMoreThanSoManyAreUnderWayAtOnce() {
        PendingAcks large = new PendingAcks(fixture.receipts, fixture.clock, fixture.executor);
        int users = PendingAcks.MOST_UNDER_WAY + 40;
        for (int i = 0; i < users; i++) {
            large.take("u" + i, CHAT, new Progress(1, 1), false);
        }
        // Each asks for two numbers and for the topic's end.
        assertThat(fixture.executor.readyCount()).isLessThanOrEqualTo(3 * PendingAcks.MOST_UNDER_WAY);
        fixture.executor.runAll();

        for (int i = 0; i < users; i++) {
            assertThat(fixture.stored("u" + i, CHAT)).isEqualTo(new Progress(1, 1));
        }
    }

    @Test
    void aFlushStoresWhatRests() {
        var _ = ack("ann", 1, false);
        fixture.executor.runAll();
        var _ = ack("ann", 7, false);
        var _ = ack("bob", 2, false);

        CompletableFuture<Void> flushed = acks.flush().toCompletableFuture();
        assertThat(flushed).isNotDone();
        fixture.executor.runAll();

        assertThat(flushed).isCompleted();
        assertThat(fixture.stored("ann", CHAT)).isEqualTo(new Progress(7, 0));
        assertThat(fixture.stored("bob", CHAT)).isEqualTo(new Progress(2, 0));
        assertThat(acks.flush().toCompletableFuture()).isCompleted();
    }

    @Test
    void aClockThatIsPutBackKeepsNothingWaiting() {
        List<Runnable> timers = new ArrayList<>();
        PendingAcks alone = new PendingAcks(fixture.receipts, fixture.clock, (task, _) -> timers.add(task));
        alone.take("ann", CHAT, new Progress(1, Query.NOT_GIVEN), false);
        fixture.executor.runAll();
        alone.take("ann", CHAT, new Progress(2, Query.NOT_GIVEN), false);
        fixture.clock.advance(Duration.ofHours(-1));

        timers.removeFirst().run();
        fixture.executor.runAll();

        assertThat(fixture.stored("ann", CHAT)).isEqualTo(new Progress(2, 0));
    }
}
