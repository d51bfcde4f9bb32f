package io.topicstream.cdk;

import static io.topicstream.cdk.Deployed.map;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The dashboard and the alarms of the published template.
class MonitoringTest {
    private static final String ALARM = "AWS::CloudWatch::Alarm";
    private static final String WEB_SOCKET_API = "WebSocketApi";

    /// What AWS publishes, and with which dimensions, by its pages on metrics. A name of another one is never
    /// published,
    /// and its alarm stays silent.
    private static final Map<String, Set<List<String>>> PUBLISHED = published();

    private static Map<String, Set<List<String>>> published() {
        Map<String, Set<List<String>>> metrics = new TreeMap<>();
        Set<List<String>> ofApi = Set.of(List.of("ApiId"), List.of("ApiId", "Stage"));
        // Of WebSockets, and of HTTP.
        for (String name : List.of(
                "ConnectCount",
                "MessageCount",
                "IntegrationError",
                "ClientError",
                "ExecutionError",
                "IntegrationLatency",
                "4xx",
                "5xx",
                "Count",
                "Latency")) {
            metrics.put("AWS/ApiGateway " + name, ofApi);
        }
        for (String name : List.of(
                "Invocations",
                "Errors",
                "Throttles",
                "DeadLetterErrors",
                "Duration",
                "ConcurrentExecutions",
                "IteratorAge")) {
            metrics.put("AWS/Lambda " + name, Set.of(List.of("FunctionName")));
        }
        for (String name : List.of(
                "ReadThrottleEvents",
                "WriteThrottleEvents",
                "ConsumedReadCapacityUnits",
                "ConsumedWriteCapacityUnits")) {
            metrics.put("AWS/DynamoDB " + name, Set.of(List.of("TableName")));
        }
        for (String name : List.of("SystemErrors", "ThrottledRequests", "SuccessfulRequestLatency")) {
            metrics.put("AWS/DynamoDB " + name, Set.of(List.of("Operation", "TableName")));
        }
        metrics.put("AWS/SQS ApproximateNumberOfMessagesVisible", Set.of(List.of("QueueName")));
        for (String name : List.of("ExecutionsStarted", "ExecutionsFailed", "ExecutionsTimedOut")) {
            metrics.put("AWS/States " + name, Set.of(List.of("StateMachineArn")));
        }
        // Counted in the log of accesses.
        metrics.put("TopicStream/WebSocketApi RefusedConnections", Set.of(List.of()));
        return metrics;
    }

    static List<Map<String, String>> choices() {
        return Deployed.choices();
    }

    @ParameterizedTest
    @MethodSource("choices")
    void theDashboardIsJsonAndSoIsEachOfItsMetricsPublished(Map<String, String> choice) throws JsonProcessingException {
        Deployed deployed = Deployed.with(choice);
        boolean isMonitored = !"false".equals(choice.get("EnableMonitoring"));
        assertThat(deployed.resources().containsKey("Dashboard")).isEqualTo(isMonitored);
        assertThat(deployed.ofType(ALARM).isEmpty()).isEqualTo(!isMonitored);
        if (!isMonitored) {
            assertThat(deployed.ofType("AWS::SNS::Topic")).isEmpty();
            assertThat(deployed.outputs()).doesNotContainKeys("DashboardUrl", "AlarmTopicArn");
            return;
        }

        List<Map<String, Object>> widgets = widgets(deployed);
        Set<String> titles = new HashSet<>();
        for (Map<String, Object> widget : widgets) {
            Map<String, Object> properties = map(widget.get("properties"));
            switch ((String) widget.get("type")) {
                case "text" -> titles.add((String) properties.get("markdown"));
                case "alarm" ->
                    assertThat((List<?>) properties.get("alarms"))
                            .map(Object::toString)
                            .containsExactlyInAnyOrderElementsOf(deployed.ofType(ALARM).keySet().stream()
                                    .map(id -> id + ".Arn")
                                    .toList());
                case "metric" -> {
                    assertThat(properties).containsEntry("region", "eu-west-1");
                    for (Object row : (List<?>) properties.get("metrics")) {
                        isPublished((List<?>) row);
                    }
                }
                default -> throw new AssertionError(widget);
            }
        }
        assertThat(titles)
                .containsExactlyInAnyOrder(
                        "## TopicStream topicstream, " + choice.getOrDefault("Environment", "dev"),
                        "## Connections",
                        "## Messages",
                        "## Functions",
                        "## Database");
    }

    private static List<Map<String, Object>> widgets(Deployed deployed) throws JsonProcessingException {
        String body = (String) deployed.property("Dashboard", "DashboardBody");
        List<Map<String, Object>> widgets = new ArrayList<>();
        for (Object widget :
                (List<?>) map(Deployed.JSON.readValue(body, Object.class)).get("widgets")) {
            widgets.add(map(widget));
        }
        return widgets;
    }

    private static void isPublished(List<?> row) {
        List<String> dimensions = new ArrayList<>();
        for (int i = 2; i + 1 < row.size(); i += 2) {
            dimensions.add((String) row.get(i));
        }
        assertThat(PUBLISHED.getOrDefault(row.get(0) + " " + row.get(1), Set.of()))
                .as("%s", row)
                .contains(dimensions);
    }

    @Test
    void theLinesOfTheDashboardAreNumbers() throws JsonProcessingException {
        Deployed deployed = Deployed.with(Map.of("AlarmConnections", "2500", "AlarmErrors", "7"));

        List<Object> values = new ArrayList<>();
        for (Map<String, Object> widget : widgets(deployed)) {
            Object lines = map(map(widget.get("properties")).get("annotations")).get("horizontal");
            if (lines != null) {
                ((List<?>) lines).forEach(line -> values.add(map(line).get("value")));
            }
        }
        assertThat(values).containsExactly(2500, 7, 600000);
    }

    @Test
    void eachAlarmLooksAtOneMetricThatIsPublished() {
        Deployed deployed = Deployed.with(Deployed.everything());

        deployed.ofType(ALARM).forEach((id, alarm) -> {
            Map<String, Object> properties = map(alarm.get("Properties"));
            List<String> dimensions = new ArrayList<>();
            if (properties.get("Dimensions") instanceof List<?> list) {
                list.forEach(dimension -> dimensions.add((String) map(dimension).get("Name")));
            }
            assertThat(PUBLISHED.getOrDefault(
                            properties.get("Namespace") + " " + properties.get("MetricName"), Set.of()))
                    .as(id)
                    .contains(dimensions);
            assertThat(properties)
                    .as(id)
                    .doesNotContainKeys("Metrics", "AlarmName")
                    .containsEntry("Period", 300)
                    .containsEntry("ComparisonOperator", "GreaterThanThreshold")
                    .containsEntry("TreatMissingData", "notBreaching")
                    .containsEntry("AlarmActions", List.of("AlarmTopic"))
                    .containsEntry("OKActions", List.of("AlarmTopic"));
        });
    }

    @Test
    void theUsualThresholdsAreThoseOfTheDocuments() {
        Deployed deployed = Deployed.usual();

        assertAlarm(deployed, "ConnectionsAlarm", "ConnectCount", "1000", 2);
        assertAlarm(deployed, "WebSocketErrorsAlarm", "IntegrationError", "10", 2);
    }

    private static void assertAlarm(Deployed deployed, String id, String metric, String above, int periods) {
        assertThat(map(deployed.resources().get(id).get("Properties")))
                .as(id)
                .containsEntry("Namespace", "AWS/ApiGateway")
                .containsEntry("MetricName", metric)
                .containsEntry("Statistic", "Sum")
                .containsEntry("Dimensions", List.of(Map.of("Name", "ApiId", "Value", WEB_SOCKET_API)))
                .containsEntry("Threshold", above)
                .containsEntry("EvaluationPeriods", periods);
    }

    @Test
    void everythingThatIsThereHasItsAlarmsAndNothingElse() {
        Set<String> usual = alarms(Map.of());
        assertThat(usual)
                .contains(
                        "WebSocketFunctionErrorsAlarm",
                        "WebSocketFunctionThrottlesAlarm",
                        "WebSocketFunctionDurationAlarm",
                        "WebSocketFunctionDeadLettersAlarm",
                        "HttpFunctionErrorsAlarm",
                        "ArchiveFunctionLagAlarm",
                        "TableReadsAlarm",
                        "TableWritesAlarm",
                        "TableQueryAlarm",
                        "FailuresAlarm")
                .noneMatch(id -> id.startsWith("Events") || id.startsWith("Workflow") || id.startsWith("Refusals"));

        assertThat(more(usual, Map.of("EnableEvents", "true")))
                .containsExactly(
                        "EventsFunctionDeadLettersAlarm",
                        "EventsFunctionDurationAlarm",
                        "EventsFunctionErrorsAlarm",
                        "EventsFunctionLagAlarm",
                        "EventsFunctionThrottlesAlarm");
        assertThat(more(usual, Map.of("EnableEvents", "true", "EnableWorkflow", "true")))
                .contains("WorkflowAlarm");
        assertThat(more(usual, Map.of("EnableDetailedMonitoring", "true"))).containsExactly("RefusalsAlarm");
    }

    private static Set<String> alarms(Map<String, String> parameters) {
        return Deployed.with(parameters).ofType(ALARM).keySet();
    }

    private static Set<String> more(Set<String> usual, Map<String, String> parameters) {
        return alarms(parameters).stream()
                .filter(id -> !usual.contains(id))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void alarmsTellByMailWhereAnAddressIsGiven() {
        assertThat(Deployed.usual().ofType("AWS::SNS::Subscription")).isEmpty();

        Deployed told = Deployed.with(Map.of("AlarmEmail", "somebody@example.com"));

        assertThat(told.ofType("AWS::SNS::Subscription").get("AlarmMail").get("Properties"))
                .isEqualTo(Map.of("Endpoint", "somebody@example.com", "Protocol", "email", "TopicArn", "AlarmTopic"));
        assertThat(told.outputs()).containsEntry("AlarmTopicArn", "AlarmTopic");
    }

    @Test
    void withAKeyTheTopicIsEncryptedAndAlarmsMayUseIt() {
        assertThat(map(Deployed.usual().property("AlarmTopic"))).doesNotContainKey("KmsMasterKeyId");

        Deployed encrypted = Deployed.with(Map.of("EnableEncryption", "true"));

        assertThat(encrypted.property("AlarmTopic", "KmsMasterKeyId")).isEqualTo("Key.Arn");
        assertThat((List<?>) encrypted.property("Key", "KeyPolicy", "Statement"))
                .anySatisfy(statement -> assertThat(map(statement))
                        .containsEntry("Principal", Map.of("Service", "cloudwatch.amazonaws.com"))
                        .containsEntry("Action", List.of("kms:Decrypt", "kms:GenerateDataKey*")));
    }

    @Test
    void theDocumentNamesEachAlarmAndTellsHowManyThereAre() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "aws-deploy.md"));
        Set<String> all = alarms(Deployed.everything());

        assertThat(page)
                .contains(alarms(Map.of()).size() + " alarms are there as usual, and up to " + all.size() + ".");
        for (String id : all) {
            String row = id.replaceFirst("^(WebSocket|Http|Archive|Events)Function", "…Function")
                    .replaceFirst("^Table(" + String.join("|", Storage.OPERATIONS) + ")Alarm", "Table…Alarm");
            assertThat(page).as(id).containsPattern("(?m)^\\|.*`" + row + "`.*\\|$");
        }
    }

    @Test
    void theAddressOfTheDashboardNamesIt() {
        assertThat(Deployed.usual().outputs())
                .containsEntry(
                        "DashboardUrl",
                        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
                                + "#dashboards/dashboard/Dashboard");
    }
}
