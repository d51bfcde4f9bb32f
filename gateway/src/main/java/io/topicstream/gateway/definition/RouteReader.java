package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Authorizer;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Model;
import io.topicstream.gateway.model.Route;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the routes of an API with their responses.
final class RouteReader {
    private static final Set<String> KNOWN = Set.of(
            "ApiId",
            "ApiKeyRequired",
            "AuthorizationType",
            "AuthorizerId",
            "ModelSelectionExpression",
            "OperationName",
            "RequestModels",
            "RequestParameters",
            "RouteKey",
            "RouteResponseSelectionExpression",
            "Target");
    private static final Map<String, String> REFUSED =
            Map.of("AuthorizationScopes", "is of HTTP APIs only: it goes with a JWT authorizer");
    private static final Set<String> OF_RESPONSE = Set.of(
            "ApiId", "ModelSelectionExpression", "ResponseModels", "ResponseParameters", "RouteId", "RouteResponseKey");

    private final ApiDraft draft;
    private final Map<String, Integration> integrations;
    private final Map<String, Authorizer> authorizers;
    private final Map<String, Model> models;

    RouteReader(
            ApiDraft draft,
            Map<String, Integration> integrations,
            Map<String, Authorizer> authorizers,
            Map<String, Model> models) {
        this.draft = draft;
        this.integrations = integrations;
        this.authorizers = authorizers;
        this.models = models;
    }

    /// The routes by their keys.
    Map<String, Route> read() {
        Map<String, Route> routes = new LinkedHashMap<>();
        draft.routes.forEach((id, one) -> {
            Route route = route(id, one);
            if (routes.put(route.key(), route) != null) {
                one.error("RouteKey", "there is another route with the key " + route.key());
            }
        });
        draft.routeResponses.forEach((id, responses) -> responses.forEach(one -> {
            one.requireKnown(OF_RESPONSE, Map.of());
            one.require("RouteResponseKey");
            String key = one.text("RouteResponseKey", "$default");
            if (!key.equals("$default")) {
                one.error("RouteResponseKey", "is $default, not '" + key + "'");
            }
            if (!draft.routes.containsKey(id)) {
                one.error("RouteId", "there is no route '" + id + "' of this API");
            }
        }));
        return routes;
    }

    private Route route(String id, Properties one) {
        one.requireKnown(KNOWN, REFUSED);
        one.require("RouteKey");
        String key = one.text("RouteKey", "");
        if (one.has("RouteKey") && key.isBlank()) {
            one.error("RouteKey", "is empty");
        }
        boolean isConnect = key.equals(Api.CONNECT);
        if (one.bool("ApiKeyRequired") && !isConnect) {
            one.finding("ApiKeyRequired", "is without effect: only $connect asks for an API key");
        }
        String selection = one.text("RouteResponseSelectionExpression", "");
        if (!selection.isEmpty() && !selection.equals("$default")) {
            one.finding("RouteResponseSelectionExpression", "is $default where it has an effect on AWS");
        }
        @Nullable Integration integration = target(one);
        if (integration != null) {
            warnOfMappings(one, integration, isConnect);
        }
        boolean isTwoWay = !selection.isEmpty() || draft.routeResponses.containsKey(id);
        if (isTwoWay && isTopicStream(integration)) {
            // What is said in the conversation goes to the client by itself.
            isTwoWay = false;
        }
        if (integration != null && needsResponse(integration, isConnect || isTwoWay)) {
            one.finding("its integration has no IntegrationResponse $default: "
                    + (isConnect ? "nobody can connect" : "each message is answered with Internal server error"));
        }
        return new Route(
                key,
                integration,
                authorization(one, isConnect),
                isConnect && one.bool("ApiKeyRequired"),
                one.text("ModelSelectionExpression"),
                requestModels(one),
                requestParameters(one, isConnect),
                isTwoWay);
    }

    private static boolean isTopicStream(@Nullable Integration integration) {
        return integration != null && integration.type() == Integration.Type.TOPICSTREAM;
    }

    private static boolean needsResponse(Integration integration, boolean isAnswered) {
        boolean needsNone = switch (integration.type()) {
            case AWS_PROXY, HTTP_PROXY, TOPICSTREAM -> true;
            case AWS, HTTP, MOCK -> false;
        };
        return isAnswered && !needsNone && !integration.responses().containsKey("$default");
    }

    private @Nullable Integration target(Properties one) {
        @Nullable String target = one.text("Target");
        if (target == null) {
            if (!one.has("Target")) {
                one.finding("has no Target: its messages are answered with Internal server error");
            }
            return null;
        }
        String prefix = "integrations/";
        @Nullable
        Integration integration =
                target.startsWith(prefix) ? integrations.get(target.substring(prefix.length())) : null;
        if (integration == null) {
            one.error(
                    "Target",
                    target.startsWith(prefix)
                            ? "there is no integration '" + target.substring(prefix.length()) + "' of this API"
                            : "is integrations/ID, not '" + target + "'");
        }
        return integration;
    }

    private Authorization authorization(Properties one, boolean isConnect) {
        String type =
                one.has("AuthorizationType") ? one.oneOf("AuthorizationType", "NONE", "AWS_IAM", "CUSTOM") : "NONE";
        if (!isConnect && !type.equals("NONE")) {
            one.error(
                    "AuthorizationType",
                    "only $connect is authorized: a connection is let in once, and its messages are not asked again");
            return new Authorization.Open();
        }
        if (!type.equals("CUSTOM")) {
            if (one.has("AuthorizerId")) {
                one.error("AuthorizerId", "goes with AuthorizationType CUSTOM, not with " + type);
            }
            return type.equals("AWS_IAM") ? new Authorization.Iam() : new Authorization.Open();
        }
        one.require("AuthorizerId");
        @Nullable String id = one.text("AuthorizerId");
        @Nullable Authorizer authorizer = id == null ? null : authorizers.get(id);
        if (authorizer == null) {
            if (id != null) {
                one.error("AuthorizerId", "there is no authorizer '" + id + "' of this API");
            }
            return new Authorization.Open();
        }
        return new Authorization.ByFunction(authorizer);
    }

    private Map<String, String> requestModels(Properties one) {
        Map<String, String> chosen = one.texts("RequestModels");
        chosen.forEach((key, name) -> {
            if (!models.containsKey(name)) {
                @Nullable Properties byId = draft.models.get(name);
                one.error(
                        "RequestModels." + key,
                        byId == null
                                ? "there is no model '" + name + "' of this API"
                                        + Spelling.didYouMean(name, models.keySet())
                                : "is the id of a model; it is its Name: " + byId.text("Name", ""));
            }
        });
        if (!chosen.isEmpty() && !one.has("ModelSelectionExpression")) {
            one.finding("RequestModels", "is without effect: there is no ModelSelectionExpression");
        }
        return chosen;
    }

    private static Map<String, Boolean> requestParameters(Properties one, boolean isConnect) {
        Map<String, Boolean> parameters = new LinkedHashMap<>();
        one.members("RequestParameters").members().forEach((name, value) -> {
            String place = "RequestParameters." + name;
            @Nullable String wrong = Expressions.routeParameter(name);
            @Nullable
            Boolean required = value instanceof Node.Members constraints
                    ? Properties.bool(constraints.members().getOrDefault("Required", Node.text("false")))
                    : Properties.bool(value);
            if (wrong == null && required == null) {
                wrong = "is a mapping with Required: true or false";
            }
            if (wrong != null) {
                one.error(place, wrong);
            } else if (!(value instanceof Node.Members)) {
                one.finding(place, "AWS wants a mapping with Required here");
            }
            parameters.put(name, Objects.requireNonNullElse(required, false));
        });
        if (!parameters.isEmpty() && !isConnect) {
            one.error("RequestParameters", "only $connect has them: messages have neither headers nor a query");
        }
        return parameters;
    }

    /// Tells of sources of mappings that this route never has.
    private static void warnOfMappings(Properties one, Integration integration, boolean isConnect) {
        Set<String> declared = one.members("RequestParameters").members().keySet();
        List<String> sources = integration.requestParameters().values().stream()
                .filter(Expressions::isOfConnectOnly)
                .sorted()
                .toList();
        for (String source : sources) {
            String single = source.replace(".multivalue", ".");
            if (!isConnect) {
                one.finding("maps " + source + ", which only $connect has");
            } else if (!declared.contains(single)) {
                one.finding("maps " + source + ", which its RequestParameters do not declare");
            }
        }
    }
}
