package io.topicstream.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKeys;
import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.HandOver;
import io.topicstream.log.Lane;
import io.topicstream.server.Engine;
import io.topicstream.server.JsonTexts;
import io.topicstream.server.Metrics;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Credentials that end while their bearer is connected, on two servers that share an engine.
class CredentialsEndTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long LIFE_MS = 3_000;

    private static final String SHORT = "a-short-lived-token";
    private static final String LONG = "a-longer-lived-token";
    private static final String NARROW = "a-token-for-a-only";
    private static final String ANOTHERS = "the-token-of-another";

    @TempDir
    private Path runDirectory;

    private Engine engine;
    private List<TopicStreamServer> servers;
    private long endsAtMs;

    @BeforeEach
    void start() {
        endsAtMs = System.currentTimeMillis() + LIFE_MS;
        String[] settings = {
            "server.run_dir",
            runDirectory.toString(),
            "access.tokens",
            "[{token: " + SHORT + ", user: eve, expires: '" + Instant.ofEpochMilli(endsAtMs) + "'}, {token: " + LONG
                    + ", user: eve}, {token: " + NARROW
                    + ", user: eve, grants: [{topics: a, allow: [subscribe, read]}]}, {token: " + ANOTHERS
                    + ", user: mallory}]"
        };
        engine = Engine.inMemory(InstantSource.system());
        servers = List.of(
                TestServers.start(engine.shared(), TestServers.config(settings)),
                TestServers.start(engine.shared(), TestServers.config(settings)));
    }

    @AfterEach
    void stop() {
        servers.forEach(TopicStreamServer::close);
        engine.close().run();
    }

    private URI uri(int server) {
        return TestServers.uri(servers.get(server));
    }

    private TestClient bearing(String token) {
        TestClient client = TestClient.to(uri(0), "/v1")
                .header("Authorization", "Bearer " + token)
                .open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    private static String reply(TestClient client, String frame) {
        client.send("{\"id\":\"r\"," + frame + "}");
        return client.await("\"id\":\"r\"");
    }

    private static TestClient subscribe(TestClient client, String topic) {
        assertThat(reply(client, "\"action\":\"subscribe\",\"topic\":\"" + topic + "\""))
                .contains("\"type\":\"reply\"");
        return client;
    }

    private static void publish(TestClient client, String topic) {
        assertThat(reply(client, "\"action\":\"publish\",\"topic\":\"" + topic + "\",\"message\":1"))
                .contains("\"type\":\"reply\"");
    }

    private static String authenticate(String token) {
        return "\"action\":\"authenticate\",\"token\":\"" + token + "\"";
    }

    @Test
    void aTokensEndEndsItsConnectionAndItsDeliveries() {
        TestClient eve = subscribe(bearing(SHORT), "a");
        TestClient publisher = TestClient.connect(uri(1));

        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            publish(publisher, "a");
            return Metrics.of(uri(0)).live() == 0;
        });
        long closedBy = System.currentTimeMillis();

        assertThat(eve.awaitClose()).isEqualTo(4001);
        assertThat(closedBy).isGreaterThanOrEqualTo(endsAtMs);
        List<Long> delivered = new ArrayList<>();
        for (String frame : eve.pending()) {
            delivered.add(JsonTexts.number(frame, "timestamp"));
        }
        assertThat(delivered).hasSizeGreaterThan(5).allMatch(timestamp -> timestamp <= closedBy);
        assertThat(TestClient.to(uri(0), "/v1")
                        .header("Authorization", "Bearer " + SHORT)
                        .refusedWith())
                .isEqualTo(401);
        publisher.close();
    }

    @Test
    void anEndedTokenPublishesNothing() {
        TestClient eve = bearing(SHORT);
        publish(eve, "a");

        // At once, for the server looks by itself but once a second.
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> System.currentTimeMillis() > endsAtMs);
        eve.send("{\"action\":\"publish\",\"topic\":\"a\",\"message\":\"too late\"}");

        assertThat(eve.awaitClose()).isEqualTo(4001);
        TestClient reader = TestClient.connect(uri(1));
        assertThat(reply(reader, "\"action\":\"read\",\"topic\":\"a\""))
                .contains("\"next_offset\":2")
                .doesNotContain("too late");
        reader.close();
    }

    @Test
    void aNewTokenOfTheSameUserKeepsTheConnection() {
        TestClient eve = subscribe(bearing(SHORT), "a");

        assertThat(reply(eve, authenticate(LONG))).contains("\"user\":\"eve\"");

        await().atMost(PATIENCE).until(() -> System.currentTimeMillis() > endsAtMs + 1_500);
        publish(eve, "a");
        assertThat(eve.next()).contains("\"type\":\"message\"");
        eve.close();
    }

    @Test
    void aTokenOfAnotherUserEndsTheConnection() {
        TestClient eve = bearing(LONG);
        eve.send("[{" + authenticate(ANOTHERS) + "},{\"action\":\"publish\",\"topic\":\"a\",\"message\":1}]");
        assertThat(eve.awaitClose()).isEqualTo(4003);

        TestClient nobody = TestClient.connect(uri(0));
        nobody.send("{" + authenticate(LONG) + "}");
        assertThat(nobody.awaitClose()).isEqualTo(4003);

        TestClient reader = TestClient.connect(uri(0));
        assertThat(reply(reader, "\"action\":\"read\",\"topic\":\"a\"")).contains("\"next_offset\":1");
        reader.close();
    }

    @Test
    void aWrongTokenChangesNothing() {
        TestClient eve = subscribe(bearing(LONG), "a");

        assertThat(reply(eve, authenticate("not-a-token-at-all"))).contains("\"code\":\"unauthenticated\"");

        publish(eve, "a");
        assertThat(eve.next()).contains("\"type\":\"message\"");
        eve.close();
    }

    @Test
    void rightsThatShrinkEndWhatTheyNoLongerAllow() {
        TestClient eve = subscribe(bearing(LONG), "a");
        assertThat(reply(eve, authenticate(NARROW))).contains("\"user\":\"eve\"");
        assertThat(reply(eve, "\"action\":\"publish\",\"topic\":\"a\",\"message\":1"))
                .contains("\"code\":\"forbidden\"");
        eve.close();

        TestClient listening = subscribe(subscribe(bearing(LONG), "a"), "b");
        listening.send("{\"id\":\"r\"," + authenticate(NARROW) + "}");
        assertThat(listening.next()).contains("\"code\":\"forbidden\"").contains("\"topic\":\"b\"");
        assertThat(listening.next()).contains("\"user\":\"eve\"");
        TestClient publisher = TestClient.connect(uri(0));
        publish(publisher, "b");
        publish(publisher, "a");
        assertThat(listening.next()).contains("\"type\":\"message\"").contains("\"topic\":\"a\"");
        listening.close();
        publisher.close();
    }

    @Test
    void revokingAKeyEndsItsConnectionsOnEveryServerAndNobodyElses() throws Exception {
        ApiKeys keys = new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system());
        String key = keys.create("bob", null).toCompletableFuture().join().secret();
        String others = keys.create("ann", null).toCompletableFuture().join().secret();
        List<TestClient> bobs = new ArrayList<>();
        List<TestClient> anns = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String path = i % 4 < 2 ? "/v1" : "/live";
            bobs.add(TestClient.to(uri(i % 2), path).header("x-api-key", key).open());
            anns.add(TestClient.to(uri(i % 2), path).header("x-api-key", others).open());
        }
        subscribe(bobs.get(0), "a");
        String token = Files.readString(
                        runDirectory.resolve(servers.get(1).address().getPort() + ".token"))
                .strip();

        Signals signals = new Signals();
        engine.feed().follow(SystemTopics.CREDENTIALS, signals, signals);
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(uri(1).resolve("/admin/keys/bob"))
                            .DELETE()
                            .header("Authorization", "Bearer " + token)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
        }

        assertThat(bobs).extracting(TestClient::awaitClose).containsOnly(4001);
        for (int i = 0; i < 2; i++) {
            URI server = uri(i);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(TestClient.to(server, "/v1")
                                    .header("x-api-key", key)
                                    .refusedWith())
                            .isEqualTo(401));
        }
        anns.forEach(TestClient::close);
        assertThat(anns).extracting(TestClient::awaitClose).containsOnly(1000);
        // Each node says it once more when it has heard it, and then it is said.
        engine.feed().signal(SystemTopics.CREDENTIALS, new Signal.Revoked("none").encode());
        await().atMost(PATIENCE).until(() -> signals.heard.contains("none"));
        assertThat(signals.heard).filteredOn(id -> !id.equals("none")).hasSizeBetween(1, servers.size() + 1);
    }

    @Test
    void aKeysEndEndsItsConnectionsAtEveryStageAndNobodyElses() {
        ApiKeys keys = new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system());
        long keyEndsAtMs = System.currentTimeMillis() + LIFE_MS;
        String key = keys.create("bob", null, keyEndsAtMs)
                .toCompletableFuture()
                .join()
                .secret();
        String others = keys.create("bob", null).toCompletableFuture().join().secret();
        List<TestClient> ending = new ArrayList<>();
        List<TestClient> staying = new ArrayList<>();
        for (String path : List.of("/v1", "/live")) {
            ending.add(TestClient.to(uri(0), path).header("x-api-key", key).open());
            staying.add(TestClient.to(uri(0), path).header("x-api-key", others).open());
        }
        assertThat(ending.getFirst().await("\"type\":\"welcome\"")).contains("\"expires_at\":" + keyEndsAtMs);
        subscribe(ending.getFirst(), "a");
        subscribe(staying.getFirst(), "a");

        assertThat(ending).extracting(TestClient::awaitClose).containsOnly(4001);
        assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(keyEndsAtMs);
        assertThat(ending).extracting(TestClient::closeReason).doesNotContain("");
        assertThat(TestClient.to(uri(0), "/v1").header("x-api-key", key).refusedWith())
                .isEqualTo(401);
        publish(staying.getFirst(), "a");
        assertThat(staying.getFirst().next()).contains("\"type\":\"message\"");
        staying.forEach(TestClient::close);
        assertThat(staying).extracting(TestClient::awaitClose).containsOnly(1000);
    }

    private static final class Signals implements Follower, Lane {
        private final List<String> heard = new CopyOnWriteArrayList<>();

        @Override
        public void enqueue(HandOver handOver) {
            handOver.run();
        }

        @Override
        public void onFollowed(Extent extent) {}

        @Override
        public void onCommitted(Batch batch) {}

        @Override
        public void onSignal(byte[] signal) {
            if (Signal.decode(signal) instanceof Signal.Revoked(String credentialId)) {
                heard.add(credentialId);
            }
        }

        @Override
        public void onLost() {}
    }
}
