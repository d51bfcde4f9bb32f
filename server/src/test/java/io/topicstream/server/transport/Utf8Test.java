package io.topicstream.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Validation and unmasking against the platform's decoder and against the plain definition.
class Utf8Test {
    private static boolean platformAccepts(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Test
    void everySequenceOfThreeBytesIsJudgedAsThePlatformJudgesIt() {
        byte[] bytes = new byte[3];
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(8);
        CharsetDecoder platform = UTF_8.newDecoder();
        for (int value = 0; value < 1 << 24; value++) {
            // Bytes below 0x80 behave alike, so a few of them stand for all.
            int first = value >> 16;
            int second = value >> 8 & 0xFF;
            int third = value & 0xFF;
            if (first < 0x7F || (second < 0x7F && second > 1) || (third < 0x7F && third > 1)) {
                continue;
            }
            bytes[0] = (byte) first;
            bytes[1] = (byte) second;
            bytes[2] = (byte) third;
            boolean accepted =
                    !platform.reset().decode(in.clear(), out.clear(), true).isError();
            if (Utf8.isValid(bytes, 0, 3) != accepted) {
                throw new AssertionError(Arrays.toString(bytes));
            }
        }
    }

    @Test
    void longTextsAreJudgedAlikeWholeAndInPieces() {
        Random random = new Random(3);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(30);
            for (int i = 0; i < length; i++) {
                int kind = random.nextInt(6);
                text.appendCodePoint(
                        kind < 4 ? 'a' + random.nextInt(26) : kind == 4 ? 0x80 + random.nextInt(0x700) : 0x1F600);
            }
            byte[] bytes = text.toString().getBytes(UTF_8);
            if (bytes.length > 0 && random.nextBoolean()) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            int cut = random.nextInt(bytes.length + 1);
            int pieces = Utf8.validate(Utf8.ACCEPT, bytes, 0, cut);
            if (pieces != Utf8.REJECT) {
                pieces = Utf8.validate(pieces, bytes, cut, bytes.length);
            }

            assertThat(Utf8.isValid(bytes, 0, bytes.length)).isEqualTo(platformAccepts(bytes));
            assertThat(pieces == Utf8.ACCEPT).isEqualTo(platformAccepts(bytes));
        }
    }

    @Test
    void unmaskingIsTheXorOfTheRfc() {
        Random random = new Random(5);
        for (int length = 0; length < 100; length++) {
            byte[] bytes = new byte[length + 3];
            random.nextBytes(bytes);
            byte[] expected = bytes.clone();
            int key = random.nextInt();
            for (int i = 0; i < length; i++) {
                expected[3 + i] ^= (byte) (key >>> (8 * (i % 4)));
            }
            Masking.apply(bytes, 3, bytes.length, key);

            assertThat(bytes).isEqualTo(expected);
        }
    }
}
