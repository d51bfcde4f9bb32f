package io.topicstream.cdk;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.events.CfnEventBus;
import software.amazon.awscdk.services.events.CfnRule;
import software.amazon.awscdk.services.logs.CfnLogGroup;
import software.amazon.awscdk.services.logs.CfnResourcePolicy;

/// The bus with what happens, and a log in which all of it stands for 30 days.
final class EventBus {
    private static final int LOG_DAYS = 30;

    private final CfnEventBus bus;

    EventBus(Stack stack, Inputs inputs, Object keyArn) {
        bus = inputs.events()
                .only(CfnEventBus.Builder.create(stack, "EventBus")
                        .name(Fn.join("-", List.of(Aws.STACK_NAME, "events")))
                        .build());
        CfnLogGroup log = inputs.events()
                .only(CfnLogGroup.Builder.create(stack, "EventLog")
                        // The service may only write to logs whose names begin so.
                        .logGroupName(Fn.join("", List.of("/aws/events/", Aws.STACK_NAME)))
                        .retentionInDays(LOG_DAYS)
                        .build());
        log.addPropertyOverride("KmsKeyId", keyArn);
        log.applyRemovalPolicy(RemovalPolicy.DESTROY);
        CfnRule rule = inputs.events()
                .only(CfnRule.Builder.create(stack, "EventLogRule")
                        .description("Everything is logged.")
                        .eventBusName(bus.getRef())
                        .eventPattern(Values.of("source", List.of(Values.of("prefix", ""))))
                        .targets(List.of(CfnRule.TargetProperty.builder()
                                .id("log")
                                .arn(logArn(log, ""))
                                .build()))
                        .build());
        inputs.events()
                .only(CfnResourcePolicy.Builder.create(stack, "EventLogPolicy")
                        .policyName(Fn.join("-", List.of(Aws.STACK_NAME, "event-log")))
                        .policyDocument(stack.toJsonString(Statements.document(List.of(
                                mayLog("StreamsOfTheLog", "logs:CreateLogStream", logArn(log, ":*"), null),
                                mayLog("LinesOfTheLog", "logs:PutLogEvents", logArn(log, ":*:*"), rule.getAttrArn())))))
                        .build());
    }

    /// The service asks in this form: for a stream without saying on whose behalf.
    ///
    /// @param rule for which alone, or null
    private static Map<String, Object> mayLog(String sid, String action, String resource, @Nullable String rule) {
        return Values.of(
                "Action",
                action,
                "Condition",
                rule == null ? Values.NONE : Values.of("ArnEquals", Values.of("aws:SourceArn", rule)),
                "Effect",
                "Allow",
                "Principal",
                Values.of("Service", List.of("delivery.logs.amazonaws.com", "events.amazonaws.com")),
                "Resource",
                resource,
                "Sid",
                sid);
    }

    private static String logArn(CfnLogGroup log, String rest) {
        return Fn.join(
                "",
                List.of(
                        Fn.sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"),
                        log.getRef(),
                        rest));
    }

    String arn() {
        return bus.getAttrArn();
    }

    String name() {
        return bus.getAttrName();
    }
}
