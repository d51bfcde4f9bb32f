package io.topicstream.testkit;

import static io.topicstream.testkit.LogContractFixture.ANY_SIZE;
import static io.topicstream.testkit.LogContractFixture.OTHER;
import static io.topicstream.testkit.LogContractFixture.TOPIC;
import static io.topicstream.testkit.LogContractFixture.assertUnbroken;
import static io.topicstream.testkit.LogContractFixture.failureOf;
import static io.topicstream.testkit.LogContractFixture.get;
import static io.topicstream.testkit.LogContractFixture.offsets;
import static io.topicstream.testkit.LogContractFixture.payloads;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Admission;
import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Unavailable;
import io.topicstream.log.Direction;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/// Epochs, the end of an engine, and its next life. A part of [TopicLogContract].
interface LivesContract extends ShortWays {
    @Test
    default void anEpochIsAboveZeroAndStandsInEveryAnswer() {
        Appended answer = stored(RecordingAppend.to(TOPIC).message("1").on(lane()));

        assertThat(answer.epoch()).isPositive().isEqualTo(extent(TOPIC).epoch());
        assertThat(extent(OTHER).epoch()).isEqualTo(answer.epoch());
    }

    @Test
    default void lastOffsetInSaysHowFarEachEpochWrote() throws Exception {
        storeNumbers(TOPIC, 3);
        store(OTHER, "1");
        long first = extent(TOPIC).epoch();
        engine().beginEpoch();
        long silent = extent(TOPIC).epoch();
        engine().beginEpoch();
        Appended fourth = stored(RecordingAppend.to(TOPIC).message("4").on(lane()));
        store(TOPIC, "5");
        long third = extent(TOPIC).epoch();

        assertThat(silent).isGreaterThan(first);
        assertThat(third).isGreaterThan(silent);
        assertThat(fourth.epoch()).isEqualTo(third);
        assertThat(fourth.firstOffset()).as("offsets go on").isEqualTo(4);
        assertThat(get(log().lastOffsetIn(TOPIC, first - 1))).isZero();
        assertThat(get(log().lastOffsetIn(TOPIC, first))).isEqualTo(3);
        assertThat(get(log().lastOffsetIn(TOPIC, silent))).isEqualTo(3);
        assertThat(get(log().lastOffsetIn(TOPIC, third))).isEqualTo(5);
        assertThat(get(log().lastOffsetIn(TOPIC, third + 1))).isEqualTo(5);
        assertThat(get(log().lastOffsetIn(OTHER, third))).isEqualTo(1);
        assertUnbroken(offsets(all(TOPIC)), 1, 5);
    }

    @Test
    default void aRepeatIsAnsweredWithTheEpochInWhichTheFirstWasWritten() throws Exception {
        Appended first = stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));
        engine().beginEpoch();

        Appended repeat = stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));

        assertThat(repeat).isEqualTo(new Appended(first.epoch(), 1, 1, first.timestamp(), true));
        assertThat(extent(TOPIC).epoch()).isGreaterThan(first.epoch());
    }

    @Test
    default void closingAnswersEverythingThatWasAcceptedOnce() throws Exception {
        store(TOPIC, "0");
        List<RecordingAppend> accepted = new ArrayList<>();
        List<CompletionStage<Page>> reads = new ArrayList<>();
        List<RecordingLane> own = List.of(newLane(), newLane());
        for (int i = 0; i < 600; i++) {
            RecordingAppend append = RecordingAppend.to(i % 3 == 0 ? OTHER : TOPIC)
                    .message(Integer.toString(i), "id-" + i)
                    .on(own.get(i % 2));
            if (log().append(append) != Admission.REFUSED) {
                accepted.add(append);
            }
            if (i % 20 == 0) {
                reads.add(log().read(TOPIC, 1, Direction.FORWARD, 1, ANY_SIZE));
            }
        }
        TopicLog closed = log();

        engine().shutDown();

        int stored = 0;
        for (RecordingAppend append : accepted) {
            AppendResult answer = get(append.answer());
            assertThat(answer).isInstanceOfAny(Appended.class, Unavailable.class);
            stored += answer instanceof Appended ? 1 : 0;
        }
        for (CompletionStage<Page> read : reads) {
            var settled = read.handle(
                    (page, failure) -> failure == null || causeOf(failure) instanceof LogUnavailableException);
            assertThat(get(settled)).isTrue();
        }
        RecordingAppend late = RecordingAppend.to(TOPIC).message("1").on(lane());
        assertThat(closed.append(late)).isEqualTo(Admission.REFUSED);
        assertThat(failureOf(closed.read(TOPIC, 1, Direction.FORWARD, 1, ANY_SIZE)))
                .isInstanceOf(LogUnavailableException.class);
        assertThat(failureOf(closed.extent(TOPIC))).isInstanceOf(LogUnavailableException.class);
        assertThat(failureOf(closed.offsetAt(TOPIC, 0))).isInstanceOf(LogUnavailableException.class);
        assertThat(failureOf(closed.lastOffsetIn(TOPIC, 1))).isInstanceOf(LogUnavailableException.class);
        assertThat(failureOf(closed.trim(TOPIC, 1))).isInstanceOf(LogUnavailableException.class);
        assertThat(failureOf(closed.topics("", "", 1))).isInstanceOf(LogUnavailableException.class);
        if (engine().survivesReopen()) {
            engine().reopen();
            assertThat(all(TOPIC).size() + all(OTHER).size())
                    .as("all that was answered, and perhaps some that was not")
                    .isBetween(stored + 1, accepted.size() + 1);
        }
        for (RecordingLane each : own) {
            List<RecordingAppend> answered = each.heard(Heard.Answered.class).stream()
                    .map(Heard.Answered::append)
                    .toList();
            assertThat(answered).doesNotHaveDuplicates();
        }
        assertThat(late.answer()).as("no answer follows a refusal").isNotDone();
    }

    @Test
    default void anotherLifeOfTheLogKeepsWhatItHeldOrHasAHigherEpoch() throws Exception {
        stored(RecordingAppend.to(TOPIC).from("ann").message("1", "id-1").on(lane()));
        storeNumbers(TOPIC, 150);
        storeNumbers(OTHER, 5);
        get(log().trim(TOPIC, 20));
        List<Message> held = all(TOPIC);
        List<TopicExtent> topics = topics();
        long epoch = extent(TOPIC).epoch();

        engine().reopen();

        if (engine().survivesReopen()) {
            assertThat(all(TOPIC)).isEqualTo(held);
            assertThat(payloads(all(OTHER))).containsExactly("1", "2", "3", "4", "5");
            assertThat(topics())
                    .usingElementComparator(Comparator.comparing(TopicExtent::topic)
                            .thenComparingLong(topic -> topic.extent().firstOffset())
                            .thenComparingLong(topic -> topic.extent().nextOffset()))
                    .isEqualTo(topics);
            assertThat(get(log().lastOffsetIn(TOPIC, epoch))).isEqualTo(151);
            Appended repeat = stored(
                    RecordingAppend.to(TOPIC).from("ann").message("1", "id-1").on(lane()));
            assertThat(repeat.repeated()).isTrue();
            assertThat(repeat.firstOffset()).isEqualTo(1);
            assertThat(repeat.epoch()).isEqualTo(epoch);
            assertThat(stored(RecordingAppend.to(TOPIC).message("\"next\"").on(lane()))
                            .firstOffset())
                    .isEqualTo(152);
        } else {
            assertThat(topics()).isEmpty();
            assertThat(extent(TOPIC).epoch()).isGreaterThan(epoch);
            assertThat(get(log().lastOffsetIn(TOPIC, epoch)))
                    .as("no position of the earlier life holds")
                    .isZero();
        }
    }

    @Test
    default void timestampsDoNotGoBackInTheNextLife() throws Exception {
        store(TOPIC, "1");
        long before = all(TOPIC).getFirst().timestamp();
        engine().clock().advance(Duration.ofHours(-1));
        engine().beginEpoch();

        Appended answer = stored(RecordingAppend.to(TOPIC).message("2").on(lane()));

        assertThat(answer.timestamp()).isGreaterThanOrEqualTo(before);
    }

    private static Throwable causeOf(Throwable failure) {
        return failure instanceof java.util.concurrent.CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }
}
