package io.topicstream.gateway.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.integration.Answer.Failure;
import io.topicstream.gateway.integration.Events;
import io.topicstream.gateway.model.Integration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MockBackEndTest {
    private final MockBackEnd backEnd = new MockBackEnd(Integrations.MAPPINGS);

    @Test
    @DisplayName("90: what the template renders is the answer")
    void rendered() {
        Integration integration = Integrations.of(Integration.Type.MOCK, "")
                .template("200", "{\"statusCode\":200}")
                .select("200")
                .response("$default", Map.of("$default", "{\"pong\":\"$context.connectionId\"}"))
                .made();

        assertThat(Integrations.body(Integrations.call(backEnd, Events.message("ping", "{}"), integration)))
                .isEqualTo("{\"pong\":\"gbgHN0-zjQAYKEjhgA==\"}");
    }

    @Test
    @DisplayName("85, 90: the rendered status selects the response")
    void statusSelects() {
        Integration integration = Integrations.of(Integration.Type.MOCK, "")
                .template("$default", "{\"statusCode\":$input.json('$.s')}")
                .select("\\$default")
                .response("/4\\d\\d/", Map.of("$default", "four"))
                .response("$default", Map.of("$default", "other"))
                .made();

        assertThat(Integrations.body(Integrations.call(backEnd, Events.message("ping", "{\"s\":404}"), integration)))
                .isEqualTo("four");
        assertThat(Integrations.body(Integrations.call(backEnd, Events.message("ping", "{\"s\":200}"), integration)))
                .isEqualTo("other");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"statusCode\":\"200\"}", "{\"statusCode\":1.5}", "200", "", "no JSON", "[200]"})
    @DisplayName("91: without a whole number as statusCode it is an internal error")
    void noStatus(String rendered) {
        Integration integration = Integrations.of(Integration.Type.MOCK, "")
                .template("$default", rendered)
                .select("\\$default")
                .response("$default", Map.of())
                .made();

        assertThat(Integrations.failure(Integrations.call(backEnd, Events.message("ping", "{}"), integration)))
                .isEqualTo(Failure.INTERNAL);
    }
}
