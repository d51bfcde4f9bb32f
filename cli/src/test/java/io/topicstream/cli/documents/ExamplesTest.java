package io.topicstream.cli.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every example of the documents, run as a reader would run it.
class ExamplesTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "README.md, 7",
        "docs/protocol.md, 10",
        "docs/protocol-chat.md, 3",
        "docs/protocol-rooms.md, 6",
        "docs/http-api.md, 10",
        "docs/client.md, 1",
        "docs/chat.md, 5",
        "docs/operations.md, 3",
        "docs/identity.md, 10",
        "docs/events.md, 5",
        "docs/aws.md, 4",
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

    static Stream<Arguments> plantedFaults() {
        return Stream.of(
                arguments("```sh\necho one\n```\n```text\ntwo\n```", "\"two\""),
                arguments("```sh\nexit 3\n```", "3"),
                arguments("```sh exit=3\ntrue\n```", "3"),
                arguments(
                        "```sh\ncurl -s http://127.0.0.1:8080/health\n```\n```json\n{\"status\":\"fine\"}\n```",
                        "{\"status\":\"ok\"}"),
                arguments("```sh background\necho one\n```\n```text background\ntwo\n```", "\"two\""),
                arguments("```text frames /v1\n← {\"type\":\"hello\"}\n```", "\"type\":\"welcome\""),
                arguments("```text frames /v1\n→ {\"action\":\"ping\"}\n```", "the page does not show"),
                arguments("```text frames /live\n← refused with 403\n```", "refused with 401"),
                arguments(
                        "```text frames /live token=the-token-of-dana\n→ {\"action\":\"subscribe\"}\n```",
                        "Internal server error"),
                arguments("```yaml\nserver:\n  prot: 1\n```", "prot"),
                arguments("```java\nint i = \"one\";\n```", "incompatible types"));
    }

    @ParameterizedTest
    @MethodSource("plantedFaults")
    void anExampleThatDoesNotHoldIsFound(String text, String told) {
        MarkdownPage page = MarkdownPage.parse("planted.md", text);

        assertThatThrownBy(() -> read(page, Step.of(page), Duration.ofSeconds(2)))
                .hasMessageContaining(told);
    }

    private void read(MarkdownPage page, List<Step> steps) throws Exception {
        read(page, steps, Duration.ofMinutes(2));
    }

    private void read(MarkdownPage page, List<Step> steps, Duration patience) throws Exception {
        try (Reader reader = new Reader(directory, patience)) {
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
