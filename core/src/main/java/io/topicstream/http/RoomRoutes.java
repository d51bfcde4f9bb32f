package io.topicstream.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.Permission;
import io.topicstream.command.Commands;
import io.topicstream.command.RoomsCommand;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Draft;
import io.topicstream.log.TopicName;
import io.topicstream.people.RoomTopic;
import io.topicstream.people.Rooms;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The routes of rooms: list them, show one, make or change one, delete one. For callers that are known.
public final class RoomRoutes {
    private static final String ROOM_PARAMETER = "room";
    private static final int DEFAULT_LIMIT = 100;
    /// About the longest list, in bytes.
    private static final int LIST_BYTES = 100 * 1024;

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member TITLE = MEMBERS.add("title");
    private static final JsonObjectReader.Member POLICY = MEMBERS.add("policy");

    private static final byte[] ROOMS = ascii("{\"rooms\":[");
    private static final byte[] TOPIC = ascii("{\"topic\":");
    private static final byte[] TITLE_MEMBER = ascii(",\"title\":");
    private static final byte[] OWNER = ascii(",\"owner\":");
    private static final byte[] CREATED = ascii(",\"created\":");
    private static final byte[] MEMBERS_MEMBER = ascii(",\"members\":");
    private static final byte[] NEXT = ascii(",\"next\":");
    private static final byte[] DELETED = ascii(",\"deleted\":true}");
    private static final byte[] POLICY_MEMBER = ascii(",\"policy\":{\"presence\":");

    private final Commands commands;

    public RoomRoutes(Commands commands) {
        this.commands = commands;
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/rooms", Access.CALLER, this::list),
                new Route("GET", "/rooms/{room}", Access.CALLER, this::show),
                new Route("PUT", "/rooms/{room}", Access.CALLER, this::put),
                new Route("DELETE", "/rooms/{room}", Access.CALLER, this::delete));
    }

    private void list(Exchange exchange) {
        String owner = exchange.query("owner");
        String prefix = textOr(exchange.query("prefix"));
        String startAfter = textOr(exchange.query("start_after"));
        String limitText = exchange.query("limit");
        long limit = limitText == null ? DEFAULT_LIMIT : TopicRoutes.number(limitText);
        if (limit < 1 || limit > RoomsCommand.MAX_LIMIT) {
            exchange.refuse(ErrorCode.BAD_FRAME, "limit is 1 to " + RoomsCommand.MAX_LIMIT);
            return;
        }
        if (!isBeginning(prefix) || !isBeginning(startAfter)) {
            exchange.refuse(
                    ErrorCode.BAD_TOPIC, "prefix and start_after are written as topic names: " + TopicName.RULE);
            return;
        }
        exchange.whenSuccessful(
                commands.rooms(exchange, new Query.Rooms(null, owner, prefix, (int) limit, startAfter), LIST_BYTES),
                rooms -> answer(exchange, rooms));
    }

    private static void answer(Exchange exchange, Query.RoomList list) {
        AnswerWriter answer = exchange.lane().answer().begin();
        JsonWriter body = answer.body().raw(ROOMS);
        List<Query.Room> rooms = list.rooms();
        for (int i = 0; i < rooms.size(); i++) {
            if (i > 0) {
                body.raw(',');
            }
            write(rooms.get(i), body);
        }
        body.raw(']');
        if (list.next() != null) {
            body.raw(NEXT).string(list.next());
        }
        body.raw('}');
        answer.send(exchange, 200);
    }

    private static void write(Query.Room room, JsonWriter body) {
        body.raw(TOPIC).string(room.topic().value());
        body.raw(TITLE_MEMBER).string(room.title());
        body.raw(OWNER).string(room.owner());
        body.raw(CREATED).number(room.created());
        body.raw(MEMBERS_MEMBER).number(room.members());
        endWithPolicy(body, room.presence());
    }

    /// @param presence null where the room has no policy of its own
    private static void endWithPolicy(JsonWriter body, @Nullable String presence) {
        if (presence != null) {
            body.raw(POLICY_MEMBER).string(presence).raw('}');
        }
        body.raw('}');
    }

    private void show(Exchange exchange) {
        TopicName topic = topic(exchange);
        if (topic == null) {
            return;
        }
        if (!exchange.identity().may(Permission.READ, topic)) {
            exchange.refuse(ErrorCode.FORBIDDEN, "not allowed to read this topic");
            return;
        }
        // Of all names that begin with the room's, its own is the first.
        exchange.whenSuccessful(
                commands.rooms(exchange, new Query.Rooms(null, null, topic.value(), 1, ""), LIST_BYTES), found -> {
                    List<Query.Room> rooms = found.rooms();
                    if (rooms.isEmpty() || !rooms.getFirst().topic().equals(topic)) {
                        exchange.refuse(ErrorCode.NOT_FOUND, "nobody has made this room, and nobody is in it");
                        return;
                    }
                    AnswerWriter answer = exchange.lane().answer().begin();
                    write(rooms.getFirst(), answer.body());
                    answer.send(exchange, 200);
                });
    }

    private void put(Exchange exchange) {
        TopicName topic = topic(exchange);
        if (topic == null) {
            return;
        }
        byte[] body = exchange.body();
        JsonObjectReader reader = MEMBERS.build();
        if (!exchange.isBodyUtf8() || !reader.read(body, 0, body.length)) {
            String problem = reader.problem();
            exchange.refuse(
                    ErrorCode.BAD_FRAME, "the body is a JSON object: " + (problem == null ? "not UTF-8" : problem));
            return;
        }
        if (!reader.otherNames().isEmpty()) {
            exchange.refuse(
                    ErrorCode.BAD_FRAME,
                    "a room has no member \"" + reader.otherNames().getFirst()
                            + "\"; there are \"title\" and \"policy\"");
            return;
        }
        String title = null;
        if (reader.has(TITLE)) {
            title = reader.kind(TITLE) == JsonObjectReader.Kind.STRING ? reader.string(TITLE) : null;
            if (title == null || Draft.isLonger(title, ClientFrame.PutRoom.MAX_TITLE_LENGTH)) {
                exchange.refuse(
                        ErrorCode.BAD_FRAME,
                        "\"title\" is a string of at most " + ClientFrame.PutRoom.MAX_TITLE_LENGTH + " characters");
                return;
            }
        }
        Map<String, String> policy = null;
        if (reader.has(POLICY)) {
            policy = reader.kind(POLICY) == JsonObjectReader.Kind.OBJECT ? reader.strings(POLICY) : null;
            if (policy == null) {
                exchange.refuse(ErrorCode.BAD_FRAME, "\"policy\" is an object whose members are strings");
                return;
            }
        }
        ClientFrame.PutRoom wanted = new ClientFrame.PutRoom(null, topic, title, policy);
        exchange.whenSuccessfullyChanged(commands.putRoom(exchange, wanted), room -> {
            AnswerWriter answer = exchange.lane().answer().begin();
            JsonWriter out = answer.body().raw(TOPIC).string(room.topic().value());
            out.raw(TITLE_MEMBER).string(room.title());
            out.raw(OWNER).string(room.owner());
            out.raw(CREATED).number(room.created());
            endWithPolicy(out, room.presence());
            answer.send(exchange, 200);
        });
    }

    private void delete(Exchange exchange) {
        TopicName topic = topic(exchange);
        if (topic == null) {
            return;
        }
        exchange.whenSuccessfullyChanged(
                commands.deleteRoom(exchange, new ClientFrame.DeleteRoom(null, topic)), done -> {
                    AnswerWriter answer = exchange.lane().answer().begin();
                    answer.body().raw(TOPIC).string(done.topic().value()).raw(DELETED);
                    answer.send(exchange, 200);
                });
    }

    /// The topic of the room in the path; refuses the request where it is none.
    private static @Nullable TopicName topic(Exchange exchange) {
        TopicName topic = topicOrNull(exchange);
        if (topic == null) {
            exchange.refuse(ErrorCode.BAD_TOPIC, TopicName.RULE);
        }
        return topic;
    }

    /// The topic of the room in the path, `{room}`: its name, or what stands there behind `room:`. Null where that can
    /// be none.
    public static @Nullable TopicName topicOrNull(Exchange exchange) {
        String room = exchange.parameter(ROOM_PARAMETER);
        TopicName topic = TopicName.orNull(room.startsWith(RoomTopic.PREFIX) ? room : RoomTopic.PREFIX + room);
        return topic == null || !Rooms.isRoom(topic) ? null : topic;
    }

    private static boolean isBeginning(String text) {
        return text.isEmpty() || TopicName.isValid(text);
    }

    private static String textOr(@Nullable String text) {
        return text == null ? "" : text;
    }
}
