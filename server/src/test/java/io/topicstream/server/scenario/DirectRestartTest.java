package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.Engine;
import io.topicstream.server.StartException;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is unread, before and after a server on disk starts again.
class DirectRestartTest {
    private static final String TOPIC = "dm:guest.ann~guest.bob";

    @TempDir
    private Path directory;

    private TopicStreamServer start() throws StartException {
        ServerConfig config = TestServers.config("engine", "rocksdb", "data.dir", directory.toString());
        return TestServers.start(Engine.open(config), config);
    }

    private static TestClient client(TopicStreamServer server, String guest) {
        return TestClient.to(TestServers.uri(server), "/v1?user=" + guest).open();
    }

    private static String asked(TestClient client, String frame) {
        client.send("{\"id\":\"asked\"," + frame + "}");
        return client.await("\"id\":\"asked\"");
    }

    @Test
    void whatIsUnreadIsAsItWasAfterARestart() throws StartException {
        try (TopicStreamServer server = start()) {
            TestClient ann = client(server, "ann");
            for (int i = 1; i <= 5; i++) {
                assertThat(asked(ann, "\"action\":\"send\",\"to\":\"guest.bob\",\"message\":" + i))
                        .contains("\"offset\":" + i + ",");
            }
            TestClient bob = client(server, "bob");
            assertThat(asked(bob, "\"action\":\"ack\",\"topic\":\"" + TOPIC + "\",\"read\":2"))
                    .isEqualTo("{\"type\":\"reply\",\"id\":\"asked\"}");
            // Nobody waits for this one, so it may still rest when the server stops.
            bob.send("{\"action\":\"ack\",\"topic\":\"" + TOPIC + "\",\"delivered\":4}");
            assertThat(asked(bob, "\"action\":\"cursors\""))
                    .endsWith("\"cursors\":[{\"topic\":\"" + TOPIC
                            + "\",\"delivered\":4,\"read\":2,\"next_offset\":6,\"unread\":3}]}");
        }

        try (TopicStreamServer server = start()) {
            TestClient bob = client(server, "bob");
            assertThat(bob.next()).contains("\"topic\":\"" + TOPIC + "\"", "\"next_offset\":6}]");
            assertThat(asked(bob, "\"action\":\"cursors\",\"topics\":[\"" + TOPIC + "\"]"))
                    .endsWith("\"delivered\":4,\"read\":2,\"next_offset\":6,\"unread\":3}]}");
            asked(bob, "\"action\":\"ack\",\"topic\":\"" + TOPIC + "\",\"read\":5");
            assertThat(asked(bob, "\"action\":\"cursors\",\"topics\":[\"" + TOPIC + "\"]"))
                    .endsWith("\"delivered\":5,\"read\":5,\"next_offset\":6,\"unread\":0}]}");
            TestClient ann = client(server, "ann");
            assertThat(asked(ann, "\"action\":\"send\",\"to\":\"guest.bob\",\"message\":6"))
                    .contains("\"offset\":6,");
        }
    }
}
