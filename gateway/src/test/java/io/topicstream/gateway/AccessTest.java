package io.topicstream.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.exchange.Opening;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Quota;
import io.topicstream.gateway.model.UsagePlan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// API keys, signatures, required parameters: statements 46 to 51.
class AccessTest {
    private static final Authorization OPEN = new Authorization.Open();

    private static UsagePlan plan(Integer burst, Double rate) {
        return new UsagePlan(
                "gold",
                Map.of("key-1", "secret-1", "key-2", "secret-2"),
                Map.of(TestApi.ID, Set.of("dev")),
                burst,
                rate,
                null);
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
                "other", Map.of("key-1", "secret-1"), Map.of(TestApi.ID, Set.of("prod")), null, null, null)));

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

        TestGateway counting = new TestGateway(keyed().plan(plan(1, 1.0)).definition(), countMessages());
        counting.stage().message(counting.accepted(withKey("secret-1")), "{}");
        assertThat(counting.sent).singleElement().asString().contains("Too Many Requests");

        TestGateway quota =
                new TestGateway(keyed(new Quota(2, Quota.Period.DAY, 0)).definition(), countMessages());
        var peer = quota.accepted(withKey("secret-1"));
        quota.stage().message(peer, "{}");
        assertThat(quota.sent).isEmpty();
        quota.stage().message(peer, "{}");
        assertThat(quota.sent).singleElement().asString().contains("\"Limit Exceeded\"");
    }

    private static GatewaySettings countMessages() {
        GatewaySettings.Messages usual = GatewaySettings.Messages.DEFAULTS;
        return GatewaySettings.DEFAULTS.with(new GatewaySettings.Messages(
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
                usual.disconnectsAreThrottled()));
    }

    private static TestApi keyed(@Nullable Quota quota) {
        UsagePlan plan = plan(null, null);
        return keyed().plan(new UsagePlan(plan.name(), plan.keys(), plan.stages(), null, null, quota));
    }

    @ParameterizedTest
    @DisplayName("47: the quota of a plan holds for each of its keys until the next period begins")
    @CsvSource({
        // A Friday.
        "DAY,   0, 2026-11-27T23:59:59.999Z, 2026-11-28T00:00:00Z",
        "WEEK,  0, 2026-11-28T23:59:59.999Z, 2026-11-29T00:00:00Z",
        "WEEK,  1, 2026-11-29T23:59:59.999Z, 2026-11-30T00:00:00Z",
        "WEEK,  6, 2026-11-27T23:59:59.999Z, 2026-11-28T00:00:00Z",
        "MONTH, 0, 2026-11-30T23:59:59.999Z, 2026-12-01T00:00:00Z",
        "MONTH, 27, 2026-11-27T23:59:59.999Z, 2026-11-28T00:00:00Z",
        "MONTH, 25, 2026-12-25T23:59:59.999Z, 2026-12-26T00:00:00Z",
    })
    void quota(Quota.Period period, int offset, Instant last, Instant next) {
        TestGateway test = gateway(keyed(new Quota(2, period, offset)));
        test.clock.set(Instant.parse("2026-11-27T12:00:00Z"));
        test.accepted(withKey("secret-1"));
        test.accepted(withKey("secret-1"));

        Opening.Refused refused = test.refused(withKey("secret-1"));

        assertThat(refused.status()).isEqualTo(429);
        assertThat(TestGateway.body(refused)).isEqualTo("{\"message\":\"Limit Exceeded\"}");
        assertThat(refused.headers()).containsEntry("x-amzn-ErrorType", "LimitExceededException");
        assertThat(test.calls).hasSize(2);
        test.accepted(withKey("secret-2"));
        test.clock.set(last);
        assertThat(test.refused(withKey("secret-1")).status()).isEqualTo(429);
        test.clock.set(next);
        test.accepted(withKey("secret-1"));
        test.clock.set(last);
        test.accepted(withKey("secret-1"));
        assertThat(test.refused(withKey("secret-1")).status())
                .as("a clock that jumps back begins no period")
                .isEqualTo(429);
    }

    @Test
    @DisplayName("47: a quota goes on where the definition is read again, and who is throttled uses none of it")
    void quotaAndDefinitions() {
        TestGateway test = gateway(keyed(new Quota(2, Quota.Period.DAY, 0)));
        test.accepted(withKey("secret-1"));

        test.gateway.take(keyed(new Quota(2, Quota.Period.DAY, 0)).definition());
        test.accepted(withKey("secret-1"));
        assertThat(test.refused(withKey("secret-1")).status()).isEqualTo(429);

        test.gateway.take(keyed(new Quota(3, Quota.Period.DAY, 0))
                .settings(TestApi.throttled(0, 0.0), Map.of())
                .definition());
        assertThat(TestGateway.body(test.refused(withKey("secret-1")))).contains("Too Many Requests");
        test.gateway.take(keyed(new Quota(3, Quota.Period.DAY, 0)).definition());
        test.accepted(withKey("secret-1"));
        assertThat(TestGateway.body(test.refused(withKey("secret-1")))).contains("Limit Exceeded");

        // A plan that is gone for a while begins anew: nothing is kept of what is in no definition.
        test.gateway.take(keyed().definition());
        test.gateway.take(keyed(new Quota(1, Quota.Period.DAY, 0)).definition());
        test.accepted(withKey("secret-1"));
    }

    @Test
    @DisplayName("47: a quota of 0 lets nobody in")
    void emptyQuota() {
        assertThat(gateway(keyed(new Quota(0, Quota.Period.DAY, 0)))
                        .refused(withKey("secret-1"))
                        .status())
                .isEqualTo(429);
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
