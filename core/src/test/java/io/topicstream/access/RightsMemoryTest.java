package io.topicstream.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a node remembers, and what it forgets when that is much.
class RightsMemoryTest {
    private static final int MOST_REVOKED = 10_000;

    private final RightsMemory memory = new RightsMemory();

    private static Identity bearing(String user, String credentialId, long issuedAtMs) {
        return new Identity(
                user, null, Identity.Credential.STATIC_TOKEN, credentialId, Grant.DEFAULT, Identity.NEVER, issuedAtMs);
    }

    private static Identity bearing(String credentialId) {
        return bearing("eve", credentialId, Identity.UNKNOWN);
    }

    @Test
    void blocksThatHaveEndedMakeRoom() {
        memory.block(new BlockedUser("a", 0, 100, null));
        assertThat(memory.hasRoomToBlock("c", 2, 50)).isTrue();
        memory.block(new BlockedUser("b", 0, Identity.NEVER, null));

        assertThat(memory.hasRoomToBlock("c", 2, 99)).isFalse();
        assertThat(memory.hasRoomToBlock("a", 2, 99)).isTrue();
        assertThat(memory.hasRoomToBlock("c", 2, 100)).isTrue();
        assertThat(memory.endOf(bearing("b", "t", 0), 100)).isEqualTo(RightsEnd.BLOCKED);
    }

    @Test
    void whatIsReadAnewTakesThePlaceOfWhatWasKnown() {
        memory.block(new BlockedUser("a", 0, Identity.NEVER, null));

        memory.blockOnly(Map.of("b", Identity.NEVER));

        assertThat(memory.endOf(bearing("a", "t", 0), 1)).isNull();
        assertThat(memory.endOf(bearing("b", "t", 0), 1)).isEqualTo(RightsEnd.BLOCKED);
    }

    @Test
    void ofRevokedKeysTheOldestIsForgotten() {
        for (int i = 0; i < MOST_REVOKED; i++) {
            assertThat(memory.revoke("k" + i)).isTrue();
        }
        assertThat(memory.revoke("k0")).isFalse();
        assertThat(memory.endOf(bearing("k0"), 0)).isEqualTo(RightsEnd.REVOKED);

        assertThat(memory.revoke("one more")).isTrue();

        assertThat(memory.endOf(bearing("k0"), 0)).isNull();
        assertThat(memory.endOf(bearing("k1"), 0)).isEqualTo(RightsEnd.REVOKED);
        assertThat(memory.endOf(bearing("one more"), 0)).isEqualTo(RightsEnd.REVOKED);
    }

    @Test
    void revokedTokensAreForgottenWhenTheyEndAndNotBefore() {
        assertThat(memory.revokeToken("t1", 100)).isTrue();
        assertThat(memory.revokeToken("t1", 100)).isFalse();
        assertThat(memory.revokeToken("t2", Identity.NEVER)).isTrue();

        assertThat(memory.hasRoomToRevoke("t3", 3, 99)).isTrue();
        assertThat(memory.hasRoomToRevoke("t3", 2, 99)).isFalse();
        assertThat(memory.hasRoomToRevoke("t2", 2, 99)).isTrue();
        assertThat(memory.hasRoomToRevoke("t3", 2, 100)).isTrue();
        assertThat(memory.endOf(bearing("t2"), 100)).isEqualTo(RightsEnd.REVOKED);
    }

    @Test
    void signOutsAreForgottenWhenTheyAreOldAndTheLatestOfAUserHolds() {
        assertThat(memory.signOut("eve", 100)).isTrue();
        assertThat(memory.signOut("eve", 100)).isFalse();
        assertThat(memory.signOut("eve", 200)).isTrue();
        assertThat(memory.endOf(bearing("eve", "t", 199), 300)).isEqualTo(RightsEnd.SIGNED_OUT);
        assertThat(memory.endOf(bearing("eve", "t", 200), 300)).isNull();

        assertThat(memory.signOut("eve", 150)).isFalse();
        assertThat(memory.signedOutSince("eve")).isEqualTo(200);
        assertThat(memory.signedOutSince("bob")).isEqualTo(Identity.UNKNOWN);

        assertThat(memory.hasRoomToSignOut("bob", 1, 200)).isFalse();
        assertThat(memory.hasRoomToSignOut("eve", 1, 200)).isTrue();
        assertThat(memory.hasRoomToSignOut("bob", 1, 201)).isTrue();
    }

    @Test
    void anEndThatCameByItselfIsToldBeforeAllOthers() {
        memory.block(new BlockedUser("eve", 0, Identity.NEVER, null));
        Identity eve = new Identity("eve", null, Identity.Credential.API_KEY, "k", Grant.DEFAULT, 10);

        assertThat(memory.endOf(eve, 9)).isEqualTo(RightsEnd.BLOCKED);
        assertThat(memory.endOf(eve, 10)).isEqualTo(RightsEnd.EXPIRED);
    }
}
