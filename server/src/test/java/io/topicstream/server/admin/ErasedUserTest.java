package io.topicstream.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKeys;
import io.topicstream.server.Engine;
import io.topicstream.server.StartException;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A user is erased from a server with a store on disk: what is left of him, down to the files.
@Timeout(120)
class ErasedUserTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private ServerConfig config;
    private Engine engine;
    private TopicStreamServer server;

    @BeforeEach
    void start() throws StartException {
        config = TestServers.config(
                "engine",
                "rocksdb",
                "data.dir",
                directory.resolve("data").toString(),
                "server.run_dir",
                directory.resolve("run").toString());
        begin();
    }

    private void begin() throws StartException {
        engine = Engine.open(config);
        server = TestServers.start(engine.shared(), config);
    }

    @AfterEach
    void stop() {
        server.close();
        engine.close().run();
    }

    @Test
    void nothingThatHeSaidIsLeftInAnyFileAfterACompaction() throws Exception {
        String ann = key("ann");
        String bob = key("bob");
        List<String> gone = new ArrayList<>();
        TestClient annClient = client(ann);
        TestClient bobClient = client(bob);
        for (int i = 0; i < 30; i++) {
            String said = marker("said" + i);
            String header = marker("header" + i);
            String key = marker("key" + i);
            String id = marker("id" + i);
            gone.addAll(List.of(said, header, key, id));
            asked(
                    annClient,
                    "\"action\":\"publish\",\"topic\":\"topic." + i % 3 + "\",\"message\":{\"text\":\"" + said
                            + "\"},\"headers\":{\"h\":\"" + header + "\"},\"key\":\"" + key + "\",\"message_id\":\""
                            + id
                            + "\"");
        }
        String secret = marker("secret");
        String note = marker("note");
        String title = marker("title");
        gone.addAll(List.of(secret, note, title));
        asked(annClient, "\"action\":\"send\",\"to\":\"bob\",\"message\":\"" + secret + "\"");
        asked(annClient, "\"action\":\"send\",\"to\":\"ann\",\"message\":\"" + note + "\"");
        asked(annClient, "\"action\":\"room\",\"topic\":\"room:tea\",\"title\":\"" + title + "\"");
        String stays = marker("stays");
        asked(bobClient, "\"action\":\"publish\",\"topic\":\"topic.0\",\"message\":\"" + stays + "\"");
        for (String marker : gone) {
            assertThat(filesWith(marker)).as(marker).isNotEmpty();
        }

        assertThat(admin("DELETE", "/admin/users/ann").statusCode()).isEqualTo(202);
        awaitErased("ann");
        assertThat(annClient.awaitClose()).as("his key is revoked").isEqualTo(4001);
        assertThat(admin("POST", "/admin/compaction").statusCode()).isEqualTo(202);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> admin("GET", "/admin/compaction").body(), body -> body.equals("{\"state\":\"done\"}"));

        for (String marker : gone) {
            assertThat(filesWith(marker)).as(marker).isEmpty();
        }
        assertThat(filesWith(stays)).isNotEmpty();
        String page = asked(bobClient, "\"action\":\"read\",\"topic\":\"topic.0\",\"after\":0");
        assertThat(page)
                .contains(stays, "\"redacted\":true", "\"from\":\"bob\"")
                .doesNotContain("\"from\":\"ann\"");
        bobClient.close();
    }

    @Test
    void whatAServerLeftIsTakenUpByTheNextOne() throws Exception {
        String ann = key("ann");
        TestClient client = client(ann);
        for (int i = 0; i < 200; i++) {
            asked(client, "\"action\":\"publish\",\"topic\":\"topic." + i + "\",\"message\":\"said\"");
        }
        admin("DELETE", "/admin/users/ann");
        server.close();
        engine.close().run();

        begin();

        awaitErased("ann");
        for (int i = 0; i < 200; i++) {
            HttpRequest request = HttpRequest.newBuilder(
                            TestServers.uri(server).resolve("/topics/topic." + i + "/consume"))
                    .build();
            assertThat(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body())
                    .contains("\"payload\":null");
        }
    }

    @Test
    void whatIsNoUserAndWhoWasNotErasedIsRefused() throws Exception {
        assertThat(admin("DELETE", "/admin/users/a%20b").statusCode()).isEqualTo(400);
        assertThat(admin("GET", "/admin/users/nobody/erasure").statusCode()).isEqualTo(404);
        assertThat(admin("GET", "/admin/compaction").body()).isEqualTo("{\"state\":\"none\"}");
        URI base = TestServers.uri(server);
        assertThat(HTTP.send(
                                HttpRequest.newBuilder(base.resolve("/admin/users/ann"))
                                        .DELETE()
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(401);
    }

    // ---- short ways

    private void awaitErased(String user) {
        await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> admin("GET", "/admin/users/" + user + "/erasure").body(),
                        body -> body.contains("\"state\":\"done\""));
    }

    private String key(String user) {
        return new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system())
                .create(user, null)
                .toCompletableFuture()
                .join()
                .secret();
    }

    private TestClient client(String key) {
        TestClient client = TestClient.to(TestServers.uri(server), "/v1")
                .header("x-api-key", key)
                .open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    private static String asked(TestClient client, String frame) {
        client.send("{\"id\":\"asked\"," + frame + "}");
        return client.await("\"id\":\"asked\"");
    }

    private HttpResponse<String> admin(String method, String path) throws IOException, InterruptedException {
        URI base = TestServers.uri(server);
        return HTTP.send(
                HttpRequest.newBuilder(base.resolve(path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .header(
                                "Authorization",
                                "Bearer " + AdminToken.read(List.of(directory.resolve("run")), base.getPort()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /// A text like no other, so that no compression writes it by what stood before it.
    private static String marker(String what) {
        return UUID.nameUUIDFromBytes(what.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private List<Path> filesWith(String text) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory.resolve("data"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
                    found.add(file);
                }
            }
        }
        return found;
    }
}
