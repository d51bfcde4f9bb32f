package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.TopicName;
import io.topicstream.people.RoomRecord;
import io.topicstream.people.RoomTopic;
import io.topicstream.people.Rooms;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import java.util.concurrent.CompletionStage;

/// Makes a room, which is then the caller's, or changes what is kept of one. Thread-safe.
///
/// To make one the caller may publish to its topic. To change one it is the caller's, or he has `admin` there.
final class PutRoomCommand {
    private final Rooms rooms;

    PutRoomCommand(Rooms rooms) {
        this.rooms = rooms;
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
        return Result.then(
                Result.of(rooms.put(topic, user, title, isAdministrator), topic), outcome -> switch (outcome) {
                    case Rooms.Outcome.Put(RoomRecord room) ->
                        new Result.Success<>(
                                new ServerFrame.RoomPut(frame.id(), topic, room.title(), room.owner(), room.created()));
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

    private static CompletionStage<Result<ServerFrame.RoomPut>> refuse(TopicName topic, ErrorCode code, String reason) {
        return Result.refused(new Refusal(code, reason, topic));
    }
}
