package io.topicstream.bench;

import java.nio.ByteBuffer;

/// The mark in every payload that says when it was meant to be sent, by whom, and as which one:
/// `T#<nanoseconds>,<publisher>,<number>;`, followed by filler.
///
/// It is plain ASCII without quotes, so that it passes through JSON unchanged, and `#` occurs
/// neither in topic names nor in the envelopes of the known protocols, so that it is found by
/// looking for one byte.
final class Marker {
    /// The most bytes that a marker takes, which is the least size of a payload.
    static final int MAX_BYTES = 2 + 19 + 1 + 10 + 1 + 19 + 1;

    private static final long HASHES = 0x2323232323232323L;
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    private long intendedNs;
    private int publisher;
    private long number;

    /// When the message was due, in nanoseconds of the run's clock.
    long intendedNs() {
        return intendedNs;
    }

    int publisher() {
        return publisher;
    }

    /// The publisher's own count of messages, from 0.
    long number() {
        return number;
    }

    /// Writes a marker and fills up with `x` so that marker and filler take `size` bytes.
    ///
    /// @return the position after the last byte written
    static int write(byte[] into, int at, long intendedNs, int publisher, long number, int size) {
        int end = at + size;
        into[at++] = 'T';
        into[at++] = '#';
        at = Digits.write(into, at, intendedNs);
        into[at++] = ',';
        at = Digits.write(into, at, publisher);
        into[at++] = ',';
        at = Digits.write(into, at, number);
        into[at++] = ';';
        while (at < end) {
            into[at++] = 'x';
        }
        return at;
    }

    /// Finds the next whole marker in `[from, to)` and keeps what it says.
    ///
    /// @return the position after the marker, or -1 if there is none
    int read(ByteBuffer in, int from, int to) {
        int at = from;
        while (true) {
            at = hash(in, at, to);
            if (at < 0) {
                return -1;
            }
            at++;
            if (at - 2 >= from && in.get(at - 2) == 'T') {
                int end = parse(in, at, to);
                if (end > 0) {
                    return end;
                }
            }
        }
    }

    private int parse(ByteBuffer in, int at, int to) {
        long value = 0;
        int field = 0;
        int digits = 0;
        while (at < to) {
            int c = in.get(at++);
            if (c >= '0' && c <= '9') {
                value = value * 10 + (c - '0');
                digits++;
            } else if (c == ',' && digits > 0 && field < 2) {
                if (field == 0) {
                    intendedNs = value;
                } else {
                    publisher = (int) value;
                }
                field++;
                value = 0;
                digits = 0;
            } else if (c == ';' && digits > 0 && field == 2) {
                number = value;
                return at;
            } else {
                return -1;
            }
        }
        return -1;
    }

    /// Looks at eight bytes at a time: a byte equal to `#` becomes zero under XOR, and the classic
    /// zero-byte test finds the word it is in. Exact or not in the upper bytes, the word is then
    /// searched byte by byte.
    private static int hash(ByteBuffer in, int at, int to) {
        while (at + 8 <= to) {
            long word = in.getLong(at) ^ HASHES;
            if (((word - ONES) & ~word & HIGHS) != 0) {
                for (int i = at; i < at + 8; i++) {
                    if (in.get(i) == '#') {
                        return i;
                    }
                }
            }
            at += 8;
        }
        for (; at < to; at++) {
            if (in.get(at) == '#') {
                return at;
            }
        }
        return -1;
    }
}
