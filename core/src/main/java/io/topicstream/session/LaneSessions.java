package io.topicstream.session;

import io.topicstream.access.Permission;
import io.topicstream.command.Refusal;
import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.From;
import io.topicstream.topic.Audience;
import io.topicstream.topic.DurableSubscriptions;
import io.topicstream.topic.JoinReply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// The sessions that one lane serves, by user, so that what is said to a user reaches all of its
/// connections. Owned by the lane's thread.
///
/// For each user with a connection here the lane follows the user's hints: a durable subscription was
/// added or removed, on whatever node. A hint names a topic to look up; look-ups of one user run one
/// after the other, so that the last one sees the truth and wins. An answer that may be older than a
/// subscription of this very lane is not believed: the topic is looked up again.
public final class LaneSessions implements Sessions {
    private static final System.Logger LOGGER = System.getLogger(LaneSessions.class.getName());
    /// The topic on which all nodes are told which credential was revoked: its id, UTF-8.
    public static final TopicName REVOCATIONS = new TopicName("sys:credentials");

    private final Node node;
    private final TopicFeed feed;
    private final Lane lane;
    private final Audience audience;
    private final Executor executor;
    private final Revocations revocations = new Revocations();
    private final Map<String, User> users = new HashMap<>();

    /// @param executor runs a task on the lane's thread: at once if that is the current one
    public LaneSessions(Node node, TopicFeed feed, Lane lane, Audience audience, Executor executor) {
        this.node = node;
        this.feed = feed;
        this.lane = lane;
        this.audience = audience;
        this.executor = executor;
    }

    /// Begins to listen for revoked credentials. Called once, on the lane's thread.
    public void start() {
        feed.follow(REVOCATIONS, lane, revocations);
    }

    /// Ends it, when the lane's thread has ended.
    public void stop() {
        feed.unfollow(REVOCATIONS, lane, revocations);
    }

    @Override
    public Lane lane() {
        return lane;
    }

    @Override
    public Audience audience() {
        return audience;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }

    // ---- connections

    @Override
    public void open(Session session, boolean joinDurable, Session.Opened answer) {
        String name = session.identity().user();
        if (name == null) {
            answer.onOpened(List.of());
            return;
        }
        User user = users.get(name);
        if (user == null) {
            user = new User(name);
            users.put(name, user);
            user.sessions.add(session);
            feed.follow(DurableSubscriptions.hintsFor(name), lane, user);
        } else {
            user.sessions.add(session);
        }
        // Hints must be heard before the list is read, or a change in between would be missed.
        user.whenFollowed(() -> list(session, name, joinDurable, answer));
    }

    private void list(Session session, String user, boolean joinDurable, Session.Opened answer) {
        var _ = node.durableSubscriptions()
                .list(user)
                .whenComplete((topics, failure) -> executor.execute(() -> {
                    if (topics == null) {
                        LOGGER.log(System.Logger.Level.WARNING, "durable subscriptions cannot be read", failure);
                        answer.onRefused(unavailable());
                    } else if (topics.isEmpty()) {
                        answer.onOpened(List.of());
                    } else {
                        new Joining(session, joinDurable, topics.size(), answer).begin(topics);
                    }
                }));
    }

    private static Refusal unavailable() {
        return new Refusal(ErrorCode.UNAVAILABLE, "the store cannot answer now; try again", null, null);
    }

    @Override
    public void subscribedDurably(Session session) {
        String name = session.identity().user();
        User user = name == null ? null : users.get(name);
        if (user != null) {
            user.subscribed++;
        }
    }

    @Override
    public void closed(Session session) {
        String name = session.identity().user();
        User user = name == null ? null : users.get(name);
        if (user != null && user.sessions.remove(session) && user.sessions.isEmpty()) {
            users.remove(name);
            feed.unfollow(DurableSubscriptions.hintsFor(user.name), lane, user);
        }
    }

    /// Joins the durable subscriptions of a new connection, and answers when all have their place.
    private final class Joining implements JoinReply {
        private final Session session;
        private final boolean join;
        private final Session.Opened answer;
        private final List<TopicExtent> joined = new ArrayList<>();
        private final List<Runnable> begins = new ArrayList<>();
        private int missing;
        private boolean failed;

        Joining(Session session, boolean join, int topics, Session.Opened answer) {
            this.session = session;
            this.join = join;
            this.missing = topics;
            this.answer = answer;
        }

        void begin(List<TopicName> topics) {
            for (TopicName topic : topics) {
                if (!session.identity().may(Permission.SUBSCRIBE, topic)) {
                    // The grant has gone since; the membership stays, in case it comes back.
                    one();
                } else if (join) {
                    audience.join(session.listener(), topic, From.NEW, this);
                } else {
                    var _ = node.log()
                            .extent(topic)
                            .whenComplete((extent, failure) -> executor.execute(() -> {
                                if (extent == null) {
                                    onJoinFailed(topic, failure);
                                } else {
                                    onJoined(topic, extent, NO_RESET, false, () -> {});
                                }
                            }));
                }
            }
        }

        @Override
        public void onJoined(TopicName topic, Extent extent, long commonOffset, boolean truncated, Runnable begin) {
            joined.add(new TopicExtent(topic, extent));
            begins.add(begin);
            one();
        }

        @Override
        public void onJoinFailed(TopicName topic, @Nullable Throwable cause) {
            failed = true;
            one();
        }

        private void one() {
            missing--;
            if (missing > 0) {
                return;
            }
            if (failed) {
                answer.onRefused(unavailable());
            } else {
                answer.onOpened(joined);
                begins.forEach(Runnable::run);
            }
        }
    }

    // ---- users

    /// One user's connections on this lane, and the ear on its hints.
    private final class User implements Follower {
        private final String name;
        private final List<Session> sessions = new ArrayList<>(1);
        private boolean followed;
        private @Nullable List<Runnable> waiting;
        private @Nullable ArrayDeque<TopicName> hints;
        private boolean lookingUp;
        /// How many durable subscriptions have taken effect through connections of this lane.
        private long subscribed;

        User(String name) {
            this.name = name;
        }

        void whenFollowed(Runnable task) {
            if (followed) {
                task.run();
            } else {
                if (waiting == null) {
                    waiting = new ArrayList<>(1);
                }
                waiting.add(task);
            }
        }

        @Override
        public void onFollowed(Extent extent) {
            followed = true;
            List<Runnable> tasks = waiting;
            waiting = null;
            if (tasks != null) {
                tasks.forEach(Runnable::run);
            }
        }

        @Override
        public void onCommitted(Batch batch) {
            // Nothing is kept on a topic of hints.
        }

        @Override
        public void onSignal(byte[] signal) {
            TopicName topic = DurableSubscriptions.hinted(signal);
            if (topic == null || sessions.isEmpty()) {
                return;
            }
            if (hints == null) {
                hints = new ArrayDeque<>(1);
            }
            if (!hints.contains(topic)) {
                hints.addLast(topic);
            }
            lookUpNext();
        }

        @Override
        public void onLost() {
            followed = false;
            if (sessions.isEmpty()) {
                return;
            }
            feed.follow(DurableSubscriptions.hintsFor(name), lane, this);
            // Hints may have been missed: everything that was joined or is stored is looked up again.
            whenFollowed(() -> {
                var _ = node.durableSubscriptions()
                        .list(name)
                        .thenAccept(topics -> executor.execute(() -> {
                            for (TopicName topic : topics) {
                                onSignal(topic.value().getBytes(StandardCharsets.US_ASCII));
                            }
                        }));
            });
        }

        private void lookUpNext() {
            if (lookingUp || hints == null || hints.isEmpty()) {
                return;
            }
            TopicName topic = hints.removeFirst();
            long asOf = subscribed;
            lookingUp = true;
            var _ = node.durableSubscriptions()
                    .contains(name, topic)
                    .whenComplete((member, _) -> executor.execute(() -> {
                        lookingUp = false;
                        if (member != null && member) {
                            joinAll(topic);
                        } else if (member != null) {
                            leaveAll(topic, asOf);
                        }
                        lookUpNext();
                    }));
        }

        private void joinAll(TopicName topic) {
            for (Session session : List.copyOf(sessions)) {
                if (!session.listener().listensTo(topic) && session.identity().may(Permission.SUBSCRIBE, topic)) {
                    audience.join(session.listener(), topic, From.NEW, new Silently());
                }
            }
        }

        private void leaveAll(TopicName topic, long asOf) {
            if (asOf != subscribed && hints != null) {
                hints.addLast(topic);
                return;
            }
            for (Session session : List.copyOf(sessions)) {
                // One that is just subscribing has a hint of its own coming.
                if (!session.isSubscribingDurably(topic)) {
                    audience.leave(session.listener(), topic);
                }
            }
        }
    }

    /// A connection that joins because another one of its user subscribed: it is told nothing.
    private static final class Silently implements JoinReply {
        @Override
        public void onJoined(TopicName topic, Extent extent, long commonOffset, boolean truncated, Runnable begin) {
            begin.run();
        }

        @Override
        public void onJoinFailed(TopicName topic, @Nullable Throwable cause) {
            LOGGER.log(
                    System.Logger.Level.WARNING, () -> "a durable subscription to " + topic + " was not joined", cause);
        }
    }

    // ---- revoked credentials

    private final class Revocations implements Follower {
        @Override
        public void onFollowed(Extent extent) {
            // Nothing to catch up with: a credential is checked when its connection begins.
        }

        @Override
        public void onCommitted(Batch batch) {
            // Nothing is kept there.
        }

        @Override
        public void onSignal(byte[] signal) {
            String credentialId = new String(signal, StandardCharsets.UTF_8);
            for (User user : List.copyOf(users.values())) {
                for (Session session : List.copyOf(user.sessions)) {
                    session.onRevoked(credentialId);
                }
            }
        }

        @Override
        public void onLost() {
            feed.follow(REVOCATIONS, lane, this);
        }
    }
}
