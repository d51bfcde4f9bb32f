package io.topicstream.server.forgetful;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKey;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.command.CommandLimits;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.WireFormat;
import io.topicstream.server.Engine;
import io.topicstream.server.TestClient;
import io.topicstream.server.scenario.Deployment;
import io.topicstream.server.scenario.LiveStageScenarios;
import io.topicstream.server.scenario.NativeScenarios;
import io.topicstream.session.SessionRecord;
import io.topicstream.state.StateRecord;
import io.topicstream.testkit.Seeds;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// That the front door forgets, and that the check of it can fail.
class ForgetfulFrontDoorTest {
    private static final int MOST_SUBSCRIPTIONS = 3;
    private static final CommandLimits LIMITS = new CommandLimits(MOST_SUBSCRIPTIONS, 500, 1_000);

    private final AtomicLong laterByMs = new AtomicLong();
    private final InstantSource clock = () -> Instant.now().plusMillis(laterByMs.get());
    private final Engine engine = Engine.inMemory(clock);
    private ForgetfulFrontDoor door = door(Weather.CALM, UnaryOperator.identity());

    private ForgetfulFrontDoor door(Weather weather, UnaryOperator<SessionRecord> stored) {
        return new ForgetfulFrontDoor(engine, clock, LIMITS, weather, stored);
    }

    /// Another door, in other weather, instead of the first.
    private void reopen(Weather weather) {
        door.close();
        door = door(weather, UnaryOperator.identity());
    }

    @AfterEach
    void close() {
        door.close();
        engine.close().run();
    }

    private ApiKey.Created key(String user) {
        return door.keys().create(user, null).toCompletableFuture().join();
    }

    private TestClient client(ApiKey.Created key) {
        return TestClient.to(door.uri(), "/v1")
                .header("x-api-key", key.secret())
                .open();
    }

    /// The client, with its welcome taken: that comes by a run of its own, and a first answer may overtake it.
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

    private List<String> topics(String connectionId) {
        StateRecord record = engine.state()
                .get("connection/" + connectionId, "record")
                .toCompletableFuture()
                .join();
        return record == null
                ? List.of()
                : Connection.decode(record.value()).topics().stream()
                        .map(TopicName::value)
                        .toList();
    }

    private void assertOnlyTheRecordIsLeft(String connectionId, ApiKey.Created key) {
        assertThat(keys("audience/one")).isEmpty();
        assertThat(keys("audience/two")).isEmpty();
        assertThat(keys("user/ann")).isEmpty();
        assertThat(keys("credential/" + key.key().id())).isEmpty();
        assertThat(keys("connection/" + connectionId)).containsExactly("record");
    }

    private static String connectionId(String welcome) {
        Matcher matcher = Pattern.compile("\"connection_id\":\"([^\"]+)\"").matcher(welcome);
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    private void awaitForgotten() {
        await().untilAsserted(() -> {
            System.gc();
            assertThat(door.made())
                    .isNotEmpty()
                    .allSatisfy(reference -> assertThat(reference.get()).isNull());
        });
    }

    @Test
    void anotherLifeOfTheLogIsToldAndNothingOfItIsMissed() {
        TestClient client = greeted(client(key("ann")));
        TestClient bare = TestClient.to(door.uri(), "/live")
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
    void betweenTwoFramesNoSessionAndNoListenerIsReachable() {
        try (TestClient client = TestClient.connect(door.uri())) {
            subscribe(client, "t", "");

            awaitForgotten();

            client.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":1}");
            assertThat(client.next()).contains("\"type\":\"message\"").contains("\"offset\":1,");
            awaitForgotten();
        }
    }

    @Test
    void theLimitOfSubscriptionsCountsThoseOfEarlierFrames() {
        try (TestClient client = TestClient.connect(door.uri())) {
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
        assertThat(keys("audience/one")).containsExactly(id);
        assertThat(keys("user/ann")).containsExactly(id);

        client.abort();

        await().untilAsserted(() -> assertOnlyTheRecordIsLeft(id, key));
        assertThat(topics(id)).isEmpty();
        // Frames that came before the end still need it for a moment.
        laterByMs.addAndGet(ConnectionRows.AFTERLIFE.toMillis() + 1);
        assertThat(keys("connection/" + id)).isEmpty();
        assertThat(keys("subscriptions/ann")).containsExactly("one");
    }

    @Test
    void runsAtOnceDeliverEveryMessageOnceAndInOrder() {
        int publishers = 4;
        int each = 100;
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < publishers; i++) {
            TestClient client = TestClient.connect(door.uri());
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
        try (TestClient publisher = TestClient.connect(door.uri());
                TestClient client = TestClient.connect(door.uri())) {
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
            await().untilAsserted(
                            () -> assertThat(keys("audience/t")).hasSize(2).contains(id));
            one.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":1}");
            assertThat(two.next()).contains("\"offset\":1,");

            one.send("{\"action\":\"unsubscribe\",\"topic\":\"t\",\"durable\":true}");

            await().untilAsserted(() -> assertThat(keys("audience/t")).isEmpty());
            assertThat(topics(id)).isEmpty();
        }
    }

    @Test
    void whatAuthenticateChangedHoldsForTheNextFrame() {
        ApiKey.Created reading = door.keys()
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

        assertThat(door.keys().revoke(key.key().id()).toCompletableFuture().join())
                .isTrue();

        assertThat(client.awaitClose()).isEqualTo(4001);
    }

    // ---- what the gateway does

    @Test
    void whereTheEndIsToldToNobodyTheFirstPostThatFindsItGoneClearsTheRows() {
        reopen(Weather.CALM.losingEnds(100));
        ApiKey.Created key = key("ann");
        TestClient client = client(key);
        String id = connectionId(client.next());
        subscribe(client, "one", "");
        subscribe(client, "two", "");
        client.close();
        assertThat(keys("audience/two")).containsExactly(id);

        try (TestClient publisher = TestClient.connect(door.uri())) {
            publisher.send("{\"action\":\"publish\",\"topic\":\"one\",\"message\":1}");

            await().untilAsserted(() -> assertOnlyTheRecordIsLeft(id, key));
        }
    }

    @Test
    void whereTheEndIsToldToNobodyAndNothingIsPostedTheRowsGoInTime() {
        reopen(Weather.CALM.losingEnds(100));
        ApiKey.Created key = key("ann");
        TestClient client = client(key);
        String id = connectionId(client.next());
        subscribe(client, "one", "");
        client.close();

        laterByMs.addAndGet(ConnectionRows.LIFE.toMillis() - 60_000);
        assertThat(keys("audience/one")).containsExactly(id);
        laterByMs.addAndGet(60_001);

        assertThat(keys("audience/one")).isEmpty();
        assertThat(keys("user/ann")).isEmpty();
        assertThat(keys("credential/" + key.key().id())).isEmpty();
        assertThat(keys("connection/" + id)).isEmpty();
    }

    @Test
    void aConnectionThatTheGatewayLostIsNotPostedToForLong() {
        try (TestClient publisher = TestClient.connect(door.uri())) {
            TestClient client = client(key("ann"));
            String id = connectionId(client.next());
            subscribe(client, "one", "");
            door.gateway().lose(id);
            assertThat(client.awaitClose()).isEqualTo(1001);
            assertThat(keys("audience/one")).containsExactly(id);

            publisher.send("{\"action\":\"signal\",\"topic\":\"one\",\"message\":1}");

            await().untilAsserted(() -> assertThat(keys("audience/one")).isEmpty());
            assertThat(keys("user/ann")).isEmpty();
        }
    }

    @Test
    void whatAGatewayThatIsBusyDidNotTakeIsPostedAgainAndKeepsItsOrder() {
        reopen(Weather.CALM.busy(50));
        try (TestClient client = TestClient.connect(door.uri())) {
            subscribe(client, "t", "");

            for (int i = 1; i <= 40; i++) {
                client.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":" + i + "}");
            }

            for (int i = 1; i <= 40; i++) {
                assertThat(client.next()).contains("\"offset\":" + i + ",", "\"message\":" + i + "}");
            }
            assertThat(door.posts().repeated()).isPositive();
        }
    }

    @Test
    void whatIsTooLargeToPostIsToldApartAndTheRestGoesOn() {
        reopen(Weather.CALM.takingPostsOf(1_000));
        String large = "\"" + "x".repeat(2_000) + "\"";
        try (TestClient client = TestClient.connect(door.uri())) {
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
    void framesAtOnceOvertakeEachOtherAndEachIsAnsweredOnce() {
        reopen(Weather.rough(Seeds.next("frames at once")));
        int frames = 200;
        try (TestClient client = TestClient.connect(door.uri())) {
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
    void subscribesAtOnceAllStandInTheConnectionsRow() {
        reopen(Weather.rough(Seeds.next("subscribes at once")));
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

    // ---- what a frame costs

    /// What the latest runs of a function have cost, when all is quiet again.
    private List<Trips.Cost> costs(String what) {
        return door.costs().stream().filter(cost -> cost.what().equals(what)).toList();
    }

    private Trips.Cost costOf(String what, Runnable doing) {
        door.costs().clear();
        doing.run();
        await().until(() -> !costs(what).isEmpty());
        assertThat(costs(what)).hasSize(1);
        return costs(what).getFirst();
    }

    @Test
    void aFrameAsksTheEngineSoOftenAndNotMore() {
        reopen(Weather.CALM.answeringAfter(10));
        try (TestClient client = client(key("ann"));
                TestClient other = client(key("bob"))) {
            client.await("\"welcome\"");
            other.await("\"welcome\"");
            Trips.Cost ping = costOf("frame", () -> {
                client.send("{\"action\":\"ping\",\"id\":1}");
                client.await("\"pong\"");
            });
            Trips.Cost publish = costOf("frame", () -> {
                client.send("{\"action\":\"publish\",\"id\":2,\"topic\":\"t\",\"message\":1}");
                client.await("\"id\":2,");
            });
            Trips.Cost subscribe = costOf("frame", () -> subscribe(client, "t", ""));
            Trips.Cost again = costOf("frame", () -> subscribe(client, "t", ""));
            Trips.Cost durable = costOf("frame", () -> subscribe(client, "d", ",\"durable\":true"));
            Trips.Cost delivery = costOf("delivery", () -> {
                other.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":1}");
                client.await("\"offset\":2,");
            });
            Trips.Cost unsubscribe = costOf("frame", () -> {
                client.send("{\"action\":\"unsubscribe\",\"id\":\"u\",\"topic\":\"t\"}");
                client.await("\"id\":\"u\"");
            });

            assertThat(List.of(ping, publish, subscribe, again, durable, delivery, unsubscribe))
                    .containsExactly(
                            new Trips.Cost("frame", 1, 1),
                            new Trips.Cost("frame", 2, 2),
                            new Trips.Cost("frame", 5, 5),
                            new Trips.Cost("frame", 2, 2),
                            new Trips.Cost("frame", 9, 8),
                            // The record of who listens is read, to see whether rights have ended.
                            new Trips.Cost("delivery", 8, 8),
                            // One more than without presence, to see whether it was seen there.
                            new Trips.Cost("frame", 5, 5));
        }
    }

    @Test
    void aMessageToAUserAndAReceiptAskTheEngineSoOftenAndNotMore() {
        reopen(Weather.CALM.answeringAfter(10));
        try (TestClient client = client(key("ann"));
                TestClient other = client(key("bob"))) {
            client.await("\"welcome\"");
            other.await("\"welcome\"");
            Trips.Cost first = costOf("frame", () -> {
                client.send("{\"action\":\"send\",\"id\":1,\"to\":\"bob\",\"message\":1}");
                client.await("\"id\":1,");
            });
            other.await("\"offset\":1,");
            Trips.Cost second = costOf("frame", () -> {
                client.send("{\"action\":\"send\",\"id\":2,\"to\":\"bob\",\"message\":2}");
                client.await("\"id\":2,");
            });
            other.await("\"offset\":2,");
            Trips.Cost ack = costOf("frame", () -> {
                other.send("{\"action\":\"ack\",\"id\":3,\"topic\":\"dm:ann~bob\",\"delivered\":2,\"read\":1}");
                other.await("\"id\":3");
            });
            Trips.Cost stale = costOf("frame", () -> {
                other.send("{\"action\":\"ack\",\"id\":4,\"topic\":\"dm:ann~bob\",\"delivered\":1}");
                other.await("\"id\":4");
            });

            assertThat(List.of(first, second, ack, stale))
                    .containsExactly(
                            new Trips.Cost("frame", 10, 6),
                            new Trips.Cost("frame", 5, 4),
                            new Trips.Cost("frame", 7, 4),
                            new Trips.Cost("frame", 4, 2));
        }
    }

    @Test
    void connectingAUserWithFiveHundredDurableSubscriptionsTakesFewStepsHoweverManyThereAre() {
        door.close();
        CommandLimits limits = new CommandLimits(1_000, 500, 1_000);
        door = new ForgetfulFrontDoor(engine, clock, limits, Weather.CALM, UnaryOperator.identity());
        ApiKey.Created key = key("ann");
        try (TestClient client = client(key)) {
            client.await("\"welcome\"");
            for (int i = 0; i < 500; i++) {
                subscribe(client, "topic." + i, ",\"durable\":true");
            }
        }
        door.close();
        door = new ForgetfulFrontDoor(engine, clock, limits, Weather.CALM.answeringAfter(20), UnaryOperator.identity());

        List<TestClient> clients = new ArrayList<>();
        Trips.Cost connect = costOf("connect", () -> clients.add(client(key)));
        await().until(() -> !costs("greet").isEmpty());
        Trips.Cost greet = costs("greet").getFirst();
        Trips.Cost end = costOf("end", () -> clients.getFirst().close());

        assertThat(List.of(connect, greet, end))
                .containsExactly(
                        new Trips.Cost("connect", 1_006, 6),
                        new Trips.Cost("greet", 1_002, 4),
                        new Trips.Cost("end", 505, 3));
        assertThat(connect.steps()).isLessThanOrEqualTo(20);
    }

    // ---- that it matters what is kept

    /// Plays single scenarios, outside of a run of all.
    record Stories(Deployment deployment) implements LiveStageScenarios, NativeScenarios {}

    private static UnaryOperator<SessionRecord> knowing(Function<Identity, Identity> kept) {
        return record -> new SessionRecord(
                record.connectionId(),
                kept.apply(record.identity()),
                record.stage(),
                record.format(),
                record.address());
    }

    static Stream<Arguments> losses() {
        return Stream.of(
                Arguments.of(
                        Named.of("the user", knowing(who -> Identity.anonymous(null, null, Grant.DEFAULT))),
                        Named.<Consumer<Stories>>of(
                                "a repeated id from another connection",
                                Stories::aRepeatedMessageIdIsAnsweredAsTheFirstAndStoredOnce)),
                Arguments.of(
                        Named.of(
                                "the grants",
                                knowing(who -> new Identity(
                                        who.user(),
                                        who.name(),
                                        who.credential(),
                                        who.credentialId(),
                                        List.of(),
                                        who.expiresAtMs()))),
                        Named.<Consumer<Stories>>of("a publish", Stories::anExpectedOffsetHoldsOrRefuses)),
                Arguments.of(
                        Named.<UnaryOperator<SessionRecord>>of(
                                "the format",
                                record -> new SessionRecord(
                                        record.connectionId(),
                                        record.identity(),
                                        record.stage(),
                                        WireFormat.NATIVE,
                                        record.address())),
                        Named.<Consumer<Stories>>of(
                                "the other dialect's errors",
                                Stories::brokenJsonAndAMissingTopicAreAnsweredWithTheGatewaysError)));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void aRecordThatLosesSomethingTurnsAScenarioRed(UnaryOperator<SessionRecord> loss, Consumer<Stories> scenario) {
        scenario.accept(new Stories(ForgetfulScenariosTest.deployment(door, true)));
        door.close();
        door = door(Weather.CALM, loss);
        Stories without = new Stories(ForgetfulScenariosTest.deployment(door, true));

        assertThatThrownBy(() -> scenario.accept(without)).isInstanceOf(AssertionError.class);
    }
}
