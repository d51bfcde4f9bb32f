package io.topicstream.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.log.Lane;
import io.topicstream.testkit.ManualClock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RateLimitsTest {
    private final ManualClock clock = new ManualClock();

    private record Someone(Identity identity, @Nullable String connectionId, String stage, InetAddress address)
            implements Caller {
        @Override
        public @Nullable String origin() {
            return connectionId;
        }

        @Override
        public Quota quota() {
            return Quota.UNLIMITED;
        }

        @Override
        public Lane answerLane() {
            return Lane.DIRECT;
        }
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Someone user(String user, @Nullable String connectionId, String stage) {
        return new Someone(
                new Identity(user, null, Identity.Credential.API_KEY, null, Grant.DEFAULT, Identity.NEVER),
                connectionId,
                stage,
                address("10.0.0.1"));
    }

    private static Someone guest(@Nullable String claimed, String address) {
        return new Someone(Identity.anonymous(claimed, null, Grant.DEFAULT), null, "http", address(address));
    }

    private Quota limits(@Nullable Rate connection, @Nullable Rate user, Map<String, Rate> stages) {
        return RateLimits.of(connection, user, stages, 100, clock);
    }

    private static int taken(Quota quota, Caller caller, int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += quota.take(caller, 0) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void whereNoneIsSetNobodyIsAsked() {
        assertThat(limits(null, null, Map.of())).isSameAs(Quota.UNLIMITED);
    }

    @Test
    void aConnectionMayItsBurstAndThenItsRate() {
        Quota quota = limits(new Rate(2, 5), null, Map.of());
        Caller caller = user("ann", "c1", "v1");

        assertThat(taken(quota, caller, 9)).isEqualTo(5);
        clock.advance(Duration.ofMillis(499));
        assertThat(taken(quota, caller, 9)).isZero();
        clock.advance(Duration.ofMillis(1));
        assertThat(taken(quota, caller, 9)).isEqualTo(1);
        clock.advance(Duration.ofSeconds(1));
        assertThat(taken(quota, caller, 9)).isEqualTo(2);
        clock.advance(Duration.ofHours(1));
        assertThat(taken(quota, caller, 9)).isEqualTo(5);
    }

    @Test
    void aClockThatIsSetBackNeitherGivesNorHoldsBack() {
        Quota quota = limits(new Rate(2, 5), null, Map.of());
        Caller caller = user("ann", "c1", "v1");
        assertThat(taken(quota, caller, 9)).isEqualTo(5);

        clock.advance(Duration.ofHours(-1));

        assertThat(taken(quota, caller, 9)).isZero();
        clock.advance(Duration.ofSeconds(1));
        assertThat(taken(quota, caller, 9)).isEqualTo(2);
        clock.advance(Duration.ofDays(365_000));
        assertThat(taken(quota, caller, 9)).isEqualTo(5);
    }

    @Test
    void theGreatestRateBoundsNobodyInPractice() {
        Quota quota = limits(new Rate(Integer.MAX_VALUE, Integer.MAX_VALUE), null, Map.of());

        assertThat(taken(quota, user("ann", "c1", "v1"), 100_000)).isEqualTo(100_000);
    }

    @Test
    void whatIsRefusedIsCountedByWhoseRateItIs() {
        Quota quota = limits(new Rate(1, 4), new Rate(1, 3), Map.of("v1", new Rate(1, 1)));

        taken(quota, user("ann", "c1", "v1"), 3);
        taken(quota, user("ann", "c1", "other"), 3);
        taken(quota, user("bob", "c1", "other"), 3);

        assertThat(quota.refusals()).isEqualTo(new Quota.Refusals(2, 1, 2));
        assertThat(Quota.UNLIMITED.refusals()).isEqualTo(new Quota.Refusals(0, 0, 0));
    }

    @Test
    void eachConnectionHasItsOwnAndWhatHasNoneIsNotBounded() {
        Quota quota = limits(new Rate(1, 2), null, Map.of());

        assertThat(taken(quota, user("ann", "c1", "v1"), 9)).isEqualTo(2);
        assertThat(taken(quota, user("ann", "c2", "v1"), 9)).isEqualTo(2);
        assertThat(taken(quota, user("ann", null, "http"), 9)).isEqualTo(9);
    }

    @Test
    void aUserHasOneForAllItsConnectionsAndRequests() {
        Quota quota = limits(null, new Rate(1, 4), Map.of());

        assertThat(taken(quota, user("ann", "c1", "v1"), 2)).isEqualTo(2);
        assertThat(taken(quota, user("ann", "c2", "live"), 1)).isEqualTo(1);
        assertThat(taken(quota, user("ann", null, "http"), 9)).isEqualTo(1);
        assertThat(taken(quota, user("bob", "c3", "v1"), 9)).isEqualTo(4);
    }

    @Test
    void guestsAreOneByTheirAddressWhateverTheyCallThemselves() {
        Quota quota = limits(null, new Rate(1, 4), Map.of());

        assertThat(taken(quota, guest("a", "10.0.0.1"), 2)).isEqualTo(2);
        assertThat(taken(quota, guest(null, "10.0.0.1"), 9)).isEqualTo(2);
        assertThat(taken(quota, guest("b", "10.0.0.1"), 9)).isZero();
        assertThat(taken(quota, guest("b", "10.0.0.2"), 9)).isEqualTo(4);
        assertThat(taken(quota, user("ann", null, "http"), 9)).isEqualTo(4);
        assertThat(taken(quota, guest("a", "2001:db8:0:1::1"), 9)).isEqualTo(4);
        assertThat(taken(quota, guest("a", "2001:db8:0:1:ffff::2"), 9)).isZero();
        assertThat(taken(quota, guest("a", "2001:db8:0:2::1"), 9)).isEqualTo(4);
    }

    @Test
    void aStageHasOneForAllWhoAreOnIt() {
        Quota quota = limits(null, null, Map.of("live", new Rate(1, 3), "http", new Rate(1, 1)));

        assertThat(taken(quota, user("ann", "c1", "live"), 2)).isEqualTo(2);
        assertThat(taken(quota, user("bob", "c2", "live"), 9)).isEqualTo(1);
        assertThat(taken(quota, user("bob", "c3", "v1"), 9)).isEqualTo(9);
        // Not the HTTP API: a stage that has this name.
        assertThat(taken(quota, user("bob", null, "http"), 9)).isEqualTo(9);
        assertThat(taken(quota, user("bob", "c4", "http"), 9)).isEqualTo(1);
    }

    @Test
    void aFloodOfOneTakesNothingFromOthersOnTheStage() {
        Quota quota = limits(new Rate(10, 10), new Rate(1, 2), Map.of("v1", new Rate(1, 5)));

        assertThat(taken(quota, user("flood", "c1", "v1"), 1_000)).isEqualTo(2);
        assertThat(taken(quota, user("ann", "c2", "v1"), 2)).isEqualTo(2);
        assertThat(taken(quota, user("bob", "c3", "v1"), 2)).isEqualTo(1);
    }

    @Test
    void whatOneLimitRefusesTakesNothingOfAnother() {
        Quota quota = limits(new Rate(1, 4), new Rate(1, 3), Map.of("v1", new Rate(1, 1)));
        Caller onStage = user("ann", "c1", "v1");

        assertThat(taken(quota, onStage, 9)).isEqualTo(1);

        assertThat(taken(quota, user("ann", "c1", "other"), 9)).isEqualTo(2);
        assertThat(taken(quota, user("bob", "c1", "other"), 9)).isEqualTo(1);
    }

    @Test
    void nothingIsNoRate() {
        assertThatThrownBy(() -> new Rate(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Rate(1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
