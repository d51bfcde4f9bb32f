package io.topicstream.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Credentials.Place;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LocalGuestsTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final Credentials LOCAL = Credentials.none(LOOPBACK);

    private final ManualClock clock = new ManualClock();
    private final InMemoryStateStore store = new InMemoryStateStore(clock, Runnable::run);
    private final ApiKeys keys = new ApiKeys(store, new Random(7), clock);
    private int looks;
    private final LocalGuests guests = guests();

    private LocalGuests guests() {
        return new LocalGuests(
                new Anonymous(Grant.DEFAULT),
                () -> {
                    looks++;
                    return keys.isAny();
                },
                clock);
    }

    private static Authentication ask(LocalGuests guests, Credentials credentials) {
        return guests.authenticate(credentials).toCompletableFuture().join();
    }

    private void makeKey() {
        keys.create("ada", null).toCompletableFuture().join();
    }

    @Test
    void callersOnThisMachineAreGuestsWhileThereIsNoKey() {
        assertThat(ask(guests, LOCAL.claiming("ada", null)))
                .isEqualTo(new Known(Identity.anonymous("ada", null, Grant.DEFAULT)));
        assertThat(ask(guests, LOCAL.with(Place.BEARER, "whatever"))).isEqualTo(Authentication.NOT_MINE);
    }

    @Test
    void whoCameThroughAProxyIsNotOnThisMachine() {
        assertThat(ask(guests, Credentials.none(LOOPBACK, false))).isEqualTo(LocalGuests.PROXIED);
        assertThat(ask(guests, Credentials.none(InetAddress.ofLiteral("192.0.2.7"))))
                .isEqualTo(LocalGuests.PROXIED);
    }

    @Test
    void aKeyClosesTheDoorAtOnceWhereItIsMade() {
        assertThat(ask(guests, LOCAL)).isInstanceOf(Known.class);

        assertThat(guests.close()).isTrue();

        assertThat(ask(guests, LOCAL)).isEqualTo(LocalGuests.CLOSED);
        assertThat(guests.close()).isFalse();
    }

    @Test
    void aKeyOfAnotherNodeClosesItWithinASecond() {
        assertThat(ask(guests, LOCAL)).isInstanceOf(Known.class);
        makeKey();
        clock.advance(Duration.ofMillis(LocalGuests.CHECK_MS));

        assertThat(ask(guests, LOCAL)).isEqualTo(LocalGuests.CLOSED);
        assertThat(ask(guests(), LOCAL)).isEqualTo(LocalGuests.CLOSED);
    }

    @Test
    void theStoreIsAskedOnceASecondHoweverManyGuestsCome() {
        for (int i = 0; i < 1000; i++) {
            ask(guests, LOCAL);
        }
        assertThat(looks).isEqualTo(1);

        clock.advance(Duration.ofSeconds(-10));
        ask(guests, LOCAL);
        assertThat(looks).isEqualTo(2);
    }

    @Test
    void theLastKeyThatIsRevokedLetsNobodyIn() {
        makeKey();
        assertThat(ask(guests, LOCAL)).isEqualTo(LocalGuests.CLOSED);

        keys.revokeAll("ada").toCompletableFuture().join();
        clock.advance(Duration.ofHours(1));

        assertThat(ask(guests, LOCAL)).isEqualTo(LocalGuests.CLOSED);
        assertThat(ask(guests(), LOCAL)).isInstanceOf(Known.class);
    }
}
