package io.topicstream.rocksdb;

import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.Lane;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateStore;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// What goes through the writer's queue beside appends, so that it takes its place in their order.
sealed interface Command {
    /// Tells whoever waits that it will not be done. Followers are told elsewhere, on their lanes.
    default void refuse(String reason) {}

    /// Tells whoever waits that it is done and durable.
    default void done() {}

    /// Begins to follow.
    record Follow(TopicName topic, Lane lane, Follower follower) implements Command {}

    /// Ends it.
    record Unfollow(TopicName topic, Lane lane, Follower follower) implements Command {}

    /// Says something to the followers.
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Signal(TopicName topic, byte[] signal) implements Command {}

    /// Lets go of the front of a topic.
    final class Trim implements Command {
        final TopicName topic;
        final long before;
        final CompletableFuture<Extent> answer = new CompletableFuture<>();

        /// Set in a round of [LogSync].
        @Nullable
        Extent extent;

        Trim(TopicName topic, long before) {
            this.topic = topic;
            this.before = before;
        }

        @Override
        public void refuse(String reason) {
            answer.completeExceptionally(new LogUnavailableException(reason));
        }

        @Override
        public void done() {
            answer.complete(extent);
        }
    }

    /// Deletes batches that a trim let go of.
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record DropBatches(long topicId, long[] lastOffsets, Runnable next) implements Command {
        @Override
        public void done() {
            next.run();
        }
    }

    /// Runs something when all before it is durable.
    record Then(Runnable next) implements Command {
        @Override
        public void done() {
            next.run();
        }
    }

    /// Makes a directory with the store as it is between two groups. A failure is the checkpoint's, not the store's.
    final class Checkpoint implements Command {
        final CompletableFuture<Long> answer = new CompletableFuture<>();
        private final Path path;
        private long sequence;
        private @Nullable RocksDBException failure;

        /// @param path on the file system of the store, and not there
        Checkpoint(Path path) {
            this.path = path;
        }

        /// Called by the writer. What was written before is in it, so all that was acknowledged before it was asked
        /// for.
        void take(Store store) {
            try {
                sequence = store.lastSequence();
                store.checkpoint(path);
            } catch (RocksDBException e) {
                failure = e;
            }
        }

        @Override
        public void refuse(String reason) {
            answer.completeExceptionally(new LogUnavailableException(reason));
        }

        @Override
        public void done() {
            RocksDBException e = failure;
            if (e == null) {
                answer.complete(sequence);
            } else {
                refuse(Store.reason(e));
            }
        }
    }

    /// Changes a state record, or deletes it.
    final class StateChange implements Command {
        final String partition;
        final String key;
        final byte @Nullable [] value;
        final long ifVersion;
        final long expiresAtMs;
        final CompletableFuture<Long> answer = new CompletableFuture<>();

        /// Whether an expired record counts as being there.
        boolean ofExpired;

        /// The new version (for a delete 1), or 0 where the condition did not hold. Set by the writer.
        long result;

        /// @param value null to delete
        StateChange(String partition, String key, byte @Nullable [] value, long ifVersion, long expiresAtMs) {
            this.partition = partition;
            this.key = key;
            this.value = value;
            this.ifVersion = ifVersion;
            this.expiresAtMs = expiresAtMs;
        }

        /// Deletes a record that has expired, if nobody changed it since.
        static StateChange expire(String partition, String key, long version) {
            StateChange change = new StateChange(partition, key, null, version, StateStore.NEVER);
            change.ofExpired = true;
            return change;
        }

        /// Whether the answer depends on what is there.
        boolean needsCurrent() {
            return value == null || ifVersion != StateStore.ANY_VERSION;
        }

        @Override
        public void refuse(String reason) {
            answer.completeExceptionally(new LogUnavailableException(reason));
        }

        @Override
        public void done() {
            answer.complete(result);
        }
    }

    /// Waits for everything before it to be durable: a read that saw something that is not yet.
    record Barrier<T>(CompletableFuture<T> answer, T value) implements Command {
        @Override
        public void refuse(String reason) {
            answer.completeExceptionally(new LogUnavailableException(reason));
        }

        @Override
        public void done() {
            answer.complete(value);
        }
    }
}
