package io.topicstream.gateway;

import io.topicstream.gateway.backend.Integrations;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Authorizer;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.DomainMapping;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Model;
import io.topicstream.gateway.model.Route;
import io.topicstream.gateway.model.RouteSettings;
import io.topicstream.gateway.model.Stage;
import io.topicstream.gateway.model.UsagePlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An API to test with: routes `$connect`, `$disconnect`, `$default` and `join`, all to functions and
/// one-way, a stage `dev`, no authorizer. Used by one thread.
final class TestApi {
    static final String ID = "abcdef1234";
    static final String HOST = ID + ".execute-api.us-east-1.amazonaws.com";
    static final String FUNCTION = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations";
    static final String ARN = "arn:aws:execute-api:us-east-1:000000000000:" + ID + "/dev/$connect";

    private final Map<String, Route> routes = new HashMap<>();
    private final Map<String, Model> models = new HashMap<>();
    private final Map<String, Stage> stages = new HashMap<>();
    private final List<DomainMapping> mappings = new ArrayList<>();
    private final List<UsagePlan> plans = new ArrayList<>();
    private String id = ID;
    private String expression = "$request.body.action";
    private String apiKeyExpression = Api.API_KEY_HEADER;
    private boolean endpointDisabled;

    TestApi() {
        route(Api.CONNECT, false)
                .route(Api.DISCONNECT, false)
                .route(Api.DEFAULT, false)
                .route("join", false);
        stage("dev", Map.of(), RouteSettings.NONE, Map.of(), null);
    }

    static Integration integration(Integration.Type type) {
        return Integrations.of(type, FUNCTION).made();
    }

    static RouteSettings throttled(@Nullable Integer burst, @Nullable Double rate) {
        return new RouteSettings(RouteSettings.Logging.OFF, false, false, burst, rate);
    }

    static Authorization authorizer(String... sources) {
        return new Authorization.ByFunction(new Authorizer(
                "guard",
                "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/guard-${stageVariables.v}/invocations",
                List.of(sources),
                null));
    }

    TestApi id(String other) {
        id = other;
        return this;
    }

    TestApi selectedBy(String other) {
        expression = other;
        return this;
    }

    TestApi apiKeyBy(String other) {
        apiKeyExpression = other;
        return this;
    }

    TestApi withoutEndpoint() {
        endpointDisabled = true;
        return this;
    }

    TestApi route(String key, boolean twoWay) {
        return route(key, twoWay, Integration.Type.AWS_PROXY);
    }

    TestApi route(String key, boolean twoWay, Integration.@Nullable Type type) {
        return route(new Route(
                key,
                type == null ? null : integration(type),
                new Authorization.Open(),
                false,
                null,
                Map.of(),
                Map.of(),
                twoWay));
    }

    TestApi route(Route route) {
        routes.put(route.key(), route);
        return this;
    }

    TestApi without(String key) {
        routes.remove(key);
        return this;
    }

    TestApi connect(Authorization authorization, boolean apiKeyRequired, Map<String, Boolean> parameters) {
        return route(new Route(
                Api.CONNECT,
                integration(Integration.Type.AWS_PROXY),
                authorization,
                apiKeyRequired,
                null,
                Map.of(),
                parameters,
                false));
    }

    TestApi checked(String key, String modelExpression, Map<String, String> requestModels) {
        return route(new Route(
                key,
                integration(Integration.Type.AWS_PROXY),
                new Authorization.Open(),
                false,
                modelExpression,
                requestModels,
                Map.of(),
                false));
    }

    TestApi model(String name, String schema) {
        models.put(name, new Model(name, "application/json", schema));
        return this;
    }

    TestApi stage(
            String name,
            Map<String, String> variables,
            RouteSettings defaults,
            Map<String, RouteSettings> routeSettings,
            @Nullable String accessLogFormat) {
        stages.put(name, new Stage(name, variables, defaults, routeSettings, accessLogFormat));
        return this;
    }

    TestApi variables(Map<String, String> variables) {
        return stage("dev", variables, RouteSettings.NONE, Map.of(), null);
    }

    TestApi settings(RouteSettings defaults, Map<String, RouteSettings> routeSettings) {
        return stage("dev", Map.of(), defaults, routeSettings, null);
    }

    TestApi withoutStage(String name) {
        stages.remove(name);
        return this;
    }

    TestApi mapping(String domain, String key, String stage) {
        mappings.add(new DomainMapping(domain, key, stage));
        return this;
    }

    TestApi plan(UsagePlan plan) {
        plans.add(plan);
        return this;
    }

    Api api() {
        return new Api(id, "test", expression, apiKeyExpression, endpointDisabled, routes, models, stages, mappings);
    }

    Definition definition() {
        return definition(api());
    }

    Definition definition(Api... apis) {
        return new Definition(List.of(apis), plans, List.of(), List.of(), List.of());
    }
}
