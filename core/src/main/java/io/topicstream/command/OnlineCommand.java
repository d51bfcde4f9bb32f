package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.people.Presence;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import java.util.concurrent.CompletionStage;

/// Tells which users are online, which is for those who may see who is in every topic. Thread-safe.
final class OnlineCommand {
    private final Presence presence;

    OnlineCommand(Presence presence) {
        this.presence = presence;
    }

    CompletionStage<Result<Query.OnlineList>> run(Caller caller, Query.Online query) {
        if (!caller.identity().mayEverywhere(Permission.PRESENCE)) {
            return Result.refused(new Refusal(
                    ErrorCode.FORBIDDEN,
                    "not allowed to see who is online: that takes the permission presence on every topic",
                    null));
        }
        if (!query.users().stream().allMatch(Identity::isValidId)) {
            return Result.refused(new Refusal(ErrorCode.BAD_FRAME, "\"users\" has one that is no user's id", null));
        }
        return Result.of(
                presence.online(query.users()).thenApply(users -> new Query.OnlineList(query.id(), users)), null);
    }
}
