package io.topicstream.session;

import io.topicstream.access.Credentials;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.command.AuthenticateCommand;
import io.topicstream.command.Refusal;
import io.topicstream.command.Result;
import io.topicstream.log.TopicName;
import io.topicstream.people.Attendances;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.topic.Listener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a session takes new credentials of its user: what runs goes on under the new ones, without a gap, and what they
/// do not permit ends. One per frame. Owned by the session's thread.
final class Renewing {
    private final Session session;
    private final Node node;
    private final Sessions sessions;
    private final Outbound outbound;

    Renewing(Session session, Node node, Sessions sessions, Outbound outbound) {
        this.session = session;
        this.node = node;
        this.sessions = sessions;
        this.outbound = outbound;
    }

    void authenticate(ClientFrame.Authenticate authenticate) {
        session.renews();
        Credentials credentials = Credentials.ofFrame(
                session.record().address(), "/" + session.record().stage(), authenticate.token());
        Result.await(
                session.deadlines(), node.commands().authenticate(session, authenticate, credentials), null, result -> {
                    if (!session.isEnded()) {
                        onAuthenticated(authenticate.id(), result);
                    }
                });
    }

    private void onAuthenticated(byte @Nullable [] id, Result<AuthenticateCommand.Outcome> result) {
        switch (result) {
            case Result.Success<AuthenticateCommand.Outcome>(AuthenticateCommand.Outcome.Renewed(Identity shown)) -> {
                // They may have ended between the check and their being this connection's.
                if (!session.takesOver(shown) || !isStillInItsRoom(shown)) {
                    return;
                }
                leaveWhatIsForbidden(shown);
                Attendances.renew(sessions.audience(), session.listener(), shown);
                node.presence().renamed(session.record().present());
                session.answer(new ServerFrame.Authenticated(id, shown.user(), Greeting.expiresAt(shown)));
            }
            case Result.Success<AuthenticateCommand.Outcome>(AuthenticateCommand.Outcome.AnotherUser()) -> {
                outbound.close(ErrorCode.FORBIDDEN.closeCode(), "these credentials are another user's");
                return;
            }
            case Result.Refused<AuthenticateCommand.Outcome>(Refusal refusal) -> session.answer(refusal.frame(id));
        }
        session.renewed();
    }

    /// A conversation in a room is nothing without it.
    private boolean isStillInItsRoom(Identity shown) {
        TopicName room = session.record().room();
        if (room == null || shown.may(Permission.SUBSCRIBE, room)) {
            return true;
        }
        outbound.close(ErrorCode.FORBIDDEN.closeCode(), "these credentials do not permit the room of this connection");
        return false;
    }

    /// The client is told of each subscription that ends, before it is told that its credentials are taken.
    private void leaveWhatIsForbidden(Identity shown) {
        Listener listener = session.listener();
        for (TopicName topic : List.copyOf(listener.topics())) {
            if (!shown.may(Permission.SUBSCRIBE, topic)) {
                sessions.audience().leave(listener, topic);
                session.answer(new ServerFrame.Error(
                        null,
                        ErrorCode.FORBIDDEN,
                        "these credentials do not permit to listen to this topic; the subscription has ended",
                        topic,
                        null));
            }
        }
    }
}
