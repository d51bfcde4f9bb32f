package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import io.topicstream.server.Engine;
import io.topicstream.server.JsonTexts;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Positions in a topic whose beginning is gone: who asks for what is missing is told, and nobody else.
class TrimmedTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"memory", "rocksdb"})
    void whoAsksForWhatIsGoneIsTold(String kind) throws Exception {
        Engine engine = Engine.open(TestServers.config("engine", kind, "data.dir", directory.toString()));
        try (TopicStreamServer server = TestServers.start(engine, TestServers.config())) {
            TestClient client = TestClient.connect(TestServers.uri(server));
            for (int i = 1; i <= 10; i++) {
                client.send("{\"action\":\"publish\",\"id\":1,\"topic\":\"t\",\"message\":" + i + "}");
                assertThat(client.next()).contains("\"type\":\"reply\"");
            }
            engine.log().trim(new TopicName("t"), 6).toCompletableFuture().join();
            client.send("{\"action\":\"read\",\"id\":2,\"topic\":\"t\",\"after\":0}");
            String page = client.next();
            assertThat(page).contains("\"first_offset\":6,\"next_offset\":11").contains("\"offset\":6,");
            long epoch = JsonTexts.number(page, "epoch");

            expect(client, "1", false, "truncated", 6);
            expect(client, "5", false, "truncated", 6);
            expect(client, "{\"resume\":{\"epoch\":" + epoch + ",\"offset\":2}}", false, "truncated", 6);
            expect(client, "{\"resume\":{\"epoch\":" + epoch + ",\"offset\":5}}", true, "message", 6);
            expect(client, "6", true, "message", 6);
            expect(client, "\"earliest\"", true, "message", 6);
            expect(client, "{\"last\":2}", true, "message", 9);
            expect(client, "12", false, "reset", 11);
            expect(client, "{\"resume\":{\"epoch\":" + (epoch + 1) + ",\"offset\":8}}", false, "reset", 6);
            expect(client, "{\"resume\":{\"epoch\":" + (epoch - 1) + ",\"offset\":8}}", false, "reset", 6);
            client.close();
            assertThat(client.pending()).isEmpty();
        }
    }

    /// Subscribes from a position, and takes what follows, which goes on to the end without a gap.
    private static void expect(TestClient client, String from, boolean recovered, String type, long first) {
        client.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"t\",\"from\":" + from + "}");
        assertThat(client.next()).as(from).contains("\"recovered\":" + recovered);
        long next = first;
        boolean told = type.equals("message");
        while (next <= 10 || !told) {
            String frame = client.next();
            if (frame.contains("\"type\":\"message\"")) {
                assertThat(JsonTexts.number(frame, "offset")).as(from).isEqualTo(next++);
            } else if (told) {
                // Another life, and what is left of it begins later.
                assertThat(type).isEqualTo("reset");
                assertThat(frame).as(from).contains("\"type\":\"truncated\"");
            } else {
                told = true;
                assertThat(frame).as(from).contains("\"type\":\"" + type + "\"");
            }
        }
        client.send("{\"action\":\"unsubscribe\",\"id\":\"u\",\"topic\":\"t\"}");
        assertThat(client.next()).as(from).contains("\"id\":\"u\"");
    }
}
