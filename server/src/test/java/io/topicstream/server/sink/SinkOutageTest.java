package io.topicstream.server.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.event.EventLog;
import io.topicstream.events.Receiver;
import io.topicstream.events.SinkDefinition;
import io.topicstream.events.admin.SinkAdmin;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Lane;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.server.Engine;
import io.topicstream.server.TestServers;
import io.topicstream.state.InMemoryStateStore;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Receivers that are down, slow or hostile for long, over real sockets, with a clock that runs ten times as fast.
@Timeout(120)
class SinkOutageTest {
    private static final int SPEED = 10;
    private static final String SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final TopicName A = new TopicName("o.a");
    private static final TopicName B = new TopicName("o.b");

    @TempDir
    private Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final long startNs = System.nanoTime();
    /// Behind the log's clock, so that the sink is older than all messages.
    private final long startMs =
            InstantSource.system().millis() - Duration.ofHours(2).toMillis();
    private final InstantSource clock =
            () -> Instant.ofEpochMilli(startMs + SPEED * (System.nanoTime() - startNs) / 1_000_000);

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private Engine engine(String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of("engine", "rocksdb", "data.dir", directory.toString()));
        all.addAll(List.of(settings));
        Engine engine = Engine.open(TestServers.config(all.toArray(String[]::new)));
        open.add(() -> engine.close().run());
        ExecutorService thread = Executors.newSingleThreadExecutor();
        open.add(thread::shutdownNow);
        InMemoryStateStore leases = new InMemoryStateStore(clock, thread);
        return new Engine(engine.log(), engine.feed(), engine.state(), leases, () -> {});
    }

    private Receiver receiver() throws Exception {
        Receiver receiver = new Receiver();
        open.add(receiver);
        return receiver;
    }

    private static SinkDefinition sink(String url, int attempts, Duration timeout) {
        return new SinkDefinition(
                "hook",
                URI.create(url),
                List.of(SECRET),
                List.of(),
                List.of(new TopicPattern("o.*")),
                Set.of(),
                Map.of(),
                timeout,
                attempts,
                Duration.ofDays(1));
    }

    private static SinkDefinition sink(Receiver receiver) {
        return sink(receiver.url(), 300, Duration.ofSeconds(10));
    }

    /// The sinks of a node, with the fast clock.
    private Sinks node(Engine engine, SinkDefinition sink) {
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
        open.add(thread::shutdownNow);
        Sinks sinks = new Sinks(
                List.of(sink),
                Set.of(),
                _ -> true,
                EventWish.OFF,
                new EventLog(engine.log(), false, clock),
                engine.log(),
                engine.feed(),
                engine.state(),
                engine.ephemeral(),
                clock,
                new SecureRandom(),
                thread,
                (task, delayMs) -> {
                    var _ = thread.schedule(task, delayMs * 1_000 / SPEED, TimeUnit.MICROSECONDS);
                });
        sinks.start();
        return sinks;
    }

    private static void publish(Engine engine, TopicName topic, String json) throws Exception {
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        Append append =
                new Append(
                        topic,
                        List.of(new Draft(json.getBytes(StandardCharsets.UTF_8), null, null)),
                        "ann",
                        "u:ann",
                        Append.ANY_OFFSET,
                        Lane.DIRECT) {
                    @Override
                    public void onAnswered(AppendResult result) {
                        answer.complete(result);
                    }
                };
        engine.log().append(append);
        assertThat(answer.get(30, TimeUnit.SECONDS)).isInstanceOf(AppendResult.Appended.class);
    }

    private static List<Message> deadLetters(Engine engine) throws Exception {
        return engine.log()
                .read(new TopicName("sys:dead.hook"), 1, Direction.FORWARD, 100, 64 << 20)
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS)
                .messages();
    }

    private static List<Long> offsets(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    private static void awaitTaken(Receiver receiver, TopicName topic, long last) {
        await().atMost(PATIENCE).until(() -> receiver.taken(topic.value()).contains(last));
    }

    /// Each once, or marked as a repeat.
    private static void assertMarked(Receiver receiver) {
        Set<String> seen = new HashSet<>();
        for (Receiver.Post post : receiver.posts()) {
            assertThat(seen.add(post.id()) || post.repeat().equals("possible"))
                    .as("the repeat of " + post.topic() + " " + post.offset() + " is marked")
                    .isTrue();
        }
    }

    private void pass(Duration time) {
        long untilMs = clock.millis() + time.toMillis();
        await().atMost(PATIENCE).until(() -> clock.millis() >= untilMs);
    }

    @Test
    void afterAMinuteWithoutItsReceiverAllArrivesInOrderThoughTheNodeDiedMeanwhile() throws Exception {
        Receiver receiver = receiver();
        Engine engine = engine();
        node(engine, sink(receiver));
        AutoCloseable first = open.getLast();
        publish(engine, A, "0");
        awaitTaken(receiver, A, 1);
        receiver.goDown();
        for (int i = 0; i < 150; i++) {
            publish(engine, A, "1");
            publish(engine, B, "2");
        }
        pass(Duration.ofSeconds(30));
        first.close();
        node(engine, sink(receiver));
        pass(Duration.ofSeconds(30));
        receiver.comeUp();
        awaitTaken(receiver, A, 151);
        awaitTaken(receiver, B, 150);

        assertThat(receiver.taken(A.value())).isEqualTo(offsets(1, 151));
        assertThat(receiver.taken(B.value())).isEqualTo(offsets(1, 150));
        assertMarked(receiver);
    }

    @Test
    void whatRetentionEndsMeanwhileIsCountedAndTheRestArrivesAsNew() throws Exception {
        Receiver receiver = receiver();
        Engine engine = engine("policies", "[{topics: 'o.*', keep: {messages: 10}}]");
        Sinks sinks = node(engine, sink(receiver.url(), 12, Duration.ofSeconds(10)));
        publish(engine, A, "0");
        awaitTaken(receiver, A, 1);
        receiver.answer(_ -> 503);
        publish(engine, A, "1");
        await().atMost(PATIENCE).until(() -> sinks.series().stream().anyMatch(series -> series.failedAttempts() >= 4));
        for (int i = 0; i < 100; i++) {
            publish(engine, A, "2");
        }
        await().atMost(PATIENCE)
                .until(() -> engine.log().extent(A).toCompletableFuture().join().firstOffset() > 85);
        receiver.answer(_ -> 200);
        awaitTaken(receiver, A, 102);

        List<Receiver.Post> posts = receiver.posts();
        long kept = posts.get(1).offset();
        assertThat(kept).isGreaterThan(2);
        assertThat(receiver.taken(A.value()).subList(1, posts.size())).isEqualTo(offsets(kept, 102));
        assertMarked(receiver);
        await().atMost(PATIENCE).until(() -> sinks.series().stream().anyMatch(series -> series.missed() == kept - 2));
        assertThat(deadLetters(engine)).isEmpty();
        // What is new has no attempt behind it.
        assertThat(posts.get(2).attempt()).isEqualTo("1");
    }

    @Test
    void aMessageOfAMebibyteAndPoisonGoToTheDeadLettersAndTheNextArrives() throws Exception {
        Receiver receiver = receiver();
        receiver.answer(post -> post.offset() == 2 ? 422 : 200);
        Engine engine = engine();
        Sinks sinks = node(engine, sink(receiver.url(), 3, Duration.ofSeconds(10)));
        String large = "\"" + "x".repeat((1 << 20) - 2) + "\"";
        publish(engine, A, large);
        publish(engine, A, large);
        publish(engine, A, "3");
        awaitTaken(receiver, A, 3);

        assertThat(receiver.taken(A.value())).containsExactly(1L, 3L);
        List<Message> dead = deadLetters(engine);
        assertThat(dead).hasSize(1);
        assertThat(dead.getFirst().key()).isEqualTo(A.value());
        assertThat(new String(dead.getFirst().json(), StandardCharsets.UTF_8)).contains("\"offset\":2,", large);
        await().atMost(PATIENCE)
                .until(() -> sinks.series().stream()
                        .anyMatch(series ->
                                series.deadLetters() >= 1 && series.failedAttempts() >= 3 && series.delivered() == 2));
    }

    @Test
    void aReplayWhileItPostsMarksAllThatMayHaveBeenPosted() throws Exception {
        Receiver receiver = receiver();
        Engine engine = engine();
        Sinks sinks = node(engine, sink(receiver));
        for (int i = 0; i < 350; i++) {
            publish(engine, A, "1");
        }
        awaitTaken(receiver, A, 300);
        var moved = new SinkAdmin(sinks.parts())
                .replay("hook", A, new SinkAdmin.From.First())
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        assertThat(moved).isInstanceOf(SinkAdmin.Answer.Done.class);
        for (int i = 0; i < 20; i++) {
            publish(engine, A, "2");
        }
        await().atMost(PATIENCE)
                .until(() -> receiver.posts().stream()
                                .filter(post -> post.offset() == 250)
                                .count()
                        == 2);
        awaitTaken(receiver, A, 370);

        assertThat(receiver.taken(A.value())).isEqualTo(offsets(1, 370));
        assertMarked(receiver);
    }

    /// Accepts, and does with each connection what it is told: the first ones badly.
    private int hostile(List<String> answers, AtomicReference<String> last) throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger asked = new AtomicInteger();
        open.add(() -> {
            server.close();
            for (Socket socket : List.copyOf(sockets)) {
                socket.close();
            }
        });
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    sockets.add(socket);
                    int number = asked.getAndIncrement();
                    String answer = number < answers.size() ? answers.get(number) : "HTTP/1.1 200 OK\r\n";
                    Thread.ofVirtual().start(() -> answer(socket, answer, last));
                }
            } catch (IOException _) {
                // The test is over.
            }
        });
        return server.getLocalPort();
    }

    private static void answer(Socket socket, String answer, AtomicReference<String> last) {
        try {
            if (answer.equals("never reads")) {
                return;
            }
            byte[] head = new byte[4096];
            int read = socket.getInputStream().read(head);
            last.set(new String(head, 0, Math.max(0, read), StandardCharsets.US_ASCII));
            OutputStream out = socket.getOutputStream();
            if (answer.startsWith("HTTP/1.1 200 OK")) {
                // All of it is read before the answer.
                socket.setSoTimeout(300);
                try {
                    while (socket.getInputStream().read(head) >= 0) {}
                } catch (java.net.SocketTimeoutException _) {
                    // That was all.
                }
                out.write((answer + "Content-Length: 0\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
            } else if (answer.equals("drips")) {
                for (int i = 0; i < 100; i++) {
                    out.write("HTTP/1.1 200 OK\r\n".charAt(i % 5));
                    out.flush();
                    Thread.sleep(50);
                }
            } else {
                out.write(answer.getBytes(StandardCharsets.US_ASCII));
            }
            out.flush();
            socket.close();
        } catch (IOException | InterruptedException _) {
            // It went away.
        }
    }

    @Test
    void whateverAReceiverDoesTheEventArrivesInTheEnd() throws Exception {
        List<String> answers = List.of(
                "never reads",
                "HTTP/1.1 204 No Content",
                "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n",
                "drips",
                "HTTP/1.1 500 No\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(200_000),
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 429 Slow\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n",
                "\0\0\0\0");
        AtomicReference<String> last = new AtomicReference<>("");
        int port = hostile(answers, last);
        Engine engine = engine();
        Sinks sinks = node(engine, sink("http://127.0.0.1:" + port + "/", 1_000, Duration.ofMillis(500)));
        publish(engine, A, "\"" + "x".repeat(1 << 20) + "\"");

        await().atMost(Duration.ofSeconds(90))
                .until(() -> sinks.series().stream().anyMatch(series -> series.delivered() == 1));
        assertThat(last.get()).containsIgnoringCase("topicstream-repeat: possible");
        assertThat(deadLetters(engine)).isEmpty();
    }
}
