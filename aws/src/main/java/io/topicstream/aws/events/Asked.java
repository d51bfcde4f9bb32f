package io.topicstream.aws.events;

import io.topicstream.row.BadRowException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Waits for answers of the log and of the state.
final class Asked {
    private Asked() {}

    /// The answer.
    ///
    /// @throws BadRowException where a row cannot be read, now and later
    /// @throws NotNowException where there is none in time
    static <T extends @Nullable Object> T of(CompletionStage<T> asked, Duration patience) throws NotNowException {
        try {
            return asked.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BadRowException broken) {
                throw broken;
            }
            throw new NotNowException(String.valueOf(e.getCause()));
        } catch (TimeoutException e) {
            throw new NotNowException("the table did not answer in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotNowException("the function ends");
        }
    }
}
