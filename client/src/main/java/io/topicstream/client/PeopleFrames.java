package io.topicstream.client;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Kind;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.json.JsonObjectReader.Trait;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads what the server says of people, in frames that [ServerFrames] has read. What only these frames have as
/// members is named here. Immutable.
final class PeopleFrames {
    private final Member topic;
    private final Member user;
    private final Member name;
    private final Member nextOffset;
    private final Member next;

    private final Member event;
    private final Member count;
    private final Member delivered;
    private final Member read;
    private final Member members;
    private final Member users;
    private final Member cursors;
    private final Member rooms;
    private final Member online;
    private final Member lastSeen;
    private final Member connections;
    private final Member since;
    private final Member unread;
    private final Member title;
    private final Member owner;
    private final Member created;

    /// @param all members of all frames: those of people are added
    PeopleFrames(JsonObjectReader.Builder all, Member topic, Member user, Member name, Member nextOffset, Member next) {
        this.topic = topic;
        this.user = user;
        this.name = name;
        this.nextOffset = nextOffset;
        this.next = next;
        event = all.add("event");
        count = all.add("count");
        delivered = all.add("delivered");
        read = all.add("read");
        members = all.add("members", Trait.LIST);
        users = all.add("users", Trait.LIST);
        cursors = all.add("cursors", Trait.LIST);
        rooms = all.add("rooms", Trait.LIST);
        online = all.add("online");
        lastSeen = all.add("last_seen");
        connections = all.add("connections");
        since = all.add("since");
        unread = all.add("unread");
        title = all.add("title");
        owner = all.add("owner");
        created = all.add("created");
    }

    Heard presence(JsonObjectReader frame) {
        String what = frame.string(event);
        PresenceChange.Event known = switch (what) {
            case "join" -> PresenceChange.Event.JOIN;
            case "leave" -> PresenceChange.Event.LEAVE;
            case null, default -> PresenceChange.Event.COUNT;
        };
        return new Heard.Presence(
                ServerFrames.wanted(frame, topic),
                new PresenceChange(known, frame.string(user), frame.string(name), ServerFrames.number(frame, count)));
    }

    Heard receipt(JsonObjectReader frame) {
        return new Heard.Receipt(
                ServerFrames.wanted(frame, topic),
                new Receipt(ServerFrames.wanted(frame, user), frame.integer(delivered), frame.integer(read)));
    }

    /// What a reply tells.
    ///
    /// @param element reads the elements of the reply's lists
    Told reply(JsonObjectReader reply, byte[] text, JsonObjectReader element) {
        if (isList(reply, members)) {
            return new Told.Members(new MemberPage(
                    list(reply, members, text, element, () -> member(element)),
                    ServerFrames.number(reply, count),
                    reply.string(next)));
        }
        if (isList(reply, users)) {
            return new Told.Online(list(reply, users, text, element, () -> onlineUser(element)));
        }
        if (isList(reply, cursors)) {
            return new Told.Cursors(
                    new CursorPage(list(reply, cursors, text, element, () -> cursor(element)), reply.string(next)));
        }
        if (isList(reply, rooms)) {
            return new Told.Rooms(
                    new RoomPage(list(reply, rooms, text, element, () -> room(element)), reply.string(next)));
        }
        if (reply.has(online)) {
            return new Told.Sent(ServerFrames.wanted(reply, topic), reply.isTrue(online));
        }
        if (reply.has(owner)) {
            return new Told.RoomPut(room(reply));
        }
        String given = reply.string(name);
        return given == null ? Told.NOTHING : new Told.Named(given);
    }

    private static boolean isList(JsonObjectReader reply, Member member) {
        return reply.has(member) && reply.kind(member) == Kind.ARRAY;
    }

    private static <T> List<T> list(
            JsonObjectReader reply, Member member, byte[] text, JsonObjectReader element, Supplier<T> one) {
        List<T> found = new ArrayList<>();
        reply.elements(member, (start, end) -> {
            ServerFrames.element(element, text, start, end);
            found.add(one.get());
        });
        return found;
    }

    private io.topicstream.client.Member member(JsonObjectReader in) {
        return new io.topicstream.client.Member(
                in.string(user),
                in.string(name),
                (int) Math.min(ServerFrames.number(in, connections), Integer.MAX_VALUE),
                ServerFrames.number(in, since));
    }

    private OnlineUser onlineUser(JsonObjectReader in) {
        return new OnlineUser(ServerFrames.wanted(in, user), in.isTrue(online), optional(in, lastSeen));
    }

    private Cursor cursor(JsonObjectReader in) {
        return new Cursor(
                ServerFrames.wanted(in, topic),
                ServerFrames.number(in, delivered),
                ServerFrames.number(in, read),
                ServerFrames.number(in, nextOffset),
                ServerFrames.number(in, unread));
    }

    private Room room(JsonObjectReader in) {
        return new Room(
                ServerFrames.wanted(in, topic),
                in.string(title),
                in.string(owner),
                optional(in, created),
                Objects.requireNonNullElse(optional(in, members), Room.UNCOUNTED));
    }

    private static @Nullable Long optional(JsonObjectReader in, Member member) {
        long value = in.integer(member);
        return value == JsonObjectReader.NOT_AN_INTEGER ? null : value;
    }
}
