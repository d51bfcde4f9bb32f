package io.topicstream.cdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The apps of CDK in TypeScript and in Python, which include the template. Each is compiled and synthesised, with
/// archives that have some text in place of code.
class AppsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONTEXT = "{\"environment\": \"prod\", \"allowGuests\": true, \"stackName\": \"Chat\","
            + " \"tokenIssuers\": [{\"issuer\": \"https://i.example\"}]}";

    @TempDir
    private Path root;

    @BeforeEach
    void copy() throws IOException {
        Path archives = Files.createDirectories(root.resolve("functions/target/functions"));
        for (FunctionKind kind : FunctionKind.values()) {
            Files.writeString(archives.resolve(kind.archive()), kind.id());
        }
        copy("template/topicstream.template.json");
    }

    private void copy(String file) throws IOException {
        Path to = root.resolve("cdk").resolve(file);
        Files.createDirectories(to.getParent());
        Files.copy(Path.of(file), to);
    }

    private static Map<String, String> environment(Path out) {
        Map<String, String> environment = new TreeMap<>();
        environment.put("CDK_CONTEXT_JSON", CONTEXT);
        environment.put("CDK_OUTDIR", out.toString());
        environment.put("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1");
        environment.put("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1");
        return environment;
    }

    @Test
    void theAppInTypeScriptIsTheTemplate() throws Exception {
        for (String file : List.of("app.ts", "tsconfig.json", "package.json")) {
            copy("apps/typescript/" + file);
        }
        Path app = root.resolve("cdk/apps/typescript");
        Path packages = Tools.node("typescript", Path.of("apps", "typescript"));
        Files.createSymbolicLink(app.resolve("node_modules"), packages.resolve("node_modules"));
        Tools.succeed(app, Map.of(), List.of("node_modules/.bin/tsc"));
        Path out = root.resolve("out");
        Tools.succeed(app, environment(out), List.of("node", "app.js"));

        isTheTemplate(JSON.readTree(out.resolve("Chat.template.json").toFile()));
    }

    @Test
    void theAppInPythonIsTheTemplate() throws Exception {
        copy("apps/python/app.py");
        Path app = root.resolve("cdk/apps/python");
        Path packages = Tools.python("python-app", Path.of("apps", "python", "requirements.txt"));
        Path out = root.resolve("out");
        Map<String, String> environment = environment(out);
        environment.put("PYTHONPATH", packages.toString());
        environment.put("PYTHONDONTWRITEBYTECODE", "1");
        Tools.succeed(app, environment, List.of("python3", "app.py"));

        isTheTemplate(JSON.readTree(out.resolve("Chat.template.json").toFile()));
    }

    /// It is, but for the values that the context gives, and for the code.
    private static void isTheTemplate(JsonNode made) throws IOException {
        ObjectNode resources = (ObjectNode) made.get("Resources");
        String revision = resources.at("/HttpVersion/Properties/Description").asText();
        assertThat(revision).matches("[0-9a-f]{16}");
        for (FunctionKind kind : FunctionKind.values()) {
            ObjectNode code = (ObjectNode) resources.at("/" + kind.id() + "Function/Properties/Code");
            assertThat(code.get("S3Key").asText()).as(kind.id()).matches("[0-9a-f]{64}\\.zip");
            code.set("S3Bucket", JSON.readTree("{\"Ref\": \"AssetsBucket\"}"));
            code.set("S3Key", JSON.readTree("{\"Fn::Sub\": \"${AssetsPrefix}" + kind.archive() + "\"}"));
        }
        ObjectNode expected = (ObjectNode)
                JSON.readTree(Path.of("template/topicstream.template.json").toFile());
        String text = expected.toString()
                .replace("{\"Ref\":\"Revision\"}", "\"" + revision + "\"")
                .replace("{\"Ref\":\"Environment\"}", "\"prod\"")
                .replace("{\"Ref\":\"AllowGuests\"}", "\"true\"");
        JsonNode given = JSON.readTree(text);
        given.get("Resources").fieldNames().forEachRemaining(name -> {
            // A value of the context is quoted there in its own way.
            if (!given.get("Resources").get(name).toString().contains("TokenIssuers")) {
                assertThat(resources.get(name))
                        .as(name)
                        .isEqualTo(given.get("Resources").get(name));
            }
        });
        assertThat(resources.toString()).contains("https://i.example").doesNotContain("{\"Ref\":\"TokenIssuers\"}");
        assertThat(resources.size()).isEqualTo(given.get("Resources").size());
        assertThat(made.get("Outputs")).isEqualTo(given.get("Outputs"));
        assertThat(made.get("Parameters").has("EnableEvents")).isTrue();
        for (String name : List.of("AssetsBucket", "AssetsPrefix", "Revision", "Environment", "AllowGuests")) {
            assertThat(made.get("Parameters").has(name)).as(name).isFalse();
        }
    }
}
