package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.Engine;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is left of people after a restart: rooms, and the names under which messages were sent; but no claim.
class RoomsAfterRestartTest {
    @TempDir
    private Path directory;

    @Test
    void roomsAndNamesInMessagesOutliveTheServerAndClaimsDoNot() throws Exception {
        String made;
        String page;
        String chat;
        try (Opened first = new Opened(directory)) {
            TestClient ann = first.client("ann");
            ann.send("{\"action\":\"room\",\"id\":1,\"topic\":\"room:tea\",\"title\":\"Tea 😀\"}");
            assertThat(ann.next()).contains("\"owner\":\"guest.ann\"");
            ann.send("{\"action\":\"name\",\"id\":2,\"name\":\"Ännchen\"}");
            assertThat(ann.next()).contains("\"name\":\"Ännchen\"");
            ann.send("{\"action\":\"publish\",\"id\":3,\"topic\":\"room:lobby\",\"message\":{\"text\":\"hi\"}}");
            assertThat(ann.next()).contains("\"offset\":1");
            TestClient visitor =
                    TestClient.to(TestServers.uri(first.server), "/dev").open();
            visitor.send("{\"action\":\"sendMessage\",\"content\":\"yo\"}");
            visitor.await("\"content\":\"yo\"");
            made = ask(ann, "\"action\":\"rooms\",\"prefix\":\"room:t\"");
            page = ask(ann, "\"action\":\"read\",\"topic\":\"room:lobby\"");
            chat = first.get("/chat/last-messages");
            assertThat(page).contains("\"from\":\"guest.ann\",\"name\":\"Ännchen\",\"message\":{\"text\":\"hi\"}}");
            assertThat(chat)
                    .containsPattern("\\[\\{\"id\":\"\\w{27}\",\"sender\":\"[A-Z][a-z]+[A-Z][a-z]+\\d+\","
                            + "\"connectionId\":\"[\\w-]{19}=\",\"content\":\"yo\",")
                    .contains("\"sender\":\"Ännchen\",\"connectionId\":\"\",\"content\":\"hi\"");
        }

        try (Opened second = new Opened(directory)) {
            TestClient bob = second.client("bob");
            assertThat(ask(bob, "\"action\":\"rooms\",\"prefix\":\"room:t\"")).isEqualTo(made);
            assertThat(ask(bob, "\"action\":\"read\",\"topic\":\"room:lobby\"")).isEqualTo(page);
            assertThat(second.get("/chat/last-messages")).isEqualTo(chat);
            assertThat(ask(bob, "\"action\":\"room\",\"topic\":\"room:tea\",\"title\":\"Mine\""))
                    .contains("\"code\":\"forbidden\"");
            assertThat(ask(bob, "\"action\":\"name\",\"name\":\"Ännchen\"")).contains("\"type\":\"reply\"");
            TestClient ann = second.client("ann");
            assertThat(ask(ann, "\"action\":\"rooms\",\"owner\":\"guest.ann\""))
                    .contains("\"title\":\"Tea 😀\",\"owner\":\"guest.ann\"");
        }
    }

    private static String ask(TestClient client, String frame) {
        client.send("{\"id\":\"q\"," + frame + "}");
        return client.await("\"id\":\"q\"");
    }

    /// A server over an engine on disk.
    private static final class Opened implements AutoCloseable {
        private final Engine engine;
        private final TopicStreamServer server;

        Opened(Path directory) throws Exception {
            engine = Engine.open(TestServers.config("engine", "rocksdb", "data.dir", directory.toString()));
            server = TestServers.start(engine.shared(), TestServers.config());
        }

        TestClient client(String user) {
            TestClient client =
                    TestClient.to(TestServers.uri(server), "/v1?user=" + user).open();
            client.await("\"type\":\"welcome\"");
            return client;
        }

        String get(String path) throws Exception {
            URI uri = TestServers.uri(server).resolve(path);
            try (HttpClient http = HttpClient.newHttpClient()) {
                return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                        .body();
            }
        }

        @Override
        public void close() {
            server.close();
            engine.close().run();
        }
    }
}
