package io.topicstream.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Unavailable;
import io.topicstream.testkit.Heard;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingFollower;
import io.topicstream.testkit.RecordingLane;
import io.topicstream.testkit.SteppedExecutor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the log in memory promises beyond the contracts: its turns, its bounds, its ends. Every step
/// is made by hand.
final class InMemoryLogTest {
    private static final TopicName TOPIC = new TopicName("room:1");
    private static final TopicName OTHER = new TopicName("room:2");

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final RecordingLane lane = RecordingLane.byHand("one");
    private final RecordingLane second = RecordingLane.byHand("two");
    private final InMemoryLog log = new InMemoryLog(clock, executor, 7);

    @AfterEach
    void closeTheLanes() {
        lane.close();
        second.close();
    }

    @Test
    void nothingIsStoredBeforeItsTurn() {
        RecordingAppend append = RecordingAppend.to(TOPIC).message("1").on(lane);

        assertThat(log.append(append)).isEqualTo(Admission.ACCEPTED);

        assertThat(lane.waiting()).isZero();
        assertThat(executor.readyCount()).isEqualTo(1);
        assertThat(executor.runAll()).isEqualTo(1);
        assertThat(lane.drain()).isEqualTo(1);
        assertThat(append.answer().join()).isEqualTo(new Appended(7, 1, 1, clock.millis(), false));
    }

    @Test
    void whatHasQueuedUpIsOneCommitWithOneHandOverForEachLane() {
        List<RecordingFollower> followers = new ArrayList<>();
        for (RecordingLane each : List.of(lane, second)) {
            for (TopicName topic : List.of(TOPIC, OTHER)) {
                RecordingFollower follower = new RecordingFollower(topic, each);
                followers.add(follower);
                log.follow(topic, each, follower);
            }
        }
        executor.runAll();
        assertThat(lane.drain())
                .as("all follows of a turn are one hand-over too")
                .isEqualTo(1);
        assertThat(second.drain()).isEqualTo(1);

        for (int i = 1; i <= 10; i++) {
            log.append(RecordingAppend.to(i % 2 == 0 ? TOPIC : OTHER)
                    .message(Integer.toString(i))
                    .on(i < 6 ? lane : second));
        }
        assertThat(executor.runAll()).as("one turn").isEqualTo(1);

        for (RecordingLane each : List.of(lane, second)) {
            assertThat(each.drain()).isEqualTo(1);
            assertThat(each.heard(Heard.Answered.class)).hasSize(5);
            List<Heard.Committed> batches = each.heard(Heard.Committed.class);
            assertThat(batches).hasSize(2);
            assertThat(batches).allMatch(heard -> heard.batch().messages().size() == 5);
            assertThat(each.heard().subList(2, 7)).hasOnlyElementsOfType(Heard.Answered.class);
        }
        assertThat(followers).allMatch(follower -> follower.offsets().equals(List.of(1L, 2L, 3L, 4L, 5L)));
    }

    @Test
    void aTurnTakesABoundedCommitAndAsksForAnother() {
        for (int i = 0; i < 2_500; i++) {
            log.append(RecordingAppend.to(TOPIC).message("1").on(lane));
        }

        assertThat(executor.runAll()).as("turns of at most 1,024 messages").isEqualTo(3);

        assertThat(lane.drain()).isEqualTo(3);
        assertThat(lane.heard(Heard.Answered.class)).hasSize(2_500);
    }

    @Test
    void aFullQueueAsksToSlowDownAndThenRefuses() {
        RecordingAppend sample = RecordingAppend.to(TOPIC).message("1").on(lane);
        int size = sample.sizeBytes();
        InMemoryLog small = new InMemoryLog(
                clock, executor, new InMemoryLog.Settings(1, 2L * size, 3L * size, Duration.ofHours(1)));

        List<Admission> admissions = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            admissions.add(small.append(RecordingAppend.to(TOPIC).message("1").on(lane)));
        }
        executor.runAll();
        lane.drain();

        assertThat(admissions)
                .containsExactly(
                        Admission.ACCEPTED,
                        Admission.ACCEPTED,
                        Admission.ACCEPTED_SLOW_DOWN,
                        Admission.REFUSED,
                        Admission.REFUSED);
        assertThat(lane.heard(Heard.Answered.class)).hasSize(3);
        assertThat(small.append(RecordingAppend.to(TOPIC).message("1").on(lane)))
                .as("answered appends make room")
                .isEqualTo(Admission.ACCEPTED);
        executor.runAll();
        lane.drain();
    }

    @Test
    void anAppendLargerThanTheQueueIsTakenWhenNothingElseWaits() {
        InMemoryLog small = new InMemoryLog(clock, executor, new InMemoryLog.Settings(1, 10, 20, Duration.ofHours(1)));

        Admission first = small.append(RecordingAppend.to(TOPIC).message("1").on(lane));
        Admission next = small.append(RecordingAppend.to(TOPIC).message("1").on(lane));

        assertThat(first).isEqualTo(Admission.ACCEPTED_SLOW_DOWN);
        assertThat(next).isEqualTo(Admission.REFUSED);
        executor.runAll();
        assertThat(lane.drain()).isEqualTo(1);
    }

    @Test
    void idsAreKeptAsLongAsIsSet() {
        InMemoryLog forgetful =
                new InMemoryLog(clock, executor, new InMemoryLog.Settings(1, 1 << 20, 1 << 20, Duration.ofMinutes(5)));

        List<RecordingAppend> appends = new ArrayList<>();
        for (int minutes : new int[] {0, 4, 2}) {
            clock.advance(Duration.ofMinutes(minutes));
            RecordingAppend append =
                    RecordingAppend.to(TOPIC).message("1", "id").on(lane);
            forgetful.append(append);
            executor.runAll();
            lane.drain();
            appends.add(append);
        }

        assertThat(appends)
                .extracting(append -> ((Appended) append.answer().join()).repeated())
                .containsExactly(false, true, false);
    }

    @Test
    void aCloseAnswersWhatWasTakenWhenTheExecutorComesToIt() {
        RecordingAppend append = RecordingAppend.to(TOPIC).message("1").on(lane);
        log.append(append);
        var extent = log.extent(TOPIC).toCompletableFuture();

        log.close();
        executor.runAll();
        lane.drain();

        assertThat(append.answer().join()).isInstanceOf(Appended.class);
        assertThat(extent.join().nextOffset()).isEqualTo(2);
        assertThat(log.append(RecordingAppend.to(TOPIC).message("2").on(lane))).isEqualTo(Admission.REFUSED);
    }

    @Test
    void anExecutorThatRefusesWorkClosesTheLogAndEverythingIsAnswered() {
        ExecutorService gone = Executors.newSingleThreadExecutor();
        gone.close();
        InMemoryLog stranded = new InMemoryLog(clock, gone, 1);
        RecordingAppend append = RecordingAppend.to(TOPIC).message("1").on(lane);

        stranded.append(append);
        lane.drain();

        assertThat(append.answer().join()).isInstanceOf(AppendResult.Unavailable.class);
        assertThat(stranded.extent(TOPIC).toCompletableFuture())
                .failsWithin(Duration.ofSeconds(1))
                .withThrowableThat()
                .withCauseInstanceOf(LogUnavailableException.class);
        assertThat(stranded.append(RecordingAppend.to(TOPIC).message("2").on(lane)))
                .isEqualTo(Admission.REFUSED);
    }

    @Test
    void aLaneThatThrowsHarmsNobodyElse() {
        Lane broken = handOver -> {
            throw new IllegalStateException("this lane is gone");
        };
        log.follow(TOPIC, broken, new RecordingFollower(TOPIC, lane));
        RecordingAppend append = RecordingAppend.to(TOPIC).message("1").on(lane);
        log.append(append);
        executor.runAll();
        lane.drain();

        assertThat(append.answer().join()).isInstanceOf(Appended.class);
    }

    @Test
    void anErrorOnALaneHarmsNobodyElse() {
        Lane broken = handOver -> {
            throw new StackOverflowError();
        };
        log.follow(TOPIC, broken, new RecordingFollower(TOPIC, lane));
        RecordingAppend append = RecordingAppend.to(TOPIC).message("1").on(lane);
        log.append(append);
        executor.runAll();
        lane.drain();

        assertThat(append.answer().join()).isInstanceOf(Appended.class);
        assertThat(log.figures().queuedBytes()).isZero();
    }

    @Test
    void anErrorInACommitClosesItAndEverybodyIsAnswered() {
        InstantSource failing = () -> {
            throw new OutOfMemoryError("planted");
        };
        InMemoryLog failed = new InMemoryLog(failing, executor, 7);
        RecordingAppend append = RecordingAppend.to(TOPIC).message("1").on(lane);
        RecordingFollower follower = new RecordingFollower(TOPIC, lane);
        failed.append(append);
        failed.follow(TOPIC, lane, follower);
        var read = failed.extent(TOPIC).toCompletableFuture();

        executor.runAll();
        lane.drain();

        assertThat(append.answer()).isCompletedWithValueMatching(Unavailable.class::isInstance);
        assertThat(read).isDone();
        assertThat(failed.figures()).isEqualTo(new LogFigures(1, 0, 0, false, 0, Trimmed.NONE));
        assertThat(failed.append(RecordingAppend.to(TOPIC).message("2").on(lane)))
                .isEqualTo(Admission.REFUSED);
    }

    // ---- bounds

    @Test
    void signalsAreDroppedAboveTheSoftBoundAndLeaveRoomForMessages() {
        InMemoryLog small = small();
        List<Admission> admissions = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            admissions.add(small.signal(TOPIC, new byte[1_744]));
        }

        assertThat(admissions).isSorted();
        assertThat(admissions).filteredOn(Admission.ACCEPTED::equals).hasSize(2);
        assertThat(admissions).filteredOn(Admission.ACCEPTED_SLOW_DOWN::equals).hasSize(2);
        assertThat(small.figures().queuedBytes()).isEqualTo(8_000);
        assertThat(small.signal(new TopicName("sys:credentials"), new byte[10])).isNotEqualTo(Admission.REFUSED);
        assertThat(small.append(RecordingAppend.to(TOPIC).message("1").on(lane)))
                .isNotEqualTo(Admission.REFUSED);
        executor.runAll();
        assertThat(small.figures().queuedBytes()).isZero();
        assertThat(small.signal(TOPIC, new byte[1_744])).isEqualTo(Admission.ACCEPTED);
        executor.runAll();
    }

    @Test
    void questionsAreRefusedAboveTheHardBoundAndFollowsAreTaken() {
        InMemoryLog small = small();
        List<CompletableFuture<?>> questions = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            questions.add(small.topics("", "", 10).toCompletableFuture());
        }
        RecordingFollower follower = new RecordingFollower(TOPIC, lane);
        small.follow(TOPIC, lane, follower);

        assertThat(small.figures().queuedBytes()).isBetween(15_000L, 16_500L);
        executor.runAll();
        lane.drain();

        assertThat(questions).allMatch(CompletableFuture::isDone);
        assertThat(questions.getFirst()).isCompleted();
        assertThat(questions.getLast())
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .withMessageContaining("too much is waiting");
        assertThat(follower.followed()).isCompleted();
        assertThat(small.figures().queuedBytes()).isZero();
    }

    @Test
    void whatIsLeftWhenTheExecutorEndsIsAnsweredAndGivenBack() {
        InMemoryLog ended = new InMemoryLog(
                clock,
                task -> {
                    throw new RejectedExecutionException("ended");
                },
                7);
        RecordingFollower follower = new RecordingFollower(TOPIC, lane);

        ended.follow(TOPIC, lane, follower);
        lane.drain();

        assertThat(follower.lost()).isCompleted();
        assertThat(ended.figures()).isEqualTo(new LogFigures(0, 0, 0, false, 0, Trimmed.NONE));
    }

    private InMemoryLog small() {
        return new InMemoryLog(clock, executor, new InMemoryLog.Settings(7, 8_000, 16_000, Duration.ofHours(1)));
    }

    @Test
    void aRestoreTakesBackTheTailWithItsIdsAndTellsTheFollowers() {
        RecordingFollower follower = new RecordingFollower(TOPIC, lane);
        log.follow(TOPIC, lane, follower);
        for (int i = 1; i <= 5; i++) {
            log.append(RecordingAppend.to(TOPIC)
                    .message(Integer.toString(i), "id-" + i)
                    .on(lane));
        }
        executor.runAll();

        var begun = log.beginEpoch(9, Map.of(TOPIC, 4L)).toCompletableFuture();
        RecordingAppend repeat = RecordingAppend.to(TOPIC).message("3", "id-3").on(lane);
        RecordingAppend lost =
                RecordingAppend.to(TOPIC).message("\"other\"", "id-5").on(lane);
        executor.runAll();
        log.append(repeat);
        log.append(lost);
        var inOld = log.lastOffsetIn(TOPIC, 7).toCompletableFuture();
        var inNew = log.lastOffsetIn(TOPIC, 9).toCompletableFuture();
        executor.runAll();
        lane.drain();

        assertThat(begun).isCompleted();
        assertThat(follower.lost()).isCompleted();
        assertThat(((Appended) repeat.answer().join()).epoch()).isEqualTo(7);
        assertThat(lost.answer().join()).isEqualTo(new Appended(9, 4, 4, clock.millis(), false));
        assertThat(inOld.join()).isEqualTo(3);
        assertThat(inNew.join()).isEqualTo(4);
        assertThat(log.beginEpoch(9, Map.of()).toCompletableFuture()).isNotDone();
        executor.runAll();
    }

    @Test
    void anEpochDoesNotGoBack() {
        var begun = log.beginEpoch(7, Map.of()).toCompletableFuture();
        executor.runAll();

        assertThat(begun).isCompletedExceptionally();
        assertThatThrownBy(() -> new InMemoryLog(clock, executor, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
