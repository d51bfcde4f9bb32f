package io.topicstream.cli.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Identity;
import io.topicstream.aws.audience.Callbacks;
import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.gateway.GatewaySettings;
import io.topicstream.gateway.GatewaySettings.Messages;
import io.topicstream.server.Engine;
import io.topicstream.server.TestClient;
import io.topicstream.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The function behind routes of an application's own, as on API Gateway: with and without a route for the rest, and
/// with and without a route response.
class CustomRoutesTest {
    private static final String PING = "{\"action\":\"ping\",\"id\":1}";

    private final InstantSource clock = InstantSource.system();
    private final Engine engine = Engine.inMemory(clock);
    private final Weather weather = new Weather(Seeds.next("the gateway"));
    private @Nullable LocalAws aws;

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        if (aws != null) {
            aws.close();
        }
        engine.close().run();
    }

    private LocalAws open(String definition, GatewaySettings gateway, UnaryOperator<UnaryOperator<byte[]>> around)
            throws IOException {
        Path file = directory.resolve("api.yaml");
        Files.writeString(file, definition);
        LocalAws opened = new LocalAws(
                new LocalAws.Parts(
                        () -> new LocalAws.Engine(
                                new FrontDoor.Ports(engine.log(), engine.state(), engine.state()), () -> {}),
                        DoorSettings.local(),
                        gateway,
                        weather::over,
                        weather::over,
                        clock),
                new LocalAws.Around(around, UnaryOperator.identity(), UnaryOperator.identity(), null, true),
                ApiFile.read(file),
                0);
        aws = opened;
        return opened;
    }

    private static String routes(boolean twoWay, String... keys) {
        StringBuilder text = new StringBuilder("stages: {v1: , live: , dev: , staging: }\nroutes:\n");
        text.append("  $connect: websocket\n  $disconnect: websocket\n");
        for (String key : keys) {
            text.append("  ")
                    .append(key)
                    .append(": {function: websocket, two_way: ")
                    .append(twoWay)
                    .append("}\n");
        }
        return text.toString();
    }

    private LocalAws open(boolean twoWay, String... keys) throws IOException {
        return open(routes(twoWay, keys), GatewaySettings.DEFAULTS, UnaryOperator.identity());
    }

    private static TestClient live(LocalAws at, String user) {
        return TestClient.to(at.uri(), "/live")
                .header("x-api-key", at.keyOf(user))
                .open();
    }

    // ---- each frame is answered once

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nativeFramesAreAnsweredOnce(boolean twoWay) throws IOException {
        LocalAws at = open(twoWay, "ping", "subscribe", "publish");
        TestClient client = TestClient.connect(at.uri());
        client.send("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"t\"}");
        assertThat(client.next()).startsWith("{\"type\":\"reply\",\"id\":1,");
        client.send("{\"action\":\"publish\",\"id\":2,\"topic\":\"t\",\"message\":3}");
        assertThat(client.next() + client.next())
                .containsOnlyOnce("\"type\":\"reply\",\"id\":2,")
                .containsOnlyOnce("\"message\":3}");
        client.send("{\"action\":\"subscribe\",\"id\":4,\"topic\":\"no topic\"}");
        assertThat(client.next()).startsWith("{\"type\":\"error\",\"id\":4,");
        client.send(PING);
        assertThat(client.next()).isEqualTo("{\"type\":\"pong\",\"id\":1}");
        client.close();
        assertThat(client.pending()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void topicsAreDeliveredAndNothingElseIsSaid(boolean twoWay) throws IOException {
        LocalAws at = open(twoWay, "subscribe", "unsubscribe", "publish");
        TestClient subscriber = live(at, "ann");
        TestClient publisher = live(at, "bob");
        subscriber.send("{\"topic\":\"t\",\"action\":\"subscribe\"}");
        // Nothing answers it: so it publishes until it hears itself.
        String heard = "{\"topic\":\"t\",\"message\":\"settled\"}";
        do {
            subscriber.send("{\"topic\":\"t\",\"message\":\"settled\",\"action\":\"publish\"}");
        } while (subscriber.within(Duration.ofMillis(200), heard).isEmpty());

        publisher.send("{\"topic\":\"t\",\"message\":\"Can you see me?\",\"action\":\"publish\"}");

        String next = subscriber.next();
        while (next.equals(heard)) {
            next = subscriber.next();
        }
        assertThat(next).isEqualTo("{\"topic\":\"t\",\"message\":\"Can you see me?\"}");
        publisher.send("{\"action\":\"publish\",\"message\":1}");
        assertThat(publisher.next()).startsWith("{\"message\":\"Internal server error\"");
        subscriber.close();
        publisher.close();
        assertThat(publisher.pending()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aChatMessageComesOnceToEach(boolean twoWay) throws IOException {
        LocalAws at = open(twoWay, "sendMessage");
        TestClient sender = TestClient.to(at.uri(), "/dev").open();
        TestClient other = TestClient.to(at.uri(), "/dev?clientId=other").open();
        sender.await("joined");
        other.await("joined");

        sender.send("{\"action\":\"sendMessage\",\"content\":\"hello\"}");
        sender.send("{\"action\":\"sendMessage\",\"content\":\"\"}");
        sender.send("{\"action\":\"sendMessage\",\"content\":\"bye\"}");

        for (TestClient client : new TestClient[] {sender, other}) {
            String two = client.await("sendMessage") + client.await("sendMessage");
            assertThat(two).containsOnlyOnce("\"content\":\"hello\"").containsOnlyOnce("\"content\":\"bye\"");
        }
        other.close();
        sender.close();
        assertThat(other.pending()).isEmpty();
        // It may hear of the other one only after its own frames.
        assertThat(sender.pending())
                .allMatch(frame -> frame.contains("has left the chat") || frame.contains("has joined the chat"));
    }

    @Test
    void whatNoRouteTakesTheGatewayAnswers() throws IOException {
        LocalAws at = open(false, "subscribe", "publish");
        try (TestClient client = TestClient.connect(at.uri())) {
            for (String frame :
                    new String[] {PING, "{\"action\":\"read\",\"topic\":\"t\"}", "hello", "[" + PING + "]"}) {
                client.send(frame);
                assertThat(client.next()).as(frame).matches("\\{\"message\": ?\"Forbidden\".*");
            }
            client.send("{\"action\":\"publish\",\"id\":2,\"topic\":\"t\",\"message\":3}");
            assertThat(client.next()).startsWith("{\"type\":\"reply\",\"id\":2,");
        }
    }

    /// Where a gateway makes an empty message of a result without a body, a route response shows.
    @Test
    void theFunctionGivesARouteResponseNothing() throws IOException {
        Messages messages = Messages.DEFAULTS.sendingEmptyBodies(true);
        LocalAws at = open(routes(true, "ping"), GatewaySettings.DEFAULTS.with(messages), UnaryOperator.identity());
        try (TestClient client = TestClient.connect(at.uri())) {
            client.send(PING);

            assertThat(client.next() + client.next()).isEqualTo("{\"type\":\"pong\",\"id\":1}");
        }
    }

    // ---- handshakes

    @ParameterizedTest
    @CsvSource({"401, 401", "403, 403", "500, 500", "503, 503", "200, 101"})
    void whatTheFunctionAnswersToAHandshakeReachesTheClient(int status, int seen) throws IOException {
        LocalAws at = open(
                routes(false, "ping"),
                GatewaySettings.DEFAULTS,
                _ -> _ -> ("{\"statusCode\":" + status + ",\"body\":\"{}\"}").getBytes(UTF_8));

        if (seen == 101) {
            TestClient.to(at.uri(), "/v1").open().close();
        } else {
            assertThat(TestClient.to(at.uri(), "/v1").refusedWith()).isEqualTo(seen);
        }
    }

    @Test
    void whoMayNotComeInIsTold() throws IOException {
        LocalAws at = open(true, "ping");
        String key = at.keyOf("eve");
        assertThat(at.door()
                        .rights()
                        .block("eve", Identity.NEVER, null)
                        .toCompletableFuture()
                        .join())
                .isPresent();

        assertThat(TestClient.to(at.uri(), "/live").refusedWith()).isEqualTo(401);
        assertThat(TestClient.to(at.uri(), "/v1").header("x-api-key", "wrong").refusedWith())
                .isEqualTo(401);
        assertThat(TestClient.to(at.uri(), "/v1").header("x-api-key", key).refusedWith())
                .isEqualTo(403);
        assertThat(TestClient.to(at.uri(), "/v1")
                        .header("Origin", "https://evil.example")
                        .refusedWith())
                .isEqualTo(403);
        assertThat(TestClient.to(at.uri(), "/v1?durable=always").refusedWith()).isEqualTo(400);
    }

    @Test
    void aFunctionThatFailsIsABadGateway() throws IOException {
        LocalAws at = open(routes(false, "ping"), GatewaySettings.DEFAULTS, _ -> _ -> {
            throw new IllegalStateException("on purpose");
        });

        assertThat(TestClient.to(at.uri(), "/v1").refusedWith()).isEqualTo(502);
    }

    // ---- a connection that is not open yet

    @ParameterizedTest
    @CsvSource({"20, 0", "0, 20", "10, 10"})
    void theGreetingIsTriedAgainWhileTheConnectionIsGone(int describes, int posts) throws IOException {
        LocalAws at = open(true, "subscribe", "publish", "ping");
        String key = at.keyOf("ann");
        TestClient first =
                TestClient.to(at.uri(), "/v1").header("x-api-key", key).open();
        first.await("\"type\":\"welcome\"");
        first.send("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"t\",\"durable\":true}");
        first.await("\"id\":1");
        weather.openingLate(describes, posts);

        TestClient second =
                TestClient.to(at.uri(), "/v1").header("x-api-key", key).open();

        assertThat(second.next()).contains("\"type\":\"welcome\"").contains("\"topic\":\"t\"");
        first.send("{\"action\":\"publish\",\"id\":2,\"topic\":\"t\",\"message\":3}");
        assertThat(second.next()).contains("\"message\":3}");
        assertThat(first.await("\"message\":3}")).contains("\"offset\":1");
        first.close();
        second.close();
        assertThat(second.pending()).isEmpty();
    }

    @Test
    void whoHasADurableSubscriptionAndNoGreetingGetsItsMessages() throws IOException {
        LocalAws at = open(true, "subscribe", "unsubscribe", "publish");
        String key = at.keyOf("ann");
        try (TestClient client =
                TestClient.to(at.uri(), "/v1").header("x-api-key", key).open()) {
            client.send("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"t\",\"durable\":true}");
            client.await("\"id\":1");
        }
        weather.openingLate(20, 0);

        try (TestClient client = TestClient.to(at.uri(), "/live")
                        .header("x-api-key", key)
                        .open();
                TestClient publisher = live(at, "bob")) {
            publisher.send("{\"topic\":\"t\",\"message\":\"Welcome back!\",\"action\":\"publish\"}");

            assertThat(client.next()).isEqualTo("{\"topic\":\"t\",\"message\":\"Welcome back!\"}");
        }
    }

    // ---- one function for all stages

    @Test
    void theCallbackUrlOfAnyStageIsThatOfAll() throws IOException {
        LocalAws at = open(true, "publish", "ping");
        try (TestClient client = TestClient.to(at.uri(), "/staging").open()) {
            String welcome = client.await("\"type\":\"welcome\"");
            String id = welcome.replaceAll(".*\"connectionId\":\"([^\"]+)\".*", "$1");

            assertThat(at.management().describe(id)).isEqualTo(Callbacks.Answer.DONE);
            assertThat(at.management().post(id, "{}".getBytes(UTF_8))).isEqualTo(Callbacks.Answer.DONE);
            assertThat(client.next()).isEqualTo("{}");
        }
    }
}
