package io.topicstream.rocksdb;

import io.topicstream.log.TopicName;
import io.topicstream.row.BadRowException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Deletes the batches that trims left behind, and then what the index says of them, some at a time,
/// through the writer's queue.
///
/// What could not be deleted (the queue was full, the life ended) is found again by a walk over what trims have left
/// ([DueRow]), of which each life begins one. Works on readers; [#tick] is called by the writer.
final class LeftByTrims {
    private static final System.Logger LOGGER = System.getLogger(LeftByTrims.class.getName());
    private static final int DROP_AT_ONCE = 256;

    private final Lives lives;
    private final Executor readers;
    private final Predicate<Command> submit;

    /// The life in which a walk was begun, and nothing was left since; else null.
    private final AtomicReference<@Nullable Life> walked = new AtomicReference<>();

    LeftByTrims(Lives lives, Executor readers, Predicate<Command> submit) {
        this.lives = lives;
        this.readers = readers;
        this.submit = submit;
    }

    /// Begins a walk where one is due. Called now and then.
    @SuppressWarnings("ReferenceEquality") // a life is no other one
    void tick() {
        Life life = lives.current();
        if (walked.get() != life && life.failure == null) {
            walked.set(life);
            walk(life, DueRow.leftKey(0, 0));
        }
    }

    /// Deletes what a trim of the topic left.
    void drop(TopicName topic, long before) {
        Life life = lives.current();
        lives.execute(readers, life, () -> {
            TopicEntry entry = life.entries.get(topic.value());
            if (entry != null && entry.loaded) {
                drop(life, entry.id, before, () -> {});
            } else {
                leave(life);
            }
        });
    }

    private void walk(Life life, byte[] after) {
        lives.execute(readers, life, () -> {
            try {
                DueRow left = LogReader.nextLeft(life, after);
                if (left != null) {
                    byte[] key = DueRow.leftKey(left.topicId(), left.before());
                    drop(life, left.topicId(), left.before(), () -> walk(life, key));
                }
            } catch (RocksDBException | BadRowException e) {
                cannot(e);
            }
        });
    }

    /// Deletes some, and then more, until nothing is left.
    private void drop(Life life, long topicId, long before, Runnable then) {
        try {
            long[] keys = LogReader.trimmedBatches(life, topicId, before, DROP_AT_ONCE);
            boolean isMoreOfThem = keys.length == DROP_AT_ONCE;
            List<byte[]> references =
                    isMoreOfThem ? List.of() : LogReader.trimmedReferences(life, topicId, before, DROP_AT_ONCE);
            boolean isMore = isMoreOfThem || references.size() == DROP_AT_ONCE;
            if (!submit.test(new Command.DropBatches(
                    topicId,
                    keys,
                    references,
                    isMore ? 0 : before,
                    isMore ? () -> lives.execute(readers, life, () -> drop(life, topicId, before, then)) : then,
                    () -> leave(life)))) {
                leave(life);
            }
        } catch (RocksDBException | BadRowException e) {
            cannot(e);
        }
    }

    private void leave(Life life) {
        walked.compareAndSet(life, null);
    }

    private static void cannot(Exception e) {
        LOGGER.log(System.Logger.Level.ERROR, "what was trimmed cannot be deleted", e);
    }
}
