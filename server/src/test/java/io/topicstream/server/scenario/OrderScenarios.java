package io.topicstream.server.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.Deliveries;
import io.topicstream.server.JsonTexts;
import io.topicstream.server.SocketSwarm;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Order under load: no gap, no repeat, one order for all, through all doors. Where frames of a connection may overtake
/// each other, who wants one behind the other waits for the reply.
public interface OrderScenarios {
    Duration PATIENCE = Duration.ofSeconds(60);

    Deployment deployment();

    private static String publish(String topic, String message) {
        return "{\"action\":\"publish\",\"topic\":\"" + topic + "\",\"message\":" + message + "}";
    }

    private static String publish(int id, String topic, String message) {
        return "{\"action\":\"publish\",\"id\":" + id + ",\"topic\":\"" + topic + "\",\"message\":" + message + "}";
    }

    @Test
    default void twoThousandSubscriptionsFromAnywhereDuringPublishingHaveNeitherGapNorRepeat() {
        String topic = deployment().topic();
        int sockets = deployment().times(40, 8);
        int rounds = deployment().times(50, 5);
        int back = deployment().times(500, 25);
        int atOnce = deployment().times(64, 4);
        AtomicLong head = new AtomicLong();
        Semaphore inFlight = new Semaphore(atOnce);
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (SocketSwarm swarm = new SocketSwarm(deployment().server());
                SocketSwarm other = new SocketSwarm(deployment().server());
                SocketSwarm publishing = new SocketSwarm(deployment().server())) {
            SocketSwarm.Socket publisher = publishing.open("/v1", (_, buffer, from, to) -> {
                String reply = new String(buffer, from, to - from, UTF_8);
                if (reply.contains("\"offset\":")) {
                    head.accumulateAndGet(JsonTexts.number(reply, "offset"), Math::max);
                    inFlight.release();
                }
            });
            Thread flood = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        inFlight.acquire();
                        publisher.send(publish(1, topic, "\"" + "x".repeat(100) + "\""));
                    }
                } catch (InterruptedException e) {
                    // That was enough.
                }
            });
            await().atMost(PATIENCE).until(() -> head.get() > back);
            List<SocketSwarm.Socket> open = new ArrayList<>();
            List<Deliveries> heard = new ArrayList<>();
            for (int i = 0; i < sockets; i++) {
                heard.add(new Deliveries());
                open.add((i % 2 == 0 ? swarm : other).open("/v1", heard.get(i)));
            }
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < sockets; i++) {
                    long offset = Math.max(1, head.get() - random.nextInt(back));
                    heard.get(i).enqueueSubscribe(open.get(i), topic, offset);
                }
                heard.forEach(one -> one.other("\"id\":\"s\""));
                long published = head.get();
                await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
                    swarm.assertUnharmed();
                    other.assertUnharmed();
                    return heard.stream().allMatch(one -> one.next() > published);
                });
            }
            flood.interrupt();
            await().atMost(PATIENCE).until(() -> !flood.isAlive() && inFlight.tryAcquire(atOnce));
            await().atMost(PATIENCE).until(() -> heard.stream().allMatch(one -> one.next() == head.get() + 1));
            assertThat(heard)
                    .as("seed " + seed)
                    .extracting(Deliveries::closeCode)
                    .containsOnly(0);
        }
    }

    @Test
    default void allSubscribersSeeOneOrderOverEightPublishersAtThreeDoors() throws Exception {
        String topic = deployment().topic();
        int each = deployment().times(150, 20);
        int publishers = 8;
        List<SocketSwarm> swarms = List.of(
                new SocketSwarm(deployment().server()),
                new SocketSwarm(deployment().server()));
        List<Deliveries> heard = new ArrayList<>();
        for (int i = 0; i < deployment().times(50, 10); i++) {
            Deliveries one = new Deliveries();
            heard.add(one.subscribe(swarms.get(i % swarms.size()).open("/v1", one), topic));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                HttpClient http = HttpClient.newHttpClient()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < publishers; i++) {
                int number = i;
                all.add(threads.submit(() -> {
                    switch (number % 3) {
                        case 0 -> publishNatively(deployment(), swarms.get(number % 2), topic, number, each);
                        case 1 -> publishLive(deployment(), topic, number, each);
                        default -> produce(http, deployment().server(), topic, number, each);
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }

        await().atMost(PATIENCE).until(() -> {
            swarms.forEach(SocketSwarm::assertUnharmed);
            return heard.stream().allMatch(one -> one.next() == publishers * each + 1);
        });
        assertThat(heard.stream().map(Deliveries::hash).distinct()).hasSize(1);
        swarms.forEach(SocketSwarm::close);
    }

    private static void publishNatively(Deployment deployment, SocketSwarm swarm, String topic, int number, int count)
            throws InterruptedException {
        BlockingQueue<String> replies = new LinkedBlockingQueue<>();
        SocketSwarm.Socket socket =
                swarm.open("/v1", (_, buffer, from, to) -> replies.add(new String(buffer, from, to - from, UTF_8)));
        assertThat(replies.take()).contains("welcome");
        int atOnce = deployment.ordersFrames() ? count : 1;
        for (int i = 0, due = 1 - atOnce; due < count; i++, due++) {
            if (i < count) {
                socket.send(publish(i, topic, "\"" + number + " " + i + "\""));
            }
            if (due >= 0) {
                assertThat(replies.take()).contains("\"reply\",\"id\":" + due + ",");
            }
        }
        socket.sendClose();
    }

    private static void publishLive(Deployment deployment, String topic, int number, int count) {
        // A message of its own that comes back shows that all before it are in the log.
        try (var client = deployment.live(number % 3)) {
            for (int i = 0; i < count - 1; i++) {
                client.send(publish(topic, "\"" + number + " " + i + "\""));
            }
            String own = topic + "." + number;
            client.send("{\"action\":\"subscribe\",\"topic\":\"" + own + "\"}").send(publish(own, "1"));
            client.await(own);
            client.send("{\"action\":\"unsubscribe\",\"topic\":\"" + own + "\"}");
            client.send(publish(topic, "\"" + number + " last\""));
        }
    }

    private static void produce(HttpClient http, URI server, String topic, int number, int count)
            throws IOException, InterruptedException {
        for (int i = 0; i < count; i++) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(server.resolve("/topics/" + topic + "/produce"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("{\"payload\":\"" + number + " " + i + "\"}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
        }
    }

    @Test
    default void tenThousandPublishesInARowKeepTheirOrder() throws Exception {
        String topic = deployment().topic();
        int count = deployment().times(10_000, 300);
        Semaphore inFlight = new Semaphore(deployment().ordersFrames() ? count : 1);
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger delivered = new AtomicInteger();
        try (SocketSwarm swarm = new SocketSwarm(deployment().server())) {
            SocketSwarm.Socket publisher = swarm.open("/v1", (_, buffer, from, to) -> {
                String frame = new String(buffer, from, to - from, UTF_8);
                if (frame.startsWith("{\"type\":\"reply\"")) {
                    int due = answered.incrementAndGet();
                    assertThat(frame).contains("\"id\":" + due + ",").contains("\"offset\":" + due + ",");
                    inFlight.release();
                }
            });
            for (int i = 1; i <= count; i++) {
                assertThat(inFlight.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                publisher.send(publish(i, topic, Integer.toString(i)));
            }
            SocketSwarm.Socket subscriber = swarm.open("/v1", (_, buffer, from, to) -> {
                String frame = new String(buffer, from, to - from, UTF_8);
                if (frame.startsWith("{\"type\":\"message\"")) {
                    int due = delivered.incrementAndGet();
                    assertThat(frame).contains("\"offset\":" + due + ",").contains("\"message\":" + due + "}");
                }
            });
            subscriber.send("{\"action\":\"subscribe\",\"topic\":\"" + topic + "\",\"from\":\"earliest\"}");

            await().atMost(PATIENCE).until(() -> {
                swarm.assertUnharmed();
                return answered.get() == count && delivered.get() == count;
            });
        }
    }
}
