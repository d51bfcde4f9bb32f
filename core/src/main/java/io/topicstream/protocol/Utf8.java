package io.topicstream.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The check that bytes are UTF-8 (RFC 3629), for front doors whose transport does not make it: on
/// a WebSocket text message it is the transport's duty, on an HTTP body it is ours.
public final class Utf8 {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private Utf8() {}

    /// Whether the bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF and no
    /// character that is cut off.
    public static boolean isValid(byte[] text, int from, int to) {
        int at = from;
        while (at < to) {
            while (at <= to - Long.BYTES && ((long) LONGS.get(text, at) & HIGH_BITS) == 0) {
                at += Long.BYTES;
            }
            if (at == to) {
                return true;
            }
            int lead = text[at] & 0xFF;
            if (lead < 0x80) {
                at++;
            } else {
                int length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
                if (length == 0 || at + length > to || !isSecond(lead, text[at + 1] & 0xFF)) {
                    return false;
                }
                for (int i = at + 2; i < at + length; i++) {
                    if ((text[i] & 0xC0) != 0x80) {
                        return false;
                    }
                }
                at += length;
            }
        }
        return true;
    }

    /// Whether the byte may follow the first one of a character: the ranges of RFC 3629, section 4.
    private static boolean isSecond(int lead, int second) {
        return switch (lead) {
            case 0xE0 -> second >= 0xA0 && second <= 0xBF;
            case 0xED -> second >= 0x80 && second <= 0x9F;
            case 0xF0 -> second >= 0x90 && second <= 0xBF;
            case 0xF4 -> second >= 0x80 && second <= 0x8F;
            default -> second >= 0x80 && second <= 0xBF;
        };
    }
}
