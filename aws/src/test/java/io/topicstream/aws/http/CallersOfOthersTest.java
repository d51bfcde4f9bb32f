package io.topicstream.aws.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Grant;
import io.topicstream.aws.audience.Callbacks;
import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.audience.Outside;
import io.topicstream.aws.http.FunctionInMemory.Told;
import io.topicstream.command.Quota;
import io.topicstream.door.Hosts;
import io.topicstream.log.InMemoryLog;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.tokens.JwtAlgorithm;
import io.topicstream.tokens.JwtIssuer;
import io.topicstream.tokens.TestIssuer;
import io.topicstream.tokens.authorizer.AuthorizerService;
import io.topicstream.tokens.authorizer.AuthorizerSettings;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Tokens of an issuer, and an operator's own service, at the HTTP door of a function.
class CallersOfOthersTest {
    private final ManualClock clock = new ManualClock();
    private final TestIssuer issuer = new TestIssuer(TestIssuer.jwk(TestIssuer.RSA, "rsa-1"));
    private final AuthorizerService service = new AuthorizerService(question -> question.contains("opaque-of-ada")
            ? AuthorizerService.answer(
                    200, "{\"user\":\"ada\",\"grants\":[{\"topics\":\"news\",\"allow\":[\"read\"]}]}")
            : AuthorizerService.answer(401, ""));
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final InMemoryLog log = new InMemoryLog(clock, thread, 1);
    private final InMemoryStateStore state = new InMemoryStateStore(clock, thread);
    private final FrontDoor door = new FrontDoor(
            new FrontDoor.Ports(log, state, state),
            new DoorSettings(
                    DoorSettings.USUAL_STAGES,
                    TopicPolicies.DEFAULT,
                    DoorSettings.local().limits(),
                    new Outside(List.of(believed(issuer)), asked(service)),
                    false,
                    List.of(),
                    new Hosts(InetAddress.ofLiteral("203.0.113.1"), List.of("abc.example")),
                    200,
                    List.of()),
            new Nobody(),
            (_, _) -> {},
            clock);
    private final HttpFunction function = new HttpFunction(
            new HttpFunction.Parts(door.log(), door.commands(), door.doorman(), Quota.UNLIMITED, clock));

    /// No connection is open.
    private record Nobody() implements Callbacks {
        @Override
        public Answer post(String connectionId, byte[] text) {
            return Answer.GONE;
        }

        @Override
        public Answer describe(String connectionId) {
            return Answer.GONE;
        }

        @Override
        public void close(String connectionId, int code, String reason) {}
    }

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
                Duration.ZERO);
    }

    private static AuthorizerSettings asked(AuthorizerService service) {
        return new AuthorizerSettings(
                URI.create(service.url()),
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                List.of("authorization"),
                List.of(),
                10,
                false);
    }

    @AfterEach
    void end() {
        door.close();
        issuer.close();
        service.close();
        thread.shutdownNow();
    }

    private Told call(Events event, String token) {
        byte[] whole = event.header("authorization", "Bearer " + token).encode();
        return Told.read(door.call(() -> function.handle(whole)));
    }

    private Told produce(String token) {
        return call(Events.produce("news", "{\"payload\":{\"text\":\"hello\"}}"), token);
    }

    @Test
    void theBearerOfATokenProducesAsItsUser() {
        String token = TestIssuer.token(clock.millis(), "ada", "");

        assertThat(produce(token).status()).isEqualTo(200);

        assertThat(call(Events.of("GET", "/topics/news/consume").query("fold=true"), token)
                        .text())
                .contains("\"from\":\"ada\"");
        assertThat(issuer.requests()).isEqualTo(1);
    }

    @Test
    void oneThatHasEndedIsRefused() {
        String token = TestIssuer.token(clock.millis(), "ada", "");
        assertThat(produce(token).status()).isEqualTo(200);

        clock.advance(Duration.ofHours(1));

        assertThat(produce(token).status()).isEqualTo(401);
    }

    @Test
    void oneOfSomebodyElseIsRefused() {
        String token = TestIssuer.rs256(
                TestIssuer.OTHER_RSA,
                "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}",
                TestIssuer.claims(clock.millis(), "ada", ""));

        assertThat(produce(token).status()).isEqualTo(401);
    }

    @Test
    void withoutTheIssuersKeysItIsNotJudged() {
        issuer.fail();

        assertThat(produce(TestIssuer.token(clock.millis(), "ada", "")).status())
                .isEqualTo(503);
    }

    @Test
    void theOperatorsServiceSaysWhoSomebodyIsAndWhatHeMayDo() {
        assertThat(call(Events.of("GET", "/topics/news/consume"), "opaque-of-ada")
                        .status())
                .isEqualTo(200);
        assertThat(produce("opaque-of-ada").status()).isEqualTo(403);
        assertThat(produce("opaque-of-bob").status()).isEqualTo(401);
        assertThat(service.questions().getFirst()).contains("\"door\":\"http\"");
    }

    @Test
    void withoutItsAnswerHeIsNotJudged() {
        service.close();

        assertThat(produce("opaque-of-ada").status()).isEqualTo(503);
    }
}
