package io.topicstream.cdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// CDK's command line, installed below `target` at the version of this module's lock file.
final class Cdk {
    private static final long PATIENCE_SECONDS = 300;

    private Cdk() {}

    /// Runs it.
    ///
    /// @return what it says
    /// @throws AssertionError with what it said, if it fails
    static String run(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(installed().resolve("node_modules/.bin/cdk").toString());
        command.addAll(List.of(arguments));
        return run(Path.of("target"), environment, command);
    }

    private static synchronized Path installed() throws Exception {
        Path folder = Files.createDirectories(Path.of("target", "cdk")).toAbsolutePath();
        Path lock = folder.resolve("package-lock.json");
        Path wanted = Path.of("package-lock.json");
        if (Files.exists(folder.resolve("node_modules/.bin/cdk")) && Files.mismatch(lock, wanted) < 0) {
            return folder;
        }
        for (String name : List.of("package.json", "package-lock.json")) {
            var _ = Files.copy(Path.of(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        run(folder, Map.of(), List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"));
        return folder;
    }

    private static String run(Path folder, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("cdk", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1");
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            boolean isDone = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            String said = Files.readString(output);
            if (!isDone || process.exitValue() != 0) {
                throw new AssertionError(command + " failed: " + said);
            }
            return said;
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(output);
        }
    }
}
