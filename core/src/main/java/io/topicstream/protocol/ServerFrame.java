package io.topicstream.protocol;

import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything that the server can say, but for deliveries, which are encoded once for a whole audience. The
/// answers to queries stand in [Query]. `id` is the client's id of the frame that is answered, raw JSON; a reply
/// without one is not sent.
public sealed interface ServerFrame permits ServerFrame.Reply, ServerFrame.Event, ServerFrame.Error {
    /// What answers a frame that was carried out.
    sealed interface Reply extends ServerFrame
            permits Published,
                    Subscribed,
                    Unsubscribed,
                    Authenticated,
                    Sent,
                    Named,
                    RoomPut,
                    RoomDeleted,
                    TakenBack,
                    Moved,
                    Done,
                    Pong,
                    Query.Answer {}

    /// What the server says unasked.
    sealed interface Event extends ServerFrame {}

    /// What is said to a topic's audience and not kept: the same for all who hear it.
    sealed interface ToAudience extends Event {
        TopicName topic();
    }

    /// The first frame of a native connection.
    ///
    /// @param user the user's id, or null for an anonymous client without one
    /// @param name the display name, or null
    /// @param serverTime epoch milliseconds
    /// @param pingMs how often each side pings, in milliseconds
    /// @param expiresAt epoch milliseconds at which the credentials end, or null
    /// @param subscriptions the user's durable ones, with the positions from which they are live
    /// @param more whether others follow in [Subscriptions]
    record Welcome(
            String connectionId,
            @Nullable String user,
            @Nullable String name,
            long serverTime,
            long pingMs,
            Durability durability,
            @Nullable Long expiresAt,
            List<TopicExtent> subscriptions,
            boolean more)
            implements Event {}

    /// Durable subscriptions for which the greeting had no room; comes straight after it.
    ///
    /// @param more whether others follow
    record Subscriptions(List<TopicExtent> subscriptions, boolean more) implements Event {}

    /// The answer to `subscribe`; always sent on the native dialect.
    ///
    /// @param extent with, as its next offset, the first offset that is delivered when `from` is new
    /// @param recovered whether everything after the named position is coming
    record Subscribed(byte @Nullable [] id, TopicName topic, Extent extent, boolean recovered) implements Reply {}

    record Unsubscribed(byte @Nullable [] id, TopicName topic) implements Reply {}

    /// The answer to `publish`.
    ///
    /// @param durability named in the reply where it is below the default
    record Published(
            byte @Nullable [] id, TopicName topic, long epoch, long offset, long timestamp, Durability durability)
            implements Reply {}

    record Authenticated(
            byte @Nullable [] id,
            @Nullable String user,
            @Nullable Long expiresAt) implements Reply {}

    /// The answer to `send`.
    ///
    /// @param topic of the two
    /// @param durability named in the reply where it is below the default
    /// @param online whether the other one has a connection at the moment
    record Sent(
            byte @Nullable [] id,
            TopicName topic,
            long epoch,
            long offset,
            long timestamp,
            Durability durability,
            boolean online)
            implements Reply {}

    /// The answer to `name`.
    record Named(byte @Nullable [] id, String name) implements Reply {}

    /// The answer to `room`.
    ///
    /// @param owner the user's id
    /// @param created epoch milliseconds
    /// @param presence the room's own policy of it, or null where it has none
    record RoomPut(
            byte @Nullable [] id,
            TopicName topic,
            @Nullable String title,
            String owner,
            long created,
            @Nullable String presence)
            implements Reply {}

    /// The answer to `delete_room`.
    record RoomDeleted(byte @Nullable [] id, TopicName topic) implements Reply {}

    /// The answer to `redact`.
    record TakenBack(byte @Nullable [] id, TopicName topic, long offset) implements Reply {}

    /// The answer to a move: the room that the client is in now, as it named it.
    record Moved(byte @Nullable [] id, String room) implements Reply {}

    /// A reply that only says that it was done.
    record Done(byte @Nullable [] id) implements Reply {}

    record Pong(byte @Nullable [] id) implements Reply {}

    /// The answer to what could not be done.
    ///
    /// @param nextOffset of a [ErrorCode#CONFLICT], or null
    record Error(
            byte @Nullable [] id,
            ErrorCode code,
            String message,
            @Nullable TopicName topic,
            @Nullable Long nextOffset) implements ServerFrame {}

    /// Something said to the audience and not kept.
    record Signal(TopicName topic, @Nullable String from, byte[] payload) implements ToAudience {}

    /// Who is in a topic has changed: a user came or went, on all devices taken together.
    ///
    /// @param change what happened; null where only the number is told
    /// @param count how many users are in it now
    record Presence(TopicName topic, @Nullable Arrival change, long count) implements ToAudience {}

    /// A user came or went.
    ///
    /// @param hasCome true for came, false for went
    /// @param user null for an anonymous client without an id
    record Arrival(
            boolean hasCome,
            @Nullable String user,
            @Nullable String name) {}

    /// A connection came into a topic or left it: for the dialects that tell of each one, at once.
    ///
    /// @param hasCome true for came, false for left
    /// @param byMoving whether the client asked for it, or else connected or disconnected
    /// @param user null for an anonymous client without an id
    /// @param shownAs the id by which the client called itself, where that is another than `user`; or null
    /// @param name as it is shown
    /// @param timestamp epoch milliseconds
    record Notice(
            TopicName topic,
            boolean hasCome,
            boolean byMoving,
            @Nullable String user,
            @Nullable String shownAs,
            @Nullable String name,
            long timestamp)
            implements ToAudience {}

    /// How far a user has come in a topic.
    ///
    /// @param delivered an offset, or [Query#NOT_GIVEN] where that has not changed
    /// @param read an offset, or [Query#NOT_GIVEN] where that has not changed
    record Receipt(TopicName topic, String user, long delivered, long read) implements ToAudience {}

    /// Messages were taken back: what they said is gone.
    ///
    /// @param offsets at least one, rising
    record Redacted(TopicName topic, List<Long> offsets) implements ToAudience {}

    /// What was asked for is gone; delivery continues from the first that is kept.
    record Truncated(TopicName topic, long epoch, long firstOffset) implements Event {}

    /// After the common offset the log has another life than the client saw; delivery continues
    /// after it.
    record Reset(TopicName topic, long epoch, long commonOffset) implements Event {}

    /// A room to which the client has listened was deleted: nothing more is delivered of it, until it subscribes anew.
    record RoomEnded(TopicName topic) implements Event {}

    /// This node is about to stop: come back elsewhere, with your offsets.
    record Draining(long reconnectInMs) implements Event {}
}
