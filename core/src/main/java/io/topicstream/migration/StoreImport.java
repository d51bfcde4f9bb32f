package io.topicstream.migration;

import java.util.List;

/// The port by which an engine is filled with what another one kept: everything at its own offset, time and epoch.
///
/// What is filled is an empty store, which nobody can open before [#finish]. All of it may be done again: what stands
/// there already is written over by the same. So a run that was killed is begun anew, by [#begin] with the same
/// fingerprint, and goes on about where it was.
///
/// Every method blocks, and throws a [MigrationException] where something cannot be written. Thread-safe, but for a
/// [TopicImport]. `MigrationContract` of the test kit holds the engines to it.
public interface StoreImport extends AutoCloseable {
    /// How a run stands.
    ///
    /// @param atMs when it began first
    /// @param epoch in which the log will be: above all epochs of the source, and of what was there before
    /// @param afterTopic topics up to this name are complete
    /// @param isFinished whether it came to its end before, and there is nothing left to do
    record Run(long atMs, long epoch, String afterTopic, boolean isFinished) {}

    /// Begins a run, or goes on with it.
    ///
    /// @param fingerprint of the source
    /// @param sourceEpoch that its log is in
    /// @throws MigrationException where the store is not empty, and what is in it is not of this run
    Run begin(String fingerprint, long sourceEpoch, long nowMs);

    /// One topic.
    interface TopicImport {
        /// From which offset on batches are wanted; the first one that is kept, if it was not begun before.
        long next();

        /// Puts an id of a message that is not kept any more.
        void putEnded(KnownId id);

        /// Puts a batch, which begins at [#next]; it may be written a little later.
        void put(CopiedBatch batch);

        /// Ends it: everything is written.
        void end();
    }

    /// Begins a topic, or goes on with it.
    TopicImport topic(TopicStand topic);

    /// Notes that all topics up to this one are complete.
    void finishedUpTo(TopicStand topic);

    /// Puts state records, with their versions.
    void put(List<CopiedRecord> records);

    /// What was put, to be compared. Closed with this.
    StoreExport written();

    /// Ends the run, durably: the store can be opened now.
    ///
    /// @param versions of the source
    void finish(long versions);

    @Override
    void close();
}
