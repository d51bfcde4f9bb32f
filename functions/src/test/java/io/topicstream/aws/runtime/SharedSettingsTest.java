package io.topicstream.aws.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.audience.Outside;
import io.topicstream.log.Retention;
import io.topicstream.log.TopicName;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.tokens.JwtIssuer;
import io.topicstream.tokens.TestIssuer;
import io.topicstream.tokens.authorizer.AuthorizerSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The variables that functions have in common with a server.
class SharedSettingsTest {
    private static final String POOL = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc";
    private static final String COGNITO = """
        [{"issuer": "%s", "jwks_url": "%s/.well-known/jwks.json", "algorithms": ["RS256"],
          "audience": ["client-1"], "audience_claim": "client_id", "name_claim": "username"}]
        """.formatted(POOL, POOL);

    private final Map<String, String> environment = new HashMap<>(Map.of(
            "TOPICSTREAM_TABLE", "messages",
            "TOPICSTREAM_CALLBACK_URL", "https://abc.execute-api.eu-west-1.amazonaws.com/v1",
            "AWS_LAMBDA_FUNCTION_NAME", "websocket"));

    private FunctionSettings read() {
        return FunctionSettings.of(environment, true);
    }

    @Test
    void withoutAnyNobodyOutsideIsBelieved() {
        assertThat(read().door().outside()).isEqualTo(Outside.NOBODY);
        assertThat(read().door().policies()).isEqualTo(TopicPolicies.DEFAULT);
    }

    @Test
    void aPoolOfCognitoIsAnIssuer() {
        environment.put("TOPICSTREAM_ACCESS_JWT", COGNITO);

        JwtIssuer issuer = read().door().outside().issuers().getFirst();

        assertThat(issuer.issuer()).isEqualTo(POOL);
        assertThat(issuer.keys()).isEqualTo(new JwtIssuer.Source.Jwks(URI.create(POOL + "/.well-known/jwks.json")));
        assertThat(issuer.audience()).containsExactly("client-1");
        assertThat(issuer.audienceClaim()).isEqualTo("client_id");
    }

    @Test
    void keysMayStandInAFile(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("key.pem"), TestIssuer.pem(TestIssuer.RSA));
        environment.put(
                "TOPICSTREAM_ACCESS_JWT",
                "[{\"issuer\":\"https://a.example\",\"audience\":[\"x\"],\"key_file\":\"" + file + "\"}]");
        assertThat(read().door().outside().issuers()).hasSize(1);

        Files.delete(file);

        assertThatThrownBy(this::read)
                .hasMessage("TOPICSTREAM_ACCESS_JWT: access.jwt[0].key_file " + file + ": there is no such file.");
    }

    @Test
    void anOperatorsServiceIsAsked() {
        environment.putAll(Map.of(
                "TOPICSTREAM_ACCESS_AUTHORIZER_URL", "https://users.example/authorize",
                "TOPICSTREAM_ACCESS_AUTHORIZER_TIMEOUT", "2s",
                "TOPICSTREAM_ACCESS_AUTHORIZER_CACHE", "5m",
                "TOPICSTREAM_ACCESS_AUTHORIZER_HEADERS", "Authorization,X-Session",
                "TOPICSTREAM_ACCESS_AUTHORIZER_QUERY", "ticket",
                "TOPICSTREAM_ACCESS_AUTHORIZER_CALLS", "10",
                "TOPICSTREAM_ACCESS_AUTHORIZER_GRANTS_ADMIN", "true"));

        assertThat(read().door().outside().authorizer())
                .isEqualTo(new AuthorizerSettings(
                        URI.create("https://users.example/authorize"),
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(5),
                        List.of("authorization", "x-session"),
                        List.of("ticket"),
                        10,
                        true));
    }

    @Test
    void policiesAndLimitsAreThoseOfAServer() {
        environment.putAll(Map.of(
                "TOPICSTREAM_POLICIES",
                "[{\"topics\":\"logs:*\",\"keep\":{\"age\":\"7d\"},\"max_message\":\"1KiB\"}]",
                "TOPICSTREAM_LIMITS_MESSAGES_PAYLOAD_BYTES",
                "64KiB",
                "TOPICSTREAM_LIMITS_SUBSCRIPTIONS_PER_CONNECTION",
                "7"));

        TopicPolicies policies = read().door().policies();

        assertThat(policies.of(new TopicName("logs:a")).maxPayloadBytes()).isEqualTo(1024);
        assertThat(policies.retention().of(new TopicName("logs:a")))
                .isEqualTo(new Retention(Duration.ofDays(7).toMillis(), Retention.UNLIMITED, Retention.UNLIMITED));
        assertThat(policies.of(new TopicName("news")).maxPayloadBytes()).isEqualTo(64 * 1024);
        assertThat(read().door().limits().subscriptionsPerConnection()).isEqualTo(7);
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        environment.remove("TOPICSTREAM_TABLE");
        environment.put("TOPICSTREAM_GUESTS", "yes");
        environment.put("TOPICSTREAM_ACCESS_JWT", "[{\"issuer\":\"https://a.example\"}]");
        environment.put("TOPICSTREAM_ACCESS_AUTHORIZER_URL", "users.example");
        environment.put("TOPICSTREAM_POLICIES", "[{\"topics\":\"logs:*\",\"keep\":{\"age\":\"7y\"}}]");

        assertThatThrownBy(this::read)
                .hasMessageContainingAll(
                        "The function needs TOPICSTREAM_TABLE in its environment. ",
                        "TOPICSTREAM_GUESTS is \"yes\"; it has to be true or false.",
                        "TOPICSTREAM_ACCESS_JWT: access.jwt[0].audience is missing.",
                        "TOPICSTREAM_ACCESS_JWT: access.jwt[0] has no keys; give one of",
                        "TOPICSTREAM_ACCESS_AUTHORIZER_URL: access.authorizer.url is 'users.example'; allowed is a URL",
                        "TOPICSTREAM_POLICIES: policies[0].keep.age is '7y'; allowed is a time");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ACCESS_JWT | nothing | access.jwt is no such list; allowed is a list of {issuer,",
                "ACCESS_JWT | [{\"issuer\":\"a b\",\"audience\":[\"x\"],\"jwks_url\":\"https://a.example/k\"}]"
                        + " | access.jwt[0].issuer is 'a b'; allowed is",
                "ACCESS_JWT | [{\"issuer\":\"a\",\"audience\":[],\"jwks_url\":\"https://a.example/k\"}]"
                        + " | access.jwt[0].audience is empty",
                "ACCESS_JWT | [{\"issuer\":\"a\",\"audience\":[\"x\"],\"jwks_url\":\"http://a.example/k\"}]"
                        + " | access.jwt[0].jwks_url is 'http://a.example/k'; allowed is an https URL",
                "ACCESS_JWT | [{\"issuer\":\"a\",\"audience\":[\"x\"],\"jwks_url\":\"https://a.example/k\","
                        + "\"algorithms\":[\"none\"]}] | access.jwt[0].algorithms",
                "ACCESS_JWT | [{\"issuer\":\"a\",\"audience\":[\"x\"],\"jwks_url\":\"https://a.example/k\","
                        + "\"algorithms\":[\"HS256\"]}] | allowed is none of HS… for public keys",
                "ACCESS_JWT | [{\"issuer\":\"a\",\"audience\":[\"x\"],\"jwks_url\":\"https://a.example/k\","
                        + "\"audiance_claim\":\"y\"}] | did you mean audience_claim?",
                "ACCESS_JWT | [{\"issuer\":\"a\",\"audience\":[\"x\"],\"jwks_url\":\"https://a.example/k\"},"
                        + "{\"issuer\":\"b\",\"audience\":[\"x\"],\"jwks_url\":\"https://b.example/k\"}]"
                        + " | needs a user_prefix, since there are several issuers",
                "ACCESS_AUTHORIZER_URL | https://user@users.example | access.authorizer.url is",
                "ACCESS_AUTHORIZER_TIMEOUT | 1h | access.authorizer.timeout is '1h'; allowed is a time",
                "ACCESS_AUTHORIZER_CACHE | 2d | access.authorizer.cache is '2d'; allowed is a time",
                "ACCESS_AUTHORIZER_HEADERS | cookie | access.authorizer.headers",
                "ACCESS_AUTHORIZER_QUERY | a b | access.authorizer.query",
                "ACCESS_AUTHORIZER_CALLS | 0 | access.authorizer.calls is '0'; allowed is a whole number",
                "ACCESS_AUTHORIZER_GRANTS_ADMIN | yes | access.authorizer.grants_admin is 'yes'; allowed is true",
                "POLICIES | [{\"topics\":\"a*b\",\"max_message\":\"1KiB\"}] | policies[0].topics is 'a*b'; allowed is",
                "POLICIES | [{\"topics\":\"a\"}] | policies[0] says nothing; give max_message, presence or keep",
                "POLICIES | [{\"topics\":\"a\",\"presence\":\"often\"}] | policies[0].presence is 'often'",
                "LIMITS_MESSAGES_PAYLOAD_BYTES | many | limits.messages.payload_bytes is 'many'; allowed is a size",
                "LIMITS_SUBSCRIPTIONS_CHATS_PER_USER | 0 | limits.subscriptions.chats_per_user is '0'",
                // Of a server alone.
                "ACCESS_TOKENS | [] | there is no such setting here",
                "ACCESS_JTW | [] | there is no such setting here; did you mean TOPICSTREAM_ACCESS_JWT?",
                "LIMITS_RATE_USER_RATE | 5 | there is no such setting here",
            })
    void eachWrongValueIsNamed(String variable, String value, String said) {
        environment.put("TOPICSTREAM_" + variable, value);

        assertThatThrownBy(this::read)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("TOPICSTREAM_" + variable + ": ")
                .hasMessageContaining(said);
    }

    @Test
    void anAnswerComesBeforeTheGatewayGivesUp() {
        environment.put("TOPICSTREAM_ACCESS_AUTHORIZER_URL", "https://users.example/authorize");
        environment.put("TOPICSTREAM_ACCESS_AUTHORIZER_TIMEOUT", "25s");

        assertThatThrownBy(this::read)
                .hasMessageStartingWith("TOPICSTREAM_ACCESS_AUTHORIZER_TIMEOUT: access.authorizer.timeout is 25s;"
                        + " allowed is at most 20s,");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POLICIES | [{\"topics\":\"a\",\"max_message\":\"1MiB\"}] | 1MiB",
                "LIMITS_MESSAGES_PAYLOAD_BYTES | 121KiB | 121KiB",
            })
    void aMessageFitsIntoAPostOfTheGateway(String variable, String value, String said) {
        environment.put("TOPICSTREAM_" + variable, value);

        assertThatThrownBy(this::read)
                .hasMessage("TOPICSTREAM_POLICIES and TOPICSTREAM_LIMITS_MESSAGES_PAYLOAD_BYTES allow messages of "
                        + said + "; API Gateway delivers none above 120KiB.");
    }

    @Test
    void theArchiverIsToldOfPoliciesToo() {
        Map<String, String> variables = Map.of(
                "TOPICSTREAM_TABLE", "messages",
                "TOPICSTREAM_BUCKET", "segments",
                "TOPICSTREAM_POLICIES", "[{\"topics\":\"a\"}]");

        assertThatThrownBy(() -> new ArchiveHandler(variables))
                .hasMessage("TOPICSTREAM_POLICIES: policies[0] says nothing; give max_message, presence or keep.");
    }
}
