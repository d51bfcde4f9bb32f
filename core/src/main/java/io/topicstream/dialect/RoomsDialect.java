package io.topicstream.dialect;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.Speaker;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.people.RoomTopic;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.MessageJson;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The dialect of the stage `/staging`: rooms that clients move between, and private messages. Clients say objects
/// with a `type`; the server says `{"type":…,"data":{…,"timestamp":…}}`, with times in seconds.
///
/// What cannot be done is answered with an `error`, in the words that the clients of this dialect know. Text that is
/// JSON and no object is answered as the gateway did for which they were written. A room's members are told of those
/// who move, and of nobody who connects or disconnects.
public final class RoomsDialect implements Dialect {
    /// The room of those who name none, and to which one returns.
    public static final String GENERAL = RoomTopic.GENERAL;
    /// The user of those who give no id.
    public static final String ANONYMOUS = "anonymous";

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member TYPE = MEMBERS.add("type");
    private static final JsonObjectReader.Member MESSAGE = MEMBERS.add("message");
    private static final JsonObjectReader.Member ROOM_ID = MEMBERS.add("roomId");
    private static final JsonObjectReader.Member TARGET = MEMBERS.add("targetUserId");

    private static final byte[] CHAT = ascii("chat");
    private static final byte[] JOIN_ROOM = ascii("join_room");
    private static final byte[] LEAVE_ROOM = ascii("leave_room");
    private static final byte[] PRIVATE_MESSAGE = ascii("private_message");
    private static final byte[] ROOM_LIST = ascii("room_list");
    private static final byte[] PING = ascii("ping");

    private static final byte[] WELCOME = ascii("{\"type\":\"welcome\",\"data\":{\"connectionId\":");
    private static final byte[] ERROR = ascii("{\"type\":\"error\",\"data\":{\"message\":");
    private static final byte[] PONG = ascii("{\"type\":\"pong\",\"data\":{\"timestamp\":");
    private static final byte[] ROOMS = ascii("{\"type\":\"room_list\",\"data\":{\"rooms\":[");
    private static final byte[] ROOM = ascii("{\"roomId\":");
    private static final byte[] ACTIVE_USERS = ascii(",\"activeUsers\":");
    private static final byte[] USER_JOINED = ascii("{\"type\":\"user_joined\",\"data\":{\"userId\":");
    private static final byte[] USER_LEFT = ascii("{\"type\":\"user_left\",\"data\":{\"userId\":");
    private static final byte[] CHAT_MESSAGE = ascii("{\"type\":\"chat\",\"data\":{\"messageId\":");
    private static final byte[] PRIVATE = ascii("{\"type\":\"private_message\",\"data\":{\"senderId\":");
    private static final byte[] M_USER_ID = ascii(",\"userId\":");
    private static final byte[] M_USERNAME = ascii(",\"username\":");
    private static final byte[] M_ROOM_ID = ascii(",\"roomId\":");
    private static final byte[] M_SENDER_ID = ascii(",\"senderId\":");
    private static final byte[] M_SENDER_NAME = ascii(",\"senderName\":");
    private static final byte[] M_MESSAGE = ascii(",\"message\":");
    private static final byte[] M_TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] END = ascii("}}");

    private static final String NO_OBJECT = "the frame is no JSON object";
    private static final String NOT_FOUND = "Target user not found or offline";

    /// A query is answered though its client gives no ids.
    private static final byte[] NO_ID = {};

    private final int maxPayloadBytes;
    private final InstantSource clock;
    private final GatewayError gatewayError;
    private final JsonObjectReader reader = MEMBERS.build();
    private final ChatText text = new ChatText();

    /// @param maxPayloadBytes the largest payload of a message
    /// @param random gives every error frame of the gateway an id of its own
    public RoomsDialect(int maxPayloadBytes, RandomGenerator random, InstantSource clock) {
        this.maxPayloadBytes = maxPayloadBytes;
        this.clock = clock;
        this.gatewayError = new GatewayError(random);
    }

    // ---- what clients say

    @Override
    public void decode(Speaker speaker, byte[] buffer, int from, int to, Consumer<ClientFrame> sink) {
        try {
            sink.accept(reader.read(buffer, from, to) ? frame(speaker) : unreadable(buffer, from, to));
        } finally {
            reader.release();
        }
    }

    private ClientFrame unreadable(byte[] buffer, int from, int to) {
        boolean isJson = reader.scanner().problem() == null;
        int first = from;
        while (first < to && buffer[first] <= ' ') {
            first++;
        }
        return malformed(isJson && buffer[first] != '{' ? NO_OBJECT : "Invalid JSON format");
    }

    private ClientFrame frame(Speaker speaker) {
        if (!reader.has(TYPE) || reader.isText(TYPE, CHAT)) {
            return chat(speaker);
        }
        if (reader.isText(TYPE, JOIN_ROOM)) {
            String room = given(ROOM_ID);
            return room == null ? malformed("Room ID required") : new ClientFrame.Move(null, room, false);
        }
        if (reader.isText(TYPE, LEAVE_ROOM)) {
            return new ClientFrame.Move(null, GENERAL, true);
        }
        if (reader.isText(TYPE, PRIVATE_MESSAGE)) {
            return privateMessage(speaker);
        }
        if (reader.isText(TYPE, ROOM_LIST)) {
            return new Query.ActiveRooms(NO_ID);
        }
        if (reader.isText(TYPE, PING)) {
            return new ClientFrame.Ping(null);
        }
        String type = reader.string(TYPE);
        return new ClientFrame.Malformed(
                null,
                ErrorCode.UNKNOWN_ACTION,
                "Unknown message type: "
                        + NativeDecoder.kept(
                                type == null ? new String(reader.raw(TYPE), StandardCharsets.UTF_8) : type));
    }

    private ClientFrame chat(Speaker speaker) {
        String message = reader.string(MESSAGE);
        if (message == null || isBlank(message)) {
            return malformed("Message cannot be empty");
        }
        Draft draft = draft(speaker);
        if (draft == null) {
            return tooLarge();
        }
        if (!reader.has(ROOM_ID) || reader.isText(ROOM_ID, NO_ID)) {
            return new ClientFrame.Say(null, draft, true);
        }
        String room = given(ROOM_ID);
        if (room == null) {
            return malformed("Room ID required");
        }
        TopicName topic = RoomTopic.of(room);
        return topic == null
                ? new ClientFrame.Malformed(null, ErrorCode.BAD_TOPIC, "the id of the room is too long")
                : new ClientFrame.Publish(null, topic, draft, Append.ANY_OFFSET, true);
    }

    private ClientFrame privateMessage(Speaker speaker) {
        String target = given(TARGET);
        if (target == null || given(MESSAGE) == null) {
            return malformed("Target user ID and message required for private messages");
        }
        Draft draft = draft(speaker);
        return draft == null ? tooLarge() : new ClientFrame.Tell(null, target, draft);
    }

    /// The message with what the sender calls himself, or null where it is too large.
    private @Nullable Draft draft(Speaker speaker) {
        byte[] payload = ChatText.payload(reader, MESSAGE);
        if (payload.length > maxPayloadBytes) {
            return null;
        }
        Draft draft = new Draft(payload, null, null);
        String shownAs = speaker.attribute(Speaker.USER_ID);
        return shownAs == null ? draft : draft.with(Headers.AS, shownAs);
    }

    private ClientFrame tooLarge() {
        return new ClientFrame.Malformed(
                null, ErrorCode.TOO_LARGE, "a message is at most " + maxPayloadBytes + " bytes");
    }

    /// The text of a member that is a string and not empty, or null.
    private @Nullable String given(JsonObjectReader.Member member) {
        String given = reader.string(member);
        return given == null || given.isEmpty() ? null : given;
    }

    private static boolean isBlank(String message) {
        return message.codePoints().allMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c));
    }

    private static ClientFrame malformed(String reason) {
        return new ClientFrame.Malformed(null, ErrorCode.BAD_FRAME, reason);
    }

    // ---- what one client is told

    @Override
    public boolean encode(ServerFrame frame, Speaker speaker, JsonWriter out) {
        return switch (frame) {
            case ServerFrame.Welcome welcome -> welcome(welcome, speaker, out);
            case ServerFrame.Error error -> error(error, speaker, out);
            case ServerFrame.Pong _ -> pong(out);
            case Query.ActiveRoomList list -> roomList(list, out);
            case ServerFrame.RoomEnded ended -> roomEnded(ended, out);
            case ServerFrame.Reply _, ServerFrame.Event _ -> false;
        };
    }

    private static boolean welcome(ServerFrame.Welcome welcome, Speaker speaker, JsonWriter out) {
        String room = speaker.attribute(Speaker.ROOM);
        String shown = room == null ? GENERAL : room;
        out.raw(WELCOME).string(welcome.connectionId());
        out.raw(M_USER_ID).string(id(speaker.attribute(Speaker.USER_ID), welcome.user()));
        out.raw(M_ROOM_ID).string(shown);
        out.raw(M_MESSAGE).string("Welcome to room " + shown + "!");
        return end(welcome.serverTime(), out);
    }

    private boolean error(ServerFrame.Error error, Speaker speaker, JsonWriter out) {
        if (error.message().equals(NO_OBJECT)) {
            gatewayError.write(speaker, out);
            return true;
        }
        out.raw(ERROR).string(error.code() == ErrorCode.NOT_FOUND ? NOT_FOUND : error.message());
        return end(clock.millis(), out);
    }

    private boolean roomEnded(ServerFrame.RoomEnded ended, JsonWriter out) {
        out.raw(ERROR).string("Room " + RoomTopic.roomOf(ended.topic()) + " was deleted");
        return end(clock.millis(), out);
    }

    private boolean pong(JsonWriter out) {
        out.raw(PONG).number(clock.millis() / 1000).raw(END);
        return true;
    }

    private boolean roomList(Query.ActiveRoomList list, JsonWriter out) {
        out.raw(ROOMS);
        List<Query.ActiveRoom> rooms = list.rooms();
        for (int i = 0; i < rooms.size(); i++) {
            NativeEncoder.comma(i, out);
            out.raw(ROOM).string(RoomTopic.roomOf(rooms.get(i).topic()));
            out.raw(ACTIVE_USERS).number(rooms.get(i).connections()).raw('}');
        }
        out.raw(']');
        return end(clock.millis(), out);
    }

    private static boolean end(long ms, JsonWriter out) {
        out.raw(M_TIMESTAMP).number(ms / 1000).raw(END);
        return true;
    }

    /// By what id somebody is shown: by what he called himself, else by that of his user.
    private static String id(@Nullable String shownAs, @Nullable String user) {
        return shownAs != null ? shownAs : user != null ? user : ANONYMOUS;
    }

    // ---- what a room is told

    @Override
    public boolean encodeSignal(ServerFrame.ToAudience signal, JsonWriter out) {
        return switch (signal) {
            case ServerFrame.Notice notice -> notice.byMoving() && moved(notice, out);
            case ServerFrame.Signal _, ServerFrame.Presence _, ServerFrame.Receipt _, ServerFrame.Redacted _ -> false;
        };
    }

    private static boolean moved(ServerFrame.Notice notice, JsonWriter out) {
        String id = id(notice.shownAs(), notice.user());
        String name = notice.name();
        out.raw(notice.hasCome() ? USER_JOINED : USER_LEFT).string(id);
        out.raw(M_USERNAME).string(name == null ? id : name);
        out.raw(M_ROOM_ID).string(RoomTopic.roomOf(notice.topic()));
        return end(notice.timestamp(), out);
    }

    /// Writes each message as a WebSocket message of its own: this dialect has no arrays. Nothing stands
    /// for a reaction.
    @Override
    public void encodeDelivery(TopicName topic, List<Message> messages, boolean arrays, DeliveryOutput out) {
        String room = RoomTopic.isRoom(topic) ? RoomTopic.roomOf(topic) : null;
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            if (ChatText.isReaction(message)) {
                continue;
            }
            JsonWriter json = out.json();
            String id = id(message.headers().get(Headers.AS), message.from());
            if (room == null) {
                json.raw(PRIVATE).string(id);
            } else {
                json.raw(CHAT_MESSAGE).string(messageId(topic, message));
                json.raw(M_ROOM_ID).string(room);
                json.raw(M_SENDER_ID).string(id);
            }
            String name = message.name();
            json.raw(M_SENDER_NAME).string(name == null ? id : name);
            json.raw(M_MESSAGE);
            text.write(message, json);
            MessageJson.redacted(message, json);
            var _ = end(message.timestamp(), json);
            out.endOfMessage();
        }
    }

    private static String messageId(TopicName topic, Message message) {
        return MessageUuid.of(topic, message.offset(), message.timestamp());
    }
}
