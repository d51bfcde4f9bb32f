package io.topicstream.signal;

import io.topicstream.log.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Something that is told to all who follow a topic at the moment, on all nodes, and that nobody keeps. All
/// kinds there are, and their one encoding.
///
/// | bytes | what |
/// | --- | --- |
/// | 1 | version, 1 |
/// | 1 | kind |
/// | rest | of the kind |
///
/// Nodes of different versions talk to each other while a cluster is updated. So a node ignores a version or
/// a kind that it does not know, and what it would have meant is found when the truth is read again.
public sealed interface Signal {
    /// Something that a client said to a topic's audience. Kind 1: the length of the user's id in one byte
    /// (0 where there is none), the id in ASCII, the payload.
    ///
    /// @param user who said it, or null for one without an id
    /// @param payload raw JSON
    record Said(@Nullable String user, byte[] payload) implements Signal {
        @Override
        public byte[] encode() {
            byte[] id = user == null ? new byte[0] : user.getBytes(StandardCharsets.US_ASCII);
            byte[] out = new byte[HEAD + 1 + id.length + payload.length];
            head(out, SAID);
            out[HEAD] = (byte) id.length;
            System.arraycopy(id, 0, out, HEAD + 1, id.length);
            System.arraycopy(payload, 0, out, HEAD + 1 + id.length, payload.length);
            return out;
        }
    }

    /// Whether a topic belongs to a user has changed: it is to be looked up. Kind 2: the topic's name in ASCII.
    record MembershipChanged(TopicName topic) implements Signal {
        @Override
        public byte[] encode() {
            return text(MEMBERSHIP, topic.value());
        }
    }

    /// A credential holds no more. Kind 3: its id in UTF-8.
    record Revoked(String credentialId) implements Signal {
        @Override
        public byte[] encode() {
            return text(REVOKED, credentialId);
        }
    }

    /// What the owner of a room has said of it has changed: it is to be looked up. Kind 10: the topic's name in ASCII.
    record RoomChanged(TopicName topic) implements Signal {
        @Override
        public byte[] encode() {
            return text(ROOM_CHANGED, topic.value());
        }
    }

    /// Somebody's rights have changed: the last changes are to be read. Kind 11: 8 bytes of the number of the change,
    /// the highest byte first.
    record RightsChanged(long number) implements Signal {
        @Override
        public byte[] encode() {
            return ByteBuffer.allocate(HEAD + Long.BYTES)
                    .put(VERSION)
                    .put(RIGHTS_CHANGED)
                    .putLong(number)
                    .array();
        }
    }

    /// Something is asked of one connection of the node that is spoken to. Kind 4: 8 bytes that name the question,
    /// 2 of the tag of the node that asks, the length of the connection's id in one byte, the id in ASCII, one
    /// byte of what is asked: 1 with the text that is posted, 2, or 3 with two bytes of the close code and its
    /// reason in UTF-8. Numbers have their highest byte first.
    ///
    /// @param question by which the answer finds who asked
    /// @param fromNode 0 to 65,535
    /// @param connectionId ASCII, at most 255 characters
    record ForConnection(long question, int fromNode, String connectionId, Ask ask) implements Signal {
        @Override
        public byte[] encode() {
            byte[] id = connectionId.getBytes(StandardCharsets.US_ASCII);
            byte[] asked = ask.encode();
            ByteBuffer out = ByteBuffer.allocate(HEAD + Long.BYTES + 2 + 1 + id.length + asked.length);
            out.put(VERSION).put(FOR_CONNECTION).putLong(question).putShort((short) fromNode);
            out.put((byte) id.length).put(id).put(asked);
            return out.array();
        }
    }

    /// What can be asked of a connection.
    sealed interface Ask {
        /// That the client is sent a text.
        record Post(byte[] text) implements Ask {
            @Override
            public byte[] encode() {
                return ByteBuffer.allocate(1 + text.length).put(POST).put(text).array();
            }
        }

        /// That it is told of.
        record Describe() implements Ask {
            @Override
            public byte[] encode() {
                return new byte[] {DESCRIBE};
            }
        }

        /// That it ends.
        ///
        /// @param code that a server may close a WebSocket with
        record Close(int code, String reason) implements Ask {
            public Close {
                if (!mayClose(code)) {
                    throw new IllegalArgumentException("a WebSocket may not be closed with " + code);
                }
            }

            /// RFC 6455, section 7.4, without the codes that stand for the lack of a close frame.
            private static boolean mayClose(int code) {
                return (code >= 1000 && code <= 1003)
                        || (code >= 1007 && code <= 1014)
                        || (code >= 3000 && code <= 4999);
            }

            @Override
            public byte[] encode() {
                byte[] text = reason.getBytes(StandardCharsets.UTF_8);
                return ByteBuffer.allocate(3 + text.length)
                        .put(CLOSE)
                        .putShort((short) code)
                        .put(text)
                        .array();
            }
        }

        /// Its bytes in the signal.
        byte[] encode();

        /// What the rest of a signal asks, or null where this version does not know it.
        private static @Nullable Ask decode(ByteBuffer in) {
            if (!in.hasRemaining()) {
                return null;
            }
            return switch (in.get()) {
                case POST -> new Post(rest(in));
                case DESCRIBE -> new Describe();
                case CLOSE -> close(in);
                default -> null;
            };
        }

        private static @Nullable Ask close(ByteBuffer in) {
            if (in.remaining() < 2) {
                return null;
            }
            int code = in.getShort();
            return Close.mayClose(code) ? new Close(code, new String(rest(in), StandardCharsets.UTF_8)) : null;
        }
    }

    /// The answer to what was asked of a connection. Kind 5: 8 bytes that name the question, the answer.
    ///
    /// @param answer as the one who asked knows to read it
    record OfConnection(long question, byte[] answer) implements Signal {
        @Override
        public byte[] encode() {
            return ByteBuffer.allocate(HEAD + Long.BYTES + answer.length)
                    .put(VERSION)
                    .put(OF_CONNECTION)
                    .putLong(question)
                    .put(answer)
                    .array();
        }
    }

    /// Who is in a topic has changed: a user came or went, on all devices taken together. Kind 6: one byte of what
    /// happened (0: only the number is told, 1: came, 2: went), 8 bytes of the number, and as [SignalText] the
    /// user and the name.
    ///
    /// @param hasCome null where only the number is told
    /// @param user null for an anonymous client without an id
    /// @param count how many users are in it now
    record Presence(
            @Nullable Boolean hasCome,
            @Nullable String user,
            @Nullable String name,
            long count) implements Signal {
        @Override
        public byte[] encode() {
            byte what = hasCome == null ? ONLY_COUNTED : hasCome ? CAME : WENT;
            return SignalText.encode(
                    ByteBuffer.allocate(HEAD + 1 + Long.BYTES)
                            .put(VERSION)
                            .put(PRESENCE)
                            .put(what)
                            .putLong(count),
                    user,
                    name);
        }
    }

    /// A connection came into a topic or left it. Kind 7: one byte (1: came; and 2: by moving), 8 bytes of the time
    /// in epoch milliseconds, and as [SignalText] the user, the id that is shown for it, and the name.
    ///
    /// @param byMoving whether the client asked for it, or else connected or disconnected
    /// @param user null for an anonymous client without an id
    /// @param shownAs the id by which the client called itself, where that is another than `user`; or null
    record Notice(
            boolean hasCome,
            boolean byMoving,
            @Nullable String user,
            @Nullable String shownAs,
            @Nullable String name,
            long timestamp)
            implements Signal {
        @Override
        public byte[] encode() {
            byte flags = (byte) ((hasCome ? HAS_COME : 0) | (byMoving ? BY_MOVING : 0));
            return SignalText.encode(
                    ByteBuffer.allocate(HEAD + 1 + Long.BYTES)
                            .put(VERSION)
                            .put(NOTICE)
                            .put(flags)
                            .putLong(timestamp),
                    user,
                    shownAs,
                    name);
        }
    }

    /// How far a user has come in a topic. Kind 8: 8 bytes of the offset up to which messages have arrived, 8 of that
    /// up to which they were read, each −1 where it has not changed, and as [SignalText] the user.
    record Receipt(String user, long delivered, long read) implements Signal {
        @Override
        public byte[] encode() {
            return SignalText.encode(
                    ByteBuffer.allocate(HEAD + 2 * Long.BYTES)
                            .put(VERSION)
                            .put(RECEIPT)
                            .putLong(delivered)
                            .putLong(read),
                    user);
        }
    }

    /// The members that a node has of a topic have changed, for the other nodes. Kind 9: 8 bytes of the node, 8 of the
    /// number of the change before, 8 of that of this one, and the changes as presence writes them.
    ///
    /// @param after the change before this one, so that it is seen where one was missed
    record MembersChanged(long node, long after, long change, byte[] changes) implements Signal {
        @Override
        public byte[] encode() {
            return ByteBuffer.allocate(HEAD + 3 * Long.BYTES + changes.length)
                    .put(VERSION)
                    .put(MEMBERS_CHANGED)
                    .putLong(node)
                    .putLong(after)
                    .putLong(change)
                    .put(changes)
                    .array();
        }
    }

    /// Messages of the topic were taken back. Kind 12: 8 bytes of each one's offset, rising.
    ///
    /// @param offsets at least one
    record Redacted(List<Long> offsets) implements Signal {
        public Redacted {
            offsets = List.copyOf(offsets);
            if (offsets.isEmpty()) {
                throw new IllegalArgumentException("at least one message was taken back");
            }
        }

        @Override
        public byte[] encode() {
            ByteBuffer out = ByteBuffer.allocate(HEAD + Long.BYTES * offsets.size())
                    .put(VERSION)
                    .put(REDACTED);
            offsets.forEach(out::putLong);
            return out.array();
        }
    }

    /// Its bytes.
    byte[] encode();

    /// The signal that the bytes are, or null where this version does not know it.
    static @Nullable Signal decode(byte[] in) {
        if (in.length < HEAD || in[0] != VERSION) {
            return null;
        }
        return switch (in[1]) {
            case SAID -> said(in);
            case MEMBERSHIP -> membershipChanged(in);
            case REVOKED -> new Revoked(new String(in, HEAD, in.length - HEAD, StandardCharsets.UTF_8));
            case FOR_CONNECTION -> forConnection(ByteBuffer.wrap(in, HEAD, in.length - HEAD));
            case OF_CONNECTION -> ofConnection(ByteBuffer.wrap(in, HEAD, in.length - HEAD));
            case PRESENCE -> presence(ByteBuffer.wrap(in, HEAD, in.length - HEAD));
            case NOTICE -> notice(ByteBuffer.wrap(in, HEAD, in.length - HEAD));
            case RECEIPT -> receipt(ByteBuffer.wrap(in, HEAD, in.length - HEAD));
            case MEMBERS_CHANGED -> membersChanged(ByteBuffer.wrap(in, HEAD, in.length - HEAD));
            case ROOM_CHANGED -> roomChanged(in);
            case RIGHTS_CHANGED ->
                in.length < HEAD + Long.BYTES
                        ? null
                        : new RightsChanged(ByteBuffer.wrap(in).getLong(HEAD));
            case REDACTED -> redacted(ByteBuffer.wrap(in, HEAD, in.length - HEAD));
            default -> null;
        };
    }

    private static @Nullable Signal forConnection(ByteBuffer in) {
        if (in.remaining() < Long.BYTES + 2 + 1) {
            return null;
        }
        long question = in.getLong();
        int fromNode = Short.toUnsignedInt(in.getShort());
        byte[] id = new byte[Byte.toUnsignedInt(in.get())];
        if (in.remaining() < id.length) {
            return null;
        }
        in.get(id);
        Ask ask = Ask.decode(in);
        return ask == null
                ? null
                : new ForConnection(question, fromNode, new String(id, StandardCharsets.US_ASCII), ask);
    }

    private static @Nullable Signal ofConnection(ByteBuffer in) {
        return in.remaining() < Long.BYTES ? null : new OfConnection(in.getLong(), rest(in));
    }

    private static @Nullable Signal presence(ByteBuffer in) {
        if (in.remaining() < 1 + Long.BYTES) {
            return null;
        }
        byte what = in.get();
        long count = in.getLong();
        @Nullable String[] texts = SignalText.decode(in, 2);
        if (texts == null || what < ONLY_COUNTED || what > WENT) {
            return null;
        }
        return new Presence(what == ONLY_COUNTED ? null : what == CAME, texts[0], texts[1], count);
    }

    private static @Nullable Signal notice(ByteBuffer in) {
        if (in.remaining() < 1 + Long.BYTES) {
            return null;
        }
        byte flags = in.get();
        long timestamp = in.getLong();
        @Nullable String[] texts = SignalText.decode(in, 3);
        return texts == null
                ? null
                : new Notice(
                        (flags & HAS_COME) != 0, (flags & BY_MOVING) != 0, texts[0], texts[1], texts[2], timestamp);
    }

    private static @Nullable Signal receipt(ByteBuffer in) {
        if (in.remaining() < 2 * Long.BYTES) {
            return null;
        }
        long delivered = in.getLong();
        long read = in.getLong();
        @Nullable String[] texts = SignalText.decode(in, 1);
        return texts == null || texts[0] == null ? null : new Receipt(texts[0], delivered, read);
    }

    private static @Nullable Signal membersChanged(ByteBuffer in) {
        return in.remaining() < 3 * Long.BYTES
                ? null
                : new MembersChanged(in.getLong(), in.getLong(), in.getLong(), rest(in));
    }

    private static @Nullable Signal redacted(ByteBuffer in) {
        if (!in.hasRemaining() || in.remaining() % Long.BYTES != 0) {
            return null;
        }
        List<Long> offsets = new ArrayList<>(in.remaining() / Long.BYTES);
        while (in.hasRemaining()) {
            offsets.add(in.getLong());
        }
        return new Redacted(offsets);
    }

    private static byte[] rest(ByteBuffer in) {
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return rest;
    }

    private static @Nullable Signal membershipChanged(byte[] in) {
        TopicName topic = TopicName.orNull(new String(in, HEAD, in.length - HEAD, StandardCharsets.US_ASCII));
        return topic == null ? null : new MembershipChanged(topic);
    }

    private static @Nullable Signal roomChanged(byte[] in) {
        TopicName topic = TopicName.orNull(new String(in, HEAD, in.length - HEAD, StandardCharsets.US_ASCII));
        return topic == null ? null : new RoomChanged(topic);
    }

    private static @Nullable Signal said(byte[] in) {
        int length = in.length == HEAD ? -1 : in[HEAD] & 0xFF;
        int payload = HEAD + 1 + length;
        if (length < 0 || payload > in.length) {
            return null;
        }
        String user = length == 0 ? null : new String(in, HEAD + 1, length, StandardCharsets.US_ASCII);
        return new Said(user, Arrays.copyOfRange(in, payload, in.length));
    }

    private static byte[] text(byte kind, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[HEAD + bytes.length];
        head(out, kind);
        System.arraycopy(bytes, 0, out, HEAD, bytes.length);
        return out;
    }

    private static void head(byte[] out, byte kind) {
        out[0] = VERSION;
        out[1] = kind;
    }

    /// The version of the encoding.
    byte VERSION = 1;
    /// Bytes in front of what a kind says.
    int HEAD = 2;
    /// The kind of [Said].
    byte SAID = 1;
    /// The kind of [MembershipChanged].
    byte MEMBERSHIP = 2;
    /// The kind of [Revoked].
    byte REVOKED = 3;
    /// The kind of [ForConnection].
    byte FOR_CONNECTION = 4;
    /// The kind of [OfConnection].
    byte OF_CONNECTION = 5;
    /// The kind of [Presence].
    byte PRESENCE = 6;
    /// The kind of [Notice].
    byte NOTICE = 7;
    /// The kind of [Receipt].
    byte RECEIPT = 8;
    /// The kind of [MembersChanged].
    byte MEMBERS_CHANGED = 9;
    /// The kind of [RoomChanged].
    byte ROOM_CHANGED = 10;
    /// The kind of [RightsChanged].
    byte RIGHTS_CHANGED = 11;
    /// The kind of [Redacted].
    byte REDACTED = 12;
    /// What happened, in a [Presence].
    byte ONLY_COUNTED = 0;
    /// As [#ONLY_COUNTED].
    byte CAME = 1;
    /// As [#ONLY_COUNTED].
    byte WENT = 2;
    /// A flag of a [Notice].
    int HAS_COME = 1;
    /// A flag of a [Notice].
    int BY_MOVING = 2;
    /// [Ask.Post] in a [ForConnection].
    byte POST = 1;
    /// [Ask.Describe] in a [ForConnection].
    byte DESCRIBE = 2;
    /// [Ask.Close] in a [ForConnection].
    byte CLOSE = 3;
}
