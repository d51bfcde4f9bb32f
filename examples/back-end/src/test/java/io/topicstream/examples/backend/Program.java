package io.topicstream.examples.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/// A program as a process of its own, whose words go to files.
public final class Program implements AutoCloseable {
    private static final String KEY = "AKIAEXAMPLES";

    /// What the programs of an example sign with, and check.
    public static final Map<String, String> SIGNED =
            Map.of("AWS_REGION", "us-east-1", "AWS_ACCESS_KEY_ID", KEY, "AWS_SECRET_ACCESS_KEY", "not a secret here");

    private static final long PATIENCE_SECONDS = 60;
    /// Of a process that SIGKILL ended.
    private static final int KILLED = 137;
    /// Of one that SIGTERM ended.
    private static final int STOPPED = 143;

    private final Process process;
    private final Path out;
    private final Path err;

    private Program(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /// A port that nobody listens on.
    public static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /// Starts a command.
    ///
    /// @param name of the files with what it says
    public static Program start(Path folder, String name, Map<String, String> environment, List<String> command)
            throws IOException {
        Path out = folder.resolve(name + ".out");
        Path err = folder.resolve(name + ".err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()))
                .redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        Files.deleteIfExists(out);
        return new Program(builder.start(), out, err);
    }

    /// Starts the gateway, which takes callbacks that are signed as [#SIGNED] says, and no others.
    ///
    /// @param words behind those that say where things are: the template, its parameters, and settings
    public static Program gateway(Path folder, int port, String... words) throws IOException {
        List<String> command = java(
                "io.topicstream.cli.Main",
                "gateway",
                "--port",
                Integer.toString(port),
                "--data",
                folder.resolve("gateway").toString(),
                "--set",
                "event_loops=1",
                "--set",
                "server.run_dir=" + folder.resolve("run"));
        command.addAll(Arrays.asList(words));
        return start(
                folder,
                "gateway",
                Map.of(
                        "TOPICSTREAM_GATEWAY_SIGNATURES",
                        "verify",
                        "TOPICSTREAM_GATEWAY_KEYS",
                        "[{id: " + KEY + ", secret: not a secret here, name: back-end}]"),
                command);
    }

    /// The command that runs a class.
    public static List<String> java(String... words) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                classPath()));
        command.addAll(Arrays.asList(words));
        return command;
    }

    /// What programs run with, without what only tests have.
    public static String classPath() {
        return Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .filter(entry -> !entry.matches(".*(test-classes|tests\\.jar|archunit|junit|assertj).*"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /// Waits until it has said that it is ready.
    public Program awaitReady() {
        await("ready: ");
        return this;
    }

    /// Waits until it has said something on its standard output.
    public void await(String words) {
        Awaitility.await()
                .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .until(() -> out().contains(words) || !process.isAlive());
        assertThat(out()).as(this::err).contains(words);
    }

    /// What it has said on its standard output.
    public String out() {
        return read(out);
    }

    /// What it has said on its standard error.
    public String err() {
        return read(err);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    public long pid() {
        return process.pid();
    }

    /// What it has started.
    public List<ProcessHandle> descendants() {
        return process.descendants().toList();
    }

    /// Waits until it has ended.
    public int exitCode() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as(() -> "ended: " + err())
                .isTrue();
        return process.exitValue();
    }

    /// Kills it, so that nothing of it runs any more: `kill -9`.
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(exitCode()).isEqualTo(KILLED);
    }

    /// Ends it as one ends a program, and waits until it has: what it has begun it has answered.
    public void stop() throws InterruptedException {
        process.destroy();
        assertThat(exitCode()).isEqualTo(STOPPED);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
