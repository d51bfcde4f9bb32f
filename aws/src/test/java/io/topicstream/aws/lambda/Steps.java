package io.topicstream.aws.lambda;

import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// How many questions to a store came one after the other: the most of which none was asked before the answer of the
/// one before it. Thread-safe.
final class Steps {
    private final List<Asked> all = new ArrayList<>();

    private record Asked(long fromNs, long toNs) {}

    /// Forgets all of before.
    synchronized void reset() {
        all.clear();
    }

    /// How many, in sequence.
    synchronized int inSequence() {
        long answeredNs = Long.MIN_VALUE;
        int steps = 0;
        for (Asked one :
                all.stream().sorted(Comparator.comparingLong(Asked::toNs)).toList()) {
            if (one.fromNs() >= answeredNs) {
                steps++;
                answeredNs = one.toNs();
            }
        }
        return steps;
    }

    private <T extends @Nullable Object> CompletionStage<T> timed(CompletionStage<T> asked, long fromNs) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        var _ = asked.whenComplete((value, failure) -> {
            synchronized (this) {
                all.add(new Asked(fromNs, System.nanoTime()));
            }
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    /// The store, of which each question is looked at.
    StateStore of(StateStore store) {
        return new StateStore() {
            @Override
            public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
                long fromNs = System.nanoTime();
                return timed(store.get(partition, key), fromNs);
            }

            @Override
            public CompletionStage<Long> put(
                    String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
                long fromNs = System.nanoTime();
                return timed(store.put(partition, key, value, ifVersion, expiresAtMs), fromNs);
            }

            @Override
            public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
                long fromNs = System.nanoTime();
                return timed(store.delete(partition, key, ifVersion), fromNs);
            }

            @Override
            public CompletionStage<Long> advance(String partition, String key, long value) {
                long fromNs = System.nanoTime();
                return timed(store.advance(partition, key, value), fromNs);
            }

            @Override
            public CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit) {
                long fromNs = System.nanoTime();
                return timed(store.scan(partition, prefix, after, limit), fromNs);
            }
        };
    }
}
