package io.topicstream.server.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.event.EventLog;
import io.topicstream.events.Receiver;
import io.topicstream.events.SinkDefinition;
import io.topicstream.log.TopicPattern;
import io.topicstream.server.Engine;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sinks of the configuration, over the whole server, to a receiver on loopback.
class SinksTest {
    private static final String SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        client.close();
    }

    private Receiver receiver() throws Exception {
        Receiver receiver = new Receiver();
        open.add(receiver);
        return receiver;
    }

    private TopicStreamServer start(ServerConfig config) throws Exception {
        TopicStreamServer server = TopicStreamServer.start(config);
        open.add(server);
        return server;
    }

    private static String sink(Receiver receiver, String rest) {
        return "[{name: hook, url: '" + receiver.url() + "', secret: '" + SECRET + "', " + rest + "}]";
    }

    private void publish(TopicStreamServer server, String topic, String json) throws Exception {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(TestServers.uri(server) + "/topics/" + topic + "/produce"))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"payload\":" + json + "}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
    }

    private static List<Long> offsets(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    private static void awaitTaken(Receiver receiver, String topic, long last) {
        await().atMost(PATIENCE).until(() -> receiver.taken(topic).contains(last));
    }

    @Test
    void aMessageIsPostedAsASignedCloudEvent() throws Exception {
        Receiver receiver = receiver();
        TopicStreamServer server = start(TestServers.config("events.sinks", sink(receiver, "topics: [orders]")));

        publish(server, "orders", "{\"total\":12}");
        awaitTaken(receiver, "orders", 1);

        Receiver.Post post = receiver.posts().getFirst();
        assertThat(post.type()).startsWith("application/cloudevents+json");
        assertThat(post.body())
                .startsWith("{\"specversion\":\"1.0\",\"id\":\"" + post.id() + "\",\"source\":\"/topics/orders\"")
                .contains("\"type\":\"io.topicstream.message.published\",\"subject\":\"orders\",\"time\":\"20")
                .contains("\"datacontenttype\":\"application/json\",\"data\":{\"topic\":\"orders\",\"epoch\":")
                .endsWith("\"payload\":{\"total\":12}}}");
        assertThat(post.attempt()).isEqualTo("1");
        assertThat(post.repeat()).isEmpty();
        assertThat(post.signature()).isEqualTo("v1," + hmac(post.id() + "." + post.timestamp() + "." + post.body()));
        assertThat(Long.parseLong(post.timestamp()))
                .isBetween(
                        InstantSource.system().instant().getEpochSecond() - 60,
                        InstantSource.system().instant().getEpochSecond());
    }

    /// The signature as a receiver would compute it, without a line of ours.
    private static String hmac(String signed) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(SECRET.substring("whsec_".length())), "HmacSHA256"));
        return Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void rulesChooseWhatIsPosted() throws Exception {
        Receiver receiver = receiver();
        TopicStreamServer server = start(TestServers.config(
                "events.sinks",
                sink(
                        receiver,
                        "topics: ['orders*'], rules: ["
                                + "'{\"data\":{\"payload\":{\"total\":[{\"numeric\":[\">\",100]}],"
                                + "\"state\":[{\"anything-but\":\"draft\"}]}}}', "
                                + "'{\"subject\":[{\"prefix\":\"orders.eu\"}],\"data\":{\"payload\":"
                                + "{\"urgent\":[{\"exists\":true}]}}}']")));

        publish(server, "orders.us", "{\"total\":99,\"state\":\"paid\"}");
        publish(server, "orders.us", "{\"total\":101,\"state\":\"draft\"}");
        publish(server, "orders.us", "{\"total\":101,\"state\":\"paid\"}");
        publish(server, "orders.us", "{\"urgent\":1}");
        publish(server, "orders.us", "\"text\"");
        publish(server, "orders.us", "{\"total\":100.5,\"state\":\"sent\"}");
        publish(server, "orders.eu", "{\"total\":1}");
        publish(server, "orders.eu", "{\"urgent\":1}");
        publish(server, "other", "{\"total\":101,\"state\":\"paid\"}");
        publish(server, "orders.us", "{\"total\":1000,\"state\":\"last\"}");
        awaitTaken(receiver, "orders.us", 6);
        awaitTaken(receiver, "orders.eu", 2);

        assertThat(receiver.taken("orders.us")).containsExactly(3L, 6L, 7L);
        assertThat(receiver.taken("orders.eu")).containsExactly(2L);
        assertThat(receiver.taken("other")).isEmpty();
    }

    @Test
    void newTopicsOfAPatternAreFoundFromTheirFirstMessage() throws Exception {
        Receiver receiver = receiver();
        TopicStreamServer server = start(TestServers.config("events.sinks", sink(receiver, "topics: ['t*']")));

        for (int i = 0; i < 30; i++) {
            publish(server, "t" + i, "1");
            publish(server, "t" + i, "2");
        }
        for (int i = 0; i < 30; i++) {
            awaitTaken(receiver, "t" + i, 2);
        }

        for (int i = 0; i < 30; i++) {
            assertThat(receiver.taken("t" + i)).containsExactly(1L, 2L);
        }
    }

    @Test
    void afterAReceiverWasDownAllArrivesInOrder() throws Exception {
        Receiver receiver = receiver();
        TopicStreamServer server = start(TestServers.config("events.sinks", sink(receiver, "topics: [a, b]")));
        publish(server, "a", "0");
        awaitTaken(receiver, "a", 1);

        receiver.goDown();
        for (int i = 0; i < 20; i++) {
            publish(server, "a", String.valueOf(i));
            publish(server, "b", String.valueOf(i));
        }
        AtomicInteger refused = new AtomicInteger();
        receiver.answer(_ -> {
            refused.incrementAndGet();
            return 500;
        });
        receiver.comeUp();
        await().atMost(PATIENCE).until(() -> refused.get() >= 2);
        receiver.answer(_ -> 200);
        awaitTaken(receiver, "a", 21);
        awaitTaken(receiver, "b", 20);

        assertThat(receiver.posts().stream()
                        .filter(post -> post.topic().equals("a"))
                        .map(Receiver.Post::offset))
                .isEqualTo(offsets(1, 21));
        assertThat(receiver.posts().stream()
                        .filter(post -> post.topic().equals("b"))
                        .map(Receiver.Post::offset))
                .isEqualTo(offsets(1, 20));
        assertThat(receiver.posts().stream()
                        .filter(post -> post.offset() == 2 && post.topic().equals("a")))
                .allMatch(post ->
                        Integer.parseInt(post.attempt()) > 1 && post.repeat().equals("possible"));
    }

    @Test
    void aTopicThatIsRefusedDoesNotHoldUpAnother() throws Exception {
        Receiver receiver = receiver();
        receiver.answer(post -> post.topic().equals("bad") ? 503 : 200);
        TopicStreamServer server = start(TestServers.config("events.sinks", sink(receiver, "topics: [bad, good]")));

        publish(server, "bad", "1");
        for (int i = 0; i < 10; i++) {
            publish(server, "good", "1");
        }
        awaitTaken(receiver, "good", 10);

        assertThat(receiver.taken("good")).isEqualTo(offsets(1, 10));
        assertThat(receiver.taken("bad")).isEmpty();
    }

    /// The sinks of a node that can die at once: nothing is stored, and no lease given back.
    private static ScheduledExecutorService node(Engine engine, SinkDefinition sink) {
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
        new Sinks(
                        List.of(sink),
                        Set.of(),
                        _ -> false,
                        EventWish.OFF,
                        new EventLog(engine.log(), false, InstantSource.system()),
                        engine.log(),
                        engine.feed(),
                        engine.state(),
                        engine.ephemeral(),
                        InstantSource.system(),
                        new SecureRandom(),
                        thread,
                        (task, delayMs) -> {
                            var _ = thread.schedule(task, delayMs, TimeUnit.MILLISECONDS);
                        })
                .start();
        return thread;
    }

    @Test
    void afterTheDeathOfANodeAnotherTakesItsSinksOver() throws Exception {
        Receiver receiver = receiver();
        Engine engine = Engine.inMemory(InstantSource.system());
        open.add(() -> engine.close().run());
        TopicStreamServer publisher = TestServers.start(engine.shared(), TestServers.config());
        open.add(publisher);
        SinkDefinition sink = new SinkDefinition(
                "hook",
                URI.create(receiver.url()),
                List.of(SECRET),
                List.of(),
                List.of(new TopicPattern("o*")),
                Set.of(),
                Map.of(),
                Duration.ofSeconds(5),
                100,
                Duration.ofHours(1));
        ScheduledExecutorService first = node(engine, sink);
        publish(publisher, "orders", "1");
        awaitTaken(receiver, "orders", 1);
        ScheduledExecutorService second = node(engine, sink);
        open.add(second::shutdownNow);
        for (int i = 0; i < 20; i++) {
            publish(publisher, "orders", "1");
        }
        awaitTaken(receiver, "orders", 21);
        assertThat(receiver.posts()).hasSize(21);

        first.shutdownNow();
        for (int i = 0; i < 20; i++) {
            publish(publisher, "orders", "2");
        }
        awaitTaken(receiver, "orders", 41);

        assertThat(receiver.taken("orders")).isEqualTo(offsets(1, 41));
        Set<Long> seen = new HashSet<>();
        for (Receiver.Post post : receiver.posts()) {
            assertThat(seen.add(post.offset()) || post.repeat().equals("possible"))
                    .isTrue();
        }
    }

    @Test
    void slowAndHugeAndBrokenAnswersAreFailuresThatEnd() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());
        ServerSocket hostile = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        open.add(hostile);
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket socket = hostile.accept();
                    sockets.add(socket);
                    answerBadly(socket, asked.getAndIncrement());
                }
            } catch (IOException _) {
                // The test is over.
            }
        });
        TopicStreamServer server = start(TestServers.config(
                "events.sinks",
                "[{name: hook, url: 'http://127.0.0.1:" + hostile.getLocalPort() + "/', secret: '" + SECRET
                        + "', topics: [orders], timeout: 300ms, attempts: 4}]"));

        publish(server, "orders", "1");
        await().atMost(Duration.ofSeconds(40)).until(() -> asked.get() >= 4);

        // The event is with the dead letters, where the next one is not.
        publish(server, "orders", "2");
        await().atMost(PATIENCE).until(() -> asked.get() >= 5);
        for (Socket socket : List.copyOf(sockets)) {
            socket.close();
        }
    }

    /// Never, without an end, with no HTTP, and with another status.
    private static void answerBadly(Socket socket, int number) throws IOException {
        OutputStream out = socket.getOutputStream();
        switch (number) {
            case 0 -> {}
            case 1 -> {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
            case 2 -> {
                out.write("220 mail ready\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
            default -> {
                out.write("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
        }
    }

    @Test
    void whatIsWrongInTheConfigurationIsSaidWithTheRule() {
        assertThatThrownBy(() -> TestServers.config(
                        "events.sinks",
                        "[{name: hook, url: 'http://127.0.0.1/', secret: '" + SECRET
                                + "', topics: [a], rules: ['{\"data\":{\"n\":1}}']}]"))
                .hasMessageContaining("events.sinks[0]: the rule {\"data\":{\"n\":1}} is none");
        assertThatThrownBy(() -> TestServers.config(
                        "events.sinks", "[{name: hook, url: 'http://127.0.0.1/', secret: hush, topics: [a]}]"))
                .hasMessageContaining("a secret (hidden) is none")
                .hasMessageNotContaining("hush");
        assertThatThrownBy(() -> TestServers.config(
                        "events.sinks", "[{name: hook, url: 'ftp://127.0.0.1/', secret: '" + SECRET + "'}]"))
                .hasMessageContaining("begins with http:// or https://");
    }

    @Test
    void aServerThatIsRestartedGoesOnWhereItWas(@TempDir Path data) throws Exception {
        Receiver receiver = receiver();
        ServerConfig config = TestServers.config(
                "engine", "rocksdb", "data.dir", data.toString(), "events.sinks", sink(receiver, "topics: ['o*']"));
        TopicStreamServer first = TopicStreamServer.start(config);
        for (int i = 0; i < 50; i++) {
            publish(first, "orders", String.valueOf(i));
        }
        awaitTaken(receiver, "orders", 10);
        first.close();

        TopicStreamServer second = start(config);
        publish(second, "orders", "\"last\"");
        awaitTaken(receiver, "orders", 51);

        assertThat(receiver.taken("orders")).isEqualTo(offsets(1, 51));
        assertThat(receiver.posts().stream().map(Receiver.Post::id).distinct()).hasSize(51);
    }

    @Test
    void ofTwoServersOneRunsASinkAndTheOtherTakesItOver() throws Exception {
        Receiver receiver = receiver();
        Engine engine = Engine.inMemory(InstantSource.system());
        open.add(() -> engine.close().run());
        ServerConfig config = TestServers.config("events.sinks", sink(receiver, "topics: [orders]"));
        TopicStreamServer first = TestServers.start(engine.shared(), config);
        TopicStreamServer second = TestServers.start(engine.shared(), config);
        open.add(second);
        for (int i = 0; i < 20; i++) {
            publish(i % 2 == 0 ? first : second, "orders", "1");
        }
        awaitTaken(receiver, "orders", 20);
        assertThat(receiver.posts()).hasSize(20);

        first.close();
        for (int i = 0; i < 20; i++) {
            publish(second, "orders", "2");
        }
        awaitTaken(receiver, "orders", 40);

        assertThat(receiver.taken("orders")).isEqualTo(offsets(1, 40));
    }
}
