package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.ApiKeys;
import io.topicstream.server.Engine;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A durable subscription as a user's other connections see it, on two servers that share an engine.
class MembershipTest {
    private static final int TOPICS = 200;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"memory", "rocksdb"})
    void whatIsPublishedAfterTheReplyReachesTheUsersOtherConnections(String kind) throws Exception {
        Engine engine = Engine.open(TestServers.config("engine", kind, "data.dir", directory.toString()));
        List<TopicStreamServer> servers = List.of(
                TestServers.start(engine.shared(), TestServers.config()),
                TestServers.start(engine.shared(), TestServers.config()));
        try {
            String key = new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system())
                    .create("ann", null)
                    .toCompletableFuture()
                    .join()
                    .secret();
            TestClient first = client(servers.getFirst(), key);
            List<TestClient> others = List.of(client(servers.getFirst(), key), client(servers.getLast(), key));

            for (int i = 0; i < TOPICS; i++) {
                first.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"t" + i + "\",\"durable\":true}");
                assertThat(first.await("\"id\":\"s\"")).contains("\"type\":\"reply\"");
                first.send("{\"action\":\"publish\",\"topic\":\"t" + i + "\",\"message\":" + i + "}");

                for (TestClient other : others) {
                    assertThat(other.next()).contains("\"topic\":\"t" + i + "\",\"offset\":1,");
                }
            }

            first.close();
            for (TestClient other : others) {
                other.close();
                assertThat(other.pending()).isEmpty();
            }
        } finally {
            servers.forEach(TopicStreamServer::close);
            engine.close().run();
        }
    }

    private static TestClient client(TopicStreamServer server, String key) {
        TestClient client = TestClient.to(TestServers.uri(server), "/v1")
                .header("x-api-key", key)
                .open();
        client.await("\"type\":\"welcome\"");
        return client;
    }
}
