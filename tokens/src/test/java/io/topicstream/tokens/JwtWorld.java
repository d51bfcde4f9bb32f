package io.topicstream.tokens;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authenticators;
import io.topicstream.access.Credentials;
import io.topicstream.access.Credentials.Place;
import io.topicstream.access.FailedCredentials;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.testkit.ManualClock;
import io.topicstream.tokens.JwtIssuer.Source;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// An issuer that publishes an RSA key and one on a curve, whoever believes it, and a clock for both.
final class JwtWorld implements AutoCloseable {
    static final String RS = "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"typ\":\"JWT\"}";
    static final String ES = "{\"alg\":\"ES256\",\"kid\":\"ec-1\"}";
    static final Duration SKEW = Duration.ofSeconds(30);
    static final Duration DEADLINE = Duration.ofMillis(500);
    private static final InetAddress ADDRESS = InetAddress.getLoopbackAddress();

    final ManualClock clock = new ManualClock();
    final TestIssuer issuer =
            new TestIssuer(TestIssuer.jwk(TestIssuer.RSA, "rsa-1"), TestIssuer.jwk(TestIssuer.EC, "ec-1"));
    final FailedCredentials failures = new FailedCredentials(clock, 1000);
    final JwtTokens tokens;
    private final Authenticators chain;

    JwtWorld() {
        this(null);
    }

    /// @param only the only issuer, or null for the usual one
    JwtWorld(JwtIssuer only) {
        tokens = open(only == null ? usual(new Source.Jwks(issuer.jwks())) : only);
        chain = new Authenticators(List.of(tokens), failures);
    }

    JwtTokens open(JwtIssuer... issuers) {
        try {
            return JwtTokens.open(
                    List.of(issuers), clock, task -> Thread.ofVirtual().start(task), DEADLINE);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// An issuer with the defaults of the configuration.
    static JwtIssuer usual(Source keys) {
        return issuer(keys, JwtAlgorithm.OF_KEYS, null, null, null);
    }

    static JwtIssuer issuer(
            Source keys, List<JwtAlgorithm> algorithms, String typ, String grantsClaim, Duration maxAge) {
        return new JwtIssuer(
                TestIssuer.NAME,
                keys,
                algorithms,
                List.of(TestIssuer.AUDIENCE, "another-app"),
                "aud",
                typ,
                "sub",
                "",
                "name",
                grantsClaim,
                Grant.DEFAULT,
                false,
                maxAge,
                SKEW);
    }

    long now() {
        return clock.millis();
    }

    String claims(String user, String more) {
        return TestIssuer.claims(now(), user, more);
    }

    /// A right one.
    String token(String user) {
        return TestIssuer.token(now(), user, "");
    }

    /// What the whole chain answers.
    Authentication ask(String token) {
        return join(begin(token));
    }

    CompletableFuture<Authentication> begin(String token) {
        return chain.authenticate(shown(token)).toCompletableFuture();
    }

    static Credentials shown(String token) {
        return Credentials.none(ADDRESS).with(Place.BEARER, token);
    }

    Identity identity(String token) {
        return ask(token) instanceof Known(Identity identity) ? identity : notLetIn(token);
    }

    private Identity notLetIn(String token) {
        throw new AssertionError("not let in: " + token);
    }

    static <T> T join(CompletableFuture<T> asked) {
        return asked.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        tokens.close();
        issuer.close();
    }
}
