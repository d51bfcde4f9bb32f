package io.topicstream.gateway.definition;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The account that a stack is said to live in: what the pseudo-parameters give.
///
/// @param id twelve digits
/// @param stackName the name of the stack; for a template on its own that of the file, or of its folder if the
///     file has
///     one of the usual names
record Account(String region, String id, String partition, String urlSuffix, String stackName) {
    /// The pseudo-parameters that may be given from outside.
    static final Set<String> GIVEN = Set.of(
            "AWS::Region", "AWS::AccountId", "AWS::Partition", "AWS::URLSuffix", "AWS::StackName", "AWS::StackId");

    private static final Set<String> USUAL_FILES = Set.of(
            "template", "packaged", "cloudformation", "serverless", "sam", "cloudformation-template-update-stack");

    static Account of(Path file, Map<String, String> given) {
        Map<String, String> values = new HashMap<>(given);
        String region = values.getOrDefault("AWS::Region", "us-east-1");
        boolean isChina = region.startsWith("cn-");
        return new Account(
                region,
                values.getOrDefault("AWS::AccountId", "123456789012"),
                values.getOrDefault("AWS::Partition", isChina ? "aws-cn" : "aws"),
                values.getOrDefault("AWS::URLSuffix", isChina ? "amazonaws.com.cn" : "amazonaws.com"),
                values.getOrDefault("AWS::StackName", nameOf(file)));
    }

    /// The account as a stack within this one has it.
    Account within(String logicalId) {
        return new Account(region, id, partition, urlSuffix, stackName + "-" + logicalId);
    }

    private static String nameOf(Path file) {
        String name = String.valueOf(file.getFileName()).replaceFirst("(\\.nested)?(\\.template)?\\.[A-Za-z]+$", "");
        @Nullable Path folder = file.toAbsolutePath().normalize().getParent();
        if (USUAL_FILES.contains(name) && folder != null && folder.getFileName() != null) {
            Path named = folder;
            // What tools build stands in folders of their own.
            while (named.getParent() != null
                    && String.valueOf(named.getFileName()).matches("\\..*|build|cdk\\.out|target|dist")) {
                named = named.getParent();
            }
            name = String.valueOf(named.getFileName());
        }
        String plain = name.replaceAll("[^A-Za-z0-9-]+", "-").replaceAll("^[^A-Za-z]+|-+$", "");
        return plain.isEmpty() ? "stack" : plain;
    }

    /// The value of a pseudo-parameter, or null where no pseudo-parameter with a text has this name.
    @Nullable
    String pseudo(String name) {
        return switch (name) {
            case "AWS::Region" -> region;
            case "AWS::AccountId" -> id;
            case "AWS::Partition" -> partition;
            case "AWS::URLSuffix" -> urlSuffix;
            case "AWS::StackName" -> stackName;
            case "AWS::StackId" ->
                "arn:" + partition + ":cloudformation:" + region + ":" + id + ":stack/" + stackName + "/"
                        + Ids.uuid(stackName);
            default -> null;
        };
    }

    /// An ARN here.
    String arn(String service, String resource) {
        return "arn:" + partition + ":" + service + ":" + region + ":" + id + ":" + resource;
    }
}
