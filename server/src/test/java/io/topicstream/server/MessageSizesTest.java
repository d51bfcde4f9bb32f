package io.topicstream.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How large a message may be, which is for the policy of its topic to say, at every door.
class MessageSizesTest {
    private final TopicStreamServer server = TestServers.start(
            Engine.inMemory(InstantSource.system()),
            TestServers.config(
                    "limits.messages.payload_bytes",
                    "1000",
                    "policies",
                    "[{topics: 'small:*', max_message: 10}, {topics: large, max_message: 4000}]"));
    private final URI uri = TestServers.uri(server);

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"small:1, 10", "small:, 10", "small, 1000", "other, 1000", "large, 4000", "large:1, 1000"})
    void aMessageMayBeAsLargeAsThePolicyOfItsTopicSays(String topic, int most) throws Exception {
        TestClient client = TestClient.connect(uri);
        client.send(publish(topic, most, 1)).await("\"offset\":1");
        client.send(publish(topic, most + 1, 2)).await("\"code\":\"too_large\"");
        client.close();

        assertThat(produce(topic, most)).isEqualTo(200);
        assertThat(produce(topic, most + 1)).isEqualTo(413);
    }

    @Test
    void aRefusalNamesTheTopicsOwnLimit() {
        TestClient client = TestClient.connect(uri);

        client.send(publish("small:1", 11, 1)).await("a message is at most 10 bytes");
        client.close();
    }

    /// A JSON string of so many bytes.
    private static String payload(int bytes) {
        return "\"" + "x".repeat(bytes - 2) + "\"";
    }

    private static String publish(String topic, int bytes, int id) {
        return "{\"action\":\"publish\",\"topic\":\"" + topic + "\",\"message\":" + payload(bytes) + ",\"id\":" + id
                + "}";
    }

    private int produce(String topic, int bytes) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri.resolve("/topics/" + topic + "/produce"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"payload\":" + payload(bytes) + "}"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, BodyHandlers.discarding()).statusCode();
        }
    }
}
