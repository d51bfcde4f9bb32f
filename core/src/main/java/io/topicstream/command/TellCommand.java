package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.people.Presence;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;

/// Sends a message to one user if the user is online, found by the id that is shown for it: one who showed who he is
/// before a guest who calls himself the same. Thread-safe.
final class TellCommand {
    private final Presence presence;
    private final BiFunction<Caller, ClientFrame.Send, CompletionStage<Result<ServerFrame.Reply>>> send;

    /// @param send sends to a user, online or not
    TellCommand(
            Presence presence, BiFunction<Caller, ClientFrame.Send, CompletionStage<Result<ServerFrame.Reply>>> send) {
        this.presence = presence;
        this.send = send;
    }

    CompletionStage<Result<ServerFrame.Reply>> run(Caller caller, ClientFrame.Tell tell) {
        return Result.of(presence.online(usersCalled(tell.to())), null).thenCompose(found -> switch (found) {
            case Result.Success<List<Query.OnlineUser>>(List<Query.OnlineUser> users) ->
                users.stream()
                        .filter(Query.OnlineUser::online)
                        .findFirst()
                        .map(user -> send.apply(caller, sending(caller, tell, user.user())))
                        .orElseGet(
                                () -> Result.refused(new Refusal(ErrorCode.NOT_FOUND, "the user is not online", null)));
            case Result.Refused<List<Query.OnlineUser>>(Refusal refusal) -> Result.refused(refusal);
        });
    }

    /// Those who are one with the sender do not get it, unless it is for them.
    private static ClientFrame.Send sending(Caller caller, ClientFrame.Tell tell, String user) {
        String origin = caller.origin();
        return origin == null || user.equals(caller.identity().user())
                ? new ClientFrame.Send(tell.id(), user, tell.draft())
                : new ClientFrame.Send(tell.id(), user, tell.draft().withheldFrom(origin));
    }

    /// Whom the id may mean, in the order in which they are tried.
    private static List<String> usersCalled(String id) {
        List<String> users = new ArrayList<>(2);
        boolean guest = id.startsWith(Identity.GUEST_PREFIX)
                && Identity.isValidClaim(id.substring(Identity.GUEST_PREFIX.length()));
        if (guest || Identity.isValidUser(id)) {
            users.add(id);
        }
        users.add(Identity.GUEST_PREFIX + Identity.claimFor(id));
        return users;
    }
}
