package io.topicstream.server.crash;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.server.JsonTexts;
import io.topicstream.server.admin.AdminToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A server in a process of its own, on a directory that outlives it.
final class ServerProcess implements AutoCloseable {
    /// Of a process that SIGKILL ended, as a shell counts.
    static final int KILLED = 137;

    private final Process process;
    private final BufferedReader out;
    private final Path runDirectory;
    private final int port;
    private final long startMs;

    private ServerProcess(Process process, BufferedReader out, Path runDirectory, int port, long startMs) {
        this.process = process;
        this.out = out;
        this.runDirectory = runDirectory;
        this.port = port;
        this.startMs = startMs;
    }

    /// Starts one, and waits until it listens.
    ///
    /// @param directory for the store (`data`), the administrator's token (`run`) and what it says (`server.log`)
    /// @param before what goes before the command, as a tracer
    static ServerProcess start(Path directory, List<String> before, String... settings) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ServedProcess.class.getName()));
        command.addAll(List.of(
                "engine",
                "rocksdb",
                "data.dir",
                directory.resolve("data").toString(),
                "server.run_dir",
                directory.resolve("run").toString(),
                "server.port",
                "0",
                "access.anonymous",
                "on"));
        command.addAll(List.of(settings));
        long beginNs = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("server.log").toFile()))
                .start();
        BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        String line = out.readLine();
        if (line == null || !line.startsWith("port ")) {
            process.destroyForcibly();
            throw new IOException("the server did not start (" + line + "); see server.log");
        }
        return new ServerProcess(
                process,
                out,
                directory.resolve("run"),
                Integer.parseInt(line.substring("port ".length())),
                (System.nanoTime() - beginNs) / 1_000_000);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /// From the start of the process until it listened, in milliseconds.
    long startMs() {
        return startMs;
    }

    /// A path of its file system as it is seen from here, where it has mounts of its own.
    Path inside(Path path) {
        return Path.of("/proc/" + process.pid() + "/root" + path.toAbsolutePath());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// Makes an API key of this name.
    String createKey(String name) throws IOException, InterruptedException {
        String token = AdminToken.read(List.of(runDirectory), port);
        return createKey(uri(), token, name);
    }

    static String createKey(URI base, @Nullable String adminToken, String name)
            throws IOException, InterruptedException {
        HttpResponse<String> created = FrameSocket.HTTP.send(
                HttpRequest.newBuilder(base.resolve("/admin/keys"))
                        .header("Authorization", "Bearer " + adminToken)
                        .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"" + name + "\"}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (created.statusCode() != 201) {
            throw new IOException("no key: " + created.body());
        }
        return Texts.between(JsonTexts.elements(created.body()).getFirst(), "\"key\":\"");
    }

    /// SIGKILL.
    void kill() {
        process.toHandle().destroyForcibly();
    }

    /// SIGTERM. By the handle: the process's own method would close its streams too.
    void terminate() {
        process.toHandle().destroy();
    }

    /// Lets go of it, which ends it at once; reaches it behind a tracer too.
    void hangUp() throws IOException {
        process.getOutputStream().close();
    }

    /// The exit code, as a shell counts.
    int await(long patienceSeconds) throws InterruptedException {
        if (!process.waitFor(patienceSeconds, TimeUnit.SECONDS)) {
            throw new AssertionError("the server still runs after " + patienceSeconds + " s");
        }
        return process.exitValue();
    }

    /// What it said since it listens; call it when it has ended.
    List<String> lastWords() {
        return out.lines().toList();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        out.close();
    }
}
