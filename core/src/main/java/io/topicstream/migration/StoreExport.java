package io.topicstream.migration;

import io.topicstream.state.StateRecord;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The port by which all is read that an engine keeps. It changes nothing, and expects that nobody else does.
///
/// Every method blocks, and throws a [MigrationException] where something cannot be read: what is missing or
/// damaged is said, never passed over. Thread-safe. `MigrationContract` of the test kit holds the engines to it.
public interface StoreExport extends AutoCloseable {
    /// Which store it is and how it stands: another text after a change, as far as the engine can tell.
    String fingerprint();

    /// The epoch that its log is in.
    long epoch();

    /// No version of a state record was ever at or above it.
    long versions();

    /// What the owner should know before he moves, a sentence each.
    List<String> remarks();

    /// Topics that were written to, in the order of their names (by byte).
    ///
    /// @param after names come strictly after this one; empty to begin at the front
    /// @param limit at least 1; a shorter list may not be the last, an empty one is
    List<TopicStand> topics(String after, int limit);

    /// The batches of what is kept of the topic.
    ///
    /// @param from where the first one begins; within what is kept. A batch that has it is cut there
    /// @param forgottenMs ids of messages up to this timestamp are left out
    BatchReader batches(TopicStand topic, long from, long forgottenMs);

    /// Hands over the ids that the topic remembers of messages before its first offset.
    void endedIds(TopicStand topic, long forgottenMs, Consumer<KnownId> each);

    /// Hands over all durable state records that have not expired at the time.
    void records(long nowMs, Consumer<CopiedRecord> each);

    /// A durable state record, also one that has expired; null if it does not exist.
    @Nullable
    StateRecord record(String partition, String key);

    @Override
    void close();
}
