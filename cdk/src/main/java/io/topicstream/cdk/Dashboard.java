package io.topicstream.cdk;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.CfnDashboard;

/// What is seen of a system on one page: connections, messages, functions, and the database.
///
/// It is written piece by piece, for a template can leave out a piece of a text, but nothing of the JSON in it. Widgets
/// have no places: they flow, and so what is left out leaves no hole.
final class Dashboard {
    private static final int WIDTH = 24;
    private static final int HALF = 12;
    private static final int HEIGHT = 6;
    private static final int A_MINUTE = 60;
    private static final double QUOTA_OF_A_MINUTE = 10_000.0 * A_MINUTE;
    private static final String SUM = "Sum";
    private static final String P99 = "p99";

    private final Stack stack;
    private final Inputs inputs;
    private final Choice everywhere;
    /// Each after the first begins with its comma.
    private final List<String> widgets = new ArrayList<>();

    private final CfnDashboard made;

    Dashboard(Stack stack, Inputs inputs, Storage storage, Doors doors, Events events, Alarms alarms) {
        this.stack = stack;
        this.inputs = inputs;
        everywhere = inputs.monitoring().isThere();
        widgets.add(heading("TopicStream ", inputs.project(), ", ", inputs.environment()));
        add(everywhere, alarms(alarms.all()));
        connections(doors);
        messages(doors, events);
        functions(doors, events);
        database(storage);
        made = everywhere.only(CfnDashboard.Builder.create(stack, "Dashboard")
                .dashboardBody(Fn.join(
                        "",
                        Stream.of(List.of("{\"widgets\":["), widgets, List.of("]}"))
                                .flatMap(List::stream)
                                .toList()))
                .build());
    }

    private void connections(Doors doors) {
        String api = doors.sockets().api().getRef();
        add(everywhere, heading("Connections"));
        graph(
                everywhere,
                "New connections",
                doors.sockets().stages().keySet().stream()
                        .map(stage ->
                                Metric.ofStage("ConnectCount", SUM, api, stage).row(stage))
                        .toList(),
                line("alarm", inputs.alarms().connections()));
        graph(
                everywhere,
                "Errors",
                List.of(
                        Metric.ofApi("IntegrationError", SUM, api).row("answered or refused by the function"),
                        Metric.ofApi("ExecutionError", SUM, api).row("function not called"),
                        Metric.ofApi("ClientError", SUM, api).row("refused by the gateway")),
                line("alarm", inputs.alarms().errors()));
    }

    private void messages(Doors doors, Events events) {
        String sockets = doors.sockets().api().getRef();
        String http = doors.http().api().getRef();
        add(everywhere, heading("Messages"));
        graph(
                everywhere,
                "Frames from clients and to them",
                doors.sockets().stages().keySet().stream()
                        .map(stage -> Metric.ofStage("MessageCount", SUM, sockets, stage)
                                .row(stage))
                        .toList(),
                line("requests of an account in a minute", QUOTA_OF_A_MINUTE));
        graph(
                everywhere,
                "HTTP requests",
                List.of(
                        Metric.ofApi("Count", SUM, http).row("all"),
                        Metric.ofApi("4xx", SUM, http).row("4xx"),
                        Metric.ofApi("5xx", SUM, http).row("5xx")),
                null);
        graph(
                everywhere,
                "Milliseconds, p99",
                List.of(
                        Metric.ofApi("IntegrationLatency", P99, sockets).row("a frame"),
                        Metric.ofApi("Latency", P99, http).row("an HTTP request")),
                null);
        @Nullable Distribution workflow = events.workflow();
        if (workflow != null) {
            graph(
                    inputs.monitoring().workflow(),
                    "Deliveries by the workflow",
                    List.of(
                            Metric.ofWorkflow("ExecutionsStarted", workflow).row("begun"),
                            Metric.ofWorkflow("ExecutionsFailed", workflow).row("failed"),
                            Metric.ofWorkflow("ExecutionsTimedOut", workflow).row("too long")),
                    null);
        }
    }

    private void functions(Doors doors, Events events) {
        add(everywhere, heading("Functions"));
        function(everywhere, doors.sockets().function());
        function(everywhere, doors.http().function());
        function(everywhere, doors.archiver());
        lag(everywhere, doors.archiver());
        @Nullable SystemFunction teller = events.teller();
        if (teller != null) {
            function(inputs.monitoring().tells(), teller);
            lag(inputs.monitoring().tells(), teller);
        }
        graph(
                everywhere,
                "Calls that failed for good, in the queue",
                List.of(Metric.ofQueue("ApproximateNumberOfMessagesVisible", doors.failures())
                        .row("calls")),
                null);
    }

    private void function(Choice where, SystemFunction function) {
        String name = function.kind().id();
        graph(
                where,
                name + ": calls",
                List.of(
                        Metric.ofFunction("Invocations", SUM, function).row("all"),
                        Metric.ofFunction("Errors", SUM, function).row("with errors"),
                        Metric.ofFunction("Throttles", SUM, function).row("throttled"),
                        Metric.ofFunction("DeadLetterErrors", SUM, function).row("lost")),
                null);
        graph(
                where,
                name + ": milliseconds, and calls at once",
                List.of(
                        Metric.ofFunction("Duration", "p50", function).row("p50"),
                        Metric.ofFunction("Duration", P99, function).row(P99),
                        Metric.ofFunction("ConcurrentExecutions", "Maximum", function)
                                .row("at once")),
                null);
    }

    private void lag(Choice where, SystemFunction function) {
        graph(
                where,
                function.kind().id() + ": milliseconds behind the table",
                List.of(Metric.ofFunction("IteratorAge", "Maximum", function).row("at most")),
                null);
    }

    private void database(Storage storage) {
        add(everywhere, heading("Database"));
        graph(
                everywhere,
                "Units",
                List.of(
                        Metric.ofTable("ConsumedReadCapacityUnits", storage).row("read"),
                        Metric.ofTable("ConsumedWriteCapacityUnits", storage).row("written")),
                null);
        graph(
                everywhere,
                "Throttled",
                List.of(
                        Metric.ofTable("ReadThrottleEvents", storage).row("reads"),
                        Metric.ofTable("WriteThrottleEvents", storage).row("writes")),
                null);
        graph(everywhere, "Requests that were throttled", operations("ThrottledRequests", SUM, storage), null);
        graph(everywhere, "Errors of the table", operations("SystemErrors", SUM, storage), null);
        graph(everywhere, "Milliseconds of a request, p99", operations("SuccessfulRequestLatency", P99, storage), null);
    }

    private static List<List<Object>> operations(String name, String statistic, Storage storage) {
        return Storage.OPERATIONS.stream()
                .map(operation ->
                        Metric.ofOperation(name, statistic, storage, operation).row(operation))
                .toList();
    }

    private void add(Choice where, String widget) {
        widgets.add(where.equals(everywhere) ? "," + widget : where.text("," + widget, ""));
    }

    private void graph(
            Choice where, String title, List<List<Object>> metrics, @Nullable Map<String, Object> annotations) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("title", title);
        properties.put("metrics", metrics);
        properties.put("period", A_MINUTE);
        properties.put("region", stack.getRegion());
        properties.put("view", "timeSeries");
        if (annotations != null) {
            properties.put("annotations", annotations);
        }
        add(where, widget("metric", HALF, HEIGHT, stack.toJsonString(properties)));
    }

    private static Map<String, Object> line(String label, Number value) {
        return Values.of("horizontal", List.of(Values.of("label", label, "value", value)));
    }

    /// The states of all alarms. The first is always there.
    private String alarms(List<Alarms.Alarm> all) {
        List<String> arns = new ArrayList<>();
        for (Alarms.Alarm alarm : all) {
            String arn = Fn.join("", List.of(arns.isEmpty() ? "\"" : ",\"", alarm.arn(), "\""));
            arns.add(alarm.where().equals(everywhere) ? arn : alarm.where().text(arn, ""));
        }
        return widget(
                "alarm",
                WIDTH,
                HEIGHT,
                Fn.join(
                        "",
                        Stream.of(List.of("{\"title\":\"Alarms\",\"alarms\":["), arns, List.of("]}"))
                                .flatMap(List::stream)
                                .toList()));
    }

    private String heading(String... words) {
        return widget("text", WIDTH, 1, stack.toJsonString(Values.of("markdown", "## " + String.join("", words))));
    }

    private static String widget(String type, int width, int height, String properties) {
        return Fn.join(
                "",
                List.of(
                        "{\"type\":\"" + type + "\",\"width\":" + width + ",\"height\":" + height + ",\"properties\":",
                        properties,
                        "}"));
    }

    String url() {
        return Fn.join(
                "",
                List.of(
                        Fn.sub(
                                "https://${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=${AWS::Region}#dashboards/dashboard/"),
                        made.getRef()));
    }
}
