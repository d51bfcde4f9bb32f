package io.topicstream.connection;

import io.topicstream.state.StateStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/// The key of the check in connection ids, which all nodes share: a record of the durable store, made by the first
/// node that looks for it.
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `connections` | `id-key` | 32 random bytes |
public final class ConnectionKey {
    private static final String PARTITION = "connections";
    private static final String KEY = "id-key";
    private static final int BYTES = 32;

    private ConnectionKey() {}

    /// The key.
    ///
    /// @param random not to be guessed
    public static CompletionStage<byte[]> of(StateStore store, RandomGenerator random) {
        return store.get(PARTITION, KEY).thenCompose(record -> {
            if (record != null) {
                return CompletableFuture.completedFuture(record.value());
            }
            byte[] fresh = new byte[BYTES];
            random.nextBytes(fresh);
            return store.put(PARTITION, KEY, fresh.clone(), StateStore.ABSENT, StateStore.NEVER)
                    // Another node was faster: it is that one's.
                    .thenCompose(
                            version -> version != 0 ? CompletableFuture.completedFuture(fresh) : of(store, random));
        });
    }
}
