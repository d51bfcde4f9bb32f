package io.topicstream.tokens;

import static io.topicstream.tokens.TestIssuer.ED25519;
import static io.topicstream.tokens.TestIssuer.RSA;
import static io.topicstream.tokens.TestIssuer.eddsa;
import static io.topicstream.tokens.TestIssuer.jwk;
import static io.topicstream.tokens.TestIssuer.pem;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authenticators;
import io.topicstream.tokens.JwtIssuer.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tokens that are signed on the curve Ed25519.
class Ed25519Test {
    private static final String HEADER = "{\"alg\":\"EdDSA\",\"kid\":\"ed-1\"}";
    /// The key, token and signature of RFC 8037, appendix A.
    private static final String RFC_KEY =
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"," + "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";

    private static final String RFC_INPUT = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    private static final String RFC_SIGNATURE =
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    private final JwtWorld world = new JwtWorld();

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        world.close();
    }

    private String token(String header) {
        return eddsa(ED25519, header, world.claims("alice", ""));
    }

    private static SignedToken rfc(String input, String signature) {
        return new SignedToken("EdDSA", null, null, true, "", new byte[0], input.getBytes(US_ASCII), signature);
    }

    @Test
    void theExampleOfItsSpecificationIsRight() throws IOException {
        KeySet keys = KeySet.ofJson(RFC_KEY.getBytes(US_ASCII), JwtAlgorithm.OF_KEYS);

        assertThat(keys.judge(rfc(RFC_INPUT, RFC_SIGNATURE))).isEqualTo(KeySet.Verdict.RIGHT);
        assertThat(keys.judge(rfc(RFC_INPUT + "x", RFC_SIGNATURE))).isEqualTo(KeySet.Verdict.WRONG);
        assertThat(keys.judge(rfc(RFC_INPUT, "A" + RFC_SIGNATURE.substring(1)))).isEqualTo(KeySet.Verdict.WRONG);
    }

    @Test
    void aPublishedKeySigns() {
        world.issuer.publish(jwk(ED25519, "ed-1"), jwk(RSA, "rsa-1"));

        assertThat(world.ask(token(HEADER))).isInstanceOf(Known.class);
        assertThat(world.ask(world.token("alice"))).isInstanceOf(Known.class);
        assertThat(world.ask(token(HEADER.replace("EdDSA", "Ed25519")))).isSameAs(Authenticators.WRONG);
        assertThat(world.ask(token(HEADER.replace("ed-1", "rsa-1")))).isSameAs(Authenticators.WRONG);
    }

    @Test
    void aKeyMayHaveTheNewerNameOfTheAlgorithm() {
        world.issuer.publish(jwk(ED25519, "ed-1", ",\"alg\":\"Ed25519\""));

        assertThat(world.ask(token(HEADER.replace("EdDSA", "Ed25519")))).isInstanceOf(Known.class);
        assertThat(world.ask(token(HEADER))).isSameAs(Authenticators.WRONG);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32, 63, 65, 128})
    void signaturesThatHaveNotItsLengthAreNone(int bytes) {
        world.issuer.publish(jwk(ED25519, "ed-1"));
        String right = token(HEADER);
        String input = right.substring(0, right.lastIndexOf('.'));

        assertThat(world.ask(input + "." + TestIssuer.base64(new byte[bytes]))).isNotInstanceOf(Known.class);
        assertThat(world.ask(input + "." + TestIssuer.base64(new byte[64]))).isSameAs(Authenticators.WRONG);
        assertThat(world.ask(right)).isInstanceOf(Known.class);
    }

    @Test
    void aSignatureWhoseSecondPartIsTooLargeIsNone() {
        world.issuer.publish(jwk(ED25519, "ed-1"));
        String right = token(HEADER);
        int dot = right.lastIndexOf('.');
        byte[] signature = Base64.getUrlDecoder().decode(right.substring(dot + 1));
        signature[63] |= (byte) 0xE0;

        assertThat(world.ask(right.substring(0, dot + 1) + TestIssuer.base64(signature)))
                .isSameAs(Authenticators.WRONG);
    }

    @Test
    void aKeyInPem() throws Exception {
        Path file = Files.writeString(directory.resolve("key"), pem(ED25519));
        try (JwtTokens tokens = world.open(JwtWorld.usual(new Source.KeyFile(file)))) {
            assertThat(JwtWorld.join(
                            tokens.authenticate(JwtWorld.shown(token(HEADER))).toCompletableFuture()))
                    .isInstanceOf(Known.class);
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed448");
        KeyPair ed448 = generator.generateKeyPair();
        Files.writeString(file, pem(ed448));
        assertThatThrownBy(() -> KeyFiles.keys(file, JwtAlgorithm.OF_KEYS)).hasMessageContaining("Ed25519");
    }

    @Test
    void anIssuerWithoutThisAlgorithmHasNoSuchKey() {
        byte[] key = jwk(ED25519, "ed-1").getBytes(US_ASCII);

        assertThatThrownBy(() -> KeySet.ofJson(key, List.of(JwtAlgorithm.RS256)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no key in it");
    }
}
