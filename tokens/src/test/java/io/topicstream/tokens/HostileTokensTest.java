package io.topicstream.tokens;

import static io.topicstream.tokens.JwtWorld.ES;
import static io.topicstream.tokens.JwtWorld.RS;
import static io.topicstream.tokens.TestIssuer.AUDIENCE;
import static io.topicstream.tokens.TestIssuer.EC;
import static io.topicstream.tokens.TestIssuer.NAME;
import static io.topicstream.tokens.TestIssuer.OTHER_RSA;
import static io.topicstream.tokens.TestIssuer.RSA;
import static io.topicstream.tokens.TestIssuer.base64;
import static io.topicstream.tokens.TestIssuer.es256;
import static io.topicstream.tokens.TestIssuer.es256InDer;
import static io.topicstream.tokens.TestIssuer.hs256;
import static io.topicstream.tokens.TestIssuer.input;
import static io.topicstream.tokens.TestIssuer.jwk;
import static io.topicstream.tokens.TestIssuer.pem;
import static io.topicstream.tokens.TestIssuer.rs256;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authentication.Refused;
import io.topicstream.access.Authenticators;
import io.topicstream.access.Credentials;
import io.topicstream.access.Credentials.Place;
import io.topicstream.access.FailedCredentials;
import io.topicstream.protocol.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tokens that somebody made to be let in, and those that are wrong by mistake. All are answered alike, and counted.
class HostileTokensTest {
    private JwtWorld world;

    @BeforeEach
    void begin() {
        world = new JwtWorld();
        // What is tried below is wrong because of one thing alone: the same without it is let in.
        assertThat(world.identity(world.token("alice")).user()).isEqualTo("alice");
        assertThat(world.identity(es256(EC, ES, world.claims("alice", ""))).user())
                .isEqualTo("alice");
    }

    @AfterEach
    void end() {
        world.close();
    }

    private void assertWrong(String token) {
        long before = world.failures.total();
        assertThat(world.ask(token)).as(token).isSameAs(Authenticators.WRONG);
        assertThat(world.failures.total()).isEqualTo(before + 1);
    }

    private String rs(String header) {
        return rs256(RSA, header, world.claims("alice", ""));
    }

    /// Claims with these in place of `aud`, `iat` and `exp`.
    private String withClaims(String claims) {
        return rs256(RSA, RS, "{\"iss\":\"" + NAME + "\",\"sub\":\"alice\"," + claims + "}");
    }

    private String withTimes(String times) {
        return withClaims("\"aud\":\"" + AUDIENCE + "\"" + times);
    }

    private long seconds(long more) {
        return world.now() / 1000 + more;
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "nOnE", "NONE", "", "rs256", "RS512", "PS256", "HS256", "ES256", "dir", "RS256 "})
    void anotherAlgorithmThanThatOfTheKey(String alg) {
        String header = "{\"alg\":\"" + alg + "\",\"kid\":\"rsa-1\"}";
        assertWrong(rs(header));
        assertWrong(input(header, world.claims("alice", "")) + ".");
        assertWrong(input(header, world.claims("alice", "")));
        assertWrong(input(header, world.claims("alice", "")) + ".AA");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"kid\":\"rsa-1\"}",
                "{\"alg\":null,\"kid\":\"rsa-1\"}",
                "{\"alg\":[\"RS256\"],\"kid\":\"rsa-1\"}",
                "{\"alg\":\"RS256\",\"kid\":7}",
                "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"typ\":7}",
                "{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"rsa-1\"}",
                "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"x\":1,\"x\":2}",
                "[]",
                "RS256",
                ""
            })
    void aHeaderThatIsNone(String header) {
        assertWrong(rs(header));
    }

    @Test
    void aPublicKeyAsASecret() {
        String header = "{\"alg\":\"HS256\",\"kid\":\"rsa-1\"}";
        for (byte[] secret : List.of(
                pem(RSA).getBytes(UTF_8),
                pem(RSA).strip().getBytes(UTF_8),
                RSA.getPublic().getEncoded(),
                jwk(RSA, "rsa-1").getBytes(UTF_8))) {
            assertWrong(hs256(secret, header, world.claims("alice", "")));
        }
    }

    @Test
    void aSecretThatTheIssuerPublishesIsNoKey() {
        byte[] secret = "a-secret-that-has-32-bytes-or-so".getBytes(UTF_8);
        world.issuer.publish(
                jwk(RSA, "rsa-1"),
                "{\"kty\":\"oct\",\"kid\":\"oct-1\",\"alg\":\"HS256\",\"k\":\"" + base64(secret) + "\"}");
        world.clock.advance(Duration.ofHours(2));

        assertWrong(hs256(secret, "{\"alg\":\"HS256\",\"kid\":\"oct-1\"}", world.claims("alice", "")));

        assertThat(world.identity(world.token("alice")).user()).isEqualTo("alice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../dev/null",
                "/dev/null",
                "' OR 1=1 --",
                "rsa-1\\u0000",
                "\\u0000",
                "",
                "RSA-1",
                "unknown",
                "http://127.0.0.1/key"
            })
    void aNameOfAKeyThatIsNone(String kid) {
        assertWrong(rs("{\"alg\":\"RS256\",\"kid\":\"" + kid + "\"}"));
    }

    @Test
    void aNameOfAKeyWithTenThousandLetters() {
        assertWrong(rs("{\"alg\":\"RS256\",\"kid\":\"" + "k".repeat(10_000) + "\"}"));
    }

    @Test
    void noNameOfAKeyWhereThereAreTwo() {
        assertWrong(rs("{\"alg\":\"RS256\"}"));
    }

    @Test
    void theNameOfAnotherKey() {
        assertWrong(rs("{\"alg\":\"RS256\",\"kid\":\"ec-1\"}"));
        assertWrong(rs256(OTHER_RSA, RS, world.claims("alice", "")));
    }

    @Test
    void keysAndTheirAddressesInTheHeaderAreNotRead() {
        try (TestIssuer evil = new TestIssuer(jwk(OTHER_RSA, "evil"))) {
            int before = world.issuer.requests();
            for (String lure : List.of(
                    "\"jku\":\"" + evil.jwks() + "\"",
                    "\"x5u\":\"" + evil.jwks() + "\"",
                    "\"jwk\":" + jwk(OTHER_RSA, "evil"),
                    "\"x5c\":[\"AAAA\"]")) {
                for (String kid : List.of("evil", "rsa-1", "" + evil.jwks())) {
                    String header = "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\"," + lure + "}";
                    assertWrong(rs256(OTHER_RSA, header, world.claims("alice", "")));
                }
                // Who has the right key may say such things.
                assertThat(world.ask(rs("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"," + lure + "}")))
                        .isInstanceOf(Known.class);
            }
            assertThat(evil.requests()).isZero();
            assertThat(world.issuer.requests()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"crit\":[\"exp\"],\"exp\":1",
                "\"crit\":[\"b64\"],\"b64\":false",
                "\"crit\":[]",
                "\"b64\":false"
            })
    void whatMustBeUnderstood(String more) {
        assertWrong(rs("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"," + more + "}"));
    }

    @Test
    void anEncryptedTokenAroundAnUnsignedOne() {
        String inner = input("{\"alg\":\"none\"}", world.claims("alice", "")) + ".";
        String header = base64(
                "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"cty\":\"JWT\",\"kid\":\"rsa-1\"}".getBytes(UTF_8));
        assertWrong(header + ".AAAA.AAAA." + base64(inner.getBytes(UTF_8)) + ".AAAA");
        assertWrong(header + "." + base64(inner.getBytes(UTF_8)) + ".AAAA");
        assertWrong(header + "..AAAA.AAAA.AAAA");
    }

    @Test
    void signaturesOnACurveThatAreNone() {
        String claims = world.claims("alice", "");
        for (int length : List.of(0, 1, 63, 64, 65, 128)) {
            assertWrong(input(ES, claims) + "." + base64(new byte[length]));
        }
        assertWrong(es256InDer(EC, ES, claims));
        String right = es256(EC, ES, claims);
        assertWrong(right + "AA");
        assertWrong(right.substring(0, right.length() - 4));
        assertWrong(right + "=");
        assertWrong(right + ".");
    }

    @Test
    void timesThatAreNone() {
        for (String exp : List.of(
                "\"" + seconds(3600) + "\"",
                "1e400",
                "-1",
                "-1e400",
                "1e308",
                "253402300800",
                "true",
                "[" + seconds(3600) + "]",
                "{}",
                "null",
                "0." + "0".repeat(100))) {
            assertWrong(withTimes(",\"exp\":" + exp));
        }
        assertWrong(withTimes(""));
        for (String claim : List.of("nbf", "iat")) {
            for (String time : List.of("\"" + seconds(0) + "\"", "1e400", "-1", "true", "{}")) {
                assertWrong(withTimes(",\"exp\":" + seconds(60) + ",\"" + claim + "\":" + time));
            }
        }
        assertThat(world.ask(withTimes(",\"exp\":" + seconds(60) + ".5"))).isInstanceOf(Known.class);
    }

    @Test
    void timesOnTheOtherSideOfTheSkew() {
        long skew = JwtWorld.SKEW.toSeconds();
        long exp = seconds(600);
        assertWrong(withTimes(",\"exp\":" + seconds(-skew)));
        assertThat(world.identity(withTimes(",\"exp\":" + seconds(1 - skew))).expiresAtMs())
                .isEqualTo(world.now() + 1000);
        for (String claim : List.of("nbf", "iat")) {
            String before = ",\"exp\":" + exp + ",\"" + claim + "\":";
            assertWrong(withTimes(before + seconds(skew + 1)));
            assertThat(world.ask(withTimes(before + seconds(skew)))).isInstanceOf(Known.class);
        }
    }

    @Test
    void aTokenThatIsKeptEndsAllTheSame() {
        String token = withTimes(",\"exp\":" + seconds(60));
        world.ask(token);
        world.clock.advance(Duration.ofSeconds(60).plus(JwtWorld.SKEW).minusMillis(1));
        assertThat(world.ask(token)).isInstanceOf(Known.class);

        world.clock.advance(Duration.ofMillis(1));

        assertWrong(token);
    }

    @Test
    void anotherAudience() {
        String times = ",\"exp\":" + seconds(60);
        for (String aud : List.of(
                "\"other\"",
                "[\"other\"]",
                "[]",
                "null",
                "7",
                "\"\"",
                "\"chat\"",
                "{\"chat-app\":1}",
                "[[\"chat-app\"]]",
                "[\"chat-app\",7]")) {
            assertWrong(withClaims("\"aud\":" + aud + times));
        }
        assertWrong(withClaims(times.substring(1)));
        // RFC 7519, 4.1.3: it is enough to be one of those that are meant.
        for (String aud : List.of("\"another-app\"", "[\"other\",\"chat-app\"]")) {
            assertThat(world.ask(withClaims("\"aud\":" + aud + times))).isInstanceOf(Known.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"https://issuer.example/pool/\"",
                "\"https://ISSUER.example/pool\"",
                "\"https://evil.example\"",
                "[\"https://issuer.example/pool\"]",
                "7",
                "null",
                "\"\""
            })
    void anotherIssuer(String iss) {
        assertWrong(rs256(
                RSA,
                RS,
                "{\"iss\":" + iss + ",\"sub\":\"alice\",\"aud\":\"" + AUDIENCE + "\",\"exp\":" + seconds(60) + "}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"logout+jwt", "dpop+jwt", "JWE", "", "application/", "JWT "})
    void anotherType(String typ) {
        assertWrong(rs("{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"typ\":\"" + typ + "\"}"));
    }

    @Test
    void typesThatAreWanted() {
        for (String typ : List.of("JWT", "jwt", "at+jwt", "application/at+jwt", "APPLICATION/JWT")) {
            assertThat(world.ask(rs("{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"typ\":\"" + typ + "\"}")))
                    .isInstanceOf(Known.class);
        }
        JwtIssuer strict = JwtWorld.issuer(
                new JwtIssuer.Source.Jwks(world.issuer.jwks()), JwtAlgorithm.OF_KEYS, "at+jwt", null, null);
        try (JwtTokens tokens = world.open(strict)) {
            assertThat(ask(tokens, rs("{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"typ\":\"AT+JWT\"}")))
                    .isInstanceOf(Known.class);
            assertThat(ask(tokens, rs(RS))).isSameAs(Authenticators.WRONG);
            assertThat(ask(tokens, rs("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}"))).isSameAs(Authenticators.WRONG);
        }
    }

    private static Authentication ask(JwtTokens tokens, String token) {
        return JwtWorld.join(tokens.authenticate(JwtWorld.shown(token)).toCompletableFuture());
    }

    @Test
    void twoTokensThatDiffer() {
        Authenticators chain = new Authenticators(List.of(world.tokens), world.failures);
        Credentials both = JwtWorld.shown(world.token("alice")).with(Place.QUERY, world.token("bob"));

        Authentication answer = JwtWorld.join(chain.authenticate(both).toCompletableFuture());

        assertThat(answer)
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.code()).isEqualTo(ErrorCode.BAD_FRAME));
    }

    @Test
    void tokensThatAreTooLong() {
        String filler = ",\"x\":\"" + "x".repeat(32 * 1024) + "\"";
        assertWrong(rs256(RSA, RS, world.claims("alice", filler)));
        String bare = world.token("alice");
        // Padded to the last character that is read, and one past it.
        int room = SignedToken.MAX_LENGTH - bare.length();
        String most = rs256(RSA, RS, world.claims("alice", ",\"x\":\"" + "x".repeat(room * 3 / 4 - 8) + "\""));
        while (most.length() < SignedToken.MAX_LENGTH) {
            most = rs256(RSA, RS, world.claims("alice", ",\"x\":\"" + "x".repeat(room++ * 3 / 4 - 8) + "\""));
        }
        assertThat(most).hasSizeBetween(SignedToken.MAX_LENGTH, SignedToken.MAX_LENGTH + 1);
        assertThat(world.ask(most) instanceof Known).isEqualTo(most.length() == SignedToken.MAX_LENGTH);
    }

    @Test
    void claimsThatAreDeepManyOrAmbiguous() {
        for (String more : List.of(
                ",\"x\":" + "[".repeat(33) + "]".repeat(33),
                ",\"x\":" + "{\"a\":".repeat(1000) + "1" + "}".repeat(1000),
                ",\"sub\":\"mallory\"",
                ",\"\\u0073ub\":\"mallory\"",
                ",\"aud\":\"" + AUDIENCE + "\"",
                ",\"x\":1,\"x\":2",
                ",\"x\":\"\\ud800\"",
                ",\"x\":NaN",
                ",")) {
            assertWrong(rs256(RSA, RS, world.claims("alice", more)));
        }
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            many.append(",\"c").append(i).append("\":1");
        }
        assertWrong(rs256(RSA, RS, world.claims("alice", many.toString())));
        assertThat(world.ask(rs256(RSA, RS, world.claims("alice", ",\"x\":" + "[".repeat(32) + "]".repeat(32)))))
                .isInstanceOf(Known.class);
    }

    @Test
    void claimsThatAreNoText() {
        String header = base64(RS.getBytes(UTF_8));
        for (byte[] bytes : List.of(
                new byte[] {(byte) 0xff},
                "{\"iss\":\"\u00e9\"}".getBytes(ISO_8859_1),
                "null".getBytes(UTF_8),
                "[]".getBytes(UTF_8),
                "{}x".getBytes(UTF_8),
                new byte[0])) {
            assertWrong(header + "." + base64(bytes) + ".AAAA");
        }
        for (String text : List.of(".", "..", "a.b.c", "....", "é.é.é", " . . ")) {
            assertWrong(text);
        }
    }

    @Test
    void changedOnTheWay() {
        String token = world.token("alice");
        int from = token.indexOf('.') + 1;
        String others = world.token("alicf");
        assertWrong(token.substring(0, from)
                + others.substring(from, others.lastIndexOf('.'))
                + token.substring(token.lastIndexOf('.')));
        assertWrong(
                token.substring(0, token.lastIndexOf('.') + 1) + "AAAA" + token.substring(token.lastIndexOf('.') + 5));
    }

    @Test
    void aThousandWrongOnesAreToldToWaitAndRightOnesAreNot() {
        FailedCredentials failures = new FailedCredentials(world.clock, 1000);
        Authenticators chain = new Authenticators(List.of(world.tokens), failures);
        List<Authentication> answers = new ArrayList<>();
        String wrongKey = rs256(OTHER_RSA, RS, world.claims("alice", ""));
        String noUser = rs256(OTHER_RSA, RS, world.claims("nobody", ""));
        for (int i = 0; i < 1001; i++) {
            answers.add(JwtWorld.join(chain.authenticate(JwtWorld.shown(i % 2 == 0 ? wrongKey : noUser))
                    .toCompletableFuture()));
        }

        assertThat(answers.subList(0, 1000)).containsOnly(Authenticators.WRONG);
        assertThat(answers.get(1000))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.code()).isEqualTo(ErrorCode.RATE_LIMITED));
        assertThat(JwtWorld.join(
                        chain.authenticate(JwtWorld.shown(world.token("alice"))).toCompletableFuture()))
                .isInstanceOf(Known.class);
    }
}
