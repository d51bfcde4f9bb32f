package io.topicstream.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.exchange.Opening;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.UsagePlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// API keys, signatures, required parameters: statements 46 to 51.
class AccessTest {
    private static final Authorization OPEN = new Authorization.Open();

    private static UsagePlan plan(Integer burst, Double rate) {
        return new UsagePlan(
                "gold",
                Map.of("key-1", "secret-1", "key-2", "secret-2"),
                Map.of(TestApi.ID, Set.of("dev")),
                burst,
                rate);
    }

    private static TestApi keyed() {
        return new TestApi().connect(OPEN, true, Map.of());
    }

    private static TestGateway gateway(TestApi api) {
        return new TestGateway(api.definition());
    }

    private static io.topicstream.gateway.exchange.Handshake withKey(String key) {
        return TestGateway.handshake(Map.of(), "X-Api-Key", key);
    }

    @Test
    @DisplayName("46: without an API key, or with one that is not known, 403")
    void missingOrUnknownKey() {
        TestGateway test = gateway(keyed().plan(plan(null, null)));

        for (Opening.Refused refused : List.of(
                test.refused(),
                test.refused(withKey("secret-3")),
                test.refused(withKey("")),
                test.refused(withKey("key-1")))) {
            assertThat(refused.status()).isEqualTo(403);
            assertThat(TestGateway.body(refused)).isEqualTo("{\"message\":\"Forbidden\"}");
            assertThat(refused.headers()).containsEntry("x-amzn-ErrorType", "ForbiddenException");
        }
        assertThat(test.calls).isEmpty();
    }

    @Test
    @DisplayName("46: a key whose plan does not cover the stage is refused")
    void keyOfAnotherStage() {
        TestGateway test = gateway(keyed().plan(new UsagePlan(
                "other", Map.of("key-1", "secret-1"), Map.of(TestApi.ID, Set.of("prod")), null, null)));

        assertThat(test.refused(withKey("secret-1")).status()).isEqualTo(403);
    }

    @Test
    @DisplayName("47: a key whose plan covers the stage lets the client in, and is known in its events")
    void knownKey() {
        TestGateway test = gateway(keyed().plan(plan(null, null)));

        Peer peer = test.accepted(withKey("secret-1"));

        assertThat(peer.identity()).isEqualTo(Map.of("apiKey", "secret-1", "apiKeyId", "key-1"));
        assertThat(test.calls.getFirst().peer()).isEqualTo(peer);
    }

    @Test
    @DisplayName("47: the rate of a plan holds for each of its keys")
    void rateOfAPlan() {
        TestGateway test = gateway(keyed().plan(plan(1, 1.0)));
        test.accepted(withKey("secret-1"));

        Opening.Refused refused = test.refused(withKey("secret-1"));

        assertThat(refused.status()).isEqualTo(429);
        assertThat(TestGateway.body(refused)).isEqualTo("{\"message\":\"Too Many Requests\"}");
        test.accepted(withKey("secret-2"));
        test.clock.advance(Duration.ofMillis(999));
        assertThat(test.refused(withKey("secret-1")).status()).isEqualTo(429);
        test.clock.advance(Duration.ofMillis(1));
        test.accepted(withKey("secret-1"));
    }

    @Test
    @DisplayName("47: messages count in the plan only where that is chosen")
    void messagesInAPlan() {
        TestGateway test = gateway(keyed().plan(plan(1, 1.0)));
        test.stage().message(test.accepted(withKey("secret-1")), "{}");
        assertThat(test.sent).isEmpty();

        GatewaySettings.Messages usual = GatewaySettings.Messages.DEFAULTS;
        TestGateway counting = new TestGateway(
                keyed().plan(plan(1, 1.0)).definition(),
                GatewaySettings.DEFAULTS.with(new GatewaySettings.Messages(
                        usual.ordered(),
                        usual.onlyObjectsSelectRoutes(),
                        usual.reservedRoutesSelectable(),
                        usual.proxiesAreChecked(),
                        usual.timeoutText(),
                        usual.throttledText(),
                        usual.unsupportedText(),
                        usual.badRequestAsDocumented(),
                        usual.emptyBodiesAreSent(),
                        true,
                        usual.disconnectsAreThrottled())));
        counting.stage().message(counting.accepted(withKey("secret-1")), "{}");
        assertThat(counting.sent).singleElement().asString().contains("Too Many Requests");
    }

    @Test
    @DisplayName("48: the authorizer's usageIdentifierKey is the key, where the API says so")
    void usageIdentifierKey() {
        TestGateway test = gateway(new TestApi()
                .apiKeyBy("$context.authorizer.usageIdentifierKey")
                .variables(Map.of("v", "1"))
                .connect(TestApi.authorizer(), true, Map.of())
                .plan(plan(null, null)));
        String allow = "\"policyDocument\":{\"Statement\":"
                + "{\"Action\":\"execute-api:*\",\"Effect\":\"Allow\",\"Resource\":\"*\"}}";

        test.authorizerReturns("{" + allow + ",\"usageIdentifierKey\":\"secret-2\"}");
        Peer peer = test.accepted(withKey("secret-3"));
        assertThat(peer.identity()).containsEntry("apiKeyId", "key-2");
        assertThat(peer.authorizer()).containsOnlyKeys("integrationLatency");

        test.authorizerReturns("{" + allow + "}");
        assertThat(test.refused(withKey("secret-1")).status()).isEqualTo(403);
    }

    @Test
    @DisplayName("46: the key is asked for behind the authorizer")
    void authorizerFirst() {
        TestGateway test =
                gateway(new TestApi().variables(Map.of("v", "1")).connect(TestApi.authorizer(), true, Map.of()));
        test.authorizerFails("{\"errorMessage\":\"Unauthorized\"}");

        assertThat(test.refused().status()).isEqualTo(401);
    }

    @Test
    @DisplayName("49: an upgrade that is not signed is refused, also where no keys are known")
    void unsigned() {
        TestGateway test = gateway(new TestApi().connect(new Authorization.Iam(), false, Map.of()));

        Opening.Refused refused = test.refused();

        assertThat(refused.status()).isEqualTo(403);
        assertThat(TestGateway.body(refused)).isEqualTo("{\"message\":\"Missing Authentication Token\"}");
        assertThat(refused.headers()).containsEntry("x-amzn-ErrorType", "MissingAuthenticationTokenException");
        assertThat(test.calls).isEmpty();
    }

    @Test
    @DisplayName("51: required parameters that are missing make it 400")
    void requiredParameters() {
        TestGateway test = gateway(new TestApi()
                .connect(
                        OPEN,
                        false,
                        Map.of(
                                "route.request.querystring.v", true,
                                "route.request.header.X-H", true,
                                "route.request.querystring.w", false)));

        Opening.Refused refused = test.refused();

        assertThat(refused.status()).isEqualTo(400);
        assertThat(TestGateway.body(refused))
                .isEqualTo("{\"message\":\"Missing required request parameters: [X-H, v]\"}");
        assertThat(TestGateway.body(test.refused(TestGateway.handshake(Map.of("v", List.of("1"))))))
                .isEqualTo("{\"message\":\"Missing required request parameters: [X-H]\"}");
        test.accepted(TestGateway.handshake(Map.of("v", List.of("1")), "x-h", "1"));
        assertThat(test.routesCalled()).containsExactly(Api.CONNECT);
    }
}
