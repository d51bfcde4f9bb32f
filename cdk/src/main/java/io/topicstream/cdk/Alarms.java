package io.topicstream.cdk;

import java.util.ArrayList;
import java.util.List;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.CfnAlarm;

/// What goes off. Each alarm looks at one metric, and has no name of its own, so that systems stand side by side.
///
/// No data is good: nothing is published of what did not happen, and most of the time nothing fails.
final class Alarms {
    private static final String SUM = "Sum";
    private static final int FIVE_MINUTES = 300;
    private static final int TWICE = 2;
    /// Half an hour: callers make errors of their own, and a few are no news.
    private static final int STEADILY = 6;

    private static final int PERCENT = 100;
    private static final int NEAR = 80;
    private static final int MILLIS = 1000;
    /// How many requests an account has in a region, in five minutes; posts to connections count among them.
    private static final int QUOTA = 10_000 * FIVE_MINUTES;
    /// The table's stream has what is younger than a day.
    private static final int LATE_MS = 15 * 60 * MILLIS;

    private final Stack stack;
    private final Inputs inputs;
    private final AlarmTopic topic;
    private final List<Alarm> all = new ArrayList<>();

    /// One that was made.
    ///
    /// @param where whether it is there
    record Alarm(Choice where, String arn) {}

    Alarms(Stack stack, Inputs inputs, AlarmTopic topic) {
        this.stack = stack;
        this.inputs = inputs;
        this.topic = topic;
    }

    List<Alarm> all() {
        return all;
    }

    void ofDoors(Doors doors) {
        Choice where = inputs.monitoring().isThere();
        Number errors = inputs.alarms().errors();
        String sockets = doors.sockets().api().getRef();
        make(
                where,
                "ConnectionsAlarm",
                "More clients connect than is usual.",
                Metric.ofApi("ConnectCount", SUM, sockets),
                inputs.alarms().connections(),
                TWICE);
        make(
                where,
                "WebSocketErrorsAlarm",
                "The WebSocket function answers with errors, or refuses many clients.",
                Metric.ofApi("IntegrationError", SUM, sockets),
                errors,
                TWICE);
        make(
                where,
                "WebSocketCallsAlarm",
                "The gateway cannot call the WebSocket function.",
                Metric.ofApi("ExecutionError", SUM, sockets),
                errors,
                TWICE);
        make(
                where,
                "WebSocketClientsAlarm",
                "The gateway refuses frames or handshakes itself, by its throttles among others.",
                Metric.ofApi("ClientError", SUM, sockets),
                errors,
                STEADILY);
        make(
                where,
                "QuotaAlarm",
                "Frames and posts to connections come near to the requests that an account may make.",
                Metric.ofApi("MessageCount", SUM, sockets),
                QUOTA / PERCENT * NEAR,
                1);
        String http = doors.http().api().getRef();
        make(
                where,
                "HttpErrorsAlarm",
                "The HTTP API answers with 500 or above.",
                Metric.ofApi("5xx", SUM, http),
                errors,
                TWICE);
        make(
                where,
                "HttpClientsAlarm",
                "The HTTP API refuses requests all the time.",
                Metric.ofApi("4xx", SUM, http),
                errors,
                STEADILY);
        make(
                where,
                "FailuresAlarm",
                "Calls of functions have failed for good, and lie in the queue.",
                Metric.ofQueue("ApproximateNumberOfMessagesVisible", doors.failures()),
                0,
                1);
    }

    void ofRefusals(WebSocketDoor sockets) {
        make(
                inputs.monitoring().refusals(),
                "RefusalsAlarm",
                "Clients are refused when they connect.",
                Metric.ofRefusals(sockets.api()),
                inputs.alarms().errors(),
                TWICE);
    }

    void ofFunction(Choice where, SystemFunction function) {
        String id = function.kind().id();
        make(
                where,
                id + "FunctionErrorsAlarm",
                "Calls of the function end with an error.",
                Metric.ofFunction("Errors", SUM, function),
                inputs.alarms().errors(),
                TWICE);
        make(
                where,
                id + "FunctionThrottlesAlarm",
                "The function is not called, for too many calls of it run.",
                Metric.ofFunction("Throttles", SUM, function),
                0,
                TWICE);
        make(
                where,
                id + "FunctionDurationAlarm",
                "Calls of the function take nearly as long as they may.",
                Metric.ofFunction("Duration", "p99", function),
                function.kind().timeoutSeconds() * MILLIS / PERCENT * NEAR,
                TWICE);
        make(
                where,
                id + "FunctionDeadLettersAlarm",
                "What failed for good could not be put into the queue, and is lost.",
                Metric.ofFunction("DeadLetterErrors", SUM, function),
                0,
                1);
    }

    /// Of one that reads the table's stream.
    void ofReader(Choice where, SystemFunction function) {
        ofFunction(where, function);
        make(
                where,
                function.kind().id() + "FunctionLagAlarm",
                "The function is behind the table's stream, which forgets after a day.",
                Metric.ofFunction("IteratorAge", "Maximum", function),
                LATE_MS,
                TWICE);
    }

    /// Requests that were throttled are not asked for beside the events of which each has one at least.
    void ofTable(Storage storage) {
        Choice where = inputs.monitoring().isThere();
        for (String direction : List.of("Read", "Write")) {
            make(
                    where,
                    "Table" + direction + "sAlarm",
                    "The table takes fewer requests than are made.",
                    Metric.ofTable(direction + "ThrottleEvents", storage),
                    0,
                    TWICE);
        }
        for (String operation : Storage.OPERATIONS) {
            make(
                    where,
                    "Table" + operation + "Alarm",
                    "The table answers with errors of its own.",
                    Metric.ofOperation("SystemErrors", SUM, storage, operation),
                    inputs.alarms().errors(),
                    TWICE);
        }
    }

    void ofWorkflow(Distribution workflow) {
        make(
                inputs.monitoring().workflow(),
                "WorkflowAlarm",
                "The workflow fails: listeners get their messages with the next, or when they resume.",
                Metric.ofWorkflow("ExecutionsFailed", workflow),
                0,
                TWICE);
    }

    private void make(Choice where, String id, String description, Metric metric, Number above, int periods) {
        CfnAlarm.Builder alarm = CfnAlarm.Builder.create(stack, id)
                .alarmDescription("TopicStream: " + description)
                .namespace(metric.namespace())
                .metricName(metric.name())
                .dimensions(metric.dimensions().entrySet().stream()
                        .map(dimension -> CfnAlarm.DimensionProperty.builder()
                                .name(dimension.getKey())
                                .value(dimension.getValue())
                                .build())
                        .toList())
                .period(FIVE_MINUTES)
                .evaluationPeriods(periods)
                .threshold(above)
                .comparisonOperator("GreaterThanThreshold")
                .treatMissingData("notBreaching")
                .alarmActions(List.of(topic.arn()))
                .okActions(List.of(topic.arn()));
        if (metric.statistic().startsWith("p")) {
            alarm.extendedStatistic(metric.statistic());
        } else {
            alarm.statistic(metric.statistic());
        }
        all.add(new Alarm(where, where.only(alarm.build()).getAttrArn()));
    }
}
