package io.topicstream.gateway.definition;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Definition.Finding;
import io.topicstream.gateway.model.Integration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The definitions that `docs/gateway.md` shows are definitions.
class GatewayPageTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml not-run: a definition[^\n]*\n(.*?)^```$");

    @TempDir
    private Path folder;

    private static List<String> blocks() throws IOException {
        Matcher blocks = BLOCK.matcher(Files.readString(Path.of("..", "docs", "gateway.md")));
        List<String> definitions = new ArrayList<>();
        while (blocks.find()) {
            if (blocks.group(1).matches("(?ms)^(api|apis):.*")) {
                definitions.add(blocks.group(1));
            }
        }
        return definitions;
    }

    private Definition read(String text, Map<String, String> parameters) throws IOException, DefinitionException {
        Files.createDirectories(folder.resolve("auth"));
        Files.createDirectories(folder.resolve("connect"));
        return Definitions.read(Files.writeString(folder.resolve("api.yaml"), text), parameters);
    }

    @Test
    void theShortOneIsWhole() throws Exception {
        Definition definition = read(blocks().getFirst(), Map.of());

        assertThat(definition.apis().getFirst().routes()).containsOnlyKeys("$connect", "$default", "join", "ping");
        assertThat(definition.functions()).hasSize(2);
        assertThat(definition.findings()).isEmpty();
    }

    @Test
    void theLongOneHasAllThatItShows() throws Exception {
        Definition definition = read(blocks().get(1), Map.of("BACK", "back", "KEY", "0123456789abcdef0123"));

        assertThat(blocks()).hasSize(3);
        assertThat(definition.apis()).extracting(Api::name).containsExactly("chat", "admin");
        assertThat(definition.apis().getFirst().routes()).containsOnlyKeys("$connect", "chat/say", "chat/time");
        assertThat(definition.findings()).extracting(Finding::text).isEmpty();
    }

    @Test
    void theOneWithTopicsGoesThere() throws Exception {
        Definition definition = read(blocks().getLast(), Map.of());

        assertThat(definition.apis().getFirst().routes().values())
                .filteredOn(route -> Objects.requireNonNull(route.integration()).type() == Integration.Type.TOPICSTREAM)
                .hasSize(4);
        assertThat(definition.findings()).extracting(Finding::text).isEmpty();
    }
}
