package io.topicstream.gateway.definition;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Authorizer;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Definition.Finding;
import io.topicstream.gateway.model.DomainMapping;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.LocalFunction;
import io.topicstream.gateway.model.Route;
import io.topicstream.gateway.model.Stage;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Whole templates as tools and people write them.
class TemplatesTest {
    private static final String FUNCTIONS = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/";

    static Path file(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(TemplatesTest.class.getResource("/definitions/" + name))
                .toURI());
    }

    private static Definition read(String name) throws Exception {
        return Definitions.read(file(name), Map.of());
    }

    private static Integration integration(Api api, String key) {
        return Objects.requireNonNull(route(api, key).integration());
    }

    private static Route route(Api api, String key) {
        @Nullable Route route = api.routes().get(key);
        return Objects.requireNonNull(route);
    }

    private static LocalFunction function(Definition definition, String name) {
        return definition.functions().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @DisplayName("137: a chat of three functions in raw CloudFormation and SAM has its three routes")
    void rawTemplate() throws Exception {
        Definition definition = read("raw/template.yaml");

        Api api = definition.apis().getFirst();
        assertThat(definition.apis()).hasSize(1);
        assertThat(api.id()).matches("[a-z0-9]{10}");
        assertThat(api.name()).isEqualTo("Chat");
        assertThat(api.routeSelectionExpression()).isEqualTo("$request.body.action");
        assertThat(api.apiKeySelectionExpression()).isEqualTo("$request.header.x-api-key");
        assertThat(api.routes()).containsOnlyKeys("$connect", "$disconnect", "sendmessage");
        assertThat(api.stages()).containsOnlyKeys("Prod");
        assertThat(definition.findings()).isEmpty();
        assertThat(definition.files()).containsExactly(file("raw/template.yaml"));
    }

    @Test
    @DisplayName("139: a Target by Join, by Sub and in long form leads to its integration")
    void targets() throws Exception {
        Api api = read("raw/template.yaml").apis().getFirst();

        String arn = "arn:aws:lambda:us-east-1:123456789012:function:";
        assertThat(integration(api, "$connect").uri()).isEqualTo(FUNCTIONS + arn + "OnConnect/invocations");
        assertThat(integration(api, "$disconnect").uri()).isEqualTo(FUNCTIONS + arn + "OnDisconnect/invocations");
        assertThat(integration(api, "sendmessage").uri()).isEqualTo(FUNCTIONS + arn + "send-raw/invocations");
        assertThat(integration(api, "sendmessage").timeoutMs()).isEqualTo(10_000);
        assertThat(integration(api, "$connect").timeoutMs()).isEqualTo(29_000);
    }

    @Test
    void aStageHasItsLimitsByMappingsAndConditions() throws Exception {
        Stage prod = read("raw/template.yaml").apis().getFirst().stages().get("Prod");
        Stage dev = Definitions.read(file("raw/template.yaml"), Map.of("Stage", "Dev"))
                .apis()
                .getFirst()
                .stages()
                .get("Dev");

        assertThat(Objects.requireNonNull(prod).defaults().throttlingRate()).isEqualTo(100.0);
        assertThat(prod.defaults().throttlingBurst()).isEqualTo(50);
        assertThat(Objects.requireNonNull(dev).defaults().throttlingRate()).isEqualTo(10.0);
        assertThat(dev.defaults().throttlingBurst()).isEqualTo(5);
    }

    @Test
    void functionsAreFoundBesideTheTemplate() throws Exception {
        Definition definition = read("raw/template.yaml");

        LocalFunction connect = function(definition, "OnConnect");
        assertThat(connect.code()).isEqualTo(file("raw/template.yaml").resolveSibling("onconnect"));
        assertThat(connect.runtime()).isEqualTo("nodejs22.x");
        assertThat(connect.handler()).isEqualTo("app.handler");
        assertThat(connect.memoryMb()).isEqualTo(256);
        assertThat(connect.timeoutS()).isEqualTo(3);
        assertThat(connect.environment()).containsExactly(Map.entry("TABLE_NAME", "chat_connections"));
        assertThat(connect.inlineCode()).isNull();
        assertThat(function(definition, "OnDisconnect").environment())
                .containsEntry("TABLE_ARN", "arn:aws:dynamodb:us-east-1:123456789012:table/chat_connections");
        assertThat(function(definition, "send-raw").inlineCode()).contains("exports.handler");
        assertThat(function(definition, "send-raw").timeoutS()).isEqualTo(20);
    }

    @Test
    void theAccountIsThatOfTheParameters() throws Exception {
        Api api = Definitions.read(
                        file("raw/template.yaml"),
                        Map.of("AWS::Region", "eu-west-1", "AWS::AccountId", "000000000000", "AWS::StackName", "talk"))
                .apis()
                .getFirst();

        assertThat(integration(api, "sendmessage").uri())
                .isEqualTo("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
                        + "arn:aws:lambda:eu-west-1:000000000000:function:send-talk/invocations");
    }

    @Test
    void idsAreTheSameAtEveryReading() throws Exception {
        assertThat(read("raw/template.yaml")).isEqualTo(read("raw/template.yaml"));
        assertThat(read("raw/template.yaml").apis().getFirst().id())
                .isEqualTo(read("sam/template.yaml").apis().getFirst().id())
                .isNotEqualTo(
                        read("cdk/ChatStack.template.json").apis().getFirst().id());
    }

    @Test
    @DisplayName("138: the WebSocketApi of SAM has a route and an integration for each entry, and the stage default")
    void samType() throws Exception {
        Definition definition = read("sam/template.yaml");

        Api api = definition.apis().getFirst();
        assertThat(api.name()).isEqualTo("Chat");
        assertThat(api.routes()).containsOnlyKeys("$connect", "$default", "join");
        assertThat(api.routes().values())
                .allSatisfy(route -> assertThat(
                                Objects.requireNonNull(route.integration()).type())
                        .isEqualTo(Integration.Type.AWS_PROXY));
        assertThat(integration(api, "join").timeoutMs()).isEqualTo(5000);
        assertThat(route(api, "$default").twoWay()).isTrue();
        assertThat(route(api, "join").twoWay()).isFalse();
        assertThat(api.stages()).containsOnlyKeys("default");
        assertThat(Objects.requireNonNull(api.stages().get("default")).variables())
                .containsExactly(Map.entry("colour", "blue"));
        assertThat(route(api, "$connect").authorization())
                .isEqualTo(new Authorization.ByFunction(new Authorizer(
                        "ChatConnectAuthorizer",
                        FUNCTIONS + "arn:aws:lambda:us-east-1:123456789012:function:Auth/invocations",
                        java.util.List.of("route.request.querystring.token"),
                        null)));
        assertThat(route(api, "join").authorization()).isEqualTo(new Authorization.Open());
    }

    @Test
    @DisplayName("135: the Domain of a WebSocketApi leads to its stage by each base path")
    void samDomain() throws Exception {
        Definition definition = read("sam/template.yaml");

        assertThat(definition.apis().getFirst().mappings())
                .containsExactlyInAnyOrder(
                        new DomainMapping("chat.example.com", "default", "default"),
                        new DomainMapping("chat.example.com", "v1", "default"));
        assertThat(definition.findings()).extracting(Finding::text).anyMatch(text -> text.contains("leads nowhere"));
    }

    @Test
    void globalsAreJoinedWithWhatAFunctionSays() throws Exception {
        Definition definition = read("sam/template.yaml");

        LocalFunction chatting = function(definition, "Chatting");
        assertThat(chatting.runtime()).isEqualTo("python3.13");
        assertThat(chatting.timeoutS()).isEqualTo(10);
        assertThat(chatting.environment())
                .containsEntry("LOG", "info")
                .containsEntry("TABLE", "own")
                .containsEntry(
                        "ENDPOINT",
                        "https://" + definition.apis().getFirst().id()
                                + ".execute-api.us-east-1.amazonaws.com/default");
    }

    @Test
    void codeThatIsNotThereIsAFinding() throws Exception {
        Definition definition = read("sam/template.yaml");

        assertThat(definition.functions()).extracting(LocalFunction::name).containsExactly("Chatting");
        assertThat(definition.findings())
                .anyMatch(one -> one.place().equals("Auth.Properties.CodeUri")
                        && one.text().contains("missing is not there"));
    }

    @Test
    void whatCdkSynthesisesHasItsCodeBesideIt() throws Exception {
        Definition definition = read("cdk/ChatStack.template.json");

        Api api = definition.apis().getFirst();
        assertThat(api.routes()).containsOnlyKeys("$connect", "echo");
        assertThat(route(api, "echo").twoWay()).isTrue();
        assertThat(route(api, "echo").integration())
                .isEqualTo(route(api, "$connect").integration());
        LocalFunction handler = function(definition, "Handler886CB40B");
        assertThat(handler.code()).isEqualTo(file("cdk/asset.4f2a"));
        assertThat(handler.environment().get("ROLE"))
                .matches("arn:aws:iam::123456789012:role/ChatStack-HandlerRole4AC2A5B1-[A-Z0-9]{12}");
        assertThat(definition.findings()).isEmpty();
    }

    @Test
    void whatTheServerlessFrameworkPackagesHasItsArchiveBesideIt() throws Exception {
        Definition definition = read("serverless/.serverless/cloudformation-template-update-stack.json");

        assertThat(definition.apis().getFirst().stages()).containsOnlyKeys("dev");
        LocalFunction connect = function(definition, "chat-dev-connect");
        assertThat(connect.code()).isEqualTo(file("serverless/.serverless/chat.zip"));
        assertThat(connect.timeoutS()).isEqualTo(6);
        assertThat(definition.findings()).isEmpty();
    }

    @Test
    void nestedStacksGiveEachOtherWhatTheyNeed() throws Exception {
        Definition definition = read("nested/template.yaml");

        Api api = definition.apis().getFirst();
        assertThat(api.routes()).containsOnlyKeys("join", "leave");
        assertThat(integration(api, "join").uri())
                .isEqualTo(FUNCTIONS + "arn:aws:lambda:us-east-1:123456789012:function:Functions-Echo/invocations");
        assertThat(function(definition, "Functions-Echo").environment())
                .containsEntry("ENDPOINT", "wss://" + api.id() + ".execute-api.us-east-1.amazonaws.com");
        assertThat(definition.files())
                .containsExactlyInAnyOrder(
                        file("nested/template.yaml"), file("nested/functions.yaml"), file("nested/routes.yaml"));
    }

    @Test
    void theShortFormSaysAnApiInTenLines() throws Exception {
        Definition definition = read("short/chat.yaml");

        Api api = definition.apis().getFirst();
        assertThat(api.name()).isEqualTo("chat");
        assertThat(api.stages()).containsOnlyKeys("dev");
        assertThat(api.routes()).containsOnlyKeys("$connect", "$default", "join");
        assertThat(integration(api, "$connect").type()).isEqualTo(Integration.Type.AWS_PROXY);
        assertThat(integration(api, "$connect").uri())
                .isEqualTo(FUNCTIONS + "arn:aws:lambda:us-east-1:123456789012:function:connect/invocations");
        assertThat(integration(api, "$default").type()).isEqualTo(Integration.Type.HTTP_PROXY);
        assertThat(integration(api, "$default").uri()).isEqualTo("http://127.0.0.1:8080/messages");
        assertThat(integration(api, "join").method()).isEqualTo("POST");
        assertThat(integration(api, "join").timeoutMs()).isEqualTo(3000);
        assertThat(integration(api, "join").requestParameters())
                .containsOnly(
                        Map.entry("integration.request.header.ConnectionId", "context.connectionId"),
                        Map.entry("integration.request.header.EventType", "context.eventType"),
                        Map.entry("integration.request.header.Room", "route.request.body.room"));
        assertThat(route(api, "join").twoWay()).isTrue();
        assertThat(route(api, "$default").twoWay()).isFalse();
        assertThat(route(api, "$connect").authorization())
                .isInstanceOfSatisfying(Authorization.ByFunction.class, by -> {
                    assertThat(by.authorizer().identitySources())
                            .containsExactly("route.request.header.Authorization", "route.request.querystring.token");
                    assertThat(by.authorizer().uri())
                            .isEqualTo(FUNCTIONS + "arn:aws:lambda:us-east-1:123456789012:function:auth/invocations");
                });
        assertThat(definition.functions()).extracting(LocalFunction::name).containsExactlyInAnyOrder("auth", "connect");
        assertThat(definition.findings()).isEmpty();
    }
}
