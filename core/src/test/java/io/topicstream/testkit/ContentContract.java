package io.topicstream.testkit;

import static io.topicstream.testkit.LogContractFixture.ANY_SIZE;
import static io.topicstream.testkit.LogContractFixture.OTHER;
import static io.topicstream.testkit.LogContractFixture.TOPIC;
import static io.topicstream.testkit.LogContractFixture.get;
import static io.topicstream.testkit.LogContractFixture.payloads;
import static io.topicstream.testkit.LogContractFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Details;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What a message carries comes back as it was given. A part of [TopicLogContract].
interface ContentContract extends ShortWays {
    @Test
    default void aMessageKeepsAllThatItCameWith() {
        RecordingAppend append = RecordingAppend.to(TOPIC)
                .from("ann")
                .withheldFrom("c-1")
                .draft(new Draft(
                        "{\"t\":\"grüße 😀\"}".getBytes(StandardCharsets.UTF_8),
                        "id-1",
                        Details.NONE.withKey("device/7 ü")))
                .on(lane());

        Appended answer = stored(append);

        long now = engine().clock().millis();
        Message expected = new Message(
                1,
                now,
                "ann",
                "id-1",
                append.drafts().getFirst().payload(),
                Details.NONE.withKey("device/7 ü").withheldFrom("c-1"));
        assertThat(all(TOPIC)).containsExactly(expected);
        assertThat(answer).isEqualTo(new Appended(extent(TOPIC).epoch(), 1, 1, now, false));
    }

    @Test
    default void whatAMessageDoesNotHaveIsNull() {
        store(TOPIC, "null");

        Message message = all(TOPIC).getFirst();
        assertThat(message.from()).isNull();
        assertThat(message.withheldFrom()).isNull();
        assertThat(message.messageId()).isNull();
        assertThat(message.key()).isNull();
        assertThat(message.origin()).isNull();
        assertThat(message.contentType()).isNull();
        assertThat(message.kind()).isEqualTo(Message.Kind.JSON);
        assertThat(message.headers()).isEqualTo(Headers.NONE);
        assertThat(text(message)).isEqualTo("null");
    }

    @Test
    default void payloadsKeepEveryByteWhateverTheirSize() {
        List<String> texts = Stream.of(1, 255, 256, 65_535, 65_536, 120 * 1024)
                .map(length -> "\"" + "x".repeat(length) + "\"")
                .toList();

        store(TOPIC, texts.toArray(String[]::new));

        assertThat(payloads(all(TOPIC))).isEqualTo(texts);
    }

    @Test
    default void everyKindOfMessageKeepsWhatItIs() {
        byte[] everyByte = new byte[256];
        for (int i = 0; i < everyByte.length; i++) {
            everyByte[i] = (byte) i;
        }
        Headers headers = Headers.of(Map.of("trace", "0af7", "sender", "Ännchen 😀", "empty", ""));
        List<Draft> drafts = List.of(
                new Draft(everyByte, "id-1", Details.ofBytes("image/png")),
                new Draft(
                        new byte[0],
                        null,
                        Details.ofBytes("text/plain; charset=utf-8").withHeaders(headers)),
                new Draft(new byte[0], "id-3", Details.REDACTED.withKey("k")),
                new Draft(new byte[] {'1'}, null, null),
                new Draft(new byte[] {'2'}, null, Details.NONE.withHeaders(headers)),
                new Draft(new byte[] {'3'}, null, Details.NONE.withOrigin("Rz4BqPcX2mLkWv9TnA==")),
                new Draft(everyByte, "id-7", new Details(Message.Kind.BYTES, "a/b", headers, "key", "origin", "tag")));
        RecordingAppend.Builder together = RecordingAppend.to(TOPIC).from("ann");
        drafts.forEach(together::draft);

        stored(together.on(lane()));
        drafts.forEach(draft ->
                stored(RecordingAppend.to(OTHER).from("ann").draft(draft).on(lane())));

        long now = engine().clock().millis();
        List<Message> expected = new ArrayList<>();
        for (Draft draft : drafts) {
            expected.add(
                    new Message(expected.size() + 1, now, "ann", draft.messageId(), draft.payload(), draft.details()));
        }
        assertThat(all(TOPIC)).isEqualTo(expected);
        assertThat(all(OTHER)).isEqualTo(expected);
        assertThat(backward(TOPIC, 7, 6).messages()).isEqualTo(expected.subList(1, 7));
    }

    @Test
    default void asManyHeadersAsThereMayBeComeBack() {
        Map<String, String> most = new TreeMap<>();
        int names = 0;
        for (int i = 0; i < Headers.MAX_COUNT; i++) {
            String name = (i + "-" + "n".repeat(Headers.MAX_NAME_LENGTH)).substring(0, Headers.MAX_NAME_LENGTH);
            names += name.length();
            most.put(name, "");
        }
        most.replace(((TreeMap<String, String>) most).firstKey(), "é".repeat((Headers.MAX_BYTES - names) / 2));
        Headers headers = Headers.of(most).with(Headers.NAME, "é".repeat(64)).with(Headers.AS, "é".repeat(256));

        stored(RecordingAppend.to(TOPIC)
                .draft(new Draft(new byte[] {'1'}, null, Details.NONE.withHeaders(headers)))
                .message("2")
                .on(lane()));

        assertThat(all(TOPIC)).extracting(Message::headers).containsExactly(headers, Headers.NONE);
    }

    /// A page is counted as it is printed: bytes are longer in base64, and headers are printed too.
    @Test
    default void aReadCountsWhatAMessageTakesInPrint() {
        for (int i = 0; i < 3; i++) {
            stored(RecordingAppend.to(TOPIC)
                    .draft(new Draft(
                            new byte[3_000],
                            null,
                            Details.ofBytes("a/b").withHeaders(Headers.of(Map.of("h", "x".repeat(500))))))
                    .on(lane()));
        }
        int one = all(TOPIC).getFirst().sizeBytes();
        assertThat(one).isBetween(4_500, 4_700);

        assertThat(get(log().read(TOPIC, 1, Direction.FORWARD, 10, 2 * one)).messages())
                .hasSize(2);
        assertThat(get(log().read(TOPIC, 3, Direction.BACKWARD, 10, 2 * one - 1))
                        .messages())
                .hasSize(1);
        assertThat(get(log().read(TOPIC, 1, Direction.FORWARD, 10, ANY_SIZE)).messages())
                .hasSize(3);
    }

    @Test
    default void whatAMessageCarriesIsThereInTheNextLife() throws Exception {
        stored(RecordingAppend.to(TOPIC)
                .from("ann")
                .draft(new Draft(
                        new byte[] {0, -1},
                        "id-1",
                        new Details(Message.Kind.BYTES, "a/b", Headers.of(Map.of("h", "ü")), "key", "origin", "tag")))
                .draft(new Draft(new byte[0], null, Details.REDACTED))
                .message("3")
                .on(lane()));
        List<Message> before = all(TOPIC);

        engine().reopen();

        if (engine().survivesReopen()) {
            assertThat(all(TOPIC)).isEqualTo(before);
            store(TOPIC, "4");
            assertThat(all(TOPIC)).hasSize(4).startsWith(before.toArray(Message[]::new));
        } else {
            assertThat(all(TOPIC)).isEmpty();
        }
    }
}
