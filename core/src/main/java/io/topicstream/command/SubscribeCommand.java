package io.topicstream.command;

import io.topicstream.access.DirectTopic;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicName;
import io.topicstream.people.Attendances;
import io.topicstream.people.Memberships;
import io.topicstream.people.PresencePolicies;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.From;
import io.topicstream.topic.Attendance;
import io.topicstream.topic.JoinReply;
import io.topicstream.topic.Listener;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
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
    private final PresencePolicies policies;
    private final int maxPerConnection;
    private final int maxChats;

    SubscribeCommand(Memberships durable, PresencePolicies policies, CommandLimits limits) {
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
        PresencePolicy known = policies.known(topic);
        Refusal refusal = check(caller, subscribe);
        if (refusal == null && known != null) {
            refusal = refusal(subscribe, known);
        }
        if (refusal != null) {
            answer.onRefused(refusal);
            return;
        }
        boolean wasIn = caller.listener().listensTo(topic);
        Beginning beginning = new Beginning(caller, subscribe, wasIn, answer, known);
        caller.audience().join(caller.listener(), topic, subscribe.from(), new JoinReply() {
            @Override
            public void onJoined(
                    TopicName joined, Extent extent, long commonOffset, boolean truncated, Runnable begin) {
                beginning.onJoined(begin, policy -> {
                    answer.onSubscribed(extent, commonOffset, truncated, begin);
                    attend(caller, subscribe, wasIn, policy);
                });
            }

            @Override
            public void onJoinFailed(TopicName failed, @Nullable Throwable cause) {
                beginning.onJoined(() -> {}, _ -> answer.onRefused(Refusal.unavailable(topic)));
            }
        });
        CompletionStage<PresencePolicy> policy = policies.of(topic);
        if (known == null) {
            caller.deadlines().within(policy, (found, _) -> beginning.onPolicy(found));
        }
        String user = who.user();
        if (subscribe.durable() && user != null) {
            // What is refused is not stored.
            CompletionStage<Boolean> stored = policy.thenCompose(found -> refusal(subscribe, found) == null
                    ? durable.add(user, topic)
                    : CompletableFuture.completedFuture(true));
            caller.deadlines().within(stored, (added, _) -> beginning.onStored(added));
        }
    }

    /// Makes the caller seen in the topic, or not, after it was answered that it listens.
    ///
    /// @param wasIn whether it listened before: then it stays as it was, unless something else is asked for
    private static void attend(
            LiveCaller caller, ClientFrame.Subscribe subscribe, boolean wasIn, PresencePolicy policy) {
        TopicName topic = subscribe.topic();
        Boolean wish = subscribe.presence();
        if (wish != null) {
            caller.listener().wishPresence(topic, wish);
        } else if (wasIn) {
            return;
        }
        Attendance attendance = Attendances.of(policy, caller.identity(), topic, wish);
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
        if (wantsPresence(subscribe) && !who.may(Permission.PRESENCE, topic)) {
            return Refusal.forbidden("see who is in", topic);
        }
        if (!caller.listener().listensTo(topic) && isFull(caller.listener())) {
            return new Refusal(
                    ErrorCode.LIMIT_EXCEEDED, "at most " + maxPerConnection + " subscriptions a connection", topic);
        }
        return null;
    }

    private static boolean wantsPresence(ClientFrame.Subscribe subscribe) {
        return subscribe.presence() != null && subscribe.presence();
    }

    /// Why this cannot be had where that policy holds, or null where it can.
    private static @Nullable Refusal refusal(ClientFrame.Subscribe subscribe, PresencePolicy policy) {
        return wantsPresence(subscribe) && policy == PresencePolicy.OFF
                ? new Refusal(
                        ErrorCode.FORBIDDEN,
                        "who is in this topic is not kept; subscribe without it",
                        subscribe.topic())
                : null;
    }

    /// Whether the connection has all the subscriptions that it may have. Its user's chats do not count, of which it
    /// has as many as others begin.
    private boolean isFull(Listener listener) {
        int count = listener.subscriptionCount();
        if (count < maxPerConnection) {
            return false;
        }
        int chats = listener.subscriptionCount(DirectTopic.PREFIX);
        return count - Math.min(chats, maxChats) >= maxPerConnection;
    }

    /// Waits for the audience, for the store where the topic is to be the user's, and for the policy where that
    /// is to be looked up.
    private static final class Beginning {
        private final LiveCaller caller;
        private final ClientFrame.Subscribe subscribe;
        private final boolean wasIn;
        private final Answer answer;
        private @Nullable PresencePolicy policy;
        private @Nullable Runnable begin;
        private @Nullable Consumer<PresencePolicy> joined;
        private boolean isStored;
        private @Nullable Refusal refused;
        private int missing;

        /// @param policy null where it is to be looked up
        Beginning(
                LiveCaller caller,
                ClientFrame.Subscribe subscribe,
                boolean wasIn,
                Answer answer,
                @Nullable PresencePolicy policy) {
            this.caller = caller;
            this.subscribe = subscribe;
            this.wasIn = wasIn;
            this.answer = answer;
            this.policy = policy;
            this.missing = 1 + (policy == null ? 1 : 0) + (subscribe.durable() ? 1 : 0);
        }

        void onJoined(Runnable messagesFollow, Consumer<PresencePolicy> then) {
            begin = messagesFollow;
            joined = then;
            one(null);
        }

        void onPolicy(@Nullable PresencePolicy found) {
            policy = found;
            one(found == null ? Refusal.unavailable(subscribe.topic()) : refusal(subscribe, found));
        }

        void onStored(@Nullable Boolean added) {
            isStored = added != null && added;
            one(added == null ? Refusal.unavailable(subscribe.topic()) : added ? null : tooMany(subscribe.topic()));
        }

        private static Refusal tooMany(TopicName topic) {
            boolean isChat = topic.value().startsWith(DirectTopic.PREFIX);
            return new Refusal(
                    ErrorCode.LIMIT_EXCEEDED, "too many " + (isChat ? "chats" : "durable subscriptions"), topic);
        }

        private void one(@Nullable Refusal refusal) {
            if (refused == null) {
                refused = refusal;
            }
            missing--;
            if (missing > 0) {
                return;
            }
            if (refused != null) {
                leaveAnd(refused);
            } else if (joined != null && policy != null) {
                if (isStored) {
                    caller.listener().markMembership(subscribe.topic());
                }
                joined.accept(policy);
            }
        }

        private void leaveAnd(Refusal refusal) {
            if (!wasIn) {
                caller.audience().leave(caller.listener(), subscribe.topic());
            } else if (begin != null) {
                // It listened before and still does, as it was asked to now, but for what was refused.
                begin.run();
            }
            answer.onRefused(refusal);
        }
    }
}
