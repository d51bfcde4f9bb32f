package io.topicstream.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Reads the report of the Autobahn test suite, which the profile `slow` runs before this test against
/// [AutobahnEcho]. The suite's own build step looks at behaviour only, not at how connections were closed.
@Tag("slow")
class AutobahnReportTest {
    private static final Path REPORT = Path.of("target", "autobahntestsuite-reports", "index.json");

    @Test
    void everyCaseBehavesAndClosesAsTheRfcSays() throws IOException {
        assertThat(REPORT)
                .as("run Maven itself on JDK 25: .mvn/with-jdk mvn verify -Pslow")
                .exists();
        String report = Files.readString(REPORT);

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
