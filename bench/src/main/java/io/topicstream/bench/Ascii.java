package io.topicstream.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;

/// Looking for words in bytes.
final class Ascii {
    private Ascii() {}

    static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    static String text(ByteBuffer in, int from, int to) {
        byte[] copy = new byte[to - from];
        in.get(from, copy);
        return new String(copy, ISO_8859_1);
    }

    /// The first position of `word` in `[from, to)`, or -1.
    static int find(ByteBuffer in, int from, int to, byte[] word) {
        byte first = word[0];
        int last = to - word.length;
        for (int at = from; at <= last; at++) {
            if (in.get(at) == first && matches(in, at, word)) {
                return at;
            }
        }
        return -1;
    }

    private static boolean matches(ByteBuffer in, int at, byte[] word) {
        for (int i = 1; i < word.length; i++) {
            if (in.get(at + i) != word[i]) {
                return false;
            }
        }
        return true;
    }

    /// Like [#find], for a word in lower case and bytes in any.
    static int findIgnoringCase(ByteBuffer in, int from, int to, byte[] word) {
        int last = to - word.length;
        next:
        for (int at = from; at <= last; at++) {
            for (int i = 0; i < word.length; i++) {
                int c = in.get(at + i);
                if (c >= 'A' && c <= 'Z') {
                    c += 'a' - 'A';
                }
                if (c != word[i]) {
                    continue next;
                }
            }
            return at;
        }
        return -1;
    }
}
