package io.topicstream.people;

import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A walk over all records of a partition, one after the other.
final class StateWalk {
    private static final int PAGE = 100;

    private StateWalk() {}

    /// Does something with each; completes when it is done with the last one.
    static CompletionStage<@Nullable Void> over(
            StateStore store, String partition, Function<StateRecord, CompletionStage<?>> each) {
        return page(store, partition, "", each);
    }

    /// The same where no record minds the others: what is done with those of a page is under way at once.
    static CompletionStage<@Nullable Void> overPages(
            StateStore store, String partition, Function<StateRecord, CompletionStage<?>> each) {
        return overPages(store, partition, "", each);
    }

    private static CompletionStage<@Nullable Void> overPages(
            StateStore store, String partition, String after, Function<StateRecord, CompletionStage<?>> each) {
        return store.scan(partition, "", after, PAGE).thenCompose(page -> {
            CompletableFuture<?>[] all = page.records().stream()
                    .map(record -> each.apply(record).toCompletableFuture())
                    .toArray(CompletableFuture[]::new);
            return CompletableFuture.allOf(all)
                    .thenCompose(_ -> page.isLast() ? nothing() : overPages(store, partition, page.after(), each));
        });
    }

    private static CompletionStage<@Nullable Void> page(
            StateStore store, String partition, String after, Function<StateRecord, CompletionStage<?>> each) {
        return store.scan(partition, "", after, PAGE)
                .thenCompose(
                        page -> records(page.records(), 0, each).thenCompose(_ -> goOn(store, partition, page, each)));
    }

    private static CompletionStage<@Nullable Void> goOn(
            StateStore store, String partition, StatePage page, Function<StateRecord, CompletionStage<?>> each) {
        return page.isLast() ? nothing() : page(store, partition, page.after(), each);
    }

    private static CompletionStage<@Nullable Void> records(
            List<StateRecord> records, int from, Function<StateRecord, CompletionStage<?>> each) {
        return from == records.size()
                ? nothing()
                : each.apply(records.get(from)).thenCompose(_ -> records(records, from + 1, each));
    }

    private static CompletionStage<@Nullable Void> nothing() {
        return CompletableFuture.<@Nullable Void>completedFuture(null);
    }
}
