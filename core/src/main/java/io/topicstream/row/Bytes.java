package io.topicstream.row;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The few shapes that all stored rows are made of, on big-endian buffers.
///
/// A *varint* is an `int` of 0 or more, seven bits a byte, lowest first. A *text* is a varint, 0 for null and
/// otherwise the number of its bytes plus one, and then its UTF-8.
public final class Bytes {
    private static final byte[] EMPTY = {};

    private Bytes() {}

    public static void putVarint(ByteBuffer to, int value) {
        int rest = value;
        while (rest > 0x7F) {
            to.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        to.put((byte) rest);
    }

    public static int getVarint(ByteBuffer from) {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte next = from.get();
            value |= (next & 0x7F) << shift;
            if (next >= 0) {
                if (value < 0) {
                    break;
                }
                return value;
            }
        }
        throw new BadRowException("a length in it is not one");
    }

    public static void putText(ByteBuffer to, @Nullable String text) {
        if (text == null) {
            to.put((byte) 0);
            return;
        }
        int start = to.position();
        int length = text.length();
        putVarint(to, length + 1);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                to.position(start);
                putVarint(to, utf8.length + 1);
                to.put(utf8);
                return;
            }
            to.put((byte) c);
        }
    }

    public static @Nullable String getText(ByteBuffer from) {
        int length = getVarint(from);
        if (length == 0) {
            return null;
        }
        return new String(getBytes(from, length - 1), StandardCharsets.UTF_8);
    }

    public static byte[] getBytes(ByteBuffer from, int length) {
        if (length > from.remaining()) {
            throw new BadRowException("it ends too early");
        }
        if (length == 0) {
            return EMPTY;
        }
        byte[] bytes = new byte[length];
        from.get(bytes);
        return bytes;
    }

    /// The most bytes that a text can take.
    public static int maxTextBytes(@Nullable String text) {
        return text == null ? 1 : 5 + 3 * text.length();
    }
}
