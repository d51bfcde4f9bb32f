package io.topicstream.testkit;

import static io.topicstream.testkit.LogContractFixture.OTHER;
import static io.topicstream.testkit.LogContractFixture.TOPIC;
import static io.topicstream.testkit.LogContractFixture.get;
import static io.topicstream.testkit.LogContractFixture.payloads;
import static io.topicstream.testkit.LogContractFixture.range;
import static io.topicstream.testkit.LogContractFixture.together;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.IdConflict;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.Redaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// What is taken back: what goes and what stays. A part of [TopicLogContract].
interface RedactContract extends ShortWays {
    @Test
    default void whatIsTakenBackKeepsItsPlaceAndSaysNothing() {
        Details details = new Details(
                Message.Kind.JSON, null, Headers.of(Map.of("h", "v")).with(Headers.NAME, "Ann"), "k", "c-1", "tag");
        Appended first = stored(RecordingAppend.to(TOPIC)
                .draft(new Draft("\"secret\"".getBytes(StandardCharsets.UTF_8), "id-1", details))
                .from("ann")
                .on(lane()));
        store(TOPIC, "2");

        assertThat(get(log().redact(TOPIC, Redaction.of(1)))).containsExactly(1L);

        assertThat(all(TOPIC).getFirst())
                .isEqualTo(new Message(
                        1,
                        first.timestamp(),
                        "ann",
                        "id-1",
                        new byte[0],
                        new Details(Message.Kind.REDACTED, null, Headers.NONE, null, "c-1", "tag")));
        assertThat(payloads(all(TOPIC))).containsExactly("", "2");
    }

    @Test
    default void anAuthorWhoIsForgottenLeavesOffsetAndTimestamp() {
        Appended first = stored(RecordingAppend.to(TOPIC)
                .draft(new Draft(
                        new byte[] {'1'}, "id-1", Details.ofBytes("a/b").withOrigin("c")))
                .from("ann")
                .on(lane()));

        assertThat(get(log().redact(TOPIC, new Redaction(List.of(1L), "u:ann"))))
                .containsExactly(1L);

        assertThat(all(TOPIC))
                .containsExactly(new Message(1, first.timestamp(), null, null, new byte[0], Details.REDACTED));
        // The id is not known any more.
        assertThat(stored(RecordingAppend.to(TOPIC)
                                .message("2", "id-1")
                                .from("ann")
                                .on(lane()))
                        .firstOffset())
                .isEqualTo(2);
    }

    @Test
    default void theFirstTheLastAndTheMiddleOfAnAppendAreTakenBackAlone() {
        for (long offset : List.of(1L, 45L, 90L)) {
            storeNumbers(TOPIC, offset == 1 ? 90 : 0);

            assertThat(get(log().redact(TOPIC, Redaction.of(offset)))).containsExactly(offset);
            assertThat(payloads(forward(TOPIC, offset, 1).messages())).containsExactly("");
            assertThat(payloads(backward(TOPIC, offset, 1).messages())).containsExactly("");
        }

        assertThat(all(TOPIC))
                .filteredOn(message -> message.kind() == Message.Kind.REDACTED)
                .hasSize(3);
        assertThat(payloads(all(TOPIC)))
                .isEqualTo(LongStream.rangeClosed(1, 90)
                        .mapToObj(n -> n == 1 || n == 45 || n == 90 ? "" : Long.toString(n))
                        .toList());
    }

    @Test
    default void manyOfManyAppendsAreTakenBackAtOnce() {
        storeNumbers(TOPIC, 350);
        storeNumbers(OTHER, 3);
        List<Long> odd = range(1, 350).stream().filter(n -> n % 2 == 1).toList();

        assertThat(get(log().redact(TOPIC, new Redaction(odd, null)))).isEqualTo(odd);

        assertThat(all(TOPIC))
                .filteredOn(message -> message.kind() == Message.Kind.REDACTED)
                .extracting(Message::offset)
                .isEqualTo(odd);
        assertThat(payloads(all(OTHER))).containsExactly("1", "2", "3");
    }

    @Test
    default void twiceIsAsGoodAsOnce() {
        store(TOPIC, "1", "2");
        get(log().redact(TOPIC, Redaction.of(1)));
        List<Message> once = all(TOPIC);

        assertThat(get(log().redact(TOPIC, Redaction.of(1)))).containsExactly(1L);

        assertThat(all(TOPIC)).isEqualTo(once);
    }

    @Test
    default void whatIsNotThereIsNotTakenBack() {
        assertThat(get(log().redact(OTHER, Redaction.of(1)))).isEmpty();
        assertThat(topics()).isEmpty();
        storeNumbers(TOPIC, 10);
        get(log().trim(TOPIC, 4));

        assertThat(get(log().redact(TOPIC, new Redaction(List.of(0L, 3L, 4L, 10L, 11L, Long.MAX_VALUE), null))))
                .containsExactly(4L, 10L);

        assertThat(payloads(all(TOPIC))).containsExactly("", "5", "6", "7", "8", "9", "");
        assertThat(stored(RecordingAppend.to(TOPIC).message("11").on(lane())).firstOffset())
                .isEqualTo(11);
    }

    @Test
    default void aRepeatOfWhatWasTakenBackIsARepeat() {
        Appended first = stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));
        get(log().redact(TOPIC, Redaction.of(1)));

        AppendResult again =
                answerTo(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));
        AppendResult other =
                answerTo(RecordingAppend.to(TOPIC).message("2", "id-1").on(lane()));

        assertThat(again).isEqualTo(new Appended(first.epoch(), 1, 1, first.timestamp(), true));
        assertThat(other).isInstanceOf(IdConflict.class);
        assertThat(payloads(all(TOPIC))).containsExactly("");
    }

    @Test
    default void whatWasJustAppendedIsTakenBackToo() {
        List<RecordingAppend> appends = new ArrayList<>();
        List<CompletionStage<List<Long>>> answers = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            RecordingAppend append =
                    RecordingAppend.to(TOPIC).message(Integer.toString(i)).on(lane());
            submit(append);
            appends.add(append);
            answers.add(log().redact(TOPIC, new Redaction(range(1, i), null)));
        }

        for (int i = 1; i <= 10; i++) {
            assertThat(get(appends.get(i - 1).answer())).isInstanceOf(Appended.class);
            assertThat(get(answers.get(i - 1))).isEqualTo(range(1, i));
        }
        assertThat(payloads(all(TOPIC))).hasSize(10).containsOnly("");
    }

    @Test
    default void readersSeeAMessageAsItWasOrTakenBackAndNothingElse() throws Exception {
        storeNumbers(TOPIC, 200);
        List<Callable<Void>> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            readers.add(() -> {
                for (int round = 0; round < 40; round++) {
                    List<Message> seen = all(TOPIC);
                    assertThat(seen).hasSize(200);
                    for (Message message : seen) {
                        assertThat(new String(message.payload(), StandardCharsets.UTF_8))
                                .isIn("", Long.toString(message.offset()));
                    }
                }
                return null;
            });
        }
        readers.add(() -> {
            for (long offset = 1; offset <= 200; offset += 5) {
                assertThat(get(log().redact(TOPIC, new Redaction(List.of(offset), null))))
                        .containsExactly(offset);
            }
            return null;
        });

        together(readers);

        assertThat(all(TOPIC))
                .filteredOn(message -> message.kind() == Message.Kind.REDACTED)
                .hasSize(40);
    }

    @Test
    default void itStaysTakenBackAndTheTopicGoesOn() throws Exception {
        store(TOPIC, "1", "2", "3");
        get(log().redact(TOPIC, new Redaction(List.of(2L, 3L), null)));

        engine().reopen();

        if (engine().survivesReopen()) {
            assertThat(payloads(all(TOPIC))).containsExactly("1", "", "");
            store(TOPIC, "4");
            assertThat(payloads(all(TOPIC))).containsExactly("1", "", "", "4");
        }
    }
}
