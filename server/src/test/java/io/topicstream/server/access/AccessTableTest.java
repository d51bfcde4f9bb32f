package io.topicstream.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.Grant;
import io.topicstream.access.Permission;
import io.topicstream.server.Engine;
import io.topicstream.server.JsonTexts;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.tokens.TestIssuer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every role, operation, topic and door: what is not in the table is refused.
class AccessTableTest {
    enum Operation {
        PUBLISH,
        SIGNAL,
        SUBSCRIBE,
        /// With a position: what was said before is read too.
        SUBSCRIBE_TO_HISTORY,
        READ
    }

    enum Role {
        ANONYMOUS,
        KEY,
        READING_KEY,
        LISTENING_KEY,
        TOKEN_FOR_ONE_TOPIC,
        /// Of an issuer: what it says of its bearer counts.
        SIGNED_TOKEN
    }

    private static final Set<Operation> ALL = EnumSet.allOf(Operation.class);
    private static final List<String> TOPICS = List.of("a.x", "b.x", "ab", "one", "sys:x", "dm:key~one");

    /// The table.
    private static final Map<Role, Map<String, Set<Operation>>> ALLOWED = Map.of(
            Role.ANONYMOUS, Map.of("a.x", ALL, "b.x", ALL, "ab", ALL, "one", ALL),
            Role.KEY, Map.of("a.x", ALL, "b.x", ALL, "ab", ALL, "one", ALL, "dm:key~one", ALL),
            Role.READING_KEY, Map.of("a.x", EnumSet.of(Operation.READ)),
            Role.LISTENING_KEY, Map.of("a.x", EnumSet.of(Operation.SUBSCRIBE)),
            Role.TOKEN_FOR_ONE_TOPIC, Map.of("one", ALL),
            Role.SIGNED_TOKEN, Map.of("a.x", ALL, "b.x", EnumSet.of(Operation.READ)));

    private static final String TOKEN = "a-token-for-one-topic";
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    private static Path runDirectory;

    private static TopicStreamServer server;
    private static URI uri;
    private static String signed;
    private static String key;
    private static String readingKey;
    private static String listeningKey;

    @BeforeAll
    static void start() throws IOException {
        Path issuersKey = Files.writeString(runDirectory.resolve("issuer.pem"), TestIssuer.pem(TestIssuer.EC));
        signed = TestIssuer.es256(
                TestIssuer.EC,
                "{\"alg\":\"ES256\"}",
                TestIssuer.claims(
                        System.currentTimeMillis(),
                        "signed",
                        ",\"may\":\"a.*=publish,subscribe,read,admin b.x=read\""));
        Engine engine = Engine.inMemory(InstantSource.system());
        server = TestServers.start(
                engine,
                TestServers.config(
                        "server.run_dir",
                        runDirectory.toString(),
                        "access.tokens",
                        "[{token: " + TOKEN + ", user: one,"
                                + " grants: [{topics: one, allow: [publish, subscribe, read]}]}]",
                        "access.jwt",
                        "[{issuer: '" + TestIssuer.NAME + "', audience: " + TestIssuer.AUDIENCE + ", key_file: '"
                                + issuersKey + "', grants_claim: may}]"));
        uri = TestServers.uri(server);
        ApiKeys keys = new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system());
        key = secret(keys, "key", null);
        readingKey = secret(keys, "reader", List.of(new Grant("a.*", EnumSet.of(Permission.READ))));
        listeningKey = secret(keys, "listener", List.of(new Grant("a.*", EnumSet.of(Permission.SUBSCRIBE))));
        for (String topic : List.of("a.x", "b.x", "ab", "one")) {
            assertThat(produce(Role.KEY, topic).statusCode()).isEqualTo(200);
        }
    }

    private static String secret(ApiKeys keys, String name, List<Grant> grants) {
        return keys.create(name, grants).toCompletableFuture().join().secret();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> rolesAndTopics() {
        return Stream.of(Role.values()).flatMap(role -> TOPICS.stream().map(topic -> Arguments.of(role, topic)));
    }

    private static boolean mayAct(Role role, Operation operation, String topic) {
        return ALLOWED.get(role).getOrDefault(topic, Set.of()).contains(operation);
    }

    private static List<String> credential(Role role) {
        return switch (role) {
            case ANONYMOUS -> List.of();
            case KEY -> List.of("x-api-key", key);
            case READING_KEY -> List.of("x-api-key", readingKey);
            case LISTENING_KEY -> List.of("x-api-key", listeningKey);
            case TOKEN_FOR_ONE_TOPIC -> List.of("Authorization", "Bearer " + TOKEN);
            case SIGNED_TOKEN -> List.of("Authorization", "Bearer " + signed);
        };
    }

    private static TestClient.Options client(Role role, String path) {
        TestClient.Options options = TestClient.to(uri, path);
        List<String> credential = credential(role);
        return credential.isEmpty() ? options : options.header(credential.get(0), credential.get(1));
    }

    @ParameterizedTest
    @MethodSource("rolesAndTopics")
    void overTheNativeStage(Role role, String topic) {
        TestClient client = client(role, "/v1").open();
        client.await("\"type\":\"welcome\"");
        for (Operation operation : Operation.values()) {
            String frame = switch (operation) {
                case PUBLISH -> "\"publish\",\"message\":1";
                case SIGNAL -> "\"signal\",\"message\":1";
                case SUBSCRIBE -> "\"subscribe\"";
                case SUBSCRIBE_TO_HISTORY -> "\"subscribe\",\"from\":{\"last\":1}";
                case READ -> "\"read\",\"limit\":1";
            };
            client.send("{\"id\":\"" + operation + "\",\"topic\":\"" + topic + "\",\"action\":" + frame + "}");

            String answer = client.await("\"id\":\"" + operation + "\"");

            assertThat(answer)
                    .as(role + " " + operation + " " + topic)
                    .contains(mayAct(role, operation, topic) ? "\"type\":\"reply\"" : "\"code\":\"forbidden\"");
        }
        client.close();
    }

    @ParameterizedTest
    @MethodSource("rolesAndTopics")
    void overTheLiveStage(Role role, String topic) {
        if (role == Role.ANONYMOUS) {
            assertThat(client(role, "/live").refusedWith()).isEqualTo(401);
            return;
        }
        long before = nextOffset(topic);
        sayLive(role, "publish\",\"message\":\"1", topic, mayAct(role, Operation.PUBLISH, topic));
        sayLive(role, "subscribe", topic, mayAct(role, Operation.SUBSCRIBE, topic));
        if (mayAct(role, Operation.PUBLISH, topic)) {
            await().until(() -> nextOffset(topic) == before + 1);
        } else {
            assertThat(nextOffset(topic)).isEqualTo(before);
        }
        if (mayAct(role, Operation.SUBSCRIBE, topic)) {
            await().until(() -> durable(role).contains("\"topic\":\"" + topic + "\""));
        } else {
            assertThat(durable(role)).doesNotContain("\"topic\":\"" + topic + "\"");
        }
    }

    private static void sayLive(Role role, String action, String topic, boolean allowed) {
        TestClient client = client(role, "/live").open();
        client.send("{\"topic\":\"" + topic + "\",\"action\":\"" + action + "\"}");
        if (!allowed) {
            // A bystander's message may come first: the user's topics are joined on connecting.
            client.await("\"message\":\"Internal server error\"");
        }
        client.close();
        assertThat(client.pending()).noneMatch(frame -> frame.contains("Internal server error"));
    }

    private static String durable(Role role) {
        TestClient client = client(role, "/v1?durable=manual").open();
        String welcome = client.next();
        client.close();
        return welcome;
    }

    private static long nextOffset(String topic) {
        TestClient client = client(Role.KEY, "/v1").open();
        client.send("{\"action\":\"read\",\"id\":\"n\",\"topic\":\"" + topic + "\",\"limit\":1}");
        String page = client.await("\"id\":\"n\"");
        client.close();
        return page.contains("forbidden") ? 0 : JsonTexts.number(page, "next_offset");
    }

    @ParameterizedTest
    @MethodSource("rolesAndTopics")
    void overHttp(Role role, String topic) {
        assertThat(produce(role, topic).statusCode()).isEqualTo(mayAct(role, Operation.PUBLISH, topic) ? 200 : 403);
        HttpResponse<String> page = request(role, "GET", "/topics/" + topic + "/consume", "");
        assertThat(page.statusCode()).isEqualTo(mayAct(role, Operation.READ, topic) ? 200 : 403);
        HttpResponse<String> list = request(role, "GET", "/topics", "");
        assertThat(list.statusCode()).isEqualTo(200);
        if (!topic.startsWith("dm:")) {
            // Of chats the list has those of the caller's memberships.
            assertThat(list.body().contains("\"" + topic + "\"")).isEqualTo(mayAct(role, Operation.READ, topic));
        }
        for (String method : List.of("GET", "POST")) {
            assertThat(request(role, method, "/admin/keys", "{\"name\":\"mallory\"}")
                            .statusCode())
                    .isEqualTo(401);
        }
        assertThat(request(role, "DELETE", "/admin/keys/key", "").statusCode()).isEqualTo(401);
    }

    @Test
    void theAdministratorsTokenManagesKeysAndNothingElse() throws IOException {
        String token = Files.readString(runDirectory.resolve(server.address().getPort() + ".token"))
                .strip();
        List<String> credential = List.of("Authorization", "Bearer " + token);

        assertThat(send(credential, "GET", "/admin/keys", "").statusCode()).isEqualTo(200);
        assertThat(send(credential, "GET", "/topics/one/consume", "").statusCode())
                .isEqualTo(401);
        assertThat(send(credential, "POST", "/topics/one/produce", "{\"payload\":1}")
                        .statusCode())
                .isEqualTo(401);
        for (String path : List.of("/v1", "/live")) {
            assertThat(TestClient.to(uri, path)
                            .header("Authorization", "Bearer " + token)
                            .refusedWith())
                    .isEqualTo(401);
        }
    }

    private static HttpResponse<String> produce(Role role, String topic) {
        return request(role, "POST", "/topics/" + topic + "/produce", "{\"payload\":1}");
    }

    private static HttpResponse<String> request(Role role, String method, String path, String body) {
        return send(credential(role), method, path, body);
    }

    private static HttpResponse<String> send(List<String> credential, String method, String path, String body) {
        List<String> fields = new ArrayList<>(List.of("Content-Type", "application/json"));
        fields.addAll(credential);
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(uri.resolve(path))
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .headers(fields.toArray(String[]::new))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
