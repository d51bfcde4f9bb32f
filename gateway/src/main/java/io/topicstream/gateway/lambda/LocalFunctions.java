package io.topicstream.gateway.lambda;

import io.topicstream.gateway.model.LocalFunction;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Functions whose code is on this machine, each run by processes of its own. Thread-safe; what is asked
/// for does not block, but [#lookAtCode] and [#close] do.
///
/// A process asks for invocations by Lambda's runtime API, so that a function which takes too long or
/// breaks is ended without harm to others. When its code or what the definition says of it is another, a
/// function gets new processes; those of before end what they do.
public final class LocalFunctions implements Functions, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger("io.topicstream.gateway.function");

    private final FunctionWorks works;
    private volatile Map<String, FunctionPool> pools = Map.of();
    private final Map<Path, Marks> marks = new HashMap<>();
    /// Those of before, which end what they do.
    private final Set<FunctionPool> leaving = new HashSet<>();

    /// What the code was when its processes began, and when it was last looked at.
    private record Marks(long used, long seen) {}

    /// @param surroundings the environment of the server, of which functions get very little
    public LocalFunctions(
            Collection<LocalFunction> functions, LocalFunctionSettings settings, Map<String, String> surroundings) {
        this.works = new FunctionWorks(settings, surroundings);
        take(functions);
    }

    /// Whether functions of a runtime run here.
    ///
    /// @param runtime for instance `nodejs22.x`
    public static boolean run(String runtime) {
        return Programs.knows(runtime);
    }

    /// Runs these functions from now on, and no others.
    public synchronized void take(Collection<LocalFunction> functions) {
        Map<String, FunctionPool> before = pools;
        Map<String, FunctionPool> now = new HashMap<>();
        for (LocalFunction function : functions) {
            if (!run(function.runtime())) {
                continue;
            }
            @Nullable FunctionPool same = before.get(function.name());
            now.put(
                    function.name(),
                    same != null && same.function().equals(function) ? same : new FunctionPool(function, works));
        }
        pools = Map.copyOf(now);
        Set<Path> codes = new HashSet<>();
        for (FunctionPool pool : now.values()) {
            if (pool.function().inlineCode() == null) {
                codes.add(pool.function().code());
            }
        }
        marks.keySet().retainAll(codes);
        for (Path code : codes) {
            marks.computeIfAbsent(code, _ -> {
                long mark = CodeMark.of(code);
                return new Marks(mark, mark);
            });
        }
        retire(before, now);
    }

    private void retire(Map<String, FunctionPool> before, Map<String, FunctionPool> now) {
        leaving.removeIf(pool -> pool.size() == 0);
        before.forEach((name, pool) -> {
            if (now.get(name) != pool) {
                leaving.add(pool);
                pool.retire();
            }
        });
    }

    /// Looks whether code has changed, and gives its functions new processes when a second look finds the
    /// same.
    public synchronized void lookAtCode() {
        Map<String, FunctionPool> now = new HashMap<>(pools);
        marks.replaceAll((code, before) -> {
            long seen = CodeMark.of(code);
            if (seen != before.seen() || seen == before.used()) {
                return new Marks(before.used(), seen);
            }
            now.replaceAll((name, pool) -> {
                LocalFunction function = pool.function();
                if (!function.code().equals(code) || function.inlineCode() != null) {
                    return pool;
                }
                LOGGER.log(System.Logger.Level.INFO, "the code of the function {0} has changed", name);
                return new FunctionPool(function, works);
            });
            return new Marks(seen, seen);
        });
        Map<String, FunctionPool> before = pools;
        pools = Map.copyOf(now);
        retire(before, now);
    }

    /// How many processes a function has.
    public int processes(String name) {
        @Nullable FunctionPool pool = pools.get(FunctionNames.bare(name));
        return pool == null ? 0 : pool.size();
    }

    @Override
    public CompletionStage<Invocation> invoke(String name, byte[] payload, Duration within) {
        FunctionTask task = new FunctionTask(payload);
        @Nullable IOException refusal = submit(name, task, RemoteFunctions.MAX_PAYLOAD_BYTES);
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal);
        }
        return task.result().orTimeout(within.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public CompletionStage<Void> invokeLater(String name, byte[] payload) {
        FunctionTask task = new FunctionTask(payload);
        @Nullable IOException refusal = submit(name, task, RemoteFunctions.MAX_LATER_BYTES);
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal);
        }
        var _ = task.result().whenComplete((invocation, failure) -> {
            if (failure != null || invocation.error() != null) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "the function {0}, for which nobody waits, failed{1}",
                        name,
                        failure == null ? "" : ": " + failure.getMessage());
            }
        });
        return CompletableFuture.completedFuture(null);
    }

    private @Nullable IOException submit(String name, FunctionTask task, int maxBytes) {
        int bytes = task.payload().length;
        if (bytes > maxBytes) {
            return new IOException("The payload for " + name + " has " + bytes + " bytes, more than " + maxBytes + ".");
        }
        @Nullable FunctionPool pool = pools.get(FunctionNames.bare(name));
        return pool == null
                ? new IOException("there is no code of the function " + name
                        + " here, and gateway.lambda_endpoint names no place where functions run")
                : pool.submit(task);
    }

    /// Ends all processes.
    @Override
    public synchronized void close() {
        pools.values().forEach(FunctionPool::close);
        leaving.forEach(FunctionPool::close);
        pools = Map.of();
        works.close();
    }
}
