package io.topicstream.client;

import org.jspecify.annotations.Nullable;

/// Asked who listens to a topic to which this client has not subscribed, and of which messages come all the
/// same: a chat that somebody has begun with its user, or one that the user has begun on another device.
///
/// What has begun while there was no connection shows by no message: [TopicStreamClient#cursors] lists it,
/// with how far the user has come there.
///
/// The calls come one at a time, on the threads on which all listeners are called.
@FunctionalInterface
public interface NewTopicListener {
    /// A message of such a topic has come. The answer's subscription begins with it, and is from then on
    /// like one that the application has asked for.
    ///
    /// @return who is told of the topic; null where nobody listens, and then nobody is asked again on this
    ///     connection
    @Nullable
    SubscriptionListener onNewTopic(String topic);
}
