package io.topicstream.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {
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
        byte[] bytes = ("xx" + text + "\u00e9").getBytes(StandardCharsets.UTF_8);

        assertThat(Utf8.isValid(bytes, 2, bytes.length - 2)).isTrue();
        assertThat(Utf8.isValid(bytes, 2, bytes.length - 1)).isFalse();
    }

    @Test
    void agreesWithThePlatformsDecoderOnRandomBytes() {
        long seed = Long.getLong("topicstream.seed", System.nanoTime());
        Random random = new Random(seed);
        int[] interesting = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4};

        for (int round = 0; round < 200_000; round++) {
            byte[] text = new byte[random.nextInt(12)];
            for (int i = 0; i < text.length; i++) {
                text[i] = (byte) interesting[random.nextInt(interesting.length)];
            }
            assertThat(Utf8.isValid(text, 0, text.length))
                    .as(
                            "-Dtopicstream.seed=%d, round %d, %s",
                            seed, round, HexFormat.of().formatHex(text))
                    .isEqualTo(decodes(text));
        }
    }

    private static boolean decodes(byte[] text) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            return true;
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }
}
