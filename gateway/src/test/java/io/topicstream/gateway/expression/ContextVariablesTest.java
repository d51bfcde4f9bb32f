package io.topicstream.gateway.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.expression.Figures.Phase;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContextVariablesTest {
    private static final Figures FIGURES = Figures.NONE
            .withStatus(500)
            .withAuthenticate(Phase.of(200, 1))
            .withAuthorizer(Phase.of(201, 2))
            .withAuthorize(Phase.of(202, 3))
            .withIntegration(new Phase("it broke", 204, 200, 40L, 39L, "of-the-service"))
            .withError(new Figures.Error("Internal \"server\" error", "DEFAULT_5XX", "a is missing"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "apiId|a1b2c3d4e5",
                "connectedAt|1700000000123",
                "connectionId|gbgHN0-zjQAYKEjhgA==",
                "domainName|a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
                "eventType|MESSAGE",
                "messageId|BFaVtfGSIAMCKug=",
                "requestId|EO0DaGX7IAMEmMg=",
                "extendedRequestId|EO0DaGX7IAMEmMg=",
                "requestTime|19/Jan/2023:21:26:46 +0000",
                "requestTimeEpoch|1674163606000",
                "routeKey|join",
                "stage|dev",
                "status|500",
                "integrationLatency|40",
                "integration.error|it broke",
                "integration.status|204",
                "integration.integrationStatus|200",
                "integration.latency|40",
                "integration.requestId|of-the-service",
                "authenticate.status|200",
                "authenticate.latency|1",
                "authorizer.status|201",
                "authorizer.latency|2",
                "authorizer.integrationLatency|12",
                "authorizer.principalId|anna",
                "authorizer.k|value",
                "authorizer.n|7",
                "authorize.status|202",
                "authorize.latency|3",
                "error.message|Internal \"server\" error",
                "error.messageString|\"Internal \\\"server\\\" error\"",
                "error.responseType|DEFAULT_5XX",
                "error.validationErrorString|a is missing",
                "identity.sourceIp|192.0.2.7",
                "identity.userAgent|wscat/5",
                "identity.apiKeyId|key-1"
            })
    void eachVariableHasItsValue(String name, String value) {
        assertThat(ContextVariables.of(Events.message("{}")).with(FIGURES).text(name))
                .isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nope",
                "identity",
                "identity.caller",
                "authorizer.none",
                "waf.error",
                "waf.status",
                "error",
                "authorize.error",
                "integration.nope",
                "disconnectStatusCode",
                "identity.cognitoIdentityId"
            })
    void whatIsNotKnownIsNull(String name) {
        assertThat(ContextVariables.of(Events.message("{}")).text(name)).isNull();
    }

    @Test
    void eachKindOfEventHasItsOwn() {
        ContextVariables connect = ContextVariables.of(Events.connect());
        ContextVariables disconnect = ContextVariables.of(Events.disconnect());

        assertThat(connect.text("eventType")).isEqualTo("CONNECT");
        assertThat(connect.text("messageId")).isNull();
        assertThat(disconnect.text("eventType")).isEqualTo("DISCONNECT");
        assertThat(disconnect.value("disconnectStatusCode")).isEqualTo(4000);
        assertThat(disconnect.text("disconnectReason")).isEqualTo("bye");
    }

    @Test
    @DisplayName("133: a line has the variables of its event, and - for what is not known")
    void accessLogLines() {
        AccessLogFormat format = AccessLogFormat.parse("$context.eventType $context.routeKey $context.connectionId "
                + "$context.status ${context.stage}: $context.nope, $context.identity.caller. $other");

        assertThat(format.line(ContextVariables.of(Events.message("{}")).with(Figures.NONE.withStatus(200))))
                .isEqualTo("MESSAGE join gbgHN0-zjQAYKEjhgA== 200 dev: -, -. $other");
        assertThat(format.line(ContextVariables.of(Events.connect())))
                .isEqualTo("CONNECT $connect gbgHN0-zjQAYKEjhgA== - dev: -, -. $other");
    }

    @Test
    void aLineOfJsonStaysOneLineOfJson() {
        AccessLogFormat format =
                AccessLogFormat.parse("{\"ua\":\"$context.identity.userAgent\",\"e\":$context.error.messageString}");
        GatewayEvent event = Events.message("{}");
        Peer forged = new Peer("c", "d", 0, "192.0.2.7", "a\"\r\n\\ \u0085\u2028", Map.of(), Map.of());

        String line = format.line(new ContextVariables(
                new GatewayEvent(
                        event.api(), event.stage(), "join", forged, event.requestId(), event.timeMs(), event.cause()),
                FIGURES));

        assertThat(line)
                .isEqualTo("{\"ua\":\"a\\\"\\u000d\\u000a\\\\ \\u0085\\u2028\","
                        + "\"e\":\"Internal \\\"server\\\" error\"}");
    }

    @Test
    void aFormatHasAtMostThreeKibibytes() {
        assertThat(AccessLogFormat.parse("x".repeat(3 * 1024)).line(ContextVariables.of(Events.connect())))
                .hasSize(3 * 1024);
        assertThatThrownBy(() -> AccessLogFormat.parse("x".repeat(3 * 1024 + 1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theTreeSaysTheSameAsTheNames() {
        Map<String, ?> tree = ContextVariables.of(Events.message("{}")).tree();

        assertThat(tree.get("connectionId")).isEqualTo("gbgHN0-zjQAYKEjhgA==");
        assertThat(tree.get("connectedAt")).isEqualTo(1_700_000_000_123L);
        assertThat(tree.get("authorizer")).isEqualTo(Events.PEER.authorizer());
        assertThat(tree.get("identity"))
                .isEqualTo(Map.of("apiKeyId", "key-1", "sourceIp", "192.0.2.7", "userAgent", "wscat/5"));
        assertThat(tree).doesNotContainKeys("disconnectReason", "status");
    }
}
