package io.topicstream.cli.aws;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKey;
import io.topicstream.access.Grant;
import io.topicstream.access.Permission;
import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.command.CommandLimits;
import io.topicstream.gateway.GatewaySettings;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.TopicName;
import io.topicstream.server.Engine;
import io.topicstream.server.TestClient;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the front door of the functions keeps, delivers and takes away, behind a gateway that does all that AWS's may
/// do. The engine is in memory, so that time can be stepped.
class FrontDoorTest {
    private static final int MOST_SUBSCRIPTIONS = 3;
    private static final int LISTENERS_PER_SHARD = 3;
    private static final Duration LIFE = Duration.ofMinutes(2 * 60 + 10);
    private static final Duration AFTERLIFE = Duration.ofMinutes(1);

    private final AtomicLong laterByMs = new AtomicLong();
    private final InstantSource clock = () -> Instant.now().plusMillis(laterByMs.get());
    private final Engine engine = Engine.inMemory(clock);
    private final Weather weather = new Weather(Seeds.next("the gateway"));
    private LocalAws aws;

    @BeforeEach
    void open() throws IOException {
        open(true);
    }

    /// Another gateway, which runs the frames of a connection at once.
    private void reopenForFramesAtOnce() throws IOException {
        aws.close();
        open(false);
        weather.busy(10).delayingFrames();
    }

    private void open(boolean framesInOrder) throws IOException {
        aws = new LocalAws(
                new LocalAws.Parts(
                        () -> new LocalAws.Engine(
                                new FrontDoor.Ports(engine.log(), engine.state(), engine.state()), () -> {}),
                        DoorSettings.local()
                                .withLimits(new CommandLimits(MOST_SUBSCRIPTIONS, 500, 1_000))
                                .withListenersPerShard(LISTENERS_PER_SHARD),
                        GatewaySettings.DEFAULTS.with(GatewaySettings.Messages.DEFAULTS.inOrder(framesInOrder)),
                        weather::over,
                        weather::over,
                        clock),
                0);
    }

    @AfterEach
    void close() {
        aws.close();
        engine.close().run();
    }

    private ApiKey.Created key(String user) {
        return aws.door().keys().create(user, null).toCompletableFuture().join();
    }

    private TestClient client(ApiKey.Created key) {
        return TestClient.to(aws.uri(), "/v1").header("x-api-key", key.secret()).open();
    }

    /// The client, with its welcome taken: that comes by a call of its own, and a first answer may overtake it.
    private static TestClient greeted(TestClient client) {
        client.await("\"type\":\"welcome\"");
        return client;
    }

    private static String subscribe(TestClient client, String topic, String rest) {
        client.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"" + topic + "\"" + rest + "}");
        return client.await("\"id\":\"s\"");
    }

    private List<String> keys(String partition) {
        return engine.state().scan(partition, "", "", 100).toCompletableFuture().join().records().stream()
                .map(StateRecord::key)
                .toList();
    }

    /// Those of them who do not stand in the first one.
    private List<String> listenersInOtherShards(String topic) {
        List<String> others = listeners(topic);
        others.removeAll(keys("audience/" + topic + " 0"));
        return others;
    }

    /// Who listens to a topic, in all of its shards.
    private List<String> listeners(String topic) {
        List<String> all = new ArrayList<>();
        for (int shard = 0; shard < 10; shard++) {
            all.addAll(keys("audience/" + topic + " " + shard));
        }
        all.remove("!");
        return all;
    }

    private List<String> topics(String connectionId) {
        return List.of("one", "two", "t", "t0", "t1", "t2").stream()
                .filter(topic -> listeners(topic).contains(connectionId))
                .toList();
    }

    private void assertOnlyTheRecordIsLeft(String connectionId, ApiKey.Created key) {
        assertThat(listeners("one")).isEmpty();
        assertThat(listeners("two")).isEmpty();
        assertThat(keys("user/ann")).isEmpty();
        assertThat(keys("credential/" + key.key().id())).isEmpty();
        assertThat(keys("connection/" + connectionId)).containsExactly("record");
    }

    private static String connectionId(String welcome) {
        Matcher matcher = Pattern.compile("\"connection_id\":\"([^\"]+)\"").matcher(welcome);
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    /// Ends a connection, and tells the function nothing.
    private void lose(String connectionId) {
        weather.lose(connectionId);
        aws.gateway()
                .connections()
                .close(connectionId, 1001, "going away")
                .toCompletableFuture()
                .join();
    }

    @Test
    void anotherLifeOfTheLogIsToldAndNothingOfItIsMissed() {
        TestClient client = greeted(client(key("ann")));
        TestClient bare = TestClient.to(aws.uri(), "/live")
                .header("x-api-key", key("bob").secret())
                .open();
        subscribe(client, "one", "");
        bare.send("{\"action\":\"subscribe\",\"topic\":\"one\"}");
        for (int i = 1; i <= 10; i++) {
            bare.send("{\"action\":\"publish\",\"topic\":\"one\",\"message\":" + i + "}");
            assertThat(client.next()).contains("\"offset\":" + i + ",");
            assertThat(bare.next()).contains("\"message\":" + i + "}");
        }
        InMemoryLog log = (InMemoryLog) engine.log();
        TopicName topic = new TopicName("one");
        long epoch = log.extent(topic).toCompletableFuture().join().epoch();

        log.beginEpoch(epoch + 1, Map.of(topic, 5L)).toCompletableFuture().join();
        bare.send("{\"action\":\"publish\",\"topic\":\"one\",\"message\":105}");

        assertThat(client.next()).contains("\"type\":\"reset\"").contains("\"common_offset\":4}");
        assertThat(client.next()).contains("\"offset\":5,").contains("\"message\":105}");
        // The bare dialect has no frame for it, and goes on.
        assertThat(bare.next()).isEqualTo("{\"topic\":\"one\",\"message\":105}");
        client.close();
        bare.close();
    }

    @Test
    void theLimitOfSubscriptionsCountsThoseOfEarlierFrames() {
        try (TestClient client = TestClient.connect(aws.uri())) {
            for (int i = 0; i < MOST_SUBSCRIPTIONS; i++) {
                assertThat(subscribe(client, "t" + i, "")).contains("\"type\":\"reply\"");
            }

            assertThat(subscribe(client, "more", "")).contains("\"code\":\"limit_exceeded\"");
            assertThat(subscribe(client, "t0", "")).contains("\"type\":\"reply\"");
            client.send("{\"action\":\"unsubscribe\",\"id\":\"u\",\"topic\":\"t1\"}");
            client.await("\"id\":\"u\"");
            assertThat(subscribe(client, "more", "")).contains("\"type\":\"reply\"");
        }
    }

    @Test
    void aConnectionThatEndedLeavesNoRowBehind() {
        ApiKey.Created key = key("ann");
        TestClient client = client(key);
        String id = connectionId(client.next());
        subscribe(client, "one", ",\"durable\":true");
        subscribe(client, "two", "");
        assertThat(topics(id)).containsExactly("one", "two");
        assertThat(listeners("one")).containsExactly(id);
        assertThat(keys("user/ann")).containsExactly(id);

        client.abort();

        await().untilAsserted(() -> assertOnlyTheRecordIsLeft(id, key));
        assertThat(topics(id)).isEmpty();
        // Frames that came before the end still need it for a moment.
        laterByMs.addAndGet(AFTERLIFE.toMillis() + 1);
        assertThat(keys("connection/" + id)).isEmpty();
        assertThat(keys("subscriptions/ann")).containsExactly("one");
    }

    @Test
    void runsAtOnceDeliverEveryMessageOnceAndInOrder() {
        int publishers = 4;
        int each = 100;
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < publishers; i++) {
            TestClient client = TestClient.connect(aws.uri());
            subscribe(client, "t", "");
            clients.add(client);
        }

        for (int i = 1; i <= each; i++) {
            for (TestClient client : clients) {
                client.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":" + i + "}");
            }
        }

        for (TestClient client : clients) {
            for (int offset = 1; offset <= publishers * each; offset++) {
                assertThat(number(client.next(), "offset")).isEqualTo(offset);
            }
            client.close();
            assertThat(client.pending()).isEmpty();
        }
    }

    @Test
    void startingAnewDuringDeliveryNeitherRepeatsNorSkips() {
        try (TestClient publisher = TestClient.connect(aws.uri());
                TestClient client = TestClient.connect(aws.uri())) {
            int messages = 300;
            subscribe(client, "t", "");
            for (int i = 1; i <= messages; i++) {
                publisher.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":" + i + "}");
                if (i == messages / 3) {
                    client.send("{\"action\":\"subscribe\",\"id\":\"again\",\"topic\":\"t\",\"from\":\"earliest\"}");
                }
            }

            long expected = 1;
            boolean again = false;
            while (expected <= messages || !again) {
                String frame = client.next();
                if (frame.contains("\"id\":\"again\"")) {
                    again = true;
                    expected = 1;
                } else {
                    assertThat(number(frame, "offset")).isEqualTo(expected++);
                }
            }
        }
    }

    @Test
    void whatAUserSubscribesToIsHeardOnItsOtherConnectionsAndLeftAgain() {
        ApiKey.Created key = key("ann");
        try (TestClient one = client(key);
                TestClient two = client(key)) {
            String id = connectionId(two.next());
            subscribe(one, "t", ",\"durable\":true");
            await().untilAsserted(() -> assertThat(listeners("t")).hasSize(2).contains(id));
            one.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":1}");
            assertThat(two.next()).contains("\"offset\":1,");

            one.send("{\"action\":\"unsubscribe\",\"topic\":\"t\",\"durable\":true}");

            await().untilAsserted(() -> assertThat(listeners("t")).isEmpty());
            assertThat(topics(id)).isEmpty();
        }
    }

    @Test
    void whatAuthenticateChangedHoldsForTheNextFrame() {
        ApiKey.Created reading = aws.door()
                .keys()
                .create("ann", List.of(new Grant("*", EnumSet.of(Permission.READ))))
                .toCompletableFuture()
                .join();
        String publish = "{\"action\":\"publish\",\"id\":1,\"topic\":\"t\",\"message\":1}";
        try (TestClient client = client(reading)) {
            client.await("\"type\":\"welcome\"");
            client.send(publish);
            assertThat(client.next()).contains("\"code\":\"forbidden\"");

            client.send("{\"action\":\"authenticate\",\"id\":2,\"token\":\""
                    + key("ann").secret() + "\"}");
            assertThat(client.next()).contains("\"type\":\"reply\"").contains("\"id\":2");
            client.send(publish);

            assertThat(client.next()).contains("\"type\":\"reply\"").contains("\"offset\":1");
        }
    }

    @Test
    void aRevokedKeyEndsItsConnections() {
        ApiKey.Created key = key("ann");
        TestClient client = client(key);
        client.await("\"type\":\"welcome\"");

        assertThat(aws.door()
                        .keys()
                        .revoke(key.key().id())
                        .toCompletableFuture()
                        .join())
                .isTrue();

        assertThat(client.awaitClose()).isEqualTo(1000);
    }

    @Test
    void whereTheEndIsToldToNobodyTheFirstPostThatFindsItGoneClearsTheRows() {
        weather.losingEnds(100);
        ApiKey.Created key = key("ann");
        TestClient client = client(key);
        String id = connectionId(client.next());
        subscribe(client, "one", "");
        subscribe(client, "two", "");
        client.close();
        assertThat(listeners("two")).containsExactly(id);

        try (TestClient publisher = TestClient.connect(aws.uri())) {
            publisher.send("{\"action\":\"publish\",\"topic\":\"one\",\"message\":1}");

            await().untilAsserted(() -> assertOnlyTheRecordIsLeft(id, key));
        }
    }

    @Test
    void whereTheEndIsToldToNobodyAndNothingIsPostedTheRowsGoInTime() {
        weather.losingEnds(100);
        ApiKey.Created key = key("ann");
        TestClient client = client(key);
        String id = connectionId(client.next());
        subscribe(client, "one", "");
        client.close();

        laterByMs.addAndGet(LIFE.toMillis() - 60_000);
        assertThat(listeners("one")).containsExactly(id);
        laterByMs.addAndGet(60_001);

        assertThat(listeners("one")).isEmpty();
        assertThat(keys("user/ann")).isEmpty();
        assertThat(keys("credential/" + key.key().id())).isEmpty();
        assertThat(keys("connection/" + id)).isEmpty();
    }

    @Test
    void aConnectionThatTheGatewayLostIsNotPostedToForLong() {
        try (TestClient publisher = TestClient.connect(aws.uri())) {
            TestClient client = client(key("ann"));
            String id = connectionId(client.next());
            subscribe(client, "one", "");
            lose(id);
            assertThat(client.awaitClose()).isEqualTo(1001);
            assertThat(listeners("one")).containsExactly(id);

            publisher.send("{\"action\":\"signal\",\"topic\":\"one\",\"message\":1}");

            await().untilAsserted(() -> assertThat(listeners("one")).isEmpty());
            assertThat(keys("user/ann")).isEmpty();
        }
    }

    @Test
    void whatAGatewayThatIsBusyDidNotTakeIsPostedAgainAndKeepsItsOrder() {
        weather.busy(50);
        try (TestClient client = TestClient.connect(aws.uri())) {
            subscribe(client, "t", "");

            for (int i = 1; i <= 40; i++) {
                client.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":" + i + "}");
            }

            for (int i = 1; i <= 40; i++) {
                assertThat(client.next()).contains("\"offset\":" + i + ",", "\"message\":" + i + "}");
            }
            assertThat(weather.busyPosts()).isPositive();
        }
    }

    @Test
    void whatIsTooLargeToPostIsToldApartAndTheRestGoesOn() {
        weather.takingPostsOf(1_000);
        String large = "\"" + "x".repeat(2_000) + "\"";
        try (TestClient client = TestClient.connect(aws.uri())) {
            subscribe(client, "t", "");

            client.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":1}");
            assertThat(client.next()).contains("\"offset\":1,");
            client.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":" + large + "}");
            assertThat(client.next()).contains("\"type\":\"truncated\"").contains("\"first_offset\":3");
            client.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":3}");
            assertThat(client.next()).contains("\"offset\":3,");

            client.send("{\"action\":\"read\",\"id\":7,\"topic\":\"t\"}");
            assertThat(client.next()).contains("\"code\":\"too_large\"").contains("\"id\":7");
            client.send("{\"action\":\"read\",\"id\":8,\"topic\":\"t\",\"limit\":1}");
            assertThat(client.next()).contains("\"id\":8,").contains("\"offset\":3,");
        }
    }

    @Test
    void framesAtOnceOvertakeEachOtherAndEachIsAnsweredOnce() throws IOException {
        reopenForFramesAtOnce();
        int frames = 200;
        try (TestClient client = TestClient.connect(aws.uri())) {
            List<Long> sent = new ArrayList<>();
            for (long i = 1; i <= frames; i++) {
                client.send("{\"action\":\"ping\",\"id\":" + i + "}");
                sent.add(i);
            }

            List<Long> answered = new ArrayList<>();
            for (int i = 0; i < frames; i++) {
                answered.add(number(client.await("\"pong\""), "id"));
            }

            assertThat(answered).containsExactlyInAnyOrderElementsOf(sent).isNotEqualTo(sent);
        }
    }

    @Test
    void subscribesAtOnceAllStandInTheConnectionsRow() throws IOException {
        reopenForFramesAtOnce();
        try (TestClient client = client(key("ann"))) {
            String id = connectionId(client.await("\"welcome\""));
            for (int i = 0; i < MOST_SUBSCRIPTIONS; i++) {
                client.send("{\"action\":\"subscribe\",\"id\":" + i + ",\"topic\":\"t" + i + "\"}");
            }

            for (int i = 0; i < MOST_SUBSCRIPTIONS; i++) {
                client.await("\"type\":\"reply\"");
            }

            assertThat(topics(id)).containsExactly("t0", "t1", "t2");
        }
    }

    // ---- many listeners

    @Test
    void aLargeAudienceIsServedInShardsAndEveryoneGetsEverythingOnceAndInOrder() {
        int listeners = 5 * LISTENERS_PER_SHARD;
        weather.busy(5);
        List<TestClient> clients = new ArrayList<>();
        try (TestClient publisher = TestClient.connect(aws.uri())) {
            for (int i = 1; i <= listeners; i++) {
                TestClient client = TestClient.connect(aws.uri());
                subscribe(client, "t", ",\"from\":\"earliest\"");
                clients.add(client);
                publisher.send("{\"action\":\"publish\",\"id\":1,\"topic\":\"t\",\"message\":" + i + "}");
                publisher.await("\"id\":1");
                if (i == LISTENERS_PER_SHARD + 1) {
                    // The call that finds it full says so.
                    await().until(() -> keys("audience/t 0").contains("!"));
                }
            }

            for (TestClient client : clients) {
                for (int offset = 1; offset <= listeners; offset++) {
                    assertThat(number(client.next(), "offset")).isEqualTo(offset);
                }
            }
            assertThat(keys("audience/t 0")).contains("!");
            assertThat(listenersInOtherShards("t")).isNotEmpty();
            assertThat(listeners("t")).hasSize(listeners);
        } finally {
            clients.forEach(TestClient::close);
        }
        await().untilAsserted(() -> assertThat(listeners("t")).isEmpty());
    }

    @Test
    void whatIsSaidReachesAllShards() {
        List<TestClient> clients = new ArrayList<>();
        try (TestClient publisher = TestClient.connect(aws.uri())) {
            for (int i = 1; i <= 5 * LISTENERS_PER_SHARD; i++) {
                TestClient client = TestClient.connect(aws.uri());
                subscribe(client, "t", "");
                clients.add(client);
                publisher.send("{\"action\":\"publish\",\"id\":1,\"topic\":\"t\",\"message\":" + i + "}");
                publisher.await("\"id\":1");
                if (i == LISTENERS_PER_SHARD + 1) {
                    // The call that finds it full says so.
                    await().until(() -> keys("audience/t 0").contains("!"));
                }
            }
            assertThat(listenersInOtherShards("t")).isNotEmpty();

            publisher.send("{\"action\":\"signal\",\"topic\":\"t\",\"message\":\"typing\"}");

            for (TestClient client : clients) {
                assertThat(client.await("\"type\":\"signal\"")).contains("typing");
            }
        } finally {
            clients.forEach(TestClient::close);
        }
    }

    @Test
    void whoseCallDiedWithTheTurnInHandKeepsTheTopicNoLongerThanItsTime() {
        try (TestClient client = TestClient.connect(aws.uri())) {
            subscribe(client, "t", "");
            client.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":1}");
            assertThat(client.next()).contains("\"offset\":1,");
            await().until(this::takeTheTurn);

            client.send("{\"action\":\"publish\",\"id\":2,\"topic\":\"t\",\"message\":2}");
            client.await("\"id\":2");
            laterByMs.addAndGet(20_001);
            client.send("{\"action\":\"publish\",\"id\":3,\"topic\":\"t\",\"message\":3}");

            assertThat(client.await("\"message\":2}")).contains("\"offset\":2,");
            assertThat(client.await("\"message\":3}")).contains("\"offset\":3,");
        }
    }

    /// Leaves the turn's row as it is while somebody has it.
    ///
    /// @return false if somebody really has it
    private boolean takeTheTurn() {
        StateRecord turn =
                engine.state().get("turns/t", "0").toCompletableFuture().join();
        int heldUntil = 1 + 2 * Long.BYTES;
        if (ByteBuffer.wrap(turn.value()).getLong(heldUntil) > clock.millis()) {
            return false;
        }
        byte[] held = turn.value().clone();
        ByteBuffer.wrap(held).putLong(heldUntil, clock.millis() + 20_000);
        return engine.state()
                        .put("turns/t", "0", held, turn.version(), StateStore.NEVER)
                        .toCompletableFuture()
                        .join()
                > 0;
    }
}
