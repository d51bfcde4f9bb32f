package io.topicstream.gateway.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Definition.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is refused in a template, and what is told of it: each with the smallest change of one that is right.
class RefusedTest {
    private static final String URI =
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations";
    private static final String RIGHT = """
            Resources:
              Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
              Connect: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: $connect, Target: !Sub "integrations/${Back}"}}
              Join: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: join, Target: !Sub "integrations/${Back}"}}
              Back: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: "URI"}}
              Auth: {Type: AWS::ApiGatewayV2::Authorizer, Properties: {ApiId: !Ref Api, Name: n, AuthorizerType: REQUEST, AuthorizerUri: "URI"}}
              Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: dev, AutoDeploy: true}}
            """.replace("URI", URI);

    @TempDir
    private Path folder;

    private Definition read(String template) throws DefinitionException, IOException {
        return Definitions.read(Files.writeString(folder.resolve("t.yaml"), template), Map.of());
    }

    private List<Finding> errors(String template) throws IOException {
        Path file = Files.writeString(folder.resolve("t.yaml"), template);
        try {
            Definitions.read(file, Map.of());
            return List.of();
        } catch (DefinitionException e) {
            return e.findings();
        }
    }

    /// The template with something more among the properties of a resource.
    private static String with(String resource, String properties) {
        String changed = RIGHT.replaceFirst(
                "(?m)^(  " + resource + ": .*Properties: \\{)",
                "$1" + java.util.regex.Matcher.quoteReplacement(properties) + ", ");
        assertThat(changed).isNotEqualTo(RIGHT);
        return changed;
    }

    private static String replaced(String what, String by) {
        String changed = RIGHT.replace(what, by);
        assertThat(changed).isNotEqualTo(RIGHT);
        return changed;
    }

    private void assertError(String template, String place, String text) throws IOException {
        assertThat(errors(template)).anySatisfy(error -> {
            assertThat(error.place()).isEqualTo(place);
            assertThat(error.text()).contains(text);
            assertThat(error.file().getFileName()).hasToString("t.yaml");
            assertThat(error.line()).isPositive();
        });
    }

    private void assertFinding(String template, String place, String text) throws Exception {
        assertThat(read(template).findings()).anySatisfy(finding -> {
            assertThat(finding.place()).isEqualTo(place);
            assertThat(finding.text()).contains(text);
            assertThat(finding.line()).isPositive();
        });
    }

    @Test
    void theTemplateIsRight() throws Exception {
        assertThat(read(RIGHT).findings()).isEmpty();
    }

    @Test
    @DisplayName("31: an identity source that begins with a dollar is refused, and named")
    void identitySource() throws Exception {
        assertThat(errors(with("Auth", "IdentitySource: [$request.header.Auth]")))
                .singleElement()
                .satisfies(error -> {
                    assertThat(error.place()).isEqualTo("Auth.Properties.IdentitySource");
                    assertThat(error.line()).isEqualTo(6);
                    assertThat(error.text())
                            .contains("Invalid request identity source expression")
                            .contains("$request.header.Auth");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"$context.x", "route.request.context.x", "route.request.header.", "header.x", "''"})
    @DisplayName("31: other identity sources that AWS does not know are refused")
    void otherIdentitySources(String source) throws Exception {
        assertError(
                with("Auth", "IdentitySource: [" + source + "]"),
                "Auth.Properties.IdentitySource",
                "Invalid request identity source");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "route.request.header.X-Token",
                "route.request.querystring.token",
                "stageVariables.v",
                "context.identity.sourceIp"
            })
    void identitySourcesThatAwsKnows(String source) throws Exception {
        assertThat(errors(with("Auth", "IdentitySource: [" + source + "]"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"JWT", "TOKEN"})
    @DisplayName("44: an authorizer of another type than REQUEST is refused")
    void authorizerType(String type) throws Exception {
        assertError(
                replaced("AuthorizerType: REQUEST", "AuthorizerType: " + type),
                "Auth.Properties.AuthorizerType",
                "is REQUEST for a WebSocket API, not '" + type + "'");
    }

    @ParameterizedTest
    @CsvSource({
        "AuthorizerResultTtlInSeconds, 300",
        "AuthorizerPayloadFormatVersion, '2.0'",
        "EnableSimpleResponses, true",
        "JwtConfiguration, {Issuer: i}"
    })
    @DisplayName("44: a TTL, a payload version, simple responses and JWTs are refused")
    void ofHttpAuthorizers(String name, String value) throws Exception {
        assertError(with("Auth", name + ": " + value), "Auth.Properties." + name, "is of HTTP APIs only");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Api     | RoutSelection: x                                  | RoutSelection                    | is not a property of AWS::ApiGatewayV2::Api
            Api     | CorsConfiguration: {AllowOrigins: [a]}            | CorsConfiguration                | is of HTTP APIs only
            Api     | ApiKeySelectionExpression: $request.header.key    | ApiKeySelectionExpression        | is $request.header.x-api-key or $context
            Join    | Targett: x                                        | Targett                          | did you mean Target?
            Join    | AuthorizationType: AWS_IAM                        | AuthorizationType                | only $connect is authorized
            Join    | AuthorizationType: CUSTOM, AuthorizerId: !Ref Auth | AuthorizationType               | only $connect is authorized
            Connect | AuthorizationType: JWT                            | AuthorizationType                | is NONE, AWS_IAM or CUSTOM, not 'JWT'
            Connect | AuthorizationType: CUSTOM                         | AuthorizerId                     | is missing
            Connect | AuthorizationType: CUSTOM, AuthorizerId: abc      | AuthorizerId                     | there is no authorizer 'abc'
            Connect | AuthorizerId: !Ref Auth                           | AuthorizerId                     | goes with AuthorizationType CUSTOM
            Join    | RequestParameters: {route.request.querystring.a: {Required: true}} | RequestParameters | only $connect has them
            Connect | RequestParameters: {request.querystring.a: {Required: true}} | RequestParameters.request.querystring.a | is no parameter of a route
            Join    | RequestModels: {$default: Gone}                   | RequestModels.$default           | there is no model 'Gone'
            Api     | IpAddressType: ipv5                               | IpAddressType                    | is ipv4 or dualstack
            Join    | AuthorizationScopes: [a]                          | AuthorizationScopes              | is of HTTP APIs only
            Join    | ApiKeyRequired: 7                                 | ApiKeyRequired                   | is true or false, not '7'
            Back    | TimeoutInMillis: 49                               | TimeoutInMillis                  | is a whole number from 50 to 29000, not '49'
            Back    | TimeoutInMillis: 29001                            | TimeoutInMillis                  | is a whole number from 50 to 29000, not '29001'
            Back    | TimeoutInMillis: soon                             | TimeoutInMillis                  | is a whole number
            Back    | PassthroughBehavior: ALWAYS                       | PassthroughBehavior              | is WHEN_NO_MATCH, WHEN_NO_TEMPLATES or NEVER
            Back    | ContentHandlingStrategy: BOTH                     | ContentHandlingStrategy          | is CONVERT_TO_BINARY or CONVERT_TO_TEXT
            Back    | IntegrationSubtype: SQS-SendMessage               | IntegrationSubtype               | is of HTTP APIs only
            Back    | ConnectionType: VPC_LINK                          | ConnectionId                     | is missing
            Back    | RequestParameters: {header.A: context.connectionId} | RequestParameters.header.A     | is no target of a mapping
            Back    | RequestParameters: {integration.request.header.A: request.body} | RequestParameters.integration.request.header.A | is no source of a mapping
            Stage   | DeploymentId: gone, AutoDeploy: false             | DeploymentId                     | there is no deployment 'gone'
            Stage   | StageVariables: {a-b: c}                          | StageVariables.a-b               | letters, digits and _ only
            Stage   | StageVariables: {a: "b c"}                        | StageVariables.a                 | not 'b c'
            Stage   | RouteSettings: {gone: {ThrottlingRateLimit: 1}}   | RouteSettings.gone               | there is no route with the key gone
            Stage   | DefaultRouteSettings: {Throttle: 1}               | DefaultRouteSettings.Throttle    | is no setting of a route
            Stage   | DefaultRouteSettings: {LoggingLevel: ALL}         | DefaultRouteSettings.LoggingLevel | is OFF, ERROR or INFO
            Stage   | DefaultRouteSettings: {ThrottlingBurstLimit: 1.5} | DefaultRouteSettings.ThrottlingBurstLimit | is a number from 0
            Stage   | AccessLogSettings: {Format: $context.stage}       | AccessLogSettings.Format         | must contain $context.requestId
            Stage   | StageVariables: [a]                               | StageVariables                   | is a mapping, not a list
            Stage   | StageVariables: {a: !Ref Gone}                    | StageVariables                   | there is no parameter or resource Gone
            Stage   | StageVariables: {a: !Ref Jion}                    | StageVariables                   | did you mean Join?
            Stage   | StageVariables: {a: !ImportValue b}               | StageVariables                   | Fn::ImportValue wants what another stack exports
            Stage   | StageVariables: {a: {"Fn::Cidr": [a, b]}}         | StageVariables                   | Fn::Cidr is no function that is known here
            Stage   | StageVariables: {a: {"Fn::Transform": {Name: x}}} | StageVariables                   | runs on AWS only
            Stage   | Description: ~                                    |                                  |
            """)
    void aPropertyThatIsWrong(String resource, String properties, @Nullable String property, @Nullable String text)
            throws Exception {
        String template = with(resource, properties)
                .replace(", AutoDeploy: true", properties.contains("AutoDeploy") ? "" : ", AutoDeploy: true");
        if (property == null || text == null) {
            assertThat(errors(template)).isEmpty();
        } else {
            assertError(template, resource + ".Properties." + property, text);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ProtocolType: WEBSOCKET, | | Api.Properties.ProtocolType | is missing
            ProtocolType: WEBSOCKET | ProtocolType: MQTT | Api.Properties.ProtocolType | is WEBSOCKET, not 'MQTT'
            , RouteSelectionExpression: $request.body.action | | Api.Properties.RouteSelectionExpression | is missing
            : $request.body.action | : $request.header.action | Api.Properties.RouteSelectionExpression | not of the message's body
            Name: a, | | Api.Properties.Name | is missing
            RouteKey: join, | | Join.Properties.RouteKey | is missing
            RouteKey: join | RouteKey: $connect | Join.Properties.RouteKey | there is another route with the key $connect
            "integrations/${Back}" | "integrations/gone" | Join.Properties.Target | there is no integration 'gone' of this API
            "integrations/${Back}" | "${Back}" | Join.Properties.Target | is integrations/ID
            "integrations/${Back}" | "integrations/${Bak}" | Join.Properties.Target | did you mean Back?
            IntegrationType: AWS_PROXY, | | Back.Properties.IntegrationType | is missing
            IntegrationType: AWS_PROXY | IntegrationType: LAMBDA | Back.Properties.IntegrationType | is AWS_PROXY, AWS, HTTP_PROXY, HTTP or MOCK, not 'LAMBDA'
            IntegrationType: AWS_PROXY | IntegrationType: TOPICSTREAM | Back.Properties.IntegrationType | not 'TOPICSTREAM'
            IntegrationType: AWS_PROXY | IntegrationType: HTTP_PROXY | Back.Properties.IntegrationMethod | is missing
            IntegrationType: AWS_PROXY | IntegrationType: HTTP_PROXY | Back.Properties.IntegrationUri | is a URL that begins with http
            Name: n, | | Auth.Properties.Name | is missing
            AuthorizerType: REQUEST, | | Auth.Properties.AuthorizerType | is missing
            StageName: dev, | | Stage.Properties.StageName | is missing
            StageName: dev | StageName: $default | Stage.Properties.StageName | is letters, digits, _ and -
            ApiId: !Ref Api, RouteKey: join | ApiId: gone, RouteKey: join | Join.Properties.ApiId | there is no WebSocket API 'gone'
            ApiId: !Ref Api, RouteKey: join | RouteKey: join | Join.Properties.ApiId | is missing
            Resources: | Resource: | Resource | is no section of a template; did you mean Resources?
            """)
    void aTemplateThatIsWrong(String what, @Nullable String by, String place, String text) throws Exception {
        String template = replaced(what, by == null ? "" : by.replace("\\n", "\n"));
        assertError(template, place, text);
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem, dynamodb (action/PutItem)",
        "arn:aws:apigateway:us-east-1:sqs:path/123/queue, sqs (path/123/queue)",
        "arn:aws:apigateway:us-east-1:states:action/StartExecution, states (action/StartExecution)"
    })
    void integrationsWithOtherServicesAreRefusedByTheirNames(String uri, String name) throws Exception {
        String template = replaced("AWS_PROXY, IntegrationUri: \"" + URI, "AWS, IntegrationUri: \"" + uri);

        assertError(template, "Back.Properties.IntegrationUri", name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://a/b",
                "//a",
                "http://user@host/",
                "http://a b/",
                "file:///etc/passwd",
                "http:///x",
                "\"http://a\\r\\nB: c/\""
            })
    void urlsThatAreNone(String url) throws Exception {
        String template = replaced(
                "AWS_PROXY, IntegrationUri: \"" + URI + "\"",
                "HTTP_PROXY, IntegrationMethod: POST, IntegrationUri: "
                        + (url.startsWith("\"") ? url : "\"" + url + "\""));

        assertError(template, "Back.Properties.IntegrationUri", "is a URL that begins with http:// or https://");
    }

    @ParameterizedTest
    @ValueSource(strings = {"50", "29000", "!Join ['', [2, 9000]]"})
    void timeOutsAtTheirLimits(String timeout) throws Exception {
        assertThat(errors(with("Back", "TimeoutInMillis: " + timeout))).isEmpty();
    }

    @Test
    void allErrorsAreToldAtOnce() throws Exception {
        String template = replaced("StageName: dev", "StageName: a b")
                .replace("RouteKey: join", "RouteKey: join, Wrong: 1")
                .replace("AuthorizerType: REQUEST", "AuthorizerType: JWT");

        assertThat(errors(template))
                .extracting(Finding::place)
                .containsExactlyInAnyOrder(
                        "Stage.Properties.StageName", "Join.Properties.Wrong", "Auth.Properties.AuthorizerType");
        assertThatThrownBy(() -> read(template))
                .isInstanceOf(DefinitionException.class)
                .hasMessageContaining(", and 2 more");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            RouteResponse       | RouteId: !Ref Join, RouteResponseKey: other            | RouteResponseKey        | is $default, not 'other'
            RouteResponse       | RouteId: gone, RouteResponseKey: $default              | RouteId                 | there is no route 'gone'
            RouteResponse       | RouteResponseKey: $default                             | RouteId                 | is missing
            IntegrationResponse | IntegrationId: gone, IntegrationResponseKey: $default  | IntegrationId           | there is no integration 'gone'
            IntegrationResponse | IntegrationId: !Ref Back, IntegrationResponseKey: 404  | IntegrationResponseKey  | is $default or a pattern between slashes
            IntegrationResponse | IntegrationId: !Ref Back, IntegrationResponseKey: "/(/" | IntegrationResponseKey | is no pattern
            Model               | Name: m, Schema: "{"                                   | Schema                  | is not JSON
            Model               | Name: m                                                | Schema                  | is missing
            Model               | Schema: {type: object}                                 | Name                    | is missing
            ApiMapping          | DomainName: d, Stage: gone                             | Stage                   | there is no stage 'gone'
            ApiMapping          | Stage: dev                                             | DomainName              | is missing
            ApiMapping          | DomainName: d, Stage: dev, ApiMappingKey: "a b"        | ApiMappingKey           | is a path of letters
            Stage               | StageName: dev, AutoDeploy: true                       | StageName               | there is another stage of the name dev
            """)
    void aResourceThatIsWrong(String type, String properties, String property, String text) throws Exception {
        String api = "ApiId: !Ref Api, ";
        String template =
                RIGHT + "  More: {Type: AWS::ApiGatewayV2::" + type + ", Properties: {" + api + properties + "}}\n";

        assertError(template, "More.Properties." + property, text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Stage | DefaultRouteSettings: {DetailedMetricsEnabled: true} | Stage.Properties.DefaultRouteSettings | answers every handshake with 429
            Stage | DefaultRouteSettings: {ThrottlingRateLimit: 0, ThrottlingBurstLimit: 1} | Stage.Properties.DefaultRouteSettings.ThrottlingRateLimit | lets nothing through
            Stage | DefaultRouteSettings: {LoggingLevel: INFO, ThrottlingRateLimit: 1} | Stage.Properties.DefaultRouteSettings.LoggingLevel | CloudWatch Logs role ARN must be set
            Stage | DefaultRouteSettings: {ThrottlingRateLimit: 1, ThrottlingBurstLimit: 0} | Stage.Properties.DefaultRouteSettings.ThrottlingBurstLimit | lets nothing through
            Stage | AccessLogSettings: {Format: $context.requestId} | Stage.Properties.AccessLogSettings.DestinationArn | is missing
            Join  | ApiKeyRequired: true | Join.Properties.ApiKeyRequired | only $connect asks
            Connect | ApiKeyRequired: true | Api | nobody can connect
            Connect | RequestParameters: {route.request.querystring.a: true} | Connect.Properties.RequestParameters.route.request.querystring.a | AWS wants a mapping
            Api   | DisableExecuteApiEndpoint: true | Api.Properties.DisableExecuteApiEndpoint | nobody can connect
            Back  | RequestParameters: {integration.request.header.A: route.request.header.B} | Join | which only $connect has
            Back  | RequestParameters: {integration.request.header.A: route.request.header.B} | Connect | do not declare
            """)
    void whatSurprisesIsTold(String resource, String properties, String place, String text) throws Exception {
        assertFinding(with(resource, properties), place, text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            , AutoDeploy: true | | Stage | on AWS nobody can connect to it
            StageName: dev | StageName: ping | Stage.Properties.StageName | AWS keeps for itself
            , Target: !Sub "integrations/${Back}" | | Join | has no Target
            IntegrationType: AWS_PROXY | IntegrationType: AWS | Connect | nobody can connect
            functions/arn:aws:lambda:us-east-1:1:function:f/invocations | functions/x/invocations | none | none
            """)
    void whatWorksOtherwiseOnAwsIsTold(String what, @Nullable String by, String place, String text) throws Exception {
        String template = replaced(what, by == null ? "" : by);
        if (place.equals("none")) {
            assertThat(read(template).findings()).isEmpty();
        } else {
            assertFinding(template, place, text);
        }
    }

    @Test
    void theArnOfAFunctionIsTakenAndTold() throws Exception {
        Definition definition =
                read(replaced("IntegrationUri: \"" + URI, "IntegrationUri: \"arn:aws:lambda:us-east-1:1:function:f"));

        assertThat(definition.findings()).extracting(Finding::place).containsExactly("Back.Properties.IntegrationUri");
        assertThat(definition.apis().getFirst().routes().values())
                .allSatisfy(route -> assertThat(java.util.Objects.requireNonNull(route.integration())
                                .uri())
                        .isEqualTo(URI));
    }

    @Test
    @DisplayName("139: a literal Target leads to the integration that has this id")
    void aLiteralTarget() throws Exception {
        String id = java.util.Objects.requireNonNull(read(with("Stage", "StageVariables: {id: !Ref Back}"))
                        .apis()
                        .getFirst()
                        .stages()
                        .get("dev"))
                .variables()
                .get("id");

        Definition definition = read(replaced("!Sub \"integrations/${Back}\"", "integrations/" + id));

        assertThat(definition.apis().getFirst().routes()).containsOnlyKeys("$connect", "join");
        assertThat(definition.apis().getFirst().routes().values())
                .allSatisfy(route -> assertThat(java.util.Objects.requireNonNull(route.integration())
                                .uri())
                        .isEqualTo(URI));
    }

    @Test
    @DisplayName("140: routes that a Deployment does not depend on are live, and that AWS may miss them is told")
    void aDeploymentWithoutDependsOn() throws Exception {
        String template = replaced("AutoDeploy: true", "DeploymentId: !Ref Deployment")
                + "  Deployment: {Type: AWS::ApiGatewayV2::Deployment, DependsOn: Join, Properties: {ApiId: !Ref Api}}\n";
        Definition definition = read(template);

        assertThat(definition.apis().getFirst().routes()).containsOnlyKeys("$connect", "join");
        assertThat(definition.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.place()).isEqualTo("Deployment");
            assertThat(finding.text()).contains("does not depend on the routes $connect:");
        });
        assertThat(read(template.replace("DependsOn: Join", "DependsOn: [Join, Connect]"))
                        .findings())
                .isEmpty();
    }

    @Test
    void withARoleForLogsNothingIsTold() throws Exception {
        String template = with("Stage", "DefaultRouteSettings: {LoggingLevel: INFO, ThrottlingRateLimit: 1}")
                + "  Account: {Type: AWS::ApiGateway::Account, Properties: {CloudWatchRoleArn: arn:aws:iam::1:role/r}}\n";

        assertThat(read(template).findings()).isEmpty();
    }

    @Test
    void aTemplateWithoutAWebSocketApiIsRefused() throws Exception {
        String template = "Resources: {A: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP}}}";

        assertThat(errors(template))
                .singleElement()
                .satisfies(error -> assertThat(error.text()).contains("has no WebSocket API"));
    }

    @Test
    void whatACustomResourceWouldSayIsMadeUpAndTold() throws Exception {
        String template = replaced("StageName: dev", "StageName: !GetAtt Custom.Suffix")
                + "  Custom: {Type: Custom::Suffix, Properties: {ServiceToken: t}}\n";

        assertThat(read(template).apis().getFirst().stages().keySet())
                .singleElement()
                .asString()
                .matches("[a-z0-9]{10}");
        assertFinding(template, "Custom", "its attribute Suffix is made up");
    }

    @Test
    void aDomainWithMutualTlsLeadsToNoWebSocketApi() throws Exception {
        String domain =
                "  Domain: {Type: AWS::ApiGatewayV2::DomainName, Properties: {DomainName: d, MutualTlsAuthentication: {}}}\n";
        String mapping =
                "  Map: {Type: AWS::ApiGatewayV2::ApiMapping, Properties: {ApiId: !Ref Api, DomainName: !Ref Domain, Stage: dev}}\n";

        assertThat(errors(RIGHT + domain)).isEmpty();
        assertError(RIGHT + domain + mapping, "Domain.Properties.MutualTlsAuthentication", "has no mutual TLS");
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 4097})
    void anExpressionAtItsLimit(int characters) throws Exception {
        String expression = "$request.body.a".repeat(300).substring(0, characters - 1) + "x";
        String template = replaced("$request.body.action", expression);

        assertThat(errors(template)).hasSize(characters - 4096);
    }
}
