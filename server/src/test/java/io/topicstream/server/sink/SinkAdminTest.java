package io.topicstream.server.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.events.Receiver;
import io.topicstream.events.SinkRecord;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.admin.AdminToken;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sinks that an administrator makes at run time, and what he may read of them, over the whole server.
class SinkAdminTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String ADMIN = "a-token-of-an-admin";
    private static final String USER = "a-token-of-a-user";

    @TempDir
    private Path runDirectory;

    private final HttpClient client = HttpClient.newHttpClient();
    private Receiver receiver;
    private TopicStreamServer server;

    @BeforeEach
    void start() throws Exception {
        receiver = new Receiver();
        server = TopicStreamServer.start(TestServers.config(
                "server.run_dir",
                runDirectory.toString(),
                "access.tokens",
                "[{token: " + ADMIN
                        + ", user: root, grants: [{topics: '*', allow: [read, subscribe, admin]}]}, {token: " + USER
                        + ", user: ann}]"));
    }

    @AfterEach
    void stop() {
        server.close();
        receiver.close();
        client.close();
    }

    private HttpResponse<String> ask(String method, String path, String body, String authorization) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(TestServers.uri(server) + path))
                .header("content-type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!authorization.isEmpty()) {
            request.header("authorization", "Bearer " + authorization);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> admin(String method, String path, String body) throws Exception {
        String token = AdminToken.read(List.of(runDirectory), server.address().getPort());
        return ask(method, path, body, token);
    }

    private void publish(String topic, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            HttpResponse<String> answer = ask("POST", "/topics/" + topic + "/produce", "{\"payload\":" + i + "}", USER);
            assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        }
    }

    private String sink(String rest) {
        return "{\"url\":\"" + receiver.url() + "\"," + rest + "}";
    }

    private HttpResponse<String> put(String rest) throws Exception {
        return admin("PUT", "/admin/sinks/hook", sink(rest));
    }

    private void awaitTaken(String topic, long last) {
        await().atMost(PATIENCE).until(() -> receiver.taken(topic).contains(last));
    }

    @Test
    void aSinkIsMadeShownChangedAndDeleted() throws Exception {
        HttpResponse<String> made = put("\"topics\":[\"orders\"],\"headers\":{\"x-key\":\"hush\"}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        assertThat(made.body()).matches("\\{\"name\":\"hook\",\"secret\":\"whsec_[A-Za-z0-9+/]{43}=\"}");
        String secret =
                made.body().substring(made.body().indexOf("whsec_"), made.body().length() - 2);
        publish("orders", 3);
        awaitTaken("orders", 3);

        HttpResponse<String> changed = put("\"topics\":[\"orders\",\"more\"]");
        assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
        assertThat(changed.body()).isEqualTo("{\"name\":\"hook\"}");
        publish("orders", 1);
        publish("more", 1);
        awaitTaken("orders", 4);
        awaitTaken("more", 1);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(admin("GET", "/admin/sinks/hook", "").body())
                                .contains("\"topic\":\"orders\"")
                                .contains("\"next_offset\":5,\"lag\":0")
                                .contains("\"is_full\":false"));
        String shown = admin("GET", "/admin/sinks", "").body();
        assertThat(shown)
                .startsWith("{\"sinks\":[{\"name\":\"hook\",\"configured\":false,\"created_at\":")
                .contains("\"topics\":[\"orders\",\"more\"]")
                .contains("\"status\":{\"topics\":2")
                .doesNotContain(secret)
                .doesNotContain("hush")
                .doesNotContain("cursors");

        assertThat(admin("DELETE", "/admin/sinks/hook", "").statusCode()).isEqualTo(200);
        assertThat(admin("GET", "/admin/sinks/hook", "").statusCode()).isEqualTo(404);
        assertThat(admin("DELETE", "/admin/sinks/hook", "").statusCode()).isEqualTo(404);
        assertThat(admin("GET", "/admin/sinks", "").body()).isEqualTo("{\"sinks\":[]}");
        assertThat(receiver.posts().stream().filter(post -> post.topic().equals("orders")))
                .hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void whatIsWrongWithASinkIsSaid() throws Exception {
        assertThat(put("\"topics\":[\"a\"],\"rules\":[{\"data\":\"text\"}]").body())
                .contains("the rule {\\\"data\\\":\\\"text\\\"} is none");
        assertThat(put("\"topics\":[\"a\"],\"rule\":[]").body()).contains("a sink has no \\\"rule\\\"");
        assertThat(put("\"rules\":[]").body()).contains("a sink has topics, or says what else it wants");
        assertThat(put("\"topics\":[\"sys:node:1\"]").body()).contains("the topics of the system are no sink's");
        assertThat(put("\"topics\":[\"a\"],\"headers\":{\"webhook-id\":\"1\"}").body())
                .contains("webhook-id is not one");
        assertThat(put("\"topics\":[\"a\"],\"headers\":{\"x\":\"a\\r\\nb: c\"}").statusCode())
                .isEqualTo(400);
        assertThat(put("\"topics\":[\"a\"],\"secret\":\"whsec_c2hvcnQ=\"").body())
                .contains("a secret (hidden) is none");
        for (String url : List.of(
                "file:///etc/passwd",
                "gopher://127.0.0.1/",
                "http://user@127.0.0.1/",
                "http:///",
                "http://10.0.0.1/",
                "http://169.254.169.254/latest",
                "http://[fd00::1]/",
                "http://192.168.1.1:8080/")) {
            HttpResponse<String> answer =
                    admin("PUT", "/admin/sinks/hook", "{\"url\":\"" + url + "\",\"topics\":[\"a\"]}");
            assertThat(answer.statusCode()).as(url + ": " + answer.body()).isEqualTo(400);
        }
        assertThat(admin("PUT", "/admin/sinks/-hook", sink("\"topics\":[\"a\"]"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(ask("PUT", "/admin/sinks/hook", sink("\"topics\":[\"a\"]"), ADMIN)
                        .statusCode())
                .isBetween(401, 403);
        assertThat(admin("GET", "/admin/sinks", "").body()).isEqualTo("{\"sinks\":[]}");
    }

    @Test
    void aReplayPostsTheSameEventsAgain() throws Exception {
        put("\"topics\":[\"t*\"]");
        publish("t1", 5);
        publish("t2", 2);
        awaitTaken("t1", 5);
        awaitTaken("t2", 2);

        HttpResponse<String> moved = admin("POST", "/admin/sinks/hook/replay", "{\"topic\":\"t1\",\"from\":4}");
        assertThat(moved.body()).isEqualTo("{\"name\":\"hook\",\"moved\":1}");
        await().atMost(PATIENCE).until(() -> receiver.posts().size() >= 9);
        assertThat(receiver.posts().subList(7, 9))
                .extracting(Receiver.Post::offset)
                .containsExactly(4L, 5L);
        assertThat(receiver.posts().subList(7, 9))
                .allMatch(post -> post.repeat().equals("possible"));
        assertThat(receiver.posts().stream().map(Receiver.Post::id).distinct()).hasSize(7);

        assertThat(admin("POST", "/admin/sinks/hook/replay", "{\"from\":\"first\"}")
                        .statusCode())
                .isEqualTo(200);
        await().atMost(PATIENCE).until(() -> receiver.posts().size() >= 16);
        assertThat(receiver.posts().stream().map(Receiver.Post::id).distinct()).hasSize(7);
        assertThat(admin("POST", "/admin/sinks/hook/replay", "{\"from\":3}").statusCode())
                .isEqualTo(400);
        assertThat(admin("POST", "/admin/sinks/hook/replay", "{\"topic\":\"other\",\"from\":\"first\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(admin("POST", "/admin/sinks/nobody/replay", "{\"from\":\"first\"}")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void aReceiverThatIsGoneDisablesTheSinkAndAReplayEnablesIt() throws Exception {
        receiver.answer(_ -> 410);
        put("\"topics\":[\"orders\"]");
        publish("orders", 2);

        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(admin("GET", "/admin/sinks/hook", "").body())
                                .contains("\"disabled\":\"its receiver answered 410"));
        receiver.answer(_ -> 200);
        assertThat(admin("POST", "/admin/sinks/hook/replay", "{\"topic\":\"orders\",\"from\":\"first\"}")
                        .statusCode())
                .isEqualTo(200);
        awaitTaken("orders", 2);

        assertThat(receiver.taken("orders")).containsExactly(1L, 2L);
    }

    @Test
    void whatIsNotTakenGoesToTheDeadLettersForAdministrators() throws Exception {
        receiver.answer(post -> post.offset() == 2 ? 500 : 200);
        put("\"topics\":[\"orders\"],\"attempts\":2");
        publish("orders", 3);
        awaitTaken("orders", 3);

        HttpResponse<String> dead = ask("GET", "/topics/sys:dead.hook/consume?offset=1", "", ADMIN);
        assertThat(receiver.taken("orders")).containsExactly(1L, 3L);
        assertThat(dead.statusCode()).as(dead.body()).isEqualTo(200);
        assertThat(dead.body()).contains("io.topicstream.message.published").contains("\"offset\":2");
        assertThat(ask("GET", "/topics/sys:dead.hook/consume?offset=1", "", USER)
                        .statusCode())
                .isEqualTo(403);
        assertThat(ask("GET", "/topics/sys:dead.hook/consume?offset=1", "", "").statusCode())
                .isEqualTo(403);
        assertThat(ask("POST", "/topics/sys:dead.hook/produce", "{\"payload\":1}", ADMIN)
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void theDeadLettersOfAnErasedUserAreTakenBackToo() throws Exception {
        receiver.answer(_ -> 500);
        put("\"topics\":[\"orders\"],\"attempts\":1");
        publish("orders", 1);
        String letters = "/topics/sys:dead.hook/consume?offset=1";
        await().atMost(PATIENCE)
                .until(() -> ask("GET", letters, "", ADMIN).body().contains("\"offset\":1,"));
        assertThat(ask("GET", letters, "", ADMIN).body()).contains("io.topicstream.message.published");

        assertThat(admin("DELETE", "/admin/users/ann", "").statusCode()).isBetween(200, 299);

        await().atMost(PATIENCE)
                .until(() -> admin("GET", "/admin/users/ann/erasure", "").body().contains("\"state\":\"done\""));
        assertThat(ask("GET", letters, "", ADMIN).body())
                .contains("\"payload\":null")
                .doesNotContain("io.topicstream.message.published");
    }

    @Test
    void theDeadLetterOfAMessageThatIsTakenBackIsTakenBackToo() throws Exception {
        receiver.answer(_ -> 500);
        put("\"topics\":[\"orders\"],\"attempts\":1");
        publish("orders", 12);
        String letters = "/topics/sys:dead.hook/consume?offset=1&limit=100";
        await().atMost(PATIENCE)
                .until(() -> ask("GET", letters, "", ADMIN).body().contains("\"offset\":12,"));

        assertThat(ask("DELETE", "/topics/orders/messages/2", "", ADMIN).statusCode())
                .isBetween(200, 299);

        await().atMost(PATIENCE)
                .until(() -> ask("GET", letters, "", ADMIN).body().contains("\"payload\":null"));
        String page = ask("GET", letters, "", ADMIN).body();
        assertThat(page.split("io.topicstream.message.published", -1)).hasSize(12);
        assertThat(page.split("\"payload\":null", -1)).hasSize(2);
    }

    @Test
    void connectionsAndPresenceAreEvents() throws Exception {
        put("\"also\":[\"connections\",\"presence\"]");
        try (TestClient ann = TestClient.to(TestServers.uri(server), "/v1")
                .header("authorization", "Bearer " + USER)
                .open()) {
            ann.send("{\"id\":\"r\",\"action\":\"subscribe\",\"topic\":\"room:lobby\"}");
            ann.await("\"id\":\"r\"");
            ann.send("{\"id\":\"s\",\"action\":\"unsubscribe\",\"topic\":\"room:lobby\"}");
            ann.await("\"id\":\"s\"");
        }
        await().atMost(PATIENCE).until(() -> receiver.posts().size() >= 4);

        List<String> connections = bodies("io.topicstream.connection.");
        List<String> presence = bodies("io.topicstream.presence.");
        assertThat(connections).hasSize(2);
        assertThat(connections.getFirst())
                .contains("\"type\":\"io.topicstream.connection.opened\"")
                .contains("\"source\":\"/connections\"")
                .contains("\"user\":\"ann\"")
                .doesNotContain("address");
        assertThat(connections.getLast())
                .contains("\"type\":\"io.topicstream.connection.closed\"")
                .contains("\"code\":1000");
        assertThat(presence).hasSize(2);
        assertThat(presence.getFirst())
                .contains("\"type\":\"io.topicstream.presence.joined\",\"subject\":\"ann\"")
                .contains("\"data\":{\"topic\":\"room:lobby\",\"user\":\"ann\"}");
        assertThat(presence.getLast()).contains("\"type\":\"io.topicstream.presence.left\"");
        HttpResponse<String> log = ask("GET", "/topics/sys:events.connections/consume?offset=1", "", ADMIN);
        assertThat(log.body()).contains("io.topicstream.connection.opened");
        assertThat(ask("GET", "/topics/sys:events.connections/consume?offset=1", "", USER)
                        .statusCode())
                .isEqualTo(403);
    }

    private List<String> bodies(String type) {
        return receiver.posts().stream()
                .map(Receiver.Post::body)
                .filter(body -> body.contains("\"type\":\"" + type))
                .toList();
    }

    @Test
    void thereAreAtMostAHundredSinks() throws Exception {
        for (int i = 0; i < SinkRecord.MOST; i++) {
            assertThat(admin("PUT", "/admin/sinks/hook" + i, sink("\"topics\":[\"none\"]"))
                            .statusCode())
                    .isEqualTo(201);
        }

        HttpResponse<String> refused = admin("PUT", "/admin/sinks/more", sink("\"topics\":[\"none\"]"));
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("at most 100 sinks").contains("limit_exceeded");
        assertThat(admin("PUT", "/admin/sinks/hook7", sink("\"topics\":[\"none\"]"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(admin("GET", "/admin/sinks", "").body())
                .contains("\"hook0\"")
                .contains("\"hook99\"");
        assertThat(admin("DELETE", "/admin/sinks/hook7", "").statusCode()).isEqualTo(200);
        assertThat(admin("PUT", "/admin/sinks/more", sink("\"topics\":[\"none\"]"))
                        .statusCode())
                .isEqualTo(201);
    }

    @Test
    void withoutASinkThatWantsThemNothingIsWrittenDown() throws Exception {
        put("\"topics\":[\"orders\"]");
        TestClient.connect(TestServers.uri(server)).close();
        publish("orders", 1);
        awaitTaken("orders", 1);

        HttpResponse<String> log = ask("GET", "/topics/sys:events.connections/consume?offset=1", "", ADMIN);
        assertThat(log.headers().firstValue("Topic-Next-Offset")).hasValue("1");
    }
}
