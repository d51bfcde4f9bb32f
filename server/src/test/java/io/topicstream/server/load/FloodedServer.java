package io.topicstream.server.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A server on disk in a process of its own, with 256 MiB of heap and 1,024 descriptors, and a
/// neighbour who asks it for its health and publishes, each time on a new connection, while others
/// flood it.
///
/// What is measured is reported; what is asserted is ten times that, or a clear refusal.
final class FloodedServer implements AutoCloseable {
    private static final int PATIENCE_MS = 10_000;
    private static final long MOST_ERROR_BYTES = 1_000_000;

    private final Path errors;
    private final ServerProcess process;

    /// What the neighbour saw.
    ///
    /// @param asked how often it asked
    /// @param refused how often the answer was a clear refusal: 429 or 503
    /// @param slowestMs the longest that an answer took, in milliseconds
    /// @param fault why one did not come, or null
    record Beside(
            int asked,
            int refused,
            long slowestMs,
            @Nullable String fault) {
        @Override
        public String toString() {
            return asked + " asked, " + refused + " refused, slowest " + slowestMs + " ms"
                    + (fault == null ? "" : ", " + fault);
        }
    }

    /// Starts one.
    ///
    /// @param directory for its store and its standard error
    /// @param settings pairs of a path and a text
    FloodedServer(Path directory, String... settings) {
        errors = directory.resolve("standard-error");
        String[] all = new String[settings.length + 4];
        all[0] = "engine";
        all[1] = "rocksdb";
        all[2] = "data.dir";
        all[3] = directory.resolve("data").toString();
        System.arraycopy(settings, 0, all, 4, settings.length);
        process = new ServerProcess(
                List.of("bash", "-c", "ulimit -n 1024; exec \"$@\"", "bash"),
                ProcessBuilder.Redirect.to(errors.toFile()),
                "256m",
                all);
    }

    URI uri() {
        return process.uri();
    }

    /// Runs the flood, with the neighbour beside it.
    Beside during(Runnable flood) {
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Beside> neighbour = new CompletableFuture<>();
        Thread asking = Thread.ofPlatform().start(() -> neighbour.complete(ask(over)));
        try {
            flood.run();
        } finally {
            over.set(true);
            join(asking);
        }
        return neighbour.join();
    }

    private Beside ask(AtomicBoolean over) {
        int asked = 0;
        int refused = 0;
        long slowestNs = 0;
        while (!over.get()) {
            long beginNs = System.nanoTime();
            try {
                int status = asked % 2 == 0 ? get("/health") : publish("neighbour", "1");
                if (status == 429 || status == 503) {
                    refused++;
                } else if (status != 200) {
                    return new Beside(asked, refused, slowestNs / 1_000_000, "answered with " + status);
                }
            } catch (IOException e) {
                long ms = (System.nanoTime() - beginNs) / 1_000_000;
                return new Beside(asked, refused, Math.max(ms, slowestNs / 1_000_000), e.toString());
            }
            slowestNs = Math.max(slowestNs, System.nanoTime() - beginNs);
            asked++;
        }
        return new Beside(asked, refused, slowestNs / 1_000_000, null);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /// Checks that nobody was kept waiting, that the server is as it was before, and that it did not
    /// fill its log.
    ///
    /// @return how long it took until it was, in milliseconds
    long assertUnharmed(Beside beside) {
        assertThat(beside.fault())
                .as(beside + "; standard error: " + errorText())
                .isNull();
        assertThat(beside.asked()).as("what the neighbour asked").isPositive();
        assertThat(beside.slowestMs()).as("the slowest answer").isLessThan(PATIENCE_MS);
        long beginNs = System.nanoTime();
        await().atMost(Duration.ofSeconds(50)).ignoreExceptions().until(() -> publish("after", "2") == 200);
        long ms = (System.nanoTime() - beginNs) / 1_000_000;
        try {
            assertThat(Files.size(errors)).as("bytes of standard error").isLessThan(MOST_ERROR_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ms;
    }

    private String errorText() {
        try {
            String text = Files.readString(errors);
            return text.substring(Math.max(0, text.length() - 2_000));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /// The resident size of the process, and what else it uses, in MiB.
    ServerProcess.Memory memory() {
        return process.memory();
    }

    /// Publishes so many messages of so many bytes.
    void fill(String topic, int messages, int payloadBytes) {
        String payload = "\"" + "y".repeat(payloadBytes - 2) + "\"";
        try {
            for (int i = 0; i < messages; i++) {
                assertThat(publish(topic, payload)).isEqualTo(200);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Publishes one over HTTP, and tells the status of the answer.
    int publish(String topic, String json) throws IOException {
        byte[] body = ("{\"payload\":" + json + "}").getBytes(UTF_8);
        return ask("POST /topics/" + topic + "/produce", body);
    }

    /// Asks for a page, and tells the status of the answer.
    int get(String path) throws IOException {
        return ask("GET " + path, new byte[0]);
    }

    /// Asks on a connection of its own.
    private int ask(String line, byte[] body) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(PATIENCE_MS);
            socket.connect(new InetSocketAddress(uri().getHost(), uri().getPort()), PATIENCE_MS);
            String head = line + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(ISO_8859_1));
            socket.getOutputStream().write(body);
            String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            if (!answer.startsWith("HTTP/1.1 ")) {
                throw new IOException("no answer but '" + answer + "'");
            }
            return Integer.parseInt(answer.substring(9, 12));
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
