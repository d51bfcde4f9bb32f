package io.topicstream.aws.audience;

import static io.topicstream.aws.audience.Waits.await;

import io.topicstream.access.DirectTopic;
import io.topicstream.access.EndedRights;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.access.RightsChange;
import io.topicstream.aws.audience.Connection.Phase;
import io.topicstream.log.Admission;
import io.topicstream.log.Extent;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicName;
import io.topicstream.people.Attendances;
import io.topicstream.people.Membership;
import io.topicstream.people.Memberships;
import io.topicstream.people.PresencePolicies;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.session.SessionRecord;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.topic.Attendance;
import io.topicstream.topic.JoinReply;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What live nodes would tell each other by signals. No node lives here: it is done at once, by the call that would
/// have told it. What clients are told goes to the audience. Thread-safe.
final class Hints implements Signals {
    /// How often it is looked whether a connection has been greeted.
    private static final Duration LOOK = Duration.ofMillis(200);

    private final Runs runs;
    private final Later later;
    private final FanOut fanOut;
    private final AudienceRows rows;
    private final ConnectionRows connections;
    private final RowAudience audience;
    private final PresencePolicies policies;
    private final Memberships memberships;
    private final EndedRights rights;
    private final Ends ends;
    private final Function<ConnectionRows.Row, FrameRun> restored;

    /// @param restored makes a connection's session anew
    Hints(
            Runs runs,
            Later later,
            FanOut fanOut,
            AudienceRows rows,
            ConnectionRows connections,
            RowAudience audience,
            PresencePolicies policies,
            Memberships memberships,
            EndedRights rights,
            Ends ends,
            Function<ConnectionRows.Row, FrameRun> restored) {
        this.runs = runs;
        this.later = later;
        this.fanOut = fanOut;
        this.rows = rows;
        this.connections = connections;
        this.audience = audience;
        this.policies = policies;
        this.memberships = memberships;
        this.rights = rights;
        this.ends = ends;
        this.restored = restored;
    }

    @Override
    public Admission signal(TopicName topic, byte[] signal) {
        switch (Signal.decode(signal)) {
            // The one that has changed something knows it, and the others look before each call.
            case Signal.Revoked _, Signal.RightsChanged _ -> {}
            case Signal.MembershipChanged(TopicName changed) -> {
                String user = SystemTopics.userOf(topic);
                if (user != null) {
                    runs.begin(() -> onMembership(user, changed));
                }
            }
            case Signal.RoomChanged(TopicName room) -> runs.begin(() -> onRoomChanged(room));
            case Signal.Said _, Signal.Presence _, Signal.Notice _, Signal.Receipt _, Signal.Redacted _ ->
                fanOut.enqueueSignal(topic, signal);
            // Nothing listens for a node here: the gateway itself reaches every connection.
            case Signal.ForConnection _, Signal.OfConnection _, Signal.MembersChanged _ -> {}
            case null -> throw new IllegalArgumentException("a signal that nobody knows");
        }
        return Admission.ACCEPTED;
    }

    // ---- rooms

    /// Those who listen to the room are seen there as its owner has said since.
    private void onRoomChanged(TopicName room) {
        PresencePolicy policy = await(policies.of(room));
        for (AudienceRows.Row listening : rows.all(room)) {
            ConnectionRows.Row row = connections.load(listening.connectionId());
            if (row != null && row.connection().phase() == Phase.OPEN) {
                Identity who = row.connection().session().identity();
                audience.attend(new RowListener(row, connections), room, Attendances.of(policy, who, room, null));
            }
        }
    }

    /// Those who listen to the room do so no longer, and are told.
    private void onRoomDeleted(TopicName room) {
        for (AudienceRows.Row listening : rows.all(room)) {
            ConnectionRows.Row row = connections.load(listening.connectionId());
            if (row != null && row.connection().phase() == Phase.OPEN) {
                FrameRun run = restored.apply(row);
                run.run(session -> session.onRoomDeleted(room));
                if (run.isGone()) {
                    ends.end(listening.connectionId());
                }
            }
        }
    }

    // ---- rights

    /// Somebody's rights have changed: connections that have lost theirs end.
    void onRightsChanged(RightsChange change) {
        List<String> concerned = switch (change) {
            case RightsChange.OfCredential(String id) -> connections.ofCredential(id);
            case RightsChange.OfUser(String user) -> connections.ofUser(user);
            case RightsChange.SignedOut(String user) -> connections.ofUser(user);
            case RightsChange.OfRoom(TopicName room) -> {
                onRoomDeleted(room);
                yield List.of();
            }
            case RightsChange.Any() -> List.of();
        };
        for (String connectionId : concerned) {
            ConnectionRows.Row row = connections.load(connectionId);
            if (row != null) {
                SessionRecord session = row.connection().session();
                var _ = ends.closes(session, rights.endBy(change, session.identity()));
            }
        }
    }

    // ---- memberships

    /// A durable subscription of the user was added or removed: all of its connections follow. Runs may
    /// cross, so each looks again after it changed something, and the last one to look sees the truth.
    private void onMembership(String user, TopicName topic) {
        for (String connectionId : connections.ofUser(user)) {
            ConnectionRows.Row row = connections.load(connectionId);
            if (row != null) {
                follow(user, topic, new RowListener(row, connections));
            }
        }
    }

    private void follow(String user, TopicName topic, RowListener listener) {
        SessionRecord session = listener.connection().session();
        Identity who = session.identity();
        // Who joins itself what is the user's cannot join a chat that it was not told of.
        boolean joins = session.attribute(FrontDoor.JOINS) == null || DirectTopic.orNull(topic) != null;
        while (listener.connection().phase() != Phase.ENDED && listener.format().joins(topic)) {
            Membership membership = await(memberships.find(user, topic));
            boolean member = membership != null;
            if (member == listener.listensTo(topic) || (member && !(joins && who.may(Permission.SUBSCRIBE, topic)))) {
                return;
            }
            if (membership != null) {
                audience.joinFirst(listener, topic, membership.start(), new WhenGreeted(listener));
            } else {
                audience.leave(listener, topic);
            }
        }
    }

    /// A join that nobody asked for on this connection: it begins at once, or later where the client has not been
    /// greeted.
    private final class WhenGreeted implements JoinReply {
        private final RowListener listener;

        WhenGreeted(RowListener listener) {
            this.listener = listener;
        }

        @Override
        public void onJoined(TopicName topic, Extent extent, long commonOffset, boolean truncated, Runnable begin) {
            ConnectionRows.Row row = connections.load(listener.connectionId());
            Task.Place place = row == null ? null : audience.place(listener, topic);
            if (row == null || place == null) {
                begin.run();
            } else {
                begin(row, place);
            }
        }

        @Override
        public void onJoinFailed(TopicName topic, @Nullable Throwable cause) {
            if (cause != null) {
                throw new IllegalStateException("a durable subscription was not joined", cause);
            }
        }
    }

    /// Lets the messages come of a place that was given to a connection, when it has been greeted.
    void begin(String connectionId, Task.Place place) {
        ConnectionRows.Row row = connections.load(connectionId);
        if (row != null) {
            begin(row, place);
        }
    }

    private void begin(ConnectionRows.Row row, Task.Place place) {
        Connection connection = row.connection();
        switch (connection.phase()) {
            case OPEN -> {
                audience.beginAll(connection.session(), List.of(place));
                attend(new RowListener(row, connections), place.topic());
            }
            case CONNECTING -> later.call(new Task.Begin(connection.id(), place), LOOK);
            case ENDED -> {}
        }
    }

    /// A connection is seen in a topic of its user's as the topic's policy says.
    void attend(RowListener listener, TopicName topic) {
        Identity who = listener.connection().session().identity();
        Attendance attendance = Attendances.of(await(policies.of(topic)), who, topic, null);
        if (attendance != Attendance.NONE) {
            audience.attend(listener, topic, attendance);
        }
    }
}
