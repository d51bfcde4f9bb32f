package io.topicstream.testkit;

import static io.topicstream.testkit.LogContractFixture.OTHER;
import static io.topicstream.testkit.LogContractFixture.TOPIC;
import static io.topicstream.testkit.LogContractFixture.get;
import static io.topicstream.testkit.LogContractFixture.payloads;
import static io.topicstream.testkit.LogContractFixture.together;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Conflict;
import io.topicstream.log.AppendResult.IdConflict;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/// Message ids: what a repeat is, and what it is answered. A part of [TopicLogContract].
interface RepeatContract extends ShortWays {
    Duration REPEATS_KEPT = Duration.ofHours(24);

    @Test
    default void aRepeatStoresNothingAndIsAnsweredAsTheFirstWas() {
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
    default void aKnownIdWithAnotherPayloadIsRefused() {
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
    default void theSameBytesOfAnotherKindOrContentTypeAreAnotherMessage() {
        byte[] payload = {'1'};
        Draft bytes = new Draft(payload, "id-1", Details.ofBytes("text/plain"));
        Draft nothing = new Draft(new byte[0], "id-2", Details.ofBytes("text/plain"));
        stored(RecordingAppend.to(TOPIC).draft(bytes).on(lane()));
        stored(RecordingAppend.to(TOPIC).draft(nothing).on(lane()));

        AppendResult same = answerTo(RecordingAppend.to(TOPIC).draft(bytes).on(lane()));
        assertThat(((Appended) same).repeated()).isTrue();
        assertThat(((Appended) same).firstOffset()).isEqualTo(1);
        for (Draft other : List.of(
                new Draft(payload, "id-1", null),
                new Draft(payload, "id-1", Details.ofBytes("text/html")),
                new Draft(new byte[0], "id-1", Details.REDACTED),
                new Draft(new byte[0], "id-2", Details.REDACTED))) {
            assertThat(answerTo(RecordingAppend.to(TOPIC).draft(other).on(lane())))
                    .as(other.toString())
                    .isInstanceOf(IdConflict.class);
        }
        assertThat(all(TOPIC)).hasSize(2);
    }

    @Test
    default void aRepeatMayHaveOtherHeadersAndAnotherKeyAndThoseOfTheFirstAreKept() {
        Details first = Details.NONE
                .withKey("k")
                .withHeaders(Headers.of(Map.of("attempt", "1")).with(Headers.NAME, "Ann"))
                .withOrigin("c-1");
        Details again = Details.NONE
                .withKey("other")
                .withHeaders(Headers.of(Map.of("attempt", "2")).with(Headers.NAME, "Anna"))
                .withOrigin("c-2")
                .withheldFrom("c-2");
        stored(RecordingAppend.to(TOPIC)
                .draft(new Draft(new byte[] {'1'}, "id-1", first))
                .on(lane()));

        Appended repeat = stored(RecordingAppend.to(TOPIC)
                .draft(new Draft(new byte[] {'1'}, "id-1", again))
                .on(lane()));

        assertThat(repeat.repeated()).isTrue();
        assertThat(all(TOPIC)).hasSize(1);
        assertThat(all(TOPIC).getFirst().details()).isEqualTo(first);
    }

    @Test
    default void messagesWithoutAnIdAreNeverRepeats() {
        store(TOPIC, "1", "1", "1");

        assertThat(all(TOPIC)).hasSize(3);
    }

    @Test
    default void idsAreComparedWhole() {
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
    default void idsOfOneScopeSayNothingAboutAnother() {
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
    default void aBatchThatIsKnownWholeIsAnsweredAsTheFirstWas() {
        store(TOPIC, "0");
        Appended first = stored(batch("1", "a", "2", "b", "3", "c"));
        store(TOPIC, "4");

        Appended repeat = stored(batch("1", "a", "2", "b", "3", "c"));

        assertThat(repeat).isEqualTo(new Appended(first.epoch(), 2, 4, first.timestamp(), true));
        assertThat(all(TOPIC)).hasSize(5);
    }

    @Test
    default void aBatchThatIsKnownInPartIsRefusedWhole() {
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
    default void aBatchInAnotherOrderIsNotTheSameBatch() {
        stored(batch("1", "a", "2", "b"));

        assertThat(answerTo(batch("2", "b", "1", "a"))).isInstanceOf(IdConflict.class);
    }

    @Test
    default void aBatchMadeOfMessagesFromSeveralAppendsIsNotARepeat() {
        stored(batch("1", "a"));
        store(TOPIC, "0");
        stored(batch("2", "b"));

        assertThat(answerTo(batch("1", "a", "2", "b"))).isInstanceOf(IdConflict.class);
        assertThat(all(TOPIC)).hasSize(3);
    }

    @Test
    default void oneMessageOfABatchMayBeRepeatedAlone() {
        stored(batch("1", "a", "2", "b", "3", "c"));

        Appended repeat = stored(batch("2", "b"));

        assertThat(repeat.repeated()).isTrue();
        assertThat(repeat.firstOffset()).isEqualTo(2);
        assertThat(repeat.lastOffset()).isEqualTo(2);
    }

    @Test
    default void anIdAlsoStandsForTheMessagesWithoutOneBehindIt() {
        Appended first = stored(batch("1", "a", "2", null, "3", null));

        Appended repeat = stored(batch("1", "a", "2", null, "3", null));

        assertThat(repeat).isEqualTo(new Appended(first.epoch(), 1, 3, first.timestamp(), true));
        assertThat(answerTo(batch("1", "a", "2", null, "4", null))).isInstanceOf(IdConflict.class);
        assertThat(answerTo(batch("1", "a", "2", null))).isInstanceOf(IdConflict.class);
        assertThat(answerTo(batch("1", "a"))).isInstanceOf(IdConflict.class);
        assertThat(all(TOPIC)).hasSize(3);
    }

    @Test
    default void aMessageInFrontOfEveryIdIsNotKnownSoItsBatchIsRefusedWhole() {
        Appended first = stored(batch("1", null, "2", "b"));

        assertThat(first.repeated()).isFalse();
        assertThat(answerTo(batch("1", null, "2", "b"))).isInstanceOf(IdConflict.class);
        assertThat(stored(batch("2", "b")).firstOffset()).isEqualTo(2);
        assertThat(all(TOPIC)).hasSize(2);
    }

    @Test
    default void anAppendThatGivesOneIdTwiceIsRefused() {
        assertThat(answerTo(batch("1", "a", "2", "a"))).isInstanceOf(IdConflict.class);
        assertThat(answerTo(batch("1", "a", "1", "a"))).isInstanceOf(IdConflict.class);

        assertThat(topics()).isEmpty();
    }

    @Test
    default void aRepeatIsLookedForBeforeTheExpectedOffset() {
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
    default void anIdThatCameWithARefusedAppendIsStillFree() {
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
    default void aHundredRepeatsAtOnceGetOneOffset() throws Exception {
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
    default void anIdIsForgottenAfterADay() {
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
    default void anIdIsKeptWhenTheClockGoesBack() {
        stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));

        engine().clock().advance(Duration.ofDays(-2));

        assertThat(stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()))
                        .repeated())
                .isTrue();
    }

    @Test
    default void theRepeatOfAMessageThatWasTrimmedIsStillARepeat() {
        stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));
        get(log().trim(TOPIC, 2));

        Appended repeat = stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));

        assertThat(repeat.repeated()).isTrue();
        assertThat(repeat.firstOffset()).isEqualTo(1);
        assertThat(extent(TOPIC).isEmpty()).isTrue();
    }

    private RecordingAppend batch(String... payloadsAndIds) {
        RecordingAppend.Builder append = RecordingAppend.to(TOPIC);
        for (int i = 0; i < payloadsAndIds.length; i += 2) {
            append.message(payloadsAndIds[i], payloadsAndIds[i + 1]);
        }
        return append.on(lane());
    }
}
