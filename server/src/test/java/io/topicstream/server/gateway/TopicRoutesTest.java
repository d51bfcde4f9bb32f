package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.transport.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// APIs that mix routes to TopicStream with other back ends, on a whole server: one socket, one back end over HTTP,
/// which
/// also plays the functions.
class TopicRoutesTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String SUBSCRIBE = "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"orders\"}";

    @TempDir
    private Path directory;

    private HttpServer backEnd;
    private TopicStreamServer server;
    private final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    /// What the function `auth` says.
    private volatile String authorizer = "";

    @BeforeEach
    void start() throws IOException {
        backEnd = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        backEnd.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        backEnd.createContext("/", this::answer);
        backEnd.start();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
        backEnd.stop(0);
    }

    private String url() {
        return "http://127.0.0.1:" + backEnd.getAddress().getPort();
    }

    /// Invocations of the function `auth` are answered as the test says; all else with what came.
    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        boolean isFunction = exchange.getRequestURI().getPath().endsWith("/invocations");
        if (!isFunction) {
            heard.add(exchange.getRequestHeaders().getFirst("EventType") + " " + body);
        }
        byte[] answer = (isFunction ? authorizer : "answered: " + body).getBytes(UTF_8);
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    /// Starts a server with the API under `/live2`.
    private void serve(String definition, String... settings) throws Exception {
        Path file = directory.resolve("api.yaml");
        Files.writeString(file, "stage: live2\n" + definition);
        List<String> all = new ArrayList<>(List.of(
                "server.run_dir",
                directory.resolve("run").toString(),
                "gateway.definition",
                file.toString(),
                "gateway.lambda_endpoint",
                url()));
        all.addAll(List.of(settings));
        server = TopicStreamServer.start(TestServers.config(all.toArray(String[]::new)));
    }

    private int port() {
        return server.address().getPort();
    }

    private GatewaySocket open(String... fields) throws IOException {
        return GatewaySocket.open(port(), "/live2", fields);
    }

    /// The next text that has this in it; what comes before must not.
    private static String await(GatewaySocket client, String part) throws IOException {
        while (true) {
            RawClient.Frame frame = client.next();
            if (frame.opcode() == 8) {
                throw new AssertionError("closed: " + frame.closing());
            }
            if (frame.text().contains(part)) {
                return frame.text();
            }
        }
    }

    private static String closing(GatewaySocket client) throws IOException {
        RawClient.Frame frame = client.next();
        while (frame.opcode() != 8) {
            frame = client.next();
        }
        return frame.closing();
    }

    private void produce(String topic, String payload) throws Exception {
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/topics/" + topic + "/produce"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"payload\":" + payload + "}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static String member(String json, String name) {
        int at = json.indexOf("\"" + name + "\":\"") + name.length() + 4;
        return json.substring(at, json.indexOf('"', at));
    }

    private static final String MIXED = """
        routes:
          $connect: {type: topicstream}
          $disconnect: {type: topicstream}
          $default: {type: topicstream}
          say: {url: "%s/say", two_way: true}
          time: {mock: noon}
          shout:
            type: topicstream
            template: '{"action":"publish","id":9,"topic":"orders","message":$input.json("$.what")}'
        """;

    @Test
    void oneSocketHasItsOwnBackEndsAndTopics() throws Exception {
        serve(MIXED.formatted(url()));

        try (GatewaySocket client = open();
                GatewaySocket other = GatewaySocket.open(port(), "/v1")) {
            assertThat(client.next().text()).contains("\"type\":\"welcome\"");
            assertThat(client.text(SUBSCRIBE).next().text()).contains("\"recovered\":true", "\"id\":1");
            assertThat(client.text("{\"action\":\"time\"}").next().text()).isEqualTo("noon");
            assertThat(client.text("{\"action\":\"say\"}").next().text()).isEqualTo("answered: {\"action\":\"say\"}");
            assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("MESSAGE {\"action\":\"say\"}");

            other.text("{\"action\":\"publish\",\"id\":1,\"topic\":\"orders\",\"message\":\"native\"}");
            assertThat(await(client, "native")).contains("\"offset\":1");
            produce("orders", "\"http\"");
            assertThat(client.next().text()).contains("\"offset\":2", "http");
            client.text("{\"action\":\"shout\",\"what\":\"HEY\"}");
            assertThat(await(client, "\"id\":9")).contains("\"offset\":3");
            assertThat(client.next().text()).contains("\"offset\":3", "HEY");
            assertThat(client.hears(200)).isFalse();
        }
    }

    @Test
    void deliveriesComeInOrderAndOnceBesidePosts() throws Exception {
        serve(MIXED.formatted(url()));

        try (GatewaySocket client = open();
                GatewaySocket caller = new GatewaySocket(port())) {
            String id = member(client.next().text(), "connection_id");
            assertThat(client.text(SUBSCRIBE).next().text()).contains("\"recovered\":true");
            for (int i = 1; i <= 200; i++) {
                produce("orders", String.valueOf(i));
                if (i % 20 == 0) {
                    assertThat(caller.request("POST", "/live2/@connections/" + id, ("post " + i).getBytes(UTF_8))
                                    .answer()
                                    .status())
                            .isEqualTo(200);
                }
            }
            List<String> posts = new ArrayList<>();
            int due = 1;
            while (due <= 200 || posts.size() < 10) {
                String text = client.next().text();
                if (text.startsWith("post")) {
                    posts.add(text);
                } else {
                    assertThat(text).contains("\"offset\":" + due + ",");
                    due++;
                }
            }
            assertThat(posts).hasSize(10).isSortedAccordingTo((a, b) -> Integer.compare(a.length(), b.length()));
            assertThat(client.hears(200)).isFalse();
        }
    }

    @Test
    void whoConnectsByAnotherBackEndIsGreetedWithItsFirstFrame() throws Exception {
        serve("""
            routes:
              $connect: %s/connect
              $default: {type: topicstream}
            """.formatted(url()));

        try (GatewaySocket client = open()) {
            assertThat(heard.poll(20, TimeUnit.SECONDS)).startsWith("CONNECT");
            assertThat(client.hears(200)).isFalse();
            client.text(SUBSCRIBE).text("{\"action\":\"publish\",\"id\":2,\"topic\":\"orders\",\"message\":7}");

            assertThat(client.next().text()).contains("\"type\":\"welcome\"", "\"user\":null");
            assertThat(client.next().text()).contains("\"recovered\":true");
            assertThat(client.next().text()).contains("\"id\":2", "\"offset\":1");
            assertThat(client.next().text()).contains("\"message\":7");
        }
    }

    @Test
    void whoIsNobodyIsRefusedWhereGuestsAre() throws Exception {
        serve(MIXED.formatted(url()), "access.anonymous", "off");

        try (GatewaySocket client = new GatewaySocket(port())) {
            RawClient.Answer answer = client.upgrade("/live2").answer();
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.text()).contains("\"error\":\"unauthenticated\"");
        }
        server.close();
        serve("routes: {$default: {type: topicstream}}", "access.anonymous", "off");
        try (GatewaySocket client = open()) {
            for (int i = 0; i < 2; i++) {
                assertThat(client.text(SUBSCRIBE).next().text())
                        .contains("\"type\":\"error\"", "\"code\":\"unauthenticated\"");
            }
        }
    }

    @Test
    void pagesOfOthersAreNoGuests() throws Exception {
        serve(MIXED.formatted(url()));

        try (GatewaySocket client = new GatewaySocket(port())) {
            assertThat(client.upgrade("/live2", "Origin: https://evil.example")
                            .answer()
                            .status())
                    .isEqualTo(403);
        }
        server.close();
        serve("routes: {$default: {type: topicstream}}");
        try (GatewaySocket client = open("Origin: https://evil.example")) {
            assertThat(client.text(SUBSCRIBE).next().text()).contains("\"code\":\"forbidden\"");
        }
    }

    @Test
    void theAuthorizersCallerHasItsGrants() throws Exception {
        serve("authorizer: auth\n" + MIXED.formatted(url()));
        authorizer = """
            {"principalId":"ann","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke",
            "Effect":"Allow","Resource":"*"}]},"context":{"topicstreamGrants":"orders=subscribe,read news*=publish"}}\
            """;

        try (GatewaySocket client = open()) {
            assertThat(client.next().text()).contains("\"user\":\"ann\"");
            assertThat(client.text(SUBSCRIBE).next().text()).contains("\"recovered\":true");
            assertThat(client.text("{\"action\":\"publish\",\"id\":2,\"topic\":\"orders\",\"message\":1}")
                            .next()
                            .text())
                    .contains("\"code\":\"forbidden\"", "\"id\":2");
            assertThat(client.text("{\"action\":\"subscribe\",\"id\":3,\"topic\":\"other\"}")
                            .next()
                            .text())
                    .contains("\"code\":\"forbidden\"", "\"id\":3");
            assertThat(client.text("{\"action\":\"publish\",\"id\":4,\"topic\":\"news.a\",\"message\":1}")
                            .next()
                            .text())
                    .contains("\"offset\":1", "\"id\":4");
        }
        authorizer = authorizer.replace("orders=subscribe,read", "orders=dance");
        try (GatewaySocket client = new GatewaySocket(port())) {
            assertThat(client.upgrade("/live2").answer().status()).isEqualTo(500);
        }
        authorizer = authorizer.replace("Allow", "Deny");
        try (GatewaySocket client = new GatewaySocket(port())) {
            assertThat(client.upgrade("/live2").answer().status()).isEqualTo(403);
        }
    }

    @Test
    void theAuthorizersCallerCanBeBlockedAndNobodyElseIs() throws Exception {
        serve("authorizer: auth\n" + MIXED.formatted(url()));
        authorizer = """
            {"principalId":"ann","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke",
            "Effect":"Allow","Resource":"*"}]}}\
            """;

        try (GatewaySocket client = open()) {
            await(client, "\"user\":\"ann\"");

            assertThat(block("ann")).isEqualTo(200);

            assertThat(closing(client)).startsWith("4003").contains("this user is blocked");
        }
        try (GatewaySocket client = new GatewaySocket(port())) {
            assertThat(client.upgrade("/live2").answer().status()).isEqualTo(403);
        }
        authorizer = authorizer.replace("ann", "bob");
        try (GatewaySocket client = open()) {
            await(client, "\"user\":\"bob\"");
        }
    }

    @Test
    void aKeyThatIsRevokedEndsItsConnectionsAndOpensNoneWhenThatIsAnswered() throws Exception {
        serve(MIXED.formatted(url()));
        String made = administer("POST", "/admin/keys", "{\"name\":\"bob\"}").body();
        String key = "x-api-key: " + member(made, "key");
        String other = "x-api-key: "
                + member(administer("POST", "/admin/keys", "{\"name\":\"bob\"}").body(), "key");

        try (GatewaySocket client = open(key);
                GatewaySocket subscribed = open(key);
                GatewaySocket stays = open(other)) {
            await(client, "\"user\":\"bob\"");
            await(subscribed, "\"user\":\"bob\"");
            await(stays, "\"user\":\"bob\"");
            assertThat(subscribed.text(SUBSCRIBE).next().text()).contains("\"recovered\":true");

            assertThat(administer("DELETE", "/admin/keys/bob?id=" + member(made, "id"), "")
                            .statusCode())
                    .isEqualTo(200);

            try (GatewaySocket late = new GatewaySocket(port())) {
                assertThat(late.upgrade("/live2", key).answer().status()).isEqualTo(401);
            }
            assertThat(closing(client)).startsWith("4001").contains("the credentials were revoked");
            assertThat(closing(subscribed)).startsWith("4001");
            assertThat(stays.text(SUBSCRIBE).next().text()).contains("\"recovered\":true");
        }
    }

    private int block(String user) throws Exception {
        return administer("PUT", "/admin/users/" + user + "/block", "").statusCode();
    }

    private HttpResponse<String> administer(String method, String path, String body) throws Exception {
        String token = Files.readString(directory.resolve("run").resolve(port() + ".token"))
                .strip();
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void theCallerOfAnApiKeyIsThatKeys() throws Exception {
        serve("api_keys: {shop: 0123456789abcdefghij}\n" + MIXED.formatted(url()));

        String user;
        try (GatewaySocket client = open("x-api-key: 0123456789abcdefghij")) {
            user = member(client.next().text(), "user");
            assertThat(user).isNotEmpty().doesNotContain("0123456789");
        }
        try (GatewaySocket client = open("x-api-key: 0123456789abcdefghij")) {
            assertThat(member(client.next().text(), "user")).isEqualTo(user);
        }
    }

    @Test
    void itsEndIsTheEndOfItsPresence() throws Exception {
        serve(MIXED.formatted(url()));

        try (GatewaySocket witness = GatewaySocket.open(port(), "/v1?user=wit");
                GatewaySocket caller = new GatewaySocket(port())) {
            await(witness, "welcome");
            witness.text("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"desk\",\"presence\":true}");
            await(witness, "\"recovered\":true");
            GatewaySocket client = GatewaySocket.open(port(), "/live2?user=ann");
            String id = member(await(client, "welcome"), "connection_id");
            client.text("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"desk\",\"presence\":true}");
            await(client, "\"recovered\":true");
            assertThat(await(witness, "guest.ann")).contains("\"type\":\"presence\"", "\"join\"");

            assertThat(caller.request("DELETE", "/live2/@connections/" + id, new byte[0])
                            .answer()
                            .status())
                    .isEqualTo(204);
            assertThat(closing(client)).startsWith("1000");
            assertThat(await(witness, "guest.ann")).contains("\"type\":\"presence\"", "\"leave\"");
            assertThat(caller.request("POST", "/live2/@connections/" + id, new byte[] {'x'})
                            .answer()
                            .status())
                    .isEqualTo(410);
            client.close();
        }
    }

    @Test
    void aWrongKeyOfTheServersIsRefusedInTheHandshake() throws Exception {
        serve(MIXED.formatted(url()));
        // Who the server's own key is, for an API that asks for nothing.
        try (GatewaySocket client = new GatewaySocket(port())) {
            assertThat(client.upgrade("/live2", "x-api-key: tsk_wrong").answer().status())
                    .isEqualTo(401);
        }
    }

    @Test
    void framesBeyondTheLimitsAreRefused() throws Exception {
        serve(MIXED.formatted(url()));
        String most = "x".repeat(32 * 1024 - SUBSCRIBE.length());

        try (GatewaySocket client = open()) {
            await(client, "welcome");
            client.text(SUBSCRIBE + " ".repeat(most.length()));
            await(client, "\"recovered\":true");
            client.text(SUBSCRIBE + " ".repeat(most.length() + 1));
            assertThat(closing(client)).startsWith("1009");
        }
        try (GatewaySocket client = open()) {
            await(client, "welcome");
            // The mapped frame is longer than the message.
            client.frame(0x01, ("{\"action\":\"shout\",\"what\":\"" + "\\u00e9".repeat(5_000)).getBytes(UTF_8));
            client.frame(0x80, "\"}".getBytes(UTF_8));
            assertThat(client.next().text()).contains("\"id\":9");
            client.text("not json");
            assertThat(await(client, "\"code\":\"bad_frame\"")).contains("\"type\":\"error\"");
            assertThat(client.text(SUBSCRIBE).next().text()).contains("\"recovered\":true");
        }
    }
}
