package io.topicstream.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.topicstream.access.Grant;
import io.topicstream.access.Permission;
import io.topicstream.tokens.JwtAlgorithm;
import io.topicstream.tokens.JwtIssuer;
import io.topicstream.tokens.JwtIssuer.Source;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The setting `access.jwt`.
class JwtIssuersTest {
    private static final String LEAST = "issuer: https://a.example, audience: app, jwks_url: https://a.example/jwks";

    private static List<JwtIssuer> issuers(String text) {
        return config(text).access().jwt();
    }

    private static ServerConfig config(String text, String... more) {
        Map<String, String> flags = new HashMap<>(Map.of("access.jwt", text));
        for (int i = 0; i < more.length; i += 2) {
            flags.put(more[i], more[i + 1]);
        }
        return ServerConfig.load(null, Map.of(), flags).config();
    }

    private static List<String> problems(String text) {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> issuers(text));
        assertThat(refused).as(text).isNotNull();
        return refused.problems();
    }

    @Test
    void theLeastThatAnIssuerNeeds() {
        assertThat(issuers("[{" + LEAST + "}]"))
                .containsExactly(new JwtIssuer(
                        "https://a.example",
                        new Source.Jwks(URI.create("https://a.example/jwks")),
                        JwtAlgorithm.OF_KEYS,
                        List.of("app"),
                        "aud",
                        null,
                        "sub",
                        "",
                        "name",
                        null,
                        Grant.DEFAULT,
                        false,
                        null,
                        Duration.ofSeconds(10)));
        assertThat(issuers("[{issuer: a, audience: app, secret_file: s}]")
                        .getFirst()
                        .algorithms())
                .containsExactly(JwtAlgorithm.HS256);
        assertThat(issuers("[]")).isEmpty();
    }

    @Test
    void everythingThatAnIssuerMayHave(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("topicstream.yaml"), """
                access:
                  jwt:
                    - issuer: https://a.example
                      key_file: keys/a.pem
                      algorithms: [PS256, ES384]
                      audience: [one, two]
                      audience_claim: client_id
                      typ: at+jwt
                      user_claim: "cognito:username"
                      user_prefix: "a."
                      name_claim: nickname
                      grants_claim: https://a.example/grants
                      grants:
                        - topics: "news:*"
                          allow: [read]
                      grant_admin: true
                      max_age: 12h
                      skew: 60s
                """);

        assertThat(ServerConfig.load(file, Map.of(), Map.of()).config().access().jwt())
                .containsExactly(new JwtIssuer(
                        "https://a.example",
                        new Source.KeyFile(Path.of("keys/a.pem")),
                        List.of(JwtAlgorithm.PS256, JwtAlgorithm.ES384),
                        List.of("one", "two"),
                        "client_id",
                        "at+jwt",
                        "cognito:username",
                        "a.",
                        "nickname",
                        "https://a.example/grants",
                        List.of(new Grant("news:*", EnumSet.of(Permission.READ))),
                        true,
                        Duration.ofHours(12),
                        Duration.ofSeconds(60)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'{audience: app, jwks_url: https://a.example}'; issuer is missing",
                "'{issuer: a, jwks_url: https://a.example}'; audience is missing",
                "'{issuer: a, audience: app}'; has no keys; give one of jwks_url, key_file, secret_file",
                "'{issuer: a, audience: app, key_file: k, secret_file: s}'; has key_file and secret_file",
                "'{issuer: a, audience: [], key_file: k}'; audience is empty",
                "'{issuer: a b, audience: app, key_file: k}'; issuer is 'a b'",
                "'{issuer: a, audience: app, key_file: k, skew: 61s}'; skew is '61s'",
                "'{issuer: a, audience: app, key_file: k, max_age: 0s}'; max_age is '0s'",
                "'{issuer: a, audience: app, key_file: k, algorithms: [none]}'; algorithms has 'none'",
                "'{issuer: a, audience: app, key_file: k, algorithms: [nOnE]}'; algorithms has 'nOnE'",
                "'{issuer: a, audience: app, key_file: k, algorithms: []}'; algorithms is []",
                "'{issuer: a, audience: app, key_file: k, algorithms: [HS256]}'; none of HS… for public keys",
                "'{issuer: a, audience: app, key_file: k, algorithms: [RS256, HS256]}'; none of HS… for public keys",
                "'{issuer: a, audience: app, secret_file: s, algorithms: [RS256]}'; one of HS256, HS384, HS512",
                "'{issuer: a, audience: app, secret_file: s, algorithms: [HS256, HS512]}'; one of HS256, HS384, HS512",
                "'{issuer: a, audience: app, key_file: k, user_prefix: guest.}'; user_prefix is 'guest.'",
                "'{issuer: a, audience: app, key_file: k, user_prefix: h-}'; user_prefix is 'h-'",
                "'{issuer: a, audience: app, key_file: k, user_prefix: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}'; user_prefix is",
                "'{issuer: a, audience: app, key_file: k, user_claim: \"\"}'; user_claim is ''",
                "'{issuer: a, audience: app, key_file: k, grants: [{topics: a, allow: [fly]}]}'; grants[0].allow",
                "'{issuer: a, audience: app, key_file: k, grant_admin: yes}'; grant_admin is 'yes'",
                "'{issuer: a, audience: app, key_fil: k}'; key_fil is unknown",
                "'nothing'; is none"
            })
    void whatIsWrongIsNamed(String entry, String told) {
        assertThat(problems("[" + entry + "]"))
                .allMatch(problem -> problem.contains("access.jwt[0]"))
                .anyMatch(problem -> problem.contains(told.strip()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://a.example/jwks",
                "http://10.0.0.1/jwks",
                "http://localhost.example/jwks",
                "http://127.0.0.1.example/jwks",
                "https://user@a.example/jwks",
                "https://a.example/jwks#x",
                "file:///etc/jwks",
                "ftp://a.example/jwks",
                "https:/jwks",
                "jwks",
                "'https://a b'"
            })
    void keysAreFetchedOverTlsOrFromThisMachine(String url) {
        assertThat(problems("[{issuer: a, audience: app, jwks_url: " + url + "}]"))
                .hasSize(1)
                .allMatch(problem -> problem.contains("access.jwt[0].jwks_url is "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:9/jwks",
                "http://localhost/jwks",
                "http://[::1]:9/",
                "https://10.0.0.1/jwks?a=b"
            })
    void thoseMayBeFetched(String url) {
        assertThat(issuers("[{issuer: a, audience: app, jwks_url: '" + url + "'}]"))
                .hasSize(1);
    }

    @Test
    void severalIssuersSayWhatStandsBeforeTheirUsers() {
        String first = "{issuer: a, audience: app, key_file: k";
        String second = "{issuer: b, audience: app, key_file: k";
        assertThat(problems("[" + first + "}, " + second + "}]"))
                .hasSize(2)
                .allMatch(problem -> problem.contains("needs a user_prefix"));
        assertThat(problems("[" + first + ", user_prefix: ''}, " + second + "}]"))
                .hasSize(1)
                .first()
                .asString()
                .contains("access.jwt: b needs a user_prefix");
        assertThat(issuers("[" + first + ", user_prefix: ''}, " + second + ", user_prefix: ''}]"))
                .hasSize(2);
        assertThat(problems("[" + first + ", user_prefix: x}, " + first + ", user_prefix: y}]"))
                .hasSize(1)
                .first()
                .asString()
                .contains("access.jwt has a twice");
    }

    @Test
    void anIssuerTellsCallersApart() {
        assertThat(config("[{" + LEAST + "}]").isAnonymousAllowed()).isFalse();
        assertThat(config("[]").isAnonymousAllowed()).isTrue();
        assertThat(config("[{" + LEAST + "}]", "server.bind", "0.0.0.0").remoteRefusal(false))
                .isNull();
        assertThat(config("[]", "server.bind", "0.0.0.0").remoteRefusal(false)).contains("access.jwt");
    }
}
