package io.topicstream.protocol;

import io.topicstream.log.TopicName;

/// The forms in which a delivery can stand on the wire: a dialect, and whether several messages may
/// come as one array. A delivery is encoded once per form and framing, however many listen.
public enum WireFormat {
    /// The native dialect, one frame a WebSocket message.
    NATIVE(false, Memberships.ALL),
    /// The native dialect for clients that offered `topicstream.v1`: consecutive messages of one
    /// topic may come as one array.
    NATIVE_ARRAYS(true, Memberships.ALL),
    /// The topics dialect of the stage `/live`.
    TOPICS(false, Memberships.ALL),
    /// The chat dialect.
    CHAT(false, Memberships.NONE),
    /// The chat dialect, where frames are named for those who receive them.
    CHAT_RECEIVED(false, Memberships.NONE),
    /// The rooms dialect.
    ROOMS(false, Memberships.DIRECT);

    /// Which of its user's durable subscriptions a connection of the format joins.
    private enum Memberships {
        ALL,
        /// The topics of two users alone.
        DIRECT,
        NONE
    }

    private final boolean hasArrays;
    private final Memberships memberships;

    WireFormat(boolean hasArrays, Memberships memberships) {
        this.hasArrays = hasArrays;
        this.memberships = memberships;
    }

    /// Whether a connection of the format joins this durable subscription of its user: it has words for its messages.
    public boolean joins(TopicName topic) {
        return switch (memberships) {
            case ALL -> true;
            case DIRECT -> topic.value().startsWith("dm:");
            case NONE -> false;
        };
    }

    /// Whether several messages may come as one array.
    public boolean hasArrays() {
        return hasArrays;
    }
}
