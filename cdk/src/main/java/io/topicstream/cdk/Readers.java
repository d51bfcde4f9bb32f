package io.topicstream.cdk;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.events.CfnRule;
import software.amazon.awscdk.services.lambda.CfnEventSourceMapping;

/// The functions that read the table's stream: the archiver, and the one that tells others what happens. A record that
/// cannot be handled never stops a shard: the function answers which are to come again, and puts aside what it cannot
/// read.
final class Readers {
    private static final int DAY_IN_SECONDS = 24 * 3600;

    private final Stack stack;
    private final Inputs inputs;
    private final Storage storage;
    private final Failures failures;

    Readers(Stack stack, Inputs inputs, Storage storage, Failures failures) {
        this.stack = stack;
        this.inputs = inputs;
        this.storage = storage;
        this.failures = failures;
    }

    SystemFunction archive() {
        // Only rows of a log, and only new ones, make a topic longer.
        return reader(
                FunctionKind.ARCHIVE,
                Choice.YES,
                Map.of(),
                List.of(),
                "{\"eventName\":[\"INSERT\"],\"dynamodb\":{\"Keys\":{\"pk\":{\"S\":[{\"prefix\":\"L#\"}]}}}}",
                "rate(1 hour)");
    }

    /// @param bus where events go, or null without a bus
    SystemFunction events(@Nullable EventBus bus) {
        Map<String, Object> variables = new LinkedHashMap<>();
        List<Object> statements = new ArrayList<>();
        if (bus != null) {
            variables.put("TOPICSTREAM_EVENT_BUS", inputs.events().of(bus.arn(), Values.NONE));
            variables.put("TOPICSTREAM_EVENT_TOPICS", inputs.events().of(inputs.eventTopics(), Values.NONE));
            variables.put("TOPICSTREAM_WORKFLOW_TOPICS", inputs.workflow().of(inputs.workflowTopics(), Values.NONE));
            statements.add(
                    inputs.events().of(Statements.allow(List.of("events:PutEvents"), List.of(bus.arn())), Values.NONE));
        }
        return reader(
                FunctionKind.EVENTS,
                inputs.tells(),
                variables,
                statements,
                "{\"dynamodb\":{\"Keys\":{\"pk\":{\"S\":[{\"prefix\":\"L#\"},{\"prefix\":\"V#connection/\"}]}}}}",
                "rate(1 minute)");
    }

    private SystemFunction reader(
            FunctionKind kind, Choice where, Map<String, Object> own, List<Object> more, String filter, String rate) {
        Map<String, Object> variables = new LinkedHashMap<>(storage.variables());
        variables.putAll(own);
        List<Object> statements = Statements.joined(storage.statements(), more);
        statements.add(Statements.allow(
                List.of("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
                List.of(storage.streamArn())));
        statements.add(
                Statements.allow("StreamsAreListedWithoutResource", List.of("dynamodb:ListStreams"), List.of("*")));
        SystemFunction function = new SystemFunction(
                stack,
                inputs,
                new SystemFunction.Parts(kind, where, variables, statements, Values.NONE),
                storage.keyArn(),
                failures);

        where.only(CfnEventSourceMapping.Builder.create(stack, kind.id() + "Stream")
                .functionName(function.arn())
                .eventSourceArn(storage.streamArn())
                .startingPosition("TRIM_HORIZON")
                .batchSize(100)
                .bisectBatchOnFunctionError(true)
                .maximumRetryAttempts(100)
                .maximumRecordAgeInSeconds(DAY_IN_SECONDS)
                .functionResponseTypes(List.of("ReportBatchItemFailures"))
                .filterCriteria(CfnEventSourceMapping.FilterCriteriaProperty.builder()
                        .filters(List.of(CfnEventSourceMapping.FilterProperty.builder()
                                .pattern(filter)
                                .build()))
                        .build())
                .destinationConfig(CfnEventSourceMapping.DestinationConfigProperty.builder()
                        .onFailure(CfnEventSourceMapping.OnFailureProperty.builder()
                                .destination(failures.arn())
                                .build())
                        .build())
                .build());

        CfnRule clock = where.only(CfnRule.Builder.create(stack, kind.id() + "Clock")
                .description("What nothing else has begun is looked after in time.")
                .scheduleExpression(rate)
                .targets(List.of(CfnRule.TargetProperty.builder()
                        .id("function")
                        .arn(function.arn())
                        .build()))
                .build());
        function.mayBeCalledBy("FromClock", "events.amazonaws.com", clock.getAttrArn());
        return function;
    }
}
