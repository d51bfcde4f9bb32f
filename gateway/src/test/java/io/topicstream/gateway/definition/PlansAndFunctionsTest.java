package io.topicstream.gateway.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Definition.Finding;
import io.topicstream.gateway.model.LocalFunction;
import io.topicstream.gateway.model.Quota;
import io.topicstream.gateway.model.UsagePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What stands around an API in a template: parameters, functions, API keys, usage plans, domains.
class PlansAndFunctionsTest {
    private static final String API = """
            Transform: AWS::Serverless-2016-10-31
            Parameters:
              Key: {Type: String, Default: 0123456789abcdef0123}
              Number: {Type: Number, Default: 1}
              Colour: {Type: String, Default: red, AllowedValues: [red, blue]}
              Needed: {Type: String}
              Secret: {Type: "AWS::SSM::Parameter::Value<String>", Default: /a/b}
            Conditions:
              Never: !Equals [a, b]
            Resources:
              Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
              Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: dev, AutoDeploy: true}}
            """;

    @TempDir
    private Path folder;

    private Definition read(String more, Map<String, String> parameters) throws DefinitionException, IOException {
        return Definitions.read(Files.writeString(folder.resolve("t.yaml"), API + more.indent(2)), parameters);
    }

    private Definition read(String more) throws DefinitionException, IOException {
        return read(more, Map.of());
    }

    private List<String> errors(String more, Map<String, String> parameters) throws IOException {
        try {
            read(more, parameters);
            return List.of();
        } catch (DefinitionException e) {
            return e.findings().stream()
                    .map(one -> one.place() + ": " + one.text())
                    .toList();
        }
    }

    private LocalFunction function(String properties) throws DefinitionException, IOException {
        return read("F: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: nodejs22.x, " + properties
                        + "}}")
                .functions()
                .getFirst();
    }

    @Test
    void aUsagePlanKnowsItsKeysAndStages() throws Exception {
        Definition definition = read("""
                Ada: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: true, Value: !Ref Key}}
                Off: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: false, Value: !Ref Key}}
                Plan:
                  Type: AWS::ApiGateway::UsagePlan
                  Properties: {UsagePlanName: p, ApiStages: [{ApiId: !Ref Api, Stage: !Ref Stage}], Throttle: {BurstLimit: 3, RateLimit: 1.5}}
                In: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyId: !Ref Ada, KeyType: API_KEY, UsagePlanId: !Ref Plan}}
                Out: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyId: !Ref Off, KeyType: API_KEY, UsagePlanId: !Ref Plan}}
                """);

        UsagePlan plan = definition.usagePlans().getFirst();
        assertThat(plan.name()).isEqualTo("p");
        assertThat(plan.keys().values()).containsExactly("0123456789abcdef0123");
        assertThat(plan.stages())
                .containsExactly(Map.entry(definition.apis().getFirst().id(), Set.of("dev")));
        assertThat(plan.burst()).isEqualTo(3);
        assertThat(plan.rate()).isEqualTo(1.5);
        assertThat(definition.findings()).isEmpty();
    }

    private Quota quota(String properties) throws DefinitionException, IOException {
        return Objects.requireNonNull(
                read("""
                        Plan:
                          Type: AWS::ApiGateway::UsagePlan
                          Properties: {ApiStages: [{ApiId: !Ref Api, Stage: dev}], Quota: {%s}}
                        """.formatted(properties)).usagePlans().getFirst().quota());
    }

    @Test
    void aUsagePlanHasAQuota() throws Exception {
        assertThat(quota("Limit: 5, Period: DAY")).isEqualTo(new Quota(5, Quota.Period.DAY, 0));
        assertThat(quota("Limit: 1000, Period: WEEK, Offset: 6")).isEqualTo(new Quota(1000, Quota.Period.WEEK, 6));
        assertThat(quota("Limit: 0, Period: MONTH, Offset: 27")).isEqualTo(new Quota(0, Quota.Period.MONTH, 27));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Limit: 5, Period: YEAR              | Quota.Period | is DAY, WEEK or MONTH, not 'YEAR'
            Limit: 5, Period: DAY, Offset: 1    | Quota.Offset | is a whole number from 0 to 0
            Limit: 5, Period: WEEK, Offset: 7   | Quota.Offset | is a whole number from 0 to 6
            Limit: 5, Period: MONTH, Offset: 28 | Quota.Offset | is a whole number from 0 to 27
            Limit: -1, Period: MONTH            | Quota.Limit  | is a whole number from 0 to 2147483647
            Limit: 1.5, Period: MONTH           | Quota.Limit  | is a whole number from 0 to 2147483647
            """)
    void aQuotaThatIsWrong(String properties, String place, String text) {
        assertThatThrownBy(() -> quota(properties))
                .isInstanceOfSatisfying(
                        DefinitionException.class,
                        e -> assertThat(e.findings())
                                .singleElement()
                                .satisfies(one -> assertThat(one.place() + ": " + one.text())
                                        .isEqualTo("Plan.Properties." + place + ": " + text)));
    }

    @Test
    void aKeyWithoutAValueCannotBeUsed() throws Exception {
        Definition definition = read("""
                Ada: {Type: AWS::ApiGateway::ApiKey, Properties: {Name: ada}}
                Plan: {Type: AWS::ApiGateway::UsagePlan, Properties: {ApiStages: [{ApiId: !Ref Api, Stage: dev}], Quota: {Limit: 5}}}
                In: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyId: !Ref Ada, KeyType: API_KEY, UsagePlanId: !Ref Plan}}
                """);

        assertThat(definition.usagePlans().getFirst().keys()).isEmpty();
        assertThat(definition.findings())
                .extracting(Finding::place)
                .containsExactlyInAnyOrder(
                        "Ada.Properties.Enabled", "Ada.Properties.Value", "Plan.Properties.Quota.Period");
    }

    @Test
    void codeWhereverTheTemplateHasIt() throws Exception {
        Files.createDirectory(folder.resolve("src"));
        Files.createDirectory(folder.resolve("asset.abc"));
        Files.writeString(folder.resolve("f.zip"), "");

        assertThat(function("Code: {ZipFile: \"x = 1\"}").inlineCode()).isEqualTo("x = 1");
        assertThat(function("Code: {ZipFile: \"x = 1\"}").code()).isEqualTo(folder);
        assertThat(function("Code: src").code()).isEqualTo(folder.resolve("src"));
        assertThat(function("Code: {S3Bucket: !Ref Needed, S3Key: a/b/f.zip}").code())
                .isEqualTo(folder.resolve("f.zip"));
        assertThat(function("Code: {S3Bucket: b, S3Key: abc.zip}").code()).isEqualTo(folder.resolve("asset.abc"));
    }

    @Test
    void layersOfTheTemplateThatAreFoldersHere() throws Exception {
        Files.createDirectories(folder.resolve("shared/nodejs"));

        LocalFunction found = read("""
                Shared: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: shared}}
                Plain: {Type: AWS::Lambda::LayerVersion, Properties: {Content: ./shared/}}
                F:
                  Type: AWS::Lambda::Function
                  Properties:
                    Code: .
                    Handler: a.b
                    Runtime: nodejs22.x
                    Layers: [!Ref Shared, {Ref: Plain}]
                    ReservedConcurrentExecutions: 7
                """).functions().getFirst();

        assertThat(found.layers()).containsExactly(folder.resolve("shared"), folder.resolve("shared"));
        assertThat(found.reservedConcurrency()).isEqualTo(7);
        assertThat(function("Code: .").reservedConcurrency()).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Code: {S3Bucket: b, S3Key: gone.zip}       | Code        | is in a bucket
            Code: {S3Bucket: b, S3Key: !Ref Needed}    | Code        | is in a bucket
            Code: {ImageUri: i}                        | Code        | is an image
            Code: {ImageUri: i}, PackageType: Image    | PackageType | is an image
            Code: gone                                 | Code        | gone is not there
            Code: ., Layers: [a]                       | Layers      | has one that is no folder here
            Code: .                                    | Runtime     | r does not run here
            Code: ., Runtme: x                         | Runtme      | is unknown; did you mean Runtime?
            Code: ., Environment: {Variables: {A: "{{resolve:ssm:/a}}"}} | Environment.Variables.A | is resolved on AWS only
            """)
    void whatOfAFunctionIsNotHere(String properties, String property, String text) throws Exception {
        assertThat(read("F: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: r, " + properties + "}}")
                        .findings())
                .anySatisfy(one -> {
                    assertThat(one.place()).isEqualTo("F.Properties." + property);
                    assertThat(one.text()).contains(text);
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Handler: a.b, Code: .                              | F.Properties.Runtime: is missing
            Runtime: r, Code: .                                | F.Properties.Handler: is missing
            Runtime: r, Handler: a.b                           | F.Properties.Code: is missing
            Runtime: r, Handler: a.b, Code: ., Timeout: 0      | F.Properties.Timeout: is a whole number from 1 to 900
            Runtime: r, Handler: a.b, Code: ., MemorySize: 127 | F.Properties.MemorySize: is a whole number from 128
            Runtime: r, Handler: a.b, Code: ., Environment: {Variables: {A: !Ref Needed}} | the parameter Needed has no value; give it one: --parameter Needed=
            Runtime: r, Handler: a.b, Code: ., Environment: {Variables: {A: !Ref Secret}} | the parameter Secret has no value
            Runtime: r, Handler: a.b, Code: ., FunctionName: !Ref Gone | F.Properties.FunctionName: there is no parameter or resource Gone
            Runtime: r, Handler: a.b, Code: ., FunctionName: [a] | F.Properties.FunctionName: is a text, not a list
            Runtime: r, Handler: a.b, Code: ., FunctionName: g | there is another function of the name g
            """)
    void aFunctionThatIsWrong(String properties, String text) throws Exception {
        String more = "F: {Type: AWS::Lambda::Function, Properties: {" + properties + "}}\n"
                + "G: {Type: AWS::Serverless::Function, Properties: {FunctionName: g, InlineCode: x, Handler: a.b, Runtime: r}}";

        assertThat(String.join("\n", errors(more, Map.of()))).contains(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Ky     | x     | Parameters: there is no parameter Ky; did you mean Key?
            Number | many  | Parameters.Number: must be a number, not 'many'
            Colour | green | Parameters.Colour: must be one of AllowedValues red, blue, not 'green'
            Colour | blue  |
            Number | -1.5  |
            """)
    void aParameterIsChecked(String name, String value, @org.jspecify.annotations.Nullable String error)
            throws Exception {
        assertThat(errors("Q: {Type: AWS::SQS::Queue}", Map.of(name, value)))
                .isEqualTo(error == null ? List.of() : List.of(error));
    }

    @Test
    void namesOfOtherResourcesAreLikeThoseOfAws() throws Exception {
        LocalFunction function =
                read("""
                F:
                  Type: AWS::Serverless::Function
                  Properties:
                    InlineCode: x
                    Handler: a.b
                    Runtime: r
                    AutoPublishAlias: live
                    Environment:
                      Variables:
                        TABLE: !Ref Table
                        TABLE_ARN: !GetAtt Table.Arn
                        QUEUE: !Ref Queue
                        TOPIC: !Ref Topic
                        BUCKET: !Ref Bucket
                        MACHINE: !Ref Machine
                        SELF: !Ref AWS::StackName
                        ENDPOINT: !GetAtt Api.ApiEndpoint
                Table: {Type: AWS::DynamoDB::Table}
                Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}
                Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}
                Bucket: {Type: AWS::S3::Bucket}
                Machine: {Type: AWS::StepFunctions::StateMachine, Properties: {StateMachineName: m}}
                """, Map.of("AWS::StackName", "s")).functions().getFirst();

        Map<String, String> variables = function.environment();
        assertThat(variables.get("TABLE")).matches("s-Table-[A-Z0-9]{12}");
        assertThat(variables)
                .containsEntry("TABLE_ARN", "arn:aws:dynamodb:us-east-1:123456789012:table/" + variables.get("TABLE"))
                .containsEntry("QUEUE", "https://sqs.us-east-1.amazonaws.com/123456789012/q")
                .containsEntry("TOPIC", "arn:aws:sns:us-east-1:123456789012:t")
                .containsEntry("MACHINE", "arn:aws:states:us-east-1:123456789012:stateMachine:m")
                .containsEntry("SELF", "s");
        assertThat(variables.get("BUCKET")).matches("s-bucket-[a-z0-9]{12}");
        assertThat(variables.get("ENDPOINT")).matches("wss://[a-z0-9]{10}\\.execute-api\\.us-east-1\\.amazonaws\\.com");
    }

    @Test
    void whatHasAFalseConditionIsNotThere() throws Exception {
        String route =
                "R: {Type: AWS::ApiGatewayV2::Route, Condition: Never, Properties: {ApiId: !Ref Api, RouteKey: r}}";

        assertThat(read(route).apis().getFirst().routes()).isEmpty();
        assertThat(errors(
                        route + "\nP: {Type: AWS::ApiGatewayV2::RouteResponse, Properties: {ApiId: !Ref Api, RouteId:"
                                + " !Ref R, RouteResponseKey: $default}}",
                        Map.of()))
                .singleElement()
                .asString()
                .contains("there is no resource R: its condition Never does not hold");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            StageName: $default                                      | Chat.Properties.StageName: a stage of a WebSocket API cannot be named $default
            Auth: {AuthType: CUSTOM}                                 | Chat.Properties.Auth.AuthArn: is missing
            Auth: {AuthType: JWT}                                    | Chat.Properties.Auth.AuthType: is CUSTOM, AWS_IAM or NONE
            Auth: {AuthType: AWS_IAM, Name: n}                       | Chat.Properties.Auth: there is nothing more to say
            Auth: {AuthType: CUSTOM, AuthArn: "arn:aws:lambda:us-east-1:1:function:f", IdentitySource: [$request.header.a]} | Chat.Properties.Auth.IdentitySource: Invalid request identity source
            Domain: {DomainName: d, MutualTlsAuthentication: {}}     | Chat.Properties.Domain.MutualTlsAuthentication: a WebSocket API has no mutual TLS
            Stagename: x                                             | did you mean StageName?
            StageVariables: {a-b: c}                                 | Chat.Properties.StageVariables.a-b
            Name: n                                                  | Chat.Properties.Routes.a-b: a route's key has letters and digits only
            """)
    void aWebSocketApiOfSamThatIsWrong(String properties, String text) throws Exception {
        String key = properties.startsWith("Name:") ? "a-b" : "$connect";
        String arn = "{FunctionArn: \"arn:aws:lambda:us-east-1:1:function:f\"}";
        String more =
                "Chat: {Type: AWS::Serverless::WebSocketApi, Properties: {RouteSelectionExpression: $request.body.a, Routes: {"
                        + key + ": " + arn + "}, " + properties + "}}";

        assertThat(String.join("\n", errors(more, Map.of()))).contains(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {join: {FunctionArn: f, IntegrationTimeout: 30000}}      | Chat.Properties.Routes.join.IntegrationTimeout: is a whole number from 50
            {join: {}}                                               | Chat.Properties.Routes.join: has no FunctionArn
            {join: {FunctionArn: f, RequestParameters: {a: b}}}      | Chat.Properties.Routes.join.RequestParameters: only $connect has
            {join: {FunctionArn: f, Timeout: 1}}                     | Chat.Properties.Routes.join.Timeout: is not a property of a route
            {}                                                       | Chat.Properties.Routes: a WebSocket API must have at least one route
            """)
    void aRouteOfSamThatIsWrong(String routes, String text) throws Exception {
        String more =
                "Chat: {Type: AWS::Serverless::WebSocketApi, Properties: {RouteSelectionExpression: $request.body.a, Routes: "
                        + routes + "}}";

        assertThat(String.join("\n", errors(more, Map.of()))).contains(text);
    }
}
