package io.topicstream.command;

import io.topicstream.log.Deadlines;
import io.topicstream.log.TopicName;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a command answers: the value, or why not.
///
/// A command's stage may complete on any thread. That the engine failed is a result too, so the stage itself does
/// not fail; that nothing comes at all is for [#await] to find out.
public sealed interface Result<T> {
    record Success<T>(T value) implements Result<T> {}

    record Refused<T>(Refusal refusal) implements Result<T> {}

    /// A value that is there at once.
    static <T> CompletionStage<Result<T>> success(T value) {
        return CompletableFuture.completedFuture(new Success<>(value));
    }

    /// A refusal that is there at once.
    static <T> CompletionStage<Result<T>> refused(Refusal refusal) {
        return CompletableFuture.completedFuture(new Refused<>(refusal));
    }

    /// The engine's answer as a result: where it failed, the store is unavailable.
    ///
    /// @param topic that was asked about, or null
    static <T> CompletionStage<Result<T>> of(CompletionStage<T> stage, @Nullable TopicName topic) {
        return stage.handle(
                (value, failure) -> failure == null ? new Success<>(value) : new Refused<>(Refusal.unavailable(topic)));
    }

    /// The result with another value; a refusal stays as it is.
    static <T, R> CompletionStage<Result<R>> map(
            CompletionStage<Result<T>> stage, Function<? super T, ? extends R> change) {
        return stage.thenApply(result -> switch (result) {
            case Success<T>(T value) -> new Success<>(change.apply(value));
            case Refused<T>(Refusal refusal) -> new Refused<>(refusal);
        });
    }

    /// What follows from the result, which may be a refusal; one that it is stays as it is.
    static <T, R> CompletionStage<Result<R>> then(
            CompletionStage<Result<T>> stage, Function<? super T, ? extends Result<R>> next) {
        return stage.thenApply(result -> switch (result) {
            case Success<T>(T value) -> next.apply(value);
            case Refused<T>(Refusal refusal) -> new Refused<>(refusal);
        });
    }

    /// Waits for a command's result on the thread of the deadlines, and there goes on with it: at once if it is
    /// there. Where none comes in time the store is unavailable.
    ///
    /// @param topic that was asked about, or null
    static <T> void await(
            Deadlines deadlines,
            CompletionStage<Result<T>> stage,
            @Nullable TopicName topic,
            Consumer<? super Result<T>> then) {
        deadlines.within(
                stage, (result, _) -> then.accept(result == null ? new Refused<>(Refusal.unavailable(topic)) : result));
    }
}
