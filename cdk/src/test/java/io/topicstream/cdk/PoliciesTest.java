package io.topicstream.cdk;

import static io.topicstream.cdk.Deployed.map;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Who may do what, in the published template.
class PoliciesTest {
    /// Why an action or a resource of a statement has a star, by the statement's name. No other may have one.
    private static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry("AlarmsOfThisAccount", "In a key's own policy the star is that key."),
            Map.entry("EachConnectionOfTheApi", "Connections come and go; the API and its stage are named."),
            Map.entry("EachFileOfThePage", "Files of the page change with each release; the bucket is named."),
            Map.entry("EachObjectOfTheBucket", "Objects come and go; the bucket is named."),
            Map.entry("EachVersionOfItself", "A function calls itself under its number, and every deployment has one."),
            Map.entry("LogDeliveriesAndTracesHaveNoResource", "AWS knows no resource for these actions."),
            Map.entry(
                    "LogsOfThisAccount",
                    "In a key's own policy the star is that key; only logs of the account use it."),
            Map.entry("LinesOfTheLog", "Streams of a log come and go; the log is named, and the rule that writes."),
            Map.entry("StreamsAreListedWithoutResource", "AWS knows no resource for listing streams."),
            Map.entry("StreamsOfTheLog", "Streams of a log come and go; the log is named."),
            Map.entry("TheAccountDecides", "Without it nobody could change the key's policy ever again."),
            Map.entry("TracesHaveNoResource", "AWS knows no resource for these actions."));

    private static final Set<String> STORAGE = Set.of(
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
            "s3:DeleteObject",
            "s3:GetObject",
            "s3:ListBucket",
            "s3:PutObject");
    private static final Set<String> RUNNING = Set.of("logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage");
    private static final Set<String> STREAM = Set.of(
            "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams");
    private static final Set<String> CALLBACKS = Set.of("execute-api:ManageConnections", "lambda:InvokeFunction");

    /// What each function does: this, and nothing else, is what its role allows.
    private static final Map<FunctionKind, Set<String>> NEEDED = Map.of(
            FunctionKind.WEB_SOCKET, union(STORAGE, RUNNING, CALLBACKS),
            FunctionKind.HTTP, union(STORAGE, RUNNING, CALLBACKS),
            FunctionKind.ARCHIVE, union(STORAGE, RUNNING, STREAM),
            FunctionKind.EVENTS, union(STORAGE, RUNNING, STREAM, Set.of("events:PutEvents")));

    /// What the SDK is called for by the code of functions, and what allows it. Empty: no function does it, for the
    /// table is there.
    private static final Map<String, String> CALLS = Map.ofEntries(
            Map.entry("createTable", ""),
            Map.entry("updateTimeToLive", ""),
            Map.entry("deleteItem", "dynamodb:DeleteItem"),
            Map.entry("getItem", "dynamodb:GetItem"),
            Map.entry("putItem", "dynamodb:PutItem"),
            Map.entry("query", "dynamodb:Query"),
            Map.entry("updateItem", "dynamodb:UpdateItem"),
            Map.entry("deleteObjects", "s3:DeleteObject"),
            Map.entry("getObjectAsBytes", "s3:GetObject"),
            Map.entry("listObjectsV2", "s3:ListBucket"),
            Map.entry("putObject", "s3:PutObject"),
            Map.entry("deleteConnection", "execute-api:ManageConnections"),
            Map.entry("getConnection", "execute-api:ManageConnections"),
            Map.entry("postToConnection", "execute-api:ManageConnections"),
            Map.entry("invoke", "lambda:InvokeFunction"),
            Map.entry("putEvents", "events:PutEvents"));

    private static final Pattern CALL =
            Pattern.compile("\\b(?:client\\(\\)|client|dynamo|s3|lambda)\\s*\\.\\s*([a-z][A-Za-z0-9]*)\\(");
    /// What clients have beside calls.
    private static final Set<String> NO_CALLS = Set.of("chunkedEncodingEnabled", "close", "waiter");

    @SafeVarargs
    private static Set<String> union(Set<String>... sets) {
        Set<String> all = new TreeSet<>();
        for (Set<String> set : sets) {
            all.addAll(set);
        }
        return all;
    }

    @Test
    void noStarIsWithoutItsReason() {
        Deployed deployed = Deployed.with(Deployed.everything());
        Set<String> used = new TreeSet<>();
        Set<String> without = new TreeSet<>();
        statements(deployed, (id, statement) -> {
            if (statement.get("Effect").equals("Deny")) {
                return;
            }
            assertThat(statement).as(id).doesNotContainKeys("NotAction", "NotResource");
            assertThat(statement.get("Principal")).as(id).isNotEqualTo("*");
            List<String> texts = new ArrayList<>(texts(statement.get("Action")));
            texts.addAll(texts(statement.getOrDefault("Resource", List.of())));
            if (texts.stream().anyMatch(text -> text.contains("*"))) {
                String why = (String) statement.get("Sid");
                if (why != null && REASONS.containsKey(why)) {
                    used.add(why);
                } else {
                    without.add(id + ": " + statement);
                }
            }
        });

        assertThat(without).as("stars without a reason").isEmpty();
        assertThat(used).as("reasons for stars that are there").isEqualTo(new TreeSet<>(REASONS.keySet()));
    }

    /// Of roles, and of what has a policy of its own.
    private static void statements(Deployed deployed, BiConsumer<String, Map<String, Object>> each) {
        deployed.resources().forEach((id, resource) -> {
            assertThat(map(resource.get("Properties"))).as(id).doesNotContainKey("ManagedPolicyArns");
            documents(resource.get("Properties")).forEach(document -> {
                for (Object statement : (List<?>) document.get("Statement")) {
                    each.accept(id, map(statement));
                }
            });
        });
    }

    private static List<Map<String, Object>> documents(Object value) {
        List<Map<String, Object>> found = new ArrayList<>();
        if (value instanceof List<?> list) {
            list.forEach(item -> found.addAll(documents(item)));
        } else if (value instanceof Map<?, ?>) {
            Map<String, Object> map = map(value);
            if (map.get("Statement") instanceof List<?>) {
                found.add(map);
            }
            map.values().forEach(item -> found.addAll(documents(item)));
        } else if (value instanceof String text && text.contains("\"Statement\"")) {
            try {
                found.add(map(Deployed.JSON.readValue(text, Object.class)));
            } catch (IOException e) {
                throw new AssertionError(text, e);
            }
        }
        return found;
    }

    private static List<String> texts(Object oneOrMore) {
        return oneOrMore instanceof List<?> list
                ? list.stream().map(Object::toString).toList()
                : List.of(oneOrMore.toString());
    }

    @Test
    void aFunctionMayDoWhatItDoesAndNothingElse() {
        Deployed deployed = Deployed.with(Map.of("EnableEvents", "true"));

        for (FunctionKind kind : FunctionKind.values()) {
            assertThat(allowed(deployed, kind)).as("%s", kind).isEqualTo(NEEDED.get(kind));
        }
    }

    @Test
    void whatIsSwitchedOnAddsItsOwn() {
        Deployed deployed =
                Deployed.with(Map.of("EnableEvents", "true", "EnableEncryption", "true", "EnableXrayTracing", "true"));

        for (FunctionKind kind : FunctionKind.values()) {
            Set<String> more = allowed(deployed, kind);
            more.removeAll(NEEDED.get(kind));
            assertThat(more)
                    .as("%s", kind)
                    .containsExactly(
                            "kms:Decrypt",
                            "kms:DescribeKey",
                            "kms:Encrypt",
                            "kms:GenerateDataKey",
                            "kms:GenerateDataKeyWithoutPlaintext",
                            "kms:ReEncryptFrom",
                            "kms:ReEncryptTo",
                            "xray:PutTelemetryRecords",
                            "xray:PutTraceSegments");
        }
    }

    private static Set<String> allowed(Deployed deployed, FunctionKind kind) {
        String role = kind.id() + "Role";
        assertThat(deployed.property(kind.id() + "Function", "Role")).isEqualTo(role + ".Arn");
        Set<String> allowed = new TreeSet<>();
        deployed.resources().forEach((id, resource) -> {
            Map<String, Object> properties = map(resource.get("Properties"));
            boolean isOfRole = id.equals(role)
                    || (resource.get("Type").equals("AWS::IAM::Policy")
                            && properties.get("Roles").equals(List.of(role)));
            if (isOfRole) {
                Object policies = properties.getOrDefault("Policies", properties.get("PolicyDocument"));
                documents(policies)
                        .forEach(document -> ((List<?>) document.get("Statement"))
                                .forEach(statement ->
                                        allowed.addAll(texts(map(statement).get("Action")))));
            }
        });
        return allowed;
    }

    @Test
    void whatTheCodeCallsIsAllowed() throws IOException {
        Set<String> called = new TreeSet<>();
        for (String module : List.of("aws", "functions")) {
            Path sources = Path.of("..", module, "src", "main", "java");
            try (Stream<Path> files = Files.walk(sources)) {
                for (Path file : files.filter(PoliciesTest::runsInFunctions).toList()) {
                    Matcher call = CALL.matcher(Files.readString(file));
                    while (call.find()) {
                        called.add(call.group(1));
                    }
                }
            }
        }
        called.removeAll(NO_CALLS);
        assertThat(called).isEqualTo(new TreeSet<>(CALLS.keySet()));

        Set<String> needed = new TreeSet<>(CALLS.values());
        needed.remove("");
        Set<String> allowed = new TreeSet<>();
        NEEDED.values().forEach(allowed::addAll);
        allowed.removeAll(RUNNING);
        allowed.removeAll(STREAM);
        assertThat(allowed).isEqualTo(needed);
    }

    private static boolean runsInFunctions(Path file) {
        String path = file.toString().replace('\\', '/');
        return path.endsWith(".java")
                // Nor what moves a store, which has credentials of its own.
                && Stream.of(
                                "/aws/local/",
                                "/aws/cost/",
                                "/aws/metering/",
                                "/aws/account/",
                                "/aws/dynamo/DynamoExport",
                                "/aws/dynamo/DynamoImport",
                                "/aws/dynamo/Moved")
                        .noneMatch(path::contains);
    }

    @Test
    void eachRoleIsForOneServiceOfAws() {
        Map<String, String> services = new TreeMap<>();
        Deployed.with(Deployed.everything()).ofType("AWS::IAM::Role").forEach((id, role) -> {
            List<?> trust = (List<?>) map(map(role.get("Properties")).get("AssumeRolePolicyDocument"))
                    .get("Statement");
            assertThat(trust).as(id).hasSize(1);
            services.put(
                    id, (String) map(map(trust.getFirst()).get("Principal")).get("Service"));
        });

        assertThat(services)
                .isEqualTo(Map.of(
                        "ArchiveRole", "lambda.amazonaws.com",
                        "EventsRole", "lambda.amazonaws.com",
                        "HttpRole", "lambda.amazonaws.com",
                        "WebSocketRole", "lambda.amazonaws.com",
                        "DistributionRole", "states.amazonaws.com",
                        "DistributionStarter", "events.amazonaws.com"));
    }
}
