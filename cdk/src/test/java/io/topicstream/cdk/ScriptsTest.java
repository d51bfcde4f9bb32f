package io.topicstream.cdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The scripts `deploy` and `destroy`, with a program in place of the AWS CLI that keeps what there is.
class ScriptsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ASSETS = "topicstream-assets-111122223333-eu-central-1";
    private static final String ADMIN_TOKEN = "AdminTokenSha256";
    private static final List<String> KINDS = List.of("websocket", "http", "archive", "events");

    @TempDir
    private Path root;

    private Path aws;

    /// A copy of what the scripts need, in a folder with a space in its name.
    @BeforeEach
    void copy() throws IOException, InterruptedException {
        root = copyTo(root);
        // By its own path: launchers of several Pythons take long.
        program(
                root.resolve("bin/aws"),
                "exec '" + Tools.thePython() + "' -S '" + Tools.SOURCES.resolve("aws") + "' \"$@\"");
        aws = Files.createDirectories(root.resolve("aws"));
        Files.writeString(aws.resolve("state.json"), """
                {"account": "111122223333", "region": "eu-central-1", "stacks": [], "buckets": {}, "tables": {},
                 "keys": {}, "role": null, "outputs": {}, "refuse": ""}""");
    }

    /// Copies what the scripts need, with some text in place of archives.
    ///
    /// @return the folder of the project
    static Path copyTo(Path folder) throws IOException {
        Path project = folder.resolve("a project");
        Path cdk = Files.createDirectories(project.resolve("cdk"));
        for (String name : List.of("deploy", "destroy", "deployment.sh", "revision")) {
            Files.copy(Path.of(name), cdk.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.createDirectories(cdk.resolve("template"));
        for (String name : List.of("topicstream", "topicstream-account")) {
            String file = "template/" + name + ".template.json";
            Files.copy(Path.of(file), cdk.resolve(file));
        }
        Path archives = Files.createDirectories(project.resolve("functions/target/functions"));
        for (String kind : KINDS) {
            Files.writeString(archives.resolve("topicstream-" + kind + ".zip"), "code of " + kind);
        }
        Files.createDirectories(project.resolve("bin"));
        return project;
    }

    private Tools.End run(String script, String... variables) throws IOException, InterruptedException {
        Map<String, String> environment = new TreeMap<>();
        environment.put("PATH", root.resolve("bin") + ":" + System.getenv("PATH"));
        environment.put("FAKE_AWS", aws.toString());
        environment.put("PYTHONPATH", Tools.python().toString());
        environment.put("PAUSE_SECONDS", "0");
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        List<String> command = new ArrayList<>(List.of("env"));
        // What is set where the tests run does not count.
        for (String name :
                List.of("ENVIRONMENT", "PROJECT_NAME", "REGION", "AWS_REGION", "AWS_DEFAULT_REGION", "REVISION")) {
            command.addAll(List.of("-u", name));
        }
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.add(root.resolve("cdk").resolve(script).toString());
        return Tools.run(root, Map.of(), command);
    }

    private String well(String script, String... variables) throws IOException, InterruptedException {
        Tools.End end = run(script, variables);
        assertThat(end.code()).as(end.output()).isZero();
        return end.output();
    }

    private void refused(int code, String why, String script, String... variables)
            throws IOException, InterruptedException {
        Tools.End end = run(script, variables);
        assertThat(end.output()).contains(why);
        assertThat(end.code()).isEqualTo(code);
        assertThat(changes()).isEmpty();
    }

    private JsonNode state() throws IOException {
        return JSON.readTree(aws.resolve("state.json").toFile());
    }

    private void change(String name, JsonNode value) throws IOException {
        ObjectNode state = (ObjectNode) state();
        state.set(name, value);
        JSON.writeValue(aws.resolve("state.json").toFile(), state);
    }

    private void refuse(String call) throws IOException {
        change("refuse", JSON.getNodeFactory().textNode(call));
    }

    /// The calls so far that change something.
    private List<List<String>> changes() throws IOException {
        List<List<String>> changes = new ArrayList<>();
        Path calls = aws.resolve("calls");
        if (Files.exists(calls)) {
            for (String line : Files.readAllLines(calls)) {
                List<String> call = JSON.readValue(line, new TypeReference<>() {});
                if (!call.get(1).matches("(describe|list|head|get)(-.*)?")
                        && !call.get(1).equals("wait")) {
                    changes.add(call);
                }
            }
        }
        return changes;
    }

    private void forget() throws IOException {
        Files.deleteIfExists(aws.resolve("calls"));
    }

    /// What the newest stack has for its parameters.
    private Map<String, String> parameters() throws IOException {
        Map<String, String> parameters = new TreeMap<>();
        JsonNode stacks = state().get("stacks");
        stacks.get(stacks.size() - 1)
                .get("Parameters")
                .forEach(parameter -> parameters.put(
                        parameter.get("ParameterKey").asText(),
                        parameter.get("ParameterValue").asText()));
        return parameters;
    }

    private List<String> names(String of) throws IOException {
        List<String> names = new ArrayList<>();
        state().get(of).fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void aSystemIsDeployedByOneCommandAndRemovedByAnother() throws Exception {
        String said = well("deploy");

        assertThat(said).contains("TableName\ttopicstream-dev-table-0").endsWith("Try it:  the TestCommand\n");
        Map<String, String> parameters = parameters();
        assertThat(parameters).containsEntry("AssetsBucket", ASSETS).containsEntry("Environment", "dev");
        for (String kind : KINDS) {
            assertThat(state().get("buckets").get(ASSETS).fieldNames())
                    .toIterable()
                    .contains(parameters.get("AssetsPrefix") + "topicstream-" + kind + ".zip");
        }
        assertThat(names("tables")).hasSize(1);
        assertThat(changes().toString()).doesNotContain("CAPABILITY_NAMED_IAM").contains("CAPABILITY_IAM");

        said = well("destroy");

        assertThat(said).doesNotContain("Data is kept");
        assertThat(names("tables")).isEmpty();
        assertThat(names("buckets")).isEmpty();
        forget();
        assertThat(well("destroy")).contains("There is no stack topicstream-dev in eu-central-1.");
        assertThat(changes()).isEmpty();
    }

    @Test
    void theFirstDeploymentMakesATokenAndPrintsItOnce() throws Exception {
        String said = well("deploy");

        Matcher token = Pattern.compile("token +([0-9a-f]{48})\n").matcher(said);
        assertThat(token.find()).isTrue();
        String hash = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(token.group(1).getBytes(StandardCharsets.UTF_8)));
        assertThat(parameters()).containsEntry(ADMIN_TOKEN, hash);
        assertThat(changes().toString()).doesNotContain(token.group(1));

        assertThat(well("deploy")).doesNotContain("administrator's token");
        assertThat(parameters()).containsEntry(ADMIN_TOKEN, hash);

        well("deploy", "STACK_NAME", "other", "ADMIN_TOKEN_SHA256", "");
        assertThat(parameters()).containsEntry(ADMIN_TOKEN, "");
    }

    @Test
    void everyParameterIsAVariableAndArrivesAsItWasGiven() throws Exception {
        Map<String, String> values = Map.of(
                "ALLOWED_ORIGINS",
                "https://a.example, https://b.example",
                "TOKEN_ISSUERS",
                "[{\"issuer\": \"https://i.example\", \"audience\": [\"it's\", \"a \\\\ $HOME `b`\"]}]",
                "EVENT_TOPICS",
                "room:* a=b,c",
                "ENABLE_ENCRYPTION",
                "true");
        well(
                "deploy",
                values.entrySet().stream()
                        .flatMap(value -> Stream.of(value.getKey(), value.getValue()))
                        .toArray(String[]::new));

        Map<String, String> parameters = parameters();
        assertThat(parameters)
                .containsEntry("AllowedOrigins", values.get("ALLOWED_ORIGINS"))
                .containsEntry("TokenIssuers", values.get("TOKEN_ISSUERS"))
                .containsEntry("EventTopics", values.get("EVENT_TOPICS"))
                .containsEntry("EnableEncryption", "true");

        // What is not given again stays.
        well("deploy", "ALLOWED_ORIGINS", "");
        assertThat(parameters()).containsEntry("AllowedOrigins", "").containsEntry("EnableEncryption", "true");
    }

    /// For each input a value that is right.
    @Test
    void aVariableOfEachInputIsTaken() throws Exception {
        List<String> variables = new ArrayList<>(List.of("DRY_RUN", "true"));
        List<String> expected = new ArrayList<>();
        for (Input input : Input.values()) {
            String name =
                    input.parameter().replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
            String value = switch (input.form()) {
                case Input.Form.OneOf(List<String> values) -> values.getLast();
                case Input.Form.Range(int _, int most) -> Integer.toString(most);
                case Input.Form.Pattern _ ->
                    switch (input) {
                        case PROJECT_NAME -> "chat";
                        case ALLOWED_ORIGINS -> "https://a.example:8443";
                        case TOKEN_ISSUERS -> "[]";
                        case USER_POOL_ID -> "eu-central-1_Ab3";
                        case ADMIN_TOKEN_SHA256 -> "0".repeat(64);
                        case DOMAIN_NAME -> "chat.example";
                        case CERTIFICATE_ARN -> "arn:aws:acm:eu-central-1:111122223333:certificate/a-1";
                        case ALARM_EMAIL -> "ops@example.com";
                        default -> "abc";
                    };
            };
            assertThat(input.form().matches(value)).as(name).isTrue();
            variables.addAll(List.of(name, value));
            expected.add(input.parameter() + "=" + value);
        }
        assertThat(well("deploy", variables.toArray(String[]::new)).replace("'", ""))
                .contains(expected);
    }

    @Test
    void whatHasNotChangedIsNotDoneAgainAndWhatHasIsPublished() throws Exception {
        well("deploy");
        String revision = parameters().get("Revision");
        forget();

        well("deploy");
        assertThat(changes()).extracting(call -> call.get(1)).containsExactly("sync", "deploy");
        assertThat(parameters()).containsEntry("Revision", revision);

        well("deploy", "ALLOW_GUESTS", "true");
        String other = parameters().get("Revision");
        assertThat(other).isNotEqualTo(revision);

        Files.writeString(root.resolve("functions/target/functions/topicstream-http.zip"), "other code");
        well("deploy", "ALLOW_GUESTS", "true");
        assertThat(parameters().get("Revision")).isNotIn(revision, other);
    }

    @Test
    void aDryRunChangesNothing() throws Exception {
        String said = well("deploy", "DRY_RUN", "true", "ENABLE_DETAILED_MONITORING", "true");
        assertThat(said).contains("+ aws s3api create-bucket", "--stack-name topicstream-account", "+ aws s3 sync ");
        assertThat(changes()).isEmpty();

        well("deploy");
        forget();
        said = well("destroy", "DRY_RUN", "true");
        assertThat(said).contains("+ aws cloudformation delete-stack", "+ aws dynamodb delete-table", "+ aws s3 rm ");
        assertThat(changes()).isEmpty();
    }

    @Test
    void aDryRunNeedsNoAccountNoArchivesAndNoCli() throws Exception {
        change("account", JSON.nullNode());
        for (String kind : KINDS) {
            Files.delete(root.resolve("functions/target/functions/topicstream-" + kind + ".zip"));
        }
        assertThat(well("deploy", "DRY_RUN", "true", "REGION", "eu-west-1"))
                .contains("mvn -f", "--bucket topicstream-assets-ACCOUNT-eu-west-1", "Revision=REVISION");
        assertThat(well("destroy", "DRY_RUN", "true")).contains("Without an account nobody can tell");

        Path tools = Files.createDirectories(root.resolve("tools"));
        for (String name : List.of("bash", "awk", "sed", "tr", "cut", "cat", "dirname", "env", "xargs", "sha256sum")) {
            program(tools.resolve(name), "exec '" + which(name) + "' \"$@\"");
        }
        assertThat(well("deploy", "DRY_RUN", "true", "REGION", "eu-west-1", "PATH", tools.toString()))
                .contains("+ aws cloudformation deploy");
        refused(69, "there is no command aws", "deploy", "REGION", "eu-west-1", "PATH", tools.toString());
    }

    private static Path which(String name) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void missingArchivesAreBuilt() throws Exception {
        Path archive = root.resolve("functions/target/functions/topicstream-events.zip");
        Files.delete(archive);
        Files.createDirectories(root.resolve(".mvn"));
        program(root.resolve(".mvn/with-jdk"), "exec \"$@\"");
        program(root.resolve("bin/mvn"), "echo code >'" + archive + "'");

        assertThat(well("deploy")).contains("Building them takes a few minutes");

        program(root.resolve("bin/mvn"), "exit 1");
        Files.delete(archive);
        forget();
        refused(70, "the build failed", "deploy");
    }

    /// A program of a line of shell.
    static void program(Path file, String what) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + what + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void whatIsWrongIsSaidBeforeAnythingIsDone() throws Exception {
        refused(2, "ENVIRONMENT is \"test\"; it has to be one of dev, staging, prod", "deploy", "ENVIRONMENT", "test");
        refused(2, "it has to be a number from 0 to 10000", "deploy", "THROTTLING_RATE_LIMIT", "10001");
        refused(2, "it has to be a number from 0 to 10000", "deploy", "THROTTLING_RATE_LIMIT", "many");
        refused(2, "it has to be of the form", "deploy", "ALLOWED_ORIGINS", "a.example");
        refused(2, "it has to be of the form", "deploy", "PROJECT_NAME", "My Project");
        refused(2, "DRY_RUN is \"yes\"", "deploy", "DRY_RUN", "yes");
        refused(2, "DELETE_DATA is \"\"", "destroy", "DELETE_DATA", "");
        refused(2, "REGION is \"Europe\"", "deploy", "REGION", "Europe");
        refused(2, "there is no bucket mine", "deploy", "ASSETS_BUCKET", "mine");
        change("region", JSON.getNodeFactory().textNode(""));
        refused(69, "there is no region", "deploy");
        change("account", JSON.nullNode());
        refused(69, "AWS does not know you", "deploy", "REGION", "eu-central-1");
    }

    @Test
    void dataOfProductionIsKeptUntilItsEndIsAskedFor() throws Exception {
        well("deploy", "ENVIRONMENT", "prod", "ENABLE_ENCRYPTION", "true");
        String said = well("destroy", "ENVIRONMENT", "prod");

        assertThat(said)
                .contains(
                        "AWS::DynamoDB::Table topicstream-prod-table-0",
                        "AWS::S3::Bucket topicstream-prod-bucket-0",
                        "AWS::KMS::Key topicstream-prod-key-0",
                        "DELETE_DATA=true ENVIRONMENT=prod cdk/destroy");
        assertThat(names("tables")).hasSize(1);
        assertThat(names("buckets")).containsExactly("topicstream-prod-bucket-0");

        // Another environment is not meant.
        well("destroy");
        assertThat(names("tables")).hasSize(1);

        well("destroy", "ENVIRONMENT", "prod", "DELETE_DATA", "true");
        assertThat(names("tables")).isEmpty();
        assertThat(names("buckets")).isEmpty();
        assertThat(state().get("keys").get("topicstream-prod-key-0").asText()).isEqualTo("PendingDeletion");
    }

    @Test
    void aStackOfAnotherEnvironmentIsLeftAlone() throws Exception {
        well("deploy", "ENVIRONMENT", "prod", "STACK_NAME", "chat");
        forget();
        refused(2, "the stack chat is of the environment prod, not dev", "destroy", "STACK_NAME", "chat");
        well("destroy", "ENVIRONMENT", "prod", "STACK_NAME", "chat");
    }

    @Test
    void whatAStackHasTakenOverIsNotDeleted() throws Exception {
        well("deploy");
        well("destroy", "DELETE_DATA", "false");
        ObjectNode state = (ObjectNode) state();
        ObjectNode other = state.get("stacks").get(0).deepCopy();
        other.put("StackId", "other").put("StackName", "other").put("StackStatus", "IMPORT_COMPLETE");
        change("stacks", state.withArray("stacks").add(other));

        well("destroy");
        assertThat(names("tables")).hasSize(1);
    }

    @Test
    void systemsStandSideBySide() throws Exception {
        well("deploy");
        well("deploy", "PROJECT_NAME", "chat");
        well("destroy");

        assertThat(names("tables")).containsExactly("chat-dev-table-1");
        assertThat(names("buckets")).contains(ASSETS);
        assertThat(state().get("buckets").get(ASSETS).fieldNames())
                .toIterable()
                .allMatch(key -> key.startsWith("chat-dev/"));
        well("destroy", "PROJECT_NAME", "chat");
        assertThat(names("buckets")).isEmpty();
    }

    @Test
    void aBucketOfOnesOwnStays() throws Exception {
        change("buckets", JSON.readTree("{\"mine\": {\"note\": 1}}"));
        well("deploy", "ASSETS_BUCKET", "mine");
        // It is known from the stack.
        well("deploy");
        assertThat(names("buckets")).doesNotContain(ASSETS);
        well("destroy");
        assertThat(state().get("buckets").toString()).isEqualTo("{\"mine\":{\"note\":1}}");
    }

    @Test
    void detailedMonitoringHasTheRoleOfTheAccountMadeOnce() throws Exception {
        well("deploy", "ENABLE_DETAILED_MONITORING", "true");
        assertThat(state().get("role").isNull()).isFalse();
        forget();
        well("deploy", "ENABLE_DETAILED_MONITORING", "true");
        assertThat(changes().toString()).doesNotContain("topicstream-account");

        assertThat(well("destroy"))
                .contains("The stack topicstream-account stays", "delete-stack --region eu-central-1");
    }

    @Test
    void thePageIsPublishedWhereItIsBuilt() throws Exception {
        change("outputs", JSON.readTree("{\"FrontendBucketName\": \"page\"}"));
        ObjectNode buckets = (ObjectNode) state().get("buckets");
        buckets.putObject("page");
        change("buckets", buckets);
        assertThat(well("deploy")).contains("The chat page is not built");

        Path page = Files.createDirectories(root.resolve("web/target/classes/io/topicstream/web/chat/assets"));
        Files.writeString(page.resolveSibling("index.html"), "<html>");
        Files.writeString(page.resolveSibling("config.json"), "{}");
        Files.writeString(page.resolve("a b.js"), "1");
        well("deploy");
        assertThat(state().get("buckets").get("page"))
                .hasToString("{\"assets/a b.js\":\"public, max-age=31536000, immutable\",\"index.html\":\"no-cache\"}");

        well("destroy");
        assertThat(state().get("buckets").get("page").toString()).isEqualTo("{}");
    }

    @Test
    void whatWasInterruptedGoesOn() throws Exception {
        // While the stack is being made.
        well("deploy");
        ObjectNode state = (ObjectNode) state();
        ((ObjectNode) state.get("stacks").get(0)).put("StackStatus", "CREATE_IN_PROGRESS");
        change("stacks", state.get("stacks"));
        assertThat(well("deploy")).contains("is in the state CREATE_IN_PROGRESS; waiting");

        // Between the end of the stack and that of the data.
        refuse("dynamodb delete-table");
        assertThat(run("destroy").code()).isNotZero();
        refuse("");
        well("destroy");
        assertThat(names("tables")).isEmpty();
        assertThat(names("buckets")).isEmpty();
    }

    @Test
    void aFirstDeploymentThatFailedBeginsAnew() throws Exception {
        refuse("creation");
        Tools.End end = run("deploy");
        assertThat(end.code()).isEqualTo(1);
        assertThat(end.output())
                .contains("the stack could not be deployed. Why: aws cloudformation describe-stack-events");
        refuse("");

        assertThat(well("deploy")).contains("It begins anew", "administrator's token");
        assertThat(names("tables")).hasSize(2);
        well("destroy");
        assertThat(names("tables")).isEmpty();
        assertThat(names("buckets")).isEmpty();
    }

    @Test
    void theScriptsAreSound() throws Exception {
        List<String> scripts = List.of("deploy", "destroy", "deployment.sh", "revision");
        for (String script : scripts) {
            Tools.succeed(Path.of("").toAbsolutePath(), Map.of(), List.of("bash", "-n", script));
        }
        List<String> check = new ArrayList<>(List.of("shellcheck", "-x"));
        check.addAll(scripts);
        Tools.succeed(Path.of("").toAbsolutePath(), Map.of(), check);
    }

    @Test
    void helpIsTheHeadOfAScript() throws Exception {
        for (String script : List.of("deploy", "destroy")) {
            Path file = root.resolve("cdk").resolve(script);
            assertThat(Tools.succeed(root, Map.of(), List.of(file.toString(), "--help")))
                    .contains("DRY_RUN")
                    .doesNotContain("set -euo");
            Tools.End end = Tools.run(root, Map.of(), List.of(file.toString(), "now"));
            assertThat(end.code()).isEqualTo(2);
        }
    }
}
