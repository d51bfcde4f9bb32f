package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream serve` as processes of their own: what they say, and how they end.
class ServeProcessTest {
    private static final long PATIENCE_SECONDS = 120;

    @TempDir
    private Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
    }

    private Process serve(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseCompactObjectHeaders",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                shippedClassPath(),
                Main.class.getName(),
                "serve",
                "--set",
                "event_loops=1"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("TOPICSTREAM_"));
        builder.environment()
                .put("TOPICSTREAM_SERVER_RUN_DIR", directory.resolve("run").toString());
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    /// What the launcher's class path has, without what only tests have.
    private static String shippedClassPath() {
        return Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .filter(entry -> !entry.matches(".*(test-classes|tests\\.jar|archunit|slf4j|junit|assertj).*"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /// Waits until it is ready.
    ///
    /// @return its address
    private static String awaitReady(Process process) throws IOException {
        BufferedReader out = process.inputReader();
        String line = out.readLine();
        if (line == null) {
            throw new AssertionError(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        assertThat(line).matches("ready: http://127\\.0\\.0\\.1:\\d+ {2}ws://127\\.0\\.0\\.1:\\d+/v1");
        return line.substring("ready: ".length(), line.indexOf("  "));
    }

    private static void assertEnds(Process process, int exitCode) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(exitCode);
    }

    private static void assertOneLine(Process process, int exitCode, String... parts) throws Exception {
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(err).startsWith("topicstream: ").contains(parts);
        assertThat(err.lines()).hasSize(1);
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
        assertEnds(process, exitCode);
    }

    private Terminal terminal(String address) {
        return new Terminal(
                Map.of(
                        "TOPICSTREAM_SERVER",
                        address,
                        "TOPICSTREAM_SERVER_RUN_DIR",
                        directory.resolve("run").toString()),
                directory);
    }

    @Test
    void sigtermEndsItInOrderAndWhatWasPublishedIsThereAgain() throws Exception {
        String data = directory.resolve("data").toString();
        Process first = serve("--port", "0", "--data", data);
        String address = awaitReady(first);
        assertThat(terminal(address).run("publish", "t", "1").exitCode()).isZero();

        // A second server cannot have the same directory, nor the same port.
        assertOneLine(serve("--port", "0", "--data", data), ExitCodes.DATA, "in use", data);
        String port = address.substring(address.lastIndexOf(':') + 1);
        assertOneLine(
                serve("--port", port, "--set", "engine=memory"),
                ExitCodes.CANNOT_LISTEN,
                "127.0.0.1 port " + port,
                "in use");

        first.destroy();
        assertEnds(first, ExitCodes.OK);

        Process second = serve("--port", "0", "--data", data);
        assertThat(terminal(awaitReady(second)).run("consume", "t").out()).isEqualTo("1\t1\n");
        second.destroy();
        assertEnds(second, ExitCodes.OK);
    }

    @Test
    void aDataDirectoryThatIsNoneIsOneLine() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");

        assertOneLine(
                serve("--port", "0", "--data", file.toString()),
                ExitCodes.DATA,
                file.toString(),
                "the store needs a directory");
    }

    @Test
    void aServerThatOthersReachWantsCredentials() throws Exception {
        assertOneLine(
                serve("--port", "0", "--bind", "0.0.0.0", "--set", "engine=memory"),
                ExitCodes.CONFIGURATION,
                "access.tokens");
    }

    @Test
    void aPortThatAnotherProgramHasIsOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertOneLine(
                    serve("--port", Integer.toString(taken.getLocalPort()), "--set", "engine=memory"),
                    ExitCodes.CANNOT_LISTEN,
                    "127.0.0.1 port " + taken.getLocalPort(),
                    "the port is in use");
        }
    }
}
