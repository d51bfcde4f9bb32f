package io.topicstream.signal;

import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
            default -> null;
        };
    }

    private static @Nullable Signal membershipChanged(byte[] in) {
        TopicName topic = TopicName.orNull(new String(in, HEAD, in.length - HEAD, StandardCharsets.US_ASCII));
        return topic == null ? null : new MembershipChanged(topic);
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
}
