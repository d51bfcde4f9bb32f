package io.topicstream.cdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What deploys the one template by other means, checked by the tools of those as far as they work without an account.
class FormsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path TEMPLATES = Path.of("template").toAbsolutePath();
    private static final Path TERRAFORM = Path.of("apps", "terraform").toAbsolutePath();

    @TempDir
    private Path folder;

    private static ObjectNode template(String name) throws IOException {
        return (ObjectNode) JSON.readTree(TEMPLATES.resolve(name).toFile());
    }

    private static Set<String> names(JsonNode of) {
        Set<String> names = new TreeSet<>();
        of.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String well(Tools.End end) {
        assertThat(end.code()).as(end.output()).isZero();
        return end.output();
    }

    @Test
    void samMakesTheSameOfItsFormAsOfTheTemplate() throws Exception {
        for (FunctionKind kind : FunctionKind.values()) {
            Files.writeString(folder.resolve(kind.archive()), "code");
        }
        ObjectNode made = (ObjectNode) JSON.readTree(well(Tools.python(
                Tools.SOURCES.resolve("sam.py").toString(),
                TEMPLATES.resolve("topicstream.sam.json").toString(),
                folder.toString())));

        ObjectNode expected = template("topicstream.template.json");
        for (FunctionKind kind : FunctionKind.values()) {
            expected.withObject("/Resources/" + kind.id() + "Function/Properties/Code")
                    .put("S3Bucket", "uploaded")
                    .put("S3Key", kind.archive());
        }
        expected.withObject("/Parameters").remove(List.of("AssetsBucket", "AssetsPrefix"));
        assertThat(made).isEqualTo(expected);
    }

    @Test
    void samDoesNotTakeWhatIsNotThere() throws Exception {
        Tools.End end = Tools.python(
                Tools.SOURCES.resolve("sam.py").toString(),
                TEMPLATES.resolve("topicstream.sam.json").toString(),
                folder.toString());
        assertThat(end.code()).isNotZero();
        assertThat(end.output()).contains("there is no ../../functions/target/functions/topicstream-");
    }

    /// Notes on what is not used, and on defaults that stand for nothing, are left aside: those parameters are used
    /// where they are given.
    @Test
    void theTemplatesAreClean() throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "-c",
                "import sys, cfnlint.runner; sys.exit(cfnlint.runner.main())",
                "--ignore-checks",
                "W1030",
                "W2001",
                "W8001",
                "--regions",
                "eu-central-1",
                "--"));
        for (String name : List.of("topicstream.sam.json", "topicstream-container.template.json")) {
            arguments.add(TEMPLATES.resolve(name).toString());
        }
        assertThat(well(Tools.python(arguments.toArray(String[]::new)))).isBlank();
    }

    private static JsonNode module(Path of) throws IOException, InterruptedException {
        return JSON.readTree(well(Tools.python(Tools.SOURCES.resolve("hcl.py").toString(), of.toString())));
    }

    private static Set<String> names(JsonNode module, String kind) {
        Set<String> names = new TreeSet<>();
        module.get(kind).forEach(block -> names(block).forEach(name -> names.add(name.replace("\"", ""))));
        return names;
    }

    @Test
    void terraformTakesTheSixVariablesAndSaysWhereTheSystemIs() throws Exception {
        JsonNode module = module(TERRAFORM);

        assertThat(names(module, "variable"))
                .contains(
                        "environment",
                        "project_name",
                        "region",
                        "enable_detailed_monitoring",
                        "enable_xray_tracing",
                        "message_retention_hours");
        assertThat(names(module, "output")).contains("websocket_endpoint", "test_command");
        assertThat(names(module, "resource"))
                .containsExactlyInAnyOrder(
                        "aws_s3_bucket",
                        "aws_s3_bucket_public_access_block",
                        "aws_s3_object",
                        "aws_cloudformation_stack");
    }

    /// What it gives to the template is a parameter there, what it reads is an output, and what has no default is
    /// given.
    @Test
    void terraformFitsTheTemplate() throws Exception {
        ObjectNode template = template("topicstream.template.json");
        String main = Files.readString(TERRAFORM.resolve("main.tf"));
        Set<String> given = new TreeSet<>();
        Pattern.compile("(?m)^ +([A-Z][A-Za-z0-9]+) += ")
                .matcher(main)
                .results()
                .forEach(r -> given.add(r.group(1)));
        assertThat(names(template.get("Parameters"))).containsAll(given);
        template.get("Parameters").properties().stream()
                .filter(parameter -> !parameter.getValue().has("Default"))
                .forEach(parameter -> assertThat(given).contains(parameter.getKey()));

        Set<String> read = new TreeSet<>();
        Pattern.compile("outputs\\[\"(\\w+)\"]")
                .matcher(Files.readString(TERRAFORM.resolve("outputs.tf")))
                .results()
                .forEach(r -> read.add(r.group(1)));
        assertThat(read).hasSizeGreaterThan(5);
        assertThat(names(template.get("Outputs"))).containsAll(read);

        for (FunctionKind kind : FunctionKind.values()) {
            assertThat(main)
                    .contains("\"" + kind.archive().replace("topicstream-", "").replace(".zip", "") + "\"");
        }
    }

    @Test
    void whatIsNoTerraformIsNotRead() throws Exception {
        Files.writeString(folder.resolve("main.tf"), "resource \"aws_s3_bucket\" \"assets\" {\n  bucket =\n");
        assertThat(Tools.python(Tools.SOURCES.resolve("hcl.py").toString(), folder.toString())
                        .code())
                .isNotZero();
    }

    @Test
    void theRevisionIsAnotherOneForOtherWords() throws Exception {
        Path root = folder.resolve("a project");
        Path archives = Files.createDirectories(root.resolve("functions/target/functions"));
        Files.writeString(archives.resolve("topicstream-http.zip"), "code");
        Path cdk = Files.createDirectories(root.resolve("cdk/template")).getParent();
        Files.copy(Path.of("revision"), cdk.resolve("revision"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(cdk.resolve("template/topicstream.template.json"), "{}");

        String none = revision(cdk);
        assertThat(none).matches("[0-9a-f]{16}\n");
        assertThat(revision(cdk)).isEqualTo(none);
        assertThat(Set.of(none, revision(cdk, "a b"), revision(cdk, "a", "b"), revision(cdk, "b")))
                .hasSize(4);
        Files.writeString(archives.resolve("topicstream-http.zip"), "other");
        assertThat(revision(cdk)).isNotEqualTo(none);
    }

    private static String revision(Path cdk, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(cdk.resolve("revision").toString()));
        command.addAll(List.of(words));
        return Tools.succeed(cdk, Map.of(), command);
    }
}
