package io.topicstream.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKeys;
import io.topicstream.server.Engine;
import io.topicstream.server.StartException;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is kept of a user is exported by one of two servers that share a store on disk.
@Timeout(120)
class ExportedUserTest {
    private static final int ROUNDS = 100;
    private static final int TEXT_BYTES = 100_000;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private Engine engine;
    private TopicStreamServer server;
    private TopicStreamServer other;

    @BeforeEach
    void start() throws StartException {
        ServerConfig config = TestServers.config(
                "engine",
                "rocksdb",
                "data.dir",
                directory.resolve("data").toString(),
                "server.run_dir",
                directory.resolve("run").toString());
        engine = Engine.open(config);
        server = TestServers.start(engine.shared(), config);
        other = TestServers.start(engine.shared(), config);
    }

    @AfterEach
    void stop() {
        server.close();
        other.close();
        engine.close().run();
    }

    @Test
    void oneServerExportsWhatWasWrittenOnTheOtherAndAfterAnErasureNothingOfIt() throws Exception {
        String key = key("ann");
        TestClient ann = client(other, key);
        TestClient bob = client(server, key("bob"));
        asked(ann, "\"action\":\"publish\",\"topic\":\"room:tea\",\"message\":{\"text\":\"said\"}");
        asked(bob, "\"action\":\"publish\",\"topic\":\"room:tea\",\"message\":\"by bob\"");
        asked(ann, "\"action\":\"send\",\"to\":\"bob\",\"message\":\"to bob\"");
        asked(bob, "\"action\":\"send\",\"to\":\"ann\",\"message\":\"to ann\"");
        asked(ann, "\"action\":\"room\",\"topic\":\"room:tea\",\"title\":\"Tea\"");
        asked(ann, "\"action\":\"name\",\"name\":\"Annie\"");
        asked(ann, "\"action\":\"ack\",\"topic\":\"dm:ann~bob\",\"read\":2");

        HttpResponse<String> answer = admin("GET", "/admin/users/ann/data");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/x-ndjson");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(answer.body())
                .startsWith("{\"kind\":\"user\",\"user\":\"ann\",\"exported_at\":")
                .contains(
                        "{\"kind\":\"key\",\"id\":\"",
                        "{\"kind\":\"membership\",\"topic\":\"dm:ann~bob\",\"with\":\"bob\",",
                        "{\"kind\":\"cursor\",\"topic\":\"dm:ann~bob\",\"with\":\"bob\",\"delivered\":2,\"read\":2}",
                        "{\"kind\":\"room\",\"topic\":\"room:tea\",\"created_at\":",
                        "{\"kind\":\"name\",\"name\":\"annie\",\"connections\":1}",
                        "\"message\":{\"text\":\"said\"}",
                        "\"message\":\"to bob\"")
                .doesNotContain("by bob", "to ann", key)
                .endsWith("{\"kind\":\"end\",\"messages\":2}\n");

        assertThat(admin("DELETE", "/admin/users/ann").statusCode()).isEqualTo(202);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> admin("GET", "/admin/users/ann/erasure").body(), body -> body.contains("\"done\""));
        ann.awaitClose();
        // The name goes with its connection; when he was last seen is written when he has gone, some seconds later.
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(admin("GET", "/admin/users/ann/data")
                                .body()
                                .lines()
                                .filter(line -> !line.contains("last_seen")))
                        .satisfiesExactly(
                                first -> assertThat(first).contains("\"erasure_done_at\":"),
                                last -> assertThat(last).isEqualTo("{\"kind\":\"end\",\"messages\":0}")));
        bob.close();
    }

    @Test
    void twoWhoDoNotReadKeepAThirdOutAndGetAllOfItWhenTheyRead() throws Exception {
        saidMuch();
        try (Socket first = ask("ann")) {
            try (Socket second = ask("ann")) {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> admin("GET", "/admin/users/bob/data").statusCode(), status -> status == 409);
                assertThat(admin("GET", "/admin/users/bob/data").body()).contains("limit_exceeded");
                assertThat(second.isClosed()).isFalse();
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> admin("GET", "/admin/users/bob/data").statusCode(), status -> status == 200);

            String all = readAll(first);
            assertThat(all).startsWith("HTTP/1.1 200 ").contains("{\"kind\":\"end\",\"messages\":" + ROUNDS + "}\n");
            assertThat(all.split("\"kind\":\"message\"", -1)).hasSize(1 + ROUNDS);
        }
    }

    @Test
    void oneThatIsCutOffHasNoLastLine() throws Exception {
        saidMuch();
        try (Socket reader = ask("ann")) {
            InputStream in = reader.getInputStream();
            assertThat(in.read()).isEqualTo('H');

            server.close();

            assertThat(readAll(reader)).doesNotContain("\"end\"").doesNotEndWith("\r\n0\r\n\r\n");
        }
    }

    @Test
    void aHeadHasNoBodyAndWhatIsNoUserIsRefused() throws Exception {
        HttpResponse<String> head = admin("HEAD", "/admin/users/ann/data");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(admin("HEAD", "/admin/users/ann/data").statusCode()).isEqualTo(200);
        assertThat(admin("HEAD", "/admin/users/ann/data").statusCode()).isEqualTo(200);
        assertThat(admin("GET", "/admin/users/a%20b/data").statusCode()).isEqualTo(400);
        assertThat(admin("GET", "/admin/users/ann/data?after=1").statusCode()).isEqualTo(400);
        assertThat(admin("POST", "/admin/users/ann/data").statusCode()).isEqualTo(405);
    }

    // ---- short ways

    /// More than all buffers of a connection hold.
    private void saidMuch() {
        TestClient ann = client(server, key("ann"));
        String text = "x".repeat(TEXT_BYTES);
        for (int i = 0; i < ROUNDS; i++) {
            asked(ann, "\"action\":\"publish\",\"topic\":\"t" + i % 3 + "\",\"message\":\"" + text + "\"");
        }
        ann.close();
    }

    private Socket ask(String user) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(16 * 1024);
        socket.connect(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), server.address().getPort()));
        socket.getOutputStream()
                .write(("GET /admin/users/" + user + "/data HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                                + "Authorization: Bearer " + token() + "\r\n\r\n")
                        .getBytes(UTF_8));
        return socket;
    }

    /// To the end, or to where it breaks.
    private static String readAll(Socket socket) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[64 * 1024];
        InputStream in = socket.getInputStream();
        try {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                all.write(buffer, 0, length);
            }
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
        return all.toString(UTF_8);
    }

    private String key(String user) {
        return new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system())
                .create(user, null)
                .toCompletableFuture()
                .join()
                .secret();
    }

    private static TestClient client(TopicStreamServer to, String key) {
        TestClient client = TestClient.to(TestServers.uri(to), "/v1")
                .header("x-api-key", key)
                .open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    private static void asked(TestClient client, String frame) {
        client.send("{\"id\":\"asked\"," + frame + "}");
        assertThat(client.await("\"id\":\"asked\"")).doesNotContain("\"type\":\"error\"");
    }

    private String token() throws IOException {
        return AdminToken.read(
                        List.of(directory.resolve("run")),
                        InetAddress.getLoopbackAddress(),
                        server.address().getPort())
                .getFirst();
    }

    private HttpResponse<String> admin(String method, String path) throws IOException, InterruptedException {
        URI base = TestServers.uri(server);
        return HTTP.send(
                HttpRequest.newBuilder(base.resolve(path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .header("Authorization", "Bearer " + token())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
