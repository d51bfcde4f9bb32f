package io.topicstream.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Admission;
import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Conflict;
import io.topicstream.log.AppendResult.IdConflict;
import io.topicstream.log.AppendResult.Unavailable;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What every [TopicLog] promises, one sentence a test. An engine's own test extends this and says
/// how the engine is opened. What is heard live stands in [TopicFeedContract].
public abstract class TopicLogContract extends LogContractFixture {
    private static final Duration REPEATS_KEPT = Duration.ofHours(24);

    // ---- offsets and order

    @Test
    void offsetsCountFromOneWithoutAHole() {
        List<Long> answered = Stream.of("\"a\"", "\"b\"", "\"c\"")
                .map(json -> stored(RecordingAppend.to(TOPIC).message(json).on(lane()))
                        .firstOffset())
                .toList();

        assertThat(answered).containsExactly(1L, 2L, 3L);
        assertThat(offsets(all(TOPIC))).containsExactly(1L, 2L, 3L);
        assertThat(payloads(all(TOPIC))).containsExactly("\"a\"", "\"b\"", "\"c\"");
    }

    @Test
    void everyTopicCountsForItself() {
        store(TOPIC, "1", "2");

        Appended first = stored(RecordingAppend.to(OTHER).message("1").on(lane()));

        assertThat(first.firstOffset()).isEqualTo(1);
        assertThat(extent(TOPIC).nextOffset()).isEqualTo(3);
        assertThat(extent(OTHER).nextOffset()).isEqualTo(2);
    }

    @Test
    void appendersOnSeveralLanesShareOneUnbrokenCount() throws Exception {
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
    void appendsThatDoNotWaitForEachOtherKeepTheOrderOfTheirLane() {
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
    void theDraftsOfOneAppendStandTogetherWhoeverElseAppends() throws Exception {
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
    void aMessageKeepsAllThatItCameWith() {
        RecordingAppend append = RecordingAppend.to(TOPIC)
                .from("ann")
                .withheldFrom("c-1")
                .draft(new Draft("{\"t\":\"grüße 😀\"}".getBytes(StandardCharsets.UTF_8), "id-1", "device/7 ü"))
                .on(lane());

        Appended answer = stored(append);

        long now = engine().clock().millis();
        Message expected = new Message(
                1,
                now,
                "ann",
                "c-1",
                "id-1",
                "device/7 ü",
                append.drafts().getFirst().payload());
        assertThat(all(TOPIC)).containsExactly(expected);
        assertThat(answer).isEqualTo(new Appended(extent(TOPIC).epoch(), 1, 1, now, false));
    }

    @Test
    void whatAMessageDoesNotHaveIsNull() {
        store(TOPIC, "null");

        Message message = all(TOPIC).getFirst();
        assertThat(message.from()).isNull();
        assertThat(message.withheldFrom()).isNull();
        assertThat(message.messageId()).isNull();
        assertThat(message.key()).isNull();
        assertThat(text(message)).isEqualTo("null");
    }

    @Test
    void payloadsKeepEveryByteWhateverTheirSize() {
        List<String> texts = Stream.of(1, 255, 256, 65_535, 65_536, 120 * 1024)
                .map(length -> "\"" + "x".repeat(length) + "\"")
                .toList();

        store(TOPIC, texts.toArray(String[]::new));

        assertThat(payloads(all(TOPIC))).isEqualTo(texts);
    }

    @Test
    void anAppendOfAThousandDraftsIsOneAppend() {
        RecordingAppend.Builder append = RecordingAppend.to(TOPIC);
        for (int i = 1; i <= 1_000; i++) {
            append.message(Integer.toString(i), "id-" + i);
        }

        Appended answer = stored(append.on(lane()));

        assertThat(answer.firstOffset()).isEqualTo(1);
        assertThat(answer.lastOffset()).isEqualTo(1_000);
        assertUnbroken(offsets(all(TOPIC)), 1, 1_000);
    }

    // ---- the expected offset

    @Test
    void anExpectedOffsetThatIsTheNextOneIsTaken() {
        Appended first =
                stored(RecordingAppend.to(TOPIC).message("1").expecting(1).on(lane()));
        Appended second = stored(
                RecordingAppend.to(TOPIC).message("2").message("3").expecting(2).on(lane()));

        assertThat(first.firstOffset()).isEqualTo(1);
        assertThat(second.firstOffset()).isEqualTo(2);
        assertThat(second.lastOffset()).isEqualTo(3);
    }

    @Test
    void anotherExpectedOffsetIsAnsweredWithTheNextOneAndUsesNoneUp() {
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
    void ofManyAppendsThatExpectOneOffsetOneGetsIt() throws Exception {
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
    void anExpectedOffsetIsComparedWithWhatTheLaneAppendedJustBefore() {
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
    void aConflictOnATopicThatDoesNotExistDoesNotMakeIt() {
        AppendResult answer =
                answerTo(RecordingAppend.to(TOPIC).message("1").expecting(2).on(lane()));

        assertThat(((Conflict) answer).nextOffset()).isEqualTo(1);
        assertThat(topics()).isEmpty();
    }

    // ---- repeats

    @Test
    void aRepeatStoresNothingAndIsAnsweredAsTheFirstWas() {
        store(TOPIC, "0");
        Appended first =
                stored(RecordingAppend.to(TOPIC).message("{\"a\":1}", "id-1").on(lane()));
        store(TOPIC, "2");
        engine().clock().advance(Duration.ofMinutes(1));

        Appended repeat =
                stored(RecordingAppend.to(TOPIC).message("{\"a\":1}", "id-1").on(lane()));

        assertThat(first.repeated()).isFalse();
        assertThat(repeat)
                .isEqualTo(
                        new Appended(first.epoch(), first.firstOffset(), first.lastOffset(), first.timestamp(), true));
        assertThat(all(TOPIC)).hasSize(3);
        assertThat(stored(RecordingAppend.to(TOPIC).message("3").on(lane())).firstOffset())
                .as("a repeat uses no offset up")
                .isEqualTo(4);
    }

    @Test
    void aKnownIdWithAnotherPayloadIsRefused() {
        stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));

        AppendResult answer =
                answerTo(RecordingAppend.to(TOPIC).message("2", "id-1").on(lane()));

        assertThat(answer).isInstanceOf(IdConflict.class);
        assertThat(payloads(all(TOPIC))).containsExactly("1");
        assertThat(stored(RecordingAppend.to(TOPIC).message("2", "id-2").on(lane()))
                        .firstOffset())
                .as("a refused append uses no offset up")
                .isEqualTo(2);
    }

    @Test
    void messagesWithoutAnIdAreNeverRepeats() {
        store(TOPIC, "1", "1", "1");

        assertThat(all(TOPIC)).hasSize(3);
    }

    @Test
    void idsAreComparedWhole() {
        String stem = "x".repeat(Draft.MAX_MESSAGE_ID_LENGTH - 2);
        List<String> ids = List.of("Aa", "BB", "aa", "Aa ", stem + "Aa", stem + "BB", "ü", "u");

        for (String id : ids) {
            assertThat(stored(RecordingAppend.to(TOPIC).message("1", id).on(lane()))
                            .repeated())
                    .as(id)
                    .isFalse();
        }

        assertThat(all(TOPIC)).hasSize(ids.size());
        for (String id : ids) {
            assertThat(stored(RecordingAppend.to(TOPIC).message("1", id).on(lane()))
                            .repeated())
                    .as(id)
                    .isTrue();
        }
    }

    @Test
    void idsOfOneScopeSayNothingAboutAnother() {
        List<RecordingAppend> appends = List.of(
                RecordingAppend.to(TOPIC).idScope("u:a").message("1", "bc").on(lane()),
                RecordingAppend.to(TOPIC).idScope("u:ab").message("2", "c").on(lane()),
                RecordingAppend.to(TOPIC).idScope("u:b").message("3", "bc").on(lane()),
                RecordingAppend.to(TOPIC).idScope("c:a").message("4", "bc").on(lane()),
                RecordingAppend.to(OTHER).idScope("u:a").message("5", "bc").on(lane()));

        for (RecordingAppend append : appends) {
            assertThat(stored(append).repeated()).isFalse();
        }

        assertThat(payloads(all(TOPIC))).containsExactly("1", "2", "3", "4");
        assertThat(payloads(all(OTHER))).containsExactly("5");
    }

    @Test
    void aBatchThatIsKnownWholeIsAnsweredAsTheFirstWas() {
        store(TOPIC, "0");
        Appended first = stored(batch("1", "a", "2", "b", "3", "c"));
        store(TOPIC, "4");

        Appended repeat = stored(batch("1", "a", "2", "b", "3", "c"));

        assertThat(repeat).isEqualTo(new Appended(first.epoch(), 2, 4, first.timestamp(), true));
        assertThat(all(TOPIC)).hasSize(5);
    }

    @Test
    void aBatchThatIsKnownInPartIsRefusedWhole() {
        stored(batch("1", "a", "2", "b"));

        assertThat(answerTo(batch("2", "b", "3", "c"))).isInstanceOf(IdConflict.class);
        assertThat(answerTo(batch("3", "c", "1", "a"))).isInstanceOf(IdConflict.class);
        assertThat(answerTo(batch("1", "a", "2", "b", "3", "c"))).isInstanceOf(IdConflict.class);

        assertThat(payloads(all(TOPIC))).containsExactly("1", "2");
        assertThat(stored(batch("3", "c")).repeated())
                .as("the ids of a refused batch stay free")
                .isFalse();
    }

    @Test
    void aBatchInAnotherOrderIsNotTheSameBatch() {
        stored(batch("1", "a", "2", "b"));

        assertThat(answerTo(batch("2", "b", "1", "a"))).isInstanceOf(IdConflict.class);
    }

    @Test
    void aBatchMadeOfMessagesFromSeveralAppendsIsNotARepeat() {
        stored(batch("1", "a"));
        store(TOPIC, "0");
        stored(batch("2", "b"));

        assertThat(answerTo(batch("1", "a", "2", "b"))).isInstanceOf(IdConflict.class);
        assertThat(all(TOPIC)).hasSize(3);
    }

    @Test
    void oneMessageOfABatchMayBeRepeatedAlone() {
        stored(batch("1", "a", "2", "b", "3", "c"));

        Appended repeat = stored(batch("2", "b"));

        assertThat(repeat.repeated()).isTrue();
        assertThat(repeat.firstOffset()).isEqualTo(2);
        assertThat(repeat.lastOffset()).isEqualTo(2);
    }

    @Test
    void anIdAlsoStandsForTheMessagesWithoutOneBehindIt() {
        Appended first = stored(batch("1", "a", "2", null, "3", null));

        Appended repeat = stored(batch("1", "a", "2", null, "3", null));

        assertThat(repeat).isEqualTo(new Appended(first.epoch(), 1, 3, first.timestamp(), true));
        assertThat(answerTo(batch("1", "a", "2", null, "4", null))).isInstanceOf(IdConflict.class);
        assertThat(answerTo(batch("1", "a", "2", null))).isInstanceOf(IdConflict.class);
        assertThat(answerTo(batch("1", "a"))).isInstanceOf(IdConflict.class);
        assertThat(all(TOPIC)).hasSize(3);
    }

    @Test
    void aMessageInFrontOfEveryIdIsNotKnownSoItsBatchIsRefusedWhole() {
        Appended first = stored(batch("1", null, "2", "b"));

        assertThat(first.repeated()).isFalse();
        assertThat(answerTo(batch("1", null, "2", "b"))).isInstanceOf(IdConflict.class);
        assertThat(stored(batch("2", "b")).firstOffset()).isEqualTo(2);
        assertThat(all(TOPIC)).hasSize(2);
    }

    @Test
    void anAppendThatGivesOneIdTwiceIsRefused() {
        assertThat(answerTo(batch("1", "a", "2", "a"))).isInstanceOf(IdConflict.class);
        assertThat(answerTo(batch("1", "a", "1", "a"))).isInstanceOf(IdConflict.class);

        assertThat(topics()).isEmpty();
    }

    @Test
    void aRepeatIsLookedForBeforeTheExpectedOffset() {
        Appended first = stored(
                RecordingAppend.to(TOPIC).message("1", "id-1").expecting(1).on(lane()));
        store(TOPIC, "2");

        AppendResult repeat = answerTo(
                RecordingAppend.to(TOPIC).message("1", "id-1").expecting(1).on(lane()));
        AppendResult other = answerTo(
                RecordingAppend.to(TOPIC).message("2", "id-1").expecting(1).on(lane()));

        assertThat(repeat).isEqualTo(new Appended(first.epoch(), 1, 1, first.timestamp(), true));
        assertThat(other).isInstanceOf(IdConflict.class);
    }

    @Test
    void anIdThatCameWithARefusedAppendIsStillFree() {
        store(TOPIC, "0");

        AppendResult refused = answerTo(
                RecordingAppend.to(TOPIC).message("1", "id-1").expecting(7).on(lane()));
        Appended stored = stored(RecordingAppend.to(TOPIC)
                .message("\"other\"", "id-1")
                .expecting(2)
                .on(lane()));

        assertThat(refused).isInstanceOf(Conflict.class);
        assertThat(stored.repeated()).isFalse();
        assertThat(stored.firstOffset()).isEqualTo(2);
    }

    @Test
    void aHundredRepeatsAtOnceGetOneOffset() throws Exception {
        store(TOPIC, "0");
        List<RecordingAppend> repeats = new ArrayList<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int a = 0; a < 4; a++) {
            RecordingLane own = newLane();
            List<RecordingAppend> mine = new ArrayList<>();
            for (int i = 0; i < 25; i++) {
                mine.add(RecordingAppend.to(TOPIC).message("1", "id-1").on(own));
            }
            repeats.addAll(mine);
            tasks.add(() -> {
                mine.forEach(this::submit);
                return null;
            });
        }

        together(tasks);

        List<Appended> answers =
                repeats.stream().map(repeat -> (Appended) get(repeat.answer())).toList();
        assertThat(answers).allMatch(answer -> answer.firstOffset() == 2 && answer.lastOffset() == 2);
        assertThat(answers).filteredOn(answer -> !answer.repeated()).hasSize(1);
        assertThat(all(TOPIC)).hasSize(2);
    }

    @Test
    void anIdIsForgottenAfterADay() {
        stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));
        engine().clock().advance(REPEATS_KEPT.minusMinutes(1));
        Appended justBefore =
                stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));

        engine().clock().advance(Duration.ofMinutes(2));
        Appended after =
                stored(RecordingAppend.to(TOPIC).message("\"new\"", "id-1").on(lane()));
        Appended again =
                stored(RecordingAppend.to(TOPIC).message("\"new\"", "id-1").on(lane()));

        assertThat(justBefore.repeated()).isTrue();
        assertThat(after.repeated()).as("forgotten").isFalse();
        assertThat(after.firstOffset()).isEqualTo(2);
        assertThat(again.repeated()).as("kept anew").isTrue();
        assertThat(again.firstOffset()).isEqualTo(2);
    }

    @Test
    void anIdIsKeptWhenTheClockGoesBack() {
        stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));

        engine().clock().advance(Duration.ofDays(-2));

        assertThat(stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()))
                        .repeated())
                .isTrue();
    }

    @Test
    void theRepeatOfAMessageThatWasTrimmedIsStillARepeat() {
        stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));
        get(log().trim(TOPIC, 2));

        Appended repeat = stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));

        assertThat(repeat.repeated()).isTrue();
        assertThat(repeat.firstOffset()).isEqualTo(1);
        assertThat(extent(TOPIC).isEmpty()).isTrue();
    }

    // ---- timestamps

    @Test
    void timestampsNeverGoBackWhateverTheClockDoes() {
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

    // ---- reads

    @Test
    void aReadForwardBeginsAtTheOffset() {
        storeNumbers(TOPIC, 10);

        assertUnbroken(offsets(forward(TOPIC, 1, ALL).messages()), 1, 10);
        assertUnbroken(offsets(forward(TOPIC, 4, ALL).messages()), 4, 10);
        assertUnbroken(offsets(forward(TOPIC, 10, ALL).messages()), 10, 10);
        assertUnbroken(offsets(forward(TOPIC, 0, ALL).messages()), 1, 10);
        assertUnbroken(offsets(forward(TOPIC, -5, ALL).messages()), 1, 10);
    }

    @Test
    void aReadForwardStopsAtItsLimit() {
        storeNumbers(TOPIC, 10);

        assertUnbroken(offsets(forward(TOPIC, 3, 1).messages()), 3, 3);
        assertUnbroken(offsets(forward(TOPIC, 3, 5).messages()), 3, 7);
        assertUnbroken(offsets(forward(TOPIC, 8, 5).messages()), 8, 10);
        assertUnbroken(offsets(forward(TOPIC, 1, Integer.MAX_VALUE).messages()), 1, 10);
    }

    @Test
    void aReadBackwardEndsAtTheOffsetAndStillAscends() {
        storeNumbers(TOPIC, 10);

        assertUnbroken(offsets(backward(TOPIC, 10, 3).messages()), 8, 10);
        assertUnbroken(offsets(backward(TOPIC, 7, 3).messages()), 5, 7);
        assertUnbroken(offsets(backward(TOPIC, 2, 3).messages()), 1, 2);
        assertUnbroken(offsets(backward(TOPIC, 7, Integer.MAX_VALUE).messages()), 1, 7);
        assertThat(backward(TOPIC, 0, 3).messages()).isEmpty();
        assertThat(backward(TOPIC, -1, 3).messages()).isEmpty();
    }

    @Test
    void aReadBackwardFromPastTheTailCountsFromTheTail() {
        storeNumbers(TOPIC, 10);

        assertUnbroken(offsets(backward(TOPIC, 11, 3).messages()), 8, 10);
        assertUnbroken(offsets(backward(TOPIC, Long.MAX_VALUE, 3).messages()), 8, 10);
    }

    @Test
    void aReadForwardAtOrPastTheTailIsEmptyAndNamesTheExtent() {
        storeNumbers(TOPIC, 3);
        Extent extent = extent(TOPIC);

        assertThat(forward(TOPIC, 4, ALL)).isEqualTo(new Page(extent, List.of()));
        assertThat(forward(TOPIC, 5, ALL)).isEqualTo(new Page(extent, List.of()));
        assertThat(forward(TOPIC, Long.MAX_VALUE, ALL)).isEqualTo(new Page(extent, List.of()));
    }

    @Test
    void aReadOfNoMessagesNamesTheExtent() {
        storeNumbers(TOPIC, 3);

        assertThat(forward(TOPIC, 1, 0)).isEqualTo(new Page(extent(TOPIC), List.of()));
        assertThat(backward(TOPIC, 3, 0)).isEqualTo(new Page(extent(TOPIC), List.of()));
    }

    @Test
    void aReadStopsBeforeTheMessageThatIsTooMuch() {
        storeNumbers(TOPIC, 9);
        int size = all(TOPIC).getFirst().sizeBytes();

        assertUnbroken(offsets(read(1, Direction.FORWARD, 3 * size)), 1, 3);
        assertUnbroken(offsets(read(1, Direction.FORWARD, 4 * size - 1)), 1, 3);
        assertUnbroken(offsets(read(9, Direction.BACKWARD, 3 * size)), 7, 9);
        assertUnbroken(offsets(read(9, Direction.BACKWARD, 4 * size - 1)), 7, 9);
    }

    @Test
    void theFirstMessageOfAReadComesWhateverItsSize() {
        store(TOPIC, "\"" + "x".repeat(100_000) + "\"", "2", "\"" + "y".repeat(100_000) + "\"");

        assertUnbroken(offsets(read(1, Direction.FORWARD, 10)), 1, 1);
        assertUnbroken(offsets(read(1, Direction.FORWARD, 0)), 1, 1);
        assertUnbroken(offsets(read(3, Direction.BACKWARD, 10)), 3, 3);
        assertUnbroken(offsets(read(2, Direction.FORWARD, 1_000)), 2, 2);
    }

    @Test
    void pagesPutTogetherAreTheWholeTopic() {
        storeNumbers(TOPIC, 250);

        List<Message> forward = new ArrayList<>();
        for (long from = 1; from <= 250; from = forward.getLast().offset() + 1) {
            forward.addAll(forward(TOPIC, from, 7).messages());
        }
        List<Message> backward = new ArrayList<>();
        for (long from = 250; from >= 1; from = backward.getFirst().offset() - 1) {
            backward.addAll(0, backward(TOPIC, from, 9).messages());
        }

        assertUnbroken(offsets(forward), 1, 250);
        assertThat(backward).isEqualTo(forward);
    }

    @Test
    void offsetAtIsTheFirstMessageAtOrAfterTheTime() {
        long t1 = engine().clock().millis();
        store(TOPIC, "1", "2");
        engine().clock().advance(Duration.ofSeconds(10));
        long t3 = engine().clock().millis();
        store(TOPIC, "3");
        engine().clock().advance(Duration.ofSeconds(10));
        store(TOPIC, "4");

        assertThat(get(log().offsetAt(TOPIC, Long.MIN_VALUE))).isEqualTo(1);
        assertThat(get(log().offsetAt(TOPIC, t1))).isEqualTo(1);
        assertThat(get(log().offsetAt(TOPIC, t1 + 1))).isEqualTo(3);
        assertThat(get(log().offsetAt(TOPIC, t3))).isEqualTo(3);
        assertThat(get(log().offsetAt(TOPIC, t3 + 1))).isEqualTo(4);
        assertThat(get(log().offsetAt(TOPIC, engine().clock().millis() + 1)))
                .as("the next one where there is none")
                .isEqualTo(5);
        assertThat(get(log().offsetAt(TOPIC, Long.MAX_VALUE))).isEqualTo(5);
    }

    @Test
    void offsetAtFindsTheSameMessageAsLookingAtEachOne() {
        for (int i = 0; i < 60; i++) {
            engine().clock().advance(Duration.ofMillis(i % 7 * 5L));
            RecordingAppend.Builder append = RecordingAppend.to(TOPIC);
            for (int d = 0; d <= i % 4; d++) {
                append.message(Integer.toString(i));
            }
            stored(append.on(lane()));
        }
        get(log().trim(TOPIC, 20));
        List<Message> kept = all(TOPIC);
        long first = kept.getFirst().timestamp();
        long last = kept.getLast().timestamp();

        for (long time = first - 2; time <= last + 2; time += 3) {
            long at = time;
            long expected = kept.stream()
                    .filter(message -> message.timestamp() >= at)
                    .mapToLong(Message::offset)
                    .findFirst()
                    .orElse(kept.getLast().offset() + 1);
            assertThat(get(log().offsetAt(TOPIC, time))).isEqualTo(expected);
        }
    }

    // ---- topics that do not exist

    @Test
    void askingAboutATopicStoresNothing() {
        Extent extent = extent(TOPIC);

        assertThat(extent.firstOffset()).isEqualTo(1);
        assertThat(extent.nextOffset()).isEqualTo(1);
        assertThat(forward(TOPIC, 1, ALL)).isEqualTo(new Page(extent, List.of()));
        assertThat(backward(TOPIC, 10, ALL)).isEqualTo(new Page(extent, List.of()));
        assertThat(get(log().offsetAt(TOPIC, 0))).isEqualTo(1);
        assertThat(get(log().lastOffsetIn(TOPIC, extent.epoch()))).isZero();
        assertThat(get(log().trim(TOPIC, 5))).isEqualTo(extent);
        assertThat(topics()).isEmpty();
        assertThat(stored(RecordingAppend.to(TOPIC).message("1").on(lane())).firstOffset())
                .isEqualTo(1);
    }

    // ---- trim

    @Test
    void aTrimLetsGoOfEverythingBeforeTheOffset() {
        storeNumbers(TOPIC, 10);
        long epoch = extent(TOPIC).epoch();

        Extent after = get(log().trim(TOPIC, 4));

        assertThat(after).isEqualTo(new Extent(epoch, 4, 11));
        assertThat(extent(TOPIC)).isEqualTo(after);
        assertUnbroken(offsets(forward(TOPIC, 1, ALL).messages()), 4, 10);
        assertUnbroken(offsets(forward(TOPIC, 1, 2).messages()), 4, 5);
        assertUnbroken(offsets(backward(TOPIC, 5, ALL).messages()), 4, 5);
        assertThat(backward(TOPIC, 3, ALL)).isEqualTo(new Page(after, List.of()));
        assertThat(get(log().offsetAt(TOPIC, 0))).isEqualTo(4);
    }

    @Test
    void aTrimInTheMiddleOfAnAppendHoldsToTheMessage() {
        storeNumbers(TOPIC, 90);

        for (long before : List.of(2L, 45L, 90L)) {
            get(log().trim(TOPIC, before));
            assertUnbroken(offsets(all(TOPIC)), before, 90);
            assertUnbroken(offsets(backward(TOPIC, 90, ALL).messages()), before, 90);
        }
    }

    @Test
    void offsetsGoOnAfterATrimOfEverything() {
        storeNumbers(TOPIC, 3);

        Extent after = get(log().trim(TOPIC, Long.MAX_VALUE));

        assertThat(after.firstOffset()).isEqualTo(4);
        assertThat(after.nextOffset()).isEqualTo(4);
        assertThat(forward(TOPIC, 1, ALL)).isEqualTo(new Page(after, List.of()));
        assertThat(backward(TOPIC, 9, ALL)).isEqualTo(new Page(after, List.of()));
        assertThat(get(log().offsetAt(TOPIC, 0))).isEqualTo(4);
        assertThat(topics()).containsExactly(new TopicExtent(TOPIC, after));
        assertThat(stored(RecordingAppend.to(TOPIC).message("4").expecting(4).on(lane()))
                        .firstOffset())
                .isEqualTo(4);
        assertThat(payloads(all(TOPIC))).containsExactly("4");
    }

    @Test
    void aTrimNeverBringsBackWhatIsGone() {
        storeNumbers(TOPIC, 10);
        Extent after = get(log().trim(TOPIC, 6));

        assertThat(get(log().trim(TOPIC, 3))).isEqualTo(after);
        assertThat(get(log().trim(TOPIC, 6))).isEqualTo(after);
        assertThat(get(log().trim(TOPIC, 0))).isEqualTo(after);
        assertThat(get(log().trim(TOPIC, -1))).isEqualTo(after);
    }

    // ---- the list of topics

    @Test
    void topicsAreListedByTheBytesOfTheirNames() {
        List<String> names = List.of("a", "a:b", "a:b:c", "aB", "ab", "Z", "z", "~", "0", "a-b", "a+b", "a@b", "a_b");
        for (String name : names) {
            store(new TopicName(name), "1");
        }

        List<String> listed =
                topics().stream().map(topic -> topic.topic().value()).toList();

        assertThat(listed)
                .isEqualTo(names.stream()
                        .sorted((a, b) -> java.util.Arrays.compareUnsigned(
                                a.getBytes(StandardCharsets.US_ASCII), b.getBytes(StandardCharsets.US_ASCII)))
                        .toList());
    }

    @Test
    void topicsAreListedWithTheirExtents() {
        storeNumbers(TOPIC, 5);
        storeNumbers(OTHER, 2);
        get(log().trim(TOPIC, 3));

        assertThat(topics())
                .containsExactly(new TopicExtent(TOPIC, extent(TOPIC)), new TopicExtent(OTHER, extent(OTHER)));
        assertThat(extent(TOPIC).firstOffset()).isEqualTo(3);
    }

    @Test
    void topicsAreListedPageByPage() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 25; i++) {
            names.add("page:" + i);
            store(new TopicName("page:" + i), "1");
        }

        List<String> listed = new ArrayList<>();
        String after = "";
        while (true) {
            List<TopicExtent> page = get(log().topics("", after, 7));
            assertThat(page).hasSizeLessThanOrEqualTo(7);
            if (page.isEmpty()) {
                break;
            }
            page.forEach(topic -> listed.add(topic.topic().value()));
            after = listed.getLast();
        }

        assertThat(listed).doesNotHaveDuplicates().hasSize(25).isSorted();
        assertThat(new HashSet<>(listed)).isEqualTo(names);
    }

    @Test
    void topicsAreListedByPrefix() {
        for (String name : List.of("a", "ab", "ab:1", "ab:2", "ab:3", "ac", "b")) {
            store(new TopicName(name), "1");
        }

        assertThat(names("ab", "", ALL)).containsExactly("ab", "ab:1", "ab:2", "ab:3");
        assertThat(names("ab:", "ab:1", ALL)).containsExactly("ab:2", "ab:3");
        assertThat(names("ab:", "ab:1", 1)).containsExactly("ab:2");
        assertThat(names("ab:", "a", ALL)).containsExactly("ab:1", "ab:2", "ab:3");
        assertThat(names("ab:", "b", ALL)).isEmpty();
        assertThat(names("", "ab:", ALL)).containsExactly("ab:1", "ab:2", "ab:3", "ac", "b");
        assertThat(names("x", "", ALL)).isEmpty();
    }

    // ---- what is seen, and when

    @Test
    void aReadAfterTheAnswerSeesIt() throws Exception {
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
    void whatWasReadOnceIsNeverTakenBack() throws Exception {
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
    void appendsAndReadsHappenInOneOrderThatFitsTheirTimes() throws Exception {
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
    void aLaneThatDoesNotRunHoldsUpNobodyElse() {
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
    void theFiguresSayWhetherMessagesAreStored() throws Exception {
        TopicLog log = log();
        store(TOPIC, "1");
        assertThat(log.figures().takesWrites()).isTrue();
        assertThat(log.figures().stillMs()).isLessThan(PATIENCE.toMillis());

        engine().shutDown();

        assertThat(log.figures().takesWrites()).isFalse();
    }

    @Test
    void manyListsAtOnceAreAllAnswered() {
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

    // ---- epochs

    @Test
    void anEpochIsAboveZeroAndStandsInEveryAnswer() {
        Appended answer = stored(RecordingAppend.to(TOPIC).message("1").on(lane()));

        assertThat(answer.epoch()).isPositive().isEqualTo(extent(TOPIC).epoch());
        assertThat(extent(OTHER).epoch()).isEqualTo(answer.epoch());
    }

    @Test
    void lastOffsetInSaysHowFarEachEpochWrote() throws Exception {
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
    void aRepeatIsAnsweredWithTheEpochInWhichTheFirstWasWritten() throws Exception {
        Appended first = stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));
        engine().beginEpoch();

        Appended repeat = stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));

        assertThat(repeat).isEqualTo(new Appended(first.epoch(), 1, 1, first.timestamp(), true));
        assertThat(extent(TOPIC).epoch()).isGreaterThan(first.epoch());
    }

    // ---- the end, and the next life

    @Test
    void closingAnswersEverythingThatWasAcceptedOnce() throws Exception {
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
    void anotherLifeOfTheLogKeepsWhatItHeldOrHasAHigherEpoch() throws Exception {
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
    void timestampsDoNotGoBackInTheNextLife() throws Exception {
        store(TOPIC, "1");
        long before = all(TOPIC).getFirst().timestamp();
        engine().clock().advance(Duration.ofHours(-1));
        engine().beginEpoch();

        Appended answer = stored(RecordingAppend.to(TOPIC).message("2").on(lane()));

        assertThat(answer.timestamp()).isGreaterThanOrEqualTo(before);
    }

    // ----

    /// Payloads and ids in turn; an id may be null.
    private RecordingAppend batch(String... payloadsAndIds) {
        RecordingAppend.Builder append = RecordingAppend.to(TOPIC);
        for (int i = 0; i < payloadsAndIds.length; i += 2) {
            append.message(payloadsAndIds[i], payloadsAndIds[i + 1]);
        }
        return append.on(lane());
    }

    private List<Message> read(long from, Direction direction, int maxBytes) {
        return get(log().read(TOPIC, from, direction, ALL, maxBytes)).messages();
    }

    private List<String> names(String prefix, String after, int limit) {
        return get(log().topics(prefix, after, limit)).stream()
                .map(topic -> topic.topic().value())
                .toList();
    }

    private static Throwable causeOf(Throwable failure) {
        return failure instanceof java.util.concurrent.CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }
}
