package io.topicstream.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.Authenticators;
import io.topicstream.server.Engine;
import io.topicstream.server.JsonTexts;
import io.topicstream.server.StartException;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.admin.AdminToken;
import io.topicstream.tokens.TestIssuer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tokens of an issuer at every door of a server.
class JwtAtTheDoorsTest {
    private static final String GATEWAY = """
        stage: api
        routes:
          $connect: {type: topicstream}
          $disconnect: {type: topicstream}
          $default: {type: topicstream}
        """;
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    private Path directory;

    private final TestIssuer issuer = new TestIssuer(TestIssuer.jwk(TestIssuer.RSA, "rsa-1"));
    private TopicStreamServer server;
    private URI uri;

    @BeforeEach
    void start() throws IOException {
        Path definition = Files.writeString(directory.resolve("api.yaml"), GATEWAY);
        server = TestServers.start(
                Engine.inMemory(InstantSource.system()),
                TestServers.config(
                        "access.anonymous",
                        "off",
                        "server.run_dir",
                        directory.resolve("run").toString(),
                        "gateway.definition",
                        definition.toString(),
                        "access.jwt",
                        "[{issuer: '" + TestIssuer.NAME + "', audience: " + TestIssuer.AUDIENCE + ", jwks_url: '"
                                + issuer.jwks() + "', grants_claim: grants, skew: 0s}]"));
        uri = TestServers.uri(server);
    }

    @AfterEach
    void stop() {
        server.close();
        issuer.close();
    }

    private static String token(String user, String more) {
        return TestIssuer.token(System.currentTimeMillis(), user, more);
    }

    /// Ended an hour ago.
    private static String expired() {
        return TestIssuer.token(System.currentTimeMillis() - 7_200_000, "alice", "");
    }

    private static String forged() {
        return TestIssuer.rs256(
                TestIssuer.OTHER_RSA,
                "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}",
                TestIssuer.claims(System.currentTimeMillis(), "alice", ""));
    }

    private HttpResponse<String> get(String path, String token) {
        return get(path, token, "Accept", "*/*");
    }

    private HttpResponse<String> get(String path, String token, String field, String value) {
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(uri.resolve(path))
                            .header("Authorization", "Bearer " + token)
                            .header(field, value)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private TestClient.Options bearing(String path, String token) {
        return TestClient.to(uri, path).header("Authorization", "Bearer " + token);
    }

    @Test
    void overHttp() {
        String right = token("alice", "");
        for (int i = 0; i < 5; i++) {
            assertThat(get("/topics/orders/consume", right).statusCode()).isEqualTo(200);
        }
        HttpResponse<String> forged = get("/topics/orders/consume", forged());
        HttpResponse<String> expired = get("/topics/orders/consume", expired());

        assertThat(forged.statusCode()).isEqualTo(401);
        assertThat(forged.body()).contains(Authenticators.WRONG.reason()).isEqualTo(expired.body());
        assertThat(expired.statusCode()).isEqualTo(401);
        assertThat(get("/topics/orders/consume", right + "." + "x".repeat(16 * 1024))
                        .statusCode())
                .isEqualTo(401);
        assertThat(get("/topics/orders/consume", "x".repeat(33 * 1024)).statusCode())
                .isEqualTo(431);
        assertThat(issuer.requests()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/live", "/dev", "/staging", "/api"})
    void beforeTheUpgradeOfEveryStage(String path) {
        assertThat(bearing(path, forged()).refusedWith()).isEqualTo(401);
        assertThat(bearing(path, expired()).refusedWith()).isEqualTo(401);

        TestClient alice = bearing(path, token("alice", "")).open();

        alice.close();
        assertThat(TestClient.to(uri, path + "?token=" + token("alice", ""))
                        .header("Authorization", "Bearer " + token("bob", ""))
                        .refusedWith())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/api"})
    void aPageShowsItAsASubprotocol(String path) {
        TestClient alice = TestClient.to(uri, path)
                .subprotocol("topicstream.v1")
                .subprotocol("bearer." + token("alice", ""))
                .open();

        assertThat(alice.await("\"type\":\"welcome\"")).contains("\"user\":\"alice\"");
        assertThat(alice.subprotocol()).isEqualTo("topicstream.v1");
        alice.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/api"})
    void aConnectionTellsWhoItIsAndWhenItsTokenEnds(String path) {
        String token = token("alice", ",\"name\":\"Alice A.\"");
        String claims = token.substring(token.indexOf('.') + 1, token.lastIndexOf('.'));
        long exp = JsonTexts.number(new String(Base64.getUrlDecoder().decode(claims), UTF_8), "exp");

        TestClient alice = bearing(path, token).open();

        assertThat(alice.await("\"type\":\"welcome\""))
                .contains("\"user\":\"alice\"", "\"name\":\"Alice A.\"", "\"expires_at\":" + exp * 1000);
        alice.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/api"})
    void aTokenIsRenewedOnTheConnectionForTheSameUserOnly(String path) {
        TestClient alice = bearing(path, token("alice", "")).open();
        alice.await("\"type\":\"welcome\"");
        String authenticate = "{\"action\":\"authenticate\",\"id\":\"r\",\"token\":\"%s\"}";

        alice.send(authenticate.formatted(expired()));
        assertThat(alice.await("\"id\":\"r\"")).contains("\"code\":\"unauthenticated\"");
        alice.send(authenticate.formatted(token("alice", ",\"jti\":\"next\"")));
        assertThat(alice.await("\"id\":\"r\"")).contains("\"type\":\"reply\"", "\"user\":\"alice\"");
        alice.send(authenticate.formatted(token("mallory", "")));

        assertThat(alice.awaitClose()).isEqualTo(4003);
    }

    @Test
    void aConnectionEndsWithItsToken() {
        long now = System.currentTimeMillis() / 1000;
        String claims = "{\"iss\":\"" + TestIssuer.NAME + "\",\"sub\":\"alice\",\"aud\":\"" + TestIssuer.AUDIENCE
                + "\",\"exp\":" + (now + 3) + "}";

        TestClient alice = bearing(
                        "/v1", TestIssuer.rs256(TestIssuer.RSA, "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", claims))
                .open();

        assertThat(alice.awaitClose()).isEqualTo(4001);
        assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo((now + 3) * 1000);
    }

    private void administer(String method, String path, String body) throws Exception {
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(uri.resolve(path))
                        .header(
                                "Authorization",
                                "Bearer " + AdminToken.read(List.of(directory.resolve("run")), uri.getPort()))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/api"})
    void aTokenIsRevokedByItsOwnId(String path) throws Exception {
        String revoked = token("alice", ",\"jti\":\"7\"");
        String other = token("alice", ",\"jti\":\"8\"");
        TestClient alice = bearing(path, revoked).open();
        TestClient again = bearing(path, other).open();

        administer("POST", "/admin/tokens/revoke", "{\"issuer\":\"" + TestIssuer.NAME + "\",\"jti\":\"7\"}");

        assertThat(alice.awaitClose()).isEqualTo(4001);
        assertThat(get("/topics/orders/consume", revoked).statusCode()).isEqualTo(401);
        assertThat(bearing(path, revoked).refusedWith()).isEqualTo(401);
        assertThat(get("/topics/orders/consume", other).statusCode()).isEqualTo(200);
        again.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/api"})
    void whoIsSignedOutNeedsATokenThatIsIssuedAfterwards(String path) throws Exception {
        long now = System.currentTimeMillis();
        String before = TestIssuer.token(now - 60_000, "alice", "");
        String after = TestIssuer.token(now + 5_000, "alice", "");
        TestClient alice = bearing(path, before).open();

        administer("PUT", "/admin/users/alice/sign-out", "");

        assertThat(alice.awaitClose()).isEqualTo(4001);
        assertThat(get("/topics/orders/consume", before).statusCode()).isEqualTo(401);
        assertThat(get("/topics/orders/consume", token("bob", "")).statusCode()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> get("/topics/orders/consume", after).statusCode() == 200);
    }

    @Test
    void whileTheKeysCannotBeHadItIsNotTheTokenThatIsWrong() {
        issuer.fail();
        try (TopicStreamServer other = TestServers.start(
                Engine.inMemory(InstantSource.system()),
                TestServers.config(
                        "server.run_dir",
                        directory.resolve("other").toString(),
                        "access.jwt",
                        "[{issuer: '" + TestIssuer.NAME + "', audience: " + TestIssuer.AUDIENCE + ", jwks_url: '"
                                + issuer.jwks() + "'}]"))) {
            uri = TestServers.uri(other);
            HttpResponse<String> answer = get("/topics/orders/consume", token("alice", ""));
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("\"code\":\"unavailable\"");
            assertThat(bearing("/v1", token("alice", "")).refusedWith()).isEqualTo(503);

            issuer.publish(TestIssuer.jwk(TestIssuer.RSA, "rsa-1"));

            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            get("/topics/orders/consume", token("alice", "")).statusCode() == 200);
            bearing("/v1", token("alice", "")).open().close();
        }
    }

    @Test
    void aTokenGrantsWhatItSaysAtEveryDoor() {
        String narrow = token("alice", ",\"grants\":[\"news*=read\",\"orders=subscribe\"]");

        assertThat(get("/topics/news.today/consume", narrow).statusCode()).isEqualTo(200);
        assertThat(get("/topics/orders/consume", narrow).statusCode()).isEqualTo(403);
        for (String path : List.of("/v1", "/api")) {
            TestClient alice = bearing(path, narrow).open();
            alice.send("{\"id\":1,\"action\":\"subscribe\",\"topic\":\"orders\"}");
            assertThat(alice.await("\"id\":1")).contains("\"type\":\"reply\"");
            alice.send("{\"id\":2,\"action\":\"publish\",\"topic\":\"orders\",\"message\":1}");
            assertThat(alice.await("\"id\":2")).contains("\"code\":\"forbidden\"");
            alice.close();
        }
        String admin = token("alice", ",\"grants\":\"*=admin,read,metrics\"");
        // From this machine everybody may see the figures, so this one comes from behind a proxy.
        assertThat(get("/metrics", admin, "Via", "1.1 proxy").statusCode()).isEqualTo(403);
        assertThat(get("/topics/orders/consume", admin).statusCode()).isEqualTo(200);
    }

    @Test
    void aFileThatCannotBeUsedStopsTheStartByItsName() throws IOException {
        Path secret = Files.writeString(directory.resolve("short"), "31-bytes-are-not-enough-for-us!");

        StartException refused = catchThrowableOfType(
                StartException.class,
                () -> TopicStreamServer.start(TestServers.config(
                        "server.run_dir",
                        directory.resolve("other").toString(),
                        "access.jwt",
                        "[{issuer: a, audience: b, secret_file: '" + secret + "'}]")));

        assertThat(refused)
                .hasMessage(
                        "access.jwt[0].secret_file " + secret + ": the secret has 31 bytes; HS256 wants at least 32");
    }
}
