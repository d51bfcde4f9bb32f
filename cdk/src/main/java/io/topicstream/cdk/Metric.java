package io.topicstream.cdk;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.services.apigatewayv2.CfnApi;

/// A metric of CloudWatch.
///
/// @param namespace in which AWS publishes it
/// @param statistic what is shown or judged of a period
/// @param dimensions all that it is published with, for others are other metrics
record Metric(String namespace, String name, String statistic, Map<String, String> dimensions) {
    /// Handshakes that were refused.
    static final String REFUSALS = "RefusedConnections";

    private static final String GATEWAY = "AWS/ApiGateway";
    private static final String SUM = "Sum";

    /// Of an API, all its stages together. Those of WebSockets are beside those of HTTP, in one namespace.
    static Metric ofApi(String name, String statistic, String api) {
        return new Metric(GATEWAY, name, statistic, Map.of("ApiId", api));
    }

    /// Counted in the log of accesses, and so in a namespace of the API's own.
    static Metric ofRefusals(CfnApi api) {
        return new Metric(namespaceOf(api), REFUSALS, SUM, Map.of());
    }

    static String namespaceOf(CfnApi api) {
        return Fn.join("/", List.of("TopicStream", api.getRef()));
    }

    /// Of one stage.
    static Metric ofStage(String name, String statistic, String api, String stage) {
        return new Metric(GATEWAY, name, statistic, dimensions("ApiId", api, "Stage", stage));
    }

    /// Of all versions of a function.
    static Metric ofFunction(String name, String statistic, SystemFunction function) {
        return new Metric("AWS/Lambda", name, statistic, Map.of("FunctionName", function.name()));
    }

    static Metric ofTable(String name, Storage storage) {
        return new Metric("AWS/DynamoDB", name, SUM, Map.of("TableName", storage.tableName()));
    }

    /// One that DynamoDB publishes for each operation alone.
    static Metric ofOperation(String name, String statistic, Storage storage, String operation) {
        return new Metric(
                "AWS/DynamoDB", name, statistic, dimensions("Operation", operation, "TableName", storage.tableName()));
    }

    static Metric ofQueue(String name, Failures failures) {
        return new Metric("AWS/SQS", name, "Maximum", Map.of("QueueName", failures.name()));
    }

    static Metric ofWorkflow(String name, Distribution workflow) {
        return new Metric("AWS/States", name, SUM, Map.of("StateMachineArn", workflow.arn()));
    }

    private static Map<String, String> dimensions(String name, String value, String other, String itsValue) {
        Map<String, String> both = new TreeMap<>();
        both.put(name, value);
        both.put(other, itsValue);
        return both;
    }

    /// As a dashboard has it.
    List<Object> row(String label) {
        List<Object> row = new ArrayList<>(List.of(namespace, name));
        dimensions.forEach((dimension, value) -> {
            row.add(dimension);
            row.add(value);
        });
        row.add(Values.of("label", label, "stat", statistic));
        return row;
    }
}
