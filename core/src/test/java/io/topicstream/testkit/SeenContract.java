package io.topicstream.testkit;

import static io.topicstream.testkit.LogContractFixture.ANY_SIZE;
import static io.topicstream.testkit.LogContractFixture.OTHER;
import static io.topicstream.testkit.LogContractFixture.PATIENCE;
import static io.topicstream.testkit.LogContractFixture.TOPIC;
import static io.topicstream.testkit.LogContractFixture.assertUnbroken;
import static io.topicstream.testkit.LogContractFixture.awaitUntil;
import static io.topicstream.testkit.LogContractFixture.get;
import static io.topicstream.testkit.LogContractFixture.offsets;
import static io.topicstream.testkit.LogContractFixture.together;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// What is seen, and when: by readers while others append, and behind a lane that stands still. A part of
/// [TopicLogContract].
interface SeenContract extends ShortWays {
    @Test
    default void aReadAfterTheAnswerSeesIt() throws Exception {
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int a = 0; a < 4; a++) {
            RecordingLane own = newLane();
            tasks.add(() -> {
                for (int i = 0; i < 100; i++) {
                    RecordingAppend append =
                            RecordingAppend.to(TOPIC).message("1").on(own);
                    // Asked on the lane's own thread, as soon as anybody can know of the answer.
                    var read = append.answer()
                            .thenCompose(result -> log().read(
                                            TOPIC, ((Appended) result).firstOffset(), Direction.FORWARD, 1, ANY_SIZE));
                    submit(append);
                    long offset = ((Appended) get(append.answer())).firstOffset();
                    Page page = get(read);
                    assertThat(offsets(page.messages())).containsExactly(offset);
                    assertThat(page.extent().nextOffset()).isGreaterThan(offset);
                    assertThat(get(log().extent(TOPIC)).nextOffset()).isGreaterThan(offset);
                }
                return null;
            });
        }

        together(tasks);

        assertUnbroken(offsets(all(TOPIC)), 1, 400);
    }

    @Test
    default void whatWasReadOnceIsNeverTakenBack() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        List<Message> seen = new ArrayList<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        AtomicLong running = new AtomicLong(2);
        for (int a = 0; a < 2; a++) {
            RecordingLane own = newLane();
            int appender = a;
            tasks.add(() -> {
                for (int i = 0; i < 200; i++) {
                    RecordingAppend append = RecordingAppend.to(TOPIC)
                            .message("\"" + appender + "-" + i + "\"")
                            .on(own);
                    submit(append);
                    if (i % 10 == 9) {
                        get(append.answer());
                    }
                }
                if (running.decrementAndGet() == 0) {
                    done.set(true);
                }
                return null;
            });
        }
        tasks.add(() -> {
            long tail = 1;
            while (!done.get()) {
                Page page = get(log().read(TOPIC, tail, Direction.FORWARD, 50, ANY_SIZE));
                assertThat(page.extent().nextOffset())
                        .as("the tail never goes back")
                        .isGreaterThanOrEqualTo(tail);
                assertUnbroken(
                        offsets(page.messages()), tail, tail + page.messages().size() - 1);
                seen.addAll(page.messages());
                tail += page.messages().size();
                assertThat(page.extent().nextOffset()).isGreaterThanOrEqualTo(tail);
            }
            return null;
        });

        together(tasks);

        assertThat(all(TOPIC).subList(0, seen.size())).isEqualTo(seen);
    }

    @Test
    default void appendsAndReadsHappenInOneOrderThatFitsTheirTimes() throws Exception {
        record Call(long sent, long answered, long lowest, long highest) {}
        AtomicLong ticks = new AtomicLong();
        ConcurrentLinkedQueue<Call> appends = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Call> reads = new ConcurrentLinkedQueue<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int a = 0; a < 3; a++) {
            RecordingLane own = newLane();
            tasks.add(() -> {
                List<CompletionStage<?>> window = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    RecordingAppend append =
                            RecordingAppend.to(TOPIC).message("1").on(own);
                    long sent = ticks.incrementAndGet();
                    window.add(append.answer()
                            .thenAccept(result -> appends.add(new Call(
                                    sent,
                                    ticks.incrementAndGet(),
                                    ((Appended) result).firstOffset(),
                                    ((Appended) result).lastOffset()))));
                    submit(append);
                    if (window.size() == 8) {
                        window.forEach(each -> get(each));
                        window.clear();
                    }
                }
                window.forEach(each -> get(each));
                return null;
            });
        }
        tasks.add(() -> {
            for (int i = 0; i < 300; i++) {
                long sent = ticks.incrementAndGet();
                Page page = get(log().read(TOPIC, Long.MAX_VALUE, Direction.BACKWARD, 1, ANY_SIZE));
                long last = page.messages().isEmpty()
                        ? 0
                        : page.messages().getLast().offset();
                reads.add(new Call(sent, ticks.incrementAndGet(), last, last));
            }
            return null;
        });

        together(tasks);

        List<Call> byOffset =
                appends.stream().sorted(Comparator.comparingLong(Call::lowest)).toList();
        assertThat(byOffset).hasSize(900);
        // What was answered before something else was sent has the lower offset; so, going down the offsets, nothing
        // was sent after anything above it was answered.
        long earliestAnswerAbove = Long.MAX_VALUE;
        for (Call call : byOffset.reversed()) {
            assertThat(call.sent())
                    .as("offset %d was sent before any higher offset was answered", call.lowest())
                    .isLessThan(earliestAnswerAbove);
            earliestAnswerAbove = Math.min(earliestAnswerAbove, call.answered());
        }
        for (Call read : reads) {
            long answeredBefore = appends.stream()
                    .filter(append -> append.answered() < read.sent())
                    .mapToLong(Call::highest)
                    .max()
                    .orElse(0);
            assertThat(read.highest())
                    .as("a read sees every append answered before it")
                    .isGreaterThanOrEqualTo(answeredBefore);
            long sentAfter = appends.stream()
                    .filter(append -> append.sent() > read.answered())
                    .mapToLong(Call::lowest)
                    .min()
                    .orElse(Long.MAX_VALUE);
            assertThat(read.highest())
                    .as("a read sees nothing that was sent after it")
                    .isLessThan(sentAfter);
        }
    }

    @Test
    default void aLaneThatDoesNotRunHoldsUpNobodyElse() {
        try (RecordingLane stuck = RecordingLane.byHand("stuck")) {
            RecordingAppend waiting = RecordingAppend.to(TOPIC).message("1").on(stuck);
            submit(waiting);

            for (int i = 0; i < 50; i++) {
                store(TOPIC, "2");
            }

            awaitUntil("the stuck lane was handed its answer", () -> stuck.waiting() > 0);
            assertThat(waiting.answer()).as("told only by its lane").isNotDone();
            stuck.drain();
            assertThat(waiting.answer()).isCompletedWithValueMatching(Appended.class::isInstance);
        }
    }

    @Test
    default void theFiguresSayWhetherMessagesAreStored() throws Exception {
        TopicLog log = log();
        store(TOPIC, "1");
        assertThat(log.figures().takesWrites()).isTrue();
        assertThat(log.figures().stillMs()).isLessThan(PATIENCE.toMillis());

        engine().shutDown();

        assertThat(log.figures().takesWrites()).isFalse();
    }

    @Test
    default void manyListsAtOnceAreAllAnswered() {
        store(TOPIC, "1");
        store(OTHER, "1");
        List<CompletionStage<List<TopicExtent>>> lists = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            lists.add(log().topics("", "", 1_000));
        }

        for (CompletionStage<List<TopicExtent>> list : lists) {
            assertThat(get(list)).hasSize(2);
        }
    }
}
