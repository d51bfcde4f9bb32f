package io.topicstream.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.Engine;
import io.topicstream.server.Metrics;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.admin.AdminToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/// What an administrator is answered is in force at the server that answered: for the next request,
/// without a wait.
class AdministeredAtOnceTest {
    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private TopicStreamServer server;
    private URI uri;

    @BeforeEach
    void start() {
        server = TestServers.start(
                Engine.inMemory(InstantSource.system()),
                TestServers.config("server.run_dir", directory.toString(), "access.anonymous", "auto"));
        uri = TestServers.uri(server);
    }

    @AfterEach
    void stop() {
        server.close();
        http.close();
    }

    private HttpResponse<String> call(String method, String path, String field, String value, String body)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(uri.resolve(path))
                        .header("Content-Type", "application/json")
                        .header(field, value)
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private String administer(String method, String path, String body) throws Exception {
        HttpResponse<String> answer = call(
                method, path, "Authorization", "Bearer " + AdminToken.read(List.of(directory), uri.getPort()), body);
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
        return answer.body();
    }

    private static String text(String json, String member) {
        int at = json.indexOf("\"" + member + "\":\"") + member.length() + 4;
        return json.substring(at, json.indexOf('"', at));
    }

    private int produced(String key) throws Exception {
        return call("POST", "/topics/t/produce", "x-api-key", key, "{\"payload\":1}")
                .statusCode();
    }

    private TestClient bearing(String key) {
        TestClient client = TestClient.to(uri, "/v1").header("x-api-key", key).open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    private int refused(String key) {
        return TestClient.to(uri, "/v1").header("x-api-key", key).refusedWith();
    }

    @RepeatedTest(5)
    void keysAndBlocks() throws Exception {
        String made = administer("POST", "/admin/keys", "{\"name\":\"eve\"}");
        assertThat(made).contains("\"guests_ended\":true");
        assertThat(call("GET", "/topics", "Accept", "*/*", "").statusCode())
                .as("the first key ends the time of guests")
                .isEqualTo(401);
        String key = text(made, "key");
        assertThat(produced(key)).isEqualTo(200);
        TestClient eve = bearing(key);

        administer("PUT", "/admin/users/eve/block", "");

        assertThat(produced(key)).isEqualTo(403);
        assertThat(refused(key)).isEqualTo(403);
        assertThat(eve.awaitClose()).isEqualTo(4003);

        administer("DELETE", "/admin/users/eve/block", "");

        assertThat(produced(key)).isEqualTo(200);
        eve = bearing(key);

        administer("PUT", "/admin/users/eve/sign-out", "");

        assertThat(eve.awaitClose()).isEqualTo(4001);
        eve = bearing(key);

        administer("DELETE", "/admin/keys/eve?id=" + text(made, "id"), "");

        assertThat(produced(key)).isEqualTo(401);
        assertThat(refused(key)).isEqualTo(401);
        assertThat(eve.awaitClose()).isEqualTo(4001);

        Metrics metrics = Metrics.of(uri);
        for (String cause : List.of("blocked", "signed_out", "revoked")) {
            assertThat(metrics.of("rights_ended_total{cause=\"" + cause + "\"}"))
                    .as(cause)
                    .isEqualTo(1);
        }
        assertThat(metrics.of("rights_ended_total{cause=\"expired\"}")).isZero();
    }
}
