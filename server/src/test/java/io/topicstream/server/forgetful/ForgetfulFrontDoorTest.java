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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
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
    private static final CommandLimits LIMITS = new CommandLimits(MOST_SUBSCRIPTIONS, 500);

    private final Engine engine = Engine.inMemory(InstantSource.system());
    private ForgetfulFrontDoor door = new ForgetfulFrontDoor(engine, LIMITS, UnaryOperator.identity());

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

    private static String subscribe(TestClient client, String topic, String rest) {
        client.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"" + topic + "\"" + rest + "}");
        return client.await("\"id\":\"s\"");
    }

    private List<String> keys(String partition) {
        return engine.state().scan(partition, "", "", 100).toCompletableFuture().join().records().stream()
                .map(StateRecord::key)
                .toList();
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
        TestClient client = client(key("ann"));
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
        assertThat(keys("connection/" + id)).containsExactlyInAnyOrder("record", "topic/one", "topic/two");
        assertThat(keys("audience/one")).containsExactly(id);
        assertThat(keys("user/ann")).containsExactly(id);

        client.abort();

        await().untilAsserted(() -> {
            assertThat(keys("connection/" + id)).isEmpty();
            assertThat(keys("audience/one")).isEmpty();
            assertThat(keys("audience/two")).isEmpty();
            assertThat(keys("user/ann")).isEmpty();
            assertThat(keys("credential/" + key.key().id())).isEmpty();
        });
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
            assertThat(keys("connection/" + id)).containsExactly("record");
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
        scenario.accept(new Stories(ForgetfulScenariosTest.deployment(door)));
        door.close();
        door = new ForgetfulFrontDoor(engine, LIMITS, loss);
        Stories without = new Stories(ForgetfulScenariosTest.deployment(door));

        assertThatThrownBy(() -> scenario.accept(without)).isInstanceOf(AssertionError.class);
    }
}
