package io.topicstream.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.json.JsonWriter;
import io.topicstream.log.Append;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.testkit.Speakers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsDialectTest {
    private static final TopicName TOPIC = new TopicName("news");

    private final TopicsDialect dialect = new TopicsDialect(100, new Random(1));

    @Test
    void subscribingIsForTheUserAndForGood() {
        assertThat(decode("{\"topic\":\"news\",\"action\":\"subscribe\"}"))
                .isEqualTo(new ClientFrame.Subscribe(null, TOPIC, null, true));
        assertThat(decode("{\"topic\":\"news\",\"action\":\"unsubscribe\"}"))
                .isEqualTo(new ClientFrame.Unsubscribe(null, TOPIC, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"Can you see me?\"", "{\"a\": [1]}", "null", "1e999", "\"\\ud800\""})
    void anyJsonCanBePublished(String message) {
        assertPublishes("{\"topic\":\"news\",\"message\":" + message + ",\"action\":\"publish\"}", message);
    }

    @Test
    void namesMatchInAnyCaseButForTheAction() {
        assertPublishes("{\"TOPIC\":\"news\",\"Message\":1,\"action\":\"publish\"}", "1");
        assertThat(decode("{\"topic\":\"news\",\"message\":1,\"Action\":\"publish\"}"))
                .isEqualTo(new ClientFrame.Unknown(null, ""));
        assertThat(decode("{\"topic\":\"news\",\"Topic\":\"other\",\"message\":1,\"action\":\"publish\"}"))
                .isInstanceOf(ClientFrame.Malformed.class);
    }

    @Test
    void aMessageThatIsMissingIsNull() {
        assertPublishes("{\"topic\":\"news\",\"action\":\"publish\"}", "null");
    }

    @Test
    void aMessageIsOneLine() {
        assertPublishes("{\"topic\":\"news\",\"message\":[1,\n2],\"action\":\"publish\"}", "[1, 2]");
    }

    @Test
    void whatNativeFramesCanSayMeansNothingHere() {
        assertPublishes(
                "{\"topic\":\"news\",\"message\":1,\"action\":\"publish\",\"id\":1,\"echo\":false,\"expected_offset\":-5}",
                "1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"action\":\"what?!\"}",
                "{}",
                "{\"topic\":\"news\"}",
                "{\"action\":1}",
                "{\"action\":\"read\"}",
                "{\"action\":\"Publish\",\"topic\":\"news\"}",
                "{\"message\":\"what?!\",\"action\":\"unknown\",\"topic\":\"/\"}"
            })
    void anUnknownActionIsAnsweredWithNothing(String text) {
        assertThat(decode(text)).isInstanceOf(ClientFrame.Unknown.class);

        JsonWriter json = new JsonWriter();
        assertThat(dialect.encode(
                        new ServerFrame.Error(null, ErrorCode.UNKNOWN_ACTION, "m", null, null), Speakers.on("c"), json))
                .isFalse();
        assertThat(json.length()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "what?!",
                "null",
                "42",
                "[]",
                "[{\"action\":\"publish\",\"topic\":\"news\",\"message\":1}]",
                "{\"action\":\"publish\"}",
                "{\"action\":\"subscribe\",\"topic\":null}",
                "{\"action\":\"publish\",\"topic\":7}",
                "{\"action\":\"subscribe\",\"topic\":\"a/b\"}",
                "{\"action\":\"subscribe\",\"topic\":\"news\"} x"
            })
    void whatCannotBeReadIsMalformed(String text) {
        assertThat(decode(text)).isInstanceOf(ClientFrame.Malformed.class);
    }

    @Test
    void aMessageBeyondTheLimitIsTooLarge() {
        String most = "\"" + "x".repeat(98) + "\"";

        assertPublishes("{\"topic\":\"news\",\"message\":" + most + ",\"action\":\"publish\"}", most);
        assertThat(decode("{\"topic\":\"news\",\"message\": " + most.replaceFirst("x", "xx")
                        + ",\"action\":\"publish\"}"))
                .extracting("code")
                .isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void everyErrorIsTheGatewaysWithARequestIdOfItsOwn() {
        Pattern form = Pattern.compile("\\{\"message\":\"Internal server error\",\"connectionId\":\"c=\","
                + "\"requestId\":\"[A-Za-z0-9_-]{19}=\"}");
        String first = error(ErrorCode.BAD_FRAME);
        String second = error(ErrorCode.UNAVAILABLE);

        assertThat(first).matches(form).isNotEqualTo(second);
        assertThat(second).matches(form);
    }

    private String error(ErrorCode code) {
        JsonWriter json = new JsonWriter();
        assertThat(dialect.encode(new ServerFrame.Error(null, code, "m", TOPIC, null), Speakers.on("c="), json))
                .isTrue();
        return json.toString();
    }

    static Stream<ServerFrame> allButErrors() {
        byte[] id = {'1'};
        return Stream.of(
                new ServerFrame.Welcome("c", null, null, 1, 1, Durability.DISK, null, List.of(), false),
                new ServerFrame.Subscriptions(List.of(), false),
                new ServerFrame.Subscribed(id, TOPIC, Extent.empty(1), true),
                new ServerFrame.Unsubscribed(id, TOPIC),
                new ServerFrame.Published(id, TOPIC, 1, 1, 1, Durability.DISK),
                new Query.ReadPage(id, TOPIC, Extent.empty(1), List.of()),
                new Query.TopicList(id, List.of(), null),
                new ServerFrame.Authenticated(id, "u", null),
                new ServerFrame.Done(id),
                new ServerFrame.Pong(id),
                new ServerFrame.Signal(TOPIC, "u", id),
                new ServerFrame.Truncated(TOPIC, 1, 1),
                new ServerFrame.Reset(TOPIC, 1, 1),
                new ServerFrame.Draining(1));
    }

    @ParameterizedTest
    @MethodSource("allButErrors")
    void nothingElseIsSaid(ServerFrame frame) {
        JsonWriter json = new JsonWriter();

        assertThat(dialect.encode(frame, Speakers.on("c"), json)).isFalse();
        assertThat(json.length()).isZero();
    }

    @Test
    void norIsASignal() {
        JsonWriter json = new JsonWriter();

        assertThat(dialect.encodeSignal(new ServerFrame.Signal(TOPIC, "u", new byte[] {'1'}), json))
                .isFalse();
        assertThat(json.length()).isZero();
    }

    @Test
    void deliveriesAreBareAndNeverInArrays() {
        List<Message> messages = List.of(
                new Message(
                        1,
                        10,
                        "ann",
                        "m",
                        "\"Welcome back!\"".getBytes(StandardCharsets.UTF_8),
                        Details.NONE.withKey("k")),
                new Message(2, 20, null, null, "{\"a\": 1}".getBytes(StandardCharsets.UTF_8), null),
                new Message(3, 30, null, null, new byte[] {0, -1, 62}, Details.ofBytes("a/b")),
                new Message(4, 40, null, null, new byte[0], Details.REDACTED));

        assertThat(Deliveries.of(dialect, TOPIC, messages, true))
                .containsExactly(
                        "{\"topic\":\"news\",\"message\":\"Welcome back!\"}",
                        "{\"topic\":\"news\",\"message\":{\"a\": 1}}",
                        "{\"topic\":\"news\",\"message\":\"AP8+\"}",
                        "{\"topic\":\"news\",\"message\":null,\"redacted\":true}");
    }

    private void assertPublishes(String text, String message) {
        assertThat(decode(text)).isEqualTo(published(message));
    }

    private static ClientFrame.Publish published(String message) {
        Draft draft = new Draft(message.getBytes(StandardCharsets.UTF_8), null, null);
        return new ClientFrame.Publish(null, TOPIC, draft, Append.ANY_OFFSET, true);
    }

    private ClientFrame decode(String text) {
        byte[] buffer = text.getBytes(StandardCharsets.UTF_8);
        List<ClientFrame> frames = new ArrayList<>();
        dialect.decode(Speakers.on("c"), buffer, 0, buffer.length, frames::add);
        assertThat(frames).hasSize(1);
        return frames.getFirst();
    }
}
