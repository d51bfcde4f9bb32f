package io.topicstream.server.forgetful;

import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A store whose calls are counted ([Trips]). Thread-safe.
final class CountedStore implements StateStore {
    private final StateStore store;
    private final long answerMs;

    /// @param answerMs how long each answer takes, at least
    CountedStore(StateStore store, long answerMs) {
        this.store = store;
        this.answerMs = answerMs;
    }

    @Override
    public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
        return Trips.counted(store.get(partition, key), answerMs);
    }

    @Override
    public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
        return Trips.counted(store.put(partition, key, value, ifVersion, expiresAtMs), answerMs);
    }

    @Override
    public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
        return Trips.counted(store.delete(partition, key, ifVersion), answerMs);
    }

    @Override
    public CompletionStage<Long> advance(String partition, String key, long value) {
        return Trips.counted(store.advance(partition, key, value), answerMs);
    }

    @Override
    public CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit) {
        return Trips.counted(store.scan(partition, prefix, after, limit), answerMs);
    }
}
