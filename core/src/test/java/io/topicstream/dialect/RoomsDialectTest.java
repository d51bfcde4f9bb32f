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
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.Speakers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoomsDialectTest {
    private static final TopicName KITCHEN = new TopicName("room:kitchen");
    private static final long TIME = 1_769_860_800_999L;
    private static final String END = ",\"timestamp\":1769860800}}";

    private final ManualClock clock = new ManualClock();
    private final RoomsDialect dialect = new RoomsDialect(200, new Random(1), clock);
    private final Speaker ann = Speakers.on("c1", Map.of(Speaker.ROOM, "kitchen", Speaker.USER_ID, "ann"));

    private ClientFrame decode(String text) {
        return decode(ann, text);
    }

    private ClientFrame decode(Speaker speaker, String text) {
        byte[] buffer = (" " + text + "!").getBytes(StandardCharsets.UTF_8);
        List<ClientFrame> frames = new ArrayList<>();
        dialect.decode(speaker, buffer, 1, buffer.length - 1, frames::add);
        assertThat(frames).hasSize(1);
        return frames.getFirst();
    }

    private static Draft draft(String payload) {
        return new Draft(payload.getBytes(StandardCharsets.UTF_8), null, null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"chat\",\"message\":\" hi\\n\"}",
                "{\"message\":\" hi\\n\"}",
                "{\"type\":null,\"message\":\" hi\\n\",\"roomId\":null}",
                "{\"message\":\" hi\\n\",\"roomId\":\"\"}"
            })
    void aMessageGoesToTheRoomInWhichItsSenderIsThen(String text) {
        assertThat(decode(text))
                .isEqualTo(
                        new ClientFrame.Say(null, draft("{\"text\":\" hi\\n\"}").with(Headers.AS, "ann"), true));
    }

    @Test
    void aMessageMayGoToAnotherRoom() {
        assertThat(decode(Speakers.on("c1"), "{\"message\":\"hi\",\"roomId\":\"café\"}"))
                .isEqualTo(new ClientFrame.Publish(
                        null, new TopicName("room:caf~C3~A9"), draft("{\"text\":\"hi\"}"), Append.ANY_OFFSET, true));
    }

    @Test
    void whoMovesAndWhoAsksIsUnderstood() {
        assertThat(decode("{\"type\":\"join_room\",\"roomId\":\"the den\"}"))
                .isEqualTo(new ClientFrame.Move(null, "the den", false));
        assertThat(decode("{\"type\":\"leave_room\",\"roomId\":\"x\"}"))
                .isEqualTo(new ClientFrame.Move(null, "general", true));
        assertThat(decode("{\"type\":\"private_message\",\"targetUserId\":\"José\",\"message\":\" \"}"))
                .isEqualTo(new ClientFrame.Tell(
                        null, "José", draft("{\"text\":\" \"}").with(Headers.AS, "ann")));
        assertThat(decode("{\"type\":\"room_list\"}")).isInstanceOf(Query.ActiveRooms.class);
        assertThat(decode("{\"type\":\"room_list\"}").id()).isNotNull();
        assertThat(decode("{\"type\":\"p\\u0069ng\"}")).isEqualTo(new ClientFrame.Ping(null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"type":"chat"}                                            | Message cannot be empty
            {"message":""}                                             | Message cannot be empty
            {"message":" \\t\\u00a0\\u2003"}                           | Message cannot be empty
            {"message":7}                                              | Message cannot be empty
            {"message":["x"]}                                          | Message cannot be empty
            {"message":"x","roomId":7}                                 | Room ID required
            {"type":"join_room"}                                       | Room ID required
            {"type":"join_room","roomId":""}                           | Room ID required
            {"type":"join_room","roomId":{}}                           | Room ID required
            {"type":"private_message"}                                 | Target user ID and message required for private messages
            {"type":"private_message","targetUserId":"b"}              | Target user ID and message required for private messages
            {"type":"private_message","message":"b"}                   | Target user ID and message required for private messages
            {"type":"private_message","targetUserId":7,"message":"b"}  | Target user ID and message required for private messages
            {"type":"private_message","targetUserId":"b","message":""} | Target user ID and message required for private messages
            {"type":"Chat","message":"x"}                              | Unknown message type: Chat
            {"type":"","message":"x"}                                  | Unknown message type: ''
            {"type":true}                                              | Unknown message type: true
            {"type":{"a": 1}}                                          | Unknown message type: {"a": 1}
            {"type":                                                   | Invalid JSON format
            {'type':'ping'}                                            | Invalid JSON format
            {"type":"ping"} x                                          | Invalid JSON format
            {"type":"ping","type":"ping"}                              | Invalid JSON format
            {"message":"\\ud800"}                                      | Invalid JSON format
            [1                                                         | Invalid JSON format
            nul                                                        | Invalid JSON format
            """)
    void whatCannotBeDoneIsAnsweredInTheWordsOfTheContract(String text, String words) {
        String expected = words.equals("Unknown message type: ''") ? "Unknown message type: " : words;

        assertThat(answer(decode(text)))
                .isEqualTo("{\"type\":\"error\",\"data\":{\"message\":\"" + expected.replace("\"", "\\\"")
                        + "\",\"timestamp\":" + clock.millis() / 1000 + "}}");
    }

    @Test
    void textWithoutAnythingIsNoJson() {
        assertThat(answer(decode(""))).contains("\"Invalid JSON format\"");
        assertThat(answer(decode("  "))).contains("\"Invalid JSON format\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[{\"type\":\"ping\"}]", "7", "\"x\"", "null", "true", " \n[1]"})
    void jsonThatIsNoObjectIsAnsweredAsTheGatewayDid(String text) {
        assertThat(answer(decode(text)))
                .matches(
                        "\\{\"message\":\"Internal server error\",\"connectionId\":\"c1\",\"requestId\":\"[^\"]{20}\"}");
    }

    @Test
    void whatIsTooLargeIsRefused() {
        String most = "x".repeat(200 - "{\"text\":\"\"}".length());

        assertThat(decode("{\"message\":\"" + most + "\"}")).isInstanceOf(ClientFrame.Say.class);
        assertThat(decode("{\"message\":\"" + most + "x\"}")).extracting("code").isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(decode("{\"type\":\"private_message\",\"targetUserId\":\"b\",\"message\":\"" + most + "x\"}"))
                .extracting("code")
                .isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(decode("{\"message\":\"x\",\"roomId\":\"" + "r".repeat(196) + "\"}"))
                .extracting("code")
                .isEqualTo(ErrorCode.BAD_TOPIC);
    }

    /// What the client hears of a frame that does nothing.
    private @Nullable String answer(ClientFrame frame) {
        ClientFrame.Malformed malformed = (ClientFrame.Malformed) frame;
        return encode(new ServerFrame.Error(null, malformed.code(), malformed.reason(), null, null));
    }

    private @Nullable String encode(ServerFrame frame) {
        JsonWriter out = new JsonWriter();
        return dialect.encode(frame, ann, out) ? out.toString() : null;
    }

    @Test
    void oneClientIsToldWhatItAsked() {
        clock.advance(Duration.ofMillis(5_999));
        String now = ",\"timestamp\":" + clock.millis() / 1000 + "}}";

        assertThat(encode(new ServerFrame.Welcome(
                        "c1", "guest.ann", "Ann", TIME, 25_000, Durability.DISK, null, List.of(), false)))
                .isEqualTo(
                        "{\"type\":\"welcome\",\"data\":{\"connectionId\":\"c1\",\"userId\":\"ann\",\"roomId\":\"kitchen\","
                                + "\"message\":\"Welcome to room kitchen!\"" + END);
        assertThat(encode(new ServerFrame.Pong(null))).isEqualTo("{\"type\":\"pong\",\"data\":{" + now.substring(1));
        assertThat(encode(new Query.ActiveRoomList(
                        new byte[0],
                        List.of(
                                new Query.ActiveRoom(KITCHEN, 2),
                                new Query.ActiveRoom(new TopicName("room:a~20b"), 1)))))
                .isEqualTo("{\"type\":\"room_list\",\"data\":{\"rooms\":[{\"roomId\":\"kitchen\",\"activeUsers\":2},"
                        + "{\"roomId\":\"a b\",\"activeUsers\":1}]" + now);
        assertThat(encode(new Query.ActiveRoomList(new byte[0], List.of())))
                .isEqualTo("{\"type\":\"room_list\",\"data\":{\"rooms\":[]" + now);
        assertThat(encode(new ServerFrame.Error(null, ErrorCode.NOT_FOUND, "another text", null, null)))
                .isEqualTo("{\"type\":\"error\",\"data\":{\"message\":\"Target user not found or offline\"" + now);
        assertThat(encode(new ServerFrame.Moved(null, "kitchen"))).isNull();
        assertThat(encode(new ServerFrame.Draining(5_000))).isNull();
        assertThat(encode(new ServerFrame.Truncated(KITCHEN, 1, 2))).isNull();
    }

    private @Nullable String signal(ServerFrame.ToAudience signal) {
        JsonWriter out = new JsonWriter();
        return dialect.encodeSignal(signal, out) ? out.toString() : null;
    }

    @Test
    void aRoomIsToldOfThoseWhoMoveAndOfNobodyElse() {
        assertThat(signal(new ServerFrame.Notice(KITCHEN, true, true, "guest.ann", "ann", "Ann", TIME)))
                .isEqualTo(
                        "{\"type\":\"user_joined\",\"data\":{\"userId\":\"ann\",\"username\":\"Ann\",\"roomId\":\"kitchen\""
                                + END);
        assertThat(signal(new ServerFrame.Notice(KITCHEN, false, true, "ann", null, null, TIME)))
                .isEqualTo(
                        "{\"type\":\"user_left\",\"data\":{\"userId\":\"ann\",\"username\":\"ann\",\"roomId\":\"kitchen\""
                                + END);
        assertThat(signal(new ServerFrame.Notice(KITCHEN, true, false, "ann", null, null, TIME)))
                .isNull();
        assertThat(signal(new ServerFrame.Notice(KITCHEN, false, false, "ann", null, null, TIME)))
                .isNull();
        assertThat(signal(new ServerFrame.Presence(KITCHEN, null, 3))).isNull();
        assertThat(signal(new ServerFrame.Signal(KITCHEN, "ann", new byte[] {'1'})))
                .isNull();
    }

    private static Message message(long offset, @Nullable String from, Headers headers, String payload) {
        return new Message(
                offset,
                TIME,
                from,
                null,
                payload.getBytes(StandardCharsets.UTF_8),
                headers.isEmpty() ? null : Details.NONE.withHeaders(headers));
    }

    @Test
    void messagesAreDeliveredWithWhoSaidThemWhere() {
        Headers given = Headers.NONE.with(Headers.AS, "José").with(Headers.NAME, "J.");
        List<Message> messages = List.of(
                message(1, "guest.h-1", given, "{\"text\":\"hi\"}"),
                message(2, "ann", Headers.NONE, "[\"x\"]"),
                message(3, null, Headers.NONE, "{\"text\":\"hi\"}"));

        List<String> said = Deliveries.of(dialect, new TopicName("room:a~20b"), messages, true);

        String uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
        assertThat(said.getFirst())
                .matches("\\{\"type\":\"chat\",\"data\":\\{\"messageId\":\"" + uuid
                        + "\",\"roomId\":\"a b\",\"senderId\":\"José\","
                        + "\"senderName\":\"J.\",\"message\":\"hi\",\"timestamp\":1769860800}}");
        assertThat(said.get(1)).contains("\"senderId\":\"ann\",\"senderName\":\"ann\",\"message\":\"[\\\"x\\\"]\"");
        assertThat(said.get(2)).contains("\"senderId\":\"anonymous\",\"senderName\":\"anonymous\",\"message\":\"hi\"");
        assertThat(said.stream().map(text -> text.substring(0, 75))).doesNotHaveDuplicates();
        assertThat(Deliveries.of(dialect, new TopicName("room:a~20b"), messages, false))
                .isEqualTo(said);
    }

    @Test
    void whatIsSaidToOneUserSaysNoRoom() {
        List<Message> messages = List.of(message(
                1, "guest.ann", Headers.NONE.with(Headers.AS, "ann").with(Headers.NAME, "Ann"), "{\"text\":\"psst\"}"));

        assertThat(Deliveries.of(dialect, new TopicName("dm:bob~guest.ann"), messages, false))
                .containsExactly("{\"type\":\"private_message\",\"data\":{\"senderId\":\"ann\",\"senderName\":\"Ann\","
                        + "\"message\":\"psst\"" + END);
    }
}
