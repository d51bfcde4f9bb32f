package io.topicstream.cdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;

/// What can be chosen: what the documents say of it, and what is refused.
class InputTest {
    private static final Path PAGE = Path.of("..", "docs", "aws-deploy.md");

    @Test
    void theDocumentsNameEachWithItsUsualValueAndItsMeaning() throws IOException {
        List<String> rows = Files.readAllLines(PAGE).stream()
                .map(line -> line.replace("`", "").replace("|  |", "| |"))
                .filter(line -> line.startsWith("| "))
                .toList();

        assertThat(Arrays.stream(Input.values())
                        .map(input -> "| " + input.parameter() + " | "
                                + (input.usual().isEmpty() ? "" : input.usual() + " ") + "| " + input.description()
                                + " |"))
                .isSubsetOf(rows);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsUsualIsRight(Input input) {
        assertThat(input.form().matches(input.usual())).as(input.form().words()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "environment | test | environment is \"test\"; it has to be one of dev, staging, prod.",
                "messageRetentionHours | 25 | messageRetentionHours is \"25\"; it has to be one of 1, 6, 12, 24",
                "throttlingRateLimit | 10001 | it has to be a number from 0 to 10000.",
                "throttlingRateLimit | -1 | it has to be a number from 0 to 10000.",
                "throttlingRateLimit | 99999999999999999999 | it has to be a number from 0 to 10000.",
                "adminTokenSha256 | the token itself | adminTokenSha256 (hidden) has to be of the form",
                "domainName | https://example.com | domainName is",
                "certificateArn | arn:aws:s3:::bucket | certificateArn is",
                "allowedOrigins | example.com | allowedOrigins is",
                "allowGuests | yes | it has to be one of true, false.",
            })
    void aWrongValueIsNamed(String name, String value, String reason) {
        App app = new App(AppProps.builder().context(Map.of(name, value)).build());

        assertThatIllegalArgumentException().isThrownBy(() -> new Context(app)).withMessageContaining(reason);
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        App app = new App(AppProps.builder()
                .context(Map.of("environment", "test", "logRetentionDays", "2"))
                .build());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Context(app))
                .withMessageContaining("environment")
                .withMessageContaining("logRetentionDays");
    }

    @Test
    void theBucketKeepsWhatTheArchiveHasForTwoDaysMore() {
        assertThat(Retention.archiveDays("1")).isEqualTo(3);
        assertThat(Retention.archiveDays("24")).isEqualTo(3);
        assertThat(Retention.archiveDays("48")).isEqualTo(4);
        assertThat(Retention.archiveDays("720")).isEqualTo(32);
    }
}
