package io.topicstream.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.exchange.Opening;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.lambda.Functions;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Authorizer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Functions that say who may connect: statements 29 to 45.
class AuthorizerTest {
    private static final Map<String, List<String>> TOKEN = Map.of("token", List.of("x"));

    private final TestGateway test = guarded(TestApi.authorizer("route.request.querystring.token"));

    private static TestGateway guarded(Authorization authorization) {
        return new TestGateway(new TestApi()
                .variables(Map.of("v", "prod", "empty", ""))
                .connect(authorization, false, Map.of())
                .definition());
    }

    private static String policy(String effect, String resource) {
        return "{\"principalId\":\"me\",\"policyDocument\":" + document(effect, resource) + "}";
    }

    private static String document(String effect, String resource) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[" + statement(effect, resource) + "]}";
    }

    private static String statement(String effect, String resource) {
        return "{\"Action\":\"execute-api:Invoke\",\"Effect\":\"" + effect + "\",\"Resource\":\"" + resource + "\"}";
    }

    private Opening.Refused refused() {
        return test.refused(TestGateway.handshake(TOKEN));
    }

    @Test
    @DisplayName("29: without its identity source the authorizer is not asked, 401")
    void missingIdentitySource() {
        test.authorizerReturns(policy("Allow", "*"));

        Opening.Refused refused = test.refused();

        assertThat(refused.status()).isEqualTo(401);
        assertThat(TestGateway.body(refused)).isEqualTo("{\"message\":\"Unauthorized\"}");
        assertThat(refused.headers()).containsEntry("x-amzn-ErrorType", "UnauthorizedException");
        assertThat(test.invocations).isEmpty();
        assertThat(test.calls).isEmpty();
    }

    @Test
    @DisplayName("30: with an empty identity source the authorizer is not asked, 401")
    void emptyIdentitySource() {
        test.authorizerReturns(policy("Allow", "*"));

        assertThat(test.refused(TestGateway.handshake(Map.of("token", List.of(""))))
                        .status())
                .isEqualTo(401);
        assertThat(test.invocations).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "route.request.header.Auth, true",
        "route.request.header.Other, false",
        "stageVariables.v, true",
        "stageVariables.empty, false",
        "stageVariables.other, false",
        "context.identity.sourceIp, true",
        "context.nothing, false"
    })
    @DisplayName("29: identity sources are header fields, variables of the stage and of the context too")
    void identitySources(String source, boolean there) {
        TestGateway guarded = guarded(TestApi.authorizer("route.request.querystring.token", source));
        guarded.authorizerReturns(policy("Allow", "*"));

        Opening opening = guarded.open(TestGateway.handshake(TOKEN, "auth", "secret"));

        assertThat(opening instanceof Opening.Accepted).isEqualTo(there);
        assertThat(guarded.invocations).hasSize(there ? 1 : 0);
    }

    @Test
    @DisplayName("29: without identity sources the authorizer is always asked")
    void noIdentitySources() {
        TestGateway guarded = guarded(TestApi.authorizer());
        guarded.authorizerReturns(policy("Allow", "*"));

        guarded.accepted();

        assertThat(guarded.invocations).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "[a-z]+, x, true",
        "[0-9]+, x, false",
        "[a-z]+, x1, false",
        "(x+x+)+y, xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, false"
    })
    @DisplayName("29: identity sources match the validation expression as a whole, in bounded time")
    void validation(String expression, String token, boolean valid) {
        TestGateway guarded = guarded(new Authorization.ByFunction(
                new Authorizer("guard", "guard", List.of("route.request.querystring.token"), expression)));
        guarded.authorizerReturns(policy("Allow", "*"));

        Opening opening = guarded.open(TestGateway.handshake(Map.of("token", List.of(token))));

        assertThat(opening instanceof Opening.Accepted).isEqualTo(valid);
        assertThat(guarded.invocations).hasSize(valid ? 1 : 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                TestApi.ARN,
                "*",
                "arn:aws:execute-api:us-east-1:000000000000:abcdef1234/dev/*",
                "arn:aws:execute-api:*:*:abcdef1234/de?/$connect"
            })
    @DisplayName("32, 34: with an Allow that covers the ARN the $connect integration runs")
    void allowed(String resource) {
        test.authorizerReturns(policy("Allow", resource));

        test.accepted(TestGateway.handshake(TOKEN));

        assertThat(test.routesCalled()).containsExactly(Api.CONNECT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:aws:execute-api:us-east-1:000000000000:abcdef1234/dev/*/*",
                "arn:aws:execute-api:us-east-1:000000000000:abcdef1234/prod/*",
                "arn:aws:execute-api:us-east-1:000000000000:abcdef1234/dev/join",
                ""
            })
    @DisplayName("34: with an Allow on something else it is 403")
    void notAllowed(String resource) {
        test.authorizerReturns(policy("Allow", resource));

        Opening.Refused refused = refused();

        assertThat(refused.status()).isEqualTo(403);
        assertThat(TestGateway.body(refused))
                .isEqualTo("{\"Message\":\"User is not authorized to access this resource\"}");
        assertThat(refused.headers()).containsEntry("x-amzn-ErrorType", "AccessDeniedException");
        assertThat(test.calls).isEmpty();
    }

    @Test
    @DisplayName("33: with a Deny it is 403, also beside an Allow, and the integration does not run")
    void denied() {
        test.authorizerReturns("{\"policyDocument\":{\"Statement\":[" + statement("Allow", "*") + ","
                + statement("Deny", TestApi.ARN) + "," + statement("Allow", "*") + "]}}");

        Opening.Refused refused = refused();

        assertThat(refused.status()).isEqualTo(403);
        assertThat(TestGateway.body(refused))
                .isEqualTo("{\"Message\":\"User is not authorized to access this resource with an explicit deny\"}");
        assertThat(test.calls).isEmpty();
    }

    @Test
    @DisplayName("35: an authorizer that fails with Unauthorized makes it 401")
    void unauthorized() {
        test.authorizerFails("{\"errorMessage\":\"Unauthorized\",\"errorType\":\"Error\"}");

        Opening.Refused refused = refused();

        assertThat(refused.status()).isEqualTo(401);
        assertThat(TestGateway.body(refused)).isEqualTo("{\"message\":\"Unauthorized\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"errorMessage\":\"unauthorized\"}", "{\"errorMessage\":7}", "{}", "null", "\"x\"", "{"})
    @DisplayName("36: an authorizer that fails otherwise makes it 500")
    void failed(String payload) {
        test.authorizerFails(payload);

        Opening.Refused refused = refused();

        assertThat(refused.status()).isEqualTo(500);
        assertThat(TestGateway.body(refused)).isEqualTo("{\"message\":\"Internal server error\"}");
        assertThat(test.calls).isEmpty();
    }

    @Test
    @DisplayName("36: an authorizer that is not to be had, or takes too long, makes it 500")
    void notToBeHad() {
        test.authorizer = CompletableFuture.failedStage(new TimeoutException());
        assertThat(refused().status()).isEqualTo(500);

        test.authorizer = CompletableFuture.failedStage(new IOException());
        assertThat(refused().status()).isEqualTo(500);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"statusCode\":401}",
                "null",
                "[]",
                "\"Allow\"",
                "not JSON",
                "{\"policyDocument\":null}",
                "{\"policyDocument\":{}}",
                "{\"policyDocument\":{\"Statement\":\"Allow\"}}",
                "{\"policyDocument\":{\"Statement\":[{\"Effect\":\"Allow\",\"Resource\":\"*\"}]}}",
                "{\"policyDocument\":{\"Statement\":[{\"Action\":\"*\",\"Effect\":\"Allow\"}]}}",
                "{\"policyDocument\":{\"Statement\":[{\"Action\":\"*\",\"Effect\":\"Allow\",\"Resource\":[7]}]}}",
                "{\"policyDocument\":{\"Statement\":[{\"Action\":\"*\",\"Effect\":\"Allow\",\"Resource\":\"*\","
                        + "\"Condition\":{}}]}}"
            })
    @DisplayName("37: a result without a policy that is understood makes it 500")
    void withoutPolicy(String result) {
        test.authorizerReturns(result);

        assertThat(refused().status()).isEqualTo(500);
        assertThat(test.calls).isEmpty();
    }

    @Test
    @DisplayName("37: a result of more than 8 KB makes it 500")
    void tooLong() {
        String policy = policy("Allow", "*");
        test.authorizerReturns(policy + " ".repeat(8192 - policy.length()));
        test.accepted(TestGateway.handshake(TOKEN));

        test.authorizerReturns(policy + " ".repeat(8193 - policy.length()));
        assertThat(refused().status()).isEqualTo(500);
    }

    @Test
    @DisplayName("38: without a principalId the client comes in, and there is no authorizer.principalId")
    void withoutPrincipal() {
        test.authorizerReturns("{\"policyDocument\":" + document("Allow", "*") + "}");

        assertThat(test.accepted(TestGateway.handshake(TOKEN)).authorizer()).containsOnlyKeys("integrationLatency");
    }

    @ParameterizedTest
    @ValueSource(strings = {"allow", "Permit", ""})
    @DisplayName("39: with an Effect that there is not the integration does not run")
    void invalidEffect(String effect) {
        test.authorizerReturns(policy(effect, "*"));

        assertThat(refused().status()).isEqualTo(500);
        assertThat(test.calls).isEmpty();
    }

    @Test
    @DisplayName("40: values of the context become texts; integrationLatency is a number")
    void context() {
        CompletableFuture<Functions.Invocation> invocation = new CompletableFuture<>();
        test.authorizer = invocation;
        CompletableFuture<Opening> opening = test.opening(TestGateway.handshake(TOKEN));
        test.clock.advance(Duration.ofMillis(12));

        invocation.complete(new Functions.Invocation(
                null,
                ("{\"principalId\":\"me\",\"policyDocument\":" + document("Allow", "*")
                                + ",\"context\":{\"n\":7,\"d\":1.5,\"b\":true,\"s\":\"\",\"nothing\":null}}")
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8)));

        assertThat(opening).isCompleted();
        assertThat(test.calls.getFirst().peer().authorizer())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "n", "7", "d", "1.5", "b", "true", "s", "", "principalId", "me", "integrationLatency", 12L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"o\":{}}", "{\"a\":[1]}", "[]", "\"text\""})
    @DisplayName("40: a context with objects or arrays makes it 500")
    void deepContext(String context) {
        test.authorizerReturns("{\"policyDocument\":" + document("Allow", "*") + ",\"context\":" + context + "}");

        assertThat(refused().status()).isEqualTo(500);
    }

    @Test
    @DisplayName("41, 45, 113: what it said is in all events of the connection, and it is asked once")
    void keptForTheConnection() {
        test.authorizerReturns(
                "{\"principalId\":\"me\",\"policyDocument\":" + document("Allow", "*") + ",\"context\":{\"k\":\"v\"}}");
        Peer peer = test.accepted(TestGateway.handshake(TOKEN));
        test.clock.advance(Duration.ofHours(1));

        test.stage().message(peer, "{\"action\":\"join\"}");
        test.stage().disconnected(peer, 1000, "");

        assertThat(test.invocations).hasSize(1);
        assertThat(test.routesCalled()).containsExactly(Api.CONNECT, "join", Api.DISCONNECT);
        assertThat(test.calls)
                .extracting(event -> event.peer().authorizer())
                .containsOnly(Map.of("k", "v", "principalId", "me", "integrationLatency", 0L));
    }

    @Test
    @DisplayName("42, 43: the function of the authorizer gets the event of the handshake")
    void event() {
        test.authorizerReturns(policy("Allow", "*"));

        Peer peer = test.accepted(TestGateway.handshake(TOKEN));

        assertThat(test.invocations)
                .singleElement()
                .asString()
                .startsWith("guard-prod {")
                .contains("\"type\":\"REQUEST\"")
                .contains("\"methodArn\":\"" + TestApi.ARN + "\"")
                .contains("\"requestId\":\"" + test.calls.getFirst().requestId() + "\"")
                .contains("\"connectionId\":\"" + peer.connectionId() + "\"");
        assertThat(test.calls.getFirst().requestId()).isEqualTo("id-1");
    }
}
