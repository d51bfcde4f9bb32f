package io.topicstream.cli.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the documents say that metered scenarios cost.
final class DocumentedPrices {
    private static final Path PAGE = Path.of("..", "docs", "aws.md");
    /// How much dearer it may be: frames have times and numbers in them, which vary.
    private static final BigDecimal TOLERANCE = new BigDecimal("1.01");

    private DocumentedPrices() {}

    /// Says what was metered, and fails where that is dearer than what is documented.
    static void check(String what, BigDecimal dollars) throws IOException {
        BigDecimal metered = dollars.setScale(2, RoundingMode.HALF_UP);
        String documented = documented(what);
        System.out.println("$" + metered + " metered for " + what + ", " + documented + " documented");
        assertThat(metered)
                .as("dollars for %s", what)
                .isLessThanOrEqualTo(new BigDecimal(documented.replace(",", "")).multiply(TOLERANCE));
    }

    private static String documented(String what) throws IOException {
        String begin = "| " + what + " | ";
        return Files.readAllLines(PAGE).stream()
                .dropWhile(line -> !line.startsWith("| metered for |"))
                .filter(line -> line.startsWith(begin))
                .map(line -> line.substring(begin.length(), line.indexOf(" |", begin.length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError("not documented: " + what));
    }
}
