package io.topicstream.cli.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.aws.local.TableStream;
import io.topicstream.aws.local.TableStream.Filter;
import io.topicstream.gateway.definition.DefinitionException;
import io.topicstream.gateway.model.Definition.Finding;
import io.topicstream.server.TestClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// What `topicstream dev aws` makes of the template that deploys TopicStream, and of changed copies of it.
class TemplateRunTest {
    private static final byte[] DONE = "{\"batchItemFailures\":[]}".getBytes(UTF_8);

    @TempDir
    Path directory;

    // ---- templates and parameters

    private static String text() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(SystemTemplate.class.getResourceAsStream("topicstream.template.json"))) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    /// A copy of the template.
    ///
    /// @param parameters `A=b, C=d`
    private SystemTemplate copy(String text, String parameters) throws IOException {
        Path file = directory.resolve("copy.json");
        Files.writeString(file, text);
        return new SystemTemplate(file, parameters(parameters));
    }

    /// The text with another one in place of something in one resource.
    private static String changed(String text, String id, String before, String after) {
        int start = text.indexOf("\n    \"" + id + "\" : {");
        int end = text.indexOf("\n    }", start + 1);
        String resource = text.substring(start, end);
        assertThat(resource).as(id).contains(before);
        return text.substring(0, start) + resource.replace(before, after) + text.substring(end);
    }

    /// The text without a resource, and with `DependsOn` of nothing.
    private static String without(String text, String id) {
        int start = text.indexOf("\n    \"" + id + "\" : {");
        int end = text.indexOf("\n    },", start + 1);
        assertThat(start).as(id).isPositive();
        return text.substring(0, start) + text.substring(end + "\n    },".length());
    }

    private static String with(String text, String resource) {
        return text.replace("\n  \"Resources\" : {", "\n  \"Resources\" : {\n    " + resource + ",");
    }

    private static Map<String, String> parameters(String text) {
        return Arrays.stream(text.split(", *", -1))
                .filter(one -> !one.isBlank())
                .map(one -> one.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0].strip(), pair -> pair[1].strip()));
    }

    private static LocalPlan plan(String parameters) throws DefinitionException {
        return new SystemTemplate(null, parameters(parameters)).plan(false);
    }

    /// What is refused; empty where all of it runs.
    private static List<String> refused(SystemTemplate template, boolean hasEventBridge) {
        try {
            var _ = template.plan(hasEventBridge);
            return List.of();
        } catch (DefinitionException e) {
            return e.findings().stream().map(Finding::toString).toList();
        }
    }

    // ---- what runs

    @Test
    void theTemplateRunsAsItComes() throws Exception {
        LocalPlan plan = plan("");

        assertThat(plan.api().apis()).singleElement().satisfies(api -> {
            assertThat(api.stages().keySet()).containsExactlyInAnyOrder("v1", "live", "dev", "staging");
            assertThat(api.routes().keySet()).containsExactlyInAnyOrder("$connect", "$disconnect", "$default");
            assertThat(api.stages().get("v1").defaults().throttlingBurst()).isEqualTo(500);
        });
        assertThat(plan.http()).isEqualTo(new LocalPlan.Throttle(1000.0, 500));
        assertThat(plan.variables())
                .containsEntry("TOPICSTREAM_GUESTS", "true")
                .containsEntry("TOPICSTREAM_STAGES", "v1=native,live=topics,dev=chat,staging=rooms")
                .containsEntry("TOPICSTREAM_ADMIN_TOKEN_SHA256", SystemTemplate.HASH_OF_OUR_TOKEN)
                .doesNotContainKeys("TOPICSTREAM_TABLE", "TOPICSTREAM_EVENT_BUS", "TOPICSTREAM_ACCESS_JWT");
        assertThat(plan.streams())
                .containsExactlyInAnyOrder(
                        new LocalPlan.Stream(
                                Handler.ARCHIVE, List.of(new Filter(List.of("L#"), Set.of("INSERT"))), 100),
                        new LocalPlan.Stream(
                                Handler.EVENTS, List.of(new Filter(List.of("L#", "V#connection/"), Set.of())), 100));
        assertThat(plan.clocks())
                .containsExactlyInAnyOrder(
                        new LocalPlan.Clock(Handler.ARCHIVE, Duration.ofHours(1)),
                        new LocalPlan.Clock(Handler.EVENTS, Duration.ofMinutes(1)));
        assertThat(plan.hasPage()).isTrue();
        assertThat(plan.withoutEffect())
                .containsEntry("PageDistribution", "the chat page is served at /chat/")
                .containsEntry("WebSocketRole", "nobody is asked for rights on this machine")
                .containsEntry("PageBucket", "no function has it")
                .doesNotContainKeys("Table", "Bucket", "WebSocketApi", "Key", "EventBus", "AlarmMail")
                .containsKeys("AlarmTopic", "Dashboard", "Failures", "WebSocketAlias", "WebSocketFromApi");
    }

    @Test
    void whatAConditionTurnsOffIsNotThere() throws Exception {
        LocalPlan plan = plan("AllowGuests=false, AdminTokenSha256=, EnablePage=false, EnableMonitoring=false");

        assertThat(plan.variables())
                .containsEntry("TOPICSTREAM_GUESTS", "false")
                .doesNotContainKey("TOPICSTREAM_ADMIN_TOKEN_SHA256");
        assertThat(plan.streams()).extracting(LocalPlan.Stream::handler).containsExactly(Handler.ARCHIVE);
        assertThat(plan.clocks()).extracting(LocalPlan.Clock::handler).containsExactly(Handler.ARCHIVE);
        assertThat(plan.hasPage()).isFalse();
        assertThat(plan.withoutEffect()).doesNotContainKeys("AlarmTopic", "PageDistribution", "EventsAlias");
    }

    @Test
    void parametersReachTheFunctionsAndTheGateway() throws Exception {
        LocalPlan plan = plan("MessageRetentionHours=6, AllowedOrigins=https://a.example, ThrottlingRateLimit=7");

        assertThat(plan.variables())
                .containsEntry("TOPICSTREAM_ALLOWED_ORIGINS", "https://a.example")
                .hasEntrySatisfying(
                        "TOPICSTREAM_POLICIES", policies -> assertThat(policies).contains("\"age\":\"6h\""));
        assertThat(plan.http().perSecond()).isEqualTo(7);
        assertThat(plan.api().apis().getFirst().stages().get("dev").defaults().throttlingRate())
                .isEqualTo(7);
    }

    @Test
    void aBusIsThatOfTheEventBridgeThatRuns() throws Exception {
        LocalPlan plan = new SystemTemplate(null, parameters("EnableEvents=true, EventTopics=orders*")).plan(true);

        assertThat(plan.variables())
                .containsEntry("TOPICSTREAM_EVENT_BUS", "topicstream-events")
                .containsEntry("TOPICSTREAM_EVENT_TOPICS", "orders*");
        assertThat(plan.withoutEffect())
                .containsEntry("EventLogRule", "rules are set at the EventBridge that runs")
                .containsKey("EventLog");
    }

    // ---- what does not

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            EnableEncryption=true                   | false | Key: AWS::KMS::Key cannot run on this machine: there is no KMS
            EnableEvents=true                       | false | EventBus: AWS::Events::EventBus cannot run on this machine without an EventBridge
            EnableEvents=true                       | false | EventLogRule.Properties.EventBusName: (AWS::Events::Rule) is a bus that needs an EventBridge
            EnableEvents=true, EnableWorkflow=true  | true  | Distribution: AWS::StepFunctions::StateMachine cannot run on this machine
            DomainName=example.com                  | false | WebSocketDomain: AWS::ApiGatewayV2::DomainName cannot run on this machine
            DomainName=example.com                  | false | HttpMapping: AWS::ApiGatewayV2::ApiMapping cannot run on this machine
            FunctionConcurrency=5                   | false | WebSocketFunction.Properties.ReservedConcurrentExecutions: (AWS::Lambda::Function) is not kept
            AllowGuests=perhaps                     | false | Parameters.AllowGuests: must be one of AllowedValues true, false, not 'perhaps'
            AdminTokenSha256=mine                   | false | Parameters.AdminTokenSha256: must match pattern ([0-9a-f]{64})?
            ThrottlingRateLimit=10001               | false | Parameters.ThrottlingRateLimit: must be a number not greater than 10000, not '10001'
            ThrottlingRateLimit=-1                  | false | Parameters.ThrottlingRateLimit: must be a number not less than 0, not '-1'
            ThrottlingRateLimit=many                | false | Parameters.ThrottlingRateLimit: must be a number, not 'many'
            AllowGuest=true                         | false | there is no parameter AllowGuest; did you mean AllowGuests?
            """)
    void whatAParameterAsksForInVainIsNamed(String parameters, boolean hasEventBridge, String said) {
        assertThat(refused(new SystemTemplate(null, parameters(parameters)), hasEventBridge))
                .anySatisfy(one -> assertThat(one).contains(said));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ArchiveFunction     | .ArchiveHandler"          | .MyHandler"                    | ArchiveFunction.Properties.Handler: (AWS::Lambda::Function) is 'io.topicstream.aws.runtime.MyHandler'
            ArchiveFunction     | .ArchiveHandler"          | .HttpHandler"                  | is that of ArchiveFunction too
            ArchiveFunction     | "MemorySize"              | "VpcConfig" : {}, "MemorySize" | ArchiveFunction.Properties.VpcConfig: (AWS::Lambda::Function) is not kept
            ArchiveFunction     | "dm:*                     | "dm:a*                         | ArchiveFunction.Properties.Environment
            ArchiveFunction     | "Ref" : "Table"           | "Fn::Sub" : "another"          | TOPICSTREAM_TABLE is 'another', which is no AWS::DynamoDB::Table of the template
            HttpFunction        | "Ref" : "WebSocketAlias"  | "Ref" : "ArchiveAlias"         | which is not the function behind the WebSockets
            WebSocketFunction   | }, "v1" ]                 | }, "v2" ]                      | TOPICSTREAM_CALLBACK_URL is
            ArchiveStream       | prefix                    | suffix                         | ArchiveStream.Properties.FilterCriteria: (AWS::Lambda::EventSourceMapping) has the pattern
            ArchiveStream       | eventName                 | awsRegion                      | ArchiveStream.Properties.FilterCriteria: (AWS::Lambda::EventSourceMapping) has the pattern
            ArchiveStream       | INSERT                    | REMOVE                         | ArchiveStream.Properties.FilterCriteria: (AWS::Lambda::EventSourceMapping) has the pattern
            ArchiveStream       | [ "ReportBatchItemFailures" ] | [ ]                        | ArchiveStream.Properties.FunctionResponseTypes
            ArchiveStream       | "Table", "StreamArn"      | "Table", "Arn"                 | ArchiveStream.Properties.EventSourceArn
            ArchiveStream       | "Ref" : "ArchiveAlias"    | "Ref" : "HttpAlias"            | ArchiveStream.Properties.FunctionName
            ArchiveClock        | rate(1 hour)              | cron(0 * * * ? *)              | ArchiveClock.Properties.ScheduleExpression: (AWS::Events::Rule) is 'cron(0 * * * ? *)'
            Table               | "sk",                     | "range",                       | Table.Properties.KeySchema
            Table               | "x"                       | "ttl"                          | Table.Properties.TimeToLiveSpecification
            Table               | NEW_AND_OLD_IMAGES        | KEYS_ONLY                      | Table.Properties.StreamSpecification
            HttpRoute           | $default                  | GET /health                    | HttpRoute.Properties.RouteKey: (AWS::ApiGatewayV2::Route) is 'GET /health'
            HttpStage           | $default                  | prod                           | HttpStage.Properties.StageName
            HttpIntegration     | 2.0                       | 1.0                            | HttpIntegration.Properties.PayloadFormatVersion
            HttpApi             | "ProtocolType"            | "CorsConfiguration" : { "AllowOrigins" : [ "*" ] }, "ProtocolType" | HttpApi.Properties.CorsConfiguration
            WebSocketIntegration | "Ref" : "WebSocketAlias" | "Ref" : "HttpAlias"            | WebSocketIntegration.Properties.IntegrationUri
            """)
    void whatACopyChangesInVainIsNamed(String id, String before, String after, String said) throws IOException {
        assertThat(refused(copy(changed(text(), id, before, after), ""), false))
                .anySatisfy(one -> assertThat(one).contains(said));
    }

    @Test
    void aResourceThatCannotRunIsNamedWhereItsConditionHolds() throws IOException {
        String network = "\"Network\" : { \"Type\" : \"AWS::EC2::VPC\", \"Condition\" : \"EnablePageIsTrue\" }";
        String machine = "\"Machine\" : { \"Type\" : \"AWS::MediaLive::Channel\" }";

        assertThat(refused(copy(with(text(), network), ""), false))
                .singleElement()
                .asString()
                .endsWith(
                        "Network: AWS::EC2::VPC cannot run on this machine: there is no network but that of this machine");
        assertThat(refused(copy(with(text(), network), "EnablePage=false"), false))
                .isEmpty();
        assertThat(refused(copy(with(text(), machine), ""), false))
                .singleElement()
                .asString()
                .endsWith("Machine: AWS::MediaLive::Channel cannot run on this machine");
    }

    // ---- running it

    private LocalStack open(SystemTemplate template) throws Exception {
        return LocalStack.open(
                template,
                new LocalStack.Places(
                        Dynoxide.get().endpoint(), Dynoxide.get().table().name(), null, "topicstream", null),
                0,
                Map.of(),
                directory);
    }

    private static int status(URI uri) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    @Test
    void aCopyHasTheStagesAndGuestsThatItSays() throws Exception {
        String more = with(
                without(text(), "DevStage").replaceAll("(?s)\\n    \"DevMapping\" : \\{.*?\\n    },", ""),
                "\"RoomStage\" : { \"Type\" : \"AWS::ApiGatewayV2::Stage\", \"Properties\" : {"
                        + "\"ApiId\" : { \"Ref\" : \"WebSocketApi\" }, \"AutoDeploy\" : true, \"StageName\" : \"rooms\" } }");
        String spoken = more.replace("dev=chat,staging=rooms", "staging=rooms,rooms=rooms");
        try (LocalStack stack = open(copy(spoken, "AllowGuests=false"))) {
            URI uri = stack.aws().uri();
            String key = stack.aws().keyOf("ada");

            assertThat(TestClient.to(uri, "/v1").refusedWith()).isEqualTo(401);
            assertThat(status(uri.resolve("/topics/news/consume"))).isEqualTo(401);
            assertThat(TestClient.to(uri, "/dev").header("x-api-key", key).refusedWith())
                    .isEqualTo(403);
            for (String stage : List.of("/v1", "/live", "/staging", "/rooms")) {
                try (TestClient client =
                        TestClient.to(uri, stage).header("x-api-key", key).open()) {
                    assertThat(client.isClosed()).as(stage).isFalse();
                }
            }
            assertThat(status(uri.resolve("/chat/"))).isEqualTo(stack.aws().chatPage() == null ? 404 : 200);
        }
    }

    @Test
    void guestsComeInWherePeopleSayNothingAndThereIsNoPageWithoutCloudFront() throws Exception {
        try (LocalStack stack = open(new SystemTemplate(null, parameters("EnablePage=false")))) {
            URI uri = stack.aws().uri();
            try (TestClient guest = TestClient.connect(uri)) {
                guest.send("{\"action\":\"ping\",\"id\":1}");
                guest.await("\"id\":1");
            }
            assertThat(status(uri.resolve("/topics/news/consume"))).isEqualTo(200);
            assertThat(stack.aws().chatPage()).isNull();
            assertThat(status(uri.resolve("/chat/"))).isEqualTo(404);
            assertThat(stack.adminToken()).isNotNull();
        }
    }

    @Test
    void theThrottlesOfTheTemplateAreInForce() throws Exception {
        try (LocalStack stack = open(new SystemTemplate(null, parameters("ThrottlingRateLimit=0")))) {
            URI uri = stack.aws().uri();

            assertThat(TestClient.to(uri, "/v1").refusedWith()).isEqualTo(429);
            assertThat(status(uri.resolve("/health"))).isEqualTo(429);
            assertThat(status(uri.resolve("/cost"))).isEqualTo(200);
        }
    }

    @Test
    void theFiltersOfAMappingDecideWhatCallsItsFunction() throws Exception {
        String other = changed(text(), "EventsStream", "\\\"L#\\\"", "\\\"Z#\\\"");
        LocalPlan plan = copy(other, "").plan(false);
        Map<Handler, BlockingQueue<String>> told =
                Map.of(Handler.ARCHIVE, new LinkedBlockingQueue<>(), Handler.EVENTS, new LinkedBlockingQueue<>());
        try (TableStream stream = new TableStream();
                DynamoDbClient client = Dynoxide.get().newClient(stream)) {
            plan.streams()
                    .forEach(one -> stream.follow(one.filters(), one.batch(), Duration.ofMillis(1), event -> {
                        told.get(one.handler()).add(new String(event, UTF_8));
                        return DONE;
                    }));
            String table = Dynoxide.get().table().name();
            for (String key : List.of("L#news", "Z#one", "S#state", "V#connection/1", "V#connection/1", "Z#last")) {
                client.putItem(put -> put.tableName(table)
                        .item(Map.of("pk", AttributeValue.fromS(key), "sk", AttributeValue.fromS("1"))));
            }

            assertThat(untilLast(told.get(Handler.EVENTS)))
                    .containsSubsequence(
                            "INSERT", "Z#one", "INSERT", "V#connection/1", "MODIFY", "V#connection/1", "Z#last")
                    .doesNotContain("L#news", "S#state");
            client.putItem(put -> put.tableName(table)
                    .item(Map.of("pk", AttributeValue.fromS("L#last"), "sk", AttributeValue.fromS("1")))
                    .conditionExpression("attribute_not_exists(pk)"));
            assertThat(untilLast(told.get(Handler.ARCHIVE))).doesNotContain("Z#", "S#", "V#", "MODIFY");
        }
    }

    private static String untilLast(BlockingQueue<String> events) throws InterruptedException {
        StringBuilder all = new StringBuilder();
        while (!all.toString().contains("#last")) {
            String event = events.poll(60, TimeUnit.SECONDS);
            assertThat(event).as("an event, after " + all).isNotNull();
            all.append(event);
        }
        return all.toString();
    }
}
