package io.topicstream.tokens;

import static io.topicstream.tokens.JwtWorld.RS;
import static io.topicstream.tokens.TestIssuer.NAME;
import static io.topicstream.tokens.TestIssuer.RSA;
import static io.topicstream.tokens.TestIssuer.es256;
import static io.topicstream.tokens.TestIssuer.jwk;
import static io.topicstream.tokens.TestIssuer.rs256;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authenticators;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.access.TokenIds;
import io.topicstream.tokens.JwtIssuer.Source;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a right token says of its bearer.
class ClaimsTest {
    private static final Set<Permission> READ = EnumSet.of(Permission.READ);

    private JwtWorld world;

    @BeforeEach
    void begin() {
        world = new JwtWorld();
    }

    @AfterEach
    void end() {
        world.close();
    }

    private String token(String user, String more) {
        return rs256(RSA, RS, world.claims(user, more));
    }

    private Source keys() {
        return new Source.Jwks(world.issuer.jwks());
    }

    private static Authentication ask(JwtTokens tokens, String token) {
        return JwtWorld.join(tokens.authenticate(JwtWorld.shown(token)).toCompletableFuture());
    }

    private static Identity identity(JwtTokens tokens, String token) {
        Authentication answer = ask(tokens, token);
        assertThat(answer).isInstanceOf(Known.class);
        return ((Known) answer).identity();
    }

    private static String hashed(String issuer, String subject) {
        try {
            byte[] sha256 = MessageDigest.getInstance("SHA-256")
                    .digest((issuer.length() + ":" + issuer + subject).getBytes(UTF_8));
            return "h-" + Base64.getUrlEncoder().withoutPadding().encodeToString(sha256);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aPlainOneHasTheDefaults() {
        assertThat(world.identity(token("alice", "")))
                .isEqualTo(new Identity(
                        "alice",
                        null,
                        Identity.Credential.JWT,
                        TokenIds.ofContent(
                                TestIssuer.input(RS, world.claims("alice", "")).getBytes(UTF_8)),
                        Grant.DEFAULT,
                        world.now() + 3_600_000 + JwtWorld.SKEW.toMillis(),
                        world.now()));
    }

    @Test
    void aTokenWasIssuedBeforeItWasSeenThoughItsIssuersClockIsAhead() {
        long aheadMs = world.now() + JwtWorld.SKEW.toMillis();
        Identity seen = world.identity(TestIssuer.token(aheadMs, "alice", ""));
        assertThat(seen.issuedAtMs()).isEqualTo(world.now());

        long beforeMs = world.now() - 5_000;
        assertThat(world.identity(TestIssuer.token(beforeMs, "alice", "")).issuedAtMs())
                .isEqualTo(beforeMs);
        assertThat(world.identity(rs256(
                                TestIssuer.RSA,
                                RS,
                                TestIssuer.claims(world.now(), "alice", "").replaceFirst("\"iat\":[0-9]+,", "")))
                        .issuedAtMs())
                .isEqualTo(Identity.UNKNOWN);
    }

    @Test
    void aTokenIsNamedByItsOwnIdHoweverItIsSigned() {
        String more = ",\"jti\":\"4711\"";
        Identity one = world.identity(token("alice", more));
        Identity other = world.identity(es256(TestIssuer.EC, JwtWorld.ES, world.claims("alice", more)));

        assertThat(one.credentialId()).isEqualTo(TokenIds.ofId(NAME, "4711")).isEqualTo(other.credentialId());
        assertThat(TokenIds.ofId(NAME, "4712")).isNotEqualTo(one.credentialId());
        assertThat(TokenIds.ofId(NAME + "4", "711")).isNotEqualTo(one.credentialId());
    }

    @Test
    void aTokenWithoutAnIdIsNamedByWhatIsSigned() {
        String input = world.claims("alice", "");
        // A signature on a curve is another one each time.
        String first = es256(TestIssuer.EC, JwtWorld.ES, input);
        String second = es256(TestIssuer.EC, JwtWorld.ES, input);

        assertThat(first).isNotEqualTo(second);
        assertThat(world.identity(first).credentialId())
                .isEqualTo(world.identity(second).credentialId());
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "{}", "\"\""})
    void anIdThatIsNoneIsWrong(String jti) {
        assertThat(world.ask(token("alice", ",\"jti\":" + jti))).isSameAs(Authenticators.WRONG);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"auth0|5f7c8ec7c33c6c004bbafe82", "a b", "guest.alice", "h-abc", "ümlaut", "a:b", "a~b", "h-"})
    void aSubjectThatCannotBeAUserIsHashedWithItsIssuer(String subject) {
        assertThat(world.identity(token(subject, "")).user()).isEqualTo(hashed(NAME, subject));
    }

    @Test
    void theLongestSubjectStaysAndALongerOneIsHashed() {
        String most = "u".repeat(Identity.MAX_USER_LENGTH);

        assertThat(world.identity(token(most, "")).user()).isEqualTo(most);
        assertThat(world.identity(token(most + "u", "")).user()).isEqualTo(hashed(NAME, most + "u"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "null", "[\"alice\"]", "\"\""})
    void withoutASubjectItIsWrong(String sub) {
        String claims =
                world.claims("alice", "").replace("\"sub\":\"alice\",", sub.isEmpty() ? "" : "\"sub\":" + sub + ",");

        assertThat(world.ask(rs256(RSA, RS, claims))).isSameAs(Authenticators.WRONG);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "null",
            value = {
                "\"Alice A.\"; Alice A.",
                "\"\\u202eAlice\"; null",
                "\"a\\nb\"; null",
                "\"\"; null",
                "7; null",
                "[\"Alice\"]; null",
                "null; null"
            })
    void aDisplayNameThatIsNoneIsLeftOut(String claim, String name) {
        assertThat(world.identity(token("alice", ",\"name\":" + (claim == null ? "null" : claim)))
                        .name())
                .isEqualTo(name);
    }

    // ---- grants

    private JwtTokens granting(boolean mayGrantAdmin) {
        JwtIssuer usual = JwtWorld.usual(keys());
        return world.open(new JwtIssuer(
                NAME,
                usual.keys(),
                usual.algorithms(),
                usual.audience(),
                "aud",
                null,
                "sub",
                "",
                "name",
                "custom:grants",
                List.of(new Grant("lobby", READ)),
                mayGrantAdmin,
                null,
                JwtWorld.SKEW));
    }

    private String grants(String claim) {
        return token("alice", ",\"custom:grants\":" + claim);
    }

    @Test
    void grantsAreReadInEachOfTheirForms() {
        try (JwtTokens tokens = granting(false)) {
            List<Grant> both = List.of(
                    new Grant("orders*", EnumSet.of(Permission.PUBLISH, Permission.READ)), new Grant("news", READ));
            for (String claim : List.of(
                    "\"orders*=publish,read news=read\"",
                    "\"  orders*=publish,read   news=read \"",
                    "[\"orders*=publish,read\",\"news=read\"]",
                    "[{\"topics\":\"orders*\",\"allow\":[\"publish\",\"read\"]},{\"allow\":[\"read\"],\"topics\":\"news\"}]",
                    "[ {\"topics\":\"orders*\", \"allow\":[\"read\" , \"publish\"]} ,"
                            + " {\"allow\":[\"read\"],\"topics\":\"news\"} ]")) {
                assertThat(identity(tokens, grants(claim)).grants()).as(claim).isEqualTo(both);
            }
            for (String claim : List.of("[]", "\"\"", "\" \"", "[ ]")) {
                assertThat(identity(tokens, grants(claim)).grants()).as(claim).isEmpty();
            }
            for (String more : List.of("", ",\"custom:grants\":null")) {
                assertThat(identity(tokens, token("alice", more)).grants()).containsExactly(new Grant("lobby", READ));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"fly\"",
                "\"read\"",
                "\"orders*=fly\"",
                "\"orders*=\"",
                "\"=read\"",
                "\"o*r=read\"",
                "[\"read\"]",
                "[\"orders*=read\",7]",
                "[7]",
                "[null]",
                "[[]]",
                "true",
                "{}",
                "{\"topics\":\"orders\",\"allow\":[\"read\"]}",
                "[{\"topics\":\"orders\"}]",
                "[{\"topics\":\"orders\",\"allow\":[]}]",
                "[{\"topics\":\"orders\",\"allow\":\"read\"}]",
                "[{\"topics\":\"orders\",\"allow\":[\"fly\"]}]",
                "[{\"topics\":\"a b\",\"allow\":[\"read\"]}]",
                "[{\"topics\":\"orders\",\"allow\":[\"read\"],\"deny\":[\"read\"]}]",
                "[{\"topics\":\"orders\",\"topics\":\"*\",\"allow\":[\"read\"]}]",
                "[{\"topics\":\"orders\",\"allow\":[\"read\"]},\"news=read\"]"
            })
    void grantsThatAreNoneAreWrong(String claim) {
        try (JwtTokens tokens = granting(true)) {
            assertThat(ask(tokens, grants(claim))).isSameAs(Authenticators.WRONG);
        }
    }

    @Test
    void grantsAreBounded() {
        try (JwtTokens tokens = granting(false)) {
            for (String one : List.of("\"a=read\"", "{\"topics\":\"a\",\"allow\":[\"read\"]}")) {
                String most = "[" + one + ("," + one).repeat(GrantsClaim.MAX_GRANTS - 1);

                assertThat(identity(tokens, grants(most + "]")).grants()).hasSize(GrantsClaim.MAX_GRANTS);
                assertThat(ask(tokens, grants(most + "," + one + "]"))).isSameAs(Authenticators.WRONG);
            }
            assertThat(ask(tokens, grants("\"" + "a=read ".repeat(GrantsClaim.MAX_GRANTS + 1) + "\"")))
                    .isSameAs(Authenticators.WRONG);
        }
    }

    @Test
    void onlyAnIssuerThatMayGrantsAdminAndMetrics() {
        String token = grants("\"*=read,admin,metrics *=admin\"");
        try (JwtTokens modest = granting(false);
                JwtTokens trusting = granting(true)) {
            assertThat(identity(modest, token).grants()).containsExactly(new Grant("*", READ));
            assertThat(identity(trusting, token).mayEverywhere(Permission.ADMIN))
                    .isTrue();
            assertThat(identity(trusting, token).mayEverywhere(Permission.METRICS))
                    .isTrue();
        }
    }

    @Test
    void aClaimThatTheConfigurationDoesNotNameGrantsNothing() {
        assertThat(world.identity(grants("\"*=admin\"")).grants()).isEqualTo(Grant.DEFAULT);
    }

    // ---- ages, audiences, issuers

    @Test
    void aTokenEndsAtItsGreatestAge() {
        Duration hour = Duration.ofHours(1);
        JwtIssuer aging = JwtWorld.issuer(keys(), JwtAlgorithm.OF_KEYS, null, null, hour);
        try (JwtTokens tokens = world.open(aging)) {
            long now = world.now() / 1000;
            String claims = "{\"iss\":\"" + NAME + "\",\"sub\":\"alice\",\"aud\":\"" + TestIssuer.AUDIENCE
                    + "\",\"exp\":" + (now + 100_000);
            String token = rs256(RSA, RS, claims + ",\"iat\":" + now + "}");
            assertThat(ask(tokens, rs256(RSA, RS, claims + "}"))).isSameAs(Authenticators.WRONG);
            assertThat(identity(tokens, token).expiresAtMs())
                    .isEqualTo(world.now() + hour.plus(JwtWorld.SKEW).toMillis());

            world.clock.advance(hour.plus(JwtWorld.SKEW).minusMillis(1));
            assertThat(ask(tokens, token)).isInstanceOf(Known.class);
            world.clock.advance(Duration.ofMillis(1));
            assertThat(ask(tokens, token)).isSameAs(Authenticators.WRONG);
            // Nor is it let in by who has not seen it before.
            try (JwtTokens fresh = world.open(aging)) {
                assertThat(ask(fresh, token)).isSameAs(Authenticators.WRONG);
            }
        }
    }

    @Test
    void cognitosAccessTokensNameTheirClientInAClaimOfTheirOwn() {
        JwtIssuer usual = JwtWorld.usual(keys());
        JwtIssuer cognito = new JwtIssuer(
                NAME,
                usual.keys(),
                List.of(JwtAlgorithm.RS256),
                List.of("1example23456789"),
                "client_id",
                null,
                "sub",
                "",
                "username",
                null,
                Grant.DEFAULT,
                false,
                null,
                JwtWorld.SKEW);
        try (JwtTokens tokens = world.open(cognito)) {
            String access = world.claims("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "")
                    .replace(
                            "\"aud\":\"" + TestIssuer.AUDIENCE + "\"",
                            "\"client_id\":\"1example23456789\",\"token_use\":\"access\",\"username\":\"alice\"");
            Identity alice = identity(tokens, rs256(RSA, "{\"kid\":\"rsa-1\",\"alg\":\"RS256\"}", access));

            assertThat(alice.user()).isEqualTo("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
            assertThat(alice.name()).isEqualTo("alice");
            // The same pool's ID tokens have aud, and no client_id.
            String id = world.claims("alice", ",\"token_use\":\"id\"").replace(TestIssuer.AUDIENCE, "1example23456789");
            assertThat(ask(tokens, rs256(RSA, RS, id))).isSameAs(Authenticators.WRONG);
        }
    }

    private static JwtIssuer of(String name, Source keys, String prefix) {
        return new JwtIssuer(
                name,
                keys,
                JwtAlgorithm.OF_KEYS,
                List.of(TestIssuer.AUDIENCE),
                "aud",
                null,
                "sub",
                prefix,
                "name",
                null,
                Grant.DEFAULT,
                false,
                null,
                JwtWorld.SKEW);
    }

    @Test
    void theUsersOfSeveralIssuersAreNeverTheSame() {
        String second = "https://second.example";
        String third = "https://third.example";
        try (TestIssuer other = new TestIssuer(jwk(TestIssuer.OTHER_RSA, "rsa-1"));
                JwtTokens tokens = world.open(
                        of(NAME, keys(), ""),
                        of(second, new Source.Jwks(other.jwks()), "b-"),
                        of(third, new Source.Jwks(other.jwks()), "b-b-"))) {
            assertThat(identity(tokens, token("x", "")).user()).isEqualTo("x");
            assertThat(identity(tokens, of(second, "x")).user()).isEqualTo("b-x");
            assertThat(identity(tokens, of(third, "x")).user()).isEqualTo("b-b-x");
            // Those who would be somebody else's users.
            assertThat(identity(tokens, token("b-x", "")).user()).isEqualTo(hashed(NAME, "b-x"));
            assertThat(identity(tokens, token("b-b-x", "")).user()).isEqualTo(hashed(NAME, "b-b-x"));
            assertThat(identity(tokens, of(second, "b-x")).user()).isEqualTo(hashed(second, "b-x"));
            assertThat(identity(tokens, token(hashed(second, "b-x"), "")).user())
                    .isEqualTo(hashed(NAME, hashed(second, "b-x")));
            assertThat(identity(tokens, of(second, "a b")).user()).isEqualTo(hashed(second, "a b"));
            assertThat(identity(tokens, token("a b", "")).user()).isEqualTo(hashed(NAME, "a b"));
        }
    }

    private String of(String issuer, String user) {
        return rs256(TestIssuer.OTHER_RSA, RS, world.claims(user, "").replace(NAME, issuer));
    }

    @Test
    void theKeysOfOneIssuerDoNotSignForAnother() {
        String second = "https://second.example";
        try (TestIssuer other = new TestIssuer(jwk(TestIssuer.OTHER_RSA, "rsa-1"));
                JwtTokens tokens = world.open(of(NAME, keys(), ""), of(second, new Source.Jwks(other.jwks()), "b-"))) {
            assertThat(ask(tokens, of(NAME, "alice"))).isSameAs(Authenticators.WRONG);
            assertThat(ask(tokens, rs256(RSA, RS, world.claims("alice", "").replace(NAME, second))))
                    .isSameAs(Authenticators.WRONG);
        }
    }

    @Test
    void issuersWithOnePrefixHaveTheSameUsers() {
        String second = "https://second.example";
        try (TestIssuer other = new TestIssuer(jwk(TestIssuer.OTHER_RSA, "rsa-1"));
                JwtTokens tokens =
                        world.open(of(NAME, keys(), "u."), of(second, new Source.Jwks(other.jwks()), "u."))) {
            assertThat(identity(tokens, of(second, "alice")).user())
                    .isEqualTo(identity(tokens, token("alice", "")).user())
                    .isEqualTo("u.alice");
        }
    }
}
