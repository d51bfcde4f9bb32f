package io.topicstream.cdk;

import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.apigatewayv2.CfnApi;
import software.amazon.awscdk.services.apigatewayv2.CfnStage;
import software.amazon.awscdk.services.logs.CfnLogGroup;

/// Makes the stages of an API, and says where an API is.
final class Stages {
    private static final String WEB_SOCKET_LINE = "{\"time\":\"$context.requestTime\",\"event\":\"$context.eventType\","
            + "\"route\":\"$context.routeKey\",\"stage\":\"$context.stage\",\"connection\":\"$context.connectionId\","
            + "\"address\":\"$context.identity.sourceIp\",\"request\":\"$context.requestId\",\"status\":\"$context.status\","
            + "\"error\":\"$context.integrationErrorMessage\"}";
    private static final String HTTP_LINE = "{\"time\":\"$context.requestTime\",\"method\":\"$context.httpMethod\","
            + "\"path\":\"$context.path\",\"address\":\"$context.identity.sourceIp\",\"request\":\"$context.requestId\","
            + "\"status\":\"$context.status\",\"ms\":\"$context.responseLatency\","
            + "\"error\":\"$context.integrationErrorMessage\"}";

    private final Stack stack;
    private final Inputs inputs;
    private final CfnApi api;
    private final boolean isWebSocket;
    private final @Nullable CfnLogGroup log;

    /// @param id of the log of accesses
    /// @param keyArn of the key for it, or [Values#NONE]
    Stages(Stack stack, Inputs inputs, CfnApi api, boolean isWebSocket, String id, Object keyArn) {
        this.stack = stack;
        this.inputs = inputs;
        this.api = api;
        this.isWebSocket = isWebSocket;
        log = inputs.detailedMonitoring().isNever() ? null : log(id, keyArn);
    }

    private CfnLogGroup log(String id, Object keyArn) {
        CfnLogGroup made = CfnLogGroup.Builder.create(stack, id)
                .retentionInDays(inputs.logDays())
                .build();
        made.addPropertyOverride("KmsKeyId", keyArn);
        made.applyRemovalPolicy(RemovalPolicy.DESTROY);
        return inputs.detailedMonitoring().only(made);
    }

    /// The log of accesses; null without [Inputs#detailedMonitoring].
    @Nullable
    CfnLogGroup accessLog() {
        return log;
    }

    /// @param name of the stage
    CfnStage make(String id, String name) {
        CfnStage stage = CfnStage.Builder.create(stack, id)
                .apiId(api.getRef())
                .stageName(name)
                .autoDeploy(true)
                .build();
        stage.addPropertyOverride("DefaultRouteSettings", routeSettings());
        if (log != null) {
            stage.addPropertyOverride(
                    "AccessLogSettings",
                    inputs.detailedMonitoring()
                            .of(
                                    Values.of(
                                            "DestinationArn",
                                            arnWithoutStar(log),
                                            "Format",
                                            isWebSocket ? WEB_SOCKET_LINE : HTTP_LINE),
                                    Values.NONE));
        }
        return stage;
    }

    private Object routeSettings() {
        Object detailed = inputs.detailedMonitoring().of(true, false);
        if (!isWebSocket) {
            return Values.of(
                    "DetailedMetricsEnabled", detailed,
                    "ThrottlingBurstLimit", inputs.burst(),
                    "ThrottlingRateLimit", inputs.rate());
        }
        return Values.of(
                // Never what clients say: it may be anything.
                "DataTraceEnabled", false,
                "DetailedMetricsEnabled", detailed,
                "LoggingLevel", inputs.detailedMonitoring().of("INFO", "OFF"),
                "ThrottlingBurstLimit", inputs.burst(),
                "ThrottlingRateLimit", inputs.rate());
    }

    /// A stage takes the ARN of a log without the star at its end.
    private static String arnWithoutStar(CfnLogGroup log) {
        return Fn.join(
                "",
                List.of(
                        Fn.sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"),
                        log.getRef()));
    }

    /// Where an API is, without scheme and stage.
    static String host(CfnApi api) {
        return Fn.join("", List.of(api.getRef(), Fn.sub(".execute-api.${AWS::Region}.${AWS::URLSuffix}")));
    }

    /// The id of a resource that belongs to something with a small name.
    static String id(String name, String rest) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1) + rest;
    }

    /// @param rest of the ARN, after the API's id
    static String arn(CfnApi api, String rest) {
        return Fn.join(
                "",
                List.of(
                        Fn.sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"),
                        api.getRef(),
                        rest));
    }
}
