package io.topicstream.gateway.lambda;

import io.topicstream.gateway.model.LocalFunction;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One process of a function, with the runtime API that it asks.
///
/// What is not private belongs to its pool, and is guarded by it.
final class FunctionProcess implements RuntimeApi.Desk {
    private static final int LEAVE_MS = 2_000;

    private final FunctionPool pool;
    private @Nullable Process process;
    private @Nullable RuntimeApi api;
    private boolean isEnded;

    State state = State.STARTING;

    @Nullable
    FunctionTask task;
    /// What its question for an invocation waits for, the last one that it asked.
    @Nullable
    CompletableFuture<RuntimeApi.Handed> handing;
    /// How often it has asked.
    int questions;
    /// Ends what it is in, if that takes too long.
    @Nullable
    Future<?> timer;

    /// What a process is doing.
    enum State {
        /// It has not asked for an invocation yet.
        STARTING,
        /// It waits for one.
        IDLE,
        /// It has one.
        BUSY,
        /// It has answered, and has not asked for the next one.
        ANSWERED,
        /// It is no more, or is to be no more.
        ENDED
    }

    FunctionProcess(FunctionPool pool) {
        this.pool = pool;
    }

    void cancelTimer() {
        Future<?> old = timer;
        timer = null;
        if (old != null) {
            old.cancel(false);
        }
    }

    /// Makes the process. Blocks.
    void launch() {
        LocalFunction function = pool.function();
        FunctionWorks works = pool.works();
        try {
            Programs.Program program = works.programs().of(function);
            Path folder = pool.code().folder();
            List<String> command = program.command(function, folder);
            RuntimeApi opened = new RuntimeApi(this, program.isOurs(), works.threads());
            Process started;
            @Nullable FunctionPipe pipe = FunctionPipe.make(works.folders());
            synchronized (this) {
                if (isEnded) {
                    opened.close();
                    if (pipe != null) {
                        pipe.in().close();
                    }
                    return;
                }
                api = opened;
                ProcessBuilder builder =
                        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
                builder.environment().clear();
                builder.environment().putAll(FunctionEnvironment.of(function, works, folder, opened.address()));
                started = pipe == null ? builder.start() : pipe.start(builder);
                process = started;
            }
            works.reaper().add(started.pid());
            FunctionOutput.Source output =
                    works.output().of(function.name(), pipe == null ? started.getInputStream() : pipe.in());
            // Not on the thread that hears of it, whose stack is small.
            var _ = started.onExit()
                    .thenAcceptAsync(
                            ended -> {
                                works.reaper().remove(ended.pid());
                                output.end();
                                pool.onExit(this, ended.exitValue());
                            },
                            works::run);
            tell(started, program.script());
        } catch (IOException e) {
            pool.onNotStarted(this, String.valueOf(e.getMessage()));
        }
    }

    /// Gives a process what it reads first. It is shorter than what a pipe holds, so that this does not
    /// wait.
    private static void tell(Process started, byte[] script) {
        try (OutputStream in = started.getOutputStream()) {
            in.write(script);
        } catch (IOException e) {
            // It ended before it read: its end is noticed.
        }
    }

    /// Ends the process, and those that it has made. Blocks.
    void kill() {
        @Nullable Process running;
        synchronized (this) {
            isEnded = true;
            running = process;
        }
        if (running != null && running.isAlive()) {
            // Those first: without their parent they are not found.
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            // By its handle, which does not close its output: the last of it is still to be read.
            running.toHandle().destroyForcibly();
        }
        closeApi();
    }

    /// Lets the process end by itself, within a little. Blocks.
    void letGo() {
        @Nullable Process running;
        synchronized (this) {
            isEnded = true;
            running = process;
        }
        try {
            if (running != null && !running.waitFor(LEAVE_MS, TimeUnit.MILLISECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
        closeApi();
    }

    private void closeApi() {
        @Nullable RuntimeApi opened;
        synchronized (this) {
            opened = api;
        }
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    public @Nullable CompletableFuture<RuntimeApi.Handed> next() {
        return pool.onNext(this);
    }

    @Override
    public RuntimeApi.Verdict answer(String requestId, byte @Nullable [] body, long bytes, boolean failed) {
        return pool.onAnswer(this, requestId, body, bytes, failed);
    }

    @Override
    public boolean initFailed(byte[] error) {
        return pool.onInitFailed(this, error);
    }
}
