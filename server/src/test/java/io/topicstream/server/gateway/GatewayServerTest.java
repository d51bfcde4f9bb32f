package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.topicstream.server.StartException;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.testkit.LogLines;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole server with a definition, and a back end over HTTP that calls it back. The numbers are those of the
/// specification's statements.
class GatewayServerTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private HttpServer backEnd;
    private TopicStreamServer server;
    private final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    /// While it is not open the back end does not answer that it heard of the end of a connection.
    private final AtomicReference<CountDownLatch> mayAnswerEnds = new AtomicReference<>(new CountDownLatch(0));

    @BeforeEach
    void start() throws Exception {
        backEnd = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        backEnd.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        backEnd.createContext("/", this::answer);
        backEnd.start();
        Files.writeString(definition(), template("echo"));
        server = TopicStreamServer.start(config());
    }

    private ServerConfig config(String... more) {
        String[] settings = new String[4 + more.length];
        System.arraycopy(
                new String[] {
                    "server.run_dir",
                    directory.resolve("run").toString(),
                    "gateway.definition",
                    definition().toString()
                },
                0,
                settings,
                0,
                4);
        System.arraycopy(more, 0, settings, 4, more.length);
        return TestServers.config(settings);
    }

    @AfterEach
    void stop() {
        server.close();
        backEnd.stop(0);
    }

    private Path definition() {
        return directory.resolve("template.yaml");
    }

    /// A template with the routes `$connect`, `$disconnect`, and one that answers.
    private String template(String route) {
        String uri = "http://127.0.0.1:" + backEnd.getAddress().getPort();
        return """
                Resources:
                  Chat:
                    Type: AWS::ApiGatewayV2::Api
                    Properties:
                      Name: chat
                      ProtocolType: WEBSOCKET
                      RouteSelectionExpression: $request.body.action
                  Server:
                    Type: AWS::ApiGatewayV2::Integration
                    Properties:
                      ApiId: !Ref Chat
                      IntegrationType: HTTP_PROXY
                      IntegrationMethod: POST
                      IntegrationUri: %s/
                      RequestParameters:
                        integration.request.header.event: context.eventType
                        integration.request.header.ConnectionId: context.connectionId
                  Connect:
                    Type: AWS::ApiGatewayV2::Route
                    Properties:
                      ApiId: !Ref Chat
                      RouteKey: $connect
                      Target: !Sub integrations/${Server}
                  Disconnect:
                    Type: AWS::ApiGatewayV2::Route
                    Properties:
                      ApiId: !Ref Chat
                      RouteKey: $disconnect
                      Target: !Sub integrations/${Server}
                  Answering:
                    Type: AWS::ApiGatewayV2::Route
                    Properties:
                      ApiId: !Ref Chat
                      RouteKey: %s
                      RouteResponseSelectionExpression: $default
                      Target: !Sub integrations/${Server}
                  Answer:
                    Type: AWS::ApiGatewayV2::RouteResponse
                    Properties:
                      ApiId: !Ref Chat
                      RouteId: !Ref Answering
                      RouteResponseKey: $default
                  Stage:
                    Type: AWS::ApiGatewayV2::Stage
                    Properties:
                      ApiId: !Ref Chat
                      StageName: prod
                      AutoDeploy: true
                """.formatted(uri, route);
    }

    /// Answers with what it got, and posts it to the connection too.
    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        String kind = exchange.getRequestHeaders().getFirst("Event");
        String id = exchange.getRequestHeaders().getFirst("ConnectionId");
        heard.add(kind + " " + body);
        if ("MESSAGE".equals(kind)) {
            try {
                heard.add("posted " + post(id, "posted: " + body));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if ("DISCONNECT".equals(kind)) {
            try {
                mayAnswerEnds.get().await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        byte[] answer = ("answered: " + body).getBytes(UTF_8);
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
        if ("DISCONNECT".equals(kind)) {
            heard.add("answered the end");
        }
    }

    private int post(String id, String text) throws IOException, InterruptedException {
        return HTTP.send(
                        HttpRequest.newBuilder(URI.create(
                                        "http://127.0.0.1:" + server.address().getPort() + "/prod/@connections/" + id))
                                .POST(HttpRequest.BodyPublishers.ofString(text))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private String next() throws InterruptedException {
        String one = heard.poll(20, TimeUnit.SECONDS);
        if (one == null) {
            throw new AssertionError("the back end heard nothing");
        }
        return one;
    }

    @Test
    @DisplayName("19, 71, 114: a back end answers a message and posts to its connection")
    void aBackEndTalksWithAClient() throws Exception {
        try (GatewaySocket client = GatewaySocket.open(server.address().getPort(), "/prod")) {
            assertThat(next()).isEqualTo("CONNECT ");

            client.text("{\"action\":\"echo\"}");

            assertThat(next()).isEqualTo("MESSAGE {\"action\":\"echo\"}");
            assertThat(next()).isEqualTo("posted 200");
            assertThat(client.next().text()).isEqualTo("posted: {\"action\":\"echo\"}");
            assertThat(client.next().text()).isEqualTo("answered: {\"action\":\"echo\"}");
            client.closing(1000, "done");
            assertThat(next()).isEqualTo("DISCONNECT ");
        }
    }

    @Test
    @DisplayName("3: the server's own stages stay beside those of the gateway")
    void nativeStagesStay() throws Exception {
        int port = server.address().getPort();
        try (GatewaySocket client = GatewaySocket.open(port, "/v1")) {
            assertThat(client.next().text()).contains("welcome");
        }
        try (GatewaySocket client = new GatewaySocket(port)) {
            assertThat(client.upgrade("/nope").answer().status()).isEqualTo(403);
        }
        try (GatewaySocket client = new GatewaySocket(port)) {
            assertThat(client.request("GET", "/health", new byte[0]).answer().status())
                    .isEqualTo(200);
        }
    }

    @Test
    @DisplayName("114: a connection of a native stage is reached by the callback API too")
    void nativeConnectionsAreReached() throws Exception {
        int port = server.address().getPort();
        try (GatewaySocket client = GatewaySocket.open(port, "/v1");
                GatewaySocket caller = new GatewaySocket(port)) {
            String welcome = client.next().text();
            int at = welcome.indexOf("\"connection_id\":\"") + "\"connection_id\":\"".length();
            String path = "/v1/@connections/" + welcome.substring(at, welcome.indexOf('"', at));

            assertThat(caller.request("POST", path, "hello".getBytes(UTF_8))
                            .answer()
                            .status())
                    .isEqualTo(200);
            assertThat(client.next().text()).isEqualTo("hello");
            assertThat(caller.request("POST", path, new byte[] {(byte) 0xFF})
                            .answer()
                            .status())
                    .isEqualTo(200);
            assertThat(client.next().opcode()).isEqualTo(2);
            assertThat(caller.request("GET", path, new byte[0]).answer().text()).contains("\"lastActiveAt\"");
            assertThat(caller.request("DELETE", path, new byte[0]).answer().status())
                    .isEqualTo(204);
            assertThat(client.next().closing()).isEqualTo("1000 Connection Closed Normally");
        }
    }

    @Test
    @DisplayName("130: a changed definition holds for sockets that are open; a broken one changes nothing")
    void theDefinitionIsReadAgain() throws Exception {
        try (GatewaySocket client = GatewaySocket.open(server.address().getPort(), "/prod")) {
            assertThat(next()).isEqualTo("CONNECT ");
            client.text("{\"action\":\"other\"}");
            assertThat(client.next().text()).startsWith("{\"message\": \"Forbidden\"");

            Files.writeString(definition(), template("other"));
            Awaitility.await()
                    .until(() -> server.gateway()
                            .definition()
                            .apis()
                            .getFirst()
                            .routes()
                            .containsKey("other"));
            client.text("{\"action\":\"other\"}");
            assertThat(next()).isEqualTo("MESSAGE {\"action\":\"other\"}");
            assertThat(next()).isEqualTo("posted 200");
            assertThat(client.next().text()).startsWith("posted");
            assertThat(client.next().text()).startsWith("answered");

            try (LogLines log = new LogLines()) {
                Files.writeString(definition(), "Resources: [this is no template");
                Awaitility.await().until(() -> !log.with("is not taken").isEmpty());
            }
            client.text("{\"action\":\"other\"}");
            assertThat(next()).startsWith("MESSAGE");
        }
    }

    @Test
    @DisplayName("112: a server that stops waits until back ends have heard of the ends of connections")
    void aStopWaitsForTheEnds() throws Exception {
        try (GatewaySocket client = GatewaySocket.open(server.address().getPort(), "/prod")) {
            assertThat(next()).isEqualTo("CONNECT ");
            mayAnswerEnds.set(new CountDownLatch(1));

            CompletableFuture<Void> stopped = server.stop(Duration.ofSeconds(60));

            assertThat(client.next().closing()).isEqualTo("1001 Going away");
            client.closing(1001, "");
            assertThat(next()).isEqualTo("DISCONNECT ");
            assertThat(stopped).isNotDone();
            mayAnswerEnds.get().countDown();
            assertThat(next()).isEqualTo("answered the end");
            stopped.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    @DisplayName("112: a back end that does not answer does not keep a server from stopping")
    void aStopEndsWithoutAnswers() throws Exception {
        try (GatewaySocket client = GatewaySocket.open(server.address().getPort(), "/prod")) {
            assertThat(next()).isEqualTo("CONNECT ");
            assertThat(client.socket.isConnected()).isTrue();
            CountDownLatch never = new CountDownLatch(1);
            mayAnswerEnds.set(never);

            server.stop(Duration.ZERO).get(60, TimeUnit.SECONDS);

            assertThat(next()).isEqualTo("DISCONNECT ");
            never.countDown();
        }
    }

    @Test
    void aServerDoesNotStartWithABrokenDefinition() throws Exception {
        Files.writeString(definition(), "Resources: [this is no template");

        assertThatThrownBy(() -> TopicStreamServer.start(config()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("template.yaml");
    }

    @Test
    void anUnsignedCallbackApiIsNotServedToOthers() {
        assertThatThrownBy(() -> TopicStreamServer.start(
                        config("server.bind", "0.0.0.0", "server.allow_remote_without_credentials", "true")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("gateway.signatures");
    }
}
