package io.topicstream.testkit;

import static io.topicstream.testkit.LogContractFixture.OTHER;
import static io.topicstream.testkit.LogContractFixture.TOPIC;
import static io.topicstream.testkit.LogContractFixture.assertUnbroken;
import static io.topicstream.testkit.LogContractFixture.get;
import static io.topicstream.testkit.LogContractFixture.offsets;
import static io.topicstream.testkit.LogContractFixture.payloads;
import static io.topicstream.testkit.LogContractFixture.range;
import static io.topicstream.testkit.LogContractFixture.together;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Conflict;
import io.topicstream.log.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Offsets, their order, the offset that was expected, and timestamps. A part of [TopicLogContract].
interface AppendContract extends ShortWays {
    @Test
    default void offsetsCountFromOneWithoutAHole() {
        List<Long> answered = Stream.of("\"a\"", "\"b\"", "\"c\"")
                .map(json -> stored(RecordingAppend.to(TOPIC).message(json).on(lane()))
                        .firstOffset())
                .toList();

        assertThat(answered).containsExactly(1L, 2L, 3L);
        assertThat(offsets(all(TOPIC))).containsExactly(1L, 2L, 3L);
        assertThat(payloads(all(TOPIC))).containsExactly("\"a\"", "\"b\"", "\"c\"");
    }

    @Test
    default void everyTopicCountsForItself() {
        store(TOPIC, "1", "2");

        Appended first = stored(RecordingAppend.to(OTHER).message("1").on(lane()));

        assertThat(first.firstOffset()).isEqualTo(1);
        assertThat(extent(TOPIC).nextOffset()).isEqualTo(3);
        assertThat(extent(OTHER).nextOffset()).isEqualTo(2);
    }

    @Test
    default void appendersOnSeveralLanesShareOneUnbrokenCount() throws Exception {
        int appenders = 4;
        int each = 250;
        List<List<RecordingAppend>> appends = new ArrayList<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int a = 0; a < appenders; a++) {
            RecordingLane own = newLane();
            List<RecordingAppend> mine = new ArrayList<>();
            for (int i = 0; i < each; i++) {
                mine.add(RecordingAppend.to(TOPIC)
                        .message("\"" + a + "-" + i + "\"")
                        .on(own));
            }
            appends.add(mine);
            tasks.add(() -> {
                mine.forEach(this::submit);
                return null;
            });
        }

        together(tasks);

        List<Message> stored = new ArrayList<>();
        for (List<RecordingAppend> mine : appends) {
            long before = 0;
            for (RecordingAppend append : mine) {
                Appended answer = (Appended) get(append.answer());
                assertThat(answer.firstOffset())
                        .as("offsets of one lane ascend in the order of its calls")
                        .isGreaterThan(before);
                before = answer.firstOffset();
            }
        }
        stored.addAll(all(TOPIC));
        assertUnbroken(offsets(stored), 1, (long) appenders * each);
        for (List<RecordingAppend> mine : appends) {
            for (RecordingAppend append : mine) {
                Appended answer = (Appended) append.answer().join();
                Message at = stored.get((int) answer.firstOffset() - 1);
                assertThat(at.payload()).isEqualTo(append.drafts().getFirst().payload());
                assertThat(at.timestamp()).isEqualTo(answer.timestamp());
            }
        }
    }

    @Test
    default void appendsThatDoNotWaitForEachOtherKeepTheOrderOfTheirLane() {
        List<RecordingAppend> appends = new ArrayList<>();
        for (int i = 1; i <= 500; i++) {
            appends.add(RecordingAppend.to(TOPIC).message(Integer.toString(i)).on(lane()));
        }

        appends.forEach(this::submit);

        for (int i = 0; i < appends.size(); i++) {
            assertThat(((Appended) get(appends.get(i).answer())).firstOffset()).isEqualTo(i + 1);
        }
        assertThat(payloads(all(TOPIC)))
                .isEqualTo(range(1, 500).stream().map(String::valueOf).toList());
        assertThat(lane().heard(Heard.Answered.class).stream()
                        .map(Heard.Answered::append)
                        .toList())
                .as("answers of one lane come in the order of its calls")
                .isEqualTo(appends);
    }

    @Test
    default void theDraftsOfOneAppendStandTogetherWhoeverElseAppends() throws Exception {
        int appenders = 3;
        int each = 60;
        int drafts = 7;
        List<RecordingAppend> appends = new ArrayList<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int a = 0; a < appenders; a++) {
            RecordingLane own = newLane();
            List<RecordingAppend> mine = new ArrayList<>();
            for (int i = 0; i < each; i++) {
                RecordingAppend.Builder append = RecordingAppend.to(TOPIC);
                for (int d = 0; d < drafts; d++) {
                    append.message("\"" + a + "-" + i + "-" + d + "\"");
                }
                mine.add(append.on(own));
            }
            appends.addAll(mine);
            tasks.add(() -> {
                mine.forEach(this::submit);
                return null;
            });
        }

        together(tasks);

        List<Message> stored = new ArrayList<>();
        appends.forEach(append -> get(append.answer()));
        stored.addAll(all(TOPIC));
        assertUnbroken(offsets(stored), 1, (long) appenders * each * drafts);
        for (RecordingAppend append : appends) {
            Appended answer = (Appended) append.answer().join();
            assertThat(answer.lastOffset()).isEqualTo(answer.firstOffset() + drafts - 1);
            List<Message> mine = stored.subList((int) answer.firstOffset() - 1, (int) answer.lastOffset());
            assertThat(payloads(mine))
                    .isEqualTo(append.drafts().stream()
                            .map(draft -> new String(draft.payload(), StandardCharsets.UTF_8))
                            .toList());
        }
    }

    @Test
    default void anAppendOfAThousandDraftsIsOneAppend() {
        RecordingAppend.Builder append = RecordingAppend.to(TOPIC);
        for (int i = 1; i <= 1_000; i++) {
            append.message(Integer.toString(i), "id-" + i);
        }

        Appended answer = stored(append.on(lane()));

        assertThat(answer.firstOffset()).isEqualTo(1);
        assertThat(answer.lastOffset()).isEqualTo(1_000);
        assertUnbroken(offsets(all(TOPIC)), 1, 1_000);
    }

    @Test
    default void anExpectedOffsetThatIsTheNextOneIsTaken() {
        Appended first =
                stored(RecordingAppend.to(TOPIC).message("1").expecting(1).on(lane()));
        Appended second = stored(
                RecordingAppend.to(TOPIC).message("2").message("3").expecting(2).on(lane()));

        assertThat(first.firstOffset()).isEqualTo(1);
        assertThat(second.firstOffset()).isEqualTo(2);
        assertThat(second.lastOffset()).isEqualTo(3);
    }

    @Test
    default void anotherExpectedOffsetIsAnsweredWithTheNextOneAndUsesNoneUp() {
        store(TOPIC, "1", "2");
        long epoch = extent(TOPIC).epoch();

        AppendResult below = answerTo(
                RecordingAppend.to(TOPIC).message("\"no\"").expecting(2).on(lane()));
        AppendResult above = answerTo(
                RecordingAppend.to(TOPIC).message("\"no\"").expecting(4).on(lane()));
        AppendResult zero = answerTo(
                RecordingAppend.to(TOPIC).message("\"no\"").expecting(0).on(lane()));

        assertThat(below).isEqualTo(new Conflict(epoch, 3));
        assertThat(above).isEqualTo(new Conflict(epoch, 3));
        assertThat(zero).isEqualTo(new Conflict(epoch, 3));
        assertThat(stored(RecordingAppend.to(TOPIC).message("3").on(lane())).firstOffset())
                .isEqualTo(3);
        assertThat(payloads(all(TOPIC))).containsExactly("1", "2", "3");
    }

    @Test
    default void ofManyAppendsThatExpectOneOffsetOneGetsIt() throws Exception {
        store(TOPIC, "0");
        List<RecordingAppend> rivals = new ArrayList<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            RecordingLane own = newLane();
            for (int j = 0; j < 5; j++) {
                RecordingAppend rival = RecordingAppend.to(TOPIC)
                        .message("\"" + i + "-" + j + "\"")
                        .expecting(2)
                        .on(own);
                rivals.add(rival);
                tasks.add(() -> {
                    submit(rival);
                    return null;
                });
            }
        }

        together(tasks);

        List<AppendResult> answers =
                rivals.stream().map(rival -> get(rival.answer())).toList();
        assertThat(answers).filteredOn(Appended.class::isInstance).hasSize(1);
        assertThat(answers)
                .filteredOn(Conflict.class::isInstance)
                .hasSize(rivals.size() - 1)
                .allMatch(answer -> ((Conflict) answer).nextOffset() == 3);
        assertThat(all(TOPIC)).hasSize(2);
    }

    @Test
    default void anExpectedOffsetIsComparedWithWhatTheLaneAppendedJustBefore() {
        RecordingAppend first =
                RecordingAppend.to(TOPIC).message("1").expecting(1).on(lane());
        RecordingAppend again =
                RecordingAppend.to(TOPIC).message("2").expecting(1).on(lane());
        RecordingAppend second =
                RecordingAppend.to(TOPIC).message("3").expecting(2).on(lane());

        Stream.of(first, again, second).forEach(this::submit);

        assertThat(((Appended) get(first.answer())).firstOffset()).isEqualTo(1);
        assertThat(((Conflict) get(again.answer())).nextOffset()).isEqualTo(2);
        assertThat(((Appended) get(second.answer())).firstOffset()).isEqualTo(2);
        assertThat(payloads(all(TOPIC))).containsExactly("1", "3");
    }

    @Test
    default void aConflictOnATopicThatDoesNotExistDoesNotMakeIt() {
        AppendResult answer =
                answerTo(RecordingAppend.to(TOPIC).message("1").expecting(2).on(lane()));

        assertThat(((Conflict) answer).nextOffset()).isEqualTo(1);
        assertThat(topics()).isEmpty();
    }

    @Test
    default void timestampsNeverGoBackWhateverTheClockDoes() {
        List<Duration> jumps = List.of(
                Duration.ofHours(-1),
                Duration.ZERO,
                Duration.ofDays(1),
                Duration.ofMillis(-1),
                Duration.ofDays(-30),
                Duration.ofMillis(1),
                Duration.ofDays(31));
        store(TOPIC, "0");

        for (Duration jump : jumps) {
            engine().clock().advance(jump);
            Appended answer = stored(RecordingAppend.to(TOPIC).message("1").on(lane()));
            assertThat(answer.timestamp()).isEqualTo(all(TOPIC).getLast().timestamp());
        }

        List<Message> messages = all(TOPIC);
        assertUnbroken(offsets(messages), 1, jumps.size() + 1);
        assertThat(messages.stream().map(Message::timestamp).toList()).isSortedAccordingTo(Comparator.naturalOrder());
        assertThat(messages.getLast().timestamp())
                .as("when the clock is ahead again, it is believed")
                .isEqualTo(engine().clock().millis());
    }
}
