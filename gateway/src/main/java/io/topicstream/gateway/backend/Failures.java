package io.topicstream.gateway.backend;

import io.topicstream.gateway.http.TooManyCallsException;
import io.topicstream.gateway.integration.Answer;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

/// What failures of calls mean.
final class Failures {
    private Failures() {}

    /// The answer for a call that failed.
    ///
    /// @param whom who was called, for logs
    static Answer of(String whom, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return switch (cause) {
            case TimeoutException _ -> new Answer.Failed(Answer.Failure.TIMEOUT, whom + " took too long.");
            case TooManyCallsException many ->
                new Answer.Failed(Answer.Failure.THROTTLED, String.valueOf(many.getMessage()));
            default -> internal(whom + " was not to be had: " + told(cause));
        };
    }

    static Answer.Failed internal(String detail) {
        return new Answer.Failed(Answer.Failure.INTERNAL, detail);
    }

    private static String told(Throwable cause) {
        String message = cause.getMessage();
        return message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
    }
}
