package io.topicstream.protocol;

import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import io.topicstream.log.TopicName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything that a client can say. This page has all that does something, [Query] what only asks: together
/// the list of what can happen.
///
/// A frame has been checked for its form (names, ranges, limits of single members), not for what
/// its sender may do. `id` is the client's own id of the frame as it stood on the wire, raw JSON (a
/// string with its quotes, or a number); null where there was none.
public sealed interface ClientFrame
        permits ClientFrame.Publish,
                ClientFrame.Say,
                ClientFrame.Subscribe,
                ClientFrame.Unsubscribe,
                ClientFrame.Signal,
                ClientFrame.Authenticate,
                ClientFrame.Request,
                ClientFrame.Aside,
                Query {
    /// The client's id of the frame, raw JSON, or null.
    byte @Nullable [] id();

    /// What it carries beside names and numbers, in bytes.
    default int payloadBytes() {
        return 0;
    }

    /// Listen to a topic.
    ///
    /// @param from where to begin; null where the frame did not say, which means new on a first
    ///     subscription and no change on a second
    /// @param durable whether the subscription belongs to the user rather than to the connection
    /// @param presence whether to be seen in the topic, and to hear who comes and goes; null where the topic's
    ///     policy decides
    record Subscribe(
            byte @Nullable [] id,
            TopicName topic,
            @Nullable From from,
            boolean durable,
            @Nullable Boolean presence) implements ClientFrame {
        /// One that says nothing of presence.
        public Subscribe(byte @Nullable [] id, TopicName topic, @Nullable From from, boolean durable) {
            this(id, topic, from, durable, null);
        }
    }

    /// Listen no longer: on this connection, or with `durable` on all of the user's, for good.
    record Unsubscribe(byte @Nullable [] id, TopicName topic, boolean durable) implements ClientFrame {}

    /// Add a message to a topic.
    ///
    /// @param expectedOffset the offset that it must get, or [io.topicstream.log.Append#ANY_OFFSET]
    /// @param echo false where this connection does not want it back
    record Publish(byte @Nullable [] id, TopicName topic, Draft draft, long expectedOffset, boolean echo)
            implements ClientFrame {
        @Override
        public int payloadBytes() {
            return draft.sizeBytes();
        }
    }

    /// Add a message to the topic of the room that the client is in when the frame is run.
    ///
    /// @param echo false where it is withheld from those who are one with its sender
    record Say(byte @Nullable [] id, Draft draft, boolean echo) implements ClientFrame {
        /// The same, said in this room.
        ///
        /// @param room null where its client is in none, which is a fault of ours
        public Publish in(@Nullable TopicName room) {
            if (room == null) {
                throw new IllegalStateException("a dialect without rooms says nothing in one");
            }
            return new Publish(id, room, draft, Append.ANY_OFFSET, echo);
        }

        @Override
        public int payloadBytes() {
            return draft.sizeBytes();
        }
    }

    /// Say something to a topic's audience that is not kept.
    ///
    /// @param payload raw JSON, one line, at most [#MAX_PAYLOAD_BYTES]
    record Signal(byte @Nullable [] id, TopicName topic, byte[] payload) implements ClientFrame {
        /// The largest payload of a signal.
        public static final int MAX_PAYLOAD_BYTES = 8 * 1024;

        @Override
        public int payloadBytes() {
            return payload.length;
        }
    }

    /// Show new credentials of the same user.
    record Authenticate(byte @Nullable [] id, String token) implements ClientFrame {
        @Override
        public int payloadBytes() {
            return token.length();
        }
    }

    /// Something that changes what is kept or known of people, and is answered by a reply.
    sealed interface Request extends ClientFrame {
        /// Whether the frames behind it wait until it has taken effect.
        default boolean holdsBack() {
            return true;
        }

        /// Whether it is done even where its connection ends before its turn has come.
        default boolean outlivesConnection() {
            return true;
        }
    }

    /// Say something to one user, on all devices of both.
    ///
    /// @param to a user's id
    record Send(byte @Nullable [] id, String to, Draft draft) implements Request {
        @Override
        public int payloadBytes() {
            return draft.sizeBytes();
        }
    }

    /// Say something to one user who is online, on all devices of both; where the user is not, nothing is kept.
    ///
    /// @param to the id by which the user is shown
    record Tell(byte @Nullable [] id, String to, Draft draft) implements Request {
        @Override
        public int payloadBytes() {
            return draft.sizeBytes();
        }
    }

    /// Go from the room that the client is in to another one.
    ///
    /// @param room the room to go to, as the client names it
    /// @param isLeaving whether only the room that is left is told of it
    /// @param onlyFrom the room out of which it goes; where the client is in another one by then, nothing happens.
    ///     Null where it goes from any
    record Move(
            byte @Nullable [] id,
            String room,
            boolean isLeaving,
            @Nullable String onlyFrom) implements Request {
        /// As the client asks for it.
        public Move(byte @Nullable [] id, String room, boolean isLeaving) {
            this(id, room, isLeaving, null);
        }

        @Override
        public boolean outlivesConnection() {
            return false;
        }
    }

    /// How far a user has come in a topic; at least one of the two is given.
    ///
    /// @param delivered the last offset that has arrived, or [Query#NOT_GIVEN]
    /// @param read the last offset that was read, or [Query#NOT_GIVEN]
    record Ack(byte @Nullable [] id, TopicName topic, long delivered, long read) implements Request {
        @Override
        public boolean holdsBack() {
            return false;
        }
    }

    /// Claim a display name that nobody else who is online has.
    record Name(byte @Nullable [] id, String name) implements Request {
        @Override
        public boolean outlivesConnection() {
            return false;
        }
    }

    /// Make a room, or change what is kept of it.
    ///
    /// @param title null where it stays as it is
    /// @param policy by name; null where it stays as it is, and without any entry what is configured holds
    record PutRoom(
            byte @Nullable [] id,
            TopicName topic,
            @Nullable String title,
            @Nullable Map<String, String> policy) implements Request {
        /// The longest title, in characters: code points.
        public static final int MAX_TITLE_LENGTH = 200;
    }

    /// Delete a room, with all that was said in it.
    record DeleteRoom(byte @Nullable [] id, TopicName topic) implements Request {}

    /// Take a message back: it keeps its place, and what it said goes.
    record Redact(byte @Nullable [] id, TopicName topic, long offset) implements Request {}

    /// A frame that is answered at once and changes nothing.
    sealed interface Aside extends ClientFrame {}

    /// Are you there?
    record Ping(byte @Nullable [] id) implements Aside {}

    /// An action that nobody knows.
    record Unknown(byte @Nullable [] id, String action) implements Aside {}

    /// Something that is no frame of the protocol; answered with the error.
    record Malformed(byte @Nullable [] id, ErrorCode code, String reason) implements Aside {}

    /// The longest `id`, in bytes as it stands on the wire, quotes included.
    int MAX_ID_BYTES = 128;
}
