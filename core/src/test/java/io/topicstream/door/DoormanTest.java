package io.topicstream.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authentication.Refused;
import io.topicstream.access.Credentials;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.protocol.ErrorCode;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DoormanTest {
    @Test
    void aRefusalIsHandedOnInItsOwnWords() {
        Refused why = new Refused(ErrorCode.RATE_LIMITED, "slowly");

        assertThat(Doorman.refusal(why)).isSameAs(why);
    }

    @Test
    void aCallerThatNobodyKnowsNeedsACredential() {
        assertThat(Doorman.refusal(Authentication.NOT_MINE).code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
    }

    @Test
    void whereItCannotBeFoundOutTheCallerMayComeAgain() {
        assertThat(Doorman.refusal(null).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }

    @Test
    void aKnownCallerIsNotRefused() {
        Authentication known = new Authentication.Known(Identity.anonymous(null, null, Grant.DEFAULT));

        assertThatIllegalArgumentException().isThrownBy(() -> Doorman.refusal(known));
    }

    @Test
    void onlyPagesAreHeldAgainstTheOrigins() {
        List<List<String>> asked = new ArrayList<>();
        Doorman doorman = new Doorman(
                new Hosts(InetAddress.getLoopbackAddress(), List.of()),
                (origins, host, hasCredential) -> {
                    asked.add(origins);
                    return hasCredential;
                },
                new RefusedNames(InstantSource.system()),
                credentials -> CompletableFuture.completedFuture(Authentication.NOT_MINE));
        Credentials none = Credentials.none(InetAddress.getLoopbackAddress());
        Credentials some = none.with(Credentials.Place.BEARER, "12345678");
        List<String> page = List.of("http://page.example");

        assertThat(doorman.turnsAway(List.of(), "localhost", none)).isNull();
        assertThat(doorman.turnsAway(page, null, some)).isNull();
        assertThat(doorman.turnsAway(page, null, none))
                .extracting(Refused::code)
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(asked).containsExactly(page, page);
    }
}
