package io.topicstream.cli.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.cost.Bill;
import io.topicstream.aws.cost.Billable;
import io.topicstream.aws.cost.Prices;
import io.topicstream.aws.cost.Units;
import io.topicstream.server.JsonTexts;
import io.topicstream.server.TestClient;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What scenarios cost through the serverless front door, metered and priced: no more than the documents say.
@Timeout(600)
class MeteredScenariosTest {
    private static final String TEXT = "x".repeat(898);
    private static final int IN_A_FRAME = 10;
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
            DocumentedPrices.check("a million messages, each to 1", published(aws, publisher, 1, 200));
            while (listeners.size() < 10) {
                listeners.add(listener(aws, "room:1"));
            }
            DocumentedPrices.check("a million messages, each to 10", published(aws, publisher, 10, 200));
            listeners.forEach(TestClient::close);
            List<TestClient> framed = new ArrayList<>();
            while (framed.size() < 10) {
                framed.add(subscribed(aws, aws.framed(), "room:2"));
            }
            DocumentedPrices.check("the same to 10, ten messages a frame", framed(aws, aws.framed(), 10, 50));
            framed.forEach(TestClient::close);
            publisher.close();
        }
    }

    @Test
    void environmentsThatTakeTurnsCostMore() throws IOException {
        try (MeteredAws aws = new MeteredAws(true)) {
            TestClient publisher = aws.client();
            TestClient listener = listener(aws, "room:1");
            DocumentedPrices.check("the same to 1, three environments in turn", published(aws, publisher, 1, 200));
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
            DocumentedPrices.check("a million messages, each to 1,000", published(aws, publisher, 1_000, 5));
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
            MeteredAws.soon().until(() -> aws.calls() >= before + PINGS + 4);
            aws.awaitQuiet();
            DocumentedPrices.check(
                    "a million keepalives",
                    aws.meter().priced(Prices.list()).perMillion(PINGS).orElseThrow());

            aws.meter().restart();
            for (int i = 0; i < CONNECTIONS; i++) {
                int calls = aws.calls();
                listener(aws, "room:" + i).close();
                // It begins, is greeted, subscribes, and ends.
                MeteredAws.soon().until(() -> aws.calls() >= calls + 4);
                aws.awaitQuiet();
            }
            Units connections = aws.meter().units();
            aws.meter().report(Prices.list()).forEach(System.out::println);
            DocumentedPrices.check(
                    "a million connections, begun and ended",
                    aws.meter().priced(Prices.list()).perMillion(CONNECTIONS).orElseThrow());

            Units month = Units.of(Billable.CONNECTION_MINUTES, IDLE * MINUTES_A_MONTH)
                    .plus(pings.times(IDLE * MINUTES_A_MONTH / pingMinutes / PINGS))
                    .plus(connections.times(IDLE * MINUTES_A_MONTH / MINUTES_OF_A_CONNECTION / CONNECTIONS));
            DocumentedPrices.check(
                    "10,000 idle connections, a month", Prices.list().cost(month));
        }
    }

    private static void ping(MeteredAws aws, TestClient client) {
        client.send("{\"action\":\"ping\",\"id\":1}");
        client.await("\"type\":\"pong\"");
        aws.awaitQuiet();
    }

    private static TestClient listener(MeteredAws aws, String topic) {
        return subscribed(aws, aws.client(), topic);
    }

    private static TestClient subscribed(MeteredAws aws, TestClient client, String topic) {
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

    /// What a million of such messages cost, ten in each frame of the publisher.
    private BigDecimal framed(MeteredAws aws, TestClient publisher, int listeners, int frames) {
        publishFrames(aws, publisher, listeners, 3);
        aws.meter().restart();
        publishFrames(aws, publisher, listeners, frames);
        Bill bill = aws.meter().priced(Prices.list());
        aws.meter().report(Prices.list()).forEach(System.out::println);
        publisher.close();
        return bill.perMillion((long) frames * IN_A_FRAME).orElseThrow();
    }

    private void publishFrames(MeteredAws aws, TestClient publisher, int listeners, int frames) {
        for (int i = 0; i < frames; i++) {
            long before = aws.delivered();
            String frame = IntStream.range(0, IN_A_FRAME)
                    .mapToObj(_ -> publishing("room:2"))
                    .collect(Collectors.joining(",", "[", "]"));
            publisher.send(frame);
            MeteredAws.soon().until(() -> aws.delivered() >= before + (long) IN_A_FRAME * listeners);
            aws.awaitQuiet();
        }
    }

    private String publishing(String topic) {
        int id = ++published;
        return String.format(
                Locale.ROOT,
                "{\"action\":\"publish\",\"id\":%d,\"topic\":\"%s\",\"message\":\"%s\","
                        + "\"message_id\":\"0190b6a1-7c1e-7000-8000-%012d\"}",
                id,
                topic,
                TEXT,
                id);
    }

    private void publish(MeteredAws aws, TestClient publisher, int listeners, int messages) {
        for (int i = 0; i < messages; i++) {
            int before = aws.posts();
            publisher.send(publishing("room:1"));
            int id = published;
            assertThat(publisher.await("\"type\":\"reply\"")).contains("\"id\":" + id + ",");
            MeteredAws.soon().until(() -> aws.posts() >= before + 1 + listeners);
            aws.awaitQuiet();
        }
    }
}
