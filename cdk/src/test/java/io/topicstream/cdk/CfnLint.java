package io.topicstream.cdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The checker of templates, at the version of the file with what the tests need, installed below `target` once.
final class CfnLint {
    private static final Path NEEDED = Path.of("src", "test", "cfn", "requirements.txt");
    private static final Path INSTALLED = Path.of("target", "cfn-lint");
    private static final long PATIENCE_SECONDS = 500;

    private CfnLint() {}

    /// What it finds, each as `rule: message`. That a resource names another one that it depends on anyway (W3005) is
    /// how CDK writes templates.
    static List<String> findings(List<Path> templates) throws IOException, InterruptedException {
        install();
        List<String> command = new ArrayList<>(List.of(
                "python3",
                "-c",
                "from cfnlint.runner import main; main()",
                "--format",
                "json",
                "--ignore-checks",
                "W3005",
                "--regions",
                "us-east-1",
                "--"));
        templates.forEach(template -> command.add(template.toString()));
        String said = run(command, false);
        List<String> findings = new ArrayList<>();
        for (Object finding : Deployed.JSON.readValue(said, List.class)) {
            Map<String, Object> rule = Deployed.map(Deployed.map(finding).get("Rule"));
            findings.add(rule.get("Id") + ": " + Deployed.map(finding).get("Message"));
        }
        return findings;
    }

    private static void install() throws IOException, InterruptedException {
        Path mark = INSTALLED.resolve("installed-of");
        String now = Files.readString(NEEDED);
        if (Files.exists(mark) && Files.readString(mark).equals(now)) {
            return;
        }
        Files.createDirectories(INSTALLED);
        Files.deleteIfExists(mark);
        run(
                List.of(
                        "python3",
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--disable-pip-version-check",
                        "--no-deps",
                        "--only-binary=:all:",
                        "--upgrade",
                        "--target",
                        INSTALLED.toString(),
                        "--requirement",
                        NEEDED.toString()),
                true);
        Files.writeString(mark, now);
    }

    private static String run(List<String> command, boolean mustEndWell) throws IOException, InterruptedException {
        Path said = Files.createTempFile("cfn-lint", ".out");
        Path errors = Files.createTempFile("cfn-lint", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(said.toFile()).redirectError(errors.toFile());
        builder.environment()
                .putAll(Map.of(
                        "PYTHONPATH", INSTALLED.toString(),
                        "PIP_ROOT_USER_ACTION", "ignore",
                        "PYTHONDONTWRITEBYTECODE", "1"));
        Process process = builder.start();
        try {
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            String words = Files.readString(said, UTF_8);
            if (!ended || (mustEndWell && process.exitValue() != 0) || (!mustEndWell && words.isBlank())) {
                throw new AssertionError(
                        String.join(" ", command) + " did not end well: " + words + Files.readString(errors, UTF_8));
            }
            return words;
        } finally {
            process.destroyForcibly();
            Files.delete(said);
            Files.delete(errors);
        }
    }
}
