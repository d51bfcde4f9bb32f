package io.topicstream.cdk;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awscdk.services.iam.CfnRole;

/// What policies say, as JSON.
final class Statements {
    private Statements() {}

    static Map<String, Object> allow(List<String> actions, List<String> resources) {
        return Values.of("Effect", "Allow", "Action", actions, "Resource", resources);
    }

    /// The same with a star in an action or a resource: the reason for it stands in the policy itself, as its name.
    ///
    /// @param why letters and digits, words run together
    static Map<String, Object> allow(String why, List<String> actions, List<String> resources) {
        return Values.of("Sid", why, "Effect", "Allow", "Action", actions, "Resource", resources);
    }

    static List<Object> joined(List<? extends Object> some, List<? extends Object> more) {
        return Stream.concat(some.stream(), more.stream()).collect(Collectors.toList());
    }

    static Map<String, Object> document(List<? extends Object> statements) {
        return Values.of("Version", "2012-10-17", "Statement", statements);
    }

    /// That a service may take a role.
    static Map<String, Object> trust(String service) {
        return document(List.of(
                Values.of("Effect", "Allow", "Principal", Values.of("Service", service), "Action", "sts:AssumeRole")));
    }

    static CfnRole.PolicyProperty policy(String name, List<? extends Object> statements) {
        return CfnRole.PolicyProperty.builder()
                .policyName(name)
                .policyDocument(document(statements))
                .build();
    }

    /// That nobody comes but by TLS.
    ///
    /// @param resource one or more ARNs
    static Map<String, Object> onlyByTls(String actions, Object resource) {
        return Values.of(
                "Sid",
                "OnlyByTls",
                "Effect",
                "Deny",
                "Principal",
                "*",
                "Action",
                actions,
                "Resource",
                resource,
                "Condition",
                Values.of("Bool", Values.of("aws:SecureTransport", "false")));
    }
}
