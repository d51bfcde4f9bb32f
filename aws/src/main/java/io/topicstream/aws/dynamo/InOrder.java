package io.topicstream.aws.dynamo;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Lets what has one name happen one after the other, in the order in which it was asked for.
///
/// Thread-safe. A name of which nothing is under way takes no room.
final class InOrder {
    private final ConcurrentHashMap<String, CompletableFuture<@Nullable Void>> ends = new ConcurrentHashMap<>();

    /// Begins the work when all that was asked for before is done, well or not.
    ///
    /// @param work fails by its stage, and never throws
    <T> CompletableFuture<T> after(String name, Supplier<CompletableFuture<T>> work) {
        CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
        CompletableFuture<@Nullable Void> before = ends.put(name, end);
        // On threads of their own: a long queue that is refused at once would be as deep a stack.
        CompletableFuture<T> answer =
                before == null ? work.get() : before.thenComposeAsync(done -> work.get(), Thread::startVirtualThread);
        return answer.whenComplete((result, failure) -> {
            ends.remove(name, end);
            end.complete(null);
        });
    }

    /// How many names have something under way.
    int size() {
        return ends.size();
    }
}
