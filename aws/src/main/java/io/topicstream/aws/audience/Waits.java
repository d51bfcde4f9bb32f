package io.topicstream.aws.audience;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Waits for answers of the ports, on a thread that has nothing else to do; never longer than a function may run.
public final class Waits {
    /// How long an answer is waited for, in seconds: a little less than API Gateway waits for a function.
    public static final long PATIENCE_SECONDS = 28;

    private Waits() {}

    /// Waits for an answer.
    ///
    /// @throws CompletionException with what it failed for, or with a [TimeoutException]
    public static <T extends @Nullable Object> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (TimeoutException e) {
            throw new CompletionException("nothing was answered for too long", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException("interrupted", e);
        }
    }

    /// Waits for all.
    ///
    /// @throws CompletionException if one fails
    public static void awaitAll(Collection<? extends CompletionStage<?>> stages) {
        await(CompletableFuture.allOf(
                stages.stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture[]::new)));
    }
}
