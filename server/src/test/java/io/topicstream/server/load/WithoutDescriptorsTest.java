package io.topicstream.server.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.Metrics;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that has no descriptor left goes on as before once there are some again.
class WithoutDescriptorsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void socketsThatTakeAllDescriptorsDoNotEndIt() throws Exception {
        try (ServerProcess server = new ServerProcess(
                        List.of("bash", "-c", "ulimit -n 160; exec \"$@\"", "bash"),
                        ProcessBuilder.Redirect.INHERIT,
                        "256m",
                        "engine",
                        "rocksdb",
                        "data.dir",
                        directory.toString(),
                        // Small, so that the store needs new files while there is no descriptor for them.
                        "data.write_buffer_bytes",
                        "1MiB");
                HttpClient kept = HttpClient.newHttpClient()) {
            assertThat(publish(kept, server.uri())).isEqualTo(200);
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 300; i++) {
                    sockets.add(new Socket(server.uri().getHost(), server.uri().getPort()));
                }
                for (int i = 0; i < 60; i++) {
                    // Stored or refused, but answered; on the connection that was there before.
                    assertThat(publish(kept, server.uri())).isIn(200, 503);
                }
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }

            await().atMost(PATIENCE).until(() -> Metrics.isHealthy(server.uri()));
            await().atMost(PATIENCE).until(() -> publish(kept, server.uri()) == 200);
        }
    }

    private static int publish(HttpClient client, URI server) throws IOException, InterruptedException {
        String body = "{\"payload\":\"" + "x".repeat(100_000) + "\"}";
        return client.send(
                        HttpRequest.newBuilder(server.resolve("/topics/t/produce"))
                                .timeout(PATIENCE)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body, UTF_8))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
