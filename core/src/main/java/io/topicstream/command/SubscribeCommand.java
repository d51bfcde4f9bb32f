package io.topicstream.command;

import io.topicstream.access.DirectTopic;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicName;
import io.topicstream.people.Attendances;
import io.topicstream.people.Memberships;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.From;
import io.topicstream.topic.Attendance;
import io.topicstream.topic.JoinReply;
import io.topicstream.topic.Listener;
import org.jspecify.annotations.Nullable;

/// Puts a connection into a topic's audience, and with `durable` makes the topic the user's own, on
/// all of its connections.
///
/// It joins first and stores in parallel: the position is taken at once, and the answer waits for
/// the store. If that fails, the connection leaves again, so that what the client was told is what
/// holds; a store that answered too late may have made the topic the user's all the same, and then all of
/// its connections join by the hint.
public final class SubscribeCommand {
    private final Memberships durable;
    private final TopicPolicies policies;
    private final int maxPerConnection;
    private final int maxChats;

    SubscribeCommand(Memberships durable, TopicPolicies policies, CommandLimits limits) {
        this.durable = durable;
        this.policies = policies;
        this.maxPerConnection = limits.subscriptionsPerConnection();
        this.maxChats = limits.chatsPerUser();
    }

    /// What the caller is told, on its own thread: one of the two, once.
    public interface Answer {
        /// It listens. Messages follow when `begin` is run.
        void onSubscribed(Extent extent, long commonOffset, boolean truncated, Runnable begin);

        void onRefused(Refusal refusal);
    }

    void run(LiveCaller caller, ClientFrame.Subscribe subscribe, Answer answer) {
        TopicName topic = subscribe.topic();
        Identity who = caller.identity();
        Refusal refusal = check(caller, subscribe);
        if (refusal != null) {
            answer.onRefused(refusal);
            return;
        }
        boolean wasIn = caller.listener().listensTo(topic);
        Durably durably = subscribe.durable() ? new Durably(caller, topic, wasIn, answer) : null;
        caller.audience().join(caller.listener(), topic, subscribe.from(), new JoinReply() {
            @Override
            public void onJoined(
                    TopicName joined, Extent extent, long commonOffset, boolean truncated, Runnable begin) {
                Runnable then = () -> {
                    answer.onSubscribed(extent, commonOffset, truncated, begin);
                    attend(caller, subscribe, wasIn);
                };
                if (durably == null) {
                    then.run();
                } else {
                    durably.onJoined(begin, then);
                }
            }

            @Override
            public void onJoinFailed(TopicName failed, @Nullable Throwable cause) {
                if (durably == null) {
                    answer.onRefused(Refusal.unavailable(topic));
                } else {
                    durably.onJoined(() -> {}, () -> answer.onRefused(Refusal.unavailable(topic)));
                }
            }
        });
        String user = who.user();
        if (durably != null && user != null) {
            caller.deadlines().within(durable.add(user, topic), (stored, _) -> durably.onStored(stored));
        }
    }

    /// Makes the caller seen in the topic, or not, after it was answered that it listens.
    ///
    /// @param wasIn whether it listened before: then it stays as it was, unless something else is asked for
    private void attend(LiveCaller caller, ClientFrame.Subscribe subscribe, boolean wasIn) {
        if (wasIn && subscribe.presence() == null) {
            return;
        }
        TopicName topic = subscribe.topic();
        Attendance attendance = Attendances.of(policies, caller.identity(), topic, subscribe.presence());
        if (wasIn || attendance != Attendance.NONE) {
            caller.audience().attend(caller.listener(), topic, attendance);
        }
    }

    /// Makes a topic the own of a user whose connection has ended.
    void runAfterEnd(Caller caller, ClientFrame.Subscribe subscribe) {
        String user = caller.identity().user();
        if (subscribe.durable() && user != null && caller.identity().may(Permission.SUBSCRIBE, subscribe.topic())) {
            var _ = durable.add(user, subscribe.topic());
        }
    }

    private @Nullable Refusal check(LiveCaller caller, ClientFrame.Subscribe subscribe) {
        TopicName topic = subscribe.topic();
        Identity who = caller.identity();
        if (!who.may(Permission.SUBSCRIBE, topic)) {
            return Refusal.forbidden("subscribe to", topic);
        }
        boolean history = subscribe.from() != null && !(subscribe.from() instanceof From.New);
        if (history && !who.may(Permission.READ, topic)) {
            return Refusal.forbidden("read", topic);
        }
        if (subscribe.durable() && who.user() == null) {
            return new Refusal(ErrorCode.FORBIDDEN, "a durable subscription belongs to a user; say who you are", topic);
        }
        if (subscribe.presence() != null && subscribe.presence()) {
            if (policies.of(topic).presence() == PresencePolicy.OFF) {
                return new Refusal(
                        ErrorCode.FORBIDDEN, "who is in this topic is not kept; subscribe without it", topic);
            }
            if (!who.may(Permission.PRESENCE, topic)) {
                return Refusal.forbidden("see who is in", topic);
            }
        }
        if (!caller.listener().listensTo(topic) && isFull(caller.listener())) {
            return new Refusal(
                    ErrorCode.LIMIT_EXCEEDED, "at most " + maxPerConnection + " subscriptions a connection", topic);
        }
        return null;
    }

    /// Whether the connection has all the subscriptions that it may have. Its user's chats do not count, of which it
    /// has as many as others begin.
    private boolean isFull(Listener listener) {
        int count = listener.subscriptionCount();
        if (count < maxPerConnection) {
            return false;
        }
        long chats = listener.topics().stream()
                .filter(topic -> topic.value().startsWith(DirectTopic.PREFIX))
                .count();
        return count - Math.min(chats, maxChats) >= maxPerConnection;
    }

    /// Waits for both, the audience and the store.
    private static final class Durably {
        private final LiveCaller caller;
        private final TopicName topic;
        private final boolean wasIn;
        private final Answer answer;
        private @Nullable Runnable begin;
        private @Nullable Runnable joined;
        private @Nullable Runnable stored;
        private boolean refused;

        Durably(LiveCaller caller, TopicName topic, boolean wasIn, Answer answer) {
            this.caller = caller;
            this.topic = topic;
            this.wasIn = wasIn;
            this.answer = answer;
        }

        void onJoined(Runnable messagesFollow, Runnable then) {
            begin = messagesFollow;
            joined = then;
            finish();
        }

        void onStored(@Nullable Boolean added) {
            if (added == null) {
                stored = () -> leaveAnd(Refusal.unavailable(topic));
            } else if (!added) {
                stored = () -> leaveAnd(tooMany(topic));
            } else {
                stored = () -> caller.listener().markMembership(topic);
            }
            finish();
        }

        private static Refusal tooMany(TopicName topic) {
            boolean isChat = topic.value().startsWith(DirectTopic.PREFIX);
            return new Refusal(
                    ErrorCode.LIMIT_EXCEEDED, "too many " + (isChat ? "chats" : "durable subscriptions"), topic);
        }

        private void leaveAnd(Refusal refusal) {
            refused = true;
            if (!wasIn) {
                caller.audience().leave(caller.listener(), topic);
            } else if (begin != null) {
                // It listened before and still does, though only on this connection.
                begin.run();
            }
            answer.onRefused(refusal);
        }

        private void finish() {
            if (joined != null && stored != null) {
                stored.run();
                if (!refused) {
                    joined.run();
                }
            }
        }
    }
}
