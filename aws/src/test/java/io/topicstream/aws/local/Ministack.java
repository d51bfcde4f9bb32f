package io.topicstream.aws.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/// A stand-in for many services of AWS at once: the open program ministack, as a process of ours on the loopback.
///
/// It ends when this process ends, also where that is killed. All of its state is in memory, or in a folder of its own.
public final class Ministack implements AutoCloseable {
    /// Of all that it makes.
    public static final String ACCOUNT = "000000000000";

    public static final String REGION = "us-east-1";

    /// It asks for no real ones.
    public static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local"));

    private static final String PACKAGES = "packages";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_MS = 20;

    /// Becomes the program, beside a shell that ends it when our end of its input is closed.
    private static final String UNTIL_WE_END = "exec 3<&0; (read -r _ <&3; kill $$) & exec \"$@\" 3<&- </dev/null";

    private final Process process;
    private final int port;
    private final Path log;
    private final HttpClient http = HttpClient.newHttpClient();

    private Ministack(Process process, int port, Path log) {
        this.process = process;
        this.port = port;
        this.log = log;
    }

    /// Starts one, and waits until it answers.
    ///
    /// @param more variables of its environment
    public static Ministack start(Map<String, String> more) throws IOException {
        Path folder = install();
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path own = Files.createTempDirectory(folder, "run");
        Path log = own.resolve("log.txt");
        ProcessBuilder builder = new ProcessBuilder(
                        "/bin/sh", "-c", UNTIL_WE_END, "ministack", "python3", "-m", "ministack")
                .directory(own.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .putAll(Map.of(
                        "PYTHONPATH",
                        folder.resolve(PACKAGES).toString(),
                        "PYTHONDONTWRITEBYTECODE",
                        "1",
                        "TMPDIR",
                        own.toString(),
                        "BIND_HOST",
                        "127.0.0.1",
                        "MINISTACK_HOST",
                        "127.0.0.1",
                        "GATEWAY_PORT",
                        Integer.toString(port)));
        builder.environment().putAll(more);
        Ministack started = new Ministack(builder.start(), port, log);
        try {
            started.awaitHealth();
            return started;
        } catch (IOException | RuntimeException | Error e) {
            started.close();
            throw e;
        }
    }

    private void awaitHealth() throws IOException {
        long untilNs = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                if (send(HttpRequest.newBuilder(endpoint().resolve("/_ministack/health"))
                                        .build())
                                .statusCode()
                        == 200) {
                    return;
                }
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > untilNs) {
                    throw new IOException("ministack does not answer: " + log(), e);
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MS));
        }
    }

    private static Path install() throws IOException {
        return Installed.folder(
                "ministack",
                List.of("requirements.txt"),
                "python3",
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "--only-binary=:all:",
                "--upgrade",
                "--target",
                PACKAGES,
                "--requirement",
                "requirements.txt");
    }

    /// Where all services are.
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    /// What it has said so far.
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Calls a service that takes JSON, for tests that need no client of it.
    ///
    /// @param target of the call, such as `AWSStepFunctions.CreateStateMachine`
    /// @return the answer
    public String call(String service, String target, String json) {
        try {
            HttpResponse<String> answer = send(HttpRequest.newBuilder(endpoint())
                    .header("Content-Type", "application/x-amz-json-1.0")
                    .header("X-Amz-Target", target)
                    .header(
                            "Authorization",
                            "AWS4-HMAC-SHA256 Credential=local/20260101/" + REGION + "/" + service
                                    + "/aws4_request, SignedHeaders=host, Signature=0")
                    .POST(BodyPublishers.ofString(json))
                    .build());
            if (answer.statusCode() != 200) {
                throw new AssertionError(target + ": " + answer.statusCode() + " " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /// Ends it, and the programs that it has started for functions.
    @Override
    public void close() {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
            all.forEach(ProcessHandle::destroyForcibly);
            http.close();
        }
    }
}
