package io.topicstream.tokens;

import static io.topicstream.tokens.JwtWorld.RS;
import static io.topicstream.tokens.TestIssuer.EC;
import static io.topicstream.tokens.TestIssuer.OTHER_RSA;
import static io.topicstream.tokens.TestIssuer.RSA;
import static io.topicstream.tokens.TestIssuer.es256;
import static io.topicstream.tokens.TestIssuer.jwk;
import static io.topicstream.tokens.TestIssuer.rs256;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authenticators;
import io.topicstream.access.Credentials;
import io.topicstream.testkit.LogLines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The keys at an issuer's URL: when they are fetched, and what holds meanwhile.
class IssuersKeysTest {
    private static final Duration GAP = Duration.ofMillis(FetchedKeys.GAP_MS);

    private JwtWorld world;

    @BeforeEach
    void begin() {
        world = new JwtWorld();
    }

    @AfterEach
    void end() {
        world.close();
    }

    private String newKeys() {
        return rs256(OTHER_RSA, "{\"alg\":\"RS256\",\"kid\":\"rsa-2\"}", world.claims("alice", ""));
    }

    @Test
    void theyAreFetchedOnceAndKept() {
        for (int i = 0; i < 20; i++) {
            assertThat(world.ask(world.token("user" + i))).isInstanceOf(Known.class);
        }

        assertThat(world.issuer.requests()).isEqualTo(1);
        assertThat(world.tokens.kept()).isEqualTo(20);
    }

    @Test
    void whatWasFoundRightIsNotLookedAtAgain() {
        String token = world.token("alice");
        world.ask(token);

        assertThat(world.begin(token)).isDone().isSameAs(world.begin(token));
    }

    @Test
    void theyAreFetchedAtTheStart() {
        world.tokens.start();

        await().until(() -> world.issuer.requests() == 1);
        // Whoever comes while that is under way waits for it.
        assertThat(world.ask(world.token("alice"))).isInstanceOf(Known.class);
        assertThat(world.issuer.requests()).isEqualTo(1);
    }

    @Test
    void whoSeesNewKeysSeesThatTheirFetchHasEnded() {
        AtomicReference<FetchedKeys> keys = new AtomicReference<>();
        List<Boolean> waits = new ArrayList<>();
        keys.set(new FetchedKeys(
                TestIssuer.NAME,
                JwtAlgorithm.OF_KEYS,
                () -> jwk(RSA, "rsa-1").getBytes(UTF_8),
                Runnable::run,
                world.clock,
                () -> waits.add(keys.get().current() == null || keys.get().ask(world.now()) != null)));

        keys.get().touch(world.now());

        assertThat(waits).containsExactly(false);
    }

    @Test
    void aNewKeyIsFetchedWhenATokenNamesIt() {
        world.ask(world.token("alice"));
        world.issuer.publish(jwk(RSA, "rsa-1"), jwk(OTHER_RSA, "rsa-2"));

        assertThat(world.ask(newKeys())).isSameAs(Authenticators.WRONG);
        assertThat(world.issuer.requests()).isEqualTo(1);
        world.clock.advance(GAP.minusMillis(1));
        assertThat(world.ask(newKeys())).isSameAs(Authenticators.WRONG);
        assertThat(world.issuer.requests()).isEqualTo(1);

        world.clock.advance(Duration.ofMillis(1));
        assertThat(world.ask(newKeys())).isInstanceOf(Known.class);
        assertThat(world.issuer.requests()).isEqualTo(2);
    }

    @Test
    void manyUnknownNamesAreOneFetchInAGap() {
        world.ask(world.token("alice"));
        world.clock.advance(GAP);

        for (int i = 0; i < 200; i++) {
            assertThat(world.ask(rs256(RSA, "{\"alg\":\"RS256\",\"kid\":\"k" + i + "\"}", world.claims("alice", ""))))
                    .isSameAs(Authenticators.WRONG);
        }

        assertThat(world.issuer.requests()).isEqualTo(2);
    }

    @Test
    void aTokenThatIsWrongInAnyCaseCausesNoFetch() {
        world.ask(world.token("alice"));
        world.clock.advance(GAP);
        String header = "{\"alg\":\"RS256\",\"kid\":\"unknown\"}";
        String past = rs256(RSA, header, world.claims("alice", ""));
        world.clock.advance(Duration.ofMillis(FetchedKeys.REFRESH_MS).minus(GAP).minusMillis(1));

        world.ask(rs256(RSA, header, "{\"iss\":\"" + TestIssuer.NAME + "\",\"sub\":\"a\",\"exp\":1}"));
        assertThat(world.issuer.requests()).isEqualTo(1);

        world.ask(past);
        assertThat(world.issuer.requests()).isEqualTo(2);
    }

    @Test
    void aTokenOfAKeyThatIsGoneEnds() {
        String token = world.token("alice");
        assertThat(world.ask(token)).isInstanceOf(Known.class);
        world.issuer.publish(jwk(OTHER_RSA, "rsa-2"));
        world.clock.advance(Duration.ofMillis(FetchedKeys.REFRESH_MS));

        // The first to come has them fetched and does not wait for it.
        assertThat(world.begin(token)).isDone();

        await().until(() -> world.ask(token).equals(Authenticators.WRONG));
        assertThat(world.tokens.kept()).isZero();
        assertThat(world.ask(newKeys())).isInstanceOf(Known.class);
    }

    @Test
    void theSameNameWithAnotherKeyEndsTheTokensOfTheFirst() {
        String token = world.token("alice");
        world.ask(token);
        world.issuer.publish(jwk(OTHER_RSA, "rsa-1"));
        world.clock.advance(Duration.ofMillis(FetchedKeys.OLD_MS - 60_000));

        world.ask(token);

        await().until(() -> world.ask(token).equals(Authenticators.WRONG));
        assertThat(world.ask(rs256(OTHER_RSA, RS, world.claims("alice", "")))).isInstanceOf(Known.class);
    }

    @Test
    void keysThatNobodyUsedForLongAreFetchedBeforeTheyAreBelieved() {
        String token = rs256(RSA, RS, world.claims("alice", ",\"nbf\":1").replaceFirst("\"exp\":\\d+", "\"exp\":9e9"));
        assertThat(world.ask(token)).isInstanceOf(Known.class);
        world.issuer.publish(jwk(OTHER_RSA, "rsa-2"));
        world.clock.advance(Duration.ofMillis(FetchedKeys.OLD_MS));

        assertThat(world.ask(token)).isSameAs(Authenticators.WRONG);
    }

    static Stream<TestIssuer.Answer> failures() {
        return Stream.of(
                exchange -> TestIssuer.send(exchange, 500, "{\"keys\":[" + jwk(OTHER_RSA, "rsa-2") + "]}"),
                exchange -> TestIssuer.send(exchange, 404, ""),
                exchange -> TestIssuer.send(exchange, 200, ""),
                exchange -> TestIssuer.send(exchange, 200, "<html>"),
                exchange -> TestIssuer.send(exchange, 200, "{\"keys\":[]}"),
                exchange -> TestIssuer.send(exchange, 200, "{\"keys\":\"none\"}"),
                exchange -> TestIssuer.send(exchange, 200, "{\"keys\":[7]}"),
                exchange -> TestIssuer.send(exchange, 200, "{\"keys\":" + "[".repeat(500_000)),
                exchange -> TestIssuer.send(
                        exchange,
                        200,
                        ("{\"keys\":[" + jwk(OTHER_RSA, "x") + "," + jwk(RSA, "x") + "]}")
                                .replace("\"kid\"", "\"no\"")),
                exchange -> TestIssuer.send(
                        exchange, 200, "{\"keys\":[" + jwk(OTHER_RSA, "rsa-2", ",\"use\":\"enc\"") + "]}"),
                exchange -> TestIssuer.send(
                        exchange, 200, "{\"keys\":[" + jwk(OTHER_RSA, "rsa-2", ",\"alg\":\"PS512\"") + "]}"),
                exchange -> TestIssuer.send(
                        exchange,
                        200,
                        "{\"x\":\"" + "x".repeat(JwksClient.MAX_BYTES) + "\",\"keys\":[" + jwk(OTHER_RSA, "rsa-2")
                                + "]}"),
                exchange -> {
                    // Longer than it says: the connection ends in the middle.
                    exchange.sendResponseHeaders(200, 100_000);
                    exchange.getResponseBody().write('{');
                    exchange.getResponseBody().flush();
                },
                exchange -> {
                    exchange.getResponseHeaders().add("Location", "/jwks-moved.json");
                    TestIssuer.send(exchange, 302, "{\"keys\":[" + jwk(OTHER_RSA, "rsa-2") + "]}");
                });
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFetchThatFailsLeavesTheKeysAsTheyAre(TestIssuer.Answer failure) {
        world.ask(world.token("alice"));
        world.issuer.answer(failure);
        world.clock.advance(Duration.ofMillis(FetchedKeys.OLD_MS));

        assertThat(world.ask(world.token("alice"))).isInstanceOf(Known.class);
        assertThat(world.issuer.requests()).isEqualTo(2);
        // It may be signed with a key that is new, and that could not be found out.
        assertThat(world.ask(newKeys())).isSameAs(Authenticators.UNKNOWABLE);
        assertThat(world.failures.total()).isZero();

        world.issuer.publish(jwk(OTHER_RSA, "rsa-2"));
        world.clock.advance(GAP);
        assertThat(world.ask(newKeys())).isInstanceOf(Known.class);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void withoutKeysNobodyIsToldThatHisTokenIsWrong(TestIssuer.Answer failure) {
        world.issuer.answer(failure);
        try (LogLines log = new LogLines()) {
            assertThat(world.ask(world.token("alice"))).isSameAs(Authenticators.UNKNOWABLE);
            assertThat(world.ask(newKeys())).isSameAs(Authenticators.UNKNOWABLE);
            assertThat(log.with("cannot be had")).hasSize(1).first().asString().contains(TestIssuer.NAME, "503");
        }
        assertThat(world.issuer.requests()).isEqualTo(1);
        assertThat(world.failures.total()).isZero();

        world.issuer.publish(jwk(RSA, "rsa-1"));
        world.clock.advance(Duration.ofMillis(FetchedKeys.FIRST_GAP_MS - 1));
        assertThat(world.ask(world.token("alice"))).isSameAs(Authenticators.UNKNOWABLE);
        world.clock.advance(Duration.ofMillis(1));
        assertThat(world.ask(world.token("alice"))).isInstanceOf(Known.class);
    }

    @Test
    void aFetchThatHangsEndsAtItsDeadline() {
        CountDownLatch held = world.issuer.hold(jwk(RSA, "rsa-1"));

        assertThat(world.ask(world.token("alice"))).isSameAs(Authenticators.UNKNOWABLE);

        held.countDown();
    }

    @Test
    void aBodyThatHangsEndsAtTheDeadlineToo() {
        CountDownLatch held = new CountDownLatch(1);
        world.issuer.answer(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        assertThat(world.ask(world.token("alice"))).isSameAs(Authenticators.UNKNOWABLE);

        held.countDown();
    }

    @Test
    void whoeverAsksIsNeverHeldUpAndOneFetchServesAll() {
        CountDownLatch held = world.issuer.hold(jwk(RSA, "rsa-1"));
        List<CompletableFuture<Authentication>> asked = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            asked.add(world.begin(world.token("user" + i)));
        }

        assertThat(asked).noneMatch(CompletableFuture::isDone);
        held.countDown();

        assertThat(asked).allSatisfy(one -> assertThat(JwtWorld.join(one)).isInstanceOf(Known.class));
        assertThat(world.issuer.requests()).isEqualTo(1);
    }

    @Test
    void moreCallersThanMayWaitAreToldToComeAgain() throws Exception {
        CountDownLatch held = world.issuer.hold(jwk(RSA, "rsa-1"));
        JwtIssuer usual = JwtWorld.usual(new JwtIssuer.Source.Jwks(world.issuer.jwks()));
        Credentials shown = JwtWorld.shown(world.token("alice"));
        try (JwtTokens tokens = JwtTokens.open(
                List.of(usual), world.clock, task -> Thread.ofVirtual().start(task), Duration.ofMinutes(1))) {
            List<CompletableFuture<Authentication>> asked = new ArrayList<>();
            for (int i = 0; i < JwtTokens.MAX_WAITING; i++) {
                asked.add(tokens.authenticate(shown).toCompletableFuture());
            }
            assertThat(asked).noneMatch(CompletableFuture::isDone);
            assertThat(tokens.authenticate(shown).toCompletableFuture().getNow(null))
                    .isSameAs(Authenticators.UNKNOWABLE);

            held.countDown();

            assertThat(asked).allMatch(one -> JwtWorld.join(one) instanceof Known);
        }
    }

    @Test
    void aKeyHasTheAlgorithmThatItNames() {
        world.issuer.publish(
                jwk(RSA, "rsa-1", ",\"alg\":\"RS256\",\"use\":\"sig\""), jwk(EC, "ec-1", ",\"alg\":\"ES256\""));

        assertThat(world.ask(world.token("alice"))).isInstanceOf(Known.class);
        assertThat(world.ask(es256(EC, JwtWorld.ES, world.claims("alice", "")))).isInstanceOf(Known.class);
    }

    @Test
    void whatTheAnswerCallsItselfDoesNotCount() {
        world.issuer.answer(exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            TestIssuer.send(exchange, 200, "{\"keys\":[" + jwk(RSA, "rsa-1") + "]}");
        });

        assertThat(world.ask(world.token("alice"))).isInstanceOf(Known.class);
    }

    @Test
    void ofTwoKeysOfOneNameTheFirstCounts() {
        world.issuer.publish(jwk(RSA, "rsa-1"), jwk(OTHER_RSA, "rsa-1"));

        assertThat(world.ask(world.token("alice"))).isInstanceOf(Known.class);
        assertThat(world.ask(rs256(OTHER_RSA, RS, world.claims("alice", "")))).isSameAs(Authenticators.WRONG);
    }

    @Test
    void keysThatAreNotUnderstoodDoNotHideTheOthers() {
        world.issuer.publish(
                "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"AAAA\",\"kid\":\"a\"}",
                "{\"kty\":\"new\",\"kid\":\"b\"}",
                "{\"kid\":\"c\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\",\"kid\":\"d\"}",
                jwk(RSA, "rsa-1"));

        assertThat(world.ask(world.token("alice"))).isInstanceOf(Known.class);
    }

    @Test
    void atMostSoManyTokensAreKept() {
        for (int i = 0; i < 3; i++) {
            world.ask(world.token("user" + i));
        }
        assertThat(world.tokens.kept()).isEqualTo(3);
        for (int i = 0; i < JwtTokens.MAX_KEPT; i++) {
            world.ask(es256(EC, JwtWorld.ES, world.claims("user" + i, "")));
        }
        assertThat(world.tokens.kept()).isEqualTo(JwtTokens.MAX_KEPT);
    }
}
