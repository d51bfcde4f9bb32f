package io.topicstream.cli;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/// The end of a server that was told to stop: in order, or without order where that takes too long. A process
/// that was told to end must end, whatever of it is stuck.
///
/// @param stop begins to stop the server
/// @param longest how long that may take
/// @param halt ends the process with an exit code; after a signal the JVM itself would not end it with 0
record Stopping(Surroundings surroundings, Supplier<CompletableFuture<Void>> stop, Duration longest, IntConsumer halt)
        implements Runnable {
    @Override
    public void run() {
        int code = ExitCodes.FAULT;
        try {
            stop.get().get(longest.toMillis(), TimeUnit.MILLISECONDS);
            code = ExitCodes.OK;
        } catch (TimeoutException e) {
            code = ExitCodes.CANNOT_GO_ON;
            Main.tell(surroundings, "not everything stopped within " + longest.toSeconds() + " s; ending without it");
        } catch (ExecutionException e) {
            Main.tell(surroundings, "stopping failed: " + e.getCause());
        } catch (InterruptedException | RuntimeException e) {
            Main.tell(surroundings, "stopping failed: " + e);
        } finally {
            halt.accept(code);
        }
    }
}
