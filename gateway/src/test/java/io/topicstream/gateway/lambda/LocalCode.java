package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.lambda.Functions.Invocation;
import io.topicstream.gateway.model.LocalFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// Functions of a test: their code is written into a folder each, and run by the programs of this
/// machine.
final class LocalCode implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(60);

    private final Path folder;
    private final Map<String, LocalFunction> functions = new LinkedHashMap<>();
    private final Map<String, String> surroundings = new LinkedHashMap<>(System.getenv());
    /// One process a function: a second one begins where a busy machine lets the first one be slow to come back.
    LocalFunctionSettings settings = settings(1, Duration.ofMinutes(1), Duration.ofSeconds(30));
    private LocalFunctions running;

    LocalCode(Path folder) {
        this.folder = folder;
    }

    static LocalFunctionSettings settings(int processes, Duration idle, Duration patience) {
        return new LocalFunctionSettings(
                "eu-west-1", "123456789012", Map.of(), processes, idle, patience, Duration.ofSeconds(60));
    }

    Path folder(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name));
    }

    Path file(String name, String file, String text) throws IOException {
        Path path = folder(name).resolve(file);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, text);
    }

    LocalCode node(String name, String file, String text) throws IOException {
        file(name, file, text);
        return add(function(name, "nodejs20.x", file.replaceFirst("\\.[a-z]+$", ".handler")));
    }

    LocalCode python(String name, String text) throws IOException {
        file(name, "app.py", text);
        return add(function(name, "python3.11", "app.handler"));
    }

    LocalFunction function(String name, String runtime, String handler) throws IOException {
        return new LocalFunction(
                name, runtime, handler, folder(name), null, Map.of("OWN", "of " + name), 20, 256, null, List.of());
    }

    LocalCode add(LocalFunction function) {
        functions.put(function.name(), function);
        return this;
    }

    /// The function that was added last may take so long.
    LocalCode within(int seconds) {
        LocalFunction last = functions.values().stream().toList().getLast();
        return add(new LocalFunction(
                last.name(),
                last.runtime(),
                last.handler(),
                last.code(),
                last.inlineCode(),
                last.environment(),
                seconds,
                last.memoryMb(),
                last.reservedConcurrency(),
                last.layers()));
    }

    LocalCode surroundings(String name, String value) {
        surroundings.put(name, value);
        return this;
    }

    LocalFunctions run() {
        if (running == null) {
            running = new LocalFunctions(functions.values(), settings, surroundings);
        }
        return running;
    }

    CompletionStage<Invocation> begin(String name, String payload) {
        return run().invoke(name, payload.getBytes(UTF_8), LONG);
    }

    /// What a function returns, or `error: ` and how it fails.
    String call(String name, String payload) throws Exception {
        return text(begin(name, payload));
    }

    static String text(CompletionStage<Invocation> invocation) throws Exception {
        try {
            Invocation got = invocation.toCompletableFuture().get(LONG.toSeconds(), TimeUnit.SECONDS);
            return (got.error() == null ? "" : got.error() + " ") + new String(got.payload(), UTF_8);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /// What several invocations return, in their order.
    List<String> callAll(String name, int times) throws Exception {
        List<CompletionStage<Invocation>> begun = new ArrayList<>();
        for (int n = 0; n < times; n++) {
            begun.add(begin(name, "{\"n\":" + n + "}"));
        }
        List<String> all = new ArrayList<>();
        for (CompletionStage<Invocation> one : begun) {
            all.add(text(one));
        }
        return all;
    }

    /// Whether a process is there.
    static boolean lives(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    @Override
    public void close() {
        if (running != null) {
            running.close();
        }
    }
}
