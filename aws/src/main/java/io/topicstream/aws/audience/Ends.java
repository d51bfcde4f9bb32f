package io.topicstream.aws.audience;

import io.topicstream.access.EndedRights;
import io.topicstream.access.RightsEnd;
import io.topicstream.aws.audience.Connection.Phase;
import io.topicstream.command.Commands;
import io.topicstream.log.TopicName;
import io.topicstream.people.Notices;
import io.topicstream.session.ClaimedName;
import io.topicstream.session.SessionRecord;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The ends of connections: what each leaves behind is taken away, by all who hear of it, once. Blocks; thread-safe.
final class Ends {
    private final ConnectionRows connections;
    private final AudienceRows rows;
    private final Callbacks callbacks;
    private final EndedRights rights;
    private final Notices notices;
    private final Notices ofConnections;
    private final RowPresence presence;
    private final Commands commands;

    /// @param notices for rooms in which a connection is seen
    /// @param ofConnections for the one room in which it is
    Ends(
            ConnectionRows connections,
            AudienceRows rows,
            Callbacks callbacks,
            EndedRights rights,
            Notices notices,
            Notices ofConnections,
            RowPresence presence,
            Commands commands) {
        this.connections = connections;
        this.rows = rows;
        this.callbacks = callbacks;
        this.rights = rights;
        this.notices = notices;
        this.ofConnections = ofConnections;
        this.presence = presence;
        this.commands = commands;
    }

    /// Takes away what a connection leaves behind.
    void end(String connectionId) {
        Connection was = connections.end(connectionId);
        if (was == null) {
            return;
        }
        ClaimedName.ended(was.session(), commands);
        TopicName room = was.session().room();
        if (room != null && was.phase() == Phase.OPEN) {
            ofConnections.tell(room, was.session(), false, false);
        }
        was.topics().keySet().forEach(heard -> notices.tellOfListener(heard, was.session(), false));
        List<CompletionStage<?>> all = connections.deleteOthers(was);
        was.topics().forEach((topic, shard) -> all.add(rows.delete(topic, shard, connectionId)));
        String user = was.session().identity().user();
        if (user != null) {
            all.add(presence.seen(user));
        }
        Waits.awaitAll(all);
        presence.closed(was.session().present(), was.topics().keySet());
    }

    /// Closes a connection whose rights have ended.
    ///
    /// @return whether they have
    boolean endsWithoutRights(Connection connection) {
        return closes(connection.session(), rights.endOf(connection.session().identity()));
    }

    /// Closes a connection whose rights have ended.
    boolean closes(SessionRecord session, @Nullable RightsEnd ended) {
        if (ended != null) {
            callbacks.close(session.connectionId(), ended.closeCode(), ended.reason());
        }
        return ended != null;
    }
}
