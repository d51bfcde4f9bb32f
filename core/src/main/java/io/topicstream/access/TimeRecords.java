package io.topicstream.access;

import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The records of one partition that each say a time of their key. Thread-safe.
///
/// ```
/// value       1 byte   format version, 1
///             8 bytes  epoch milliseconds, the highest byte first
/// ```
final class TimeRecords {
    private static final byte VERSION = 1;
    private static final int PAGE = 500;

    private final StateStore store;
    private final String partition;

    TimeRecords(StateStore store, String partition) {
        this.store = store;
        this.partition = partition;
    }

    CompletionStage<Long> put(String key, long ms, long expiresAtMs) {
        byte[] value =
                ByteBuffer.allocate(1 + Long.BYTES).put(VERSION).putLong(ms).array();
        return store.put(partition, key, value, StateStore.ANY_VERSION, expiresAtMs);
    }

    CompletionStage<@Nullable Long> find(String key) {
        return store.get(partition, key).thenApply(record -> record == null ? null : decode(record));
    }

    CompletionStage<Map<String, Long>> all() {
        return all("", new HashMap<>());
    }

    private CompletionStage<Map<String, Long>> all(String after, Map<String, Long> found) {
        return store.scan(partition, "", after, PAGE).thenCompose(page -> {
            page.records().forEach(record -> found.put(record.key(), decode(record)));
            return page.isLast() ? CompletableFuture.completedFuture(found) : all(page.after(), found);
        });
    }

    private static long decode(StateRecord record) {
        ByteBuffer in = ByteBuffer.wrap(record.value());
        if (in.remaining() != 1 + Long.BYTES || in.get() != VERSION) {
            throw new IllegalStateException("the record " + record.key() + " is damaged, or of a later version");
        }
        return in.getLong();
    }
}
