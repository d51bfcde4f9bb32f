package io.topicstream.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.Engine;
import io.topicstream.server.JsonTexts;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The routes that reach one connection, on two servers that share an engine: from its own and from the other.
class AdminConnectionsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path runDirectory;

    private Engine engine;
    private List<TopicStreamServer> servers;
    private TestClient client;
    private String id;

    @BeforeEach
    void start() {
        String[] settings = {"server.run_dir", runDirectory.toString(), "event_loops", "3"};
        engine = Engine.inMemory(InstantSource.system());
        servers = List.of(
                TestServers.start(engine.shared(), TestServers.config(settings)),
                TestServers.start(engine.shared(), TestServers.config(settings)));
        client = TestClient.to(TestServers.uri(servers.get(1)), "/v1?user=ada").open();
        String welcome = client.await("\"type\":\"welcome\"");
        int at = welcome.indexOf("\"connection_id\":\"") + "\"connection_id\":\"".length();
        id = welcome.substring(at, welcome.indexOf('"', at));
    }

    @AfterEach
    void stop() {
        servers.forEach(TopicStreamServer::close);
        engine.close().run();
    }

    private HttpResponse<String> ask(int server, String method, String path, String body) throws Exception {
        URI base = TestServers.uri(servers.get(server));
        return HTTP.send(
                HttpRequest.newBuilder(base.resolve("/admin/connections/" + path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .header("Authorization", "Bearer " + token(base.getPort()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private String token(int port) throws IOException {
        return AdminToken.read(List.of(runDirectory), port);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aConnectionIsToldOf(int server) throws Exception {
        HttpResponse<String> told = ask(server, "GET", id, "");

        assertThat(told.statusCode()).isEqualTo(200);
        assertThat(told.body())
                .matches("\\{\"connection_id\":\"" + id + "\",\"user\":\"guest\\.ada\",\"address\":\"127\\.0\\.0\\.1\","
                        + "\"connected_at\":\\d{13},\"last_heard_at\":\\d{13}}");
        assertThat(JsonTexts.number(told.body(), "last_heard_at"))
                .isGreaterThanOrEqualTo(JsonTexts.number(told.body(), "connected_at"))
                .isLessThanOrEqualTo(System.currentTimeMillis());
        assertThat(told.headers().firstValue("Cache-Control")).contains("no-store");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whatIsSentToItArrivesAsItIs(int server) throws Exception {
        assertThat(ask(server, "POST", id, "{\"any\" : \"thing, ä\"}").body())
                .isEqualTo("{\"connection_id\":\"" + id + "\"}");

        assertThat(client.next()).isEqualTo("{\"any\" : \"thing, ä\"}");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void itIsEndedWithACodeAndAReason(int server) throws Exception {
        assertThat(ask(server, "DELETE", id + "?code=4242&reason=f%C3%BCr%20heute", "")
                        .statusCode())
                .isEqualTo(200);

        assertThat(client.awaitClose()).isEqualTo(4242);
        assertThat(client.closeReason()).isEqualTo("für heute");
        HttpResponse<String> again = ask(server, "DELETE", id, "");
        assertThat(again.statusCode()).isEqualTo(404);
        assertThat(again.body()).isEqualTo("{\"error\":\"this connection has ended\",\"code\":\"not_found\"}");
    }

    @Test
    void withoutACodeItIsEndedByPolicy() throws Exception {
        ask(0, "DELETE", id, "");

        assertThat(client.awaitClose()).isEqualTo(1008);
        assertThat(client.closeReason()).isEqualTo("closed by the administrator");
    }

    @Test
    void whatIsOnAServerThatHasStoppedIsGone() throws Exception {
        servers.get(1).close();

        assertThat(ask(0, "GET", id, "").statusCode()).isEqualTo(404);
        assertThat(ask(0, "GET", id, "").body()).contains("has ended");
    }

    @Test
    void anIdThatWasMadeUpIsUnknown() throws Exception {
        char last = id.charAt(9);
        String other = id.substring(0, 9) + (last == 'A' ? 'B' : 'A') + id.substring(10);
        for (String wrong : List.of(other, "nonsense")) {
            HttpResponse<String> told = ask(0, "GET", wrong, "");
            assertThat(told.statusCode()).as(wrong).isEqualTo(404);
            assertThat(told.body()).as(wrong).contains("this is no connection's id");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1005", "1006", "0", "-1", "5000", "x", "", "99999999999"})
    void aCodeThatNoServerMaySendIsRefused(String code) throws Exception {
        HttpResponse<String> refused = ask(0, "DELETE", id + "?code=" + code, "");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("'code' is 1000 to 1003, 1007 to 1014 or 3000 to 4999");
        assertThat(ask(0, "GET", id, "").statusCode()).isEqualTo(200);
    }

    @Test
    void aParameterThatIsMisspeltEndsNothing() throws Exception {
        HttpResponse<String> refused = ask(0, "DELETE", id + "?cod=4001", "");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("there is no parameter \\\"cod\\\"; there is \\\"code\\\", \\\"reason\\\"");
        assertThat(ask(0, "GET", id, "").statusCode()).isEqualTo(200);
    }

    @Test
    void aBodyThatIsNoTextIsRefusedAndNothingIsSent() throws Exception {
        URI base = TestServers.uri(servers.get(0));
        HttpResponse<String> refused = HTTP.send(
                HttpRequest.newBuilder(base.resolve("/admin/connections/" + id))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] {'a', (byte) 0xFF}))
                        .header("Authorization", "Bearer " + token(base.getPort()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(client.pending()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "DELETE"})
    void withoutTheAdministratorsTokenNothingIsDone(String method) throws Exception {
        HttpResponse<String> refused = HTTP.send(
                HttpRequest.newBuilder(TestServers.uri(servers.get(1)).resolve("/admin/connections/" + id))
                        .method(method, HttpRequest.BodyPublishers.ofString("x"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(client.pending()).isEmpty();
    }
}
