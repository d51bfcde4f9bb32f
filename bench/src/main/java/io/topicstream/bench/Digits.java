package io.topicstream.bench;

import java.nio.ByteBuffer;

/// Decimal numbers as ASCII bytes, written and read without making a String.
final class Digits {
    private Digits() {}

    /// Writes a number that is not negative.
    ///
    /// @return the position after its last digit
    static int write(byte[] into, int at, long value) {
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        int end = at + digits;
        long rest = value;
        for (int i = end - 1; i >= at; i--) {
            into[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return end;
    }

    /// Reads digits from `at` until something else or `to`; no digit is 0.
    static long read(ByteBuffer in, int at, int to) {
        long value = 0;
        for (; at < to; at++) {
            int digit = in.get(at) - '0';
            if (digit < 0 || digit > 9) {
                break;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
