package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// `topicstream serve` as a process, on a folder that outlives it.
final class ServedProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 120;
    /// Of a process that SIGKILL ended.
    private static final int KILLED = 137;

    private final Process process;

    private ServedProcess(Process process) {
        this.process = process;
    }

    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /// Starts one, and waits until it is ready.
    static ServedProcess start(Path directory, int port) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "-cp",
                        ServeProcessTest.shippedClassPath(),
                        Main.class.getName(),
                        "serve",
                        "--set",
                        "event_loops=2",
                        "--port",
                        Integer.toString(port),
                        "--data",
                        directory.resolve("data").toString())
                .directory(directory.toFile())
                .redirectError(directory.resolve("server.log").toFile());
        builder.environment().clear();
        builder.environment()
                .put("TOPICSTREAM_SERVER_RUN_DIR", directory.resolve("run").toString());
        ServedProcess served = new ServedProcess(builder.start());
        try {
            BufferedReader out = served.process.inputReader(StandardCharsets.UTF_8);
            assertThat(out.readLine()).as("the first line of a server").startsWith("ready: http://127.0.0.1:" + port);
        } catch (IOException | Error e) {
            served.close();
            throw e;
        }
        return served;
    }

    /// What a command needs to find it.
    static Map<String, String> environment(Path directory, int port) {
        return Map.of(
                "TOPICSTREAM_SERVER",
                "http://127.0.0.1:" + port,
                "TOPICSTREAM_SERVER_RUN_DIR",
                directory.resolve("run").toString());
    }

    /// Kills it, so that nothing of it runs any more: `kill -9`.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(KILLED);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
