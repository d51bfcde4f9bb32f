package io.topicstream.people;

import io.topicstream.access.Identity;
import io.topicstream.access.RightsChange;
import io.topicstream.log.TopicName;
import io.topicstream.topic.Listener;

/// One connection of a user, as those see it who speak to all of them. Used on the thread of its lane.
public interface UserConnection {
    /// Who the user is, and what it may do.
    Identity identity();

    /// What is in the audiences.
    Listener listener();

    /// Whether the user's durable subscriptions are joined for it, or else are for the client to join; but for chats
    /// that become the user's later, which its client does not know.
    boolean joinsDurable();

    /// Whether this durable subscription of the user is one for this connection: its dialect has words for the
    /// messages.
    boolean takes(TopicName topic);

    /// Whether the topic is just becoming one of the user's own through this connection: that the store does
    /// not have it is of before.
    boolean isSubscribingDurably(TopicName topic);

    /// Whether the topic is just ceasing to be one of the user's own through this connection: that the store
    /// has it is of before.
    boolean isUnsubscribingDurably(TopicName topic);

    /// A room was deleted: where it listens to that it does so no longer, and its client is told.
    void onRoomDeleted(TopicName room);

    /// Rights that concern it have changed: ends the connection if it has none any more.
    void onRightsChanged(RightsChange change);
}
