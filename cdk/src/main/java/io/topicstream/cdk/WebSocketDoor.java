package io.topicstream.cdk;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.apigatewayv2.CfnApi;
import software.amazon.awscdk.services.apigatewayv2.CfnIntegration;
import software.amazon.awscdk.services.apigatewayv2.CfnRoute;
import software.amazon.awscdk.services.apigatewayv2.CfnStage;
import software.amazon.awscdk.services.logs.CfnLogGroup;
import software.amazon.awscdk.services.logs.CfnMetricFilter;

/// The API for WebSockets, with a stage for each dialect, and the function behind it.
final class WebSocketDoor {
    /// The stage by which connections are posted to: any of an API does.
    private static final String CALLBACK_STAGE = "v1";

    private static final Map<String, String> DIALECTS = dialects();

    private final CfnApi api;
    private final Map<String, CfnStage> stages = new LinkedHashMap<>();
    private final SystemFunction function;

    WebSocketDoor(Stack stack, Inputs inputs, Storage storage, Failures failures) {
        api = CfnApi.Builder.create(stack, "WebSocketApi")
                .name(Fn.join("-", List.of(inputs.project(), inputs.environment(), "websocket")))
                .protocolType("WEBSOCKET")
                .routeSelectionExpression("$request.body.action")
                .build();
        function = new SystemFunction(
                stack,
                inputs,
                new SystemFunction.Parts(
                        FunctionKind.WEB_SOCKET,
                        Choice.YES,
                        variables(inputs, storage),
                        Statements.joined(storage.statements(), List.of(mayPost())),
                        inputs.concurrency().isThere().of(inputs.concurrency().value(), Values.NONE)),
                storage.keyArn(),
                failures);
        function.mayCallItself();
        function.mayBeCalledBy("FromApi", "apigateway.amazonaws.com", Stages.arn(api, "/*"));

        List<CfnRoute> routes = routes(stack);
        Stages maker = new Stages(stack, inputs, api, true, "WebSocketAccessLog", storage.keyArn());
        countRefusals(stack, inputs, maker.accessLog());
        for (String name : DIALECTS.keySet()) {
            CfnStage stage = maker.make(Stages.id(name, "Stage"), name);
            routes.forEach(stage::addResourceDependency);
            stages.put(name, stage);
        }
    }

    /// No metric of the gateway has handshakes that were refused alone, so they are counted in its log.
    private void countRefusals(Stack stack, Inputs inputs, @Nullable CfnLogGroup accesses) {
        Choice where = inputs.monitoring().refusals();
        if (accesses != null && !where.isNever()) {
            where.only(CfnMetricFilter.Builder.create(stack, "Refusals")
                    .logGroupName(accesses.getRef())
                    .filterPattern("{ ($.event = \"CONNECT\") && (($.status = \"4*\") || ($.status = \"5*\")) }")
                    .metricTransformations(List.of(CfnMetricFilter.MetricTransformationProperty.builder()
                            .metricName(Metric.REFUSALS)
                            .metricNamespace(Metric.namespaceOf(api))
                            .metricValue("1")
                            .build()))
                    .build());
        }
    }

    private static Map<String, String> dialects() {
        Map<String, String> stages = new LinkedHashMap<>();
        stages.put(CALLBACK_STAGE, "native");
        stages.put("live", "topics");
        stages.put("dev", "chat");
        stages.put("staging", "rooms");
        return stages;
    }

    private List<CfnRoute> routes(Stack stack) {
        CfnIntegration integration = CfnIntegration.Builder.create(stack, "WebSocketIntegration")
                .apiId(api.getRef())
                .integrationType("AWS_PROXY")
                // A must for functions behind WebSockets.
                .integrationMethod("POST")
                .integrationUri(Fn.join(
                        "",
                        List.of(
                                Fn.sub(
                                        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"),
                                function.arn(),
                                "/invocations")))
                .build();
        List<CfnRoute> routes = new ArrayList<>();
        for (String key : List.of("$connect", "$default", "$disconnect")) {
            routes.add(CfnRoute.Builder.create(stack, Stages.id(key.substring(1), "Route"))
                    .apiId(api.getRef())
                    .routeKey(key)
                    .authorizationType("NONE")
                    .target(Fn.join("/", List.of("integrations", integration.getRef())))
                    .build());
        }
        return routes;
    }

    /// The variables that both doors have.
    Map<String, Object> variables(Inputs inputs, Storage storage) {
        Map<String, Object> variables = new LinkedHashMap<>(storage.variables());
        variables.put(
                "TOPICSTREAM_CALLBACK_URL",
                Fn.join("/", List.of(inputs.functions().address(api), CALLBACK_STAGE)));
        variables.put(
                "TOPICSTREAM_STAGES",
                DIALECTS.entrySet().stream()
                        .map(stage -> stage.getKey() + "=" + stage.getValue())
                        .collect(Collectors.joining(",")));
        variables.put("TOPICSTREAM_GUESTS", inputs.guests());
        variables.put("TOPICSTREAM_ALLOWED_ORIGINS", inputs.origins());
        variables.put(
                "TOPICSTREAM_ACCESS_JWT",
                inputs.issuers().isThere().of(inputs.issuers().value(), Values.NONE));
        variables.put("TOPICSTREAM_WORKFLOW_TOPICS", inputs.workflow().of(inputs.workflowTopics(), Values.NONE));
        return variables;
    }

    /// What allows to post to connections, to ask about them, and to end them.
    Map<String, Object> mayPost() {
        return Statements.allow(
                "EachConnectionOfTheApi",
                List.of("execute-api:ManageConnections"),
                List.of(Stages.arn(api, "/" + CALLBACK_STAGE + "/*/@connections/*")));
    }

    SystemFunction function() {
        return function;
    }

    CfnApi api() {
        return api;
    }

    /// By their names.
    Map<String, CfnStage> stages() {
        return stages;
    }

    /// Where clients connect to a stage.
    String url(String stage) {
        return Fn.join("", List.of("wss://", Stages.host(api), "/", stage));
    }
}
