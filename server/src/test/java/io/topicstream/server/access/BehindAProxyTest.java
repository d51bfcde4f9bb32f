package io.topicstream.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.Grant;
import io.topicstream.access.Permission;
import io.topicstream.server.Engine;
import io.topicstream.server.RawHttp;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.testkit.LogLines;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a server knows of its callers where all of them come from a proxy on its own machine.
class BehindAProxyTest {
    private static final String TOKEN = "a-right-token-of-ada";
    private static final String RIGHT = "Authorization: Bearer " + TOKEN;

    private Engine engine;
    private TopicStreamServer server;

    @BeforeEach
    void start() {
        engine = Engine.inMemory(InstantSource.system());
        server = serve("server.trusted_proxies", "127.0.0.1");
    }

    @AfterEach
    void stop() {
        server.close();
        engine.close().run();
    }

    private TopicStreamServer serve(String... settings) {
        List<String> all = new ArrayList<>(List.of(
                "access.anonymous",
                "auto",
                "access.tokens",
                "[{token: " + TOKEN + ", user: ada}]",
                "server.allowed_hosts",
                "chat.example.com",
                "access.wrong_credentials_per_minute",
                "10"));
        all.addAll(List.of(settings));
        return TestServers.start(engine.shared(), TestServers.config(all.toArray(String[]::new)));
    }

    private RawHttp get(String... fields) {
        return RawHttp.get(server.address(), "/topics", fields);
    }

    @Test
    void theWrongCredentialsOfOneLockNobodyElseOut() {
        for (int i = 0; i < 30; i++) {
            get("X-Forwarded-For: 198.51.100.7", "Authorization: Bearer wrong-" + i);
        }

        assertThat(get("X-Forwarded-For: 198.51.100.7", "Authorization: Bearer wrong")
                        .status())
                .isEqualTo(429);
        assertThat(get("X-Forwarded-For: 198.51.100.8", "Authorization: Bearer wrong")
                        .status())
                .isEqualTo(401);
        // Neither others nor whoever shares the address.
        assertThat(get("X-Forwarded-For: 198.51.100.8", RIGHT).status()).isEqualTo(200);
        assertThat(get("X-Forwarded-For: 198.51.100.7", RIGHT).status()).isEqualTo(200);
        TestClient.to(TestServers.uri(server), "/v1")
                .header("X-Forwarded-For", "198.51.100.7")
                .header("Authorization", "Bearer " + TOKEN)
                .open()
                .close();
    }

    @Test
    void whereNoProxyIsTrustedAllAreOneAndStillTheRightOnesComeIn() {
        try (TopicStreamServer trusting = serve()) {
            for (int i = 0; i < 30; i++) {
                RawHttp.get(
                        trusting.address(),
                        "/topics",
                        "X-Forwarded-For: 198.51.100." + i,
                        "Authorization: Bearer wrong-" + i);
            }

            assertThat(RawHttp.get(
                                    trusting.address(),
                                    "/topics",
                                    "X-Forwarded-For: 192.0.2.1",
                                    "Authorization: Bearer wrong")
                            .status())
                    .isEqualTo(429);
            assertThat(RawHttp.get(trusting.address(), "/topics", "X-Forwarded-For: 192.0.2.1", RIGHT)
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void theLogNamesTheClientAndNotTheProxyAndStaysShort() {
        try (LogLines log = new LogLines()) {
            for (int i = 0; i < 100; i++) {
                get("X-Forwarded-For: 203.0.113.66", "Authorization: Bearer s3cret-" + i);
            }

            assertThat(log.with("203.0.113.66")).hasSizeBetween(1, 2);
            assertThat(log.with("s3cret")).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        // The page's own site, by what the proxy says and by what it passes on.
        "X-Forwarded-Host: chat.example.com, Host: 127.0.0.1:8080, https://chat.example.com, 200",
        "Forwarded: for=192.0.2.1;host=chat.example.com;proto=https, Host: upstream, https://chat.example.com, 200",
        "X-Forwarded-For: 192.0.2.1, Host: chat.example.com, https://chat.example.com, 200",
        "X-Forwarded-Host: chat.example.com:8443, Host: upstream, https://chat.example.com:8443, 200",
        // Other sites, and hosts that are not listed.
        "X-Forwarded-Host: chat.example.com, Host: 127.0.0.1:8080, https://evil.example, 403",
        "X-Forwarded-Host: evil.example, Host: 127.0.0.1:8080, https://evil.example, 421",
        "X-Forwarded-For: 192.0.2.1, Host: upstream, https://chat.example.com, 421",
        "X-Forwarded-Host: a b, Host: 127.0.0.1:8080, https://chat.example.com, 400"
    })
    void aPageOfTheSiteItselfIsNoStranger(String forwarded, String host, String origin, int status) {
        try (TopicStreamServer open = serve(
                "server.trusted_proxies", "127.0.0.1", "access.anonymous", "on", "limits.http.header_count", "50")) {
            assertThat(RawHttp.get(open.address(), "/topics", forwarded, host, "Origin: " + origin)
                            .status())
                    .isEqualTo(status);
        }
    }

    @Test
    void whatIsRefusedNamesItsSettingAndIsLoggedOnce() {
        try (TopicStreamServer open = serve("server.trusted_proxies", "127.0.0.1", "access.anonymous", "on");
                LogLines log = new LogLines()) {
            for (int i = 0; i < 5; i++) {
                assertThat(RawHttp.get(open.address(), "/topics", "Host: unlisted.example")
                                .text())
                        .contains("server.allowed_hosts");
                assertThat(RawHttp.get(open.address(), "/topics", "Origin: https://page.example")
                                .text())
                        .contains("server.allowed_origins");
            }
            assertThat(log.with("'unlisted.example'"))
                    .singleElement()
                    .asString()
                    .contains("server.allowed_hosts");
            assertThat(log.with("'https://page.example'"))
                    .singleElement()
                    .asString()
                    .contains("server.allowed_origins")
                    .contains("'localhost'");

            for (int i = 0; i < 200; i++) {
                RawHttp.get(open.address(), "/topics", "Host: host-" + i + ".example");
            }
            assertThat(log.with("'host-")).hasSizeLessThan(60);
        }
    }

    private RawHttp metrics(String... fields) {
        List<String> all = new ArrayList<>(List.of("X-Forwarded-For: 198.51.100.7"));
        all.addAll(List.of(fields));
        return RawHttp.get(server.address(), "/metrics", all.toArray(String[]::new));
    }

    @Test
    void theFiguresAreForThoseFromAfarWhoArePermitted() {
        assertThat(metrics().status()).isEqualTo(401);
        assertThat(metrics().text()).contains("permission metrics").doesNotContain("topicstream_connections");
        assertThat(metrics("Authorization: Bearer wrong").status()).isEqualTo(401);
        assertThat(metrics(RIGHT).status()).as("what a token may by default").isEqualTo(403);
        assertThat(metrics(RIGHT).text()).contains("permission metrics").doesNotContain("topicstream_connections");
        assertThat(metrics("x-api-key: " + key("scraper", "*", Permission.METRICS), "Origin: https://chat.example.com")
                        .status())
                .as("a page")
                .isEqualTo(403);
        assertThat(metrics("x-api-key: " + key("part", "a.*", Permission.METRICS))
                        .status())
                .as("of some topics alone")
                .isEqualTo(403);

        for (Permission permission : List.of(Permission.METRICS, Permission.ADMIN)) {
            String key = key("collector", "*", permission);
            for (String shown : List.of("Authorization: Bearer " + key, "x-api-key: " + key)) {
                RawHttp answer = metrics(shown);
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.text()).contains("\ntopicstream_connections ");
            }
            assertThat(get("X-Forwarded-For: 198.51.100.7", "x-api-key: " + key).text())
                    .as("and nothing else")
                    .contains("{\"topics\":[]}");
        }
    }

    @Test
    void theFiguresAreNotForGuestsFromAfar() {
        try (TopicStreamServer open = serve("server.trusted_proxies", "127.0.0.1", "access.anonymous", "on")) {
            for (String from : List.of("198.51.100.7", "127.0.0.1")) {
                String field = "X-Forwarded-For: " + from;
                assertThat(RawHttp.get(open.address(), "/topics", field).status())
                        .isEqualTo(200);
                assertThat(RawHttp.get(open.address(), "/metrics", field).status())
                        .isEqualTo(401);
            }
            assertThat(RawHttp.get(open.address(), "/metrics").status())
                    .as("through no proxy")
                    .isEqualTo(200);
        }
    }

    private String key(String name, String topics, Permission permission) {
        return new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system())
                .create(name, List.of(new Grant(topics, EnumSet.of(permission))))
                .toCompletableFuture()
                .join()
                .secret();
    }

    @Test
    void aWebSocketIsCountedByItsClientAndTheProxyNever() {
        try (TopicStreamServer capped = serve(
                "server.trusted_proxies",
                "127.0.0.1",
                "access.anonymous",
                "on",
                "limits.connections.per_address",
                "2",
                "limits.connections.cap_loopback",
                "true")) {
            List<TestClient> open = new ArrayList<>();
            for (String client : List.of("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3")) {
                open.add(TestClient.to(TestServers.uri(capped), "/v1")
                        .header("X-Forwarded-For", client)
                        .open());
            }

            assertThat(TestClient.to(TestServers.uri(capped), "/v1")
                            .header("X-Forwarded-For", "192.0.2.1")
                            .refusedWith())
                    .isEqualTo(429);

            open.forEach(TestClient::close);
        }
    }
}
