package io.topicstream.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicStreamServerTest {
    @TempDir
    private Path directory;

    @Test
    void aHostIsServedIfItIsOfThisMachineOrListedWithItsPort() throws Exception {
        Engine engine = Engine.inMemory(InstantSource.system());
        try (TopicStreamServer server = TestServers.start(
                engine, TestServers.config("server.allowed_hosts", "plain.example,other.example:1234"))) {
            assertThat(statusFor(server, "/topics", "localhost:8080")).isEqualTo("200");
            assertThat(statusFor(server, "/topics", "Plain.Example")).isEqualTo("200");
            assertThat(statusFor(server, "/topics", "other.example:1234")).isEqualTo("200");
            assertThat(statusFor(server, "/topics", "other.example:99")).isEqualTo("421");
            assertThat(statusFor(server, "/topics", "evil.example")).isEqualTo("421");
            assertThat(statusFor(server, "/metrics", "evil.example")).isEqualTo("421");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/healthz", "/health/live", "/health/ready", "/v1/health", "/health/"})
    void theHealthIsToldToWhoeverAsksByWhateverName(String path) throws Exception {
        Engine engine = Engine.inMemory(InstantSource.system());
        try (TopicStreamServer server = TestServers.start(engine, TestServers.config())) {
            assertThat(statusFor(server, path, "a_cluster")).isEqualTo("200");
        }
    }

    private static String statusFor(TopicStreamServer server, String path, String host) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return answer.split(" ", 3)[1];
        }
    }

    @Test
    void aPortInUseIsSaidInOneLineAndTheStoreIsFreeAgain() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());
            String data = directory.resolve("data").toString();

            assertThatThrownBy(() -> TopicStreamServer.start(
                            TestServers.config("server.port", port, "engine", "rocksdb", "data.dir", data)))
                    .isInstanceOfSatisfying(StartException.class, refused -> {
                        assertThat(refused.kind()).isEqualTo(StartException.Cause.ADDRESS);
                        assertThat(refused).hasMessageContaining(port).hasMessageNotContaining("\n");
                    });

            TopicStreamServer.start(TestServers.config("engine", "rocksdb", "data.dir", data))
                    .close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "rocksdb"})
    void anEngineThatHasEndedUnderAServerEndsAndLetsItStop(String kind) throws Exception {
        Engine engine = Engine.open(TestServers.config(
                "engine", kind, "data.dir", directory.resolve("ended").toString()));
        TopicStreamServer server = TestServers.start(engine.shared(), TestServers.config());
        TestClient client = TestClient.connect(TestServers.uri(server));
        client.send("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"t\"}").await("\"id\":1");

        // All that is followed is lost, and is followed again in vain.
        assertThat(CompletableFuture.runAsync(engine.close())).succeedsWithin(Duration.ofSeconds(60));

        client.send("{\"action\":\"publish\",\"id\":2,\"topic\":\"t\",\"message\":1}");
        assertThat(client.await("\"id\":2")).contains("\"type\":\"error\"");
        client.send("{\"action\":\"ping\",\"id\":3}");
        assertThat(client.await("\"id\":3")).contains("pong");
        assertThat(server.stop(Duration.ZERO)).succeedsWithin(Duration.ofSeconds(60));
    }

    @Test
    void aDataDirectoryInUseIsSaidInOneLine() throws Exception {
        String data = directory.resolve("data").toString();
        try (TopicStreamServer first =
                TopicStreamServer.start(TestServers.config("engine", "rocksdb", "data.dir", data))) {
            assertThat(first.address().getPort()).isPositive();

            assertThatThrownBy(() -> TopicStreamServer.start(TestServers.config("engine", "rocksdb", "data.dir", data)))
                    .isInstanceOfSatisfying(StartException.class, refused -> {
                        assertThat(refused.kind()).isEqualTo(StartException.Cause.DATA);
                        assertThat(refused).hasMessageContaining("data").hasMessageNotContaining("\n");
                    });
        }
    }

    @Test
    void aFileInPlaceOfTheDataDirectoryIsSaidInOneLine() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "not a store");

        assertThatThrownBy(() ->
                        TopicStreamServer.start(TestServers.config("engine", "rocksdb", "data.dir", file.toString())))
                .isInstanceOfSatisfying(
                        StartException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(StartException.Cause.DATA));
    }

    @Test
    void listeningElsewhereWithoutCredentialsIsRefusedUnlessAskedFor() throws Exception {
        assertThatThrownBy(() -> TopicStreamServer.start(TestServers.config("server.bind", "0.0.0.0")))
                .isInstanceOfSatisfying(StartException.class, refused -> {
                    assertThat(refused.kind()).isEqualTo(StartException.Cause.REFUSED);
                    assertThat(refused).hasMessageContaining("server.allow_remote_without_credentials");
                });
    }
}
