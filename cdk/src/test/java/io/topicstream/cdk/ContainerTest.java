package io.topicstream.cdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The template of the container form.
class ContainerTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private JsonNode resources;

    @BeforeEach
    void read() throws IOException {
        resources = JSON.readTree(Path.of("template", "topicstream-container.template.json")
                        .toFile())
                .get("Resources");
    }

    private JsonNode property(String pointer) {
        return resources.at(pointer.replaceFirst("^/([A-Za-z0-9]+)", "/$1/Properties"));
    }

    /// A store has one owner, so there are never two tasks.
    @Test
    void thereIsOneTaskAtATime() {
        JsonNode service = property("/Service");
        assertThat(service.get("DesiredCount").asInt()).isEqualTo(1);
        assertThat(service.at("/DeploymentConfiguration/MaximumPercent").asInt())
                .isEqualTo(100);
        assertThat(service.at("/DeploymentConfiguration/MinimumHealthyPercent").asInt())
                .isZero();
        assertThat(service.at("/DeploymentConfiguration/DeploymentCircuitBreaker")
                        .toString())
                .isEqualTo("{\"Enable\":true,\"Rollback\":true}");
        assertThat(property("/Task/RuntimePlatform/CpuArchitecture").asText()).isEqualTo("ARM64");
        assertThat(resources.findValuesAsText("Type")).doesNotContain("AWS::EC2::NatGateway");
    }

    @Test
    void theStoreIsEncryptedAndOutlivesTheStack() {
        assertThat(property("/Files/Encrypted").asBoolean()).isTrue();
        assertThat(resources.at("/Files/DeletionPolicy").asText()).isEqualTo("Retain");
        assertThat(property("/Task/Volumes/0/EFSVolumeConfiguration/TransitEncryption")
                        .asText())
                .isEqualTo("ENABLED");
        assertThat(property("/Task/Volumes/0/EFSVolumeConfiguration/AuthorizationConfig/IAM")
                        .asText())
                .isEqualTo("ENABLED");
    }

    @Test
    void nobodyButTheLoadBalancerReachesTheTask() {
        List<JsonNode> rules = new ArrayList<>();
        resources.forEach(resource -> {
            if (resource.get("Type").asText().equals("AWS::EC2::SecurityGroupIngress")
                    && resource.at("/Properties/GroupId").toString().contains("TaskGroup")) {
                rules.add(resource.get("Properties"));
            }
        });
        assertThat(rules).singleElement().satisfies(rule -> {
            assertThat(rule.get("SourceSecurityGroupId").toString()).contains("BalancerGroup");
            assertThat(rule.get("FromPort").asInt()).isEqualTo(8080);
        });
        assertThat(property("/Target/HealthCheckPath").asText()).isEqualTo("/health");
        assertThat(property("/Listener/Protocol").asText()).isEqualTo("HTTPS");
    }

    /// What a policy allows everywhere is what takes no resource.
    @Test
    void rolesMayDoWhatTheyNeed() {
        Set<String> everywhere = new TreeSet<>();
        resources.findParents("Effect").forEach(statement -> {
            if (statement.get("Effect").asText().equals("Allow")
                    && statement.path("Resource").toString().contains("\"*\"")) {
                statement.get("Action").forEach(action -> everywhere.add(action.asText()));
            }
        });
        assertThat(everywhere)
                .containsExactly(
                        "ecr:GetAuthorizationToken",
                        "ssmmessages:CreateControlChannel",
                        "ssmmessages:CreateDataChannel",
                        "ssmmessages:OpenControlChannel",
                        "ssmmessages:OpenDataChannel");
    }

    /// The command of the server, run with a program that says what it was given.
    private String settings(String definition) throws Exception {
        JsonNode server = property("/Task/ContainerDefinitions/0");
        Path program = folder.resolve("topicstream");
        Files.writeString(program, "#!/bin/sh\necho \"$@\"\nenv\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        List<String> command = new ArrayList<>();
        server.get("EntryPoint").forEach(word -> command.add(word.asText()));
        server.get("Command").forEach(word -> command.add(word.asText().replace("/tmp/", folder + "/")));
        return Tools.succeed(
                folder,
                Map.of(
                        "PATH",
                        folder + ":" + System.getenv("PATH"),
                        "ACCESS_TOKEN",
                        "secret-of-the-operator",
                        "BACK_END_SECRET",
                        "secret-of-the-back-end",
                        "GATEWAY_DEFINITION",
                        definition),
                command);
    }

    @Test
    void secretsBecomeSettings() throws Exception {
        String plain = settings("");
        assertThat(plain)
                .startsWith("serve\n")
                .contains("TOPICSTREAM_ACCESS_TOKENS=[{token: \"secret-of-the-operator\", user: operator}]\n")
                .doesNotContain("GATEWAY", "BACK_END_SECRET", "\nACCESS_TOKEN");

        String definition = "api: chat\nroutes:\n  $default: 'http://${BACK_END}/a b'\n";
        assertThat(settings(definition))
                .contains(
                        "TOPICSTREAM_GATEWAY_DEFINITION=" + folder + "/gateway.yaml\n",
                        "TOPICSTREAM_GATEWAY_SIGNATURES=verify\n",
                        "TOPICSTREAM_GATEWAY_KEYS=[{id: BACKEND, secret: \"secret-of-the-back-end\", name: back-end}]\n");
        assertThat(folder.resolve("gateway.yaml")).hasContent(definition);
    }

    /// Each variable that begins like one is a setting of the server.
    @Test
    void everyVariableIsASetting() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "configuration.md"));
        Set<String> settings = new TreeSet<>();
        Pattern.compile("(?m)^\\| `([a-z0-9_.]+)` \\|")
                .matcher(page)
                .results()
                .forEach(row -> settings.add(
                        "TOPICSTREAM_" + row.group(1).replace('.', '_').toUpperCase(Locale.ROOT)));
        settings.add("TOPICSTREAM_POLICIES");
        Set<String> given = new TreeSet<>();
        for (String name : property("/Task/ContainerDefinitions/0/Environment").findValuesAsText("Name")) {
            if (name.startsWith("TOPICSTREAM_")) {
                given.add(name);
            }
        }
        assertThat(given).hasSizeGreaterThan(9);
        assertThat(settings).containsAll(given);
    }
}
