package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream gateway check`, run in this process.
class GatewayCheckTest {
    private static final String CHAT = """
            api: chat
            id: chatchat01
            authorizer: {function: auth, identity: [header.Authorization]}
            routes:
              $connect: auth
              $default: http://${BACK}:8080/messages
              join: {mock: {joined: true}}
            domains: {chat.example.com: dev}
            functions:
              auth: {inline: "exports.handler = 1", handler: index.handler, runtime: nodejs22.x}
            """;

    @TempDir
    private Path folder;

    private Terminal.Run check(String text, String... more) throws IOException {
        Path file = Files.writeString(folder.resolve("chat.yaml"), text);
        String[] arguments = new String[more.length + 4];
        arguments[0] = "gateway";
        arguments[1] = "check";
        arguments[2] = "--template";
        arguments[3] = file.toString();
        System.arraycopy(more, 0, arguments, 4, more.length);
        return new Terminal(Map.of(), folder).run(arguments);
    }

    @Test
    void itListsWhatWouldBeServed() throws IOException {
        Terminal.Run run = check(CHAT, "--parameter", "BACK=back");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        String auth = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
                + "arn:aws:lambda:us-east-1:123456789012:function:auth/invocations";
        assertThat(run.lines().subList(0, 7))
                .containsExactly(
                        "api chat chatchat01",
                        "  stage dev",
                        "  domain chat.example.com -> dev",
                        "  route $connect -> AWS_PROXY " + auth + ", authorizer auth",
                        "  route $default -> HTTP_PROXY http://back:8080/messages",
                        "  route join -> MOCK, two-way",
                        "function auth nodejs22.x index.handler (inline)");
        assertThat(run.lines().get(7))
                .startsWith("finding: " + folder.resolve("chat.yaml") + ":8: domains.chat.example.com: ");
        assertThat(run.lines()).hasSize(8);
    }

    @Test
    void itListsThemAsJson() throws IOException {
        Terminal.Run run = check(CHAT, "--parameter", "BACK=back", "--json");

        assertThat(run.lines())
                .hasSize(8)
                .contains(
                        "{\"api\":\"chat\",\"id\":\"chatchat01\"}",
                        "{\"stage\":\"dev\",\"of\":\"chatchat01\"}",
                        "{\"route\":\"join\",\"type\":\"MOCK\",\"uri\":\"\",\"two_way\":true,\"of\":\"chatchat01\"}");
    }

    @Test
    void itTellsEveryErrorWithItsPlace() throws IOException {
        Terminal.Run run = check(CHAT.replace("mock: {joined: true}", "url: ftp://x, timeout_ms: 1"), "-p", "BACK=b");

        assertThat(run.exitCode()).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(run.lines())
                .hasSize(2)
                .allSatisfy(line ->
                        assertThat(line).startsWith("error: " + folder.resolve("chat.yaml") + ":7: routes.join."));
        assertThat(run.err()).startsWith("topicstream: ").endsWith(" (and 1 more)\n");
        assertThat(run.err().lines()).hasSize(1);
    }

    @Test
    void itSaysWhichParameterIsMissing() throws IOException {
        Terminal.Run run = check(CHAT);

        assertThat(run.exitCode()).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(run.err()).contains("the parameter BACK has no value; give it one: --parameter BACK=");
    }

    @Test
    void itWantsATemplate() {
        Terminal.Run run = new Terminal(Map.of(), folder).run("gateway", "check");

        assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(run.err()).contains("--template=FILE");
    }
}
