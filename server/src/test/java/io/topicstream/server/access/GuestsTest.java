package io.topicstream.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.Engine;
import io.topicstream.server.RawHttp;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who goes without a credential where `access.anonymous` is what it is by default.
class GuestsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path runDirectory;

    private Engine engine;
    private TopicStreamServer server;

    @BeforeEach
    void start() {
        engine = Engine.inMemory(InstantSource.system());
        server = serve();
    }

    @AfterEach
    void stop() {
        server.close();
        engine.close().run();
    }

    private TopicStreamServer serve(String... settings) {
        String[] all = new String[settings.length + 4];
        System.arraycopy(settings, 0, all, 4, settings.length);
        all[0] = "server.run_dir";
        all[1] = runDirectory.toString();
        all[2] = "access.anonymous";
        all[3] = "auto";
        return TestServers.start(engine.shared(), TestServers.config(all));
    }

    private int statusFor(String... fields) {
        return RawHttp.get(server.address(), "/topics", fields).status();
    }

    private String makeKey(TopicStreamServer on) throws IOException, InterruptedException {
        Path token = runDirectory.resolve(on.address().getPort() + ".token");
        HttpResponse<String> made = HTTP.send(
                HttpRequest.newBuilder(URI.create(TestServers.uri(on) + "/admin/keys"))
                        .header(
                                "Authorization",
                                "Bearer " + Files.readString(token).strip())
                        .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"ada\"}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return made.body();
    }

    @Test
    void theFirstKeyEndsTheTimeOfGuestsAndSaysSo() throws Exception {
        assertThat(statusFor()).isEqualTo(200);

        String first = makeKey(server);
        String second = makeKey(server);

        assertThat(first).contains("\"guests_ended\":true");
        assertThat(second).doesNotContain("guests_ended");
        RawHttp refused = RawHttp.get(server.address(), "/topics");
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.text()).contains("access.anonymous");
        assertThat(TestClient.to(TestServers.uri(server), "/v1").refusedWith()).isEqualTo(401);
        String key = first.replaceAll(".*\"key\":\"(ts_[0-9A-Za-z]+)\".*", "$1");
        assertThat(statusFor("x-api-key: " + key)).isEqualTo(200);
        assertThat(RawHttp.get(server.address(), "/health").status()).isEqualTo(200);
        assertThat(RawHttp.get(server.address(), "/metrics").status()).isEqualTo(200);
    }

    @Test
    void whoIsAGuestAlreadyStaysUntilItGoes() throws Exception {
        try (TestClient guest = TestClient.connect(TestServers.uri(server))) {
            makeKey(server);

            guest.send("{\"action\":\"publish\",\"id\":1,\"topic\":\"t\",\"message\":1}");

            assertThat(guest.next()).contains("\"type\":\"reply\"");
        }
    }

    @Test
    void aKeyMadeOnOneNodeEndsItOnAll() throws Exception {
        try (TopicStreamServer other = serve()) {
            assertThat(statusFor()).isEqualTo(200);

            makeKey(other);

            await().atMost(Duration.ofSeconds(10)).until(() -> statusFor() == 401);
        }
    }

    @Test
    void aServerThatStartsWithKeysHasNoGuests() throws Exception {
        makeKey(server);

        try (TopicStreamServer later = serve();
                TopicStreamServer open = serve("access.anonymous", "on")) {
            assertThat(RawHttp.get(later.address(), "/topics").status()).isEqualTo(401);
            assertThat(RawHttp.get(open.address(), "/topics").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-For: 203.0.113.9",
                "X-Forwarded-For: 127.0.0.1",
                "Forwarded: for=127.0.0.1",
                "X-Real-IP: 127.0.0.1",
                "X-Forwarded-Proto: https",
                "Via: 1.1 proxy"
            })
    void whoeverComesThroughAProxyOnThisMachineIsNotOnIt(String field) {
        RawHttp refused = RawHttp.get(server.address(), "/topics", field);

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.text()).contains("proxy").contains("access.anonymous");
        assertThat(RawHttp.get(server.address(), "/metrics", field).status()).isEqualTo(401);
        assertThat(RawHttp.get(
                                server.address(),
                                "/v1",
                                field,
                                "Upgrade: websocket",
                                "Connection: Upgrade",
                                "Sec-WebSocket-Version: 13",
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void aProxyThatWasToldNothingIsNoGuest() {
        String asNginxDoes = "GET %s HTTP/1.0\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n\r\n";

        assertThat(RawHttp.send(server.address(), asNginxDoes.formatted("/topics"))
                        .status())
                .isEqualTo(401);
        assertThat(RawHttp.send(server.address(), asNginxDoes.formatted("/metrics"))
                        .status())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "server.trusted_proxies, 10.0.0.1, 401",
        "server.allowed_hosts, chat.example.com, 401",
        "server.allowed_hosts, localhost, 200",
        "'access.tokens', '[{token: a-real-token, user: a}]', 401",
        "'access.tokens', '[{token: the-token-of-carol, user: carol}]', 200"
    })
    void aConfigurationThatExpectsOthersHasNoGuests(String setting, String value, int status) {
        try (TopicStreamServer configured = serve(setting, value)) {
            assertThat(RawHttp.get(configured.address(), "/topics").status()).isEqualTo(status);
        }
    }
}
