package io.topicstream.cdk;

import static io.topicstream.cdk.Deployed.map;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Aspects;

/// The stacks that CDK deploys: each choice makes some, and checkers find nothing in them that is not explained here.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StacksTest {
    /// What AwsSolutions of cdk-nag says, and why it stays so: rule and resource, or rule alone for all.
    private static final Map<String, String> NAG = Map.ofEntries(
            Map.entry(
                    "AwsSolutions-APIG1",
                    "Stages have an access log with EnableDetailedMonitoring; the rule cannot see it."),
            Map.entry(
                    "AwsSolutions-APIG4",
                    "The functions decide who comes in, also by keys and tokens that no authorizer knows."),
            Map.entry("AwsSolutions-CFR1", "The page is for people in all countries."),
            Map.entry(
                    "AwsSolutions-CFR2",
                    "The page is files, and its door has throttles. A firewall costs more than the rest."),
            Map.entry("AwsSolutions-CFR3", "Who fetched a public file is nobody's business."),
            Map.entry("AwsSolutions-CFR4", "CloudFront's own certificate decides the version of TLS itself."),
            Map.entry(
                    "AwsSolutions-IAM4 Account/GatewayLogRole",
                    "API Gateway looks for exactly the rights of this policy."),
            Map.entry("AwsSolutions-IAM5", "Each star has its reason: PoliciesTest."),
            Map.entry("AwsSolutions-S1", "The bucket is read by functions, and that of the page by CloudFront, alone."),
            Map.entry("AwsSolutions-SF2", "The workflow is traced with EnableXrayTracing; the rule cannot see it."));

    /// What cfn-lint says beside that, and why it stays so.
    private static final Map<String, String> LINT = Map.of(
            "W1030: {'Ref': 'CertificateArn'} is not a 'AWS::ACM::Certificate.Arn'",
            "Without a domain it is empty, and no resource has it then.");

    private static final Map<String, String> PROD = Map.of("Environment", "prod", "EnableEncryption", "true");

    /// What is spelled out so that it is another one in each system; all else has names by AWS.
    private static final Set<String> NAMES = Set.of(
            "AlarmName",
            "BucketName",
            "DashboardName",
            "FunctionName",
            "LogGroupName",
            "Name",
            "PolicyName",
            "QueueName",
            "RoleName",
            "StateMachineName",
            "TableName",
            "TopicName");

    @TempDir
    private static Path folder;

    private final Map<Map<String, String>, Map<String, String>> systems = new LinkedHashMap<>();

    /// All of them, once: each takes seconds.
    @BeforeAll
    void synthesise() throws IOException {
        for (Map<String, String> choice : choices()) {
            systems.put(choice, Systems.synthesised(Files.createTempDirectory(folder, "choice"), choice, Map.of()));
        }
    }

    /// Those in which something is another stack: each switch, all of them on, and all off.
    private static List<Map<String, String>> choices() {
        List<Map<String, String>> choices = new ArrayList<>(List.of(Map.of(), Deployed.everything()));
        Map<String, String> off = new TreeMap<>();
        for (Input input : Input.values()) {
            if (Deployed.SWITCHES.contains(input.parameter())) {
                off.put(input.parameter(), "false");
                choices.add(Map.of(input.parameter(), input.usual().equals("true") ? "false" : "true"));
            }
        }
        choices.add(off);
        choices.add(PROD);
        choices.add(Map.of("AdminTokenSha256", "0".repeat(64)));
        choices.add(Map.of("EnableEvents", "true", "EnableWorkflow", "true"));
        return choices;
    }

    @Test
    void aSystemHasTheStacksOfWhatIsChosen() {
        assertThat(stacks(Map.of())).containsExactly("Api", "Data", "Monitoring", "Web");
        assertThat(stacks(Map.of("EnablePage", "false"))).containsExactly("Api", "Data", "Monitoring");
        assertThat(stacks(Map.of("EnableMonitoring", "false"))).containsExactly("Api", "Data", "Web");
        assertThat(stacks(Map.of("EnableEvents", "true"))).contains("Workflow");
        assertThat(stacks(Map.of("AdminTokenSha256", "0".repeat(64)))).contains("Workflow");
        assertThat(systems.values()).allSatisfy(stacks -> assertThat(stacks).containsKey("TopicStream-Account"));
    }

    private Set<String> stacks(Map<String, String> choice) {
        String start = "TopicStream-dev-";
        return systems.get(choice).keySet().stream()
                .filter(name -> name.startsWith(start))
                .map(name -> name.substring(start.length()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// All stacks together have what the one template has with the same choice.
    @Test
    void theStacksHaveWhatTheTemplateHas() {
        systems.forEach((choice, stacks) -> {
            Set<String> there = new TreeSet<>();
            stacks.forEach((name, template) -> {
                if (!name.equals("TopicStream-Account")) {
                    there.addAll(resources(template).keySet());
                }
            });
            there.remove("CDKMetadata");

            assertThat(there)
                    .as("%s", choice)
                    .isEqualTo(Deployed.with(choice).resources().keySet());
        });
    }

    private static Map<String, Object> resources(String template) {
        return map(read(template).get("Resources"));
    }

    private static Map<String, Object> read(String json) {
        try {
            return map(Deployed.JSON.readValue(json, Object.class));
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    @Test
    void theCheckerOfTemplatesFindsNothing() throws Exception {
        List<Path> templates = new ArrayList<>(List.of(
                Path.of("template", "topicstream.template.json"),
                Path.of("template", "topicstream-account.template.json")));
        Set<String> seen = new HashSet<>();
        for (Map<String, String> stacks : systems.values()) {
            for (String template : stacks.values()) {
                if (seen.add(template)) {
                    templates.add(Files.writeString(folder.resolve("template-" + seen.size() + ".json"), template));
                }
            }
        }

        assertThat(CfnLint.findings(templates))
                .filteredOn(finding -> LINT.keySet().stream().noneMatch(finding::startsWith))
                .isEmpty();
    }

    /// That the checker is there, and sees something.
    @Test
    void theCheckerOfTemplatesFindsWhatIsWrong() throws Exception {
        Path wrong = Files.writeString(
                folder.resolve("wrong.json"),
                "{\"Resources\":{\"Q\":{\"Type\":\"AWS::SQS::Queue\",\"Properties\":{\"Nam\":\"q\"}}}}");

        assertThat(CfnLint.findings(List.of(wrong)))
                .hasSize(1)
                .allSatisfy(finding -> assertThat(finding).startsWith("E3002"));
    }

    @Test
    void theRulesOfAwsSolutionsAreKeptOrExplained() throws IOException {
        Path out = Files.createTempDirectory(folder, "nag");
        App app = Systems.app(out, Deployed.everything(), Map.of());
        Aspects.of(app).add(AwsSolutionsChecks.Builder.create().build());
        Systems.built(app).synth();

        Set<String> used = new TreeSet<>();
        List<String> unexplained = new ArrayList<>();
        int rules = 0;
        try (Stream<Path> files = Files.list(out)) {
            for (Path report : files.filter(file -> file.toString().endsWith("NagReport.csv"))
                    .toList()) {
                for (String line : Files.readAllLines(report)) {
                    String[] cells = line.replace("\"", "").split(",", -1);
                    if (!cells[0].startsWith("AwsSolutions-")) {
                        continue;
                    }
                    rules++;
                    if (!cells[2].equals("Compliant")) {
                        String rule = cells[0];
                        String alone = rule + " " + cells[1].replace("TopicStream-", "");
                        String key = NAG.containsKey(alone) ? alone : rule;
                        (NAG.containsKey(key) ? used : unexplained).add(key + (NAG.containsKey(key) ? "" : cells[1]));
                    }
                }
            }
        }
        assertThat(unexplained).isEmpty();
        assertThat(used).isEqualTo(new TreeSet<>(NAG.keySet()));
        assertThat(rules).isGreaterThan(40);
    }

    /// Where people try things out all of it goes. Elsewhere it stays, and its stack is not deleted by mistake.
    @Test
    void whatIsKeptStaysOutsideOfDev() throws IOException {
        for (String id : List.of("Table", "Bucket")) {
            assertThat(policies(Map.of("EnableEncryption", "true"), "TopicStream-dev-Data", id))
                    .containsExactly("Delete", "Delete");
            assertThat(policies(PROD, "TopicStream-prod-Data", id)).containsExactly("Retain", "Retain");
        }
        assertThat(policies(Map.of("EnableEncryption", "true"), "TopicStream-dev-Data", "Key"))
                .containsExactly("Delete", "Delete");
        assertThat(policies(PROD, "TopicStream-prod-Data", "Key")).containsExactly("Retain", "Retain");
        for (String id : List.of("GatewayAccount", "GatewayLogRole")) {
            assertThat(policies(Map.of(), "TopicStream-Account", id)).containsExactly("Retain", "Retain");
        }

        Path out = Files.createTempDirectory(folder, "prod");
        Systems.synthesised(out, PROD, Map.of());
        Map<String, Object> artifacts =
                map(read(Files.readString(out.resolve("manifest.json"))).get("artifacts"));
        Set<String> isProtected = new TreeSet<>();
        artifacts.forEach((name, artifact) -> {
            if (Boolean.TRUE.equals(map(map(artifact).get("properties")).get("terminationProtection"))) {
                isProtected.add(name);
            }
        });
        assertThat(isProtected).containsExactly("TopicStream-prod-Data");
    }

    private List<Object> policies(Map<String, String> choice, String stack, String id) {
        Map<String, Object> resource =
                map(resources(systems.get(choice).get(stack)).get(id));
        return List.of(resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"));
    }

    /// With archives, which CDK names by their content: also in what it uploads.
    @Test
    void twoSynthesesAreTheSameByteForByte() throws IOException {
        Path archives = archives();
        Map<String, String> one = assembly(archives, "one");

        assertThat(assembly(archives, "two")).isEqualTo(one);
        assertThat(one.keySet()).anyMatch(name -> name.endsWith(".assets.json"));
        // CDK warns of functions with snapshots that are called by no version; these are called by an alias.
        assertThat(one.values()).noneMatch(text -> text.contains("aws:cdk:warning") || text.contains("aws:cdk:error"));
    }

    private Path archives() throws IOException {
        Path archives = Files.createDirectory(folder.resolve("archives"));
        for (FunctionKind kind : FunctionKind.values()) {
            try (OutputStream file = Files.newOutputStream(archives.resolve(kind.archive()));
                    ZipOutputStream zip = new ZipOutputStream(file)) {
                ZipEntry entry = new ZipEntry(kind.id());
                entry.setTime(0);
                zip.putNextEntry(entry);
            }
        }
        return archives;
    }

    private Map<String, String> assembly(Path archives, String name) throws IOException {
        Path out = Files.createDirectory(folder.resolve(name));
        App app = Systems.app(out, Deployed.everything(), Map.of());
        Context context = new Context(app);
        TopicStreamApp.build(app, context, new AssetForm(archives, context));
        app.synth();
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(out)) {
            for (Path file :
                    all.filter(path -> path.toString().endsWith(".json")).toList()) {
                String path = out.relativize(file).toString();
                // The report of checks has the folder in it.
                if (!path.equals("validation-report.json")) {
                    files.put(path, Files.readString(file).replace(out.toString(), "OUT"));
                }
            }
        }
        return files;
    }

    @Test
    void systemsStandSideBySide() throws IOException {
        Map<String, String> owners = new HashMap<>();
        for (String id : List.of("TopicStream", "Other")) {
            for (String environment : List.of("dev", "staging", "prod")) {
                Map<String, String> choice = Deployed.everything();
                choice.put("Environment", environment);
                choice.put("DomainName", environment + "." + id.toLowerCase(java.util.Locale.ROOT) + ".example.com");
                Map<String, String> stacks =
                        Systems.synthesised(Files.createTempDirectory(folder, "system"), choice, Map.of("id", id));
                stacks.forEach((stack, template) -> {
                    if (!stack.endsWith("-Account")) {
                        assertThat(owners.put(stack, id + environment))
                                .as(stack)
                                .isNull();
                        names(stack, template)
                                .forEach(name -> assertThat(owners.put(name, id + environment))
                                        .as(name)
                                        .isNull());
                    }
                });
            }
        }
        assertThat(owners).containsKey("AWS::Events::EventBus Name Other-prod-Workflow-events");
    }

    /// The physical names that a template gives, with the name and the id of its stack put in.
    private static List<String> names(String stack, String template) {
        List<String> names = new ArrayList<>();
        resources(template).forEach((id, resource) -> {
            String type = (String) map(resource).get("Type");
            Map<String, Object> places = new TreeMap<>(map(map(resource).get("Properties")));
            // CloudFront has names one level below.
            List.copyOf(places.values()).stream()
                    .filter(Map.class::isInstance)
                    .filter(value -> type.startsWith("AWS::CloudFront::"))
                    .forEach(value -> places.putAll(map(value)));
            places.forEach((property, value) -> {
                if (NAMES.contains(property) && isOwnName(type)) {
                    names.add(type + " " + property + " " + text(value, stack));
                }
            });
        });
        return names;
    }

    /// Names of APIs are labels, those of aliases are within their function, and so on.
    private static boolean isOwnName(String type) {
        return !Set.of(
                        "AWS::ApiGatewayV2::Api",
                        "AWS::IAM::Policy",
                        "AWS::Lambda::Alias",
                        "AWS::Lambda::EventSourceMapping",
                        "AWS::Lambda::Permission",
                        "AWS::Lambda::Version",
                        "AWS::Logs::MetricFilter")
                .contains(type);
    }

    private static String text(Object value, String stack) {
        if (value instanceof String text) {
            return text;
        }
        Map.Entry<String, Object> only = map(value).entrySet().iterator().next();
        return switch (only.getKey()) {
            case "Ref" ->
                switch ((String) only.getValue()) {
                    case "AWS::StackName", "AWS::StackId" -> stack;
                    default -> throw new AssertionError("a name with " + only.getValue());
                };
            case "Fn::Join" -> {
                List<?> join = (List<?>) only.getValue();
                yield ((List<?>) join.get(1))
                        .stream().map(part -> text(part, stack)).collect(Collectors.joining((String) join.getFirst()));
            }
            case "Fn::Select" -> text(((List<?>) only.getValue()).get(1), stack);
            case "Fn::Split" -> text(((List<?>) only.getValue()).get(1), stack);
            default -> throw new AssertionError("a name with " + only);
        };
    }
}
