package io.topicstream.cdk;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.CfnDeletionPolicy;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.CfnPolicy;
import software.amazon.awscdk.services.iam.CfnRole;
import software.amazon.awscdk.services.lambda.CfnAlias;
import software.amazon.awscdk.services.lambda.CfnFunction;
import software.amazon.awscdk.services.lambda.CfnPermission;
import software.amazon.awscdk.services.lambda.CfnVersion;
import software.amazon.awscdk.services.logs.CfnLogGroup;

/// A function with its role, its log, and the alias `live` that everybody calls.
///
/// Its description has the revision of code and settings, and so has that of its version. So each change of either
/// publishes one, also where a parameter of a template is all that changed. A version that was replaced stays until
/// its function goes: what it has begun it does under its own number.
final class SystemFunction {
    private static final String LIVE = "live";

    private final Stack stack;
    private final FunctionKind kind;
    private final CfnRole role;
    private final CfnFunction function;
    private final CfnAlias alias;
    private final Choice where;

    /// What one is made of.
    ///
    /// @param where whether it is there at all
    /// @param variables of its environment; what is missing is [Values#NONE]
    /// @param statements what it may do, beside writing its log
    /// @param concurrency how many calls may run at once, or [Values#NONE]
    record Parts(
            FunctionKind kind,
            Choice where,
            Map<String, Object> variables,
            List<Object> statements,
            Object concurrency) {}

    /// @param keyArn of the key for its log, or [Values#NONE]
    /// @param failures where calls go that failed for good
    SystemFunction(Stack stack, Inputs inputs, Parts parts, Object keyArn, Failures failures) {
        this.stack = stack;
        kind = parts.kind();
        where = parts.where();
        String id = kind.id();

        CfnLogGroup log = where.only(CfnLogGroup.Builder.create(stack, id + "Log")
                .retentionInDays(inputs.logDays())
                .build());
        log.addPropertyOverride("KmsKeyId", keyArn);
        log.applyRemovalPolicy(RemovalPolicy.DESTROY);

        role = role(inputs, parts, log, failures);
        function = function(inputs, parts, log, failures);

        CfnVersion version = where.only(CfnVersion.Builder.create(stack, id + "Version")
                .functionName(function.getRef())
                .description(inputs.functions().revision())
                .build());
        version.getCfnOptions().setUpdateReplacePolicy(CfnDeletionPolicy.RETAIN);
        version.getCfnOptions().setDeletionPolicy(CfnDeletionPolicy.DELETE);
        alias = where.only(CfnAlias.Builder.create(stack, id + "Alias")
                .name(LIVE)
                .functionName(function.getRef())
                .functionVersion(version.getAttrVersion())
                .build());
    }

    private CfnRole role(Inputs inputs, Parts parts, CfnLogGroup log, Failures failures) {
        List<Object> statements = new ArrayList<>();
        statements.add(
                Statements.allow(List.of("logs:CreateLogStream", "logs:PutLogEvents"), List.of(log.getAttrArn())));
        statements.add(Statements.allow(List.of("sqs:SendMessage"), List.of(failures.arn())));
        statements.add(inputs.tracing()
                .of(
                        Statements.allow(
                                "TracesHaveNoResource",
                                List.of("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
                                List.of("*")),
                        Values.NONE));
        statements.addAll(parts.statements());
        statements.removeIf(Values.NONE::equals);
        return where.only(CfnRole.Builder.create(stack, kind.id() + "Role")
                .assumeRolePolicyDocument(Statements.trust("lambda.amazonaws.com"))
                .policies(List.of(Statements.policy("allowed", statements)))
                .build());
    }

    private CfnFunction function(Inputs inputs, Parts parts, CfnLogGroup log, Failures failures) {
        CfnFunction.Builder builder = CfnFunction.Builder.create(stack, kind.id() + "Function")
                .description(Fn.join(
                        "",
                        List.of(
                                "TopicStream: ",
                                kind.archive(),
                                ", ",
                                inputs.functions().revision())))
                .code(inputs.functions().code(stack, kind))
                .role(role.getAttrArn())
                .memorySize(1024)
                .timeout(kind.timeoutSeconds())
                .loggingConfig(CfnFunction.LoggingConfigProperty.builder()
                        .logGroup(log.getRef())
                        .logFormat("JSON")
                        .build())
                .deadLetterConfig(CfnFunction.DeadLetterConfigProperty.builder()
                        .targetArn(failures.arn())
                        .build());
        inputs.functions().run(builder, kind);
        CfnFunction made = builder.build();
        Map<String, Object> variables = new LinkedHashMap<>(parts.variables());
        variables.putAll(inputs.functions().variables());
        made.addPropertyOverride("Environment.Variables", Values.without(variables));
        made.addPropertyOverride("TracingConfig.Mode", inputs.tracing().of("Active", "PassThrough"));
        if (!Values.NONE.equals(parts.concurrency())) {
            made.addPropertyOverride("ReservedConcurrentExecutions", parts.concurrency());
        }
        return where.only(made);
    }

    /// The alias that is called, by its ARN.
    String arn() {
        return alias.getRef();
    }

    /// The function's own name.
    String name() {
        return function.getRef();
    }

    FunctionKind kind() {
        return kind;
    }

    /// Lets the function call itself, under any number of its versions. A policy of its own, for the role is there
    /// before
    /// the function.
    void mayCallItself() {
        where.only(CfnPolicy.Builder.create(stack, kind.id() + "OwnCalls")
                .policyName("own-calls")
                .roles(List.of(role.getRef()))
                .policyDocument(Statements.document(List.of(Statements.allow(
                        "EachVersionOfItself",
                        List.of("lambda:InvokeFunction"),
                        List.of(function.getAttrArn(), Fn.join("", List.of(function.getAttrArn(), ":*")))))))
                .build());
    }

    /// Lets a service call it.
    ///
    /// @param source for which alone
    CfnPermission mayBeCalledBy(String id, String service, String source) {
        return where.only(CfnPermission.Builder.create(stack, kind.id() + id)
                .action("lambda:InvokeFunction")
                .functionName(arn())
                .principal(service)
                .sourceArn(source)
                .build());
    }
}
