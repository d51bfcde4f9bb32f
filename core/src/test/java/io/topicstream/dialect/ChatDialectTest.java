package io.topicstream.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Speaker;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Append;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.testkit.Speakers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatDialectTest {
    private static final TopicName LOBBY = new TopicName("room:lobby");
    /// 2026-01-31, at noon and 120 ms.
    private static final long TIME = 1_769_860_800_120L;

    private final ChatDialect dialect = new ChatDialect(false);

    private List<ClientFrame> decode(Speaker speaker, String text) {
        byte[] buffer = text.getBytes(StandardCharsets.UTF_8);
        List<ClientFrame> frames = new ArrayList<>();
        dialect.decode(speaker, buffer, 0, buffer.length, frames::add);
        return frames;
    }

    private ClientFrame decode(String text) {
        List<ClientFrame> frames = decode(Speakers.on("c"), text);
        assertThat(frames).hasSize(1);
        return frames.getFirst();
    }

    private static String send(String content) {
        return "{\"action\":\"sendMessage\",\"content\":" + content + "}";
    }

    private static ClientFrame published(String payload, boolean echo) {
        Draft draft = new Draft(payload.getBytes(StandardCharsets.UTF_8), null, Details.NONE.withOrigin("c"));
        return new ClientFrame.Publish(null, LOBBY, draft, Append.ANY_OFFSET, echo);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"hello\"", "\" \"", "\"\\u0041\\n\"", "\"👋 é\""})
    void aMessageIsPublishedAsItStandsThere(String content) {
        assertThat(decode(send(content))).isEqualTo(published("{\"text\":" + content + "}", true));
    }

    @Test
    void withAClientIdItIsWithheldFromThoseWhoHaveTheSame() {
        Speaker tab = Speakers.on("c", Map.of(Speaker.WITHHELD, "client:a"));

        assertThat(decode(tab, send("\"x\""))).containsExactly(published("{\"text\":\"x\"}", false));
    }

    @Test
    void theContentHasOneToAHundredAndFiftyUnits() {
        assertThat(decode(send("\"" + "x".repeat(150) + "\""))).isInstanceOf(ClientFrame.Publish.class);
        assertThat(decode(send("\"" + "👋".repeat(75) + "\""))).isInstanceOf(ClientFrame.Publish.class);
        assertThat(decode(send("\"" + "\\u00e9".repeat(150) + "\""))).isInstanceOf(ClientFrame.Publish.class);
        assertThat(decode(send("\"\""))).isInstanceOf(ClientFrame.Malformed.class);
        assertThat(decode(send("\"" + "x".repeat(151) + "\""))).isInstanceOf(ClientFrame.Malformed.class);
        assertThat(decode(send("\"" + "👋".repeat(75) + "x\""))).isInstanceOf(ClientFrame.Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"action\":\"sendMessage\"}",
                "{\"action\":\"sendMessage\",\"content\":null}",
                "{\"action\":\"sendMessage\",\"content\":7}",
                "{\"action\":\"sendMessage\",\"content\":[\"x\"]}",
                "{\"action\":\"sendMessage\",\"content\":\"\\ud800\"}",
                "{\"action\":\"sendMessage\",\"content\":\"a\",\"content\":\"b\"}",
                "{\"action\":\"sendmessage\",\"content\":\"x\"}",
                "{\"action\":\"receiveMessage\",\"content\":\"x\"}",
                "{\"action\":\"systemMessage\",\"content\":\"x\"}",
                "{\"action\":\"$connect\",\"content\":\"x\"}",
                "{\"action\":7,\"content\":\"x\"}",
                "{\"content\":\"x\"}",
                "{}",
                "[]",
                "null",
                "",
                "{"
            })
    void nothingElseDoesAnythingOrIsAnswered(String text) {
        ClientFrame frame = decode(text);

        assertThat(frame).isInstanceOfAny(ClientFrame.Malformed.class, ClientFrame.Unknown.class);
        assertThat(encode(new ServerFrame.Error(null, ErrorCode.BAD_FRAME, "no", null, null)))
                .isNull();
    }

    private @Nullable String encode(ServerFrame frame) {
        JsonWriter out = new JsonWriter();
        boolean said = dialect.encode(frame, Speakers.on("c"), out);
        assertThat(out.length() > 0).isEqualTo(said);
        return said ? out.toString() : null;
    }

    @Test
    void nothingIsSaidToOneConnectionAlone() {
        assertThat(encode(new ServerFrame.Welcome(
                        "c", null, null, TIME, 25_000, Durability.DISK, null, List.of(), false)))
                .isNull();
        assertThat(encode(new ServerFrame.Pong(null))).isNull();
        assertThat(encode(new ServerFrame.Draining(5_000))).isNull();
        assertThat(encode(new ServerFrame.Truncated(LOBBY, 1, 2))).isNull();
    }

    private static Message message(@Nullable String from, @Nullable String name, String payload) {
        Details details = name == null ? null : Details.NONE.withHeaders(Headers.NONE.with(Headers.NAME, name));
        return new Message(7, TIME, from, null, payload.getBytes(StandardCharsets.UTF_8), details);
    }

    @Test
    void aMessageIsDeliveredWithItsSendersNameAndATimeInMilliseconds() {
        List<Message> messages = List.of(
                message(null, "QuietOtter42", "{\"text\":\"a \\\"b\\\" é\"}"),
                message("guest.ann", null, "{\"text\":\"x\",\"more\":{\"text\":1}}"),
                message(null, null, "{\"text\":7}"),
                message(null, null, "[1,\"\\n\"]"),
                message(null, null, "{\"text\":\"a\",\"text\":\"b\"}"),
                message(null, null, "\"plain\""));

        assertThat(Deliveries.of(dialect, LOBBY, messages, true))
                .containsExactly(
                        delivered("a \\\"b\\\" é", "QuietOtter42"),
                        delivered("x", "guest.ann"),
                        delivered("{\\\"text\\\":7}", "Anonymous"),
                        delivered("[1,\\\"\\\\n\\\"]", "Anonymous"),
                        delivered("{\\\"text\\\":\\\"a\\\",\\\"text\\\":\\\"b\\\"}", "Anonymous"),
                        delivered("\\\"plain\\\"", "Anonymous"));
    }

    private static String delivered(String content, String sender) {
        return "{\"action\":\"sendMessage\",\"content\":\"" + content + "\",\"sender\":\"" + sender
                + "\",\"timestamp\":\"2026-01-31T12:00:00.120Z\"}";
    }

    private static @Nullable String signal(ChatDialect dialect, ServerFrame.ToAudience signal) {
        JsonWriter out = new JsonWriter();
        return dialect.encodeSignal(signal, out) ? out.toString() : null;
    }

    private static ServerFrame.Notice notice(boolean came, boolean moved, @Nullable String name) {
        return new ServerFrame.Notice(LOBBY, came, moved, "guest.ann", "ann", name, 1_769_860_800_000L);
    }

    @Test
    void whoComesAndGoesIsTold() {
        assertThat(signal(dialect, notice(true, false, "QuietOtter42")))
                .isEqualTo("{\"action\":\"$connect\",\"content\":\"User QuietOtter42 has joined the chat\","
                        + "\"sender\":\"System\",\"timestamp\":\"2026-01-31T12:00:00.000Z\"}");
        assertThat(signal(dialect, notice(false, true, null)))
                .isEqualTo("{\"action\":\"$disconnect\",\"content\":\"User ann has left the chat\","
                        + "\"sender\":\"System\",\"timestamp\":\"2026-01-31T12:00:00.000Z\"}");
        assertThat(signal(dialect, new ServerFrame.Presence(LOBBY, null, 3))).isNull();
        assertThat(signal(dialect, new ServerFrame.Signal(LOBBY, "ann", new byte[] {'1'})))
                .isNull();
        assertThat(signal(dialect, new ServerFrame.Receipt(LOBBY, "ann", 1, 2))).isNull();
    }

    @Test
    void theOtherReadingNamesWhatIsReceived() {
        ChatDialect received = new ChatDialect(true);

        assertThat(signal(received, notice(true, false, "A"))).startsWith("{\"action\":\"systemMessage\",\"content\":");
        assertThat(signal(received, notice(false, false, "A")))
                .startsWith("{\"action\":\"systemMessage\",\"content\":");
        assertThat(Deliveries.of(received, LOBBY, List.of(message(null, "A", "{\"text\":\"x\"}")), false))
                .containsExactly("{\"action\":\"receiveMessage\",\"content\":\"x\",\"sender\":\"A\","
                        + "\"timestamp\":\"2026-01-31T12:00:00.120Z\"}");
    }
}
