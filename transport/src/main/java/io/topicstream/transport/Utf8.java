package io.topicstream.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The check that bytes are UTF-8 (RFC 3629), which can stop anywhere and go on with the next piece, without
/// building a string.
///
/// The state is a number: [#ACCEPT] between characters, [#REJECT] for ever after a wrong byte, else the count of
/// continuation bytes that are missing and the range in which the next must lie (Unicode 16, table 3-7), which
/// is how overlong forms, surrogates and what lies above U+10FFFF are refused at their second byte.
///
/// What comes as a text message is checked already; the body of a request is its handler's to check.
public final class Utf8 {
    static final int ACCEPT = 0;
    static final int REJECT = -1;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long NON_ASCII = 0x8080_8080_8080_8080L;

    private Utf8() {}

    /// Whether the bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF and no character
    /// that is cut off.
    public static boolean isValid(byte[] bytes, int from, int to) {
        return validate(ACCEPT, bytes, from, to) == ACCEPT;
    }

    /// Takes `bytes[from, to)` and returns the state after them.
    static int validate(int state, byte[] bytes, int from, int to) {
        int at = from;
        int current = state;
        while (at < to) {
            if (current == ACCEPT) {
                while (at + 8 <= to && ((long) LONGS.get(bytes, at) & NON_ASCII) == 0) {
                    at += 8;
                }
                while (at < to && bytes[at] >= 0) {
                    at++;
                }
                if (at == to) {
                    return ACCEPT;
                }
                current = afterLead(bytes[at++] & 0xFF);
            } else {
                current = afterContinuation(current, bytes[at++] & 0xFF);
            }
            if (current == REJECT) {
                return REJECT;
            }
        }
        return current;
    }

    private static int afterLead(int lead) {
        if (lead < 0xC2 || lead > 0xF4) {
            return REJECT;
        }
        if (lead < 0xE0) {
            return expect(1, 0x80, 0xBF);
        }
        if (lead < 0xF0) {
            return expect(2, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
        }
        return expect(3, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
    }

    private static int afterContinuation(int state, int value) {
        if (value < (state >> 8 & 0xFF) || value > (state & 0xFF)) {
            return REJECT;
        }
        int missing = (state >> 16) - 1;
        return missing == 0 ? ACCEPT : expect(missing, 0x80, 0xBF);
    }

    private static int expect(int missing, int low, int high) {
        return missing << 16 | low << 8 | high;
    }
}
