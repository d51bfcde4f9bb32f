package io.topicstream.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// What the callers in other languages need, installed below `target` by the clients of their registries, at the
/// versions of their lock files; once, until a file of theirs changes.
final class Packages {
    private static final Path SOURCES = Path.of("sdk").toAbsolutePath();
    static final Path PYTHON_CLIENT =
            Path.of("..", "clients", "python").toAbsolutePath().normalize();
    private static final Path INSTALLED = Path.of("target", "sdk").toAbsolutePath();
    private static final long PATIENCE_SECONDS = 300;

    private Packages() {}

    /// Installs all, side by side, to be found there afterwards.
    static void installAll() {
        CompletableFuture.allOf(installing(Packages::go), installing(Packages::node), installing(Packages::python))
                .join();
    }

    private static CompletableFuture<Path> installing(Callable<Path> one) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return one.call();
                    } catch (Exception e) {
                        throw new AssertionError("packages cannot be installed", e);
                    }
                },
                Thread::startVirtualThread);
    }

    /// The folder that Python finds the packages in. They are those of this test alone: nothing else is seen of them.
    static Path python() throws Exception {
        return python("python", SOURCES.resolve("python/requirements.txt"), "--require-hashes");
    }

    /// The same of what the client in Python is tested and checked with. Some of it is made for one kind of machine, so
    /// there are no hashes.
    static Path pythonClient() throws Exception {
        return python("python-client", PYTHON_CLIENT.resolve("requirements-test.txt"), "--only-binary=:all:");
    }

    private static Path python(String name, Path lock, String how) throws Exception {
        return installed(name, List.of(lock), folder -> {
            run(
                    folder,
                    "python3",
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--no-deps",
                    how,
                    "--upgrade",
                    "--target",
                    folder.toString(),
                    "--requirement",
                    lock.toString());
        });
    }

    /// The program of this name in Python.
    static Path pythonProgram(String name) {
        return SOURCES.resolve("python").resolve(name);
    }

    /// The folder with the programs for Node and what they need.
    static Path node() throws Exception {
        Path sources = SOURCES.resolve("node");
        Path folder = installed(
                "node", List.of(sources.resolve("package.json"), sources.resolve("package-lock.json")), to -> {
                    for (String name : List.of("package.json", "package-lock.json")) {
                        var _ = Files.copy(
                                sources.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                    }
                    run(to, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
                });
        for (String name : List.of("lines.js", "caller-v2.js", "caller-v3.js")) {
            var _ = Files.copy(sources.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        return folder;
    }

    /// The caller in Go, built.
    static Path go() throws Exception {
        Path sources = SOURCES.resolve("go");
        return installed(
                        "go",
                        List.of(sources.resolve("main.go"), sources.resolve("go.mod"), sources.resolve("go.sum")),
                        folder -> run(
                                sources,
                                "go",
                                "build",
                                "-mod=readonly",
                                "-buildvcs=false",
                                "-ldflags=-s -w",
                                "-o",
                                folder.resolve("caller").toString(),
                                "."))
                .resolve("caller");
    }

    /// What is done to install something.
    private interface Installing {
        void into(Path folder) throws Exception;
    }

    private static Path installed(String name, List<Path> sources, Installing installing) throws Exception {
        Path folder = Files.createDirectories(INSTALLED.resolve(name));
        Path mark = folder.resolve("installed-of");
        StringBuilder now = new StringBuilder();
        for (Path source : sources) {
            now.append(Files.readString(source));
        }
        if (!Files.exists(mark) || !Files.readString(mark).contentEquals(now)) {
            Files.deleteIfExists(mark);
            installing.into(folder);
            Files.writeString(mark, now);
        }
        return folder;
    }

    private static void run(Path directory, String... command) throws Exception {
        Path log = Files.createTempFile(INSTALLED, "install", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(Map.of("PIP_ROOT_USER_ACTION", "ignore", "PYTHONDONTWRITEBYTECODE", "1"));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new AssertionError("this test needs the command " + command[0], e);
        }
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError(
                        String.join(" ", command) + " did not end well: " + Files.readString(log, UTF_8));
            }
        } finally {
            process.destroyForcibly();
        }
        Files.delete(log);
    }
}
