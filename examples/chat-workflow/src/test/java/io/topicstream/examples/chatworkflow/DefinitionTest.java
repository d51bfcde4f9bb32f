package io.topicstream.examples.chatworkflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.examples.backend.Program;
import io.topicstream.gateway.definition.Definitions;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Route;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The API and the settings of the chat, as the server understands them.
class DefinitionTest {
    @Test
    void itHasFourRoutesThatAnswerNobodyAndNothingIsUnusualInIt() throws Exception {
        Definition definition = Definitions.read(Path.of("gateway.yaml"), Map.of("BACK_END", "127.0.0.1:8081"));

        Api api = definition.apis().getFirst();
        assertThat(definition.findings()).isEmpty();
        assertThat(api.stages()).containsOnlyKeys("lobby");
        assertThat(api.routes()).containsOnlyKeys("$connect", "$disconnect", "$default", "sendMessage");
        assertThat(api.routes().values()).noneMatch(Route::twoWay);
    }

    @Test
    void aConnectionThatOpensIsNotTakenForOneThatIsGone() throws Exception {
        Definition definition = Definitions.read(Path.of("gateway.yaml"), Map.of("BACK_END", "127.0.0.1:8081"));

        Route connect =
                Objects.requireNonNull(definition.apis().getFirst().routes().get("$connect"));
        Duration timeout =
                Duration.ofMillis(Objects.requireNonNull(connect.integration()).timeoutMs());

        assertThat(timeout).isEqualTo(Duration.ofSeconds(5));
        assertThat(Workflow.OPENING).isGreaterThan(timeout);
    }

    @Test
    void theBusIsKeptForThirtyDays(@TempDir Path folder) throws Exception {
        try (Program check = Program.start(
                folder,
                "check",
                Map.of(),
                Program.java(
                        "io.topicstream.cli.Main",
                        "config",
                        "check",
                        "--config",
                        Programs.server(folder, 1).toString()))) {
            assertThat(check.exitCode()).as(check::err).isZero();
            assertThat(check.out()).containsPattern("policies .*chat-events.*30d");
        }
    }
}
