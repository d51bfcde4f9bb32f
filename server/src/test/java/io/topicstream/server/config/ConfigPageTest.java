package io.topicstream.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigPageTest {
    private static final String BEGIN = "```yaml\n";
    private static final Path PAGE = Path.of("..", "docs", "configuration.md");

    @Test
    void thePageInTheDocumentsSaysWhatTheTableSays() throws IOException {
        if (Boolean.getBoolean("topicstream.docs.write")) {
            Files.writeString(PAGE, ConfigPage.markdown());
        }

        assertThat(PAGE)
                .as("make it again with mvn -pl server -am test -Dtest=ConfigPageTest -Dtopicstream.docs.write=true"
                        + " -Dsurefire.failIfNoSpecifiedTests=false")
                .hasContent(ConfigPage.markdown());
    }

    @Test
    void theExamplesOnThePageAreAConfiguration(@TempDir Path directory) throws IOException {
        String page = ConfigPage.markdown();
        StringBuilder examples = new StringBuilder();
        for (int at = page.indexOf(BEGIN); at >= 0; at = page.indexOf(BEGIN, at + 1)) {
            int from = at + BEGIN.length();
            examples.append(page, from, page.indexOf("```", from));
        }
        Path file = Files.writeString(directory.resolve("topicstream.yaml"), examples);

        ServerConfig config = ServerConfig.load(file, Map.of(), Map.of()).config();

        assertThat(config.listen().port()).isEqualTo(9000);
        assertThat(config.access().tokens()).hasSize(1);
        assertThat(config.policies().rules())
                .extracting(rule -> rule.topics().text())
                .contains("chat:*", "chat:hall*");
    }
}
