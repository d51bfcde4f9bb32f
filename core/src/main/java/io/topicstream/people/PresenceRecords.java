package io.topicstream.people;

import io.topicstream.log.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How presence stands in the stores, and how changes of it are told from node to node.
///
/// | store | partition | key | value |
/// | --- | --- | --- | --- |
/// | ephemeral | `presence-nodes` | node | version 1, 2 bytes of its tag: the lease of the node, which ends soon |
/// | ephemeral | `presence/` + topic | member, space, node | [PresenceEntry] |
/// | ephemeral | `presence-index` | topic, space, node | version 1, 4 bytes users, 4 connections, 8 of the last change
/// |
/// | ephemeral | `presence-online` | user, space, node | 1 byte, 1 |
/// | durable | `last-seen` | user | a `StateNumber`: epoch milliseconds |
///
/// A node is 16 hexadecimal digits, drawn anew whenever its lease has ended: so what a lease that has ended leaves
/// behind is nobody's for ever. A member is a user's id, or of an anonymous connection `~` and a hash of its id. A
/// space is below every character of both, so members and topics are in their own order.
final class PresenceRecords {
    static final String NODES = "presence-nodes";
    static final String INDEX = "presence-index";
    static final String ONLINE = "presence-online";
    static final String LAST_SEEN = "last-seen";

    private static final String ENTRIES = "presence/";
    private static final char BETWEEN = ' ';
    private static final char AFTER_BETWEEN = '!';
    private static final char ANONYMOUS = '~';
    private static final int NODE_DIGITS = 16;
    private static final int HASH_BYTES = 12;
    private static final byte VERSION = 1;
    private static final int INDEX_BYTES = 1 + 2 * Integer.BYTES + Long.BYTES;

    private PresenceRecords() {}

    // ---- names

    static String entries(TopicName topic) {
        return entriesOf(topic.value());
    }

    static String entriesOf(String topic) {
        return ENTRIES + topic;
    }

    static String key(String front, String node) {
        return front + BETWEEN + node;
    }

    /// What the keys of all nodes begin with.
    static String prefix(String front) {
        return front + BETWEEN;
    }

    /// Where a scan goes on behind the keys of all nodes; at the front where the text is empty.
    static String behind(String front) {
        return front.isEmpty() ? "" : front + AFTER_BETWEEN;
    }

    /// What stands in front of the node.
    static String front(String key) {
        return key.substring(0, Math.max(0, key.length() - NODE_DIGITS - 1));
    }

    static String node(String key) {
        return key.substring(Math.max(0, key.length() - NODE_DIGITS));
    }

    static String node(long number) {
        return HexFormat.of().toHexDigits(number);
    }

    static long number(String node) {
        return HexFormat.fromHexDigitsToLong(node);
    }

    static String member(Presence.Present who) {
        return who.user() == null ? ANONYMOUS + hash(who.connectionId()) : who.user();
    }

    static @Nullable String user(String member) {
        return member.charAt(0) == ANONYMOUS ? null : member;
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, HASH_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// What a lease says of its node.
    ///
    /// @param tag of the node, as it stands in the ids of its connections
    static byte[] lease(int tag) {
        return new byte[] {VERSION, (byte) (tag >> Byte.SIZE), (byte) tag};
    }

    // ---- the index

    /// What a node says of its part of a topic.
    ///
    /// @param change the number of the last change that stands in its entries
    record Index(int users, int connections, long change) {
        byte[] encode() {
            return ByteBuffer.allocate(INDEX_BYTES)
                    .put(VERSION)
                    .putInt(users)
                    .putInt(connections)
                    .putLong(change)
                    .array();
        }

        /// The record, or null where a later version wrote the bytes.
        static @Nullable Index decode(byte[] value) {
            if (value.length < INDEX_BYTES || value[0] != VERSION) {
                return null;
            }
            ByteBuffer in = ByteBuffer.wrap(value, 1, INDEX_BYTES - 1);
            return new Index(in.getInt(), in.getInt(), in.getLong());
        }
    }

    // ---- changes

    /// One member as a node has it now.
    ///
    /// @param entry null where the node has it no longer
    record Change(String member, @Nullable PresenceEntry entry) {
        /// How long it is in a signal, in bytes.
        int sizeBytes() {
            String name = entry == null ? null : entry.name();
            return 2 * Short.BYTES + member.length() + 16 + (name == null ? 0 : 4 * name.length());
        }
    }

    /// Each change is two texts: the member, and its entry as it is stored; empty where the member has gone.
    static byte[] encode(List<Change> changes) {
        List<byte[]> texts = new ArrayList<>(2 * changes.size());
        int length = 0;
        for (Change change : changes) {
            byte[] member = change.member().getBytes(StandardCharsets.UTF_8);
            byte[] entry = change.entry() == null ? new byte[0] : change.entry().encode();
            texts.add(member);
            texts.add(entry);
            length += 2 * Short.BYTES + member.length + entry.length;
        }
        ByteBuffer out = ByteBuffer.allocate(length);
        for (byte[] text : texts) {
            out.putShort((short) text.length).put(text);
        }
        return out.array();
    }

    /// The changes, or null where a later version wrote the bytes.
    static @Nullable List<Change> decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        List<Change> changes = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] member = text(in);
            byte[] entry = member == null ? null : text(in);
            if (member == null || entry == null || member.length == 0) {
                return null;
            }
            PresenceEntry now = entry.length == 0 ? null : PresenceEntry.decode(entry);
            if (entry.length > 0 && now == null) {
                return null;
            }
            changes.add(new Change(new String(member, StandardCharsets.UTF_8), now));
        }
        return changes;
    }

    private static byte @Nullable [] text(ByteBuffer in) {
        if (in.remaining() < Short.BYTES) {
            return null;
        }
        int length = Short.toUnsignedInt(in.getShort());
        if (length > in.remaining()) {
            return null;
        }
        byte[] text = new byte[length];
        in.get(text);
        return text;
    }
}
