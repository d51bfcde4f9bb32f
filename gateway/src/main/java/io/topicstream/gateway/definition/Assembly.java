package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorizer;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.LocalFunction;
import io.topicstream.gateway.model.Model;
import io.topicstream.gateway.model.Route;
import io.topicstream.gateway.model.UsagePlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes APIs of the resources of all stacks. A part belongs to the API whose id its `ApiId` comes to, in
/// whichever stack that is. For one thread, for one use.
final class Assembly {
    private static final String V2 = "AWS::ApiGatewayV2::";
    private static final Set<String> PARTS = Set.of(
            "Route",
            "RouteResponse",
            "Integration",
            "IntegrationResponse",
            "Authorizer",
            "Model",
            "Deployment",
            "Stage",
            "ApiMapping");
    private static final Set<String> OF_API = Set.of(
            "ApiKeySelectionExpression",
            "Description",
            "DisableExecuteApiEndpoint",
            "DisableSchemaValidation",
            "IpAddressType",
            "Name",
            "ProtocolType",
            "RouteSelectionExpression",
            "Tags",
            "Version");
    private static final Set<String> OF_HTTP_APIS = Set.of(
            "BasePath",
            "Body",
            "BodyS3Location",
            "CorsConfiguration",
            "CredentialsArn",
            "FailOnWarnings",
            "RouteKey",
            "Target");

    private final Loading loading;
    private final Problems problems;
    private final Map<String, ApiDraft> apis = new LinkedHashMap<>();
    private final Set<String> otherApis = new HashSet<>();
    private final List<Properties> parts = new ArrayList<>();
    private final List<Properties> functions = new ArrayList<>();
    private final PlanReader plans = new PlanReader();
    private final Permissions permissions = new Permissions();
    private final Map<String, Properties> domains = new LinkedHashMap<>();
    private boolean mayLog;

    Assembly(Loading loading) {
        this.loading = loading;
        this.problems = loading.problems;
    }

    /// The definition of all stacks of the reading.
    ///
    /// @throws DefinitionException with every error of all of them
    Definition definition() throws DefinitionException {
        for (Stack stack : loading.stacks()) {
            for (Resource resource : stack.template().resources().values()) {
                sort(new Properties(stack, resource, problems));
            }
        }
        parts.forEach(this::addPart);
        List<Api> made = new ArrayList<>();
        for (ApiDraft draft : apis.values()) {
            made.add(api(draft));
        }
        if (apis.isEmpty() && !problems.hasErrors()) {
            Stack outermost = loading.stacks().getFirst();
            problems.error(
                    outermost.template().file(),
                    0,
                    "",
                    "has no WebSocket API: an " + V2 + "Api of ProtocolType WEBSOCKET");
        }
        apis.values().forEach(permissions::look);
        permissions.tell();
        List<LocalFunction> code = new FunctionReader().read(functions);
        List<UsagePlan> usagePlans = plans.read(apis.keySet());
        warnOfUselessKeys(made, usagePlans);
        problems.requireNone();
        List<Path> files = loading.files();
        return new Definition(made, usagePlans, code, problems.findings(), files);
    }

    private void sort(Properties one) {
        Resource resource = one.resource();
        try {
            if (!one.stack().isMade(resource)) {
                return;
            }
            permissions.add(one);
            String type = resource.type();
            if (type.startsWith(V2)) {
                sortPart(one, type.substring(V2.length()));
                return;
            }
            switch (type) {
                case "AWS::Lambda::Function", Serverless.FUNCTION -> functions.add(one);
                case "AWS::ApiGateway::ApiKey", "AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::UsagePlanKey" ->
                    plans.add(one);
                case "AWS::Serverless::HttpApi", "AWS::Serverless::Api", "AWS::ApiGateway::RestApi" ->
                    one.finding("is an API over HTTP; only WebSocket APIs are served");
                case "AWS::CloudWatch::Alarm" -> AlarmReader.look(one);
                case "AWS::ApiGateway::Account" -> mayLog |= one.has("CloudWatchRoleArn");
                default -> {}
            }
        } catch (Wrong e) {
            problems.error(
                    one.stack().template().file(),
                    e.line() == 0 ? resource.line() : e.line(),
                    resource.place(),
                    e.text());
        }
    }

    private void sortPart(Properties one, String kind) {
        switch (kind) {
            case "Api" -> addApi(one);
            case "DomainName" -> {
                one.requireKnown(
                        Set.of(
                                "DomainName",
                                "DomainNameConfigurations",
                                "MutualTlsAuthentication",
                                "RoutingMode",
                                "Tags"),
                        Map.of());
                one.require("DomainName");
                domains.put(one.id(), one);
            }
            case "VpcLink" -> one.require("Name", "SubnetIds");
            default -> {
                if (PARTS.contains(kind)) {
                    parts.add(one);
                } else {
                    one.finding("is of a type that is not known here, and left aside: "
                            + one.resource().type());
                }
            }
        }
    }

    private void addApi(Properties one) {
        String protocol = one.text("ProtocolType", "");
        if (protocol.equals("HTTP") || one.has("Body") || one.has("BodyS3Location")) {
            otherApis.add(one.id());
            one.finding("is an HTTP API; only WebSocket APIs are served");
            return;
        }
        Map<String, String> ofHttp = new LinkedHashMap<>();
        OF_HTTP_APIS.forEach(name -> ofHttp.put(name, "is of HTTP APIs only"));
        one.requireKnown(OF_API, ofHttp);
        one.require("Name", "ProtocolType", "RouteSelectionExpression");
        if (!protocol.isEmpty() && !protocol.equals("WEBSOCKET")) {
            one.error("ProtocolType", "is WEBSOCKET, not '" + protocol + "'");
        }
        one.oneOf("IpAddressType", "ipv4", "dualstack");
        @Nullable String expression = one.text("RouteSelectionExpression");
        @Nullable String wrong = expression == null ? null : Expressions.routeSelection(expression);
        if (wrong != null) {
            one.error("RouteSelectionExpression", wrong);
        }
        if (apis.putIfAbsent(one.id(), new ApiDraft(one)) != null) {
            one.error("there is another API of the id " + one.id());
        }
    }

    private void addPart(Properties part) {
        part.require("ApiId");
        @Nullable String apiId = part.text("ApiId");
        if (apiId == null || otherApis.contains(apiId)) {
            return;
        }
        @Nullable ApiDraft api = apis.get(apiId);
        if (api == null) {
            part.error("ApiId", "there is no WebSocket API '" + apiId + "' in this definition");
            return;
        }
        String kind = part.resource().type().substring(V2.length());
        switch (kind) {
            case "Route" -> api.routes.put(part.id(), part);
            case "Integration" -> api.integrations.put(part.id(), part);
            case "Authorizer" -> api.authorizers.put(part.id(), part);
            case "Model" -> api.models.put(part.id(), part);
            case "Deployment" -> api.deployments.put(part.id(), part);
            case "Stage" -> api.stages.put(part.stack().path() + part.resource().id(), part);
            case "ApiMapping" -> api.mappings.put(part.id(), part);
            case "RouteResponse" -> {
                part.require("RouteId");
                ApiDraft.add(api.routeResponses, part.text("RouteId", ""), part);
            }
            case "IntegrationResponse" -> {
                part.require("IntegrationId");
                ApiDraft.add(api.integrationResponses, part.text("IntegrationId", ""), part);
            }
            default -> throw new IllegalStateException("no part of an API: " + kind);
        }
    }

    private Api api(ApiDraft draft) {
        Map<String, Integration> integrations = new IntegrationReader().read(draft);
        Map<String, Authorizer> authorizers = new AuthorizerReader().read(draft);
        Map<String, Model> models = models(draft);
        Map<String, Route> routes = new RouteReader(draft, integrations, authorizers, models).read();
        StageReader stages = new StageReader(draft, routes, mayLog);
        Properties properties = draft.properties;
        TopicStreamMetadata.requireOneDialect(properties, routes.values());
        boolean isHidden = properties.bool("DisableExecuteApiEndpoint");
        if (isHidden && draft.mappings.isEmpty()) {
            properties.finding(
                    "DisableExecuteApiEndpoint", "nobody can connect: there is no ApiMapping to a domain either");
        }
        return new Api(
                properties.id(),
                properties.text("Name", properties.resource().id()),
                properties.text("RouteSelectionExpression", "$request.body.action"),
                properties.has("ApiKeySelectionExpression")
                        ? properties.oneOf(
                                "ApiKeySelectionExpression",
                                Api.API_KEY_HEADER,
                                "$context.authorizer.usageIdentifierKey")
                        : Api.API_KEY_HEADER,
                isHidden,
                routes,
                models,
                stages.stages(),
                stages.mappings(domains));
    }

    private static Map<String, Model> models(ApiDraft draft) {
        Map<String, Model> models = new LinkedHashMap<>();
        for (Properties one : draft.models.values()) {
            one.requireKnown(Set.of("ApiId", "ContentType", "Description", "Name", "Schema"), Map.of());
            one.require("Name", "Schema");
            String name = one.text("Name", one.resource().id());
            @Nullable Node schema = one.value("Schema");
            if (schema == null) {
                continue;
            }
            String json = schema instanceof Node.Text text ? text.text() : JsonNodes.write(schema);
            try {
                if (!(JsonNodes.read(json) instanceof Node.Members)) {
                    one.error("Schema", "is no JSON schema: it is no object");
                }
            } catch (Wrong e) {
                one.error("Schema", e.text());
            }
            if (models.put(name, new Model(name, one.text("ContentType", "application/json"), json)) != null) {
                one.error("Name", "there is another model of the name " + name);
            }
        }
        return models;
    }

    private void warnOfUselessKeys(List<Api> made, List<UsagePlan> usagePlans) {
        for (Api api : made) {
            @Nullable Route connect = api.routes().get(Api.CONNECT);
            @Nullable ApiDraft draft = apis.get(api.id());
            if (connect == null || !connect.apiKeyRequired() || draft == null) {
                continue;
            }
            boolean isCovered = usagePlans.stream()
                    .anyMatch(plan ->
                            plan.stages().containsKey(api.id()) && !plan.keys().isEmpty());
            if (!isCovered) {
                draft.properties.finding(
                        "nobody can connect: $connect wants an API key, and no usage plan has one for a stage of this API");
            }
        }
    }
}
