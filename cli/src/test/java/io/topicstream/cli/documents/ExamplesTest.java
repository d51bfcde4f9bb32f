package io.topicstream.cli.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every example of the documents, run as a reader would run it.
class ExamplesTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "README.md, 8",
        "docs/protocol.md, 10",
        "docs/http-api.md, 10",
        "docs/client.md, 1",
        "docs/operations.md, 3",
        "docs/configuration.md, 1"
    })
    void everyExampleOfThePageHolds(String name, int leastSteps) throws Exception {
        MarkdownPage page = MarkdownPage.parse(name, Files.readString(Project.ROOT.resolve(name)));
        List<Step> steps = Step.of(page);

        read(page, steps);

        assertThat(steps).hasSizeGreaterThanOrEqualTo(leastSteps);
    }

    @Test
    void noPageHasABlockThatTheTestDoesNotKnow() throws Exception {
        for (Path file : Project.pages()) {
            Step.of(MarkdownPage.parse(Project.nameOf(file), Files.readString(file)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"```\nls\n```", "```sh not-run\nls\n```", "```json\n{}\n```", "```sh exit\nls\n```"})
    void aBlockThatNobodyRunsIsFound(String text) {
        assertThatThrownBy(() -> Step.of(MarkdownPage.parse("planted.md", text)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("planted.md:1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "```sh\necho one\n```\n```text\ntwo\n```",
                "```sh\nexit 3\n```",
                "```sh exit=3\ntrue\n```",
                "```sh\ncurl -s http://127.0.0.1:8080/health\n```\n```json\n{\"status\":\"fine\"}\n```",
                "```text frames /v1\n← {\"type\":\"hello\"}\n```",
                "```text frames /live\n← refused with 403\n```",
                "```text frames /live token=the-token-of-dana\n→ {\"action\":\"subscribe\"}\n```",
                "```yaml\nserver:\n  prot: 1\n```",
                "```java\nint i = \"one\";\n```"
            })
    void anExampleThatDoesNotHoldIsFound(String text) {
        MarkdownPage page = MarkdownPage.parse("planted.md", text);

        assertThatThrownBy(() -> read(page, Step.of(page))).isInstanceOf(Throwable.class);
    }

    private void read(MarkdownPage page, List<Step> steps) throws Exception {
        try (Reader reader = new Reader(directory)) {
            for (Step step : steps) {
                try {
                    reader.read(step);
                } catch (AssertionError e) {
                    throw new AssertionError(page.name() + ":" + step.line() + ": " + e.getMessage(), e);
                }
            }
            reader.finish();
        }
    }
}
