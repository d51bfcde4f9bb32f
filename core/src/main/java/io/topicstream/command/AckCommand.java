package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.people.Acks;
import io.topicstream.people.Progress;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import java.util.concurrent.CompletionStage;

/// Takes how far a user has come in a topic. It belongs to the user, so all devices move the same two offsets,
/// and only up. Thread-safe.
final class AckCommand {
    private final Acks acks;

    AckCommand(Acks acks) {
        this.acks = acks;
    }

    /// Takes it for somebody. Where the frame has an id the result comes when it is stored.
    CompletionStage<Result<ServerFrame.Done>> run(Caller caller, ClientFrame.Ack ack) {
        Identity who = caller.identity();
        String user = who.user();
        if (user == null) {
            return Result.refused(
                    new Refusal(ErrorCode.FORBIDDEN, "receipts belong to a user; say who you are", ack.topic()));
        }
        if (!who.may(Permission.SUBSCRIBE, ack.topic()) && !who.may(Permission.READ, ack.topic())) {
            return Result.refused(Refusal.forbidden("receive from", ack.topic()));
        }
        return acks.take(user, ack.topic(), new Progress(ack.delivered(), ack.read()), ack.id() != null)
                .handle((taken, _) -> switch (taken) {
                    case TAKEN -> new Result.Success<>(new ServerFrame.Done(ack.id()));
                    case NO_ROOM ->
                        new Result.Refused<>(new Refusal(
                                ErrorCode.OVERLOADED,
                                "too many receipts wait to be stored; send it again later",
                                ack.topic()));
                    case null -> new Result.Refused<>(Refusal.unavailable(ack.topic()));
                });
    }
}
