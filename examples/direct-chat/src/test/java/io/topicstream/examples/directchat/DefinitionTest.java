package io.topicstream.examples.directchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.definition.Definitions;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Route;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// The API of the direct chat, as the gateway understands it.
class DefinitionTest {
    @Test
    void itHasFiveRoutesAndNothingIsUnusualInIt() throws Exception {
        Definition definition = Definitions.read(
                Path.of("gateway.yaml"),
                Map.of("BACK_END", "127.0.0.1:8081", "CALLBACKS", "http://127.0.0.1:8080/dev"));

        Api api = definition.apis().getFirst();
        assertThat(definition.findings()).isEmpty();
        assertThat(api.routeSelectionExpression()).isEqualTo("$request.body.action");
        assertThat(api.routes()).containsOnlyKeys("$connect", "$disconnect", "username", "online", "message");
        assertThat(api.routes().values())
                .filteredOn(Route::twoWay)
                .extracting(Route::key)
                .containsExactlyInAnyOrder("username", "online", "message");
        var stage = Objects.requireNonNull(api.stages().get("dev"));
        assertThat(stage.defaults().throttlingRate()).isEqualTo(10_000.0);
        assertThat(stage.defaults().throttlingBurst()).isEqualTo(5_000);
    }
}
