package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.TopicName;
import io.topicstream.people.RoomRecord;
import io.topicstream.people.RoomTopic;
import io.topicstream.people.Rooms;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Makes a room, which is then the caller's, or changes what is kept of one. Thread-safe.
///
/// To make one the caller may publish to its topic. To change one it is the caller's, or he has `admin` there. Where
/// presence is configured to be off, no room has it.
final class PutRoomCommand {
    private static final String PRESENCE = "presence";

    private final Rooms rooms;
    private final TopicPolicies configured;

    PutRoomCommand(Rooms rooms, TopicPolicies configured) {
        this.rooms = rooms;
        this.configured = configured;
    }

    /// The room's own policy of who is in it as it is written, or null where it has none.
    static @Nullable String presence(RoomRecord room) {
        PresencePolicy presence = room.presence();
        return presence == null ? null : presence.wireName();
    }

    /// The room as it is kept now, or why not.
    CompletionStage<Result<ServerFrame.RoomPut>> run(Caller caller, ClientFrame.PutRoom frame) {
        TopicName topic = frame.topic();
        Identity who = caller.identity();
        String user = who.user();
        boolean isAdministrator = who.may(Permission.ADMIN, topic);
        if (!Rooms.isRoom(topic)) {
            return refuse(topic, ErrorCode.BAD_TOPIC, "a room is a topic whose name begins with " + RoomTopic.PREFIX);
        }
        if (!isAdministrator && !who.may(Permission.PUBLISH, topic)) {
            return Result.refused(Refusal.forbidden("make a room of", topic));
        }
        if (user == null) {
            return refuse(topic, ErrorCode.FORBIDDEN, "a room belongs to a user; this connection has no user id");
        }
        String title = frame.title();
        if (title != null && title.codePoints().anyMatch(Character::isISOControl)) {
            return refuse(topic, ErrorCode.BAD_FRAME, "a title has no control characters");
        }
        Refusal refusal = refusal(topic, frame.policy());
        if (refusal != null) {
            return Result.refused(refusal);
        }
        String presence = frame.policy() == null ? null : frame.policy().get(PRESENCE);
        Rooms.Change change =
                new Rooms.Change(title, frame.policy() != null, presence == null ? null : PresencePolicy.of(presence));
        return Result.then(
                Result.of(rooms.put(topic, user, change, isAdministrator), topic), outcome -> switch (outcome) {
                    case Rooms.Outcome.Put(RoomRecord room) ->
                        new Result.Success<>(new ServerFrame.RoomPut(
                                frame.id(), topic, room.title(), room.owner(), room.created(), presence(room)));
                    case Rooms.Outcome.Not.OWNED ->
                        new Result.Refused<>(new Refusal(ErrorCode.FORBIDDEN, "this room is somebody else's", topic));
                    case Rooms.Outcome.Not.TOO_MANY ->
                        new Result.Refused<>(new Refusal(
                                ErrorCode.LIMIT_EXCEEDED,
                                "a user owns at most " + Rooms.MAX_PER_OWNER + " rooms",
                                topic));
                    case Rooms.Outcome.Not.CONTENDED ->
                        new Result.Refused<>(new Refusal(
                                ErrorCode.OVERLOADED, "too many change this room at once; come again", topic));
                });
    }

    /// Why a room cannot have this policy, or null where it can.
    private @Nullable Refusal refusal(TopicName topic, @Nullable Map<String, String> policy) {
        if (policy == null) {
            return null;
        }
        for (String member : policy.keySet()) {
            if (!member.equals(PRESENCE)) {
                return new Refusal(
                        ErrorCode.BAD_FRAME,
                        "the policy of a room has no member \"" + member + "\"; there is \"" + PRESENCE + "\"",
                        topic);
            }
        }
        String presence = policy.get(PRESENCE);
        if (presence == null) {
            return null;
        }
        PresencePolicy wanted = PresencePolicy.of(presence);
        if (wanted == null) {
            return new Refusal(
                    ErrorCode.BAD_FRAME,
                    "the presence of a room is one of " + PresencePolicy.wireNames() + ", not \"" + presence + "\"",
                    topic);
        }
        return wanted != PresencePolicy.OFF && configured.of(topic).presence() == PresencePolicy.OFF
                ? new Refusal(ErrorCode.FORBIDDEN, "this server keeps of no room of this name who is in it", topic)
                : null;
    }

    private static CompletionStage<Result<ServerFrame.RoomPut>> refuse(TopicName topic, ErrorCode code, String reason) {
        return Result.refused(new Refusal(code, reason, topic));
    }
}
