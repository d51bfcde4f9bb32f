package io.topicstream.session;

import io.topicstream.access.DirectTopic;
import io.topicstream.command.Refusal;
import io.topicstream.command.Result;
import io.topicstream.command.SubscribeCommand;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.topic.JoinReply;
import org.jspecify.annotations.Nullable;

/// How a session subscribes and unsubscribes: the frames behind wait until it has taken effect, so there is one at a
/// time. Owned by the session's thread.
final class Subscribing {
    private final Session session;
    private final Node node;
    private final Sessions sessions;
    private final Outbound outbound;
    /// The topic that is just becoming one of the user's own through this connection, or ceasing to be one.
    private @Nullable TopicName changingDurably;

    private boolean unsubscribes;
    /// The topic to which it is just subscribing.
    private @Nullable TopicName underWay;

    Subscribing(Session session, Node node, Sessions sessions, Outbound outbound) {
        this.session = session;
        this.node = node;
        this.sessions = sessions;
        this.outbound = outbound;
    }

    /// See [io.topicstream.people.UserConnection#isSubscribingDurably].
    boolean isSubscribingDurably(TopicName topic) {
        return !unsubscribes && topic.equals(changingDurably);
    }

    /// Whether it is just subscribing to the topic: it listens from where the topic stands now.
    boolean isUnderWay(TopicName topic) {
        return topic.equals(underWay);
    }

    /// See [io.topicstream.people.UserConnection#isUnsubscribingDurably].
    boolean isUnsubscribingDurably(TopicName topic) {
        return unsubscribes && topic.equals(changingDurably);
    }

    private void changesDurably(TopicName topic, boolean ceases) {
        changingDurably = topic;
        unsubscribes = ceases;
    }

    private void changedDurably() {
        TopicName changed = changingDurably;
        if (changed != null) {
            changingDurably = null;
            sessions.changedDurably(session, changed);
        }
    }

    void subscribe(ClientFrame.Subscribe subscribe) {
        session.takesEffect();
        underWay = subscribe.topic();
        if (subscribe.durable()) {
            changesDurably(subscribe.topic(), false);
        }
        node.commands().subscribe(session, subscribe, new SubscribeCommand.Answer() {
            @Override
            public void onSubscribed(Extent extent, long commonOffset, boolean truncated, Runnable begin) {
                underWay = null;
                changedDurably();
                if (session.isEnded()) {
                    return;
                }
                TopicName topic = subscribe.topic();
                boolean reset = commonOffset != JoinReply.NO_RESET;
                outbound.send(new ServerFrame.Subscribed(subscribe.id(), topic, extent, !reset && !truncated));
                if (reset) {
                    outbound.send(new ServerFrame.Reset(topic, extent.epoch(), commonOffset));
                }
                if (truncated) {
                    outbound.send(new ServerFrame.Truncated(topic, extent.epoch(), extent.firstOffset()));
                }
                begin.run();
                // Frames behind it wait until it is told: a front door without a memory ends with the last answer.
                tellReceipt(topic, session::tookEffect);
            }

            @Override
            public void onRefused(Refusal refusal) {
                underWay = null;
                changedDurably();
                session.answer(refusal.frame(subscribe.id()));
                session.tookEffect();
            }
        });
    }

    /// Tells how far the other one of a chat has come: what was told before the subscription, or while it was made,
    /// has passed it by.
    private void tellReceipt(TopicName topic, Runnable then) {
        String user = session.identity().user();
        DirectTopic chat = user == null || !DirectTopic.isOf(topic, user) ? null : DirectTopic.orNull(topic);
        if (user == null || chat == null || chat.other(user).equals(user)) {
            then.run();
            return;
        }
        String other = chat.other(user);
        session.deadlines().within(node.commands().progress(other, topic), (progress, _) -> {
            if (progress != null && progress.delivered() > 0) {
                session.answer(new ServerFrame.Receipt(
                        topic, other, progress.delivered(), progress.read() > 0 ? progress.read() : Query.NOT_GIVEN));
            }
            then.run();
        });
    }

    void unsubscribe(ClientFrame.Unsubscribe unsubscribe) {
        TopicName topic = unsubscribe.topic();
        session.takesEffect();
        if (unsubscribe.durable()) {
            changesDurably(topic, true);
        }
        boolean staysItsUsers =
                !unsubscribe.durable() && session.listener().memberships().contains(topic);
        Result.await(session.deadlines(), node.commands().unsubscribe(session, unsubscribe), topic, result -> {
            changedDurably();
            switch (result) {
                case Result.Success<ServerFrame.Unsubscribed>(ServerFrame.Unsubscribed done) -> {
                    if (staysItsUsers) {
                        sessions.leftAlone(session, topic);
                    }
                    session.answer(done);
                }
                case Result.Refused<ServerFrame.Unsubscribed>(Refusal refusal) ->
                    session.answer(refusal.frame(unsubscribe.id()));
            }
            session.tookEffect();
        });
    }
}
