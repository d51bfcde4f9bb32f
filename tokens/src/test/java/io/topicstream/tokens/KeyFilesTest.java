package io.topicstream.tokens;

import static io.topicstream.tokens.JwtWorld.ES;
import static io.topicstream.tokens.JwtWorld.RS;
import static io.topicstream.tokens.TestIssuer.EC;
import static io.topicstream.tokens.TestIssuer.OTHER_RSA;
import static io.topicstream.tokens.TestIssuer.RSA;
import static io.topicstream.tokens.TestIssuer.claims;
import static io.topicstream.tokens.TestIssuer.es256;
import static io.topicstream.tokens.TestIssuer.hs256;
import static io.topicstream.tokens.TestIssuer.jwk;
import static io.topicstream.tokens.TestIssuer.pem;
import static io.topicstream.tokens.TestIssuer.rs256;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authentication.NotMine;
import io.topicstream.access.Authenticators;
import io.topicstream.testkit.ManualClock;
import io.topicstream.tokens.JwtIssuer.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Keys and secrets in files.
class KeyFilesTest {
    private final ManualClock clock = new ManualClock();

    @TempDir
    private Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("key"), text);
    }

    private JwtTokens open(Source source, List<JwtAlgorithm> algorithms) throws IOException {
        return JwtTokens.open(List.of(JwtWorld.issuer(source, algorithms, null, null, null)), clock);
    }

    private JwtTokens withKeys(String text) throws IOException {
        return open(new Source.KeyFile(file(text)), JwtAlgorithm.OF_KEYS);
    }

    private JwtTokens withSecret(String text, JwtAlgorithm algorithm) throws IOException {
        return open(new Source.SecretFile(file(text)), List.of(algorithm));
    }

    private Authentication ask(JwtTokens tokens, String token) {
        // Nothing has to be waited for.
        return tokens.authenticate(JwtWorld.shown(token)).toCompletableFuture().getNow(null);
    }

    private String claimed() {
        return claims(clock.millis(), "alice", "");
    }

    @Test
    void aPublicKeyInPem() throws IOException {
        JwtTokens rsa = withKeys(pem(RSA));
        assertThat(ask(rsa, rs256(RSA, RS, claimed()))).isInstanceOf(Known.class);
        // It has no name, so what tokens call it does not count; the signature does.
        assertThat(ask(rsa, rs256(RSA, "{\"alg\":\"RS256\",\"kid\":\"another\"}", claimed())))
                .isInstanceOf(Known.class);
        assertThat(ask(rsa, rs256(RSA, "{\"alg\":\"RS256\"}", claimed()))).isInstanceOf(Known.class);
        assertThat(ask(rsa, rs256(OTHER_RSA, RS, claimed()))).isSameAs(Authenticators.WRONG);
        assertThat(ask(rsa, es256(EC, ES, claimed()))).isSameAs(Authenticators.WRONG);
        assertThat(ask(rsa, hs256(pem(RSA).getBytes(UTF_8), "{\"alg\":\"HS256\"}", claimed())))
                .isSameAs(Authenticators.WRONG);

        JwtTokens ec = withKeys("a comment\r\n" + pem(EC).replace("\n", "\r\n"));
        assertThat(ask(ec, es256(EC, ES, claimed()))).isInstanceOf(Known.class);
    }

    @Test
    void aKeyAsJsonAndASetOfThem() throws IOException {
        JwtTokens one = withKeys(jwk(RSA, "rsa-1"));
        assertThat(ask(one, rs256(RSA, RS, claimed()))).isInstanceOf(Known.class);
        assertThat(ask(one, rs256(RSA, "{\"alg\":\"RS256\"}", claimed()))).isInstanceOf(Known.class);
        assertThat(ask(one, rs256(RSA, "{\"alg\":\"RS256\",\"kid\":\"another\"}", claimed())))
                .isSameAs(Authenticators.WRONG);

        JwtTokens set = withKeys("{\"keys\":[" + jwk(RSA, "rsa-1") + "," + jwk(EC, "ec-1") + "]}");
        assertThat(ask(set, rs256(RSA, RS, claimed()))).isInstanceOf(Known.class);
        assertThat(ask(set, es256(EC, ES, claimed()))).isInstanceOf(Known.class);
    }

    @ParameterizedTest
    @CsvSource({
        "'', it is no JWK and no set of them",
        "nonsense, it is no JWK and no set of them",
        "{}, there is no key in it",
        "'{\"keys\":[]}', there is no key in it",
        "'-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', neither of RSA nor on one of the curves",
        "'-----BEGIN PUBLIC KEY-----\nA\n-----END PUBLIC KEY-----', no base64",
        "'-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', there is a private key in it",
        "'-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----', there is a private key in it"
    })
    void aFileWithoutAKeyIsRefusedByTheNameOfItsSetting(String text, String told) {
        assertThatThrownBy(() -> withKeys(text))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("access.jwt[0].key_file " + directory.resolve("key") + ": ")
                .hasMessageContaining(told);
    }

    @Test
    void weakAndPrivateKeysAreRefused() throws Exception {
        KeyPairGenerator weak = KeyPairGenerator.getInstance("RSA");
        weak.initialize(1024);
        KeyPair pair = weak.generateKeyPair();
        assertThatThrownBy(() -> withKeys(pem(pair))).hasMessageContaining("2048");
        assertThatThrownBy(() -> withKeys(jwk(pair, "weak"))).hasMessageContaining("there is no key in it");

        String d = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]);
        assertThatThrownBy(() -> withKeys(jwk(EC, "ec-1", ",\"d\":\"" + d + "\"")))
                .hasMessageContaining("there is no key in it");
    }

    @Test
    void aFileThatIsMissingOrTooLargeIsRefused() throws IOException {
        Path missing = directory.resolve("missing");
        assertThatThrownBy(() -> open(new Source.KeyFile(missing), JwtAlgorithm.OF_KEYS))
                .hasMessage("access.jwt[0].key_file " + missing + ": there is no such file");
        assertThatThrownBy(() -> open(new Source.SecretFile(missing), JwtAlgorithm.OF_SECRETS))
                .hasMessage("access.jwt[0].secret_file " + missing + ": there is no such file");
        assertThatThrownBy(() -> withKeys(" ".repeat(1 << 20) + jwk(RSA, "rsa-1")))
                .hasMessageContaining("more than a mebibyte");
    }

    @ParameterizedTest
    @CsvSource({"HS256, 32", "HS384, 48", "HS512, 64"})
    void aSecretHasAtLeastTheBytesOfItsHash(JwtAlgorithm algorithm, int least) throws IOException {
        try (JwtTokens tokens = withSecret("s".repeat(least), algorithm)) {
            assertThat(tokens).isNotNull();
        }
        for (String secret : List.of("", "\n", "s".repeat(least - 1), "s".repeat(least - 1) + "\r\n")) {
            assertThatThrownBy(() -> withSecret(secret, algorithm))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("access.jwt[0].secret_file ")
                    .hasMessageContaining("bytes; " + algorithm + " wants at least " + least)
                    .hasMessageNotContaining("sss");
        }
    }

    @Test
    void aSecretSigns() throws IOException {
        String secret = "a-secret-that-has-32-bytes-or-so";
        JwtTokens tokens = withSecret(secret + "\n", JwtAlgorithm.HS256);
        String header = "{\"alg\":\"HS256\"}";

        assertThat(ask(tokens, hs256(secret.getBytes(UTF_8), header, claimed())))
                .isInstanceOf(Known.class);
        assertThat(ask(tokens, hs256((secret + "\n").getBytes(UTF_8), header, claimed())))
                .isSameAs(Authenticators.WRONG);
        assertThat(ask(tokens, hs256(new byte[1], header, claimed()))).isSameAs(Authenticators.WRONG);
        assertThat(ask(tokens, rs256(RSA, RS, claimed()))).isSameAs(Authenticators.WRONG);
    }

    @Test
    void whatIsNoTokenOfThisKindIsLeftToOthers() throws IOException {
        JwtTokens tokens = withKeys(pem(RSA));
        for (String other : List.of(
                "a-static-token",
                "ts_0123456789",
                "a.b.c",
                "..",
                "",
                rs256(RSA, RS, claimed().replace(TestIssuer.NAME, "https://other.example")))) {
            assertThat(ask(tokens, other)).isInstanceOf(NotMine.class);
        }
    }
}
