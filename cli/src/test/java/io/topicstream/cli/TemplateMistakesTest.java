package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The mistakes that published templates make: each is reported by `topicstream gateway check`, with its place and
/// the reason, and nothing is reported where there is no mistake.
class TemplateMistakesTest {
    private static final String ROOMS = "rooms/cloudformation.yaml";
    private static final String CDK = "rooms/cdk.out/RoomsStack.template.json";
    private static final String CHAT = "chat/api.yaml";

    @TempDir
    private Path folder;

    private Terminal.Run check(String template, String... more) throws Exception {
        Path from = PublishedTemplatesTest.template("rooms").getParent();
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path to = folder.resolve(from.relativize(file).toString());
                if (!Files.exists(to)) {
                    Files.copy(file, to);
                }
            }
        }
        String main = template.startsWith("chat/") ? "chat/template.yaml" : template;
        return new Terminal(Map.of(), folder)
                .run(Stream.concat(
                                Stream.of(
                                        "gateway",
                                        "check",
                                        "--template",
                                        folder.resolve(main).toString()),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    /// Puts something else in the place of a text of a template.
    private void replace(String template, String from, String to) throws IOException {
        Path file = folder.resolve(template);
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to));
    }

    private List<String> reported(Terminal.Run run) {
        return run.lines().stream()
                .filter(line -> line.startsWith("finding: ") || line.startsWith("error: "))
                .map(line -> line.replace(folder + "/", ""))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {ROOMS, CDK, "rooms/.serverless/cloudformation-template-update-stack.json"})
    void aTemplateWithoutMistakes(String template) throws Exception {
        Terminal.Run run = check(template);

        assertThat(run.exitCode()).isZero();
        assertThat(reported(run)).isEmpty();
    }

    static Stream<Arguments> mistakes() {
        String arn = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}";
        return Stream.of(
                Arguments.of(
                        "a throttle of 0",
                        ROOMS,
                        "",
                        "        ThrottlingRateLimit: !Ref ThrottlingRateLimit",
                        "        ThrottlingRateLimit: 0",
                        List.of("finding: rooms/cloudformation.yaml:193: "
                                + "Stage.Properties.DefaultRouteSettings.ThrottlingRateLimit: is 0, which lets nothing "
                                + "through")),
                Arguments.of(
                        "settings without throttles",
                        ROOMS,
                        "",
                        "        ThrottlingBurstLimit: !Ref ThrottlingBurstLimit\n        ThrottlingRateLimit: !Ref ThrottlingRateLimit\n",
                        "",
                        List.of("finding: rooms/cloudformation.yaml:193: Stage.Properties.DefaultRouteSettings: says "
                                + "nothing of throttling: no limit here; but Terraform and Pulumi send 0 for what is "
                                + "missing, and then AWS answers every handshake with 429")),
                Arguments.of(
                        "logs without a role for them",
                        ROOMS,
                        "",
                        "Properties: {CloudWatchRoleArn: !GetAtt LogRole.Arn}",
                        "Properties: {}",
                        List.of("finding: rooms/cloudformation.yaml:193: "
                                + "Stage.Properties.DefaultRouteSettings.LoggingLevel: CloudWatch Logs role ARN must be "
                                + "set in account settings to enable logging: AWS says so where no "
                                + "AWS::ApiGateway::Account was ever made; here there is a log without it")),
                Arguments.of(
                        "no permission to invoke",
                        ROOMS,
                        "",
                        "FunctionName: !Ref MessageFunction\n      Action",
                        "FunctionName: !Ref ConnectFunction\n      Action",
                        List.of("finding: rooms/cloudformation.yaml:101: MessageFunction: no AWS::Lambda::Permission "
                                + "lets API Gateway invoke it for route $default, route chat, route join_room, route "
                                + "private_message, route room_list: on AWS these calls fail; here they do not")),
                Arguments.of(
                        "a permission in the form of REST APIs",
                        ROOMS,
                        "",
                        "SourceArn: !Sub " + arn + "/*/*",
                        "SourceArn: !Sub " + arn + "/*/*/*/*",
                        List.of(
                                "finding: rooms/cloudformation.yaml:77: ConnectFunction: its AWS::Lambda::Permission "
                                        + "is for others than route $connect: on AWS these calls fail; here they do not",
                                "finding: rooms/cloudformation.yaml:89: DisconnectFunction: its "
                                        + "AWS::Lambda::Permission is for others than route $disconnect: on AWS these calls "
                                        + "fail; here they do not",
                                "finding: rooms/cloudformation.yaml:101: MessageFunction: its AWS::Lambda::Permission "
                                        + "is for others than route $default, route chat, route join_room, route "
                                        + "private_message, route room_list: on AWS these calls fail; here they do not")),
                Arguments.of(
                        "a permission for one route of several",
                        CDK,
                        "",
                        "\"/*join_room\"",
                        "\"/*joinroom\"",
                        List.of("finding: rooms/cdk.out/RoomsStack.template.json:355: MessageFunction5E6F0002: its "
                                + "AWS::Lambda::Permission is for others than route join_room: on AWS these calls fail; "
                                + "here they do not")),
                Arguments.of(
                        "no permission to post",
                        ROOMS,
                        "",
                        "Action: execute-api:ManageConnections",
                        "Action: execute-api:Invoke",
                        List.of("finding: rooms/cloudformation.yaml:135: Api: no route answers, and no policy of this "
                                + "definition allows execute-api:ManageConnections: on AWS nothing ever reaches a "
                                + "client; here it does")),
                Arguments.of(
                        "a permission to post that names no call",
                        ROOMS,
                        "",
                        "Resource: !Sub " + arn + "/*/*",
                        "Resource: !Sub " + arn + "/${Environment}/@connections/*",
                        List.of("finding: rooms/cloudformation.yaml:57: Role: allows execute-api:ManageConnections on "
                                + "arn:aws:execute-api:us-east-1:123456789012:0rxj3e58ce/dev/@connections/*, which lets "
                                + "nobody post: AWS asks for …:API/STAGE/POST/@connections/{connectionId}, with these "
                                + "words at the end")),
                Arguments.of(
                        "alarms in the namespace of HTTP APIs",
                        ROOMS,
                        "Environment=prod",
                        "Namespace: AWS/ApiGateway\n",
                        "Namespace: AWS/ApiGatewayV2\n",
                        List.of(
                                "finding: rooms/cloudformation.yaml:212: ManyConnections.Properties.Namespace: is "
                                        + "AWS/ApiGatewayV2; the metrics of WebSocket APIs are in AWS/ApiGateway: the alarm "
                                        + "never fires",
                                "finding: rooms/cloudformation.yaml:224: ManyErrors.Properties.Namespace: is "
                                        + "AWS/ApiGatewayV2; the metrics of WebSocket APIs are in AWS/ApiGateway: the alarm "
                                        + "never fires")),
                Arguments.of(
                        "alarms with the dimension of REST APIs",
                        ROOMS,
                        "Environment=prod",
                        "{Name: ApiId, Value",
                        "{Name: ApiName, Value",
                        List.of(
                                "finding: rooms/cloudformation.yaml:214: ManyConnections.Properties.Dimensions: has "
                                        + "ApiName; the metrics of WebSocket APIs have ApiId, Stage and Route: the alarm never "
                                        + "fires",
                                "finding: rooms/cloudformation.yaml:226: ManyErrors.Properties.Dimensions: has "
                                        + "ApiName; the metrics of WebSocket APIs have ApiId, Stage and Route: the alarm never "
                                        + "fires")),
                Arguments.of(
                        "a deployment before its routes",
                        ROOMS,
                        "",
                        "DefaultRoute, ChatRoute, JoinRoute, PrivateRoute, ListRoute]",
                        "DefaultRoute]",
                        List.of("finding: rooms/cloudformation.yaml:180: Deployment: does not depend on the routes "
                                + "chat, join_room, private_message, room_list: on AWS they may be missing from the "
                                + "stage; here all routes are live")),
                Arguments.of(
                        "a deployment that makes the stage too",
                        ROOMS,
                        "",
                        "Properties: {ApiId: !Ref Api}\n",
                        "Properties: {ApiId: !Ref Api, StageName: dev}\n",
                        List.of("finding: rooms/cloudformation.yaml:182: Deployment.Properties.StageName: names the "
                                + "stage dev, which stands beside it; AWS would make it twice")),
                Arguments.of(
                        "properties of a stage that there are not",
                        CDK,
                        "",
                        "\"DefaultRouteSettings\": {",
                        "\"ThrottleSettings\": {",
                        List.of("error: rooms/cdk.out/RoomsStack.template.json:888: "
                                + "Stage4D5E6F70.Properties.ThrottleSettings: is not a property of "
                                + "AWS::ApiGatewayV2::Stage")),
                Arguments.of(
                        "settings of a route that there is not",
                        ROOMS,
                        "",
                        "        LoggingLevel: INFO\n",
                        "        LoggingLevel: INFO\n      RouteSettings: {joinroom: {ThrottlingRateLimit: 1}}\n",
                        List.of("error: rooms/cloudformation.yaml:198: Stage.Properties.RouteSettings.joinroom: there "
                                + "is no route with the key joinroom; did you mean join_room?")),
                Arguments.of(
                        "an authorizer where there is none",
                        ROOMS,
                        "",
                        "RouteKey: chat,",
                        "RouteKey: chat, AuthorizationType: AWS_IAM,",
                        List.of("error: rooms/cloudformation.yaml:169: ChatRoute.Properties.AuthorizationType: only "
                                + "$connect is authorized: a connection is let in once, and its messages are not asked "
                                + "again")),
                Arguments.of(
                        "a stage without a deployment, in a nested stack",
                        CHAT,
                        "",
                        ", DeploymentId: !Ref Deployment}",
                        "}",
                        List.of(
                                "finding: chat/api.yaml:68: HistoryApi: is an API over HTTP; only WebSocket APIs are "
                                        + "served",
                                "finding: chat/api.yaml:50: Stage: has neither AutoDeploy nor a DeploymentId: on AWS "
                                        + "nobody can connect to it")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void aMistake(String name, String template, String parameter, String from, String to, List<String> lines)
            throws Exception {
        check(template);
        replace(template, from, to);
        Terminal.Run run = parameter.contains("=") ? check(template, "--parameter", parameter) : check(template);

        assertThat(reported(run)).as(name).containsExactlyElementsOf(lines);
        boolean isRefused = lines.getFirst().startsWith("error: ");
        assertThat(run.exitCode()).isEqualTo(isRefused ? ExitCodes.CONFIGURATION : 0);
    }
}
