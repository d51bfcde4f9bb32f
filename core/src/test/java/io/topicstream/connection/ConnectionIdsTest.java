package io.topicstream.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.connection.ConnectionIds.Place;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionIdsTest {
    private static final byte[] KEY = new byte[32];

    private final ConnectionIds ids = new ConnectionIds(() -> 0xABCD, 255, KEY, new Random(1));

    @Test
    void anIdIsTwentyCharactersThatMayStandInAPath() {
        assertThat(ids.next()).matches("[A-Za-z0-9_-]{19}=");
    }

    @Test
    void anIdSaysWhereItsConnectionIs() {
        assertThat(ConnectionIds.placeOf(ids.next())).isEqualTo(new Place(0xABCD, 255));
    }

    @Test
    void aTagThatChangesIsThatOfTheNextId() {
        int[] tag = {1};
        ConnectionIds changing = new ConnectionIds(() -> tag[0], 0, KEY, new Random(1));
        String before = changing.next();
        tag[0] = 2;

        assertThat(ConnectionIds.placeOf(before)).isEqualTo(new Place(1, 0));
        assertThat(ConnectionIds.placeOf(changing.next())).isEqualTo(new Place(2, 0));
    }

    @Test
    void noTwoAreTheSame() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            assertThat(seen.add(ids.next())).isTrue();
        }
    }

    @Test
    void nodesWithTheSameKeyKnowEachOthersIdsAndOthersDoNot() {
        ConnectionIds neighbour = new ConnectionIds(() -> 7, 0, KEY, new Random(2));
        byte[] another = KEY.clone();
        another[31] = 1;
        ConnectionIds stranger = new ConnectionIds(() -> 0xABCD, 255, another, new Random(1));
        String id = ids.next();

        assertThat(neighbour.isOurs(id)).isTrue();
        assertThat(stranger.isOurs(id)).isFalse();
    }

    @Test
    void oneBitThatIsWrongIsNoticed() {
        byte[] id = Base64.getUrlDecoder().decode(ids.next());
        for (int bit = 0; bit < 8 * id.length; bit++) {
            byte[] wrong = id.clone();
            wrong[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(ids.isOurs(Base64.getUrlEncoder().encodeToString(wrong)))
                    .as(Arrays.toString(wrong))
                    .isFalse();
        }
    }

    /// Else one connection would have several names.
    @Test
    void anotherSpellingOfTheSameBytesIsNoId() {
        String id = ids.next();
        char last = id.charAt(18);
        char next = (char) (last + 1);

        assertThat(ids.isOurs(id.substring(0, 19))).as("without padding").isFalse();
        assertThat(ids.isOurs(id.substring(0, 18) + next + "="))
                .as("with bits that count for nothing")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "=",
                "AAAA",
                "AAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAA==",
                "AAAA AAAAAAAAAAAAAA=",
                "ÄAAAAAAAAAAAAAAAAAA="
            })
    void whatCannotBeAnIdIsNowhere(String text) {
        assertThat(ConnectionIds.placeOf(text)).isNull();
        assertThat(ids.isOurs(text)).isFalse();
    }

    @Test
    void aKeyThatIsTooShortIsRefused() {
        assertThatThrownBy(() -> new ConnectionIds(() -> 0, 0, new byte[15], new Random(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the key has at least 16 bytes");
    }
}
