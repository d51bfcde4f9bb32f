package io.topicstream.row;

import io.topicstream.log.Details;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import java.nio.ByteBuffer;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A message as it stands in a row, but for its offset and its timestamp.
///
/// ```
/// members varint | what it has of these, in this order:
///   kind 1 (1: bytes, 2: redacted; without it JSON) | content type text (of bytes)
///   | from text | message id text | key text | withheld from text | origin text
///   | headers: count varint, count × (name text, value text); names with _ in front are the server's
/// | payload varint + bytes
/// ```
///
/// `members` has a bit for each member that is there: 1 from, 2 message id, 4 key, 8 withheld from, 16 headers,
/// 32 origin, 64 kind. So a message pays a byte for all that it does not have, and later members find a place.
/// A member, kind or header that this class does not know is refused by name.
public final class MessageRow {
    private static final byte KIND_BYTES = 1;
    private static final byte KIND_REDACTED = 2;

    private static final int FROM = 1;
    private static final int MESSAGE_ID = 2;
    private static final int KEY = 4;
    private static final int WITHHELD_FROM = 8;
    private static final int HEADERS = 16;
    private static final int ORIGIN = 32;
    private static final int KIND = 64;
    private static final int TEXTS = FROM | MESSAGE_ID | KEY | WITHHELD_FROM | ORIGIN;
    private static final int MEMBERS = TEXTS | HEADERS | KIND;

    /// Members, kind and the lengths of headers and payload, at most.
    private static final int MESSAGE_BYTES = 12;

    private MessageRow() {}

    /// No fewer bytes than the message will take.
    public static int maxBytes(
            @Nullable String from, @Nullable String messageId, @Nullable Details details, byte[] payload) {
        return MESSAGE_BYTES
                + Bytes.maxTextBytes(from)
                + Bytes.maxTextBytes(messageId)
                + (details == null ? 0 : maxBytes(details))
                + payload.length;
    }

    private static int maxBytes(Details details) {
        int bytes = Bytes.maxTextBytes(details.contentType())
                + Bytes.maxTextBytes(details.key())
                + Bytes.maxTextBytes(details.withheldFrom())
                + Bytes.maxTextBytes(details.origin());
        Headers headers = details.headers();
        for (int i = 0; i < headers.count(); i++) {
            bytes += Bytes.maxTextBytes(headers.name(i)) + Bytes.maxTextBytes(headers.value(i));
        }
        return bytes;
    }

    /// Writes a message.
    public static void put(
            ByteBuffer to,
            @Nullable String from,
            @Nullable String messageId,
            @Nullable Details details,
            byte[] payload) {
        int members = (from == null ? 0 : FROM)
                | (messageId == null ? 0 : MESSAGE_ID)
                | (details == null ? 0 : membersOf(details));
        Bytes.putVarint(to, members);
        if (details != null) {
            putKind(to, details);
        }
        putTextIfThere(to, from);
        putTextIfThere(to, messageId);
        if (details != null) {
            putTextIfThere(to, details.key());
            putTextIfThere(to, details.withheldFrom());
            putTextIfThere(to, details.origin());
            putHeaders(to, details.headers());
        }
        Bytes.putVarint(to, payload.length);
        to.put(payload);
    }

    private static int membersOf(Details details) {
        return (details.key() == null ? 0 : KEY)
                | (details.withheldFrom() == null ? 0 : WITHHELD_FROM)
                | (details.headers().isEmpty() ? 0 : HEADERS)
                | (details.origin() == null ? 0 : ORIGIN)
                | (details.kind() == Message.Kind.JSON ? 0 : KIND);
    }

    private static void putKind(ByteBuffer to, Details details) {
        switch (details.kind()) {
            case JSON -> {}
            case BYTES -> {
                to.put(KIND_BYTES);
                Bytes.putText(to, details.contentType());
            }
            case REDACTED -> to.put(KIND_REDACTED);
        }
    }

    private static void putTextIfThere(ByteBuffer to, @Nullable String text) {
        if (text != null) {
            Bytes.putText(to, text);
        }
    }

    private static void putHeaders(ByteBuffer to, Headers headers) {
        if (headers.isEmpty()) {
            return;
        }
        Bytes.putVarint(to, headers.count());
        for (int i = 0; i < headers.count(); i++) {
            Bytes.putText(to, headers.name(i));
            Bytes.putText(to, headers.value(i));
        }
    }

    /// Reads a message.
    ///
    /// @throws BadRowException, or what the buffer and the message throw, if it cannot be read
    public static Message get(ByteBuffer value, long offset, long timestamp) {
        int members = members(value);
        Message.Kind kind = (members & KIND) == 0 ? Message.Kind.JSON : kind(value);
        String contentType = kind == Message.Kind.BYTES ? text(value) : null;
        String from = textIf(value, members, FROM);
        String messageId = textIf(value, members, MESSAGE_ID);
        Details details = null;
        if ((members & ~(FROM | MESSAGE_ID)) != 0) {
            String key = textIf(value, members, KEY);
            String withheldFrom = textIf(value, members, WITHHELD_FROM);
            String origin = textIf(value, members, ORIGIN);
            Headers headers = (members & HEADERS) == 0 ? Headers.NONE : headers(value);
            details = new Details(kind, contentType, headers, key, origin, withheldFrom);
        }
        return new Message(offset, timestamp, from, messageId, payload(value), details);
    }

    /// Steps over a message.
    public static void skip(ByteBuffer value) {
        int members = members(value);
        boolean isBytes = (members & KIND) != 0 && kind(value) == Message.Kind.BYTES;
        skipTexts(value, Integer.bitCount(members & TEXTS) + (isBytes ? 1 : 0));
        if ((members & HEADERS) != 0) {
            skipTexts(value, 2 * headerCount(value));
        }
        skipBytes(value, Bytes.getVarint(value));
    }

    private static int members(ByteBuffer value) {
        int members = Bytes.getVarint(value);
        if ((members & ~MEMBERS) != 0) {
            throw new BadRowException(
                    "it has members this version does not know: " + Integer.toHexString(members & ~MEMBERS));
        }
        return members;
    }

    private static Message.Kind kind(ByteBuffer value) {
        byte kind = value.get();
        return switch (kind) {
            case KIND_BYTES -> Message.Kind.BYTES;
            case KIND_REDACTED -> Message.Kind.REDACTED;
            default -> throw unknownKind(kind);
        };
    }

    /// The failure that names a kind which this version does not know.
    public static BadRowException unknownKind(byte kind) {
        return new BadRowException("its kind is " + kind + ", which this version does not know");
    }

    private static @Nullable String textIf(ByteBuffer value, int members, int member) {
        return (members & member) == 0 ? null : text(value);
    }

    private static String text(ByteBuffer value) {
        String text = Bytes.getText(value);
        if (text == null) {
            throw new BadRowException("a text that it has is not there");
        }
        return text;
    }

    private static int headerCount(ByteBuffer value) {
        int headers = Bytes.getVarint(value);
        if (headers < 1 || headers > Headers.MAX_STORED_COUNT) {
            throw new BadRowException("it says it has " + headers + " headers");
        }
        return headers;
    }

    private static Headers headers(ByteBuffer value) {
        TreeMap<String, String> headers = new TreeMap<>();
        for (int left = headerCount(value); left > 0; left--) {
            String name = text(value);
            if (headers.put(name, text(value)) != null) {
                throw new BadRowException("a header stands twice");
            }
        }
        return Headers.kept(headers);
    }

    private static byte[] payload(ByteBuffer value) {
        return Bytes.getBytes(value, Bytes.getVarint(value));
    }

    /// Steps over so many texts.
    public static void skipTexts(ByteBuffer value, int texts) {
        for (int text = 0; text < texts; text++) {
            int length = Bytes.getVarint(value);
            skipBytes(value, Math.max(0, length - 1));
        }
    }

    /// Steps over so many bytes.
    public static void skipBytes(ByteBuffer value, int length) {
        if (length > value.remaining()) {
            throw new BadRowException("it ends too early");
        }
        value.position(value.position() + length);
    }
}
