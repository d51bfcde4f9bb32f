package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Holds `docs/operations.md` against the program.
class OperationsPageTest {
    @Test
    void thePageHasEveryExitCodeAndNoOther() throws Exception {
        List<Integer> codes = new ArrayList<>();
        for (Field field : ExitCodes.class.getDeclaredFields()) {
            if (field.getType() == int.class) {
                codes.add(field.getInt(null));
            }
        }

        List<Integer> documented = Files.readAllLines(Path.of("..", "docs", "operations.md")).stream()
                .dropWhile(line -> !line.equals("## Exit codes"))
                .skip(1)
                .takeWhile(line -> !line.startsWith("#"))
                .filter(line -> line.matches("\\| \\d+ \\|.*"))
                .map(line ->
                        Integer.parseInt(line.substring(1, line.indexOf('|', 1)).strip()))
                .toList();

        assertThat(documented).containsExactlyElementsOf(codes);
    }
}
