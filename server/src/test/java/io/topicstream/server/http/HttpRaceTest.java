package io.topicstream.server.http;

import static io.topicstream.server.http.StreamContractTest.next;
import static io.topicstream.server.http.StreamContractTest.offsets;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Many at once: no offset twice, none missing, none late.
class HttpRaceTest {
    private final HttpServer server = HttpServer.open();
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void stop() {
        clients.close();
        server.close();
    }

    @Test
    void sixtyFourProducersGetEveryOffsetOnce() throws Exception {
        List<Future<List<Long>>> producers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            int producer = i;
            producers.add(clients.submit(() -> produce("t", producer, 10)));
        }

        List<Long> got = new ArrayList<>();
        for (Future<List<Long>> producer : producers) {
            List<Long> own = producer.get();
            assertThat(own).isSorted();
            got.addAll(own);
        }

        assertThat(got)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, 640).boxed().toList());
    }

    @Test
    void aFollowerThatPollsBesideEightProducersSeesEveryMessageInOrder() throws Exception {
        int each = 100;
        Future<List<Long>> follower = clients.submit(() -> follow("t", 8 * each));
        List<Future<List<Long>>> producers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int producer = i;
            producers.add(clients.submit(() -> produce("t", producer, each)));
        }
        for (Future<List<Long>> producer : producers) {
            producer.get();
        }

        assertThat(follower.get())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 8L * each).boxed().toList());
    }

    @Test
    void producesOfOnePipelineKeepTheirOrder() throws Exception {
        String secret =
                server.keys.create("ada", null).toCompletableFuture().join().secret();
        int count = 200;
        StringBuilder pipeline = new StringBuilder();
        for (int i = 1; i <= count; i++) {
            String body = "{\"payload\":" + i + "}";
            pipeline.append("POST /topics/p/produce HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
                    .append("x-api-key: " + secret + "\r\nContent-Length: ")
                    .append(body.length())
                    .append("\r\n\r\n")
                    .append(body);
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(pipeline.toString().getBytes(US_ASCII));
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            for (int i = 1; i <= count; i++) {
                assertThat(bodyOf(in)).isEqualTo("{\"topic\":\"p\",\"offset\":" + i + "}");
            }
        }
        for (int from = 1; from <= count; from += 100) {
            String page =
                    server.get("/topics/p/consume?limit=100&offset=" + from).body();
            for (int i = from; i < from + 100; i++) {
                assertThat(page).contains("{\"offset\":" + i + ",\"payload\":" + i + ",");
            }
        }
    }

    @Test
    void whatIsPublishedBehindAMessageToAUserDoesNotPassIt() throws Exception {
        String secret =
                server.keys.create("ada", null).toCompletableFuture().join().secret();
        int count = 100;
        StringBuilder pipeline = new StringBuilder();
        for (int i = 1; i <= count; i++) {
            // The first makes the chat, which takes some look-ups before it has its place.
            pipeline.append(
                    i % 2 == 1
                            ? request("POST /users/bob/messages", secret, "{\"message\":" + i + "}")
                            : request("POST /topics/dm:ada~bob/produce", secret, "{\"payload\":" + i + "}"));
        }
        try (Socket socket = pipelined(pipeline)) {
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            for (int i = 1; i <= count; i++) {
                assertThat(bodyOf(in)).startsWith("{\"topic\":\"dm:ada~bob\",").contains("\"offset\":" + i);
            }
        }
        String page = server.get("/topics/dm:ada~bob/consume?limit=100", "x-api-key", secret)
                .body();
        for (int i = 1; i <= count; i++) {
            assertThat(page).contains("{\"offset\":" + i + ",\"payload\":" + i + ",");
        }
    }

    @Test
    void whatIsAskedBehindAChangeOfARoomSeesIt() throws Exception {
        String secret =
                server.keys.create("ada", null).toCompletableFuture().join().secret();
        StringBuilder pipeline = new StringBuilder();
        for (int i = 1; i <= 50; i++) {
            pipeline.append(request("PUT /rooms/tea", secret, "{\"title\":\"Tea " + i + "\"}"));
            pipeline.append(request("GET /rooms/tea", secret, ""));
        }
        try (Socket socket = pipelined(pipeline)) {
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            for (int i = 1; i <= 50; i++) {
                assertThat(bodyOf(in)).contains("\"title\":\"Tea " + i + "\"");
                assertThat(bodyOf(in)).contains("\"title\":\"Tea " + i + "\"");
            }
        }
    }

    private static String request(String line, String key, String body) {
        return line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nx-api-key: " + key
                + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private Socket pipelined(StringBuilder requests) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port);
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(requests.toString().getBytes(US_ASCII));
        return socket;
    }

    private static String bodyOf(BufferedReader in) throws IOException {
        int length = 0;
        for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
            if (line.startsWith("Content-Length: ")) {
                length = Integer.parseInt(line.substring(16));
            }
        }
        char[] body = new char[length];
        int at = 0;
        while (at < length) {
            int read = in.read(body, at, length - at);
            assertThat(read).isPositive();
            at += read;
        }
        return new String(body);
    }

    private List<Long> produce(String topic, int producer, int count) {
        List<Long> got = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            HttpResponse<String> answer = server.produce(topic, "{\"payload\":[" + producer + "," + i + "]}");
            assertThat(answer.statusCode()).isEqualTo(200);
            got.addAll(offsets(answer));
        }
        return got;
    }

    /// Polls with `next_offset`, as the older contract's clients do, until so many messages were seen.
    private List<Long> follow(String topic, int count) {
        List<Long> seen = new ArrayList<>();
        long offset = 1;
        while (seen.size() < count) {
            HttpResponse<String> page = server.get("/topics/" + topic + "/consume?limit=7&offset=" + offset);
            seen.addAll(offsets(page));
            offset = next(page);
        }
        return seen;
    }
}
