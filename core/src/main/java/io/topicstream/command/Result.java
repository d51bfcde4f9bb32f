package io.topicstream.command;

import io.topicstream.log.TopicName;
import java.util.concurrent.CompletionStage;

/// What a command answers: the value, or why not.
public sealed interface Result<T> {
    record Success<T>(T value) implements Result<T> {}

    record Refused<T>(Refusal refusal) implements Result<T> {}

    /// The engine's answer as a result: where it failed, the store is unavailable.
    static <T> CompletionStage<Result<T>> of(CompletionStage<T> stage, TopicName topic) {
        return stage.handle(
                (value, failure) -> failure == null ? new Success<>(value) : new Refused<>(Refusal.unavailable(topic)));
    }
}
