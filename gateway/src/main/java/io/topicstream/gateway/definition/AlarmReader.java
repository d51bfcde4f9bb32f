package io.topicstream.gateway.definition;

import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Looks at alarms on the metrics of WebSocket APIs: there are none here, but one that can never fire is worth a word.
final class AlarmReader {
    private static final String NAMESPACE = "AWS/ApiGateway";
    private static final Set<String> METRICS = Set.of(
            "ClientError", "ConnectCount", "ExecutionError", "IntegrationError", "IntegrationLatency", "MessageCount");
    private static final Set<String> DIMENSIONS = Set.of("ApiId", "Route", "Stage");

    private AlarmReader() {}

    /// Looks at an `AWS::CloudWatch::Alarm`.
    static void look(Properties one) {
        Node.Members properties = one.resource().properties();
        @Nullable String metric = Permissions.text(one, properties.at("MetricName"));
        @Nullable String namespace = Permissions.text(one, properties.at("Namespace"));
        if (metric == null || namespace == null || !METRICS.contains(metric) || !namespace.startsWith(NAMESPACE)) {
            return;
        }
        if (!namespace.equals(NAMESPACE)) {
            one.finding(
                    "Namespace",
                    "is " + namespace + "; the metrics of WebSocket APIs are in " + NAMESPACE
                            + ": the alarm never fires");
        }
        Set<String> others = new TreeSet<>();
        if (properties.at("Dimensions") instanceof Node.Items dimensions) {
            for (Node dimension : dimensions.items()) {
                if (dimension instanceof Node.Members members && !DIMENSIONS.contains(members.textAt("Name"))) {
                    others.add(members.textAt("Name"));
                }
            }
        }
        if (!others.isEmpty()) {
            one.finding(
                    "Dimensions",
                    "has " + String.join(", ", others)
                            + "; the metrics of WebSocket APIs have ApiId, Stage and Route: the alarm never fires");
        }
    }
}
