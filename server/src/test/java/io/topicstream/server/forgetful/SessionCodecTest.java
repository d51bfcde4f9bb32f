package io.topicstream.server.forgetful;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.protocol.WireFormat;
import io.topicstream.session.SessionRecord;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
                new Identity("bob", "Bob", Identity.Credential.STATIC_TOKEN, "t", Grant.DEFAULT, 1_700_000_000_000L);
        return Stream.of(
                new SessionRecord("AAAA=", nobody, WireFormat.NATIVE, InetAddress.ofLiteral("192.0.2.7")),
                new SessionRecord("AAAA=", guest, WireFormat.NATIVE_ARRAYS, InetAddress.ofLiteral("2001:db8::1")),
                new SessionRecord("a+/=", key, WireFormat.TOPICS, InetAddress.ofLiteral("127.0.0.1")),
                new SessionRecord("b", token, WireFormat.NATIVE, InetAddress.ofLiteral("::1")));
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

    @Test
    void aRecordOfAnotherVersionIsRefused() {
        byte[] value = SessionCodec.encode(records().findFirst().orElseThrow());
        value[0] = 2;

        assertThatThrownBy(() -> SessionCodec.decode(value)).hasMessageContaining("version 2");
    }
}
