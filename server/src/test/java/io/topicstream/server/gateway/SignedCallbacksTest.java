package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.GatewaySettings;
import io.topicstream.gateway.signature.Credentials;
import io.topicstream.gateway.signature.SignatureCheck;
import io.topicstream.gateway.signature.Signer;
import io.topicstream.gateway.signature.SigningKey;
import io.topicstream.transport.RawClient;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The callback API where calls must be signed. The numbers are those of the specification's statements.
class SignedCallbacksTest {
    private static final Instant NOW = Instant.ofEpochMilli(1_760_000_000_000L);
    private static final String ARN = "arn:aws:execute-api:us-east-1:000000000000:" + GatewayNodes.CHAT + "/dev/";
    private static final Credentials POSTER = new Credentials("AKIAPOSTER", "secret-of-poster", null);
    private static final Credentials NOBODY = new Credentials("AKIANOBODY", "secret-of-nobody", null);

    private GatewayNodes nodes;
    private GatewaySocket client;
    private String id;

    @BeforeEach
    void start() throws Exception {
        nodes = new GatewayNodes(
                GatewaySettings.DEFAULTS,
                new SignatureCheck(
                        List.of(
                                key(POSTER, "poster", ARN + "POST/*"),
                                key(NOBODY, "nobody", ARN + "POST/@connections")),
                        () -> NOW));
        client = nodes.first().open();
        assertThat(nodes.backEnd.next()).isEqualTo("CONNECT");
        id = nodes.backEnd.connectionId;
    }

    private static SigningKey key(Credentials credentials, String name, String resource) {
        return new SigningKey(
                credentials,
                name,
                "arn:aws:iam::000000000000:user/" + name,
                List.of(new SigningKey.Allow("execute-api:ManageConnections", resource)));
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        nodes.close();
    }

    private RawClient.Answer signed(Credentials credentials, String method, String path, Instant at)
            throws IOException {
        byte[] body = "x".getBytes(UTF_8);
        URI uri = URI.create("http://localhost:" + nodes.first().port + path);
        Map<String, String> fields =
                new Signer(credentials, "us-east-1", "execute-api").sign(method, uri, Map.of(), body, at);
        List<String> lines = new ArrayList<>(List.of("Host: " + uri.getAuthority()));
        fields.forEach((name, value) -> lines.add(name + ": " + value));
        try (GatewaySocket caller = new GatewaySocket(nodes.first().port)) {
            return caller.request(method, path, body, lines.toArray(String[]::new))
                    .answer();
        }
    }

    @Test
    @DisplayName("125: what is not signed is refused")
    void theUnsignedAreRefused() throws Exception {
        try (GatewaySocket caller = new GatewaySocket(nodes.first().port)) {
            RawClient.Answer answer = caller.request("POST", "/dev/@connections/" + id, "x".getBytes(UTF_8))
                    .answer();

            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.header("x-amzn-ErrorType")).isEqualTo("MissingAuthenticationTokenException");
            assertThat(answer.text()).isEqualTo("{\"message\":\"Missing Authentication Token\"}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/@connections/", "/dev/%40connections/"})
    @DisplayName("125: what is signed by who may is done")
    void theSignedAreServed(String path) throws Exception {
        assertThat(signed(POSTER, "POST", path + id.replace("=", "%3D"), NOW).status())
                .isEqualTo(200);
        assertThat(client.next().text()).isEqualTo("x");
    }

    @Test
    @DisplayName("125: who may not is told by AccessDeniedException, with the connection's id not filled in")
    void theDeniedAreTold() throws Exception {
        for (RawClient.Answer answer : List.of(
                signed(NOBODY, "POST", "/dev/@connections/" + id, NOW),
                signed(POSTER, "DELETE", "/dev/@connections/" + id, NOW),
                signed(POSTER, "POST", "/other/@connections/" + id, NOW))) {
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.header("x-amzn-ErrorType")).isEqualTo("AccessDeniedException");
            assertThat(answer.text()).startsWith("{\"Message\":\"User: arn:aws:iam::000000000000:user/");
            assertThat(answer.text()).contains("/@connections/{connectionId}");
        }
        assertThat(client.hears(50)).as("a post of those who may not").isFalse();
    }

    @Test
    void whatIsSignedWronglyOrTooLateIsRefused() throws Exception {
        Credentials wrong = new Credentials("AKIAPOSTER", "another-secret", null);
        Credentials unknown = new Credentials("AKIAUNKNOWN", "secret", null);
        for (RawClient.Answer answer : List.of(
                signed(wrong, "POST", "/dev/@connections/" + id, NOW),
                signed(unknown, "POST", "/dev/@connections/" + id, NOW),
                signed(POSTER, "POST", "/dev/@connections/" + id, NOW.minusSeconds(301)))) {
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.header("x-amzn-ErrorType")).isNotEmpty();
            assertThat(answer.header("x-amzn-ErrorType")).isNotEqualTo("AccessDeniedException");
        }
        assertThat(client.hears(50)).as("a post of a forger").isFalse();
    }
}
