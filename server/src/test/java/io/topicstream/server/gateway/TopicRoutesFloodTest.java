package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients of routes to TopicStream that do not read, and servers that end.
class TopicRoutesFloodTest {
    private static final String SUBSCRIBE = "{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"orders\"%s}";

    @TempDir
    private Path directory;

    private TopicStreamServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private void serve(String... settings) throws Exception {
        Path file = directory.resolve("api.yaml");
        Files.writeString(file, """
                stage: live2
                routes: {$connect: {type: topicstream}, $default: {type: topicstream}, time: {mock: noon}}
                """);
        String[] all = new String[settings.length + 4];
        all[0] = "server.run_dir";
        all[1] = directory.resolve("run").toString();
        all[2] = "gateway.definition";
        all[3] = file.toString();
        System.arraycopy(settings, 0, all, 4, settings.length);
        server = TopicStreamServer.start(TestServers.config(all));
    }

    private GatewaySocket open(String path) throws IOException {
        GatewaySocket client = GatewaySocket.open(server.address().getPort(), path);
        assertThat(client.next().text()).contains("welcome");
        return client;
    }

    private String metrics() throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(TestServers.uri(server).resolve(URI.create("/metrics")))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private long metric(String name) throws Exception {
        return metrics()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static long offset(String delivery) {
        int at = delivery.indexOf("\"offset\":") + 9;
        int end = at;
        while (Character.isDigit(delivery.charAt(end))) {
            end++;
        }
        return Long.parseLong(delivery.substring(at, end));
    }

    @Test
    void aStalledReaderCostsNoQueueAndMissesNothing() throws Exception {
        serve();
        int count = 1_500;
        String payload = "x".repeat(30_000);

        try (GatewaySocket stalled = open("/live2");
                GatewaySocket publisher = open("/v1")) {
            assertThat(stalled.text(SUBSCRIBE.formatted("")).next().text()).contains("\"recovered\":true");
            for (int i = 1; i <= count; i++) {
                publisher.text("{\"action\":\"publish\",\"id\":" + i + ",\"topic\":\"orders\",\"message\":\"" + payload
                        + "\"}");
                assertThat(publisher.next().text()).contains("\"offset\":" + i);
            }
            // 45 MB were published: of them a few hundred KiB wait in the sockets, the rest in the log.
            await().until(() -> metric("topicstream_subscriptions{state=\"catching_up\"}") == 1);

            for (int due = 1; due <= count; due++) {
                assertThat(offset(stalled.next().text())).isEqualTo(due);
            }
            await().until(() -> metric("topicstream_subscriptions{state=\"catching_up\"}") == 0);
            assertThat(stalled.hears(200)).isFalse();
        }
    }

    @Test
    void aClientThatDoesNotReadItsAnswersIsNotReadAndLosesNoFrame() throws Exception {
        serve();
        int count = 100_000;
        AtomicInteger sent = new AtomicInteger();

        try (GatewaySocket client = open("/live2")) {
            String id = "i".repeat(60);
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < count; i++) {
                        client.text("{\"action\":\"ping\",\"id\":\"" + id + i + "\"}");
                        sent.set(i + 1);
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            int[] before = {-1};
            await().pollInterval(java.time.Duration.ofMillis(300)).until(() -> {
                int now = sent.get();
                boolean stands = now == before[0];
                before[0] = now;
                return stands;
            });
            assertThat(sent.get()).as("the server reads no more").isLessThan(count);

            for (int due = 0; due < count; due++) {
                assertThat(client.next().text()).isEqualTo("{\"type\":\"pong\",\"id\":\"" + id + due + "\"}");
            }
            writer.join();
        }
    }

    @Test
    void afterARestartAClientGoesOnFromItsOffset() throws Exception {
        String[] onDisk = {
            "engine", "rocksdb", "data.dir", directory.resolve("data").toString()
        };
        serve(onDisk);
        try (GatewaySocket client = open("/live2")) {
            assertThat(client.text(SUBSCRIBE.formatted("")).next().text()).contains("\"recovered\":true");
            client.text("{\"action\":\"publish\",\"id\":1,\"topic\":\"orders\",\"message\":1}");
            assertThat(client.next().text()).contains("\"type\":\"reply\"");
            assertThat(offset(client.next().text())).isEqualTo(1);

            server.close();

            assertThat(client.next().closing()).startsWith("1001");
        }
        serve(onDisk);
        try (GatewaySocket publisher = open("/v1");
                GatewaySocket client = open("/live2")) {
            publisher.text("{\"action\":\"publish\",\"id\":2,\"topic\":\"orders\",\"message\":2}");
            assertThat(publisher.next().text()).contains("\"offset\":2");

            assertThat(client.text(SUBSCRIBE.formatted(",\"from\":2")).next().text())
                    .contains("\"recovered\":true");

            assertThat(offset(client.next().text())).isEqualTo(2);
        }
    }

    @Test
    void whatAClientSaidBeforeItWentIsDone() throws Exception {
        serve();
        try (GatewaySocket witness = open("/v1")) {
            assertThat(witness.text(SUBSCRIBE.formatted("")).next().text()).contains("\"recovered\":true");
            GatewaySocket client = open("/live2");
            client.text(SUBSCRIBE.formatted(""));
            for (int i = 1; i <= 50; i++) {
                client.text("{\"action\":\"publish\",\"topic\":\"orders\",\"message\":" + i + "}");
            }
            client.closing(1000, "");
            for (int due = 1; due <= 50; due++) {
                String text = witness.next().text();
                assertThat(text).contains("\"offset\":" + due + ",", "\"message\":" + due);
            }
            client.close();
        }
    }

    @Test
    void deliveriesKeepAConnectionOpen() throws Exception {
        serve("gateway.idle_timeout", "3s");
        try (GatewaySocket publisher = open("/v1");
                GatewaySocket client = open("/live2");
                GatewaySocket idle = open("/live2")) {
            assertThat(client.text(SUBSCRIBE.formatted("")).next().text()).contains("\"recovered\":true");
            for (int i = 1; i <= 10; i++) {
                publisher.text("{\"action\":\"publish\",\"id\":1,\"topic\":\"orders\",\"message\":" + i + "}");
                assertThat(publisher.next().text()).contains("\"type\":\"reply\"");
                assertThat(new String(client.next().payload(), UTF_8)).contains("\"message\":" + i);
                Thread.sleep(600);
            }
            assertThat(idle.next().closing()).startsWith("1001");
        }
    }
}
