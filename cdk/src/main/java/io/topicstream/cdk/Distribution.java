package io.topicstream.cdk;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.events.CfnRule;
import software.amazon.awscdk.services.iam.CfnRole;
import software.amazon.awscdk.services.logs.CfnLogGroup;
import software.amazon.awscdk.services.stepfunctions.CfnStateMachine;

/// The workflow that delivers the messages of some topics, started by events of the bus.
final class Distribution {
    private static final String DEFINITION = "distribution.asl.json";
    private static final int LOG_DAYS = 30;

    private final CfnStateMachine machine;

    Distribution(Stack stack, Inputs inputs, EventBus bus, SystemFunction sockets, Object keyArn) {
        Choice where = inputs.workflow();
        CfnLogGroup log = where.only(CfnLogGroup.Builder.create(stack, "DistributionLog")
                // Logs of other names would each take of the space that policies of logs have.
                .logGroupName(Fn.join("", List.of("/aws/vendedlogs/states/", Aws.STACK_NAME)))
                .retentionInDays(LOG_DAYS)
                .build());
        log.addPropertyOverride("KmsKeyId", keyArn);
        log.applyRemovalPolicy(RemovalPolicy.DESTROY);
        CfnRole role = where.only(CfnRole.Builder.create(stack, "DistributionRole")
                .assumeRolePolicyDocument(Statements.trust("states.amazonaws.com"))
                .policies(List.of(Statements.policy(
                        "allowed",
                        List.of(
                                Statements.allow(List.of("lambda:InvokeFunction"), List.of(sockets.arn())),
                                Statements.allow(
                                        "LogDeliveriesAndTracesHaveNoResource",
                                        List.of(
                                                "logs:CreateLogDelivery",
                                                "logs:DeleteLogDelivery",
                                                "logs:DescribeLogGroups",
                                                "logs:DescribeResourcePolicies",
                                                "logs:GetLogDelivery",
                                                "logs:ListLogDeliveries",
                                                "logs:PutResourcePolicy",
                                                "logs:UpdateLogDelivery",
                                                "xray:PutTelemetryRecords",
                                                "xray:PutTraceSegments"),
                                        List.of("*"))))))
                .build());
        machine = where.only(CfnStateMachine.Builder.create(stack, "Distribution")
                .stateMachineType("EXPRESS")
                .definitionString(definition())
                .definitionSubstitutions(Map.of("WebSocketFunction", sockets.arn()))
                .roleArn(role.getAttrArn())
                .loggingConfiguration(CfnStateMachine.LoggingConfigurationProperty.builder()
                        .level("ALL")
                        .includeExecutionData(true)
                        .destinations(List.of(CfnStateMachine.LogDestinationProperty.builder()
                                .cloudWatchLogsLogGroup(CfnStateMachine.CloudWatchLogsLogGroupProperty.builder()
                                        .logGroupArn(log.getAttrArn())
                                        .build())
                                .build()))
                        .build())
                .build());
        machine.addPropertyOverride(
                "TracingConfiguration.Enabled", inputs.tracing().of(true, false));

        CfnRole starter = where.only(CfnRole.Builder.create(stack, "DistributionStarter")
                .assumeRolePolicyDocument(Statements.trust("events.amazonaws.com"))
                .policies(List.of(Statements.policy(
                        "allowed",
                        List.of(Statements.allow(List.of("states:StartExecution"), List.of(machine.getRef()))))))
                .build());
        where.only(CfnRule.Builder.create(stack, "DistributionRule")
                .description("These events alone are distributed.")
                .eventBusName(bus.name())
                .eventPattern(Values.of(
                        "detail-type", List.of("CONNECTION_ESTABLISHED", "CONNECTION_CLOSED", "MESSAGE_SENT")))
                .targets(List.of(CfnRule.TargetProperty.builder()
                        .id("workflow")
                        .arn(machine.getRef())
                        .roleArn(starter.getAttrArn())
                        .build()))
                .build());
    }

    private static String definition() {
        try (InputStream file = Objects.requireNonNull(Distribution.class.getResourceAsStream(DEFINITION))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String arn() {
        return machine.getRef();
    }
}
