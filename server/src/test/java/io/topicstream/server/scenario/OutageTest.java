package io.topicstream.server.scenario;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKey;
import io.topicstream.access.ApiKeys;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.TopicName;
import io.topicstream.server.Engine;
import io.topicstream.server.Metrics;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.testkit.Network;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What happens while one of two servers is away from the engine that they share reaches the clients of both,
/// about two seconds after the outage has ended at the latest. The tests wait ten times as long.
class OutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int AWAY = 1;

    private Engine engine;
    private LossyServers servers;
    private ApiKeys keys;
    private long endedNs;

    @BeforeEach
    void start() {
        engine = Engine.inMemory(InstantSource.system());
        servers = new LossyServers(engine);
        // As a third node would, on a network that loses nothing.
        keys = new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system());
        keys.onRevocation(id -> engine.feed().signal(SystemTopics.CREDENTIALS, new Signal.Revoked(id).encode()));
    }

    @AfterEach
    void stop() {
        servers.close();
        engine.close().run();
    }

    private URI uri(int server) {
        return TestServers.uri(servers.servers().get(server));
    }

    private ApiKey.Created key(String name) {
        return keys.create(name, null).toCompletableFuture().join();
    }

    private TestClient client(int server, ApiKey.Created key) {
        TestClient client = TestClient.to(uri(server), "/v1")
                .header("x-api-key", key.secret())
                .open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    private static String ask(TestClient client, String frame) {
        client.send("{\"id\":\"r\"," + frame + "}");
        return client.await("\"id\":\"r\"");
    }

    private static void subscribe(TestClient client, String topic, boolean durable) {
        assertThat(ask(client, "\"action\":\"subscribe\",\"topic\":\"" + topic + "\",\"durable\":" + durable))
                .contains("\"type\":\"reply\"");
    }

    private static void publish(TestClient client, String topic, int message) {
        assertThat(ask(client, "\"action\":\"publish\",\"topic\":\"" + topic + "\",\"message\":" + message))
                .contains("\"type\":\"reply\"");
    }

    /// One server is away while something happens, and for a while after it.
    private void away(Runnable what) {
        Network network = servers.network(AWAY);
        network.cutOff();
        what.run();
        // All that is followed has been followed again in vain, some of it for the fifth time.
        await().atMost(PATIENCE).until(() -> network.refusedFollows() >= 20);
        network.heal();
        endedNs = System.nanoTime();
    }

    private void reached(String what) {
        System.out.println(what + " reached everybody " + (System.nanoTime() - endedNs) / 1_000_000
                + " ms after the end of the outage");
    }

    @Test
    void aRevocation() {
        ApiKey.Created key = key("ann");
        ApiKey.Created another = key("bob");
        List<TestClient> revoked = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            revoked.add(client(i % 2, key));
        }
        TestClient stays = client(AWAY, another);

        away(() -> keys.revoke(key.key().id()).toCompletableFuture().join());

        assertThat(revoked).extracting(TestClient::awaitClose).containsOnly(4001);
        reached("a revocation");
        for (int server = 0; server < 2; server++) {
            assertThat(TestClient.to(uri(server), "/v1")
                            .header("x-api-key", key.secret())
                            .refusedWith())
                    .isEqualTo(401);
        }
        assertThat(ask(stays, "\"action\":\"ping\"")).contains("pong");
        stays.close();
    }

    @Test
    void anUnsubscribeAndWhatIsOnlyOfAConnectionStays() {
        ApiKey.Created key = key("ann");
        TestClient here = client(0, key);
        subscribe(here, "hers", true);
        TestClient there = client(AWAY, key);
        TestClient andThere = client(AWAY, key);
        subscribe(there, "plain", false);
        assertThat(Metrics.of(uri(AWAY)).live()).isEqualTo(3);

        away(() -> assertThat(ask(here, "\"action\":\"unsubscribe\",\"topic\":\"hers\",\"durable\":true"))
                .contains("\"type\":\"reply\""));

        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> Metrics.of(uri(AWAY)).live() == 1);
        reached("an unsubscribe");
        publish(here, "hers", 1);
        publish(here, "plain", 2);
        assertThat(there.next()).contains("\"topic\":\"plain\"");
        for (TestClient client : List.of(here, there, andThere)) {
            client.close();
            assertThat(client.pending()).isEmpty();
        }
    }

    @Test
    void aSubscriptionFromItsBeginning() {
        ApiKey.Created key = key("ann");
        TestClient here = client(0, key);
        TestClient there = client(AWAY, key);

        away(() -> {
            subscribe(here, "hers", true);
            publish(here, "hers", 1);
            publish(here, "hers", 2);
        });

        assertThat(there.next()).contains("\"message\":1}");
        assertThat(there.next()).contains("\"message\":2}");
        reached("a subscription");
        here.close();
        there.close();
    }

    @Test
    void whoeverWaitsMeanwhileIsAnsweredAndServedAfterwards() throws Exception {
        ApiKey.Created key = key("ann");
        TestClient ann = client(AWAY, key);
        // So that what follows is not about the credential.
        TestClient subscriber = client(AWAY, key);
        servers.network(AWAY).hold();

        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest consume = HttpRequest.newBuilder(uri(AWAY).resolve("/topics/t/consume"))
                    .timeout(PATIENCE)
                    .build();
            CompletableFuture<HttpResponse<String>> page =
                    http.sendAsync(consume, HttpResponse.BodyHandlers.ofString());
            ann.send("{\"id\":1,\"action\":\"read\",\"topic\":\"t\"}");
            ann.send("{\"id\":2,\"action\":\"unsubscribe\",\"topic\":\"u\",\"durable\":true}");
            subscriber.send("{\"id\":3,\"action\":\"subscribe\",\"topic\":\"v\",\"durable\":true}");

            assertThat(TestClient.to(uri(AWAY), "/v1")
                            .header("x-api-key", key.secret())
                            .refusedWith())
                    .isEqualTo(503);
            assertThat(ann.await("\"id\":1")).contains("\"code\":\"unavailable\"");
            assertThat(ann.await("\"id\":2")).contains("\"code\":\"unavailable\"");
            assertThat(subscriber.await("\"id\":3")).contains("\"code\":\"unavailable\"");
            assertThat(page.join().statusCode()).isEqualTo(503);

            servers.network(AWAY).heal();
            subscribe(ann, "t", false);
            publish(ann, "t", 1);
            assertThat(ann.next()).contains("\"message\":1}");
            assertThat(http.send(consume, HttpResponse.BodyHandlers.ofString()).body())
                    .contains("\"payload\":1");
        }
        ann.close();
        subscriber.close();
    }

    @Test
    void anotherLifeOfTheLogUnderLiveListeners() {
        InMemoryLog log = (InMemoryLog) engine.log();
        TestClient publisher = TestClient.connect(uri(0));
        List<TestClient> listeners = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            TestClient listener = TestClient.connect(uri(i % 2));
            subscribe(listener, "t", false);
            listeners.add(listener);
        }
        for (int i = 1; i <= 10; i++) {
            publish(publisher, "t", i);
        }
        for (TestClient listener : listeners) {
            for (int i = 1; i <= 10; i++) {
                assertThat(number(listener.next(), "offset")).isEqualTo(i);
            }
        }
        long epoch = log.extent(new TopicName("t")).toCompletableFuture().join().epoch();

        away(() -> {
            log.beginEpoch(epoch + 1, Map.of(new TopicName("t"), 5L))
                    .toCompletableFuture()
                    .join();
            for (int i = 105; i <= 112; i++) {
                publish(publisher, "t", i);
            }
        });

        for (TestClient listener : listeners) {
            assertThat(listener.next())
                    .isEqualTo(
                            "{\"type\":\"reset\",\"topic\":\"t\",\"epoch\":" + (epoch + 1) + ",\"common_offset\":4}");
            for (int i = 105; i <= 112; i++) {
                assertThat(listener.next())
                        .contains("\"offset\":" + (i - 100) + ",")
                        .contains("\"message\":" + i + "}");
            }
        }
        reached("another life of the log");
        publisher.close();
        listeners.forEach(TestClient::close);
    }
}
