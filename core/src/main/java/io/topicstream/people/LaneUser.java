package io.topicstream.people;

import io.topicstream.access.DirectTopic;
import io.topicstream.access.Permission;
import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Following;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.topic.JoinReply;
import io.topicstream.topic.Listener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One user's connections on this lane, and the ear on its hints. Owned by the lane's thread.
///
/// A hint names a topic to look up; look-ups of one user run one after the other, so that the last one sees
/// the truth and wins. An answer that may be older than a change through this very lane is not believed: the
/// topic is looked up again. So is one that did not come. While the change is under way, what is of before it
/// does not touch the connection that makes it.
///
/// A connection that joins its user's topics itself is put into a chat that becomes the user's while it is open: its
/// client was not told of it, and could not join what it does not know.
///
/// Hints may be lost. When the feed was, the user's durable subscriptions are read anew, and each topic in
/// which they differ from what is joined is looked up.
final class LaneUser extends Following {
    private final String id;
    private final LaneUsers lane;
    private final List<UserConnection> connections = new ArrayList<>(1);
    /// Connections that decide themselves which of the user's topics they are in, and those topics: a
    /// manual one, and one that left some alone. Made when first needed.
    private @Nullable Map<UserConnection, Map<TopicName, Left>> apart;
    /// What is to be looked up, and whether because of a hint (or else of a loss). Made when first needed.
    private @Nullable Map<TopicName, Boolean> hints;
    /// The topic that is being looked up.
    private @Nullable TopicName lookedUp;
    /// Whether a connection of this lane has changed meanwhile what is looked up.
    private boolean isOvertaken;

    private boolean everFollowed;
    private int failures;
    private int failedJoins;

    LaneUser(LaneUsers lane, String id) {
        super(lane.source, SystemTopics.ofUser(id));
        this.lane = lane;
        this.id = id;
    }

    String id() {
        return id;
    }

    /// The user's connections on this lane.
    List<UserConnection> connections() {
        return connections;
    }

    boolean isEmpty() {
        return connections.isEmpty();
    }

    void add(UserConnection connection) {
        connections.add(connection);
    }

    /// Whether it was one of them.
    boolean remove(UserConnection connection) {
        if (!connections.remove(connection)) {
            return false;
        }
        if (apart != null && apart.remove(connection) != null && apart.isEmpty()) {
            apart = null;
        }
        return true;
    }

    /// The connection is not put into this topic of the user's by itself.
    void leavesAlone(UserConnection connection, TopicName topic) {
        dealsItself(connection).put(topic, new Left());
    }

    /// The connection has left a topic that stays the user's.
    void leftAlone(UserConnection connection, TopicName topic) {
        leavesAlone(connection, topic);
        // So that a later hint is known for one of what has been.
        note(topic, false);
        lookUpNext();
    }

    /// What is being looked up of the topic may be of before a change through this lane.
    void changed(TopicName topic) {
        if (topic.equals(lookedUp)) {
            isOvertaken = true;
        }
    }

    private Map<TopicName, Left> dealsItself(UserConnection connection) {
        if (apart == null) {
            apart = new HashMap<>();
        }
        return apart.computeIfAbsent(connection, _ -> new HashMap<>());
    }

    private void leftNoMore(UserConnection connection, TopicName topic) {
        Map<TopicName, Left> own = apart == null ? null : apart.get(connection);
        if (own != null) {
            own.remove(topic);
        }
    }

    private Map<TopicName, Left> apart(UserConnection connection) {
        return apart == null ? Map.of() : apart.getOrDefault(connection, Map.of());
    }

    @Override
    protected void onFollowing(Extent extent) {
        if (everFollowed) {
            compare();
        }
        everFollowed = true;
    }

    @Override
    public void onCommitted(Batch batch) {
        // Nothing is kept on a topic of hints.
    }

    @Override
    public void onSignal(byte[] signal) {
        if (Signal.decode(signal) instanceof Signal.MembershipChanged(TopicName topic) && !connections.isEmpty()) {
            note(topic, true);
            lookUpNext();
        }
    }

    /// Hints may have been missed: looks up again wherever what is stored is not what is joined.
    private void compare() {
        lane.deadlines.within(lane.memberships.list(id), (topics, failure) -> {
            if (connections.isEmpty() || !isFollowed()) {
                // Nobody is left, or it is read again when the feed is followed again.
                return;
            }
            if (topics == null) {
                failures++;
                lane.later(failures, this::compare);
                return;
            }
            failures = 0;
            Set<TopicName> stored = new HashSet<>(topics);
            for (UserConnection connection : connections) {
                compare(connection, stored);
            }
            lookUpNext();
        });
    }

    private void compare(UserConnection connection, Set<TopicName> stored) {
        Set<TopicName> own = apart(connection).keySet();
        Set<TopicName> joined = new HashSet<>(connection.listener().topics());
        for (TopicName topic : connection.listener().memberships()) {
            if (!stored.contains(topic)) {
                note(topic, false);
            }
        }
        for (TopicName topic : own) {
            if (!stored.contains(topic) && joined.contains(topic)) {
                note(topic, false);
            }
        }
        for (TopicName topic : stored) {
            if (isJoinedTo(connection, topic) && !joined.contains(topic) && !own.contains(topic)) {
                note(topic, false);
            }
        }
    }

    /// Whether the connection is put into a topic that becomes the user's.
    private static boolean isJoinedTo(UserConnection connection, TopicName topic) {
        return connection.takes(topic)
                && (connection.joinsDurable() || topic.value().startsWith(DirectTopic.PREFIX));
    }

    private void note(TopicName topic, boolean hinted) {
        if (hints == null) {
            hints = new LinkedHashMap<>();
        }
        hints.merge(topic, hinted, Boolean::logicalOr);
    }

    private void lookUpNext() {
        if (lookedUp != null || hints == null || hints.isEmpty()) {
            return;
        }
        Map.Entry<TopicName, Boolean> first = hints.entrySet().iterator().next();
        TopicName topic = first.getKey();
        boolean hinted = first.getValue();
        hints.remove(topic);
        lookedUp = topic;
        isOvertaken = false;
        lane.deadlines.within(lane.memberships.find(id, topic), (membership, failure) -> {
            if (failure != null) {
                note(topic, hinted);
                failures++;
                lane.later(failures, () -> {
                    lookedUp = null;
                    lookUpNext();
                });
                return;
            }
            failures = 0;
            lookedUp = null;
            if (isOvertaken) {
                note(topic, hinted);
            } else if (membership != null) {
                joinAll(topic, membership);
            } else {
                leaveAll(topic, hinted);
            }
            lookUpNext();
        });
    }

    private void joinAll(TopicName topic, Membership membership) {
        for (UserConnection connection : List.copyOf(connections)) {
            Listener listener = connection.listener();
            Left left = apart(connection).get(topic);
            boolean anew = left == null || left.isSubscribedAnew(membership);
            // One that is just unsubscribing is not put back by what held before.
            if (isJoinedTo(connection, topic)
                    && !connection.isUnsubscribingDurably(topic)
                    && !listener.listensTo(topic)
                    && anew
                    && connection.identity().may(Permission.SUBSCRIBE, topic)) {
                leftNoMore(connection, topic);
                lane.audience.join(listener, topic, membership.start(), new ByHint(connection));
                listener.markMembership(topic);
            }
        }
    }

    private void leaveAll(TopicName topic, boolean hinted) {
        for (UserConnection connection : List.copyOf(connections)) {
            boolean own = apart(connection).containsKey(topic);
            // One that is just subscribing has a hint of its own coming. What was said in so many words ends
            // every subscription of the user; what is only missing, those that came of it.
            if (!connection.isSubscribingDurably(topic)
                    && connection.takes(topic)
                    && (hinted || own || connection.listener().memberships().contains(topic))) {
                lane.audience.leave(connection.listener(), topic);
            }
            leftNoMore(connection, topic);
        }
    }

    /// A topic of the user's that a connection has left alone: it is put back by another membership only.
    private static final class Left {
        private @Nullable Membership alone;

        /// Whether this is not the membership that was left alone, which is the first one found afterwards.
        boolean isSubscribedAnew(Membership found) {
            if (alone == null) {
                alone = found;
            }
            return !found.equals(alone);
        }
    }

    /// A connection joins because another one of its user subscribed: it is told nothing. Where it cannot be
    /// joined now, the topic is looked up again.
    private final class ByHint implements JoinReply {
        private final UserConnection connection;

        ByHint(UserConnection connection) {
            this.connection = connection;
        }

        @Override
        public void onJoined(TopicName topic, Extent extent, long commonOffset, boolean truncated, Runnable begin) {
            failedJoins = 0;
            if (!connection.identity().may(Permission.SUBSCRIBE, topic)) {
                // It showed other credentials meanwhile.
                lane.audience.leave(connection.listener(), topic);
                return;
            }
            begin.run();
            Attendances.attend(lane.policies, lane.deadlines, lane.audience, connection, topic, () -> {});
        }

        @Override
        public void onJoinFailed(TopicName topic, @Nullable Throwable cause) {
            if (connections.contains(connection)) {
                failedJoins++;
                lane.later(failedJoins, () -> {
                    note(topic, false);
                    lookUpNext();
                });
            }
        }
    }
}
