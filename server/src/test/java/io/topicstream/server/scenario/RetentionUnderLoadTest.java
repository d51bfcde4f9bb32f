package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import io.topicstream.server.Engine;
import io.topicstream.server.JsonTexts;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A topic of which little is kept, with somebody who publishes as fast as he can: those who read it, live, slowly,
/// from the front again and again, or over HTTP, get message after message, or are told what they missed.
@Timeout(120)
class RetentionUnderLoadTest {
    private static final TopicName TOPIC = new TopicName("t");
    private static final int MESSAGES = 12_000;
    private static final int KEPT = 300;
    private static final String SUBSCRIBE =
            "{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"t\",\"from\":\"earliest\"}";

    @TempDir
    private Path directory;

    private final AtomicLong published = new AtomicLong();

    @ParameterizedTest
    @ValueSource(strings = {"memory", "rocksdb"})
    void aReaderGetsTheNextOrIsToldWhatIsGone(String kind) throws Exception {
        Engine engine = Engine.open(TestServers.config(
                "engine",
                kind,
                "data.dir",
                directory.toString(),
                "policies",
                "[{topics: t, keep: {messages: " + KEPT + "}}]"));
        try (TopicStreamServer server = TestServers.start(engine, TestServers.config());
                HttpClient http = HttpClient.newHttpClient()) {
            publishOne(engine);
            URI uri = TestServers.uri(server);
            Oracle live = new Oracle(Integer.MAX_VALUE);
            Oracle slow = new Oracle(200);
            Oracle slower = new Oracle(20);
            List<Oracle> oracles = List.of(live, slow, slower);
            try {
                for (Oracle oracle : oracles) {
                    oracle.connect(http, uri);
                }
                CompletableFuture<Void> again = CompletableFuture.runAsync(() -> readAgainAndAgain(uri));
                CompletableFuture<Void> polling = CompletableFuture.runAsync(() -> poll(http, uri));
                CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> {
                    while (published.get() < MESSAGES) {
                        publishOne(engine);
                        oracles.forEach(Oracle::onProgress);
                    }
                });

                publishing.get(60, TimeUnit.SECONDS);
                again.get(60, TimeUnit.SECONDS);
                polling.get(60, TimeUnit.SECONDS);
                for (Oracle oracle : oracles) {
                    assertThat(oracle.end.get(30, TimeUnit.SECONDS)).isEqualTo(MESSAGES);
                }
                assertThat(slower.truncated.get()).as("it was left behind").isPositive();
                Extent extent = engine.log().extent(TOPIC).toCompletableFuture().get(10, TimeUnit.SECONDS);
                assertThat(extent.nextOffset()).isEqualTo(MESSAGES + 1);
                assertThat(engine.log().figures().trimmed().byCount()).isPositive();
            } finally {
                oracles.forEach(Oracle::abort);
            }
        }
    }

    private void publishOne(Engine engine) {
        Semaphore answered = new Semaphore(0);
        int burst = 50;
        for (int i = 0; i < burst; i++) {
            Append append =
                    new Append(
                            TOPIC,
                            List.of(new Draft(
                                    ("\"" + "x".repeat(2_000) + "\"").getBytes(StandardCharsets.UTF_8), null, null)),
                            "ann",
                            "u:ann",
                            Append.ANY_OFFSET,
                            Lane.DIRECT) {
                        @Override
                        public void onAnswered(AppendResult result) {
                            if (result instanceof AppendResult.Appended) {
                                answered.release();
                            }
                        }
                    };
            assertThat(engine.log().append(append)).isNotEqualTo(Admission.REFUSED);
        }
        try {
            assertThat(answered.tryAcquire(burst, 30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        published.addAndGet(burst);
    }

    /// Subscribes from the front, takes some, and resumes where it stopped, until all is published.
    private void readAgainAndAgain(URI uri) {
        TestClient client = TestClient.connect(uri);
        long last = 0;
        long epoch = 0;
        while (last < MESSAGES) {
            String from =
                    epoch == 0 ? "\"earliest\"" : "{\"resume\":{\"epoch\":" + epoch + ",\"offset\":" + last + "}}";
            client.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"t\",\"from\":" + from + "}");
            String reply = client.await("\"id\":\"s\"");
            epoch = JsonTexts.number(reply, "epoch");
            boolean mayBegin = last == 0;
            for (int i = 0; i < 500 && last < MESSAGES; i++) {
                String frame = client.next();
                if (frame.contains("\"type\":\"truncated\"")) {
                    long first = JsonTexts.number(frame, "first_offset");
                    assertThat(first).isGreaterThan(last + 1);
                    last = first - 1;
                } else if (frame.contains("\"type\":\"message\"")) {
                    long offset = JsonTexts.number(frame, "offset");
                    if (!mayBegin) {
                        assertThat(offset).isEqualTo(last + 1);
                    }
                    last = offset;
                }
                mayBegin = false;
            }
            client.send("{\"action\":\"unsubscribe\",\"id\":\"u\",\"topic\":\"t\"}");
            client.await("\"id\":\"u\"");
        }
        client.abort();
    }

    /// Asks for page after page; where the first that is kept is later than what was asked for, it begins there.
    private void poll(HttpClient http, URI uri) {
        long next = 1;
        while (next <= MESSAGES) {
            HttpResponse<String> page;
            try {
                page = http.send(
                        HttpRequest.newBuilder(uri.resolve("/topics/t/consume?limit=100&offset=" + next))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
            } catch (java.io.IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
            assertThat(page.statusCode()).isEqualTo(200);
            long first = page.headers().firstValueAsLong("Topic-First-Offset").orElseThrow();
            long expected = Math.max(first, next);
            for (String part : page.body().split("\\{\"offset\":", -1)) {
                if (Character.isDigit(part.charAt(0))) {
                    assertThat(Long.parseLong(part.substring(0, part.indexOf(','))))
                            .isEqualTo(expected++);
                }
            }
            assertThat(JsonTexts.number(page.body(), "next_offset")).isEqualTo(expected);
            next = expected;
        }
    }

    /// Somebody who takes some messages each time that as many more are published, and holds each against the one
    /// before.
    private final class Oracle implements WebSocket.Listener {
        final CompletableFuture<Long> end = new CompletableFuture<>();
        final AtomicLong truncated = new AtomicLong();
        private final int taken;
        private final StringBuilder partial = new StringBuilder();
        /// How many messages must have been published before it goes on; 0 where it does not wait.
        private final AtomicLong goal = new AtomicLong();

        private volatile @Nullable WebSocket socket;
        private long next;
        private int since;

        /// @param taken how many messages it takes at once
        Oracle(int taken) {
            this.taken = taken;
        }

        void connect(HttpClient http, URI uri) {
            WebSocket open = http.newWebSocketBuilder()
                    .buildAsync(URI.create(uri.toString().replace("http", "ws") + "/v1"), this)
                    .join();
            open.sendText(SUBSCRIBE, true).join();
        }

        /// The client does not close while one of its sockets is open.
        void abort() {
            WebSocket open = socket;
            if (open != null) {
                open.abort();
            }
        }

        @Override
        public void onOpen(WebSocket opened) {
            socket = opened;
            opened.request(1);
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean isLast) {
            partial.append(data);
            if (isLast) {
                try {
                    JsonTexts.elements(partial.toString()).forEach(this::onFrame);
                } catch (AssertionError | RuntimeException e) {
                    end.completeExceptionally(e);
                }
                partial.setLength(0);
            }
            if (since < taken) {
                from.request(1);
            } else {
                since = 0;
                goal.set(Math.min(MESSAGES, published.get() + 1_000));
                onProgress();
            }
            return null;
        }

        /// Goes on where enough was published meanwhile.
        void onProgress() {
            long wanted = goal.get();
            WebSocket open = socket;
            if (wanted != 0 && published.get() >= wanted && goal.compareAndSet(wanted, 0) && open != null) {
                open.request(1);
            }
        }

        private void onFrame(String frame) {
            if (frame.contains("\"type\":\"truncated\"")) {
                long first = JsonTexts.number(frame, "first_offset");
                assertThat(first).isGreaterThan(next);
                next = first;
                truncated.incrementAndGet();
            } else if (frame.contains("\"type\":\"message\"")) {
                long offset = JsonTexts.number(frame, "offset");
                if (next != 0) {
                    assertThat(offset).isEqualTo(next);
                }
                next = offset + 1;
                since++;
                if (offset == MESSAGES) {
                    end.complete(offset);
                }
            }
        }
    }
}
