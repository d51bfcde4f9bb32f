package io.topicstream.rocksdb;

import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.Lane;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Redaction;
import io.topicstream.log.Retention;
import io.topicstream.log.TopicName;
import io.topicstream.state.NotANumberException;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StateStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// What goes through the writer's queue beside appends, so that it takes its place in their order.
sealed interface Command {
    /// What a command holds beside its own bytes.
    int OVERHEAD_BYTES = 256;

    /// About how many bytes it holds while it waits. The same each time it is asked.
    int sizeBytes();

    /// How full the queue may be for it.
    default SubmitQueue.Room room() {
        return SubmitQueue.Room.HARD;
    }

    /// Tells whoever waits that it will not be done. Followers are told elsewhere, on their lanes.
    default void refuse(String reason) {}

    /// Tells whoever waits that it is done and durable.
    default void done() {}

    /// What is asked of one topic, and waits with its appends where a reader must be asked first.
    sealed interface OfTopic extends Command, Parked {
        TopicName topic();
    }

    /// Begins to follow.
    record Follow(TopicName topic, Lane lane, Follower follower) implements OfTopic {
        @Override
        public int sizeBytes() {
            return OVERHEAD_BYTES;
        }

        @Override
        public SubmitQueue.Room room() {
            return SubmitQueue.Room.RESERVE;
        }
    }

    /// Ends it.
    record Unfollow(TopicName topic, Lane lane, Follower follower) implements OfTopic {
        @Override
        public int sizeBytes() {
            return OVERHEAD_BYTES;
        }

        @Override
        public SubmitQueue.Room room() {
            return SubmitQueue.Room.RESERVE;
        }
    }

    /// Says something to the followers.
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Signal(TopicName topic, byte[] signal) implements OfTopic, Event {
        @Override
        public int sizeBytes() {
            return OVERHEAD_BYTES + signal.length;
        }

        /// What nodes tell each other (that a key was revoked) is not lost over what clients say.
        @Override
        public SubmitQueue.Room room() {
            return topic.value().startsWith("sys:") ? SubmitQueue.Room.HARD : SubmitQueue.Room.SOFT;
        }
    }

    /// Lets go of the front of a topic.
    final class Trim implements OfTopic {
        private final TopicName topic;
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
        public TopicName topic() {
            return topic;
        }

        @Override
        public int sizeBytes() {
            return OVERHEAD_BYTES;
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

    /// Takes messages of a topic back, as many of them at once as a reader finds.
    ///
    /// Owned by the writer until it is done.
    final class Redact implements OfTopic {
        /// About what an offset takes.
        private static final int OFFSET_BYTES = 24;

        private final TopicName topic;
        final @Nullable String forgottenScope;
        final CompletableFuture<List<Long>> answer = new CompletableFuture<>();

        private final int sizeBytes;

        /// The offsets that are not dealt with yet, rising.
        final List<Long> left;

        /// Those of messages that are taken back.
        final List<Long> redacted = new ArrayList<>();

        /// How often in a row a reader found nothing.
        int looks;

        Redact(TopicName topic, Redaction redaction) {
            this.topic = topic;
            this.forgottenScope = redaction.forgottenScope();
            this.left = new ArrayList<>(redaction.offsets());
            this.sizeBytes = OVERHEAD_BYTES + OFFSET_BYTES * left.size();
        }

        @Override
        public TopicName topic() {
            return topic;
        }

        @Override
        public int sizeBytes() {
            return sizeBytes;
        }

        @Override
        public void refuse(String reason) {
            answer.completeExceptionally(new LogUnavailableException(reason));
        }

        @Override
        public void done() {
            answer.complete(List.copyOf(redacted));
        }
    }

    /// Deletes batches that a trim let go of, or rows that say what was about their messages.
    ///
    /// @param references keys of such rows
    /// @param before the first offset that the trim kept, where these are the last of what it left; else 0
    /// @param next run when they are gone
    /// @param otherwise run where they are left
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record DropBatches(
            long topicId, long[] lastOffsets, List<byte[]> references, long before, Runnable next, Runnable otherwise)
            implements Command {
        @Override
        public int sizeBytes() {
            return OVERHEAD_BYTES + 8 * lastOffsets.length + 2 * ReferenceRow.KEY_BYTES * references.size();
        }

        @Override
        public SubmitQueue.Room room() {
            return SubmitQueue.Room.SOFT;
        }

        @Override
        public void refuse(String reason) {
            otherwise.run();
        }

        @Override
        public void done() {
            next.run();
        }
    }

    /// Runs something when all before it is durable. Made by the writer, so that it holds nothing in the queue.
    record Then(Runnable next) implements Command {
        @Override
        public int sizeBytes() {
            return 0;
        }

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

        @Override
        public int sizeBytes() {
            return OVERHEAD_BYTES;
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

    /// What is done to one state record, and waits with other changes of it where a reader must be asked first.
    abstract sealed class OfRecord implements Command {
        final String partition;
        final String key;
        final CompletableFuture<Long> answer = new CompletableFuture<>();

        /// What is answered. Set by the writer.
        long result;

        private OfRecord(String partition, String key) {
            this.partition = partition;
            this.key = key;
        }

        /// Whether the answer depends on what is there.
        abstract boolean needsCurrent();

        @Override
        public int sizeBytes() {
            return OVERHEAD_BYTES + 2 * (partition.length() + key.length());
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

    /// Changes a state record, or deletes it. Answers with the new version (for a delete 1), or 0 where the condition
    /// did not hold.
    final class StateChange extends OfRecord {
        final byte @Nullable [] value;
        final long ifVersion;
        final long expiresAtMs;

        /// Whether an expired record counts as being there.
        boolean ofExpired;

        /// @param value null to delete
        StateChange(String partition, String key, byte @Nullable [] value, long ifVersion, long expiresAtMs) {
            super(partition, key);
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

        @Override
        public int sizeBytes() {
            byte[] bytes = value;
            return super.sizeBytes() + (bytes == null ? 0 : bytes.length);
        }

        @Override
        public SubmitQueue.Room room() {
            return ofExpired ? SubmitQueue.Room.SOFT : SubmitQueue.Room.HARD;
        }

        @Override
        boolean needsCurrent() {
            return value == null || ifVersion != StateStore.ANY_VERSION;
        }
    }

    /// Raises the number of a state record. Answers with what it is then.
    final class Advance extends OfRecord {
        final long number;

        Advance(String partition, String key, long number) {
            super(partition, key);
            this.number = number;
        }

        @Override
        boolean needsCurrent() {
            return true;
        }

        @Override
        public void done() {
            if (result == StateNumber.NONE) {
                answer.completeExceptionally(new NotANumberException(partition, key));
            } else {
                super.done();
            }
        }
    }

    /// Waits for everything before it to be durable: a read that saw something that is not yet.
    ///
    /// @param valueBytes about how many bytes were read
    record Barrier<T>(CompletableFuture<T> answer, T value, int valueBytes) implements Command {
        @Override
        public int sizeBytes() {
            return OVERHEAD_BYTES + valueBytes;
        }

        @Override
        public SubmitQueue.Room room() {
            return SubmitQueue.Room.RESERVE;
        }

        @Override
        public void refuse(String reason) {
            answer.completeExceptionally(new LogUnavailableException(reason));
        }

        @Override
        public void done() {
            answer.complete(value);
        }
    }

    /// Ends what a look at a topic found: [RetentionLooks], [RetentionWriter].
    final class Retain implements Command {
        /// For each batch, whose row is deleted.
        private static final int BATCH_BYTES = 64;

        final String name;
        final long topicId;
        final Retention keep;

        /// The time of the row by which the topic was looked at; 0 where there was none.
        final long dueAtMs;

        /// Whether the topic was looked at since it had grown, and its row stays where it is.
        final boolean isAsked;

        private final Consumer<Retain> done;
        private final Runnable left;

        /// How the store has the topic, where it is not in memory.
        @Nullable
        TopicTail cold;

        /// What was found; null where the topic's messages do not end by age, and only its row goes.
        @Nullable
        RetentionCut cut;

        /// Whether it could not be done. Set by the writer.
        boolean isLeft;

        /// @param done run when it is done and durable
        /// @param left run where it is not done
        Retain(
                String name,
                long topicId,
                Retention keep,
                long dueAtMs,
                boolean isAsked,
                Consumer<Retain> done,
                Runnable left) {
            this.name = name;
            this.topicId = topicId;
            this.keep = keep;
            this.dueAtMs = dueAtMs;
            this.isAsked = isAsked;
            this.done = done;
            this.left = left;
        }

        @Override
        public int sizeBytes() {
            RetentionCut found = cut;
            return OVERHEAD_BYTES + (found == null ? 0 : BATCH_BYTES * found.ended().length);
        }

        /// What frees room is not kept out by those who fill it.
        @Override
        public SubmitQueue.Room room() {
            return SubmitQueue.Room.RESERVE;
        }

        @Override
        public void refuse(String reason) {
            left.run();
        }

        @Override
        public void done() {
            if (isLeft) {
                left.run();
            } else {
                done.accept(this);
            }
        }
    }

    /// Notes that all topics were looked at by the rules of retention.
    record LookedAtAll(RetentionRow row) implements Command {
        @Override
        public int sizeBytes() {
            return OVERHEAD_BYTES;
        }
    }
}
