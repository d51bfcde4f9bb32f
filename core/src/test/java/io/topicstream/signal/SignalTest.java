package io.topicstream.signal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalTest {
    @Test
    void whatWasSaidComesBackWithWhoSaidIt() {
        byte[] bytes = new Signal.Said("ann", "{\"a\":1}".getBytes(UTF_8)).encode();

        assertThat(bytes).startsWith(1, 1, 3, 'a', 'n', 'n', '{');
        assertThat(Signal.decode(bytes)).isInstanceOfSatisfying(Signal.Said.class, said -> {
            assertThat(said.user()).isEqualTo("ann");
            assertThat(said.payload()).asString(UTF_8).isEqualTo("{\"a\":1}");
        });
    }

    @Test
    void whoHasNoIdIsNull() {
        assertThat(Signal.decode(new Signal.Said(null, new byte[] {'1'}).encode()))
                .isInstanceOfSatisfying(
                        Signal.Said.class, said -> assertThat(said.user()).isNull());
    }

    @Test
    void theLongestIdIsKept() {
        String user = "u".repeat(128);

        assertThat(Signal.decode(new Signal.Said(user, new byte[0]).encode()))
                .isInstanceOfSatisfying(
                        Signal.Said.class, said -> assertThat(said.user()).isEqualTo(user));
    }

    @Test
    void changesComeBack() {
        Signal membership = new Signal.MembershipChanged(new TopicName("room:1"));
        Signal revoked = new Signal.Revoked("key-ü");

        assertThat(Signal.decode(membership.encode())).isEqualTo(membership);
        assertThat(Signal.decode(revoked.encode())).isEqualTo(revoked);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01", "0001", "0201", "0109", "0101", "010105", "0102", "01022e", "0102c3bc"})
    void whatThisVersionDoesNotKnowIsIgnored(String hex) {
        assertThat(Signal.decode(HexFormat.of().parseHex(hex))).isNull();
    }

    @Test
    void noBytesMakeItFail() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            if (bytes.length > 1 && random.nextBoolean()) {
                bytes[0] = 1;
                bytes[1] = (byte) random.nextInt(5);
            }
            Signal signal = Signal.decode(bytes);
            if (signal instanceof Signal.Said || signal instanceof Signal.MembershipChanged) {
                assertThat(signal.encode()).as(Arrays.toString(bytes)).hasSameSizeAs(bytes);
            }
        }
    }
}
