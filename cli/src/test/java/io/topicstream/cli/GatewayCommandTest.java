package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.DomainMapping;
import io.topicstream.gateway.model.RouteSettings;
import io.topicstream.gateway.model.Stage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream gateway`: what it says, and where stages are.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a line that never comes is a failure
class GatewayCommandTest {
    @TempDir
    private Path directory;

    private Path template(String stage) throws Exception {
        return Files.writeString(directory.resolve("template.yaml"), """
                Parameters:
                  StageName: {Type: String}
                Resources:
                  Chat:
                    Type: AWS::ApiGatewayV2::Api
                    Properties: {Name: chat, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}
                  Stage:
                    Type: AWS::ApiGatewayV2::Stage
                    Properties: {ApiId: !Ref Chat, StageName: %s, AutoDeploy: true}
                """.formatted(stage));
    }

    private Process start(String... arguments) throws Exception {
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                ServeProcessTest.shippedClassPath(),
                                Main.class.getName(),
                                "gateway",
                                "--port",
                                "0",
                                "--set",
                                "engine=memory",
                                "--set",
                                "event_loops=1",
                                "--set",
                                "server.run_dir=" + directory.resolve("run")),
                        Stream.of(arguments))
                .toList();
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(directory.resolve("log").toFile())
                .start();
    }

    private static int status(String url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void itSaysWhereItsStagesAreAndTakesTheTemplateAnew() throws Exception {
        Path file = template("!Ref StageName");
        Process process = start("--template", file.toString(), "--parameter", "StageName=a1");
        try (BufferedReader out = process.inputReader()) {
            String first = String.valueOf(out.readLine());
            assertThat(first)
                    .as(() -> read("log"))
                    .matches("stage a1 of chat \\([a-z0-9]{10}\\): ws://127\\.0\\.0\\.1:\\d+/a1 {2}"
                            + "callbacks http://127\\.0\\.0\\.1:\\d+/a1");
            assertThat(out.readLine()).startsWith("ready: http://127.0.0.1:");
            String url = first.substring(first.indexOf("http://"));
            assertThat(status(url)).isEqualTo(426);

            template("[broken");
            await("is not taken");
            assertThat(status(url)).isEqualTo(426);

            template("second");
            await("was read again");
            assertThat(status(url.replace("/a1", "/second"))).isEqualTo(426);
            assertThat(status(url)).isEqualTo(404);
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(() -> read("log")).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    private void await(String logged) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(read("log")).contains(logged));
    }

    private String read(String name) {
        try {
            return Files.readString(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void withoutATemplateItAsksForOne() {
        Terminal.Run run = new Terminal(Map.of(), directory).run("gateway");

        assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(run.err()).contains("--template");
    }

    @Test
    void stagesOfOneNameAreFoundByTheirApis() {
        Definition definition = new Definition(
                List.of(
                        api("aaaaaaaaaa", false, List.of()),
                        api("bbbbbbbbbb", false, List.of(new DomainMapping("ws.example.com", "v1", "dev"))),
                        api("cccccccccc", true, List.of(new DomainMapping("hidden.example.com", "", "dev")))),
                List.of(),
                List.of(),
                List.of(),
                List.of());

        assertThat(StageUrl.of(definition, null, "https://127.0.0.1:8443"))
                .extracting(StageUrl::webSocket)
                .containsExactly(
                        "wss://aaaaaaaaaa.localhost:8443/dev",
                        "wss://bbbbbbbbbb.localhost:8443/dev",
                        "wss://ws.example.com:8443/v1",
                        "wss://hidden.example.com:8443");
    }

    private static Api api(String id, boolean isHidden, List<DomainMapping> mappings) {
        return new Api(
                id,
                id,
                "$request.body.action",
                Api.API_KEY_HEADER,
                isHidden,
                Map.of(),
                Map.of(),
                Map.of("dev", new Stage("dev", Map.of(), RouteSettings.NONE, Map.of(), null)),
                mappings);
    }
}
