package io.topicstream.gateway.definition;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What SAM makes of its own types: a function gets what `Globals` says of functions, and an
/// `AWS::Serverless::WebSocketApi` becomes an API with a route and an integration for each of its routes, an
/// authorizer,
/// a stage, and a domain with its mappings. Their logical ids are those that SAM gives.
final class Serverless {
    static final String WEB_SOCKET_API = "AWS::Serverless::WebSocketApi";
    static final String FUNCTION = "AWS::Serverless::Function";

    private static final String V2 = "AWS::ApiGatewayV2::";
    private static final Set<String> OF_API = Set.of(
            "ApiKeySelectionExpression",
            "Description",
            "DisableExecuteApiEndpoint",
            "DisableSchemaValidation",
            "IpAddressType",
            "RouteSelectionExpression");
    private static final Set<String> OF_STAGE =
            Set.of("AccessLogSettings", "DefaultRouteSettings", "RouteSettings", "StageVariables");
    private static final Set<String> OTHERS =
            Set.of("Auth", "Domain", "Name", "PropagateTags", "Routes", "StageName", "Tags");
    private static final Set<String> OF_ROUTE = Set.of(
            "ApiKeyRequired",
            "ModelSelectionExpression",
            "OperationName",
            "RequestModels",
            "RequestParameters",
            "RouteResponseSelectionExpression");
    private static final Set<String> OF_DOMAIN = Set.of(
            "BasePath",
            "CertificateArn",
            "DomainName",
            "EndpointConfiguration",
            "IpAddressType",
            "OwnershipVerificationCertificateArn",
            "Route53",
            "SecurityPolicy");
    private static final Set<String> SPECIAL = Set.of("$connect", "$disconnect", "$default");
    private static final Set<String> GLOBAL_KINDS = Set.of(
            "Api",
            "CapacityProvider",
            "Function",
            "HttpApi",
            "LayerVersion",
            "SimpleTable",
            "StateMachine",
            "WebSocketApi");

    private final Node.Members globals;

    /// @param globals the section of a template
    /// @throws Wrong if it holds what SAM does not know
    Serverless(Node.Members globals) {
        this.globals = globals;
        globals.members().forEach((kind, value) -> {
            if (!GLOBAL_KINDS.contains(kind)) {
                throw new Wrong(
                        value.line(),
                        "Globals." + kind + " is unknown to SAM" + Spelling.didYouMean(kind, GLOBAL_KINDS));
            }
        });
    }

    /// What SAM makes of a resource; another type stays as it is.
    ///
    /// @throws Wrong where SAM refuses it
    List<Resource> expand(Resource resource) {
        return switch (resource.type()) {
            case FUNCTION -> List.of(resource.with(withGlobals("Function", resource)));
            case WEB_SOCKET_API -> new Expansion(resource.with(withGlobals("WebSocketApi", resource))).all();
            default -> List.of(resource);
        };
    }

    private Node.Members withGlobals(String kind, Resource resource) {
        return (Node.Members) Node.merged(globals.membersAt(kind), resource.properties());
    }

    /// The making of one API's resources.
    private static final class Expansion {
        private final Resource api;
        private final List<Resource> made = new ArrayList<>();

        Expansion(Resource api) {
            this.api = api;
        }

        List<Resource> all() {
            Node.Members properties = api.properties();
            properties.members().forEach((name, value) -> {
                Set<String> known = new java.util.TreeSet<>(OTHERS);
                known.addAll(OF_API);
                known.addAll(OF_STAGE);
                if (!known.contains(name)) {
                    throw wrong(
                            value, name, "is not a property of " + WEB_SOCKET_API + Spelling.didYouMean(name, known));
                }
            });
            if (!(properties.at("Routes") instanceof Node.Members routes)
                    || routes.members().isEmpty()) {
                throw wrong(properties.at("Routes"), "Routes", "a WebSocket API must have at least one route");
            }
            if (properties.at("RouteSelectionExpression") instanceof Node.Nothing) {
                throw wrong(properties, "RouteSelectionExpression", "is missing");
            }
            Map<String, Node> ofApi = chosen(OF_API);
            ofApi.put("Name", properties.has("Name") ? properties.at("Name") : Node.text(api.id()));
            ofApi.put("ProtocolType", Node.text("WEBSOCKET"));
            made.add(new Resource(
                    api.id(), V2 + "Api", new Node.Members(ofApi, api.line()), api.attributes(), api.line(), Map.of()));
            routes.members().forEach(this::route);
            authorization(routes);
            domain();
            stage();
            return made;
        }

        private void route(String key, Node node) {
            String place = "Routes." + key;
            if (!SPECIAL.contains(key) && !key.matches("[A-Za-z0-9]+")) {
                throw wrong(
                        node,
                        place,
                        "a route's key has letters and digits only in SAM, or is $connect, $disconnect or $default");
            }
            if (!(node instanceof Node.Members route) || route.at("FunctionArn") instanceof Node.Nothing) {
                throw wrong(node, place, "has no FunctionArn");
            }
            if (route.has("RequestParameters") && !key.equals("$connect")) {
                throw wrong(node, place + ".RequestParameters", "only $connect has RequestParameters");
            }
            Map<String, String> places = new HashMap<>();
            places.put("", api.id() + ".Properties." + place);
            Map<String, Node> ofRoute = new LinkedHashMap<>();
            route.members().forEach((name, value) -> {
                places.put(name, api.id() + ".Properties." + place + "." + name);
                if (OF_ROUTE.contains(name)) {
                    ofRoute.put(name, value);
                } else if (!name.equals("FunctionArn") && !name.equals("IntegrationTimeout")) {
                    throw wrong(
                            value,
                            place + "." + name,
                            "is not a property of a route" + Spelling.didYouMean(name, OF_ROUTE));
                }
            });
            String base = api.id() + capitalized(key.replace("$", ""));
            ofRoute.put("ApiId", ref(api.id()));
            ofRoute.put("RouteKey", Node.text(key));
            ofRoute.put(
                    "Target",
                    Node.call(
                            "Fn::Join",
                            Node.items(
                                    Node.text("/"), Node.items(Node.text("integrations"), ref(base + "Integration")))));
            if (key.equals("$connect") && api.properties().at("Auth") instanceof Node.Members auth) {
                ofRoute.put("AuthorizationType", auth.at("AuthType"));
                if (auth.textAt("AuthType").equals("CUSTOM")) {
                    ofRoute.put("AuthorizerId", ref(api.id() + "ConnectAuthorizer"));
                }
            }
            add(base + "Route", "Route", ofRoute, node.line(), places);
            Map<String, Node> ofIntegration = new LinkedHashMap<>();
            ofIntegration.put("ApiId", ref(api.id()));
            ofIntegration.put("IntegrationType", Node.text("AWS_PROXY"));
            ofIntegration.put("IntegrationUri", invocationUri(route.at("FunctionArn")));
            if (route.has("IntegrationTimeout")) {
                ofIntegration.put("TimeoutInMillis", route.at("IntegrationTimeout"));
            }
            add(
                    base + "Integration",
                    "Integration",
                    ofIntegration,
                    node.line(),
                    Map.of(
                            "", places.getOrDefault("", ""),
                            "IntegrationUri", api.id() + ".Properties." + place + ".FunctionArn",
                            "TimeoutInMillis", api.id() + ".Properties." + place + ".IntegrationTimeout"));
            permission(base + "Permission", route.at("FunctionArn"), node.line());
        }

        /// API Gateway may invoke what it is told to.
        private void permission(String id, Node functionArn, int line) {
            Map<String, Node> properties = Map.of(
                    "Action", Node.text("lambda:InvokeFunction"),
                    "FunctionName", functionArn,
                    "Principal", Node.text("apigateway.amazonaws.com"));
            made.add(Resource.made(
                    id, "AWS::Lambda::Permission", new Node.Members(properties, line), line, Map.of("", api.id())));
        }

        private void authorization(Node.Members routes) {
            if (!(api.properties().at("Auth") instanceof Node.Members auth)) {
                return;
            }
            if (!routes.has("$connect")) {
                throw wrong(auth, "Auth", "there must be a $connect route where there is Auth");
            }
            Set<String> known = Set.of("AuthType", "AuthArn", "IdentitySource", "InvokeRole", "Name");
            auth.members().forEach((name, value) -> {
                if (!known.contains(name)) {
                    throw wrong(value, "Auth." + name, "is not a property of Auth" + Spelling.didYouMean(name, known));
                }
            });
            String type = auth.textAt("AuthType");
            switch (type) {
                case "CUSTOM" -> {
                    if (auth.at("AuthArn") instanceof Node.Nothing) {
                        throw wrong(auth, "Auth.AuthArn", "is missing; CUSTOM needs it");
                    }
                    Map<String, Node> properties = new LinkedHashMap<>();
                    properties.put("ApiId", ref(api.id()));
                    properties.put("AuthorizerType", Node.text("REQUEST"));
                    properties.put("AuthorizerUri", invocationUri(auth.at("AuthArn")));
                    properties.put(
                            "Name", auth.has("Name") ? auth.at("Name") : Node.text(api.id() + "ConnectAuthorizer"));
                    if (auth.has("IdentitySource")) {
                        properties.put("IdentitySource", auth.at("IdentitySource"));
                    }
                    if (!auth.has("InvokeRole")) {
                        permission(api.id() + "ConnectAuthorizerPermission", auth.at("AuthArn"), auth.line());
                    }
                    String place = api.id() + ".Properties.Auth";
                    add(
                            api.id() + "ConnectAuthorizer",
                            "Authorizer",
                            properties,
                            auth.line(),
                            Map.of(
                                    "", place,
                                    "AuthorizerUri", place + ".AuthArn",
                                    "IdentitySource", place + ".IdentitySource"));
                }
                case "AWS_IAM", "NONE" -> {
                    if (auth.members().size() > 1) {
                        throw wrong(auth, "Auth", "there is nothing more to say where AuthType is " + type);
                    }
                }
                default -> throw wrong(auth, "Auth.AuthType", "is CUSTOM, AWS_IAM or NONE, not '" + type + "'");
            }
        }

        private void stage() {
            Map<String, Node> ofStage = chosen(OF_STAGE);
            Node name = api.properties().has("StageName") ? api.properties().at("StageName") : Node.text("default");
            if (name instanceof Node.Text text && text.text().equals("$default")) {
                throw wrong(name, "StageName", "a stage of a WebSocket API cannot be named $default");
            }
            ofStage.put("ApiId", ref(api.id()));
            ofStage.put("StageName", name);
            ofStage.put("AutoDeploy", Node.text("true"));
            String middle =
                    name instanceof Node.Text text ? (text.text().equals("default") ? "Default" : text.text()) : "";
            Map<String, String> places = new HashMap<>(Map.of("", api.id()));
            places.put("StageName", api.id() + ".Properties.StageName");
            OF_STAGE.forEach(property -> places.put(property, api.id() + ".Properties." + property));
            add(api.id() + middle + "Stage", "Stage", ofStage, api.line(), places);
        }

        private void domain() {
            if (!(api.properties().at("Domain") instanceof Node.Members domain)) {
                return;
            }
            domain.members().forEach((name, value) -> {
                if (name.equals("MutualTlsAuthentication")) {
                    throw wrong(value, "Domain." + name, "a WebSocket API has no mutual TLS");
                }
                if (!OF_DOMAIN.contains(name)) {
                    throw wrong(
                            value,
                            "Domain." + name,
                            "is not a property of Domain" + Spelling.didYouMean(name, OF_DOMAIN));
                }
            });
            String place = api.id() + ".Properties.Domain";
            String id = "ApiGatewayDomainNameV2" + api.id();
            add(
                    id,
                    "DomainName",
                    Map.of("DomainName", domain.at("DomainName")),
                    domain.line(),
                    Map.of("", place, "DomainName", place + ".DomainName"));
            List<Node> paths = switch (domain.at("BasePath")) {
                case Node.Items several -> several.items();
                case Node.Text one -> List.of(one);
                case Node.Members call -> List.of(call);
                case Node.Nothing _ -> List.of(Node.text(""));
            };
            Node stageName =
                    api.properties().has("StageName") ? api.properties().at("StageName") : Node.text("default");
            int number = 0;
            for (Node path : paths) {
                Node key = path instanceof Node.Text text && text.text().equals("/") ? Node.text("") : path;
                add(
                        api.id() + "ApiMapping" + (number++ == 0 ? "" : number),
                        "ApiMapping",
                        Map.of("ApiId", ref(api.id()), "DomainName", ref(id), "Stage", stageName, "ApiMappingKey", key),
                        domain.line(),
                        Map.of("", place, "ApiMappingKey", place + ".BasePath"));
            }
        }

        private void add(String id, String kind, Map<String, Node> properties, int line, Map<String, String> places) {
            Node.Members attributes = api.attributes().has("Condition")
                    ? new Node.Members(Map.of("Condition", api.attributes().at("Condition")), line)
                    : Node.Members.NONE;
            made.add(new Resource(id, V2 + kind, new Node.Members(properties, line), attributes, line, places));
        }

        private Map<String, Node> chosen(Set<String> names) {
            Map<String, Node> some = new LinkedHashMap<>();
            api.properties().members().forEach((name, value) -> {
                if (names.contains(name)) {
                    some.put(name, value);
                }
            });
            return some;
        }

        private static Wrong wrong(Node at, String property, String text) {
            return new Wrong(at.line(), "Properties." + property, text);
        }
    }

    /// The URI by which an integration invokes a function.
    static Node invocationUri(Node functionArn) {
        return Node.call(
                "Fn::Sub",
                Node.items(
                        Node.text("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
                                + "${FunctionArn}/invocations"),
                        Node.call("FunctionArn", functionArn)));
    }

    private static Node ref(String id) {
        return Node.call("Ref", Node.text(id));
    }

    /// As Python's `capitalize`: the first letter large, all others small.
    private static String capitalized(String key) {
        return key.isEmpty()
                ? key
                : key.substring(0, 1).toUpperCase(java.util.Locale.ROOT)
                        + key.substring(1).toLowerCase(java.util.Locale.ROOT);
    }
}
