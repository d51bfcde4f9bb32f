package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.model.LocalFunction;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The programs of this machine that run functions, found on the path of the server. Each is asked once
/// for its version and for where it really is. Thread-safe; blocks.
final class Programs {
    private static final System.Logger LOGGER = System.getLogger("io.topicstream.gateway.function");
    private static final int ASK_SECONDS = 20;

    private final Map<String, String> surroundings;
    private final Map<String, Found> found = new HashMap<>();
    private final Set<String> told = new HashSet<>();

    private record Found(String path, String version) {}

    /// @param surroundings the environment of the server
    Programs(Map<String, String> surroundings) {
        this.surroundings = Map.copyOf(surroundings);
    }

    /// How a process is made.
    sealed interface Program {
        /// What is started.
        ///
        /// @param folder where the code is
        List<String> command(LocalFunction function, Path folder) throws IOException;

        /// What the process reads first.
        byte[] script();

        /// Whether what asks for invocations is ours.
        default boolean isOurs() {
            return true;
        }
    }

    private record Node(Found node, byte[] script) implements Program {
        @Override
        public List<String> command(LocalFunction function, Path folder) {
            // As much of the memory as Lambda gives to objects.
            String heap = "--max-old-space-size=" + function.memoryMb() * 9 / 10;
            return detectsModules()
                    ? List.of(node.path(), heap, "--experimental-detect-module", "-")
                    : List.of(node.path(), heap, "-");
        }

        /// Whether it takes a file with `import` for a module only when it is told to: 20.10 to 22.6.
        private boolean detectsModules() {
            String[] parts = node.version().replaceFirst("^v", "").split("\\.", -1);
            int major = Integer.parseInt(parts[0]);
            int minor = Integer.parseInt(parts[1]);
            return (major == 20 && minor >= 10) || major == 21 || (major == 22 && minor < 7);
        }
    }

    private record Python(Found python, byte[] script) implements Program {
        @Override
        public List<String> command(LocalFunction function, Path folder) {
            return List.of(python.path(), "-u", "-");
        }
    }

    /// A Java machine, this one's, with what runs functions and nothing else of the server.
    private record Java(List<String> classPath) implements Program {
        @Override
        public List<String> command(LocalFunction function, Path folder) {
            return List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx" + Math.max(MIN_HEAP_MB, function.memoryMb() * 9 / 10) + "m",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-cp",
                    String.join(File.pathSeparator, classPath),
                    JavaBootstrap.class.getName());
        }

        @Override
        public byte[] script() {
            return new byte[0];
        }

        private static final int MIN_HEAP_MB = 64;

        /// Where the classes are that it needs.
        static List<String> archives() throws IOException {
            Set<String> all = new LinkedHashSet<>();
            for (Class<?> one : List.of(
                    JavaBootstrap.class,
                    tools.jackson.databind.json.JsonMapper.class,
                    tools.jackson.core.JsonParser.class,
                    com.fasterxml.jackson.annotation.JsonProperty.class)) {
                CodeSource source = one.getProtectionDomain().getCodeSource();
                if (source == null) {
                    throw new IOException("it is not known where " + one.getName() + " comes from");
                }
                try {
                    all.add(Path.of(source.getLocation().toURI()).toString());
                } catch (URISyntaxException e) {
                    throw new IOException(e);
                }
            }
            return List.copyOf(all);
        }
    }

    /// What brings its own.
    private record Provided() implements Program {
        @Override
        public List<String> command(LocalFunction function, Path folder) throws IOException {
            Path bootstrap = folder.resolve("bootstrap");
            if (!Files.isExecutable(bootstrap)) {
                throw new IOException("there is no bootstrap in " + folder + " that may be executed");
            }
            return List.of(bootstrap.toString());
        }

        @Override
        public byte[] script() {
            return new byte[0];
        }

        @Override
        public boolean isOurs() {
            return false;
        }
    }

    /// Whether functions of a runtime run here.
    static boolean knows(String runtime) {
        return runtime.startsWith("nodejs")
                || runtime.startsWith("python3")
                || runtime.startsWith("java")
                || runtime.startsWith("provided");
    }

    /// What runs a function.
    ///
    /// @throws IOException if there is no such program
    Program of(LocalFunction function) throws IOException {
        String runtime = function.runtime();
        if (runtime.startsWith("nodejs")) {
            Found node = found(List.of("node"), List.of("-p", "process.execPath + '\\n' + process.version"));
            tellOfVersion(function, node, "v" + runtime.replaceAll("[^0-9]", "") + ".");
            return new Node(node, script("bootstrap.js"));
        }
        if (runtime.startsWith("python3")) {
            List<String> ask =
                    List.of("-c", "import sys, platform\nprint(sys.executable)\nprint(platform.python_version())");
            Found python = found(List.of(runtime, "python3"), ask);
            tellOfVersion(function, python, runtime.substring("python".length()) + ".");
            return new Python(python, script("bootstrap.py"));
        }
        if (runtime.startsWith("java")) {
            return new Java(Java.archives());
        }
        if (runtime.startsWith("provided")) {
            return new Provided();
        }
        throw new IOException("functions of " + runtime + " do not run here");
    }

    private synchronized void tellOfVersion(LocalFunction function, Found program, String wanted) {
        if (!program.version().startsWith(wanted) && told.add(function.name() + " " + function.runtime())) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "the function {0} is for {1}, and runs on {2} {3}",
                    function.name(),
                    function.runtime(),
                    program.path(),
                    program.version());
        }
    }

    /// @param names of a program, the best first
    private synchronized Found found(List<String> names, List<String> ask) throws IOException {
        @Nullable Found known = found.get(names.getFirst());
        if (known != null) {
            return known;
        }
        for (String name : names) {
            known = ask(name, ask);
            if (known != null) {
                found.put(names.getFirst(), known);
                return known;
            }
        }
        throw new IOException("there is no " + String.join(" and no ", names) + " on the PATH of the server");
    }

    private @Nullable Found ask(String name, List<String> how) throws IOException {
        for (String folder : surroundings.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            Path file = Path.of(folder.isEmpty() ? "." : folder, name);
            if (Files.isRegularFile(file) && Files.isExecutable(file)) {
                @Nullable Found answered = ask(file, how);
                if (answered != null) {
                    return answered;
                }
            }
        }
        return null;
    }

    /// What a program says of itself, or null where it does not.
    private @Nullable Found ask(Path file, List<String> how) throws IOException {
        List<String> command = new ArrayList<>(how);
        command.addFirst(file.toString());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        Process asked = builder.start();
        try {
            if (!asked.waitFor(ASK_SECONDS, TimeUnit.SECONDS)) {
                asked.destroyForcibly();
                return null;
            }
        } catch (InterruptedException e) {
            asked.destroyForcibly();
            Thread.currentThread().interrupt();
            return null;
        }
        try (InputStream in = asked.getInputStream()) {
            String[] lines = new String(in.readNBytes(4096), UTF_8).strip().split("\\R", -1);
            return asked.exitValue() == 0 && lines.length == 2 ? new Found(lines[0], lines[1]) : null;
        }
    }

    private static byte[] script(String name) throws IOException {
        try (InputStream in = Programs.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is missing");
            }
            return in.readAllBytes();
        }
    }
}
