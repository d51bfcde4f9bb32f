package io.topicstream.cli.documents;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.cli.BuiltChatPage;
import io.topicstream.server.config.ConfigException;
import io.topicstream.server.config.ServerConfig;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// Somebody who does what a page says, in an empty folder with nothing in it but the command `./topicstream`,
/// and looks whether what comes of it is what the page shows.
///
/// The server is a process of its own, started as the page starts it or, where it does not, before its first step that
/// wants one. It listens on a free port instead of the page's 8080.
final class Reader implements AutoCloseable {
    private static final String SHOWN_ADDRESS = "127.0.0.1:8080";
    private static final long PATIENCE_SECONDS = 120;
    private static final String CHAT_LINE = "(?m)^Chat in a browser: .*\n?";
    /// The tokens that pages may use.
    private static final String TOKENS =
            "[{token: the-token-of-carol, user: carol}, {token: the-token-of-dana, user: dana}]";

    private final Duration patience;
    private final Path folder;
    private final Path logs;
    private final Map<String, FrameClient> connections = new LinkedHashMap<>();
    private @Nullable Process server;
    private @Nullable URI address;
    private @Nullable Process background;
    private @Nullable Path backgroundOutput;

    /// @param directory an empty one
    /// @param patience how long what runs in the background may take to say what is shown
    Reader(Path directory, Duration patience) throws IOException {
        this.patience = patience;
        folder = Files.createDirectories(directory.resolve("folder"));
        logs = Files.createDirectories(directory.resolve("logs"));
        Path command = Files.writeString(
                folder.resolve("topicstream"),
                "#!/bin/sh\nexec '" + java() + "' --enable-native-access=ALL-UNNAMED -XX:+UseCompactObjectHeaders"
                        + " -XX:TieredStopAtLevel=1 -Xmx1g -cp '" + shippedClassPath()
                        + "' io.topicstream.cli.Main \"$@\"\n");
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwx------"));
    }

    private static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /// What the launcher's class path has, without what only tests have.
    private static String shippedClassPath() {
        return Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .filter(entry -> !entry.matches(".*(test-classes|tests\\.jar|archunit|slf4j|junit|assertj).*"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    void read(Step step) throws Exception {
        switch (step) {
            case Step.Serve serve -> {
                serve(serve.script(), serve.output());
            }
            case Step.Commands commands -> {
                serverFor(commands.script());
                run(commands);
            }
            case Step.Stopped stopped -> {
                stopServer();
                run(new Step.Commands(stopped.line(), stopped.script(), 0, stopped.output()));
            }
            case Step.Background started -> {
                serverFor(started.script());
                backgroundOutput = logs.resolve("background-" + started.line());
                background = bash(started.script())
                        .redirectOutput(backgroundOutput.toFile())
                        .start();
            }
            case Step.BackgroundOutput shown -> {
                Path said = backgroundOutput;
                assertThat(said).as("something runs in the background").isNotNull();
                Awaitility.await()
                        .atMost(patience)
                        .untilAsserted(() -> assertShown(Files.readString(said), shown.output()));
            }
            case Step.Frames frames -> converse(frames);
            case Step.Configuration configuration -> accept(configuration.yaml());
            case Step.Program program -> runProgram(program);
        }
    }

    /// Looks whether the page left something out that came, and ends everything.
    void finish() throws InterruptedException {
        for (Map.Entry<String, FrameClient> connection : connections.entrySet()) {
            assertThat(connection.getValue().rest())
                    .as("what came to " + connection.getKey() + " and the page does not show")
                    .isEmpty();
        }
    }

    // ---- the shell

    private ProcessBuilder bash(String script) {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", here(script))
                .directory(folder.toFile())
                .redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("TOPICSTREAM_"));
        environment.put("TOPICSTREAM_SERVER_PORT", "0");
        environment.put(
                "TOPICSTREAM_SERVER_RUN_DIR", folder.resolveSibling("run").toString());
        environment.put("TOPICSTREAM_ACCESS_TOKENS", TOKENS);
        environment.put("HOME", folder.toString());
        URI running = address;
        if (running != null) {
            environment.put("TOPICSTREAM_SERVER", running.toString());
            environment.put("ADMIN_TOKEN", adminToken(running.getPort()));
            if (script.contains("$CONNECTION")) {
                environment.put("CONNECTION", connectionOf(running));
            }
        }
        return builder;
    }

    private String adminToken(int port) {
        try {
            return Files.readString(folder.resolveSibling("run").resolve(port + ".token"))
                    .strip();
        } catch (IOException e) {
            throw new AssertionError("the server wrote no token", e);
        }
    }

    /// The id of a connection of carol's, opened for the page. It is told nothing of chats that the page has begun.
    private String connectionOf(URI running) {
        FrameClient client = connections.computeIfAbsent(
                "carol's", name -> new FrameClient(running, "/v1?durable=manual", "the-token-of-carol"));
        try {
            String welcome = client.next();
            String before = "\"connection_id\":\"";
            int from = welcome.indexOf(before) + before.length();
            return welcome.substring(from, welcome.indexOf('"', from));
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// With the address of the page's server in place of the one that the page shows.
    private String here(String text) {
        URI running = address;
        return running == null ? text : text.replace(SHOWN_ADDRESS, running.getAuthority());
    }

    private String shown(String text) {
        URI running = address;
        return running == null ? text : text.replace(running.getAuthority(), SHOWN_ADDRESS);
    }

    private void assertShown(String said, String shown) {
        assertThat(Alike.form(shown(said))).isEqualTo(Alike.form(shown));
    }

    private void run(Step.Commands commands) throws IOException, InterruptedException {
        Path said = logs.resolve("commands-" + commands.line());
        Process process = bash(commands.script()).redirectOutput(said.toFile()).start();
        process.getOutputStream().close();
        assertEnds(process, said, commands.exitCode());
        if (commands.output() != null) {
            assertShown(Files.readString(said), commands.output());
        }
    }

    private static void assertEnds(Process process, Path said, int exitCode) throws InterruptedException, IOException {
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("ended")
                    .isTrue();
            assertThat(process.exitValue()).as(Files.readString(said)).isEqualTo(exitCode);
        } finally {
            process.destroyForcibly();
        }
    }

    // ---- the server

    /// Starts the server, if the commands look as if they wanted one.
    private void serverFor(String script) throws IOException {
        if (script.contains("./topicstream") || script.contains(SHOWN_ADDRESS)) {
            server();
        }
    }

    private URI server() throws IOException {
        URI running = address;
        return running == null ? serve("./topicstream serve", null) : running;
    }

    /// Stops it as a supervisor does.
    private void stopServer() throws InterruptedException {
        Process running = server;
        if (running == null) {
            return;
        }
        running.destroy();
        assertThat(running.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("the server stopped")
                .isTrue();
        assertThat(running.exitValue()).as("of the server").isZero();
        server = null;
        address = null;
    }

    private URI serve(String script, @Nullable String output) throws IOException {
        assertThat(server).as("a page has one server at a time").isNull();
        // The shell makes way for the command, so that a signal reaches it.
        Process started = bash("exec " + script).start();
        server = started;
        BufferedReader lines = started.inputReader(UTF_8);
        StringBuilder said = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            said.append(line).append('\n');
            if (line.startsWith("ready: ")) {
                address = URI.create(line.substring("ready: ".length(), line.indexOf("  ")));
                if (output != null) {
                    assertShown(
                            said.append(behindReady(lines, output)).toString(),
                            BuiltChatPage.isThere() ? output : output.replaceAll(CHAT_LINE, ""));
                }
                return address;
            }
        }
        throw new AssertionError("the server did not start: " + said);
    }

    /// Where the chat page is, said where a page of the documents shows that. A build without npm has none.
    private static String behindReady(BufferedReader lines, String output) throws IOException {
        return BuiltChatPage.isThere()
                        && Pattern.compile(CHAT_LINE).matcher(output).find()
                ? lines.readLine() + "\n"
                : "";
    }

    // ---- frames

    private void converse(Step.Frames frames) throws IOException, InterruptedException {
        FrameClient client = connections.get(frames.connection());
        if (client == null) {
            client = new FrameClient(server(), frames.path() == null ? "/v1" : frames.path(), frames.token());
            connections.put(frames.connection(), client);
        } else {
            assertThat(frames.path()).as("the connection is open already").isNull();
        }
        for (String line : frames.lines()) {
            if (line.startsWith("→ ")) {
                client.send(line.substring(2));
            } else if (line.startsWith("← ")) {
                assertShown(client.next(), line.substring(2));
            } else {
                throw new AssertionError("a line of frames begins with → or ←: " + line);
            }
        }
    }

    // ---- what is compiled or read

    private void accept(String yaml) throws IOException, ConfigException {
        Path file = Files.writeString(logs.resolve("topicstream.yaml"), yaml);
        ServerConfig.load(file, Map.of(), Map.of());
    }

    private void runProgram(Step.Program program) throws IOException, InterruptedException {
        URI running = server();
        String source = program.source().contains("void main(") ? program.source() : """
                import io.topicstream.client.*;
                import io.topicstream.protocol.From;
                import java.net.URI;

                void main() throws Exception {
                %s
                }
                """.formatted(program.source());
        Path file = Files.writeString(
                logs.resolve("Program" + program.line() + ".java"),
                source.replace(SHOWN_ADDRESS, running.getAuthority()));
        Path said = logs.resolve("program-" + program.line());
        Process process = new ProcessBuilder(java().toString(), "-cp", shippedClassPath(), file.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertEnds(process, said, 0);
        if (program.output() != null) {
            assertShown(Files.readString(said), program.output());
        }
    }

    @Override
    public void close() {
        connections.values().forEach(FrameClient::close);
        if (background != null) {
            background.descendants().forEach(ProcessHandle::destroyForcibly);
            background.destroyForcibly().onExit().join();
        }
        if (server != null) {
            server.destroyForcibly().onExit().join();
        }
    }
}
