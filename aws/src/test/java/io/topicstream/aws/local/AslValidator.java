package io.topicstream.aws.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Checks definitions of state machines, by the open program asl-validator. A [Ministack] takes also those that are
/// wrong.
public final class AslValidator {
    private AslValidator() {}

    /// What is wrong with a definition, in the program's words; empty where nothing is.
    public static String problems(String definition) throws IOException {
        Path folder = Installed.folder(
                "asl-validator",
                List.of("package.json", "package-lock.json"),
                "npm",
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error");
        Path file = Files.createTempFile(folder, "definition", ".json");
        try {
            Files.writeString(file, definition);
            String said = Installed.run(folder, "node_modules/.bin/asl-validator", "--json-path", file.toString());
            return said.startsWith("0\n") ? "" : said;
        } finally {
            Files.delete(file);
        }
    }
}
