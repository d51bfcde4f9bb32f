package io.topicstream.cdk;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.apigatewayv2.CfnApi;
import software.amazon.awscdk.services.apigatewayv2.CfnIntegration;
import software.amazon.awscdk.services.apigatewayv2.CfnRoute;
import software.amazon.awscdk.services.apigatewayv2.CfnStage;

/// The HTTP API, and the function behind it.
final class HttpDoor {
    private static final String DEFAULT = "$default";

    private final CfnApi api;
    private final CfnStage stage;
    private final SystemFunction function;

    HttpDoor(Stack stack, Inputs inputs, Storage storage, WebSocketDoor sockets, Failures failures) {
        api = CfnApi.Builder.create(stack, "HttpApi")
                .name(Fn.join("-", List.of(inputs.project(), inputs.environment(), "http")))
                .protocolType("HTTP")
                .build();
        Map<String, Object> variables = new LinkedHashMap<>(sockets.variables(inputs, storage));
        variables.put("TOPICSTREAM_TASK_FUNCTION", sockets.function().arn());
        variables.put(
                "TOPICSTREAM_ADMIN_TOKEN_SHA256",
                inputs.adminToken().isThere().of(inputs.adminToken().value(), Values.NONE));
        function = new SystemFunction(
                stack,
                inputs,
                new SystemFunction.Parts(
                        FunctionKind.HTTP,
                        Choice.YES,
                        variables,
                        Statements.joined(
                                storage.statements(),
                                List.of(
                                        sockets.mayPost(),
                                        Statements.allow(
                                                List.of("lambda:InvokeFunction"),
                                                List.of(sockets.function().arn())))),
                        Values.NONE),
                storage.keyArn(),
                failures);
        function.mayBeCalledBy("FromApi", "apigateway.amazonaws.com", Stages.arn(api, "/*"));

        CfnIntegration integration = CfnIntegration.Builder.create(stack, "HttpIntegration")
                .apiId(api.getRef())
                .integrationType("AWS_PROXY")
                .integrationUri(function.arn())
                .payloadFormatVersion("2.0")
                .build();
        CfnRoute route = CfnRoute.Builder.create(stack, "HttpRoute")
                .apiId(api.getRef())
                .routeKey(DEFAULT)
                .authorizationType("NONE")
                .target(Fn.join("/", List.of("integrations", integration.getRef())))
                .build();
        stage = new Stages(stack, inputs, api, false, "HttpAccessLog", storage.keyArn()).make("HttpStage", DEFAULT);
        stage.addResourceDependency(route);
    }

    SystemFunction function() {
        return function;
    }

    CfnApi api() {
        return api;
    }

    CfnStage stage() {
        return stage;
    }

    String url() {
        return Fn.join("", List.of("https://", Stages.host(api)));
    }
}
