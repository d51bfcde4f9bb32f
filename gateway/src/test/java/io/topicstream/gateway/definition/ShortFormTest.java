package io.topicstream.gateway.definition;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Definition.Finding;
import io.topicstream.gateway.model.DomainMapping;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.LocalFunction;
import io.topicstream.gateway.model.Route;
import io.topicstream.gateway.model.Stage;
import io.topicstream.gateway.model.UsagePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The short form: what each of its words makes, and what is refused in it.
class ShortFormTest {
    @TempDir
    private Path folder;

    private Definition read(String text, Map<String, String> parameters) throws DefinitionException, IOException {
        return Definitions.read(Files.writeString(folder.resolve("api.yaml"), text), parameters);
    }

    private Api api(String text) throws DefinitionException, IOException {
        return read(text, Map.of()).apis().getFirst();
    }

    private static Route route(Api api, String key) {
        @Nullable Route route = api.routes().get(key);
        return Objects.requireNonNull(route);
    }

    private static Integration integration(Api api, String key) {
        return Objects.requireNonNull(route(api, key).integration());
    }

    private static Stage stage(Api api, String name) {
        @Nullable Stage stage = api.stages().get(name);
        return Objects.requireNonNull(stage);
    }

    @Test
    void oneLineIsEnough() throws Exception {
        Definition definition = read("routes: {$default: http://localhost:8080/}", Map.of());

        Api api = definition.apis().getFirst();
        assertThat(api.name()).isEqualTo("api");
        assertThat(api.routeSelectionExpression()).isEqualTo("$request.body.action");
        assertThat(api.stages()).containsOnlyKeys("dev");
        assertThat(api.routes()).containsOnlyKeys("$default");
        assertThat(definition.findings()).isEmpty();
    }

    @Test
    void backEndsOfAllKinds() throws Exception {
        Api api = api("""
                select: $request.body.kind
                routes:
                  a: {url: "https://example.com/${stageVariables.v}", method: PUT, query: {k: context.stage}}
                  b: {url: http://example.com, template: "${x} $input.body", response: "<$input.body>", two_way: true}
                  c: {function: arn:aws:lambda:eu-west-1:1:function:f:live}
                  d: {function: g, template: "{}"}
                  e: {mock: {pong: true}}
                """);

        assertThat(api.routeSelectionExpression()).isEqualTo("$request.body.kind");
        assertThat(integration(api, "a").uri()).isEqualTo("https://example.com/${stageVariables.v}");
        assertThat(integration(api, "a").method()).isEqualTo("PUT");
        assertThat(integration(api, "a").requestParameters())
                .containsEntry("integration.request.querystring.k", "context.stage");
        assertThat(integration(api, "b").type()).isEqualTo(Integration.Type.HTTP);
        assertThat(integration(api, "b").requestTemplates()).containsExactly(Map.entry("$default", "${x} $input.body"));
        assertThat(integration(api, "b").templateSelectionExpression()).isEqualTo("\\$default");
        assertThat(Objects.requireNonNull(integration(api, "b").responses().get("$default"))
                        .templates())
                .containsExactly(Map.entry("$default", "<$input.body>"));
        assertThat(integration(api, "c").uri())
                .isEqualTo("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
                        + "arn:aws:lambda:eu-west-1:1:function:f:live/invocations");
        assertThat(integration(api, "d").type()).isEqualTo(Integration.Type.AWS);
        assertThat(integration(api, "e").type()).isEqualTo(Integration.Type.MOCK);
        assertThat(integration(api, "e").requestTemplates())
                .containsExactly(Map.entry("$default", "{\"statusCode\": 200}"));
        assertThat(Objects.requireNonNull(integration(api, "e").responses().get("$default"))
                        .templates())
                .containsExactly(Map.entry("$default", "{\"pong\":true}"));
        assertThat(route(api, "e").twoWay()).isTrue();
        assertThat(route(api, "a").twoWay()).isFalse();
    }

    @Test
    void whatConnectSendsOfAHandshakeIsDeclaredByThat() throws Exception {
        Definition definition = read("""
                routes:
                  $default: http://localhost/
                  $connect:
                    url: http://localhost/
                    headers: {Language: route.request.header.Accept-Language, Stage: context.stage}
                    query: {who: route.request.querystring.clientId, all: route.request.multivaluequerystring.tag}
                """, Map.of());

        assertThat(definition.findings()).isEmpty();
        assertThat(route(definition.apis().getFirst(), "$connect").requestParameters())
                .isEqualTo(Map.of(
                        "route.request.header.Accept-Language", false,
                        "route.request.querystring.clientId", false,
                        "route.request.querystring.tag", false));
    }

    @Test
    void stagesWithVariablesThrottlesAndLogs() throws Exception {
        Definition definition = read("""
                routes: {join: http://localhost/}
                stages:
                  dev:
                  prod:
                    variables: {colour: blue}
                    throttle: {rate: 10.5, burst: 20}
                    routes: {join: {rate: 1, burst: 1}}
                    access_log: $context.requestId $context.eventType
                """, Map.of());

        Api api = definition.apis().getFirst();
        assertThat(api.stages()).containsOnlyKeys("dev", "prod");
        assertThat(stage(api, "prod").variables()).containsExactly(Map.entry("colour", "blue"));
        assertThat(stage(api, "prod").defaults().throttlingRate()).isEqualTo(10.5);
        assertThat(stage(api, "prod").defaults().throttlingBurst()).isEqualTo(20);
        assertThat(Objects.requireNonNull(stage(api, "prod").routeSettings().get("join"))
                        .throttlingRate())
                .isEqualTo(1);
        assertThat(stage(api, "prod").accessLogFormat()).isEqualTo("$context.requestId $context.eventType");
        assertThat(definition.findings()).isEmpty();
    }

    @Test
    void whoMayConnectMayDoSoWithoutARouteForIt() throws Exception {
        Api open = api("routes: {$default: f}");
        Api signed = api("authorizer: iam\nroutes: {$default: f}");
        Api asked = api("authorizer: auth\nroutes: {$default: f}");

        assertThat(open.routes()).containsOnlyKeys("$default");
        assertThat(integration(signed, "$connect").type()).isEqualTo(Integration.Type.MOCK);
        assertThat(route(signed, "$connect").authorization()).isEqualTo(new Authorization.Iam());
        assertThat(route(asked, "$connect").authorization())
                .isInstanceOfSatisfying(
                        Authorization.ByFunction.class,
                        by -> assertThat(by.authorizer().identitySources()).isEmpty());
    }

    @Test
    void keysAreInAPlanForAllStages() throws Exception {
        Definition definition = read(
                "api_keys: {ada: \"${KEY}\"}\nroutes: {$default: f}\nstages: {dev: , prod: }",
                Map.of("KEY", "0123456789abcdef0123"));

        Api api = definition.apis().getFirst();
        assertThat(route(api, "$connect").apiKeyRequired()).isTrue();
        UsagePlan plan = definition.usagePlans().getFirst();
        assertThat(plan.keys().values()).containsExactly("0123456789abcdef0123");
        assertThat(plan.stages()).containsExactly(Map.entry(api.id(), Set.of("dev", "prod")));
        assertThat(definition.findings()).isEmpty();
    }

    @Test
    void severalApisAndTheirDomains() throws Exception {
        Definition definition = read("""
                apis:
                  chat: {id: chatchat01, routes: {$default: f}, domains: {Chat.Example.com/dev: dev}}
                  feed: {routes: {$default: f}, stage: v1}
                functions: {f: {code: ., handler: a.b, runtime: python3.13, environment: {A: 1}, timeout_s: 5}}
                """, Map.of("AWS::Region", "eu-west-1"));

        assertThat(definition.apis()).extracting(Api::name).containsExactly("chat", "feed");
        assertThat(definition.apis().getFirst().id()).isEqualTo("chatchat01");
        assertThat(definition.apis().getFirst().mappings())
                .containsExactly(new DomainMapping("chat.example.com", "dev", "dev"));
        assertThat(integration(definition.apis().getLast(), "$default").uri())
                .contains(":eu-west-1:123456789012:function:f/");
        assertThat(definition.functions())
                .containsExactly(new LocalFunction(
                        "f", "python3.13", "a.b", folder, null, Map.of("A", "1"), 5, 128, null, List.of()));
    }

    @Test
    void aModelChecksMessages() throws Exception {
        Api api = api("routes: {join: {function: f, model: {type: object, required: [room]}}}");

        Route join = route(api, "join");
        assertThat(join.modelSelectionExpression()).isEqualTo("\\$default");
        String name = Objects.requireNonNull(join.requestModels().get("$default"));
        assertThat(Objects.requireNonNull(api.models().get(name)).schema())
                .isEqualTo("{\"type\":\"object\",\"required\":[\"room\"]}");
    }

    @Test
    void parametersStandInTexts() throws Exception {
        Definition definition =
                read("routes: {$default: \"http://${HOST}:8080/$${X}/${stageVariables.y}\"}", Map.of("HOST", "back"));

        assertThat(integration(definition.apis().getFirst(), "$default").uri())
                .isEqualTo("http://back:8080/${X}/${stageVariables.y}");
    }

    private void assertError(String text, Map<String, String> parameters, String place, String part)
            throws IOException {
        List<Finding> errors = List.of();
        try {
            read(text, parameters);
        } catch (DefinitionException e) {
            errors = e.findings();
        }
        assertThat(errors).anySatisfy(error -> {
            assertThat(error.place()).isEqualTo(place);
            assertThat(error.text()).contains(part);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {api: a b, routes: {a: f}}                                    | api                         | is letters, digits
            {api: a, rout: {a: f}}                                        | rout                        | is unknown; did you mean routes?
            {api: a}                                                      | routes                      | is missing
            {routes: [a]}                                                 | routes                      | is a mapping, not a list
            {routes: {a: }}                                               | routes.a                    | is a URL, the name of a function or a mapping, not nothing
            {routes: {a: {}}}                                             | routes.a                    | has one of url, function, mock
            {routes: {a: {url: "http://x", function: f}}}                 | routes.a                    | has one of url
            {routes: {a: {url: "file:///x"}}}                             | routes.a.url                | is a URL that begins with http
            {routes: {a: {url: "http://x", timeout_ms: 49}}}              | routes.a.timeout_ms         | is a whole number from 50 to 29000
            {routes: {a: {url: "http://x", method: FETCH}}}               | routes.a.method             | is POST, GET
            {routes: {a: {url: "http://x", headers: {A: body}}}}          | routes.a.headers.A          | is no source of a mapping
            {routes: {a: {url: "http://x", two_way: perhaps}}}            | routes.a.two_way            | is true or false
            {routes: {a: {function: f, headers: {A: "'b'"}}}}             | routes.a.headers            | goes with url
            {routes: {a: {function: "f g"}}}                              | routes.a.function           | is no name of a function
            {routes: {a: {fnction: f}}}                                   | routes.a.fnction            | did you mean function?
            {routes: {a: {function: f, model: 7}}}                        | routes.a.model              | is no JSON schema
            {routes: {a: f}, authorizer: {function: f, identity: [$request.header.A]}} | authorizer.identity | Invalid request identity source expression
            {routes: {a: f}, authorizer: {identity: [header.A]}}          | authorizer.function         | is missing
            {routes: {a: f}, authorizer: [f]}                             | authorizer                  | is iam, a function, or
            {routes: {a: f}, stage: "a b"}                                | stage                       | is letters, digits
            {routes: {a: f}, stages: {dev: {throttle: {rat: 1}}}}         | stages.dev.throttle.rat     | did you mean rate?
            {routes: {a: f}, stages: {dev: {throttle: {rate: x}}}}        | stages.dev.throttle.ThrottlingRateLimit | is a number from 0
            {routes: {a: f}, stages: {dev: {variables: {a-b: c}}}}        | stages.dev.variables.a-b    | letters, digits and _
            {routes: {a: f}, stages: {dev: {routes: {b: {rate: 1}}}}}     | stages.dev.routes.b         | there is no route with the key b
            {routes: {a: f}, domains: {d: prod}}                          | domains.d                   | there is no stage 'prod'
            {routes: {a: f}, functions: {f: {handler: a.b, runtime: r, timeout_s: 901}}} | functions.f.timeout_s | from 1 to 900
            {routes: {a: f}, functions: {f: {runtime: r}}}                | functions.f.handler         | is missing
            {routes: {a: f}, functions: {f: a}}                           | functions.f                 | is a mapping with code
            {routes: {a: f}, api_keys: {ada: short}}                      | api_keys.ada                | has 20 to 128 characters
            {routes: {a: "http://${HOST}/"}}                              |                             | the parameter HOST has no value
            {apis: {a: f}}                                                | apis.a                      | is a mapping, not a text
            {id: short, routes: {a: f}}                                   | api                         | ten lower-case letters and digits
            {select: $request.header.a, routes: {a: f}}                   | select                      | not of the message's body
            """)
    void whatIsWrong(String text, @Nullable String place, String part) throws Exception {
        assertError(text, Map.of(), place == null ? "" : place, part);
    }

    @Test
    void aParameterThatNobodyAskedFor() throws Exception {
        assertError("routes: {a: f}", Map.of("HOST", "x"), "", "there is no ${HOST} in it");
    }
}
