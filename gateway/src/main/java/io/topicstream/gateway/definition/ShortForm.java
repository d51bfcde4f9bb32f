package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.Api;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The project's own form of a definition: an API in about ten lines. It is made into the resources that a template
/// would have; `docs/gateway.md` has its reference. For one use.
///
/// ```yaml
/// api: chat
/// stage: dev
/// authorizer: {function: auth, identity: [header.Authorization]}
/// routes:
///   $connect: {function: connect}
///   $default: http://127.0.0.1:8080/messages
///   join: {url: http://127.0.0.1:8080/join, two_way: true}
/// functions:
///   auth: {code: ./auth, handler: index.handler, runtime: nodejs22.x}
///   connect: {code: ./connect, handler: index.handler, runtime: nodejs22.x}
/// ```
final class ShortForm {
    private static final String V2 = "AWS::ApiGatewayV2::";
    private static final Set<String> OF_API =
            Set.of("api", "id", "select", "stage", "stages", "authorizer", "routes", "domains");
    private static final Set<String> OF_FILE = Set.of("apis", "functions", "api_keys");
    private static final Set<String> OF_STAGE = Set.of("variables", "throttle", "access_log", "routes");
    private static final Set<String> OF_FUNCTION =
            Set.of("code", "inline", "handler", "runtime", "environment", "timeout_s", "memory_mb", "concurrency");
    /// What `ShortRoutes` puts into a template language of its own keeps its `${…}`.
    private static final Set<String> VERBATIM = Set.of("template", "response", "model", "inline", "mock");

    private final Path file;
    private final Node.Members root;
    private final Map<String, String> parameters;
    private final Problems problems;
    private final Map<String, Resource> resources = new LinkedHashMap<>();

    /// @param parameters what `${NAME}` stands for, and pseudo-parameters
    ShortForm(Path file, Node.Members root, Map<String, String> parameters, Problems problems) {
        this.file = file;
        this.parameters = parameters;
        this.problems = problems;
        ShortParameters given = new ShortParameters(parameters, VERBATIM);
        this.root = (Node.Members) given.put(root);
        given.unused()
                .forEach(name ->
                        error(root, "", "there is no ${" + name + "} in it that the parameter could stand for"));
    }

    /// Whether a file is of this form.
    static boolean isShort(Node root) {
        return root instanceof Node.Members members
                && !members.has("Resources")
                && (members.has("routes") || members.has("api") || members.has("apis"));
    }

    /// The template that it stands for. What is wrong is among the problems.
    Template template() {
        requireKnown(root, "", OF_API, OF_FILE);
        if (root.has("apis")) {
            mapping(root, "", "apis").members().forEach((name, node) -> {
                if (node instanceof Node.Members api) {
                    requireKnown(api, "apis." + name, OF_API, Set.of());
                    api(name, api, "apis." + name + ".");
                } else {
                    error(node, "apis." + name, "is a mapping, not " + node.kind());
                }
            });
        } else {
            String name = root.textAt("api");
            api(name.isEmpty() ? "api" : name, root, "");
        }
        mapping(root, "", "functions").members().forEach(this::function);
        // The short form is not for AWS: everything may call everything.
        add(Resource.made("permissions", "AWS::Lambda::Permission", Node.Members.NONE, 0, Map.of("", "")));
        return new Template(
                file, Node.Members.NONE, Node.Members.NONE, Node.Members.NONE, Node.Members.NONE, resources);
    }

    private void api(String name, Node.Members api, String place) {
        if (!name.matches("[A-Za-z0-9_-]{1,128}")) {
            error(api, place + "api", "is letters, digits, _ and -, 128 at most, not '" + name + "'");
            return;
        }
        Map<String, Node> properties = new LinkedHashMap<>();
        properties.put("Name", Node.text(name));
        properties.put("ProtocolType", Node.text("WEBSOCKET"));
        properties.put(
                "RouteSelectionExpression", api.has("select") ? api.at("select") : Node.text("$request.body.action"));
        Node.Members attributes = api.has("id")
                ? Node.call("Metadata", Node.call("TopicStream", Node.call("ApiId", api.at("id"))))
                : Node.Members.NONE;
        add(new Resource(
                name,
                V2 + "Api",
                new Node.Members(properties, api.line()),
                attributes,
                api.line(),
                Map.of("", place + "api", "RouteSelectionExpression", place + "select")));
        boolean isKeyed = root.has("api_keys");
        ShortRoutes routes = new ShortRoutes(this, name, place);
        routes.add(mapping(api, place, "routes"), api.at("authorizer"), isKeyed);
        List<String> stages = stages(name, api, place);
        if (isKeyed) {
            apiKeys(name, stages);
        }
        mapping(api, place, "domains").members().forEach((domain, stage) -> domain(name, domain, stage, place));
    }

    private List<String> stages(String api, Node.Members of, String place) {
        if (!of.has("stages")) {
            String name = of.has("stage") ? of.textAt("stage") : "dev";
            stage(api, name, Node.Members.NONE, of.at("stage").line(), place + "stage");
            return List.of(name);
        }
        Node.Members stages = mapping(of, place, "stages");
        stages.members().forEach((name, node) -> {
            switch (node) {
                case Node.Members stage -> stage(api, name, stage, stage.line(), place + "stages." + name);
                case Node.Nothing nothing ->
                    stage(api, name, Node.Members.NONE, nothing.line(), place + "stages." + name);
                case Node.Text _, Node.Items _ ->
                    error(node, place + "stages." + name, "is a mapping, not " + node.kind());
            }
        });
        return List.copyOf(stages.members().keySet());
    }

    private void stage(String api, String name, Node.Members stage, int line, String place) {
        requireKnown(stage, place, OF_STAGE, Set.of());
        Map<String, Node> properties = new LinkedHashMap<>();
        properties.put("ApiId", ref(api));
        properties.put("StageName", Node.text(name));
        properties.put("AutoDeploy", Node.text("true"));
        if (stage.has("variables")) {
            properties.put("StageVariables", stage.at("variables"));
        }
        if (stage.has("throttle")) {
            properties.put("DefaultRouteSettings", throttle(stage.at("throttle"), place + ".throttle"));
        }
        if (stage.has("routes")) {
            Map<String, Node> settings = new LinkedHashMap<>();
            mapping(stage, place + ".", "routes")
                    .members()
                    .forEach((key, value) -> settings.put(key, throttle(value, place + ".routes." + key)));
            properties.put(
                    "RouteSettings",
                    new Node.Members(settings, stage.at("routes").line()));
        }
        if (stage.has("access_log")) {
            properties.put(
                    "AccessLogSettings",
                    new Node.Members(
                            Map.of(
                                    "Format",
                                    stage.at("access_log"),
                                    "DestinationArn",
                                    Node.call(
                                            "Fn::Sub",
                                            Node.text(
                                                    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
                                                            + api))),
                            stage.at("access_log").line()));
        }
        add(Resource.made(
                api + "." + place,
                V2 + "Stage",
                new Node.Members(properties, line),
                line,
                Map.of(
                        "", place,
                        "StageVariables", place + ".variables",
                        "DefaultRouteSettings", place + ".throttle",
                        "RouteSettings", place + ".routes",
                        "AccessLogSettings", place + ".access_log",
                        "StageName", place)));
    }

    private Node throttle(Node node, String place) {
        Map<String, Node> settings = new LinkedHashMap<>();
        if (node instanceof Node.Members throttle) {
            requireKnown(throttle, place, Set.of("rate", "burst"), Set.of());
            if (throttle.has("rate")) {
                settings.put("ThrottlingRateLimit", throttle.at("rate"));
            }
            if (throttle.has("burst")) {
                settings.put("ThrottlingBurstLimit", throttle.at("burst"));
            }
        }
        if (settings.isEmpty()) {
            error(node, place, "is {rate: events a second, burst: events at once}");
        }
        return new Node.Members(settings, node.line());
    }

    private void apiKeys(String api, List<String> stages) {
        List<Node> covered = new ArrayList<>();
        for (String stage : stages) {
            covered.add(new Node.Members(Map.of("ApiId", ref(api), "Stage", Node.text(stage)), 0));
        }
        Node.Members keys = mapping(root, "", "api_keys");
        String plan = api + ".api_keys";
        add(Resource.made(
                plan,
                "AWS::ApiGateway::UsagePlan",
                new Node.Members(
                        Map.of("UsagePlanName", Node.text(api), "ApiStages", new Node.Items(covered, 0)), keys.line()),
                keys.line(),
                Map.of("", "api_keys")));
        keys.members().forEach((name, value) -> {
            String place = "api_keys." + name;
            resources.putIfAbsent(
                    place,
                    Resource.made(
                            place,
                            "AWS::ApiGateway::ApiKey",
                            new Node.Members(Map.of("Value", value, "Enabled", Node.text("true")), value.line()),
                            value.line(),
                            Map.of("", place, "Value", place)));
            add(Resource.made(
                    api + "." + place,
                    "AWS::ApiGateway::UsagePlanKey",
                    new Node.Members(
                            Map.of("KeyId", ref(place), "KeyType", Node.text("API_KEY"), "UsagePlanId", ref(plan)),
                            value.line()),
                    value.line(),
                    Map.of("", place)));
        });
    }

    private void domain(String api, String domain, Node stage, String place) {
        int slash = domain.indexOf('/');
        String host = slash < 0 ? domain : domain.substring(0, slash);
        String id = place + "domains." + domain;
        resources.putIfAbsent(
                "domain." + host,
                Resource.made(
                        "domain." + host,
                        V2 + "DomainName",
                        new Node.Members(Map.of("DomainName", Node.text(host)), stage.line()),
                        stage.line(),
                        Map.of("", id)));
        add(Resource.made(
                api + "." + id,
                V2 + "ApiMapping",
                new Node.Members(
                        Map.of(
                                "ApiId", ref(api),
                                "DomainName", Node.text(host),
                                "ApiMappingKey", Node.text(slash < 0 ? "" : domain.substring(slash + 1)),
                                "Stage", stage),
                        stage.line()),
                stage.line(),
                Map.of("", id, "Stage", id, "ApiMappingKey", id)));
    }

    private void function(String name, Node node) {
        String place = "functions." + name;
        if (!(node instanceof Node.Members function)) {
            error(node, place, "is a mapping with code, handler and runtime, not " + node.kind());
            return;
        }
        requireKnown(function, place, OF_FUNCTION, Set.of());
        Map<String, Node> properties = new LinkedHashMap<>();
        Map<String, String> places = new HashMap<>(Map.of("", place));
        properties.put("FunctionName", Node.text(name));
        places.put("Environment.Variables", place + ".environment");
        Map<String, String> names = Map.of(
                "handler", "Handler",
                "runtime", "Runtime",
                "timeout_s", "Timeout",
                "memory_mb", "MemorySize",
                "concurrency", "ReservedConcurrentExecutions");
        names.forEach((ours, theirs) -> {
            places.put(theirs, place + "." + ours);
            if (function.has(ours)) {
                properties.put(theirs, function.at(ours));
            }
        });
        if (function.has("environment")) {
            properties.put("Environment", Node.call("Variables", function.at("environment")));
        }
        places.put("Code", place + ".code");
        properties.put(
                "Code",
                function.has("inline")
                        ? Node.call("ZipFile", function.at("inline"))
                        : function.has("code") ? function.at("code") : new Node.Text(".", false, function.line()));
        add(Resource.made(
                place,
                "AWS::Lambda::Function",
                new Node.Members(properties, function.line()),
                function.line(),
                places));
    }

    /// The URI by which a function is invoked, by its name or its ARN.
    Node functionUri(String name, int line) {
        if (!name.startsWith("arn:") && !name.matches("[A-Za-z0-9_:$.{}-]{1,170}")) {
            throw new Wrong(line, "'" + name + "' is no name of a function");
        }
        Node arn = name.startsWith("arn:")
                ? Node.text(name)
                : Node.call(
                        "Fn::Sub",
                        Node.items(
                                Node.text(
                                        "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Name}"),
                                Node.call("Name", Node.text(name))));
        return Serverless.invocationUri(arn);
    }

    void add(Resource resource) {
        if (resources.putIfAbsent(resource.id(), resource) != null) {
            problems.error(file, resource.line(), resource.place(), "stands here a second time");
        }
    }

    void error(Node at, String place, String text) {
        problems.error(file, at.line(), place, text);
    }

    void requireKnown(Node.Members members, String place, Set<String> known, Set<String> more) {
        members.members().forEach((name, value) -> {
            if (!known.contains(name) && !more.contains(name)) {
                List<String> all = new ArrayList<>(known);
                all.addAll(more);
                error(
                        value,
                        place.isEmpty() ? name : place + "." + name,
                        "is unknown" + Spelling.didYouMean(name, all));
            }
        });
    }

    /// The members at a name, or none; anything else that stands there is an error.
    Node.Members mapping(Node.Members of, String place, String name) {
        return switch (of.at(name)) {
            case Node.Members members -> members;
            case Node.Nothing _ -> Node.Members.NONE;
            case Node.Text text -> {
                error(text, place + name, "is a mapping, not a text");
                yield Node.Members.NONE;
            }
            case Node.Items list -> {
                error(list, place + name, "is a mapping, not a list");
                yield Node.Members.NONE;
            }
        };
    }

    /// Pseudo-parameters among the parameters.
    Map<String, String> pseudoParameters() {
        Map<String, String> pseudo = new HashMap<>(parameters);
        pseudo.keySet().retainAll(Account.GIVEN);
        return pseudo;
    }

    static Node ref(String id) {
        return Node.call("Ref", Node.text(id));
    }

    /// The key of the route that lets connections in.
    static boolean isConnect(String key) {
        return key.equals(Api.CONNECT);
    }

    /// The text that a node is, or null for another node.
    static @Nullable String textOf(Node node) {
        return node instanceof Node.Text text ? text.text() : null;
    }
}
