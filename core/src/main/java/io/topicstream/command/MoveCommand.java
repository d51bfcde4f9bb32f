package io.topicstream.command;

import io.topicstream.access.Permission;
import io.topicstream.access.Speaker;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicName;
import io.topicstream.people.Attendances;
import io.topicstream.people.Notices;
import io.topicstream.people.PresencePolicies;
import io.topicstream.people.RoomTopic;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.From;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.topic.JoinReply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Takes a connection from the room that it is in to another one, and tells both. It joins before it leaves, so
/// that it is always in one. Which room it is in afterwards is the caller's to remember.
final class MoveCommand {
    private final Notices notices;
    private final PresencePolicies policies;

    MoveCommand(Notices notices, PresencePolicies policies) {
        this.notices = notices;
        this.policies = policies;
    }

    /// Runs it, on the caller's thread.
    CompletionStage<Result<ServerFrame.Reply>> run(LiveCaller caller, ClientFrame.Move move) {
        Speaker who = caller.speaker();
        String before = who.attribute(Speaker.ROOM);
        TopicName left = before == null ? null : RoomTopic.of(before);
        TopicName room = RoomTopic.of(move.room());
        if (before == null || left == null) {
            return Result.refused(new Refusal(ErrorCode.FORBIDDEN, "this connection is in no room", null));
        }
        if (move.onlyFrom() != null && !move.onlyFrom().equals(before)) {
            return Result.success(new ServerFrame.Moved(move.id(), before));
        }
        if (room == null) {
            return Result.refused(new Refusal(ErrorCode.BAD_TOPIC, "the id of the room is too long", null));
        }
        if (!who.identity().may(Permission.SUBSCRIBE, room)) {
            return Result.refused(Refusal.forbidden("subscribe to", room));
        }
        ServerFrame.Reply moved = new ServerFrame.Moved(move.id(), move.room());
        if (room.equals(left)) {
            notices.tell(room, who, !move.isLeaving(), true);
            return Result.success(moved);
        }
        CompletableFuture<Result<ServerFrame.Reply>> answer = new CompletableFuture<>();
        caller.audience().join(caller.listener(), room, From.NEW, new JoinReply() {
            @Override
            public void onJoined(
                    TopicName joined, Extent extent, long commonOffset, boolean truncated, Runnable begin) {
                caller.deadlines().within(policies.of(room), (policy, _) -> onPolicy(policy, begin));
            }

            private void onPolicy(@Nullable PresencePolicy policy, Runnable begin) {
                if (policy == null || !caller.listener().listensTo(room)) {
                    // The store does not answer, or the connection ended meanwhile.
                    caller.audience().leave(caller.listener(), room);
                    answer.complete(new Result.Refused<>(Refusal.unavailable(room)));
                    return;
                }
                caller.audience().attend(caller.listener(), room, Attendances.of(policy, who.identity(), room, null));
                begin.run();
                caller.audience().leave(caller.listener(), left);
                notices.tell(left, who, false, true);
                caller.audience().whenHearing(caller.listener(), room, () -> {
                    if (!move.isLeaving()) {
                        notices.tell(room, who, true, true);
                    }
                    answer.complete(new Result.Success<>(moved));
                });
            }

            @Override
            public void onJoinFailed(TopicName failed, @Nullable Throwable cause) {
                answer.complete(new Result.Refused<>(Refusal.unavailable(room)));
            }
        });
        return answer;
    }
}
