package io.topicstream.examples.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where a program listens, as its environment says.
class EnvironmentTest {
    @Test
    void itListensOnTheLoopbackWhereNothingIsSaid() throws Exception {
        Environment environment = new Environment(Map.of());

        assertThat(environment.host()).isEqualTo("127.0.0.1");
        assertThat(environment.port()).isEqualTo(80);
        environment.check();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "8081, 8081", "65535, 65535"})
    void aPortHasTwoLimits(String value, int port) throws Exception {
        Environment environment = new Environment(Map.of("HTTP_PORT", value, "HTTP_HOST", "0.0.0.0"));

        assertThat(environment.port()).isEqualTo(port);
        assertThat(environment.host()).isEqualTo("0.0.0.0");
        environment.check();
    }

    @ParameterizedTest
    @ValueSource(strings = {"65536", "-1", "no port"})
    void whatIsNoPortIsNamedWithAllElse(String value) {
        Environment environment = new Environment(Map.of("HTTP_PORT", value));

        environment.port();
        environment.region();

        assertThatThrownBy(environment::check)
                .isInstanceOf(Environment.Missing.class)
                .message()
                .contains("HTTP_PORT is a port, 0 to 65535, not " + value + ".", "AWS_REGION is missing: ");
    }
}
