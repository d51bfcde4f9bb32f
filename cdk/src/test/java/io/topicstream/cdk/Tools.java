package io.topicstream.cdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Programs that check what is deployed. What they need is installed below `target`, at the versions of a file; once,
/// until the file changes.
final class Tools {
    static final Path SOURCES = Path.of("src", "test", "tools").toAbsolutePath();
    private static final Path INSTALLED = Path.of("target", "tools").toAbsolutePath();
    private static final long PATIENCE_SECONDS = 300;

    private Tools() {}

    /// How a program ended.
    ///
    /// @param output both of what it said and of its errors, in the order they came in
    record End(int code, String output) {}

    /// A folder with the packages of Python for the checks, for `PYTHONPATH`.
    static Path python() throws IOException, InterruptedException {
        return python("python", SOURCES.resolve("requirements.txt"));
    }

    /// The same of another list. Nothing is compiled ahead: some of it is large, and little of that is used.
    static Path python(String name, Path requirements) throws IOException, InterruptedException {
        return installed(
                name,
                requirements,
                folder -> List.of(
                        "python3",
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--disable-pip-version-check",
                        "--no-deps",
                        "--no-compile",
                        "--only-binary=:all:",
                        "--upgrade",
                        "--target",
                        folder.toString(),
                        "--requirement",
                        requirements.toAbsolutePath().toString()));
    }

    /// The folder with `node_modules` of a project of npm.
    static Path node(String name, Path project) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(INSTALLED.resolve(name));
        for (String file : List.of("package.json", "package-lock.json")) {
            var _ = Files.copy(project.resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        return installed(
                name,
                project.resolve("package-lock.json"),
                _ -> List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"));
    }

    private static synchronized Path installed(String name, Path lock, Function<Path, List<String>> command)
            throws IOException, InterruptedException {
        Path folder = Files.createDirectories(INSTALLED.resolve(name));
        Path mark = folder.resolve("installed-of");
        String now = Files.readString(lock);
        if (!Files.exists(mark) || !Files.readString(mark).equals(now)) {
            Files.deleteIfExists(mark);
            var _ = succeed(folder, Map.of("PIP_ROOT_USER_ACTION", "ignore"), command.apply(folder));
            Files.writeString(mark, now);
        }
        return folder;
    }

    /// Python itself, where the command is only what finds it.
    static String thePython() throws IOException, InterruptedException {
        return python("-c", "import sys; print(sys.executable)").output().strip();
    }

    /// Runs Python with the packages of the checks.
    static End python(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3"));
        command.addAll(List.of(arguments));
        return run(
                Path.of("").toAbsolutePath(),
                Map.of("PYTHONPATH", python().toString(), "PYTHONDONTWRITEBYTECODE", "1"),
                command);
    }

    /// Runs a command that has to end well.
    static String succeed(Path directory, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        End end = run(directory, environment, command);
        if (end.code() != 0) {
            throw new AssertionError(String.join(" ", command) + " ended with " + end.code() + ": " + end.output());
        }
        return end.output();
    }

    /// Runs a command.
    ///
    /// @param environment beside that of the test
    static End run(Path directory, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile("tool", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new AssertionError("this test needs the command " + command.getFirst(), e);
        }
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError(String.join(" ", command) + " does not end: " + Files.readString(log, UTF_8));
            }
            return new End(process.exitValue(), Files.readString(log, UTF_8));
        } finally {
            process.destroyForcibly();
            Files.delete(log);
        }
    }
}
