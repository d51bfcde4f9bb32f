package io.topicstream.session;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.command.Refusal;
import io.topicstream.log.Backoff;
import io.topicstream.log.Batch;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Extent;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.people.DurableSubscriptions;
import io.topicstream.people.Membership;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.From;
import io.topicstream.signal.Following;
import io.topicstream.topic.Audience;
import io.topicstream.topic.JoinReply;
import io.topicstream.topic.Listener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The sessions that one lane serves, by user, so that what is said to a user reaches all of its
/// connections. Owned by the lane's thread.
///
/// For each user with a connection here the lane follows the user's hints: a durable subscription was
/// added or removed, on whatever node. A hint names a topic to look up; look-ups of one user run one
/// after the other, so that the last one sees the truth and wins. An answer that may be older than a
/// change through this very lane is not believed: the topic is looked up again. So is one that did not come.
/// While the change is under way, what is of before it does not touch the connection that makes it.
///
/// Hints may be lost. When the feed was, the user's durable subscriptions are read anew, and each topic in
/// which they differ from what is joined is looked up.
public final class LaneSessions implements Sessions {
    private static final System.Logger LOGGER = System.getLogger(LaneSessions.class.getName());
    /// The topic on which all nodes are told which credential was revoked: its id, UTF-8.
    public static final TopicName REVOCATIONS = new TopicName("sys:credentials");

    private final Node node;
    private final Following.Source source;
    private final Deadlines deadlines;
    private final Audience audience;
    private final Revocations revocations;
    private final Map<String, User> users = new HashMap<>();

    /// @param source of what the lane follows
    /// @param deadlines of the lane's thread
    public LaneSessions(Node node, Following.Source source, Deadlines deadlines, Audience audience) {
        this.node = node;
        this.source = source;
        this.deadlines = deadlines;
        this.audience = audience;
        this.revocations = new Revocations();
    }

    /// Begins to listen for revoked credentials. Called once, on the lane's thread.
    public void start() {
        revocations.begin();
    }

    /// Ends it, when the lane's thread has ended.
    public void stop() {
        revocations.end();
    }

    @Override
    public Lane lane() {
        return source.lane();
    }

    @Override
    public Audience audience() {
        return audience;
    }

    @Override
    public Deadlines deadlines() {
        return deadlines;
    }

    private void later(int failures, Runnable task) {
        source.timers().schedule(task, Backoff.delayMs(failures, source.random()));
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
        boolean fresh = user == null;
        if (user == null) {
            user = new User(name);
            users.put(name, user);
        }
        user.sessions.add(session);
        if (!joinDurable) {
            user.dealsItself(session);
        }
        // Hints must be heard before the list is read, or a change in between would be missed.
        user.whenFollowed(new Opening(user, session, joinDurable, answer));
        if (fresh) {
            user.begin();
        }
    }

    private static Refusal unavailable() {
        return new Refusal(ErrorCode.UNAVAILABLE, "the store cannot answer now; try again", null, null);
    }

    @Override
    public void changedDurably(Session session, TopicName topic) {
        User user = userOf(session);
        if (user != null && topic.equals(user.lookedUp)) {
            user.isOvertaken = true;
        }
    }

    @Override
    public void leftAlone(Session session, TopicName topic) {
        User user = userOf(session);
        if (user != null && session.listener().memberships().contains(topic)) {
            user.dealsItself(session).put(topic, new Left());
            // So that a later hint is known for one of what has been.
            user.note(topic, false);
            user.lookUpNext();
        }
    }

    @Override
    public void closed(Session session) {
        User user = userOf(session);
        if (user != null && user.sessions.remove(session)) {
            user.forget(session);
            if (user.sessions.isEmpty()) {
                users.remove(user.id);
                user.end();
            }
        }
    }

    private @Nullable User userOf(Session session) {
        String name = session.identity().user();
        return name == null ? null : users.get(name);
    }

    /// A new connection joins its user's durable subscriptions, and is answered when all have their place;
    /// or, after a bounded time, that it cannot be.
    private final class Opening implements Runnable, JoinReply {
        private final User user;
        private final Session session;
        private final boolean join;
        private final Session.Opened answer;
        private final Deadlines.Wait wait;
        private final List<TopicExtent> joined = new ArrayList<>();
        private final List<Runnable> begins = new ArrayList<>();
        private int missing;
        private boolean failed;

        Opening(User user, Session session, boolean join, Session.Opened answer) {
            this.user = user;
            this.session = session;
            this.join = join;
            this.answer = answer;
            this.wait = deadlines.begin(this::giveUp);
        }

        private void giveUp() {
            user.forget(this);
            answer.onRefused(unavailable());
        }

        /// The user's hints are heard from here on.
        @Override
        public void run() {
            deadlines.within(node.durableSubscriptions().list(user.id), (topics, failure) -> {
                if (wait.isOver()) {
                    return;
                }
                if (topics == null) {
                    LOGGER.log(System.Logger.Level.WARNING, "durable subscriptions cannot be read", failure);
                    wait.end();
                    answer.onRefused(unavailable());
                } else if (topics.isEmpty()) {
                    wait.end();
                    answer.onOpened(List.of());
                } else {
                    begin(topics);
                }
            });
        }

        private void begin(List<TopicName> topics) {
            missing = topics.size();
            for (TopicName topic : topics) {
                if (!session.identity().may(Permission.SUBSCRIBE, topic)) {
                    // The grant has gone since; the membership stays, in case it comes back.
                    one();
                } else if (join) {
                    audience.join(session.listener(), topic, From.NEW, this);
                    session.listener().markMembership(topic);
                } else {
                    user.dealsItself(session).put(topic, new Left());
                    deadlines.within(node.log().extent(topic), (extent, failure) -> {
                        if (extent == null) {
                            onJoinFailed(topic, failure);
                        } else {
                            onJoined(topic, extent, NO_RESET, false, () -> {});
                        }
                    });
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
            if (missing > 0 || !wait.end()) {
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
    private final class User extends Following {
        private final String id;
        private final List<Session> sessions = new ArrayList<>(1);
        /// Connections that decide themselves which of the user's topics they are in, and those topics: a
        /// manual one, and one that left some alone. Made when first needed.
        private @Nullable Map<Session, Map<TopicName, Left>> apart;
        /// What is to be looked up, and whether because of a hint (or else of a loss). Made when first needed.
        private @Nullable Map<TopicName, Boolean> hints;
        /// The topic that is being looked up.
        private @Nullable TopicName lookedUp;
        /// Whether a connection of this lane has changed meanwhile what is looked up.
        private boolean isOvertaken;

        private boolean everFollowed;
        private int failures;
        private int failedJoins;

        User(String id) {
            super(source, DurableSubscriptions.hintsFor(id));
            this.id = id;
        }

        Map<TopicName, Left> dealsItself(Session session) {
            if (apart == null) {
                apart = new HashMap<>();
            }
            return apart.computeIfAbsent(session, _ -> new HashMap<>());
        }

        void forget(Session session) {
            if (apart != null && apart.remove(session) != null && apart.isEmpty()) {
                apart = null;
            }
        }

        private void leftNoMore(Session session, TopicName topic) {
            Map<TopicName, Left> own = apart == null ? null : apart.get(session);
            if (own != null) {
                own.remove(topic);
            }
        }

        private Map<TopicName, Left> apart(Session session) {
            return apart == null ? Map.of() : apart.getOrDefault(session, Map.of());
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
            TopicName topic = DurableSubscriptions.hinted(signal);
            if (topic != null && !sessions.isEmpty()) {
                note(topic, true);
                lookUpNext();
            }
        }

        /// Hints may have been missed: looks up again wherever what is stored is not what is joined.
        private void compare() {
            deadlines.within(node.durableSubscriptions().list(id), (topics, failure) -> {
                if (sessions.isEmpty() || !isFollowed()) {
                    // Nobody is left, or it is read again when the feed is followed again.
                    return;
                }
                if (topics == null) {
                    failures++;
                    later(failures, this::compare);
                    return;
                }
                failures = 0;
                Set<TopicName> stored = new HashSet<>(topics);
                for (Session session : sessions) {
                    compare(session, stored);
                }
                lookUpNext();
            });
        }

        private void compare(Session session, Set<TopicName> stored) {
            Set<TopicName> own = apart(session).keySet();
            Set<TopicName> joined = new HashSet<>(session.listener().topics());
            for (TopicName topic : session.listener().memberships()) {
                if (!stored.contains(topic)) {
                    note(topic, false);
                }
            }
            for (TopicName topic : own) {
                if (!stored.contains(topic) && joined.contains(topic)) {
                    note(topic, false);
                }
            }
            if (session.joinsDurable()) {
                for (TopicName topic : stored) {
                    if (!joined.contains(topic) && !own.contains(topic)) {
                        note(topic, false);
                    }
                }
            }
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
            deadlines.within(node.durableSubscriptions().find(id, topic), (membership, failure) -> {
                if (failure != null) {
                    note(topic, hinted);
                    failures++;
                    later(failures, () -> {
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
            for (Session session : List.copyOf(sessions)) {
                Listener listener = session.listener();
                Left left = apart(session).get(topic);
                boolean anew = left == null || left.isSubscribedAnew(membership);
                // One that is just unsubscribing is not put back by what held before.
                if (session.joinsDurable()
                        && !session.isUnsubscribingDurably(topic)
                        && !listener.listensTo(topic)
                        && anew
                        && session.identity().may(Permission.SUBSCRIBE, topic)) {
                    leftNoMore(session, topic);
                    audience.join(listener, topic, membership.start(), new ByHint(this, session));
                    listener.markMembership(topic);
                }
            }
        }

        private void leaveAll(TopicName topic, boolean hinted) {
            for (Session session : List.copyOf(sessions)) {
                boolean own = apart(session).containsKey(topic);
                // One that is just subscribing has a hint of its own coming. What was said in so many words ends
                // every subscription of the user; what is only missing, those that came of it.
                if (!session.isSubscribingDurably(topic)
                        && (hinted || own || session.listener().memberships().contains(topic))) {
                    audience.leave(session.listener(), topic);
                }
                leftNoMore(session, topic);
            }
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
        private final User user;
        private final Session session;

        ByHint(User user, Session session) {
            this.user = user;
            this.session = session;
        }

        @Override
        public void onJoined(TopicName topic, Extent extent, long commonOffset, boolean truncated, Runnable begin) {
            user.failedJoins = 0;
            begin.run();
        }

        @Override
        public void onJoinFailed(TopicName topic, @Nullable Throwable cause) {
            if (user.sessions.contains(session)) {
                user.failedJoins++;
                later(user.failedJoins, () -> {
                    user.note(topic, false);
                    user.lookUpNext();
                });
            }
        }
    }

    // ---- revoked credentials

    /// The ear on revocations. A credential that was revoked while nothing was heard is found by asking for
    /// those in use.
    private final class Revocations extends Following {
        private static final int AT_ONCE = 16;

        private final Set<String> toCheck = new LinkedHashSet<>();
        private int checking;
        private int failures;

        Revocations() {
            super(source, REVOCATIONS);
        }

        @Override
        protected void onFollowing(Extent extent) {
            node.keys().forgetCached();
            for (User user : users.values()) {
                for (Session session : user.sessions) {
                    String credentialId = session.identity().credentialId();
                    if (credentialId != null && session.identity().credential() == Identity.Credential.API_KEY) {
                        toCheck.add(credentialId);
                    }
                }
            }
            checkNext();
        }

        private void checkNext() {
            while (checking < AT_ONCE && !toCheck.isEmpty()) {
                String credentialId = toCheck.iterator().next();
                toCheck.remove(credentialId);
                checking++;
                deadlines.within(node.keys().exists(credentialId), (exists, failure) -> {
                    if (exists == null) {
                        toCheck.add(credentialId);
                        failures++;
                        later(failures, () -> {
                            checking--;
                            checkNext();
                        });
                        return;
                    }
                    failures = 0;
                    checking--;
                    if (!exists) {
                        onRevoked(credentialId);
                    }
                    checkNext();
                });
            }
        }

        @Override
        public void onCommitted(Batch batch) {
            // Nothing is kept there.
        }

        @Override
        public void onSignal(byte[] signal) {
            onRevoked(new String(signal, StandardCharsets.UTF_8));
        }

        private void onRevoked(String credentialId) {
            // So that no cached answer of this node outlives it, wherever it was revoked.
            node.keys().enqueueRevokedElsewhere(credentialId);
            for (User user : List.copyOf(users.values())) {
                for (Session session : List.copyOf(user.sessions)) {
                    session.onRevoked(credentialId);
                }
            }
        }
    }
}
