package io.topicstream.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Reads the report of the Autobahn test suite, which the profile `slow` runs before this test against
/// [AutobahnEcho]. The suite's own build step looks at behaviour only, not at how connections were closed.
@Tag("slow")
class AutobahnReportTest {
    /// The suite writes where Maven was started: in the root of the project, or in this module.
    private static final List<Path> REPORTS = List.of(
            Path.of("..", "target", "autobahntestsuite-reports", "index.json"),
            Path.of("target", "autobahntestsuite-reports", "index.json"));

    @Test
    void everyCaseBehavesAndClosesAsTheRfcSays() throws IOException {
        Path newest = REPORTS.stream()
                .filter(Files::exists)
                .max(Comparator.comparingLong(path -> path.toFile().lastModified()))
                .orElseThrow(() ->
                        new AssertionError("no report; run Maven itself on JDK 25: .mvn/with-jdk mvn verify -Pslow"));
        String report = Files.readString(newest);

        assertThat(values(report, "behavior")).hasSize(301).isSubsetOf("OK", "NON-STRICT", "INFORMATIONAL");
        assertThat(values(report, "behaviorClose")).hasSize(301).isSubsetOf("OK", "INFORMATIONAL");
    }

    private static List<String> values(String report, String member) {
        return Pattern.compile("\"" + member + "\"\\s*:\\s*\"([^\"]*)\"")
                .matcher(report)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }
}
