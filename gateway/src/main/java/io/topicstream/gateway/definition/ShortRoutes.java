package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.Api;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The routes of one API in the short form, made into resources.
final class ShortRoutes {
    private static final String V2 = "AWS::ApiGatewayV2::";
    private static final List<String> BACK_ENDS = List.of("url", "function", "mock", "type");
    private static final Set<String> KNOWN = Set.of(
            "url",
            "function",
            "mock",
            "type",
            "dialect",
            "method",
            "two_way",
            "timeout_ms",
            "headers",
            "query",
            "template",
            "response",
            "model");
    private static final Node STATUS_200 = Node.text("{\"statusCode\": 200}");
    private static final Node ALWAYS_DEFAULT = Node.text("\\$default");

    private final ShortForm form;
    private final String api;
    private final String place;

    /// @param api the logical id of the API
    /// @param place what stands before `routes` in the names of places
    ShortRoutes(ShortForm form, String api, String place) {
        this.form = form;
        this.api = api;
        this.place = place;
    }

    /// Adds the routes and the authorizer. Where connections are to be let in but there is no route that
    /// does it, one is made that lets everybody in who may.
    void add(Node.Members routes, Node authorizer, boolean isKeyed) {
        if (routes.members().isEmpty()) {
            form.error(routes, place + "routes", "is missing; there must be at least one route");
        }
        Map<String, Node> connect = new LinkedHashMap<>();
        authorizer(authorizer, connect);
        if (isKeyed) {
            connect.put("ApiKeyRequired", Node.text("true"));
        }
        routes.members().forEach((key, node) -> route(key, node, ShortForm.isConnect(key) ? connect : Map.of()));
        if (!connect.isEmpty() && !routes.has(Api.CONNECT)) {
            route(Api.CONNECT, Node.call("mock", Node.text("{}")), connect);
        }
    }

    private void authorizer(Node node, Map<String, Node> connect) {
        String at = place + "authorizer";
        @Nullable String alone = ShortForm.textOf(node);
        if (alone != null && alone.equals("iam")) {
            connect.put("AuthorizationType", Node.text("AWS_IAM"));
            return;
        }
        Node.Members authorizer;
        switch (node) {
            case Node.Nothing _ -> {
                return;
            }
            case Node.Text name -> authorizer = Node.call("function", name);
            case Node.Members members -> authorizer = members;
            case Node.Items list -> {
                form.error(list, at, "is iam, a function, or {function: NAME, identity: [header.NAME]}");
                return;
            }
        }
        form.requireKnown(authorizer, at, Set.of("function", "identity"), Set.of());
        String function = authorizer.textAt("function");
        if (function.isEmpty()) {
            form.error(authorizer, at + ".function", "is missing");
            return;
        }
        Map<String, Node> properties = new LinkedHashMap<>();
        properties.put("ApiId", ShortForm.ref(api));
        properties.put("AuthorizerType", Node.text("REQUEST"));
        properties.put("Name", Node.text(function));
        try {
            properties.put("AuthorizerUri", form.functionUri(function, authorizer.line()));
        } catch (Wrong e) {
            form.error(authorizer, at + ".function", e.text());
            return;
        }
        List<Node> sources = new ArrayList<>();
        Node identity = authorizer.at("identity");
        for (Node source : identity instanceof Node.Items list ? list.items() : List.of(identity)) {
            if (source instanceof Node.Text text) {
                boolean isShort = text.text().matches("(header|querystring)\\..*");
                sources.add(new Node.Text(isShort ? "route.request." + text.text() : text.text(), false, text.line()));
            }
        }
        properties.put("IdentitySource", new Node.Items(sources, identity.line()));
        form.add(Resource.made(
                api + "." + at,
                V2 + "Authorizer",
                new Node.Members(properties, authorizer.line()),
                authorizer.line(),
                Map.of("", at, "IdentitySource", at + ".identity", "AuthorizerUri", at + ".function")));
        connect.put("AuthorizationType", Node.text("CUSTOM"));
        connect.put("AuthorizerId", ShortForm.ref(api + "." + at));
    }

    private void route(String key, Node node, Map<String, Node> more) {
        String at = place + "routes." + key;
        Node.Members route = members(node, at);
        form.requireKnown(route, at, KNOWN, Set.of());
        List<String> backEnds = BACK_ENDS.stream().filter(route::has).toList();
        if (backEnds.size() != 1) {
            form.error(route, at, "has one of " + String.join(", ", BACK_ENDS));
            return;
        }
        String id = api + "." + at;
        Map<String, String> places = new HashMap<>(Map.of(
                "", at,
                "TimeoutInMillis", at + ".timeout_ms",
                "IntegrationMethod", at + ".method",
                "IntegrationUri", at + "." + backEnds.getFirst(),
                "RequestParameters.integration.request.header", at + ".headers",
                "RequestParameters.integration.request.querystring", at + ".query",
                "RequestTemplates", at + ".template",
                "RequestModels", at + ".model",
                "Schema", at + ".model"));
        Map<String, Node> properties = new LinkedHashMap<>();
        properties.put("ApiId", ShortForm.ref(api));
        properties.put("RouteKey", Node.text(key));
        properties.put(
                "Target",
                Node.call(
                        "Fn::Join",
                        Node.items(
                                Node.text("/"),
                                Node.items(Node.text("integrations"), ShortForm.ref(id + ".integration")))));
        if (isTwoWay(route, backEnds.getFirst(), at)) {
            properties.put("RouteResponseSelectionExpression", Node.text("$default"));
        }
        if (key.equals("$connect")) {
            properties.put("RequestParameters", declared(route));
        }
        if (route.has("model")) {
            String model = "model" + Ids.of(Ids.PART, id);
            properties.put("ModelSelectionExpression", ALWAYS_DEFAULT);
            properties.put("RequestModels", Node.call("$default", Node.text(model)));
            form.add(Resource.made(
                    id + ".model",
                    V2 + "Model",
                    new Node.Members(
                            Map.of("ApiId", ShortForm.ref(api), "Name", Node.text(model), "Schema", route.at("model")),
                            route.line()),
                    route.line(),
                    places));
        }
        properties.putAll(more);
        form.add(Resource.made(id, V2 + "Route", new Node.Members(properties, route.line()), route.line(), places));
        integration(id, route, backEnds.getFirst(), at, places);
    }

    /// What a route says; a text alone is a URL or the name of a function.
    private Node.Members members(Node node, String at) {
        return switch (node) {
            case Node.Members members -> members;
            case Node.Text text when text.text().matches("(?i)https?://.*") -> Node.call("url", text);
            case Node.Text text -> Node.call("function", text);
            case Node.Items _, Node.Nothing _ -> {
                form.error(node, at, "is a URL, the name of a function or a mapping, not " + node.kind());
                yield Node.call("function", new Node.Text("none", false, node.line()));
            }
        };
    }

    private boolean isTwoWay(Node.Members route, String backEnd, String at) {
        if (!route.has("two_way")) {
            return backEnd.equals("mock");
        }
        @Nullable Boolean value = Properties.bool(route.at("two_way"));
        if (value == null) {
            form.error(route.at("two_way"), at + ".two_way", "is true or false");
        }
        return value != null && value;
    }

    private void integration(String id, Node.Members route, String backEnd, String at, Map<String, String> places) {
        boolean isProxy = !route.has("template") && !route.has("response");
        boolean isMock = backEnd.equals("mock");
        boolean isTopicStream = backEnd.equals("type");
        Map<String, Node> properties = new LinkedHashMap<>();
        properties.put("ApiId", ShortForm.ref(api));
        properties.put(
                "IntegrationType",
                Node.text(
                        switch (backEnd) {
                            case "url" -> isProxy ? "HTTP_PROXY" : "HTTP";
                            case "function" -> isProxy ? "AWS_PROXY" : "AWS";
                            default -> "MOCK";
                        }));
        if (backEnd.equals("url")) {
            properties.put("IntegrationUri", route.at("url"));
            properties.put("IntegrationMethod", route.has("method") ? route.at("method") : Node.text("POST"));
            properties.put("RequestParameters", mappings(route, at));
        } else if (backEnd.equals("function")) {
            try {
                properties.put("IntegrationUri", form.functionUri(route.textAt("function"), route.line()));
            } catch (Wrong e) {
                form.error(route, at + ".function", e.text());
                return;
            }
        }
        for (String onlyOfUrls : List.of("method", "headers", "query")) {
            if (route.has(onlyOfUrls) && !backEnd.equals("url")) {
                form.error(route.at(onlyOfUrls), at + "." + onlyOfUrls, "goes with url");
            }
        }
        requireOthersOnly(route, isTopicStream, at);
        if (route.has("timeout_ms")) {
            properties.put("TimeoutInMillis", route.at("timeout_ms"));
        }
        if (isMock || (route.has("template") && !isTopicStream)) {
            properties.put("TemplateSelectionExpression", ALWAYS_DEFAULT);
            properties.put("RequestTemplates", Node.call("$default", isMock ? STATUS_200 : route.at("template")));
        }
        form.add(new Resource(
                id + ".integration",
                V2 + "Integration",
                new Node.Members(properties, route.line()),
                isTopicStream ? toTopics(route) : Node.Members.NONE,
                route.line(),
                places));
        if (isMock || (!isProxy && !isTopicStream)) {
            response(id, isMock ? route.at("mock") : route.at("response"), route.line(), at);
        }
    }

    /// Refuses what a route to TopicStream does not have, and what only such a route has.
    private void requireOthersOnly(Node.Members route, boolean isTopicStream, String at) {
        for (String name : isTopicStream ? List.of("response", "two_way") : List.of("dialect")) {
            if (route.has(name)) {
                form.error(
                        route.at(name),
                        at + "." + name,
                        isTopicStream
                                ? "does not go with type: topicstream, which answers by itself"
                                : "goes with type: topicstream");
            }
        }
    }

    private static Node.Members toTopics(Node.Members route) {
        Map<String, Node> says = new LinkedHashMap<>();
        says.put(TopicStreamMetadata.INTEGRATION, route.at("type"));
        if (route.has("dialect")) {
            says.put(TopicStreamMetadata.DIALECT, route.at("dialect"));
        }
        if (route.has("template")) {
            says.put(TopicStreamMetadata.TEMPLATE, route.at("template"));
        }
        return Node.call("Metadata", Node.call("TopicStream", new Node.Members(says, route.line())));
    }

    private void response(String id, Node template, int line, String at) {
        Map<String, Node> properties = new LinkedHashMap<>();
        properties.put("ApiId", ShortForm.ref(api));
        properties.put("IntegrationId", ShortForm.ref(id + ".integration"));
        properties.put("IntegrationResponseKey", Node.text("$default"));
        if (!(template instanceof Node.Nothing)) {
            String text = template instanceof Node.Text written ? written.text() : JsonNodes.write(template);
            properties.put("TemplateSelectionExpression", ALWAYS_DEFAULT);
            properties.put("ResponseTemplates", Node.call("$default", new Node.Text(text, false, template.line())));
        }
        form.add(Resource.made(
                id + ".response",
                V2 + "IntegrationResponse",
                new Node.Members(properties, line),
                line,
                Map.of("", at)));
    }

    /// What a handshake is asked for: in a template that is said twice, here it is what the route sends.
    private static Node declared(Node.Members route) {
        Map<String, Node> declared = new LinkedHashMap<>();
        for (String place : List.of("headers", "query")) {
            if (route.at(place) instanceof Node.Members sent) {
                for (Node source : sent.members().values()) {
                    if (source instanceof Node.Text text && Expressions.isOfConnectOnly(text.text())) {
                        declared.put(
                                text.text().replace(".multivalue", "."), Node.call("Required", Node.text("false")));
                    }
                }
            }
        }
        return new Node.Members(declared, route.line());
    }

    /// What is sent beside a message to a URL: who it is from, and what it is, unless it is said otherwise.
    private Node mappings(Node.Members route, String at) {
        Map<String, Node> mappings = new LinkedHashMap<>();
        mappings.put("integration.request.header.ConnectionId", Node.text("context.connectionId"));
        mappings.put("integration.request.header.EventType", Node.text("context.eventType"));
        form.mapping(route, at + ".", "headers")
                .members()
                .forEach((name, source) -> mappings.put("integration.request.header." + name, source));
        form.mapping(route, at + ".", "query")
                .members()
                .forEach((name, source) -> mappings.put("integration.request.querystring." + name, source));
        return new Node.Members(mappings, route.line());
    }
}
