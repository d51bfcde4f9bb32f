package io.topicstream.session;

import io.topicstream.access.Permission;
import io.topicstream.access.RightsChange;
import io.topicstream.command.Refusal;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Extent;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.people.Attendances;
import io.topicstream.people.LaneUsers;
import io.topicstream.people.Revocations;
import io.topicstream.protocol.From;
import io.topicstream.signal.Following;
import io.topicstream.topic.Audience;
import io.topicstream.topic.JoinReply;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The sessions that one lane serves. Owned by the lane's thread.
public final class LaneSessions implements Sessions {
    private static final System.Logger LOGGER = System.getLogger(LaneSessions.class.getName());

    private final Node node;
    private final Following.Source source;
    private final Deadlines deadlines;
    private final Audience audience;
    private final LaneUsers users;
    private final Revocations revocations;
    private final ClaimedNames names;

    /// @param source of what the lane follows
    /// @param deadlines of the lane's thread
    public LaneSessions(Node node, Following.Source source, Deadlines deadlines, Audience audience) {
        this.node = node;
        this.source = source;
        this.deadlines = deadlines;
        this.audience = audience;
        this.users = new LaneUsers(node.memberships(), node.policies(), source, deadlines, audience);
        this.revocations = new Revocations(node.keys(), node.rights(), users);
        this.names = new ClaimedNames(node.commands(), source, deadlines);
    }

    /// Begins to listen for revoked credentials. Called once, on the lane's thread.
    public void start() {
        revocations.begin();
    }

    /// Ends it, when the lane's thread has ended.
    public void stop() {
        revocations.end();
    }

    /// Rights have changed: the connections of this lane that have none any more end.
    public void onRightsChanged(RightsChange change) {
        revocations.onChanged(change);
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

    // ---- connections

    @Override
    public void open(Session session, boolean joinDurable, Opened answer) {
        String name = session.identity().user();
        TopicName room = session.record().room();
        if (name != null) {
            users.add(name, session, new Opening(name, session, room, joinDurable, answer));
        } else if (room != null) {
            new Opening("", session, room, joinDurable, answer).begin(List.of());
        } else {
            answer.onOpened(List.of());
        }
    }

    @Override
    public void changedDurably(Session session, TopicName topic) {
        users.changed(session, topic);
    }

    @Override
    public void leftAlone(Session session, TopicName topic) {
        users.leftAlone(session, topic);
    }

    @Override
    public void renamed(Session session) {
        names.renamed(session);
    }

    /// Somebody else may have the names that were claimed here: what others know of this node had ended. Each is
    /// claimed again, and who has lost his is told.
    public void claimNamesAgain() {
        names.claimAgain();
    }

    @Override
    public void closed(Session session) {
        names.closed(session);
        users.remove(session);
    }

    /// A new connection joins its user's durable subscriptions, and its room where its dialect has one, and is
    /// answered when all have their place; or, after a bounded time, that it cannot be.
    private final class Opening implements Runnable, JoinReply {
        private final String user;
        private final Session session;
        private final @Nullable TopicName room;
        private final boolean join;
        private final Opened answer;
        private final Deadlines.Wait wait;
        private final List<TopicExtent> joined = new ArrayList<>();
        private final List<Runnable> begins = new ArrayList<>();
        private int missing;
        private boolean failed;

        Opening(String user, Session session, @Nullable TopicName room, boolean join, Opened answer) {
            this.user = user;
            this.session = session;
            this.room = room;
            this.join = join;
            this.answer = answer;
            this.wait = deadlines.begin(this::giveUp);
        }

        private void giveUp() {
            users.forget(session, this);
            answer.onRefused(Refusal.unavailable());
        }

        /// The user's hints are heard from here on.
        @Override
        public void run() {
            deadlines.within(node.memberships().list(user), (topics, failure) -> {
                if (wait.isOver()) {
                    return;
                }
                if (topics == null) {
                    LOGGER.log(System.Logger.Level.WARNING, "durable subscriptions cannot be read", failure);
                    wait.end();
                    answer.onRefused(Refusal.unavailable());
                } else {
                    begin(topics.stream().filter(session::takes).toList());
                }
            });
        }

        private void begin(List<TopicName> topics) {
            if (topics.isEmpty() && room == null) {
                wait.end();
                answer.onOpened(List.of());
                return;
            }
            missing = topics.size() + (room == null ? 0 : 1);
            if (room != null) {
                audience.join(session.listener(), room, From.NEW, this);
            }
            for (TopicName topic : topics) {
                if (!session.identity().may(Permission.SUBSCRIBE, topic)) {
                    // The grant has gone since; the membership stays, in case it comes back.
                    one();
                } else if (join) {
                    audience.join(session.listener(), topic, From.NEW, this);
                    session.listener().markMembership(topic);
                } else {
                    users.leavesAlone(session, topic);
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
            if (!topic.equals(room)) {
                joined.add(new TopicExtent(topic, extent));
            }
            begins.add(begin);
            if (topic.equals(room)) {
                // It is seen there before it is greeted.
                attend(topic, this::one);
            } else {
                one();
            }
        }

        @Override
        public void onJoinFailed(TopicName topic, @Nullable Throwable cause) {
            failed = true;
            one();
        }

        private void attend(TopicName topic, Runnable then) {
            Attendances.attend(node.policies(), deadlines, audience, session, topic, then);
        }

        private void one() {
            missing--;
            if (missing > 0 || !wait.end()) {
                return;
            }
            if (failed) {
                answer.onRefused(Refusal.unavailable());
            } else {
                answer.onOpened(joined);
                begins.forEach(Runnable::run);
                if (join) {
                    joined.forEach(each -> attend(each.topic(), () -> {}));
                }
            }
        }
    }
}
