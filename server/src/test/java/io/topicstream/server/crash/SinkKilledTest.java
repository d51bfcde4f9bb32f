package io.topicstream.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Kills a server with SIGKILL while its sink posts, and has the next one go on.
class SinkKilledTest {
    private static final Pattern OFFSET = Pattern.compile("\"offset\":([0-9]+)");
    private static final int EACH = 40;

    @TempDir
    private Path directory;

    private record Post(long offset, String id, boolean mayRepeat) {}

    // Guarded by itself.
    private final List<Post> posts = new ArrayList<>();

    private void take(HttpExchange exchange) throws IOException {
        Matcher offset = OFFSET.matcher(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        assertThat(offset.find()).isTrue();
        synchronized (posts) {
            posts.add(new Post(
                    Long.parseLong(offset.group(1)),
                    exchange.getRequestHeaders().getFirst("webhook-id"),
                    exchange.getRequestHeaders().getFirst("topicstream-repeat") != null));
        }
        exchange.sendResponseHeaders(204, -1);
        exchange.close();
    }

    private long last() {
        synchronized (posts) {
            return posts.stream().mapToLong(Post::offset).max().orElse(0);
        }
    }

    @Test
    @Timeout(170)
    void whatWasPublishedBeforeKillsIsPostedInOrderOrMarkedAsARepeat() throws Exception {
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", this::take);
        receiver.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        receiver.start();
        String sinks =
                "[{name: hook, url: 'http://127.0.0.1:" + receiver.getAddress().getPort()
                        + "/', secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=, topics: ['o*']}]";
        try (HttpClient client = HttpClient.newHttpClient()) {
            long published = 0;
            for (int round = 0; round < 3; round++) {
                try (ServerProcess server = ServerProcess.start(directory, List.of(), "events.sinks", sinks)) {
                    for (int i = 0; i < EACH; i++) {
                        HttpResponse<String> answer = client.send(
                                HttpRequest.newBuilder(URI.create(server.uri() + "/topics/orders/produce"))
                                        .header("content-type", "application/json")
                                        .POST(HttpRequest.BodyPublishers.ofString("{\"payload\":1}"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
                        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
                    }
                    published += EACH;
                    long least = published - EACH + 1;
                    await().atMost(Duration.ofSeconds(20)).until(() -> last() >= least);
                    server.kill();
                }
            }
            long all = published;
            try (ServerProcess server = ServerProcess.start(directory, List.of(), "events.sinks", sinks)) {
                await().atMost(Duration.ofSeconds(20)).until(() -> last() >= all);
                assertThat(server.isAlive()).isTrue();
            }
        } finally {
            receiver.stop(0);
        }

        Map<Long, String> ids = new LinkedHashMap<>();
        synchronized (posts) {
            for (Post post : posts) {
                String known = ids.putIfAbsent(post.offset(), post.id());
                if (known != null) {
                    assertThat(post.mayRepeat())
                            .as("the repeat of " + post.offset())
                            .isTrue();
                    assertThat(post.id().substring(0, 20)).isEqualTo(known.substring(0, 20));
                }
            }
        }
        assertThat(ids.keySet())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 3L * EACH).boxed().toList());
    }
}
