package io.topicstream.log;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a backup or a stopped store was found to be.
///
/// @param storeId made when the store was; null where it could not be read
/// @param epoch of its last life; 0 where it could not be read
/// @param takenAt when the backup was taken; null where it is a store and no backup, or its manifest cannot be read
/// @param files of a backup, without its manifest; else 0
/// @param bytes of them
/// @param topics that have a name
/// @param messages that are kept
/// @param stateRecords such as API keys and durable subscriptions
/// @param lastMessageMs when the last message came, in epoch milliseconds; 0 where there is none
/// @param problems what is wrong and where, a sentence each without an end; empty where it is whole
public record StoreReport(
        @Nullable String storeId,
        long epoch,
        @Nullable Instant takenAt,
        int files,
        long bytes,
        long topics,
        long messages,
        long stateRecords,
        long lastMessageMs,
        List<String> problems) {
    public StoreReport {
        problems = List.copyOf(problems);
    }

    /// Whether nothing is wrong.
    public boolean isWhole() {
        return problems.isEmpty();
    }
}
