package io.topicstream.examples.directchat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.topicstream.examples.backend.Callbacks;
import io.topicstream.examples.backend.Endpoints;
import io.topicstream.examples.backend.RecordsException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;

/// The endpoints of the back end as the gateway calls them, with a callback API that says what the test wants.
class EndpointsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private RocksRegister names;
    private Callbacks callbacks;
    private Endpoints endpoints;
    private HttpServer stage;
    private String url;

    /// What was posted to connections: the path and the text.
    private final List<String> posted = new CopyOnWriteArrayList<>();

    private volatile int stageAnswers = 200;
    private volatile boolean listFails;

    @BeforeEach
    void start() throws Exception {
        stage = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        stage.createContext("/", exchange -> {
            try (exchange) {
                posted.add(exchange.getRequestURI().getPath() + " "
                        + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                exchange.sendResponseHeaders(stageAnswers, -1);
            }
        });
        stage.start();
        url = "http://127.0.0.1:" + stage.getAddress().getPort() + "/dev";
        names = RocksRegister.open(folder);
        callbacks = Callbacks.retrying("us-east-1", AnonymousCredentialsProvider.create());
        endpoints = new Endpoints();
        ChatEndpoints.add(endpoints, new Chat(new Brittle(), callbacks));
        endpoints.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void stop() {
        endpoints.close();
        callbacks.close();
        names.close();
        stage.stop(0);
    }

    /// The register, with a list that can fail alone.
    private final class Brittle implements Register {
        @Override
        public void connect(String connectionId) {
            names.connect(connectionId);
        }

        @Override
        public void disconnect(String connectionId) {
            names.disconnect(connectionId);
        }

        @Override
        public boolean claim(String connectionId, String username) {
            return names.claim(connectionId, username);
        }

        @Override
        public @Nullable String usernameOf(String connectionId) {
            return names.usernameOf(connectionId);
        }

        @Override
        public @Nullable String connectionOf(String username) {
            return names.connectionOf(username);
        }

        @Override
        public List<Entry> all() {
            if (listFails) {
                throw new RecordsException("The list fails.");
            }
            return names.all();
        }

        @Override
        public void close() {}
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(
                                "http://127.0.0.1:" + endpoints.address().getPort() + path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /// Posts members, with `'` for quotes; `URL` is that of the stage.
    private String post(String path, String body) throws Exception {
        HttpResponse<String> answer = send("POST", path, body.replace('\'', '"').replace("URL", url));
        return answer.statusCode() + " " + answer.body();
    }

    @Test
    void whoConnectsAndLeaves() throws Exception {
        assertThat(post("/connect", "{'connectionId':'c1'}")).isEqualTo("200 connected user with connection id: c1");
        assertThat(names.all()).containsExactly(new Register.Entry("c1", ""));

        post("/username", "{'connectionId':'c1','username':'ada'}");
        assertThat(post("/disconnect", "{'connectionId':'c1'}")).isEqualTo("200 disconnected user: ");

        assertThat(names.all()).isEmpty();
    }

    @Test
    void whoIsNobodyIsNotLetIn() throws Exception {
        assertThat(post("/connect", "{}")).isEqualTo("400 could not initiate connection. 'connectionId' required");
    }

    @Test
    void namesAreAssigned() throws Exception {
        assertThat(post("/username", "{'connectionId':'c1','username':'ada'}"))
                .isEqualTo("200 assigned username: ada to connection id: c1\n");
        assertThat(post("/username", "{'connectionId':'c2','username':'ada'}")).isEqualTo("400 could not set username");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'connectionId':'c1'}", "{'username':'ada'}", "{'connectionId':'','username':''}"})
    void aNameNeedsBoth(String body) throws Exception {
        assertThat(post("/username", body))
                .isEqualTo("400 could not set username. 'connectionId' and 'username' required");
    }

    @Test
    void aNameHasALongestLength() throws Exception {
        assertThat(post("/username", "{'connectionId':'c1','username':'" + "é".repeat(257) + "'}"))
                .isEqualTo("400 could not set username");
        assertThat(post("/username", "{'connectionId':'c1','username':'a\\u0000b'}"))
                .isEqualTo("400 could not set username");
        assertThat(post("/username", "{'connectionId':'c1','username':'" + "é".repeat(256) + "'}"))
                .startsWith("200 ");
        assertThat(post("/message", "{'connectionId':'c1','username':'" + "é".repeat(257) + "','url':'URL'}"))
                .isEqualTo("400 could not get target connectionId");
    }

    @Test
    void theListIsAnsweredAndPosted() throws Exception {
        names.claim("c1", "ada");
        names.claim("c2", "b\"b");

        String list = "[{\"connectionId\":\"c2\",\"username\":\"b\\\"b\"}]";
        assertThat(post("/online", "{'connectionId':'c1','url':'URL'}")).isEqualTo("200 " + list);
        assertThat(posted).containsExactly("/dev/@connections/c1 : " + list);
    }

    @Test
    void theListIsForThoseWithANameWhoCanBeReached() throws Exception {
        names.connect("c1");
        assertThat(post("/online", "{'connectionId':'c1','url':'URL'}")).isEqualTo("400 could not obtain username");
        assertThat(post("/online", "{'url':'URL'}")).isEqualTo("400 could not obtain username");

        names.claim("c1", "ada");
        assertThat(post("/online", "{'connectionId':'c1'}")).isEqualTo("400 could not push message via WebSocket");
        stageAnswers = 410;
        assertThat(post("/online", "{'connectionId':'c1','url':'URL'}"))
                .isEqualTo("400 could not push message via WebSocket");

        listFails = true;
        assertThat(post("/online", "{'connectionId':'c1','url':'URL'}")).isEqualTo("400 could not find users");
    }

    @Test
    void aMessageIsPostedAndAnswered() throws Exception {
        names.claim("c1", "ada");
        names.claim("c2", "bob");

        assertThat(post("/message", "{'connectionId':'c1','username':'bob','message':'hi','url':'URL'}"))
                .isEqualTo("200 sent message: hi\nto: bob");
        assertThat(posted).containsExactly("/dev/@connections/c2 ada: hi");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'username':'bob','message':'hi','url':'URL'}",
                "{'connectionId':'c1','message':'hi','url':'URL'}",
                "{'connectionId':'c1','username':'bob','message':'hi'}"
            })
    void aMessageNeedsThree(String body) throws Exception {
        assertThat(post("/message", body))
                .isEqualTo("400 could not initiate connection. 'connectionId', 'username', and 'url' required");
    }

    @Test
    void theTargetIsLookedForFirst() throws Exception {
        String toBob = "{'connectionId':'c1','username':'bob','message':'hi','url':'URL'}";
        assertThat(post("/message", toBob)).isEqualTo("400 could not get target connectionId");

        names.claim("c2", "bob");
        assertThat(post("/message", toBob)).isEqualTo("400 could not get source username");
    }

    @ParameterizedTest
    @CsvSource({"410, false", "403, true", "413, true"})
    void aMessageThatIsNotTakenIsToldAndOnlyWhoIsGoneIsForgotten(int status, boolean isKept) throws Exception {
        names.claim("c1", "ada");
        names.claim("c2", "bob");
        stageAnswers = status;

        assertThat(post("/message", "{'connectionId':'c1','username':'bob','message':'hi','url':'URL'}"))
                .isEqualTo("400 could not send message");
        assertThat(names.connectionOf("bob")).isEqualTo(isKept ? "c2" : null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no url", "ftp://127.0.0.1/dev", "http://127.0.0.1:1/dev"})
    void aMessageWithABadUrlIsNotSent(String bad) throws Exception {
        names.claim("c1", "ada");

        assertThat(post("/message", "{'connectionId':'c1','username':'ada','message':'hi','url':'" + bad + "'}"))
                .isEqualTo("400 could not send message");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/connect", "/disconnect", "/username", "/online", "/message"})
    void whatIsNotAnObjectOfTextsIsNotDecoded(String path) throws Exception {
        for (String body : List.of("", "hello", "[]", "'c1'", "{'connectionId':", "{'connectionId':7}", "{} x")) {
            assertThat(post(path, body)).as(body).isEqualTo("400 could not decode input");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/connect, could not initiate connection, 200",
        "/disconnect, could not disconnect, 400",
        "/username, could not set username, 400",
        "/online, could not obtain username, 400",
        "/message, could not get target connectionId, 400"
    })
    void aStoreThatDoesNotAnswerIsTold(String path, String text, int status) throws Exception {
        names.close();

        assertThat(post(path, "{'connectionId':'c1','username':'ada','url':'URL'}"))
                .isEqualTo(status + " " + text);
    }

    @Test
    void itIsHealthy() throws Exception {
        HttpResponse<String> answer = send("GET", "/healthz", "");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("healthy");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /connect, 405",
        "PUT, /disconnect, 405",
        "GET, /username, 405",
        "DELETE, /online, 405",
        "GET, /message, 405",
        "POST, /healthz, 405",
        "POST, /, 404",
        "POST, /connected, 404",
        "GET, /healthz/x, 404"
    })
    void otherMethodsAndPathsAreRefused(String method, String path, int status) throws Exception {
        assertThat(send(method, path, "{}").statusCode()).isEqualTo(status);
    }

    @Test
    void aBodyHasALargestSize() throws Exception {
        String most = "{\"connectionId\":\"c1\",\"message\":\"" + "x".repeat(Endpoints.MAX_BODY_BYTES - 34) + "\"}";

        assertThat(most.length()).isEqualTo(Endpoints.MAX_BODY_BYTES);
        assertThat(send("POST", "/connect", most).statusCode()).isEqualTo(200);
        assertThat(send("POST", "/connect", most + " ").statusCode()).isEqualTo(413);
    }
}
