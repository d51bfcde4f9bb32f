package io.topicstream.aws.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.audience.TryAgainException;
import io.topicstream.aws.local.AslValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The definition of the workflow that distributes, as it is written; [DistributionWorkflowTest] runs it.
class DistributionDefinitionTest {
    private static final Path DEFINITION =
            Path.of("..", "cdk", "src", "main", "resources", "io", "topicstream", "cdk", "distribution.asl.json");
    private static final String FUNCTION = "arn:aws:lambda:eu-west-1:000000000000:function:websocket:live";

    /// The definition, with the function by which its tasks are done.
    static String definition(String function) throws IOException {
        return Files.readString(DEFINITION).replace("${WebSocketFunction}", function);
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    @Test
    void itIsValid() throws IOException {
        assertThat(AslValidator.problems(definition(FUNCTION))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"Next\": \"More\" | \"Next\": \"Moore\" | MISSING_TRANSITION_TARGET",
                "\"Type\": \"Map\" | \"Type\": \"Mop\" | SCHEMA_VALIDATION_FAILED",
                "$.page.listeners\" | $.page.[listeners\" | SCHEMA_VALIDATION_FAILED"
            })
    void aFaultInItIsFound(String right, String wrong, String problem) throws IOException {
        String definition = definition(FUNCTION);

        assertThat(definition).contains(right);
        assertThat(AslValidator.problems(definition.replace(right, wrong))).contains(problem);
    }

    @Test
    void allTasksAreOfTheFunctionAndTriedAgainByTheNameOfItsClass() throws IOException {
        String definition = definition(FUNCTION);
        int tasks = count(definition, "\"Type\": \"Task\"");

        assertThat(tasks).isEqualTo(3);
        assertThat(count(definition, "\"Resource\": \"" + FUNCTION + "\"")).isEqualTo(tasks);
        assertThat(count(definition, "\"" + TryAgainException.class.getName() + "\""))
                .isEqualTo(tasks);
        assertThat(definition).doesNotContain("${");
    }
}
