package io.topicstream.session;

import io.topicstream.access.Identity;
import io.topicstream.command.Commands;
import io.topicstream.command.Result;
import io.topicstream.people.Names;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ServerFrame;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The display name that a session has claimed, which stands in its record: what becomes of the record when a
/// claim is answered, and when the name is given back. For the session's thread.
public final class ClaimedName {
    /// The attribute of a session that has claimed a name.
    private static final String ATTRIBUTE = "claimed_name";

    private ClaimedName() {}

    /// The record once the name is the session's; the one that it had before is given back.
    static SessionRecord taken(SessionRecord before, String name, Commands commands) {
        String other = before.attribute(ATTRIBUTE);
        if (other != null && !isSame(other, name)) {
            commands.giveBackName(other, before.connectionId());
        }
        return before.with(before.identity().named(name))
                .with(before.attributes().with(ATTRIBUTE, name));
    }

    /// The name that the session has claimed, or null.
    static @Nullable String of(SessionRecord record) {
        return record.attribute(ATTRIBUTE);
    }

    /// The record once somebody else has the name that was the session's.
    static SessionRecord lost(SessionRecord before) {
        return before.with(before.identity().named(null))
                .with(before.attributes().without(ATTRIBUTE));
    }

    /// Who the session's client is by new credentials: under the name that it has claimed, if it has one.
    static Identity renewed(SessionRecord before, Identity who) {
        String name = before.attribute(ATTRIBUTE);
        return name == null ? who : who.named(name);
    }

    /// The session has ended, or a claim was answered when it had: what it has claimed is given back.
    public static void ended(SessionRecord record, Commands commands) {
        String name = record.attribute(ATTRIBUTE);
        if (name != null) {
            commands.giveBackName(name, record.connectionId());
        }
    }

    /// A request was refused. If it was a claim that came too late, it is given back when it comes.
    static void refused(
            ClientFrame.Request request,
            CompletionStage<Result<ServerFrame.Reply>> asked,
            SessionRecord record,
            Commands commands) {
        if (request instanceof ClientFrame.Name claim && !isSame(record.attribute(ATTRIBUTE), claim.name())) {
            var _ = asked.thenAccept(late -> {
                if (late instanceof Result.Success<ServerFrame.Reply>) {
                    commands.giveBackName(claim.name(), record.connectionId());
                }
            });
        }
    }

    static boolean isSame(@Nullable String one, String other) {
        return one != null && Names.compared(one).equals(Names.compared(other));
    }
}
