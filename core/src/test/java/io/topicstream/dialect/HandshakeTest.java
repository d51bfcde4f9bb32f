package io.topicstream.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Authentication.Refused;
import io.topicstream.access.Credentials;
import io.topicstream.access.Identity;
import io.topicstream.access.Speaker;
import io.topicstream.protocol.ErrorCode;
import java.net.InetAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static final Credentials NOTHING = Credentials.none(InetAddress.getLoopbackAddress(), true);

    @Test
    void isRefusedForTheEntranceAndForWhatIsNoWayToJoin() {
        assertThat(handshake(Dialects.Name.NATIVE, Map.of()).problem()).isNull();
        assertThat(handshake(Dialects.Name.NATIVE, Map.of("durable", "manual")).problem())
                .isNull();
        assertThat(handshake(Dialects.Name.NATIVE, Map.of("durable", "auto")).problem())
                .isEqualTo(new Refused(ErrorCode.BAD_FRAME, "'durable' is 'manual' or absent"));
        assertThat(handshake(Dialects.Name.NATIVE, Map.of("durable", "")).problem())
                .isNotNull();
        assertThat(handshake(Dialects.Name.ROOMS, Map.of("userId", "\n")).problem())
                .extracting(Refused::code)
                .isEqualTo(ErrorCode.BAD_FRAME);
    }

    @Test
    void joinsWhatIsDurableUnlessTheClientDoesItself() {
        assertThat(handshake(Dialects.Name.NATIVE, Map.of()).joinsDurable()).isTrue();
        assertThat(handshake(Dialects.Name.NATIVE, Map.of("durable", "manual")).joinsDurable())
                .isFalse();
    }

    @Test
    void speaksTheSubprotocolThatItKnows() {
        Handshake plain = handshake(Dialects.Name.NATIVE, Map.of(), "bearer.abc", "soap");
        assertThat(plain.takesArrays()).isFalse();
        assertThat(plain.subprotocol()).isNull();

        Handshake arrays = handshake(Dialects.Name.NATIVE, Map.of(), "bearer.abc", Handshake.ARRAYS);
        assertThat(arrays.takesArrays()).isTrue();
        assertThat(arrays.subprotocol()).isEqualTo(Handshake.ARRAYS);
    }

    @Test
    void showsTheTokenOfASubprotocolAndThePageThatCalls() {
        Credentials credentials = handshake(Dialects.Name.NATIVE, Map.of(), "bearer.abc")
                .credentials(NOTHING, "https://example.com", Set.of());

        assertThat(credentials.presentedIn(EnumSet.of(Credentials.Place.SUBPROTOCOL)))
                .isEqualTo("abc");
        assertThat(credentials.origin()).isEqualTo("https://example.com");
    }

    @Test
    void takesATokenOfGuestsForNoneInTheAddressAlone() {
        Handshake handshake = handshake(Dialects.Name.TOPICS, Map.of());
        Set<String> ofGuests = Set.of("valid_token");

        assertThat(handshake
                        .credentials(NOTHING.with(Credentials.Place.QUERY, "valid_token"), null, ofGuests)
                        .isPresented())
                .isFalse();
        assertThat(handshake
                        .credentials(NOTHING.with(Credentials.Place.QUERY, "another"), null, ofGuests)
                        .isPresented())
                .isTrue();
        assertThat(handshake
                        .credentials(NOTHING.withAuthorization("Bearer valid_token"), null, ofGuests)
                        .isPresented())
                .isTrue();
    }

    @Test
    void saysWhoItIsAndWhereItBegins() {
        Handshake handshake = handshake(Dialects.Name.ROOMS, Map.of("userId", "ada", "roomId", "tea"));

        Identity named = handshake.identity(Identity.anonymous("ada", "Ada", List.of()), "c1");

        assertThat(named.name()).isEqualTo("Ada");
        assertThat(handshake.attributes(named))
                .containsEntry(Speaker.ROOM, "tea")
                .containsEntry(Speaker.USER_ID, "ada");
    }

    private static Handshake handshake(Dialects.Name dialect, Map<String, String> parameters, String... subprotocols) {
        return new Handshake(dialect, parameters::get, List.of(subprotocols));
    }
}
