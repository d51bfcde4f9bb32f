package io.topicstream.client;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import java.util.HashSet;
import java.util.Set;

/// Topics to which nobody has subscribed here and of which messages come all the same. Owned by the client's
/// loop.
///
/// The message that showed the topic is not handed on: a subscription that begins at its offset brings it
/// again, and with it all that followed meanwhile. So such a topic goes on as every other one, also after a
/// reconnect.
final class NewTopics {
    /// Far more than a server lets a user have.
    private static final int MOST_TOPICS = 10_000;

    private static final int CALL_BYTES = 128;

    private final Conversation conversation;
    private final NewTopicListener listener;
    private final Mailbox calls;
    /// About which the listener was asked on this connection, and those that were left on it.
    private final Set<TopicName> known = new HashSet<>();

    NewTopics(Conversation conversation, NewTopicListener listener) {
        this.conversation = conversation;
        this.listener = listener;
        this.calls = conversation.mailbox(() -> {});
    }

    /// A message has come of a topic that has no subscription.
    void onMessage(TopicName topic, long offset) {
        if (known.size() == MOST_TOPICS || !known.add(topic)) {
            return;
        }
        calls.enqueue(
                () -> {
                    SubscriptionListener theirs = listener.onNewTopic(topic.value());
                    if (theirs != null) {
                        conversation.loop().execute(() -> begin(topic, offset, theirs));
                    }
                },
                CALL_BYTES);
    }

    private void begin(TopicName topic, long offset, SubscriptionListener theirs) {
        Subscription subscription =
                new Subscription(conversation, topic, new From.Offset(offset), SubscribeOptions.DEFAULT, theirs);
        // The application may have subscribed to it meanwhile.
        if (conversation.claim(subscription)) {
            conversation.add(subscription);
        }
    }

    /// A subscription has ended. What is still under way for it is no reason to ask for a new one.
    void onLeft(TopicName topic) {
        if (known.size() < MOST_TOPICS) {
            known.add(topic);
        }
    }

    void onDisconnected() {
        known.clear();
    }
}
