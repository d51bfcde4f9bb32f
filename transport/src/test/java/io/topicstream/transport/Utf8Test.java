package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.Seeds;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "bf",
                "c080",
                "c1bf",
                "c2",
                "e08080",
                "e09fbf",
                "eda080",
                "edbfbf",
                "e282",
                "f0808080",
                "f08fbfbf",
                "f4908080",
                "f5808080",
                "ff",
                "fe",
                "f09f98",
                "c2c2",
                "e2c2a0"
            })
    void bytesThatAreNoUtf8AreRefusedWhereverTheyStand(String hex) {
        byte[] bad = HexFormat.of().parseHex(hex);

        for (int before = 0; before < 12; before++) {
            for (int after = 0; after < 12; after++) {
                byte[] text = new byte[before + bad.length + after];
                Arrays.fill(text, (byte) 'a');
                System.arraycopy(bad, 0, text, before, bad.length);
                assertThat(Utf8.isValid(text, 0, text.length)).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "grün", "€", "😀", "\u0000", "\uFEFF", "\uFFFF", "a😀aaaaaaaaaa€"})
    void textIsValidInAnyPartOfABuffer(String text) {
        byte[] bytes = ("xx" + text + "\u00e9").getBytes(UTF_8);

        assertThat(Utf8.isValid(bytes, 2, bytes.length - 2)).isTrue();
        assertThat(Utf8.isValid(bytes, 2, bytes.length - 1)).isFalse();
    }

    @Test
    void agreesWithThePlatformsDecoderOnRandomBytes() {
        Random random = Seeds.random("bytes that may be text");
        int[] interesting = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4};

        for (int round = 0; round < 200_000; round++) {
            byte[] text = new byte[random.nextInt(12)];
            for (int i = 0; i < text.length; i++) {
                text[i] = (byte) interesting[random.nextInt(interesting.length)];
            }
            assertThat(Utf8.isValid(text, 0, text.length))
                    .as("round %d, %s", round, HexFormat.of().formatHex(text))
                    .isEqualTo(platformAccepts(text));
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
