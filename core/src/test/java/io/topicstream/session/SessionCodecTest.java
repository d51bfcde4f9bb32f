package io.topicstream.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.protocol.WireFormat;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionCodecTest {
    static Stream<SessionRecord> records() {
        Identity nobody = Identity.anonymous(null, null, List.of());
        Identity guest = Identity.anonymous("zoe", "Zoë ✓", Grant.DEFAULT);
        Identity key = new Identity(
                "ann",
                null,
                Identity.Credential.API_KEY,
                "0123456789abcdef",
                List.of(
                        new Grant("room:*", EnumSet.allOf(Permission.class)),
                        new Grant("news", EnumSet.of(Permission.READ))),
                Identity.NEVER);
        Identity token =
                new Identity("bob", "Bob", Identity.Credential.STATIC_TOKEN, "t", Grant.DEFAULT, 1_700_000_000_000L, 7);
        return Stream.of(
                new SessionRecord("AAAA=", nobody, "v1", WireFormat.NATIVE, InetAddress.ofLiteral("192.0.2.7")),
                new SessionRecord("AAAA=", guest, "v1", WireFormat.NATIVE_ARRAYS, InetAddress.ofLiteral("2001:db8::1")),
                new SessionRecord(
                        "a-_=",
                        key,
                        "live",
                        WireFormat.TOPICS,
                        InetAddress.ofLiteral("127.0.0.1"),
                        new Attributes(Map.of("room", "lobby", "name", "Zoë 😀", "empty", ""))),
                new SessionRecord("b", token, "v1", WireFormat.NATIVE, InetAddress.ofLiteral("::1")));
    }

    @ParameterizedTest
    @MethodSource("records")
    void whatIsStoredIsWhatComesBack(SessionRecord record) {
        assertThat(SessionCodec.decode(SessionCodec.encode(record))).isEqualTo(record);
    }

    @ParameterizedTest
    @MethodSource("records")
    void aRecordThatIsCutOffIsRefused(SessionRecord record) {
        byte[] whole = SessionCodec.encode(record);

        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> SessionCodec.decode(cut)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aRecordWithMoreBehindItIsRefused() {
        byte[] value = SessionCodec.encode(records().findFirst().orElseThrow());

        assertThatThrownBy(() -> SessionCodec.decode(Arrays.copyOf(value, value.length + 1)))
                .isInstanceOf(IllegalStateException.class);
    }

    /// The bytes that version 2 writes: they may change only with the version.
    @Test
    void theBytesAreThese() {
        SessionRecord record = new SessionRecord(
                "c",
                new Identity(
                        "ann",
                        null,
                        Identity.Credential.API_KEY,
                        "k",
                        List.of(new Grant("t*", EnumSet.of(Permission.READ, Permission.PUBLISH))),
                        7),
                "v1",
                WireFormat.NATIVE,
                InetAddress.ofLiteral("192.0.2.7"),
                new Attributes(Map.of("room", "é")));

        assertThat(HexFormat.of().formatHex(SessionCodec.encode(record)))
                .isEqualTo("02" + "000163" + "010003616e6e" + "00" + "00074150495f4b4559" + "0100016b"
                        + "0001" + "0002742a" + "02" + "00077075626c697368" + "000472656164"
                        + "0000000000000007" + "ffffffffffffffff" + "00027631" + "00064e4154495645" + "04c0000207"
                        + "01" + "0004726f6f6d" + "0002c3a9");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // A flag that is neither 0 nor 1.
                "000163" + "02" + "0003616e6e" + "00",
                // Half a character.
                "0001c3" + "00" + "00",
                // A text longer than what is left.
                "ffff63"
            })
    void whatWouldNotHaveBeenWrittenIsRefused(String afterTheVersion) {
        byte[] start = HexFormat.of().parseHex("02" + afterTheVersion);
        byte[] whole = SessionCodec.encode(records().findFirst().orElseThrow());
        byte[] value = Arrays.copyOf(start, start.length + whole.length);
        System.arraycopy(whole, 10, value, start.length, whole.length - 10);

        assertThatThrownBy(() -> SessionCodec.decode(value)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aByteThatSaysTheSameInAnotherWayIsRefused() {
        byte[] value = SessionCodec.encode(new SessionRecord(
                "c",
                Identity.anonymous("u", null, List.of()),
                "v1",
                WireFormat.NATIVE,
                InetAddress.getLoopbackAddress()));
        int userFlag = 4;
        assertThat(value[userFlag]).isEqualTo((byte) 1);

        value[userFlag] = 2;

        assertThatThrownBy(() -> SessionCodec.decode(value)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void nothingIsSharedByThoseWithoutAttributesButNone() {
        byte[] value = SessionCodec.encode(records().findFirst().orElseThrow());

        assertThat(SessionCodec.decode(value).attributes()).isSameAs(Attributes.NONE);
    }

    @Test
    void aRecordOfAnotherVersionIsRefused() {
        byte[] value = SessionCodec.encode(records().findFirst().orElseThrow());
        value[0] = 3;

        assertThatThrownBy(() -> SessionCodec.decode(value)).hasMessageContaining("version 3");
    }
}
