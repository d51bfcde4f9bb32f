package io.topicstream.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authentication.Refused;
import io.topicstream.access.Credentials.Place;
import io.topicstream.access.Identity.Credential;
import io.topicstream.protocol.ErrorCode;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticatorsTest {
    private static final String TOKEN = "alices-token-1";
    private final AtomicLong nowMs = new AtomicLong(1_000_000);
    private final InstantSource clock = () -> Instant.ofEpochMilli(nowMs.get());
    private final FailedCredentials failures = new FailedCredentials(clock, 1000);
    private final Credentials caller = Credentials.none(InetAddress.ofLiteral("192.0.2.7"));
    private final StaticTokens tokens = new StaticTokens(
            List.of(
                    StaticToken.of(TOKEN, "alice", "Alice", Grant.DEFAULT, Identity.NEVER),
                    StaticToken.of("bobs-token-12", "bob", null, Grant.DEFAULT, 2_000_000)),
            clock);
    private final Authenticators open = new Authenticators(List.of(tokens, new Anonymous(Grant.DEFAULT)), failures);
    private final Authenticators closed = new Authenticators(List.of(tokens), failures);

    private static Authentication ask(Authenticator authenticator, Credentials credentials) {
        return authenticator.authenticate(credentials).toCompletableFuture().join();
    }

    private static ErrorCode refusal(Authentication answer) {
        assertThat(answer).isInstanceOf(Refused.class);
        return ((Refused) answer).code();
    }

    private static Identity identity(Authentication answer) {
        assertThat(answer).isInstanceOf(Known.class);
        return ((Known) answer).identity();
    }

    @ParameterizedTest
    @EnumSource(
            value = Place.class,
            names = {"BEARER", "SUBPROTOCOL", "QUERY"})
    void aTokenIsTakenFromWhereTokensStand(Place place) {
        Identity identity = identity(ask(closed, caller.with(place, TOKEN)));

        assertThat(identity.user()).isEqualTo("alice");
        assertThat(identity.name()).isEqualTo("Alice");
        assertThat(identity.credential()).isEqualTo(Credential.STATIC_TOKEN);
    }

    @ParameterizedTest
    @EnumSource(
            value = Place.class,
            names = {"API_KEY_HEADER", "UNMARKED"})
    void aTokenIsNotTakenFromElsewhere(Place place) {
        assertThat(refusal(ask(open, caller.with(place, TOKEN)))).isEqualTo(ErrorCode.UNAUTHENTICATED);
    }

    @Test
    void theHeaderAuthorizationIsReadInAnyCase() {
        assertThat(identity(ask(open, caller.withAuthorization("Bearer " + TOKEN)))
                        .user())
                .isEqualTo("alice");
        assertThat(identity(ask(open, caller.withAuthorization("bEaReR  " + TOKEN + " ")))
                        .user())
                .isEqualTo("alice");
        for (String header : List.of("Bearer", "", TOKEN, "Bearer" + TOKEN, "ApiKey ts_" + "x".repeat(40))) {
            assertThat(refusal(ask(open, caller.withAuthorization(header)))).isEqualTo(ErrorCode.UNAUTHENTICATED);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Basic YTpi", "basic YTpi", "Digest username=\"a\"", "Negotiate YII=", "AWS4-HMAC-SHA256 x"})
    void anotherSchemeIsNoCredentialOfOurs(String header) {
        Credentials passedOn = caller.withAuthorization(header);

        assertThat(passedOn.isPresented()).isFalse();
        assertThat(identity(ask(open, passedOn)).user()).isNull();
        assertThat(ask(closed, passedOn)).isEqualTo(Authenticators.MISSING);
        assertThat(identity(ask(closed, passedOn.with(Place.BEARER, TOKEN))).user())
                .isEqualTo("alice");
        assertThat(failures.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "alices-token-", "alices-token-12", "ALICES-TOKEN-1", "alices-token-1\u0000", "ünïcode"
            })
    void aWrongTokenIsNeverTakenForAnonymous(String wrong) {
        for (Place place : Place.values()) {
            Authentication answer = ask(open, caller.with(place, wrong).claiming("alice", null));

            assertThat(answer).isEqualTo(Authenticators.WRONG);
        }
    }

    @Test
    void anEndlessTokenIsWrongAndNotHashed() {
        assertThat(ask(open, caller.with(Place.BEARER, "x".repeat(1_000_000)))).isEqualTo(Authenticators.WRONG);
    }

    @Test
    void whateverIsWrongWithACredentialTheAnswerIsTheSame() {
        nowMs.set(2_000_000);

        Authentication ended = ask(closed, caller.with(Place.BEARER, "bobs-token-12"));
        Authentication unknown = ask(closed, caller.with(Place.BEARER, "nobodys-token"));
        Authentication wrongKey = ask(closed, caller.with(Place.API_KEY_HEADER, "ts_x"));

        assertThat(ended).isEqualTo(unknown).isEqualTo(wrongKey).isEqualTo(Authenticators.WRONG);
    }

    @Test
    void aTokenEndsAtItsInstant() {
        nowMs.set(1_999_999);

        assertThat(identity(ask(closed, caller.with(Place.BEARER, "bobs-token-12")))
                        .expiresAtMs())
                .isEqualTo(2_000_000);
    }

    @Test
    void twoDifferentCredentialsAreABadFrameEvenIfBothAreRight() {
        Credentials two = caller.with(Place.BEARER, TOKEN).with(Place.QUERY, "bobs-token-12");

        assertThat(refusal(ask(open, two))).isEqualTo(ErrorCode.BAD_FRAME);
        assertThat(refusal(ask(open, caller.with(Place.API_KEY_HEADER, "a").with(Place.BEARER, TOKEN))))
                .isEqualTo(ErrorCode.BAD_FRAME);
    }

    @Test
    void theSameTokenTwiceIsOne() {
        Credentials twice = caller.with(Place.API_KEY_HEADER, TOKEN).with(Place.BEARER, TOKEN);

        assertThat(identity(ask(open, twice)).user()).isEqualTo("alice");
    }

    @Test
    void whoeverShowsNothingIsAGuestWhereGuestsAreWelcomeAndRefusedElsewhere() {
        assertThat(identity(ask(open, caller.claiming("alice", "Al"))).user()).isEqualTo("guest.alice");
        assertThat(identity(ask(open, caller)).user()).isNull();
        assertThat(ask(closed, caller.claiming("alice", null))).isEqualTo(Authenticators.MISSING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "guest.alice", "a:b", "a~b", "a/b", "../x", "al\nice", "аlice", "a\u202Eb"})
    void aClaimedIdThatIsNoneIsABadFrame(String user) {
        assertThat(refusal(ask(open, caller.claiming(user, null)))).isEqualTo(ErrorCode.BAD_FRAME);
    }

    @Test
    void aClaimedIdIsAtMost88CharactersAndAName64() {
        assertThat(identity(ask(open, caller.claiming("x".repeat(88), "n".repeat(64))))
                        .user())
                .hasSize(94);
        assertThat(refusal(ask(open, caller.claiming("x".repeat(89), null)))).isEqualTo(ErrorCode.BAD_FRAME);
        assertThat(refusal(ask(open, caller.claiming(null, "n".repeat(65))))).isEqualTo(ErrorCode.BAD_FRAME);
        assertThat(refusal(ask(open, caller.claiming(null, "")))).isEqualTo(ErrorCode.BAD_FRAME);
        assertThat(refusal(ask(open, caller.claiming(null, "a\u0007")))).isEqualTo(ErrorCode.BAD_FRAME);
    }

    @Test
    void whoeverIsKnownCannotClaimToBeAnother() {
        Identity identity = identity(ask(open, caller.with(Place.BEARER, TOKEN).claiming("bob/!", "Bob")));

        assertThat(identity.user()).isEqualTo("alice");
        assertThat(identity.name()).isEqualTo("Alice");
    }

    @Test
    void aThousandWrongCredentialsAMinuteFromOneAddressAreEnough() {
        for (int i = 0; i < 1000; i++) {
            assertThat(ask(open, caller.with(Place.BEARER, "guess-" + i))).isEqualTo(Authenticators.WRONG);
        }

        assertThat(refusal(ask(open, caller.with(Place.BEARER, "guess")))).isEqualTo(ErrorCode.RATE_LIMITED);
        Credentials other = Credentials.none(InetAddress.ofLiteral("192.0.2.8"));
        assertThat(ask(open, other.with(Place.BEARER, "guess"))).isEqualTo(Authenticators.WRONG);

        nowMs.addAndGet(FailedCredentials.WINDOW_MS);
        assertThat(ask(open, caller.with(Place.BEARER, "guess"))).isEqualTo(Authenticators.WRONG);
    }

    @Test
    void aRightCredentialIsNeverRefusedForTheWrongOnesOfItsAddress() {
        for (int i = 0; i < 5000; i++) {
            ask(open, caller.with(Place.BEARER, "guess-" + i));
        }

        assertThat(identity(ask(open, caller.with(Place.BEARER, TOKEN))).user()).isEqualTo("alice");
        assertThat(identity(ask(open, caller)).user()).isNull();
        assertThat(refusal(ask(open, caller.with(Place.BEARER, "guess")))).isEqualTo(ErrorCode.RATE_LIMITED);
    }

    @Test
    void whatOneOfTheChainFindsWrongCountsThoughItIsNoKeyAndNoToken() {
        FailedCredentials two = new FailedCredentials(clock, 2);
        Authenticator refusing = c -> CompletableFuture.completedFuture(Authenticators.WRONG);
        Authenticators chain = new Authenticators(List.of(tokens, refusing), two);

        assertThat(ask(chain, caller)).isEqualTo(Authenticators.WRONG);
        assertThat(ask(chain, caller)).isEqualTo(Authenticators.WRONG);
        assertThat(refusal(ask(chain, caller))).isEqualTo(ErrorCode.RATE_LIMITED);
    }

    @Test
    void whoShowsNothingHasShownNothingWrong() {
        FailedCredentials two = new FailedCredentials(clock, 2);
        Authenticators chain = new Authenticators(List.of(tokens), two);

        for (int i = 0; i < 10; i++) {
            assertThat(ask(chain, caller)).isEqualTo(Authenticators.MISSING);
        }
        assertThat(two.size()).isZero();
    }

    @Test
    void rightCredentialsAndClaimsAreNotCountedAsWrong() {
        FailedCredentials two = new FailedCredentials(clock, 2);
        Authenticators chain = new Authenticators(List.of(tokens, new Anonymous(Grant.DEFAULT)), two);

        for (int i = 0; i < 10; i++) {
            ask(chain, caller.with(Place.BEARER, TOKEN));
            ask(chain, caller.claiming("a b", null));
        }

        assertThat(two.size()).isZero();
    }

    @Test
    void whatCannotBeCheckedIsUnavailableAndNotCounted() {
        AtomicInteger asked = new AtomicInteger();
        Authenticator failing = c -> CompletableFuture.failedFuture(new IllegalStateException("no store"));
        Authenticator throwing = c -> {
            throw new IllegalStateException("no store");
        };
        Authenticator last = c -> {
            asked.incrementAndGet();
            return CompletableFuture.completedFuture(Authentication.NOT_MINE);
        };

        for (Authenticator broken : List.of(failing, throwing)) {
            Authenticators chain = new Authenticators(List.of(broken, last), failures);
            assertThat(refusal(ask(chain, caller.with(Place.BEARER, TOKEN)))).isEqualTo(ErrorCode.UNAVAILABLE);
        }

        assertThat(asked).hasValue(0);
        assertThat(failures.size()).isZero();
    }

    @Test
    void noTextOfCredentialsShowsASecret() {
        Credentials shown = caller.with(Place.BEARER, TOKEN).with(Place.API_KEY_HEADER, TOKEN);

        assertThat(shown.toString() + shown.presented()).doesNotContain(TOKEN);
        assertThat(StaticToken.of(TOKEN, "alice", null, Grant.DEFAULT, Identity.NEVER)
                        .toString())
                .doesNotContain(TOKEN);
    }

    @Test
    void tokensThatAreTooShortOrLookLikeKeysOrStandTwiceAreRefused() {
        for (String bad :
                List.of("short", "ts_looks-like-a-key", "has a space in it", "ünïcode-token", "x".repeat(513))) {
            assertThatThrownBy(() -> StaticToken.of(bad, "u", null, Grant.DEFAULT, Identity.NEVER))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining(bad);
        }
        StaticToken token = StaticToken.of(TOKEN, "alice", null, Grant.DEFAULT, Identity.NEVER);
        assertThatThrownBy(() -> new StaticTokens(List.of(token, token), clock))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("alice");
    }
}
