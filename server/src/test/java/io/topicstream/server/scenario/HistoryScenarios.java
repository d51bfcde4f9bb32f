package io.topicstream.server.scenario;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What was said before: by time, and as one with what is said now.
public interface HistoryScenarios {
    Deployment deployment();

    private static String publish(String topic, int id) {
        return "{\"action\":\"publish\",\"id\":" + id + ",\"topic\":\"" + topic + "\",\"message\":" + id + "}";
    }

    private static List<Long> offsets(TestClient client, String topic, String rest) {
        client.send("{\"action\":\"read\",\"id\":\"r\",\"topic\":\"" + topic + "\"" + rest + "}");
        String page = client.await("\"id\":\"r\"");
        assertThat(page).contains("\"next_offset\":7");
        List<Long> offsets = new ArrayList<>();
        for (String part : page.substring(0, page.indexOf(']')).split("\\{\"offset\":", -1)) {
            if (!part.startsWith("{\"type\"")) {
                offsets.add(Long.parseLong(part.substring(0, part.indexOf(','))));
            }
        }
        return offsets;
    }

    @Test
    default void aTopicIsReadByTime() {
        String topic = deployment().topic();
        TestClient client = deployment().client();
        List<Long> times = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            client.send(publish(topic, i));
            long time = number(client.await("\"id\":" + i + ","), "timestamp");
            times.add(time);
            while (System.currentTimeMillis() <= time) {
                Thread.onSpinWait();
            }
        }
        long third = times.get(2);
        long fifth = times.get(4);

        assertThat(offsets(client, topic, ",\"since\":" + third)).containsExactly(3L, 4L, 5L, 6L);
        assertThat(offsets(client, topic, ",\"until\":" + third)).containsExactly(1L, 2L);
        assertThat(offsets(client, topic, ",\"since\":" + third + ",\"until\":" + fifth))
                .containsExactly(3L, 4L);
        assertThat(offsets(client, topic, ",\"since\":" + third + ",\"limit\":2"))
                .containsExactly(3L, 4L);
        assertThat(offsets(client, topic, ",\"until\":" + fifth + ",\"limit\":2"))
                .containsExactly(3L, 4L);
        assertThat(offsets(client, topic, ",\"after\":3,\"until\":" + fifth)).containsExactly(4L);
        assertThat(offsets(client, topic, ",\"before\":5,\"since\":" + third)).containsExactly(3L, 4L);
        assertThat(offsets(client, topic, ",\"since\":" + (times.getLast() + 1)))
                .isEmpty();
        assertThat(offsets(client, topic, ",\"since\":0,\"limit\":1")).containsExactly(1L);
        assertThat(offsets(client, topic, ",\"since\":" + fifth + ",\"until\":" + third))
                .isEmpty();
        client.send("{\"action\":\"read\",\"id\":\"r\",\"topic\":\"" + topic + "\",\"since\":-1}");
        assertThat(client.await("\"id\":\"r\"")).contains("\"code\":\"bad_frame\"");
        client.close();
    }

    @Test
    default void theLastMessagesAndThoseThatComeAreOneStoryHoweverFastItIsTold() throws InterruptedException {
        String topic = deployment().topic();
        int messages = deployment().ordersFrames() ? 3_000 : 300;
        int back = 20;
        TestClient publisher = deployment().client();
        AtomicInteger published = new AtomicInteger();
        Thread publishing = Thread.ofPlatform().start(() -> {
            for (int i = 1; i <= messages; i++) {
                publisher.send(publish(topic, i));
                // As fast as it goes: some are always on their way, but no more than may be.
                if (i > 50 || !deployment().ordersFrames()) {
                    publisher.await("\"type\":\"reply\"");
                    published.incrementAndGet();
                }
            }
        });

        List<TestClient> subscribers = new ArrayList<>();
        List<Long> firsts = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            while (published.get() < i * messages / 10) {
                Thread.onSpinWait();
            }
            TestClient subscriber = deployment().client();
            subscriber.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"" + topic + "\",\"from\":{\"last\":"
                    + back + "}}");
            String reply = subscriber.await("\"id\":\"s\"");
            assertThat(reply).contains("\"recovered\":true");
            firsts.add(Math.max(1, number(reply, "next_offset") - back));
            subscribers.add(subscriber);
        }

        for (int i = 0; i < subscribers.size(); i++) {
            for (long offset = firsts.get(i); offset <= messages; offset++) {
                String frame = subscribers.get(i).next();
                assertThat(number(frame, "offset")).as("of subscriber " + i).isEqualTo(offset);
            }
        }
        publishing.join();
        for (TestClient subscriber : subscribers) {
            subscriber.close();
            assertThat(subscriber.pending()).isEmpty();
        }
        publisher.close();
    }
}
