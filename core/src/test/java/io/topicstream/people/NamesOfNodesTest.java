package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.people.PresenceNodesFixture.Server;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Names that were claimed on nodes which die, or are not heard of for a while.
class NamesOfNodesTest {
    private final PresenceNodesFixture nodes = new PresenceNodesFixture(Duration.ofSeconds(3), 11);
    // Their tags are 0 and 1, and a connection is named by that of its node.
    private final Server first = nodes.start();
    private final Server second = nodes.start();
    private final Names names = new Names(nodes.ephemeral, id -> first.presence.isAnyAlive(Integer.parseInt(id)));

    private Names.Outcome claim(String user, int node) {
        return nodes.ask(names.claim("Tea", user, String.valueOf(node)));
    }

    @Test
    void whatWasClaimedOnANodeThatDiedIsFreeWithinFiveSeconds() {
        assertThat(claim("ann", 1)).isEqualTo(Names.Outcome.CLAIMED);
        assertThat(claim("bob", 0)).isEqualTo(Names.Outcome.TAKEN);

        second.stand();

        assertThat(nodes.passUntil(Duration.ofSeconds(5), () -> claim("bob", 0) == Names.Outcome.CLAIMED))
                .isGreaterThan(2_000);
        // It has not died after all: then it says that it lives, and finds who has the name now.
        second.goOn();
        int before = second.leased;
        nodes.passUntil(Duration.ofSeconds(3), () -> second.leased > before);
        assertThat(claim("ann", 1)).isEqualTo(Names.Outcome.TAKEN);
        assertThat(claim("bob", 0)).isEqualTo(Names.Outcome.CLAIMED);
    }

    @Test
    void aPauseOfTwoSecondsTakesNoName() {
        assertThat(claim("ann", 1)).isEqualTo(Names.Outcome.CLAIMED);
        assertThat(second.leased).isEqualTo(1);

        for (int i = 0; i < 5; i++) {
            second.stand();
            for (int j = 0; j < 20; j++) {
                nodes.pass(Duration.ofMillis(100));
                assertThat(claim("bob", 0)).isEqualTo(Names.Outcome.TAKEN);
            }
            second.goOn();
            nodes.pass(Duration.ofMillis(1_100));
        }

        assertThat(second.leased).isEqualTo(1);
    }

    @Test
    void aNameThatNobodyElseWantedMeanwhileIsStillItsHolders() {
        claim("ann", 1);
        second.stand();
        nodes.pass(Duration.ofSeconds(10));

        second.goOn();
        nodes.passUntil(Duration.ofSeconds(3), () -> second.leased > 1);

        assertThat(claim("ann", 1)).isEqualTo(Names.Outcome.CLAIMED);
        assertThat(claim("bob", 0)).isEqualTo(Names.Outcome.TAKEN);
    }
}
