package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.TopicName;
import io.topicstream.people.RoomDeletions;
import io.topicstream.people.RoomRecord;
import io.topicstream.people.RoomTopic;
import io.topicstream.people.Rooms;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Deletes a room that somebody has made, with all that was said in it. Thread-safe.
///
/// Its owner may, where he showed a credential: anybody may call himself like a guest. And who has `admin` there. That
/// there is no such room is told to those who may read it, and to no others.
final class DeleteRoomCommand {
    private final Rooms rooms;
    private final RoomDeletions deletions;

    DeleteRoomCommand(Rooms rooms, RoomDeletions deletions) {
        this.rooms = rooms;
        this.deletions = deletions;
    }

    /// That it is deleted, or why not.
    CompletionStage<Result<ServerFrame.RoomDeleted>> run(Caller caller, ClientFrame.DeleteRoom frame) {
        TopicName topic = frame.topic();
        if (!Rooms.isRoom(topic)) {
            return Result.refused(new Refusal(
                    ErrorCode.BAD_TOPIC, "a room is a topic whose name begins with " + RoomTopic.PREFIX, topic));
        }
        Identity who = caller.identity();
        return Result.then(
                Result.of(rooms.find(topic).thenCompose(room -> delete(who, topic, room)), topic),
                refusal -> refusal.isPresent()
                        ? new Result.Refused<>(refusal.get())
                        : new Result.Success<>(new ServerFrame.RoomDeleted(frame.id(), topic)));
    }

    /// @return why not
    private CompletionStage<Optional<Refusal>> delete(Identity who, TopicName topic, @Nullable RoomRecord room) {
        Refusal refusal = refusal(who, topic, room);
        return refusal != null || room == null
                ? CompletableFuture.completedFuture(Optional.ofNullable(refusal))
                : deletions.delete(topic, room).thenApply(_ -> Optional.empty());
    }

    private static @Nullable Refusal refusal(Identity who, TopicName topic, @Nullable RoomRecord room) {
        if (room == null) {
            return who.may(Permission.ADMIN, topic) || who.may(Permission.READ, topic)
                    ? new Refusal(ErrorCode.NOT_FOUND, "nobody has made this room", topic)
                    : Refusal.forbidden("delete", topic);
        }
        boolean isOwner =
                who.credential() != Identity.Credential.NONE && room.owner().equals(who.user());
        return isOwner || who.may(Permission.ADMIN, topic) ? null : Refusal.forbidden("delete", topic);
    }
}
