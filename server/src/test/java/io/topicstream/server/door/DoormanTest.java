package io.topicstream.server.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authentication.Refused;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.protocol.ErrorCode;
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
}
