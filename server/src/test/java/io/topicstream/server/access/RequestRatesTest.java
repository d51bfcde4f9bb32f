package io.topicstream.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.Engine;
import io.topicstream.server.Metrics;
import io.topicstream.server.RawHttp;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rates of requests at the doors. The clock is the system's: a flood is so much larger than what is let through that
/// it does not matter how long it takes.
class RequestRatesTest {
    private static final int FLOOD = 200;
    private static final int BURST = 3;
    private static final String TOKENS = "[{token: the-token-of-ann, user: ann}, {token: the-token-of-bob, user: bob}]";

    private TopicStreamServer server;

    @AfterEach
    void stop() {
        server.close();
    }

    private void serve(String... settings) {
        String[] all = new String[settings.length + 2];
        System.arraycopy(settings, 0, all, 0, settings.length);
        all[settings.length] = "access.tokens";
        all[settings.length + 1] = TOKENS;
        server = TestServers.start(Engine.inMemory(InstantSource.system()), TestServers.config(all));
    }

    private TestClient on(String path, String user) {
        return TestClient.to(TestServers.uri(server), path)
                .header("Authorization", "Bearer the-token-of-" + user)
                .open();
    }

    private RawHttp get(String user) {
        return RawHttp.get(server.address(), "/topics", "Authorization: Bearer the-token-of-" + user);
    }

    private static void flood(TestClient client, String frame) {
        for (int i = 0; i < FLOOD; i++) {
            client.send(frame.replace("%", Integer.toString(i)));
        }
    }

    private static String publish(String topic) {
        return "{\"action\":\"publish\",\"id\":\"p%\",\"topic\":\"" + topic + "\",\"message\":%}";
    }

    private static List<String> answers(TestClient client, int count) {
        List<String> answers = new ArrayList<>();
        while (answers.size() < count) {
            String frame = client.next();
            if (frame.contains("\"id\":\"")) {
                answers.add(frame);
            }
        }
        return answers;
    }

    @ParameterizedTest
    @ValueSource(strings = {"limits.rate.connection", "limits.rate.user"})
    void pastItsRateAFrameIsRefusedByItsIdAndNothingOfItIsRun(String limit) {
        serve(limit + ".rate", "1", limit + ".burst", Integer.toString(BURST));
        try (TestClient client = on("/v1", "ann");
                TestClient other = on("/v1", "bob")) {
            flood(client, publish("t"));

            List<String> answers = answers(client, FLOOD);
            List<String> refused = answers.stream()
                    .filter(answer -> answer.contains("rate_limited"))
                    .toList();
            assertThat(refused)
                    .hasSizeBetween(1, FLOOD - BURST)
                    .allMatch(frame -> frame.contains("\"retryable\":true"));
            assertThat(answers.getFirst()).contains("\"id\":\"p0\"").contains("\"offset\":1");
            assertThat(answers.getLast()).contains("\"id\":\"p" + (FLOOD - 1) + "\"");

            other.send("{\"action\":\"read\",\"id\":\"r\",\"topic\":\"t\",\"from\":1,\"limit\":1}");
            assertThat(other.await("\"id\":\"r\""))
                    .doesNotContain("rate_limited")
                    .contains("\"next_offset\":" + (FLOOD - refused.size() + 1));
            client.send("{\"action\":\"ping\",\"id\":\"still\"}");
            client.await("still");
        }
    }

    @Test
    void whatIsNoFrameCountsToo() {
        serve("limits.rate.connection.rate", "1");
        try (TestClient client = on("/v1", "ann")) {
            flood(client, "{\"action\":\"fly\",\"id\":\"f%\"}");

            assertThat(answers(client, FLOOD))
                    .anyMatch(answer -> answer.contains("unknown_action"))
                    .anyMatch(answer -> answer.contains("rate_limited"));
        }
    }

    @Test
    void overHttpAUserIsToldWhenToComeAgain() {
        serve("limits.rate.user.rate", "1", "limits.rate.user.burst", Integer.toString(BURST));
        for (int i = 0; i < BURST; i++) {
            assertThat(get("ann").status()).isEqualTo(200);
        }

        await().untilAsserted(() -> {
            RawHttp refused = get("ann");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.text())
                    .contains("\r\nRetry-After: 1\r\n")
                    .contains("\r\nTopic-Error: rate_limited\r\n")
                    .contains("\"code\":\"rate_limited\"");
        });
        assertThat(get("bob").status()).isEqualTo(200);
        assertThat(RawHttp.get(server.address(), "/topics").status()).isEqualTo(200);
        assertThat(RawHttp.get(server.address(), "/health").status()).isEqualTo(200);
        await().until(() -> get("ann").status() == 200);
    }

    @Test
    void oneUserHasOneRateForSocketsAndHttp() {
        serve("limits.rate.user.rate", "1", "limits.rate.user.burst", Integer.toString(BURST));
        try (TestClient one = on("/v1", "ann");
                TestClient two = on("/live", "ann");
                TestClient bob = on("/v1", "bob")) {
            two.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":0}");
            flood(one, publish("t"));
            assertThat(answers(one, FLOOD)).anyMatch(answer -> answer.contains("rate_limited"));

            await().untilAsserted(() -> assertThat(get("ann").status()).isEqualTo(429));
            bob.send("{\"action\":\"publish\",\"id\":\"b\",\"topic\":\"t\",\"message\":1}");
            assertThat(bob.await("\"id\":\"b\"")).contains("\"type\":\"reply\"");
        }
        Metrics metrics = Metrics.of(TestServers.uri(server));
        assertThat(metrics.of("rate_refused_total{limit=\"user\"}")).isPositive();
        assertThat(metrics.of("rate_refused_total{limit=\"connection\"}")).isZero();
    }

    @Test
    void allConnectionsOfAStageShareItsRate() {
        serve("stages", "[{path: /a, dialect: native, rate: 1, burst: " + BURST + "}]");
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(on("/a", i % 2 == 0 ? "ann" : "bob"));
        }
        clients.forEach(client -> flood(client, publish("t")));

        long passed = clients.stream()
                .flatMap(client -> answers(client, FLOOD).stream())
                .filter(answer -> !answer.contains("rate_limited"))
                .count();

        long refused = Metrics.of(TestServers.uri(server)).of("rate_refused_total{limit=\"stage\"}");
        assertThat(passed).isGreaterThanOrEqualTo(BURST).isEqualTo(4L * FLOOD - refused);
        assertThat(refused).isPositive();
        clients.forEach(TestClient::close);
    }

    @Test
    void aRequestCountsOnceHoweverManyCommandsItTakes() {
        serve("limits.rate.user.rate", "1", "limits.rate.user.burst", Integer.toString(BURST));

        for (int i = 0; i < BURST; i++) {
            assertThat(RawHttp.get(
                                    server.address(),
                                    "/topics/t/consume?from=1000",
                                    "Authorization: Bearer the-token-of-ann")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aStageHasItsOwnRateAndOthersHaveNone() {
        serve("stages", "[{path: /a, dialect: native, rate: 1, burst: " + BURST + "}, {path: /b, dialect: native}]");
        try (TestClient limited = on("/a", "ann");
                TestClient free = on("/b", "ann")) {
            flood(limited, publish("t"));
            flood(free, publish("t"));

            assertThat(answers(limited, FLOOD)).anyMatch(answer -> answer.contains("rate_limited"));
            assertThat(answers(free, FLOOD)).noneMatch(answer -> answer.contains("rate_limited"));
        }
        assertThat(get("ann").status()).isEqualTo(200);
    }

    @Test
    void withoutASettingNobodyIsRefused() {
        serve();
        try (TestClient client = on("/v1", "ann")) {
            flood(client, publish("t"));

            assertThat(answers(client, FLOOD)).noneMatch(answer -> answer.contains("rate_limited"));
        }
    }

    @Test
    void theOlderDialectsSayWhatTheyHaveForIt() {
        serve("limits.rate.connection.rate", "1", "limits.rate.connection.burst", Integer.toString(BURST));
        try (TestClient topics = on("/live", "ann");
                TestClient rooms = on("/staging", "ann");
                TestClient chat = on("/dev", "ann")) {
            flood(topics, "{\"action\":\"publish\",\"topic\":\"t\",\"message\":%}");
            topics.await("{\"message\":\"Internal server error\",\"connectionId\":");

            flood(rooms, "{\"type\":\"chat\",\"message\":\"said %\"}");
            rooms.await("{\"type\":\"error\",\"data\":{\"message\":\"too much is asked for at once");

            // It has no word for errors. What is refused is not said.
            flood(chat, "{\"action\":\"sendMessage\",\"content\":\"said %\"}");
            chat.await("said " + (BURST - 1));
            await().until(() -> {
                chat.send("{\"action\":\"sendMessage\",\"content\":\"again\"}");
                return chat.pending().stream().anyMatch(frame -> frame.contains("again"));
            });
            assertThat(chat.pending().stream().filter(frame -> frame.contains("said ")))
                    .hasSizeLessThan(FLOOD - BURST);
        }
    }
}
