package io.topicstream.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.topicstream.command.Rate;
import io.topicstream.tokens.authorizer.AuthorizerSettings;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The settings of the operator's own service, and of rates.
class OutsideAndRatesTest {
    private static final String URL = "access.authorizer.url";

    private static ServerConfig config(String... settings) {
        Map<String, String> flags = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            flags.put(settings[i], settings[i + 1]);
        }
        return ServerConfig.load(null, Map.of(), flags).config();
    }

    private static List<String> problems(String... settings) {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> config(settings));
        assertThat(refused).isNotNull();
        return refused.problems();
    }

    @Test
    void nobodyIsAskedUnlessThereIsAnAddress() {
        assertThat(config().authorizer()).isNull();
        assertThat(config(URL, "https://users.example:8443/who?of=us").authorizer())
                .isEqualTo(new AuthorizerSettings(
                        URI.create("https://users.example:8443/who?of=us"),
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(1),
                        List.of("authorization"),
                        List.of(),
                        100,
                        false));
    }

    @Test
    void allOfItCanBeSaid() {
        assertThat(config(
                                URL,
                                "http://[::1]:1/",
                                "access.authorizer.timeout",
                                "100ms",
                                "access.authorizer.cache",
                                "0s",
                                "access.authorizer.headers",
                                "X-Tenant,Authorization,authorization",
                                "access.authorizer.query",
                                "ticket",
                                "access.authorizer.calls",
                                "1",
                                "access.authorizer.grants_admin",
                                "true")
                        .authorizer())
                .isEqualTo(new AuthorizerSettings(
                        URI.create("http://[::1]:1/"),
                        Duration.ofMillis(100),
                        Duration.ZERO,
                        List.of("authorization", "x-tenant"),
                        List.of("ticket"),
                        1,
                        true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "users.example/who",
                "file:///etc/passwd",
                "gopher://users.example/",
                "https://",
                "https:///who",
                "https://user@users.example/who",
                "https://user:secret@users.example/who",
                "https://users.example/who#here",
                "https://users.example:0/",
                "https://users.example:65536/",
                "https://users.example/a b",
                "https://users.example/\r\nX: y"
            })
    void whatIsNoAddressOfAServiceIsRefused(String url) {
        assertThat(problems(URL, url)).singleElement().asString().contains(URL);
    }

    @ParameterizedTest
    @CsvSource({
        "access.authorizer.headers, cookie",
        "access.authorizer.headers, Cookie",
        "access.authorizer.headers, 'a b'",
        "access.authorizer.query, 'a b'",
        "access.authorizer.timeout, 99ms",
        "access.authorizer.timeout, 31s",
        "access.authorizer.calls, 0",
        "access.authorizer.grants_admin, yes",
        "limits.rate.connection.rate, 0",
        "limits.rate.user.rate, 0",
        "limits.rate.user.rate, 1.5",
        "limits.rate.connection.burst, 0"
    })
    void whatCannotBeIsRefusedByTheSettingsName(String setting, String value) {
        assertThat(problems(setting, value)).first().asString().contains(setting);
    }

    @Test
    void unsetIsNoLimitAndABurstIsASecondOfTheRateUnlessItIsSaid() {
        assertThat(config().rates().connection()).isNull();
        assertThat(config().rates().user()).isNull();
        assertThat(config().stageRates()).isEmpty();
        assertThat(config("limits.rate.connection.rate", "1").rates().connection())
                .isEqualTo(new Rate(1, 1));
        assertThat(config("limits.rate.user.rate", "20", "limits.rate.user.burst", "5")
                        .rates()
                        .user())
                .isEqualTo(new Rate(20, 5));
        assertThat(config("stages", "[{path: /, dialect: native, rate: 3}]").stageRates())
                .isEqualTo(Map.of("", new Rate(3, 3)));
    }

    @Test
    void aBurstWithoutARateIsAMistake() {
        assertThat(problems("limits.rate.user.burst", "5"))
                .containsExactly("--set limits.rate.user.burst: limits.rate.user.burst needs limits.rate.user.rate");
    }
}
