package io.topicstream.aws.lambda;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.TokenIds;
import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.audience.Outside;
import io.topicstream.log.InMemoryLog;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.tokens.JwtAlgorithm;
import io.topicstream.tokens.JwtIssuer;
import io.topicstream.tokens.TestIssuer;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tokens of an issuer at the WebSocket door of a function.
class TokensAtTheDoorTest {
    private static final String LET_IN = "{\"statusCode\":200}";
    private static final String RS = "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}";
    private static final Duration SKEW = Duration.ofSeconds(10);
    /// How old keys are when it looks whether they have changed.
    private static final Duration REFRESH = Duration.ofMinutes(5);
    /// As long as the door waits between two questions for keys.
    private static final Duration GAP = Duration.ofSeconds(30);

    private final ManualClock clock = new ManualClock();
    private final TestIssuer issuer = new TestIssuer(TestIssuer.jwk(TestIssuer.RSA, "rsa-1"));
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final InMemoryStateStore state = new InMemoryStateStore(clock, thread);
    private final FrontDoor.Ports ports = new FrontDoor.Ports(new InMemoryLog(clock, thread, 1), state, state);
    private final CalledFunction function = new CalledFunction(
            ports, DoorSettings.local().withOutside(new Outside(List.of(believed(issuer)), null)), clock);

    private static JwtIssuer believed(TestIssuer issuer) {
        return new JwtIssuer(
                TestIssuer.NAME,
                new JwtIssuer.Source.Jwks(issuer.jwks()),
                JwtAlgorithm.OF_KEYS,
                List.of(TestIssuer.AUDIENCE),
                "aud",
                null,
                "sub",
                "",
                "name",
                null,
                Grant.DEFAULT,
                false,
                null,
                SKEW);
    }

    @AfterEach
    void end() {
        function.door().close();
        issuer.close();
        thread.shutdownNow();
    }

    private String token(String user) {
        return TestIssuer.token(clock.millis(), user, "");
    }

    private String claims(String user) {
        return TestIssuer.claims(clock.millis(), user, "");
    }

    private String connect(String connectionId, String token) {
        return function.connect(connectionId, "\"multiValueHeaders\":{\"Authorization\":[\"Bearer " + token + "\"]}");
    }

    private String joined(String connectionId, String token) {
        assertThat(connect(connectionId, token)).isEqualTo(LET_IN);
        function.doTasks();
        return function.posts().remove();
    }

    // ---- who is let in

    @Test
    void itsBearerIsLetInAsItsUser() {
        assertThat(joined("c1", token("ada")))
                .contains("\"type\":\"welcome\"")
                .contains("\"user\":\"ada\"")
                .contains("\"expires_at\":");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"multiValueQueryStringParameters\":{\"token\":[\"%s\"]}",
                "\"multiValueHeaders\":{\"Sec-WebSocket-Protocol\":[\"topicstream.v1, bearer.%s\"]}"
            })
    void browsersShowItWhereTheyCan(String shown) {
        assertThat(function.connect("c1", shown.formatted(token("ada")))).startsWith("{\"statusCode\":200");
    }

    @Test
    void whatIsWrongWithATokenIsNotSaid() {
        long nowMs = clock.millis();
        String none = Base64.getUrlEncoder().withoutPadding().encodeToString("{\"alg\":\"none\"}".getBytes(US_ASCII));
        String body = token("ada").split("\\.", -1)[1];
        byte[] publicKey = TestIssuer.pem(TestIssuer.RSA).getBytes(US_ASCII);

        assertThat(List.of(
                        // It has ended.
                        TestIssuer.token(nowMs - Duration.ofHours(2).toMillis(), "ada", ""),
                        // It is for others.
                        TestIssuer.rs256(TestIssuer.RSA, RS, claims("ada").replace(TestIssuer.AUDIENCE, "another")),
                        // Nobody has signed it.
                        none + "." + body + ".",
                        none + "." + body + ".AA",
                        // It is signed with what everybody knows.
                        TestIssuer.hs256(publicKey, "{\"alg\":\"HS256\",\"kid\":\"rsa-1\"}", claims("ada")),
                        // Somebody else has signed it.
                        TestIssuer.rs256(TestIssuer.OTHER_RSA, RS, claims("ada")),
                        // It is another issuer's.
                        TestIssuer.rs256(
                                TestIssuer.RSA, RS, claims("ada").replace(TestIssuer.NAME, "https://other.example"))))
                .allSatisfy(token -> assertThat(connect("c1", token))
                        .startsWith("{\"statusCode\":401,")
                        .contains("the credential is not valid"));
    }

    // ---- its keys

    @Test
    void keysAreFetchedOnceForTheFirstToken() {
        assertThat(issuer.requests()).isZero();

        assertThat(connect("c1", token("ada"))).isEqualTo(LET_IN);
        assertThat(connect("c2", token("bob"))).isEqualTo(LET_IN);

        assertThat(issuer.requests()).isEqualTo(1);
    }

    @Test
    void aNewKeyIsAskedForAndAnOldOneCountsNoMore() {
        assertThat(connect("c1", token("ada"))).isEqualTo(LET_IN);
        issuer.publish(TestIssuer.jwk(TestIssuer.OTHER_RSA, "rsa-2"));
        clock.advance(GAP);

        assertThat(connect(
                        "c2",
                        TestIssuer.rs256(TestIssuer.OTHER_RSA, "{\"alg\":\"RS256\",\"kid\":\"rsa-2\"}", claims("ada"))))
                .isEqualTo(LET_IN);
        assertThat(connect("c3", token("ada"))).startsWith("{\"statusCode\":401,");
    }

    @Test
    void aCallReturnsWhenTheFetchHasEndedThatItBegan() {
        assertThat(connect("c1", token("ada"))).isEqualTo(LET_IN);
        issuer.publish(TestIssuer.jwk(TestIssuer.OTHER_RSA, "rsa-2"));
        clock.advance(REFRESH);

        // By which keys it is judged depends on how fast the new ones come.
        var _ = connect("c2", token("ada"));

        assertThat(issuer.requests()).isEqualTo(2);
        assertThat(connect("c3", token("ada"))).startsWith("{\"statusCode\":401,");
    }

    @Test
    void withoutKeysNobodyIsJudgedAndLaterEverybodyIs() {
        issuer.fail();
        assertThat(connect("c1", token("ada"))).startsWith("{\"statusCode\":503,");

        issuer.publish(TestIssuer.jwk(TestIssuer.RSA, "rsa-1"));
        clock.advance(GAP);

        assertThat(connect("c2", token("ada"))).isEqualTo(LET_IN);
    }

    // ---- its end

    @Test
    void aConnectionEndsWithItsToken() {
        joined("c1", token("ada"));
        clock.advance(Duration.ofHours(1).plus(SKEW));

        function.frame("c1", "{\"action\":\"ping\",\"id\":1}");

        assertThat(function.posts()).isEmpty();
        assertThat(function.closed()).containsExactly("c1 4001 the credentials have ended");
    }

    @Test
    void nothingIsDeliveredToItAfterThat() {
        joined("c1", token("ada"));
        function.frame("c1", "{\"action\":\"subscribe\",\"topic\":\"news\",\"id\":1}");
        function.posts().clear();
        clock.advance(Duration.ofHours(1).plus(SKEW));
        joined("c2", token("bob"));

        function.frame("c2", "{\"action\":\"publish\",\"topic\":\"news\",\"message\":1,\"id\":2}");
        function.doTasks();

        assertThat(function.posts()).singleElement().asString().contains("\"type\":\"reply\"");
        assertThat(function.closed()).containsExactly("c1 4001 the credentials have ended");
    }

    @Test
    void aNewTokenOfTheSameUserKeepsIt() {
        joined("c1", token("ada"));
        clock.advance(Duration.ofMinutes(59));
        function.frame("c1", "{\"action\":\"authenticate\",\"token\":\"" + token("ada") + "\",\"id\":1}");
        assertThat(function.posts().remove()).contains("\"expires_at\":");
        clock.advance(Duration.ofMinutes(30));

        function.frame("c1", "{\"action\":\"ping\",\"id\":2}");

        assertThat(function.posts().remove()).contains("\"type\":\"pong\"");
        assertThat(function.closed()).isEmpty();
    }

    @Test
    void oneOfAnotherUserEndsIt() {
        joined("c1", token("ada"));

        function.frame("c1", "{\"action\":\"authenticate\",\"token\":\"" + token("bob") + "\",\"id\":1}");

        assertThat(function.closed()).containsExactly("c1 4003 these credentials are another user's");
    }

    @Test
    void aRevokedTokenEndsTheConnectionThatWasRenewedWithIt() {
        joined("c1", token("ada"));
        clock.advance(Duration.ofMinutes(1));
        String renewed = TestIssuer.token(clock.millis(), "ada", ",\"jti\":\"second\"");
        function.frame("c1", "{\"action\":\"authenticate\",\"token\":\"" + renewed + "\",\"id\":1}");

        function.door()
                .call(() -> function.door()
                        .rights()
                        .revokeToken(TokenIds.ofId(TestIssuer.NAME, "second"), Identity.NEVER)
                        .toCompletableFuture()
                        .join());

        assertThat(function.closed()).containsExactly("c1 4001 the credentials were revoked");
        assertThat(connect("c2", renewed)).startsWith("{\"statusCode\":401,");
    }
}
