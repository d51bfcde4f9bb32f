package io.topicstream.gateway.lambda;

import static java.util.Objects.requireNonNull;

import io.topicstream.gateway.lambda.Functions.Invocation;
import io.topicstream.gateway.model.LocalFunction;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The processes of one function, and the invocations that wait for one.
///
/// A process has one invocation at a time. There is one more process for each invocation that finds none
/// free, up to a bound; what comes then waits, and is refused after a while. The process that was free
/// last is taken first, so that those that are not needed grow old.
///
/// All state, that of its processes too, is guarded by the pool. Nothing is called from within that lock
/// but what returns at once and calls nobody back.
final class FunctionPool {
    private static final System.Logger LOGGER = System.getLogger("io.topicstream.gateway.function");
    private static final int MAX_WAITING = 4_000;
    /// How long a process that has answered is waited for before another one is made in its place.
    private static final long RETURN_NS = 50_000_000;
    /// Of one function, whatever it reserves.
    private static final int MAX_PROCESSES = 1_000;

    private final LocalFunction function;
    private final FunctionWorks works;
    private final FunctionCode code;
    private final String arn;
    private final int most;

    private final ArrayDeque<FunctionTask> waiting = new ArrayDeque<>();
    private final ArrayDeque<FunctionProcess> idle = new ArrayDeque<>();
    private final Set<FunctionProcess> processes = new HashSet<>();
    private int starting;
    /// How many have answered and are about to ask for the next invocation.
    private int returning;
    private boolean retired;
    private boolean closed;

    FunctionPool(LocalFunction function, FunctionWorks works) {
        this.function = function;
        this.works = works;
        this.code = new FunctionCode(function, works.folders());
        LocalFunctionSettings settings = works.settings();
        this.arn = "arn:aws:lambda:" + settings.region() + ":" + settings.account() + ":function:" + function.name();
        @Nullable Integer reserved = function.reservedConcurrency();
        this.most = reserved == null ? settings.processes() : Math.min(reserved, MAX_PROCESSES);
    }

    LocalFunction function() {
        return function;
    }

    FunctionCode code() {
        return code;
    }

    FunctionWorks works() {
        return works;
    }

    String arn() {
        return arn;
    }

    /// How many processes there are, those that begin among them.
    synchronized int size() {
        return processes.size();
    }

    /// Has an invocation run.
    ///
    /// @return null if it was taken, or why it was not
    @Nullable
    IOException submit(FunctionTask task) {
        synchronized (this) {
            if (closed) {
                return new IOException("the server ends");
            }
            if (most == 0 || waiting.size() >= MAX_WAITING || !works.reserve(task.payload().length)) {
                return throttled();
            }
            var _ = task.result().whenComplete((_, _) -> forget(task));
            @Nullable FunctionProcess free = idle.pollFirst();
            if (free != null) {
                hand(free, task);
                return null;
            }
            waiting.add(task);
            startAsNeeded(returning);
            bePatientWith(task);
        }
        var _ = works.after(RETURN_NS, this::startWithoutThoseThatReturn);
        return null;
    }

    private IOException throttled() {
        return new IOException("The function " + function.name()
                + " answered 429 TooManyRequestsException: Rate Exceeded. It may run " + most + " times at once.");
    }

    /// What came to its end, or whose caller has given up, waits no longer.
    private void forget(FunctionTask task) {
        works.release(task.payload().length);
        synchronized (this) {
            waiting.remove(task);
            task.cancelTimer();
        }
    }

    private void bePatientWith(FunctionTask task) {
        task.timer = works.after(works.settings().patience().toNanos(), () -> refuseIfStillWaiting(task));
    }

    private void refuseIfStillWaiting(FunctionTask task) {
        synchronized (this) {
            int before = 0;
            for (FunctionTask one : waiting) {
                if (one == task) {
                    break;
                }
                before++;
            }
            if (before == waiting.size()) {
                return;
            }
            if (before < starting) {
                // A process begins for it; how long that may take has a bound of its own.
                bePatientWith(task);
                return;
            }
            waiting.remove(task);
        }
        task.result().completeExceptionally(throttled());
    }

    private synchronized void startWithoutThoseThatReturn() {
        startAsNeeded(0);
    }

    /// @param coming how many processes will soon be free
    private void startAsNeeded(int coming) {
        while (!closed && starting + coming < waiting.size() && processes.size() < most) {
            FunctionProcess process = new FunctionProcess(this);
            processes.add(process);
            starting++;
            works.run(process::launch);
            long startNs = Math.max(works.settings().start().toNanos(), TimeUnit.SECONDS.toNanos(function.timeoutS()));
            process.timer = works.after(startNs, () -> onStartTookTooLong(process, startNs));
        }
    }

    private void onStartTookTooLong(FunctionProcess process, long startNs) {
        synchronized (this) {
            if (process.state != FunctionProcess.State.STARTING) {
                return;
            }
        }
        end(process, task -> FunctionError.timedOut(task, startNs / 1e9));
    }

    /// Gives a process its next invocation.
    private void hand(FunctionProcess process, FunctionTask task) {
        process.cancelTimer();
        task.cancelTimer();
        process.state = FunctionProcess.State.BUSY;
        process.task = task;
        long timeoutMs = function.timeoutS() * 1_000L;
        CompletableFuture<RuntimeApi.Handed> handing = requireNonNull(process.handing, "it has asked");
        RuntimeApi.Handed handed =
                new RuntimeApi.Handed(task.requestId(), task.payload(), System.currentTimeMillis() + timeoutMs, arn);
        process.timer = works.after(TimeUnit.MILLISECONDS.toNanos(timeoutMs), () -> onTimeout(process, task));
        // Only its own connection waits for this, on a thread of its own.
        handing.complete(handed);
    }

    private void onTimeout(FunctionProcess process, FunctionTask of) {
        synchronized (this) {
            if (process.task != of || process.state == FunctionProcess.State.ENDED) {
                return;
            }
        }
        end(process, task -> FunctionError.timedOut(task, function.timeoutS()));
    }

    /// A process asks for an invocation.
    ///
    /// @return null where it may not
    @Nullable
    CompletableFuture<RuntimeApi.Handed> onNext(FunctionProcess process) {
        CompletableFuture<RuntimeApi.Handed> handing = new CompletableFuture<>();
        synchronized (this) {
            switch (process.state) {
                case STARTING -> starting--;
                case ANSWERED -> returning--;
                case IDLE, BUSY -> {
                    return null;
                }
                case ENDED -> {
                    handing.cancel(false);
                    return handing;
                }
            }
            process.cancelTimer();
            process.handing = handing;
            process.questions++;
            process.task = null;
            @Nullable FunctionTask task = waiting.poll();
            if (task != null) {
                hand(process, task);
                return handing;
            }
            if (!retired) {
                process.state = FunctionProcess.State.IDLE;
                idle.addFirst(process);
                int question = process.questions;
                process.timer = works.after(works.settings().idle().toNanos(), () -> onIdleTooLong(process, question));
                return handing;
            }
            process.state = FunctionProcess.State.IDLE;
        }
        end(process, null);
        return handing;
    }

    /// @param question since which it is free
    private void onIdleTooLong(FunctionProcess process, int question) {
        synchronized (this) {
            if (process.state != FunctionProcess.State.IDLE || process.questions != question) {
                return;
            }
            idle.remove(process);
        }
        end(process, null);
    }

    /// A process answers.
    RuntimeApi.Verdict onAnswer(
            FunctionProcess process, String requestId, byte @Nullable [] body, long bytes, boolean failed) {
        FunctionTask task;
        synchronized (this) {
            @Nullable FunctionTask current = process.task;
            if (process.state != FunctionProcess.State.BUSY || current == null) {
                return RuntimeApi.Verdict.NOT_NOW;
            }
            if (!current.requestId().equals(requestId)) {
                return RuntimeApi.Verdict.UNKNOWN_ID;
            }
            process.state = FunctionProcess.State.ANSWERED;
            returning++;
            task = current;
        }
        Invocation invocation = body == null
                ? FunctionError.tooLarge(bytes, RuntimeApi.MAX_ANSWER_BYTES)
                : new Invocation(failed ? "Unhandled" : null, body);
        // The process need not wait for what is done with it.
        works.run(() -> task.result().complete(invocation));
        return RuntimeApi.Verdict.TAKEN;
    }

    /// A process says that it cannot begin.
    boolean onInitFailed(FunctionProcess process, byte[] error) {
        synchronized (this) {
            if (process.state != FunctionProcess.State.STARTING) {
                return false;
            }
        }
        // Its way out is its own: what it still has to say is read, and its end is noticed.
        failed(process, _ -> new Invocation("Unhandled", error), false);
        return true;
    }

    /// A process ended by itself.
    void onExit(FunctionProcess process, int status) {
        end(process, task -> FunctionError.exited(task, status));
    }

    /// A process could not even be made.
    void onNotStarted(FunctionProcess process, String why) {
        LOGGER.log(System.Logger.Level.WARNING, "the function {0} cannot be run: {1}", function.name(), why);
        end(process, task -> FunctionError.notStarted(task, why));
    }

    private void end(FunctionProcess process, @Nullable Function<FunctionTask, Invocation> error) {
        failed(process, error, true);
    }

    /// Takes a process out, and answers what it had, or what waited for it to begin.
    private void failed(FunctionProcess process, @Nullable Function<FunctionTask, Invocation> error, boolean isKilled) {
        @Nullable FunctionTask victim = null;
        @Nullable CompletableFuture<RuntimeApi.Handed> handing;
        boolean last;
        synchronized (this) {
            switch (process.state) {
                case STARTING -> {
                    starting--;
                    victim = waiting.poll();
                }
                case BUSY -> victim = process.task;
                case IDLE -> idle.remove(process);
                case ANSWERED -> returning--;
                case ENDED -> {
                    return;
                }
            }
            process.state = FunctionProcess.State.ENDED;
            process.cancelTimer();
            process.task = null;
            handing = process.handing;
            processes.remove(process);
            startAsNeeded(0);
            last = retired && processes.isEmpty() && waiting.isEmpty();
        }
        if (handing != null) {
            handing.cancel(false);
        }
        if (victim != null) {
            if (error == null) {
                victim.result().completeExceptionally(new IOException("the server ends"));
            } else {
                victim.result().complete(error.apply(victim));
            }
        }
        works.run(() -> {
            if (isKilled) {
                process.kill();
            } else {
                process.letGo();
            }
            if (last) {
                code.close();
            }
        });
    }

    /// Takes no more invocations; what waits is still done.
    void retire() {
        Set<FunctionProcess> free;
        boolean last;
        synchronized (this) {
            retired = true;
            free = Set.copyOf(idle);
            last = processes.isEmpty() && waiting.isEmpty();
        }
        free.forEach(process -> {
            int question;
            synchronized (this) {
                question = process.questions;
            }
            onIdleTooLong(process, question);
        });
        if (last) {
            works.run(code::close);
        }
    }

    /// Ends all processes; what they had fails.
    void close() {
        Set<FunctionProcess> all;
        Set<FunctionTask> left;
        synchronized (this) {
            closed = true;
            retired = true;
            all = Set.copyOf(processes);
            left = Set.copyOf(waiting);
            waiting.clear();
        }
        left.forEach(task -> task.result().completeExceptionally(new IOException("the server ends")));
        all.forEach(process -> end(process, null));
    }
}
