package io.topicstream.dialect;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.Identity;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Folded;
import io.topicstream.protocol.MessageJson;
import io.topicstream.protocol.Query;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The queries of the native dialect: how each is read, and beside it how its answer is written. What only
/// queries have as members is named here too. Immutable.
final class NativeQueries {
    /// The longest `start_after` of a list that is not one of topics, in characters.
    private static final int MAX_AFTER_LENGTH = 512;

    private static final byte[] READ = ascii("read");
    private static final byte[] TOPICS = ascii("topics");
    private static final byte[] MEMBERS = ascii("members");
    private static final byte[] ONLINE = ascii("online");
    private static final byte[] CURSORS = ascii("cursors");
    private static final byte[] ROOMS = ascii("rooms");

    private static final byte[] M_MESSAGES = ascii(",\"messages\":[");
    private static final byte[] M_COVERS = ascii("],\"covers\":{\"first\":");
    private static final byte[] M_LAST = ascii(",\"last\":");
    private static final byte[] M_TOPICS = ascii(",\"topics\":[");
    private static final byte[] M_NEXT = ascii(",\"next\":");
    private static final byte[] M_MEMBERS = ascii(",\"members\":");
    private static final byte[] M_COUNT = ascii(",\"count\":");
    private static final byte[] M_USERS = ascii(",\"users\":[");
    private static final byte[] M_CURSORS = ascii(",\"cursors\":[");
    private static final byte[] M_ROOMS = ascii(",\"rooms\":[");
    private static final byte[] M_NAME = ascii(",\"name\":");
    private static final byte[] M_CONNECTIONS = ascii(",\"connections\":");
    private static final byte[] M_SINCE = ascii(",\"since\":");
    private static final byte[] M_ONLINE = ascii(",\"online\":");
    private static final byte[] M_LAST_SEEN = ascii(",\"last_seen\":");
    private static final byte[] M_DELIVERED = ascii(",\"delivered\":");
    private static final byte[] M_READ = ascii(",\"read\":");
    private static final byte[] M_NEXT_OFFSET = ascii(",\"next_offset\":");
    private static final byte[] M_UNREAD = ascii(",\"unread\":");
    private static final byte[] M_TITLE = ascii(",\"title\":");
    private static final byte[] M_OWNER = ascii(",\"owner\":");
    private static final byte[] M_CREATED = ascii(",\"created\":");
    private static final byte[] M_POLICY = ascii(",\"policy\":{\"presence\":");
    private static final byte[] FIRST_USER = ascii("{\"user\":");
    private static final byte[] FIRST_TOPIC = ascii("{\"topic\":");

    private final JsonObjectReader.Member after;
    private final JsonObjectReader.Member before;
    private final JsonObjectReader.Member since;
    private final JsonObjectReader.Member until;
    private final JsonObjectReader.Member limit;
    private final JsonObjectReader.Member fold;
    private final JsonObjectReader.Member prefix;
    private final JsonObjectReader.Member startAfter;
    private final JsonObjectReader.Member users;
    private final JsonObjectReader.Member topicNames;
    private final JsonObjectReader.Member owner;

    /// @param members of all frames: those of queries are added
    NativeQueries(JsonObjectReader.Builder members) {
        after = members.add("after");
        before = members.add("before");
        since = members.add("since");
        until = members.add("until");
        limit = members.add("limit");
        fold = members.add("fold");
        prefix = members.add("prefix");
        startAfter = members.add("start_after");
        users = members.add("users");
        topicNames = members.add("topics");
        owner = members.add("owner");
    }

    /// The query that the decoder has just read, or null where the frame is something else.
    @Nullable
    ClientFrame frame(NativeDecoder in, byte @Nullable [] id) {
        if (in.isAction(READ)) {
            return read(in, id);
        }
        if (in.isAction(TOPICS)) {
            return topics(in, id);
        }
        if (in.isAction(MEMBERS)) {
            return members(in, id);
        }
        if (in.isAction(ONLINE)) {
            return online(in, id);
        }
        if (in.isAction(CURSORS)) {
            return cursors(in, id);
        }
        if (in.isAction(ROOMS)) {
            return rooms(in, id);
        }
        return null;
    }

    /// Writes an answer but for its closing brace.
    ///
    /// @return whether it is said at all
    static boolean write(Query.Answer answer, JsonWriter out) {
        return switch (answer) {
            case Query.ReadPage page -> readPage(page, out);
            case Query.FoldedPage page -> foldedPage(page, out);
            case Query.TopicList list -> topicList(list, out);
            case Query.MemberList list -> memberList(list, out);
            case Query.OnlineList list -> onlineList(list, out);
            case Query.CursorList list -> cursorList(list, out);
            case Query.RoomList list -> roomList(list, out);
            // Asked for in the rooms dialect alone.
            case Query.ActiveRoomList _ -> false;
        };
    }

    // ---- read

    private ClientFrame read(NativeDecoder in, byte @Nullable [] id) {
        TopicName topic = in.topic();
        long afterOffset = in.integer(after, Query.NOT_GIVEN);
        long beforeOffset = in.integer(before, Query.NOT_GIVEN);
        if (afterOffset != Query.NOT_GIVEN && beforeOffset != Query.NOT_GIVEN) {
            in.blame("a read has \"after\" or \"before\", not both");
        }
        long earliest = in.integer(since, Query.NOT_GIVEN);
        long latest = in.integer(until, Query.NOT_GIVEN);
        long most = in.integer(limit, NativeDialect.DEFAULT_READ_LIMIT);
        boolean folds = in.flag(fold, false);
        if (topic == null || in.hasFault()) {
            return in.malformed(id);
        }
        return new Query.Read(
                id,
                topic,
                afterOffset,
                beforeOffset,
                earliest,
                latest,
                (int) Math.min(most, NativeDialect.MAX_LIMIT),
                folds);
    }

    private static boolean readPage(Query.ReadPage page, JsonWriter out) {
        if (!NativeEncoder.reply(page.id(), out)) {
            return false;
        }
        NativeEncoder.topic(page.topic(), out);
        out.raw(M_MESSAGES);
        List<Message> messages = page.messages();
        for (int i = 0; i < messages.size(); i++) {
            NativeEncoder.comma(i, out);
            out.raw(NativeEncoder.FIRST_OFFSET);
            NativeEncoder.restOfMessage(messages.get(i), out);
        }
        out.raw(']');
        NativeEncoder.extent(page.extent(), out);
        return true;
    }

    private static boolean foldedPage(Query.FoldedPage page, JsonWriter out) {
        if (!NativeEncoder.reply(page.id(), out)) {
            return false;
        }
        NativeEncoder.topic(page.topic(), out);
        out.raw(M_MESSAGES);
        for (int i = 0; i < page.messages().size(); i++) {
            Folded folded = page.messages().get(i);
            NativeEncoder.comma(i, out);
            out.raw(NativeEncoder.FIRST_OFFSET);
            MessageJson.members(folded.message(), out);
            folded.write(out);
            out.raw('}');
        }
        out.raw(M_COVERS).number(page.first()).raw(M_LAST).number(page.last()).raw('}');
        NativeEncoder.extent(page.extent(), out);
        return true;
    }

    // ---- topics

    private ClientFrame topics(NativeDecoder in, byte @Nullable [] id) {
        String beginning = in.partOfName(prefix);
        long most = in.integer(limit, NativeDialect.DEFAULT_TOPICS_LIMIT);
        String last = in.partOfName(startAfter);
        if (in.hasFault()) {
            return in.malformed(id);
        }
        return new Query.Topics(id, beginning, Math.clamp(most, 1, NativeDialect.MAX_LIMIT), last);
    }

    private static boolean topicList(Query.TopicList list, JsonWriter out) {
        if (!NativeEncoder.reply(list.id(), out)) {
            return false;
        }
        out.raw(M_TOPICS);
        NativeEncoder.positions(list.topics(), out);
        if (list.next() != null) {
            out.raw(M_NEXT).string(list.next());
        }
        return true;
    }

    // ---- members

    private ClientFrame members(NativeDecoder in, byte @Nullable [] id) {
        TopicName topic = in.topic();
        int most = most(in);
        String last = afterText(in);
        return topic == null || in.hasFault() ? in.malformed(id) : new Query.Members(id, topic, most, last);
    }

    private int most(NativeDecoder in) {
        return Math.clamp(in.integer(limit, NativeDialect.DEFAULT_TOPICS_LIMIT), 1, NativeDialect.MAX_LIMIT);
    }

    /// Where a list goes on that is not one of topics.
    private String afterText(NativeDecoder in) {
        String text = in.text(startAfter, MAX_AFTER_LENGTH);
        return text == null ? "" : text;
    }

    private static boolean memberList(Query.MemberList list, JsonWriter out) {
        if (!NativeEncoder.reply(list.id(), out)) {
            return false;
        }
        NativeEncoder.topic(list.topic(), out);
        out.raw(M_MEMBERS).raw('[');
        for (int i = 0; i < list.members().size(); i++) {
            Query.Member member = list.members().get(i);
            NativeEncoder.comma(i, out);
            out.raw(FIRST_USER).string(member.user());
            out.raw(M_NAME).string(member.name());
            out.raw(M_CONNECTIONS).number(member.connections());
            out.raw(M_SINCE).number(member.since()).raw('}');
        }
        out.raw(']').raw(M_COUNT).number(list.count());
        next(list.next(), out);
        return true;
    }

    private static void next(@Nullable String next, JsonWriter out) {
        if (next != null) {
            out.raw(M_NEXT).string(next);
        }
    }

    // ---- online

    private ClientFrame online(NativeDecoder in, byte @Nullable [] id) {
        List<String> asked = in.texts(users, Query.MAX_USERS);
        if (asked == null) {
            in.blame("an online wants a member \"users\", an array of users' ids");
        }
        return asked == null || in.hasFault() ? in.malformed(id) : new Query.Online(id, asked);
    }

    private static boolean onlineList(Query.OnlineList list, JsonWriter out) {
        if (!NativeEncoder.reply(list.id(), out)) {
            return false;
        }
        out.raw(M_USERS);
        for (int i = 0; i < list.users().size(); i++) {
            Query.OnlineUser user = list.users().get(i);
            NativeEncoder.comma(i, out);
            out.raw(FIRST_USER).string(user.user());
            out.raw(M_ONLINE).bool(user.online());
            out.raw(M_LAST_SEEN).number(user.lastSeen()).raw('}');
        }
        out.raw(']');
        return true;
    }

    // ---- cursors

    private ClientFrame cursors(NativeDecoder in, byte @Nullable [] id) {
        List<String> names = in.texts(topicNames, Query.MAX_TOPICS);
        int most = most(in);
        String last = in.partOfName(startAfter);
        List<TopicName> topics = null;
        if (names != null) {
            topics = new ArrayList<>(names.size());
            for (String name : names) {
                TopicName topic = TopicName.orNull(name);
                if (topic == null) {
                    in.blame(ErrorCode.BAD_TOPIC, TopicName.RULE);
                } else {
                    topics.add(topic);
                }
            }
        }
        return in.hasFault() ? in.malformed(id) : new Query.Cursors(id, topics, most, last);
    }

    private static boolean cursorList(Query.CursorList list, JsonWriter out) {
        if (!NativeEncoder.reply(list.id(), out)) {
            return false;
        }
        out.raw(M_CURSORS);
        for (int i = 0; i < list.cursors().size(); i++) {
            Query.Cursor cursor = list.cursors().get(i);
            NativeEncoder.comma(i, out);
            out.raw(FIRST_TOPIC).string(cursor.topic().value());
            out.raw(M_DELIVERED).number(cursor.delivered());
            out.raw(M_READ).number(cursor.read());
            out.raw(M_NEXT_OFFSET).number(cursor.nextOffset());
            out.raw(M_UNREAD).number(cursor.unread()).raw('}');
        }
        out.raw(']');
        next(list.next(), out);
        return true;
    }

    // ---- rooms

    private ClientFrame rooms(NativeDecoder in, byte @Nullable [] id) {
        String whose = in.text(owner, Identity.MAX_USER_LENGTH);
        String beginning = in.partOfName(prefix);
        int most = most(in);
        String last = in.partOfName(startAfter);
        return in.hasFault() ? in.malformed(id) : new Query.Rooms(id, whose, beginning, most, last);
    }

    /// What a room has said of who is in it, where it has.
    static void policy(JsonWriter out, @Nullable String presence) {
        if (presence != null) {
            out.raw(M_POLICY).string(presence).raw('}');
        }
    }

    private static boolean roomList(Query.RoomList list, JsonWriter out) {
        if (!NativeEncoder.reply(list.id(), out)) {
            return false;
        }
        out.raw(M_ROOMS);
        for (int i = 0; i < list.rooms().size(); i++) {
            Query.Room room = list.rooms().get(i);
            NativeEncoder.comma(i, out);
            out.raw(FIRST_TOPIC).string(room.topic().value());
            out.raw(M_TITLE).string(room.title());
            out.raw(M_OWNER).string(room.owner());
            out.raw(M_CREATED).number(room.created());
            out.raw(M_MEMBERS).number(room.members());
            policy(out, room.presence());
            out.raw('}');
        }
        out.raw(']');
        next(list.next(), out);
        return true;
    }
}
