package io.topicstream.dialect;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.Identity;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.log.Draft;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.Query;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What clients of the native dialect ask to be done for people: how each request is read. What only requests have as
/// members is named here too. Immutable.
final class NativeRequests {
    private static final byte[] SEND = ascii("send");
    private static final byte[] ACK = ascii("ack");
    private static final byte[] NAME = ascii("name");
    private static final byte[] REDACT = ascii("redact");
    private static final byte[] ROOM = ascii("room");
    private static final byte[] DELETE_ROOM = ascii("delete_room");

    private static final int MAX_TO_LENGTH = Integer.MAX_VALUE;

    private final JsonObjectReader.Member to;
    private final JsonObjectReader.Member delivered;
    private final JsonObjectReader.Member read;
    private final JsonObjectReader.Member name;
    private final JsonObjectReader.Member title;
    private final JsonObjectReader.Member policy;
    private final JsonObjectReader.Member offset;

    /// @param members of all frames: those of requests are added
    NativeRequests(JsonObjectReader.Builder members) {
        to = members.add("to");
        delivered = members.add("delivered");
        read = members.add("read");
        name = members.add("name");
        title = members.add("title");
        policy = members.add("policy");
        offset = members.add("offset");
    }

    /// The request that the decoder has just read, or null where the frame is something else.
    @Nullable
    ClientFrame frame(NativeDecoder in, byte @Nullable [] id) {
        if (in.isAction(SEND)) {
            return send(in, id);
        }
        if (in.isAction(ACK)) {
            return ack(in, id);
        }
        if (in.isAction(NAME)) {
            return name(in, id);
        }
        if (in.isAction(REDACT)) {
            return redact(in, id);
        }
        if (in.isAction(ROOM)) {
            return room(in, id);
        }
        if (in.isAction(DELETE_ROOM)) {
            return deleteRoom(in, id);
        }
        return null;
    }

    private ClientFrame send(NativeDecoder in, byte @Nullable [] id) {
        // Whether it is an id is for the command to say, of every door.
        String user = in.text(to, MAX_TO_LENGTH);
        if (user == null) {
            in.blame("a send wants a member \"to\", a user's id");
        }
        Draft draft = in.draft();
        return user == null || draft == null || in.hasFault()
                ? in.malformed(id)
                : new ClientFrame.Send(id, user, draft);
    }

    private ClientFrame ack(NativeDecoder in, byte @Nullable [] id) {
        TopicName topic = in.topic();
        long arrived = in.integer(delivered, Query.NOT_GIVEN);
        long seen = in.integer(read, Query.NOT_GIVEN);
        if (arrived == Query.NOT_GIVEN && seen == Query.NOT_GIVEN) {
            in.blame("an ack has \"delivered\" or \"read\", or both");
        }
        return topic == null || in.hasFault() ? in.malformed(id) : new ClientFrame.Ack(id, topic, arrived, seen);
    }

    private ClientFrame name(NativeDecoder in, byte @Nullable [] id) {
        String wanted = in.text(name, Identity.MAX_NAME_LENGTH);
        if (wanted == null || !Identity.isValidName(wanted)) {
            in.blame("\"name\" is 1 to " + Identity.MAX_NAME_LENGTH + " visible characters");
        }
        return wanted == null || in.hasFault() ? in.malformed(id) : new ClientFrame.Name(id, wanted);
    }

    private ClientFrame room(NativeDecoder in, byte @Nullable [] id) {
        TopicName topic = in.topic();
        String text = in.text(title, ClientFrame.PutRoom.MAX_TITLE_LENGTH);
        Map<String, String> wanted = in.strings(policy);
        return topic == null || in.hasFault() ? in.malformed(id) : new ClientFrame.PutRoom(id, topic, text, wanted);
    }

    private static ClientFrame deleteRoom(NativeDecoder in, byte @Nullable [] id) {
        TopicName topic = in.topic();
        return topic == null || in.hasFault() ? in.malformed(id) : new ClientFrame.DeleteRoom(id, topic);
    }

    private ClientFrame redact(NativeDecoder in, byte @Nullable [] id) {
        TopicName topic = in.topic();
        long which = in.integer(offset, Query.NOT_GIVEN);
        if (which == Query.NOT_GIVEN) {
            in.blame("a redact wants a member \"offset\"");
        }
        return topic == null || in.hasFault() ? in.malformed(id) : new ClientFrame.Redact(id, topic, which);
    }
}
