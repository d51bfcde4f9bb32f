package io.topicstream.cli.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.aws.cost.Bill;
import io.topicstream.aws.cost.Billable;
import io.topicstream.aws.cost.Prices;
import io.topicstream.aws.cost.Units;
import io.topicstream.server.JsonTexts;
import io.topicstream.server.TestClient;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What scenarios cost through the serverless front door, metered and priced: no more than the documents say.
@Timeout(600)
class MeteredScenariosTest {
    private static final Path PAGE = Path.of("..", "docs", "aws.md");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /// How much dearer it may be: frames have times and numbers in them, which vary.
    private static final BigDecimal TOLERANCE = new BigDecimal("1.01");

    private static final String TEXT = "x".repeat(898);
    private static final int PINGS = 50;
    private static final int CONNECTIONS = 20;
    private static final long IDLE = 10_000;
    private static final long MINUTES_A_MONTH = 730 * 60;
    private static final long MINUTES_OF_A_CONNECTION = 120;

    private int published;

    @Test
    void fewListenersOnSocketsCostNoMoreThanTheDocumentsSay() throws IOException {
        try (MeteredAws aws = new MeteredAws(false)) {
            TestClient publisher = aws.client();
            List<TestClient> listeners = new ArrayList<>(List.of(listener(aws, "room:1")));
            check("a million messages, each to 1", published(aws, publisher, 1, 200));
            while (listeners.size() < 10) {
                listeners.add(listener(aws, "room:1"));
            }
            check("a million messages, each to 10", published(aws, publisher, 10, 200));
            listeners.forEach(TestClient::close);
            publisher.close();
        }
    }

    @Test
    void environmentsThatTakeTurnsCostMore() throws IOException {
        try (MeteredAws aws = new MeteredAws(true)) {
            TestClient publisher = aws.client();
            TestClient listener = listener(aws, "room:1");
            check("the same to 1, three environments in turn", published(aws, publisher, 1, 200));
            listener.close();
            publisher.close();
        }
    }

    @Test
    void aThousandListenersCostNoMoreThanTheDocumentsSay() throws IOException {
        try (MeteredAws aws = new MeteredAws(false)) {
            TestClient publisher = aws.client();
            IntStream.range(0, 1_000).parallel().forEach(number -> {
                aws.connect(number);
                aws.send(number, subscribe("room:1"));
            });
            aws.awaitQuiet();
            check("a million messages, each to 1,000", published(aws, publisher, 1_000, 5));
            publisher.close();
        }
    }

    @Test
    void idleConnectionsCostNoMoreThanTheDocumentsSay() throws IOException {
        try (MeteredAws aws = new MeteredAws(false)) {
            long pingMinutes;
            int before = aws.calls();
            try (TestClient client = aws.connect()) {
                pingMinutes = JsonTexts.number(client.await("\"type\":\"welcome\""), "ping_ms") / 60_000;
                ping(aws, client);
                aws.meter().restart();
                for (int i = 0; i < PINGS; i++) {
                    ping(aws, client);
                }
            }
            Units pings = aws.meter().units();
            // It began, was greeted, pinged, and has ended.
            await().atMost(PATIENCE).until(() -> aws.calls() >= before + PINGS + 4);
            aws.awaitQuiet();
            check(
                    "a million keepalives",
                    aws.meter().priced(Prices.list()).perMillion(PINGS).orElseThrow());

            aws.meter().restart();
            for (int i = 0; i < CONNECTIONS; i++) {
                int calls = aws.calls();
                listener(aws, "room:" + i).close();
                // It begins, is greeted, subscribes, and ends.
                await().atMost(PATIENCE).until(() -> aws.calls() >= calls + 4);
                aws.awaitQuiet();
            }
            Units connections = aws.meter().units();
            aws.meter().report(Prices.list()).forEach(System.out::println);
            check(
                    "a million connections, begun and ended",
                    aws.meter().priced(Prices.list()).perMillion(CONNECTIONS).orElseThrow());

            Units month = Units.of(Billable.CONNECTION_MINUTES, IDLE * MINUTES_A_MONTH)
                    .plus(pings.times(IDLE * MINUTES_A_MONTH / pingMinutes / PINGS))
                    .plus(connections.times(IDLE * MINUTES_A_MONTH / MINUTES_OF_A_CONNECTION / CONNECTIONS));
            check("10,000 idle connections, a month", Prices.list().cost(month));
        }
    }

    private static void ping(MeteredAws aws, TestClient client) {
        client.send("{\"action\":\"ping\",\"id\":1}");
        client.await("\"type\":\"pong\"");
        aws.awaitQuiet();
    }

    private static TestClient listener(MeteredAws aws, String topic) {
        TestClient client = aws.client();
        client.send(subscribe(topic));
        client.await("\"id\":\"s\"");
        aws.awaitQuiet();
        return client;
    }

    private static String subscribe(String topic) {
        return "{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"" + topic + "\"}";
    }

    /// What a million of such messages cost; some go before, so that everybody knows where the topic stands.
    private BigDecimal published(MeteredAws aws, TestClient publisher, int listeners, int messages) {
        publish(aws, publisher, listeners, 3);
        aws.meter().restart();
        publish(aws, publisher, listeners, messages);
        Bill bill = aws.meter().priced(Prices.list());
        aws.meter().report(Prices.list()).forEach(System.out::println);
        return bill.perMillion(messages).orElseThrow();
    }

    private void publish(MeteredAws aws, TestClient publisher, int listeners, int messages) {
        for (int i = 0; i < messages; i++) {
            int before = aws.posts();
            int id = ++published;
            publisher.send(String.format(
                    Locale.ROOT,
                    "{\"action\":\"publish\",\"id\":%d,\"topic\":\"room:1\",\"message\":\"%s\","
                            + "\"message_id\":\"0190b6a1-7c1e-7000-8000-%012d\"}",
                    id,
                    TEXT,
                    id));
            assertThat(publisher.await("\"type\":\"reply\"")).contains("\"id\":" + id + ",");
            await().atMost(PATIENCE).until(() -> aws.posts() >= before + 1 + listeners);
            aws.awaitQuiet();
        }
    }

    private static void check(String what, BigDecimal dollars) throws IOException {
        BigDecimal metered = dollars.setScale(2, RoundingMode.HALF_UP);
        String documented = documented(what);
        System.out.println("$" + metered + " metered for " + what + ", " + documented + " documented");
        assertThat(metered)
                .as("dollars for %s", what)
                .isLessThanOrEqualTo(new BigDecimal(documented.replace(",", "")).multiply(TOLERANCE));
    }

    private static String documented(String what) throws IOException {
        String begin = "| " + what + " | ";
        return Files.readAllLines(PAGE).stream()
                .dropWhile(line -> !line.startsWith("| metered for |"))
                .filter(line -> line.startsWith(begin))
                .map(line -> line.substring(begin.length(), line.indexOf(" |", begin.length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError("not documented: " + what));
    }
}
