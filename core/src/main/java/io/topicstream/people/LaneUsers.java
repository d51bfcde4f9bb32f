package io.topicstream.people;

import io.topicstream.log.Backoff;
import io.topicstream.log.Deadlines;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Following;
import io.topicstream.topic.Audience;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The users with a connection on one lane, so that what is said to a user reaches all of its connections.
/// Owned by the lane's thread.
///
/// For each of them the lane follows the user's hints: a durable subscription was added or removed, on
/// whatever node.
public final class LaneUsers {
    final Memberships memberships;
    final PresencePolicies policies;
    final Following.Source source;
    final Deadlines deadlines;
    final Audience audience;
    private final Map<String, LaneUser> users = new HashMap<>();

    /// @param source of what the lane follows
    /// @param deadlines of the lane's thread
    public LaneUsers(
            Memberships memberships,
            PresencePolicies policies,
            Following.Source source,
            Deadlines deadlines,
            Audience audience) {
        this.memberships = memberships;
        this.policies = policies;
        this.source = source;
        this.deadlines = deadlines;
        this.audience = audience;
    }

    /// Runs the task after a wait that grows with the failures in a row.
    void later(int failures, Runnable task) {
        source.timers().schedule(task, Backoff.delayMs(failures, source.random()));
    }

    /// Adds a connection of the user.
    ///
    /// @param heard run when hints for the user are heard: a list of its topics that is read from then on
    ///     misses no change
    public void add(String name, UserConnection connection, Runnable heard) {
        LaneUser user = users.get(name);
        boolean fresh = user == null;
        if (user == null) {
            user = new LaneUser(this, name);
            users.put(name, user);
        }
        user.add(connection);
        user.whenFollowed(heard);
        if (fresh) {
            user.begin();
        }
    }

    /// Takes back what was to be run when hints are heard.
    public void forget(UserConnection connection, Runnable heard) {
        LaneUser user = userOf(connection);
        if (user != null) {
            user.forget(heard);
        }
    }

    /// Removes a connection that has ended.
    public void remove(UserConnection connection) {
        LaneUser user = userOf(connection);
        if (user != null && user.remove(connection) && user.isEmpty()) {
            users.remove(user.id());
            user.end();
        }
    }

    /// A change of the user's durable subscriptions through this connection has taken effect, or was refused:
    /// what the store said of the topic before may no longer hold.
    public void changed(UserConnection connection, TopicName topic) {
        LaneUser user = userOf(connection);
        if (user != null) {
            user.changed(topic);
        }
    }

    /// The connection decides itself whether it is in this topic of the user's.
    public void leavesAlone(UserConnection connection, TopicName topic) {
        LaneUser user = userOf(connection);
        if (user != null) {
            user.leavesAlone(connection, topic);
        }
    }

    /// The connection left a topic that stays its user's: it is not to be put back by itself.
    public void leftAlone(UserConnection connection, TopicName topic) {
        LaneUser user = userOf(connection);
        if (user != null) {
            user.leftAlone(connection, topic);
        }
    }

    /// All connections of users, as they are now.
    List<UserConnection> connections() {
        List<UserConnection> all = new ArrayList<>();
        for (LaneUser user : users.values()) {
            all.addAll(user.connections());
        }
        return all;
    }

    private @Nullable LaneUser userOf(UserConnection connection) {
        String name = connection.identity().user();
        return name == null ? null : users.get(name);
    }
}
