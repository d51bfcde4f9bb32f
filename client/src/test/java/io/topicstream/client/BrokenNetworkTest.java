package io.topicstream.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.protocol.From;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The client and the real server, over a network that breaks every connection.
class BrokenNetworkTest {
    private static final int SUBSCRIBERS = 20;
    private static final int MESSAGES = 3000;

    @TempDir
    private Path directory;

    private static TopicStreamClient client(int port) {
        return TopicStreamClient.builder(LocalServer.at(port))
                .backoff(Duration.ofMillis(5), Duration.ofMillis(100), Duration.ofSeconds(1))
                .pingInterval(Duration.ofMillis(400))
                .connectTimeout(Duration.ofSeconds(2))
                .build();
    }

    @Test
    void everySubscriberSeesEachMessageOnceAndInOrderAndEachIsStoredOnce() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        try (LocalServer server = new LocalServer(directory);
                CuttingProxy proxy = new CuttingProxy(server.port(), seed, 2_000, 60_000);
                TopicStreamClient publisher = client(proxy.port())) {
            List<TopicStreamClient> clients = new ArrayList<>();
            List<Recorder> recorders = new ArrayList<>();
            for (int i = 0; i < SUBSCRIBERS; i++) {
                TopicStreamClient client = client(proxy.port());
                Recorder recorder = new Recorder();
                clients.add(client);
                recorders.add(recorder);
                client.subscribe("t", new From.Earliest(), recorder);
                var _ = client.connect();
            }
            var _ = publisher.connect();

            List<CompletableFuture<Published>> published = new ArrayList<>();
            for (int i = 1; i <= MESSAGES; i++) {
                published.add(publisher.publish("t", Integer.toString(i)));
                if (i % 50 == 0) {
                    published.get(i - 50).join();
                }
            }
            List<Long> offsets =
                    published.stream().map(future -> future.join().offset()).toList();

            List<String> expected = IntStream.rangeClosed(1, MESSAGES)
                    .mapToObj(Integer::toString)
                    .toList();
            assertThat(offsets)
                    .as("seed %d", seed)
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, MESSAGES)
                            .mapToObj(i -> (long) i)
                            .toList());
            for (Recorder recorder : recorders) {
                await().atMost(Duration.ofMinutes(2)).until(() -> recorder.told.size() >= MESSAGES);
                assertThat(recorder.told).as("seed %d", seed).isEqualTo(expected);
            }
            for (CuttingProxy.Cut cut : CuttingProxy.Cut.values()) {
                assertThat(proxy.cuts(cut)).as("%s, seed %d", cut, seed).isPositive();
            }
            proxy.heal();
            clients.forEach(TopicStreamClient::close);
        }
    }
}
