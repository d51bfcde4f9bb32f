package io.topicstream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.json.JsonObjectReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What `topicstream serve` says on its standard error, in processes of their own.
@Timeout(300)
class ServeLogTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String TOKEN = "the-own-token-of-carol";
    private static final String WRONG = "ts_0123456789abcdefghijABCDEFGHIJ0123456789";
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z ";

    @TempDir
    private Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
    private @Nullable Process process;

    @AfterEach
    void stop() throws InterruptedException {
        http.close();
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    /// Starts a server in memory, its output in files, through a shell that may do more with it.
    ///
    /// @param redirection of the standard error, as the shell writes it
    /// @return where it listens
    private URI serve(String redirection, String... settings) throws IOException {
        return serveIn("exec \"$@\" " + redirection, settings);
    }

    /// @param script for the shell, in which `"$@"` is the server's command
    private URI serveIn(String script, String... settings) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                                .split(File.pathSeparator))
                        .filter(entry -> !entry.matches(".*(test-classes|tests\\.jar|archunit|slf4j|junit|assertj).*"))
                        .collect(Collectors.joining(File.pathSeparator)),
                Main.class.getName(),
                "serve"));
        List<String> all = new ArrayList<>(List.of(
                "event_loops=1",
                "engine=memory",
                "server.port=0",
                "access.anonymous=on",
                "access.tokens=[{token: " + TOKEN + ", user: carol}]",
                "server.run_dir=" + directory.resolve("run")));
        all.addAll(List.of(settings));
        all.forEach(setting -> command.addAll(List.of("--set", setting)));
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", script, "serve");
        builder.command().addAll(command);
        builder.directory(directory.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("TOPICSTREAM_"));
        builder.redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile());
        process = builder.start();
        await().atMost(PATIENCE).until(() -> read("out").contains("\n") || !process.isAlive());
        String ready = read("out");
        assertThat(ready).as(read("err")).startsWith("ready: ");
        return URI.create(ready.substring("ready: ".length(), ready.indexOf("  ")));
    }

    private String read(String file) throws IOException {
        Path path = directory.resolve(file);
        return Files.exists(path) ? Files.readString(path) : "";
    }

    /// The lines of the log, but for those about what this machine does not grant.
    private List<String> said() throws IOException {
        return read("err")
                .lines()
                .filter(line -> !line.contains("limits.connections."))
                .toList();
    }

    private void terminate() throws InterruptedException {
        Process running = process;
        assertThat(running).isNotNull();
        running.destroy();
        assertThat(running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(running.exitValue()).isEqualTo(ExitCodes.OK);
    }

    private HttpResponse<String> send(String method, URI server, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path))
                .timeout(PATIENCE)
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /// Asks for a WebSocket, and waits until it is refused or closed.
    private void upgrade(URI server, String path, String subprotocol, String... others) {
        CountDownLatch closed = new CountDownLatch(1);
        try {
            http.newWebSocketBuilder()
                    .subprotocols(subprotocol, others)
                    .buildAsync(URI.create("ws" + server.toString().substring(4) + path), new WebSocket.Listener() {
                        @Override
                        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
                            closed.countDown();
                            return null;
                        }
                    })
                    .join();
            assertThat(closed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(WebSocketHandshakeException.class);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private String administrator(URI server) throws IOException {
        return Files.readString(directory.resolve("run").resolve(server.getPort() + ".token"))
                .strip();
    }

    @Test
    void itSaysHowItStartedAndWhyItEnded() throws Exception {
        URI server = serve("", "pages.enabled=false");
        terminate();

        assertThat(read("out").lines()).hasSize(1);
        assertThat(said()).hasSize(3);
        assertThat(said().get(0))
                .matches(TIME + "INFO TopicStream \\d+\\.\\d+\\.\\d+\\S* listens on 127\\.0\\.0\\.1:" + server.getPort()
                        + "; messages in memory, until it ends; at most 100000 connections, payloads of 122880 bytes");
        assertThat(said().get(1)).matches(TIME + "INFO stopping: the process was told to end");
        assertThat(said().get(2)).matches(TIME + "INFO stopped after \\d+ ms");
    }

    @Test
    void keysThatAreMadeAndRevokedAreSaidAndNoSecretEverIs() throws Exception {
        URI server = serve("", "log.level=debug", "log.access=on");
        String admin = administrator(server);
        String bearer = "Bearer " + admin;
        String made = send(
                        "POST",
                        server,
                        "/admin/keys",
                        "{\"name\":\"ada\"}",
                        "Authorization",
                        bearer,
                        "Content-Type",
                        "application/json")
                .body();
        String key = made.replaceFirst(".*\"key\":\"(ts_[^\"]+)\".*", "$1");
        String id = made.replaceFirst("\\{\"id\":\"([^\"]+)\".*", "$1");
        assertThat(key).startsWith("ts_").hasSizeGreaterThan(30);

        send("GET", server, "/topics", "", "x-api-key", key);
        send("GET", server, "/topics", "", "Authorization", "Bearer " + key);
        send("GET", server, "/topics?token=" + TOKEN, "");
        send("GET", server, "/topics?token=" + WRONG, "");
        send("GET", server, "/topics", "", "x-api-key", WRONG);
        send("GET", server, "/" + key, "");
        send("GET", server, "/topics/" + key + "/consume", "");
        send("GET", server, "/topics?token=%E9", "", "Authorization", "Bearer " + key);
        upgrade(server, "/v1?token=" + WRONG, "topicstream.v1");
        upgrade(server, "/v1?token=" + WRONG, "bearer." + WRONG);
        upgrade(server, "/v1", "topicstream.v1", "bearer." + WRONG);
        upgrade(server, "/nowhere?token=" + TOKEN, "topicstream.v1", "bearer." + key);
        send("DELETE", server, "/admin/keys/ada", "", "Authorization", bearer);
        terminate();

        String all = read("err") + read("out");
        assertThat(all)
                .contains("INFO API key created: name ada, id " + id + ", by the administrator from 127.0.0.1\n")
                .contains("INFO API keys revoked: name ada, ids " + id + ", by the administrator from 127.0.0.1\n")
                .contains(" ACCESS 127.0.0.1 ada GET /topics 200 ")
                .contains(" ACCESS 127.0.0.1 carol GET /topics 200 ")
                .contains(" ACCESS 127.0.0.1 - GET /topics 401 ")
                .contains(" ACCESS 127.0.0.1 - GET /v1 101/4001 ")
                .contains(" ACCESS 127.0.0.1 - GET /v1 401 ")
                .contains(" ACCESS 127.0.0.1 - GET /nowhere 101/4004 ")
                .containsPattern(TIME + "INFO a WebSocket of 127\\.0\\.0\\.1 was refused with 4001: .+\n");
        for (String secret : List.of(admin, key, TOKEN, WRONG)) {
            assertThat(all).doesNotContain(secret, secret.substring(8));
        }
    }

    @Test
    void whatClientsCauseIsSaidOnceAMinuteAndNobodyForgesALine() throws Exception {
        URI server = serve("");
        for (int i = 0; i < 50; i++) {
            upgrade(server, "/v1?user=%0A2026-01-31T12:00:00.000Z%20INFO%20forged" + i, "topicstream.v1");
            upgrade(server, "/nowhere%0A" + i, "topicstream.v1");
        }
        terminate();

        assertThat(said()).hasSize(5).noneMatch(line -> line.contains("forged"));
        assertThat(read("err").lines().filter(line -> line.contains("was refused with 4000")))
                .hasSize(1);
        assertThat(read("err").lines().filter(line -> line.contains("was refused with 4004")))
                .hasSize(1);
    }

    @Test
    void everyLineIsAnObjectIfItIsWrittenAsJson() throws Exception {
        URI server = serve("", "log.format=json", "log.access=on", "server.allowed_origins=*");
        send("GET", server, "/health", "");
        upgrade(server, "/nowhere", "topicstream.v1");
        terminate();

        List<String> lines = said();
        assertThat(lines).hasSize(7).allSatisfy(line -> {
            byte[] bytes = line.getBytes(UTF_8);
            JsonObjectReader.Builder members = new JsonObjectReader.Builder();
            JsonObjectReader.Member time = members.add("time");
            JsonObjectReader.Member level = members.add("level");
            JsonObjectReader.Member logger = members.add("logger");
            JsonObjectReader reader = members.build();
            assertThat(reader.read(bytes, 0, bytes.length)).as(line).isTrue();
            assertThat(reader.string(time)).matches(TIME.strip());
            assertThat(reader.string(level)).isIn("info", "warning");
            assertThat(reader.string(logger)).startsWith("io.topicstream.");
        });
        assertThat(lines)
                .anyMatch(line -> line.contains("\"path\":\"/health\",\"status\":200,\"bytes\":"))
                .anyMatch(line -> line.contains("\"level\":\"warning\"") && line.contains("server.allowed_origins"));
    }

    @Test
    void aLogThatCannotBeWrittenStopsNothing() throws Exception {
        for (String redirection : List.of("2>/dev/full", "2>&-", "2> >(exec true)")) {
            Files.deleteIfExists(directory.resolve("out"));
            URI server = serve(redirection, "log.access=on");
            for (int i = 0; i < 100; i++) {
                assertThat(send("GET", server, "/health", "").statusCode()).isEqualTo(200);
            }
            terminate();
        }
    }

    @Test
    void whatIsSaidWhenNoFileCanBeOpenedIsSaidInTheSameLines() throws Exception {
        URI server = serveIn("ulimit -n 160; exec \"$@\"");
        List<Socket> held = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                held.add(new Socket(InetAddress.getLoopbackAddress(), server.getPort()));
            }
            await().atMost(PATIENCE).until(() -> read("err").lines().count() > 1);
        } finally {
            for (Socket socket : held) {
                socket.close();
            }
        }
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> send("GET", server, "/health", "").statusCode() == 200);
        terminate();

        assertThat(read("err").lines()).allMatch(line -> line.matches(TIME + "(INFO|WARNING|ERROR) .+"));
    }

    @Test
    void aReaderThatStandsStillStopsNothing() throws Exception {
        Path pipe = directory.resolve("pipe");
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
        // Open for reading too, so that nothing is refused, and never read.
        URI server = serve("2<>" + pipe, "log.access=on");
        String path = "/" + "x".repeat(4000);
        for (int i = 0; i < 500; i++) {
            assertThat(send("GET", server, path, "").statusCode()).isEqualTo(404);
        }
        terminate();
    }
}
