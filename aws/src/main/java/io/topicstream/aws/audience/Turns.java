package io.topicstream.aws.audience;

import static io.topicstream.aws.audience.Waits.await;

import io.topicstream.log.TopicName;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Whose turn it is to deliver to a shard of a topic's audience, and how far that has come. Blocks; thread-safe.
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `turns/` + topic | shard | 1 byte version, 8 bytes epoch, 8 bytes next offset, 8 bytes held until |
///
/// Numbers are big-endian. It is taken and given back by versioned puts, and nobody delivers to those of a shard who
/// are served together without it: so nothing is delivered twice, and nothing out of order. Who has it may die, so it
/// is held until a time. It outlives every connection that was served by it.
final class Turns {
    private static final byte VERSION = 1;
    private static final long FREE = 0;
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final StateStore store;
    private final InstantSource clock;

    Turns(StateStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /// How far a shard has come.
    ///
    /// @param epoch the life of the log in which the offset holds
    /// @param next the first offset that was not delivered
    /// @param heldUntilMs epoch milliseconds until which it is somebody's turn
    record Turn(long epoch, long next, long heldUntilMs, long version) {
        boolean isHeld(long nowMs) {
            return heldUntilMs > nowMs;
        }

        /// Of a shard to which nothing was delivered.
        static Turn first(long epoch, long next) {
            return new Turn(epoch, next, FREE, StateStore.ABSENT);
        }
    }

    private static String partition(TopicName topic) {
        return "turns/" + topic.value();
    }

    /// Null where nothing was delivered for longer than a connection lives.
    @Nullable
    Turn find(TopicName topic, int shard) {
        StateRecord found = await(store.get(partition(topic), Integer.toString(shard)));
        if (found == null) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(found.value());
        if (in.get() != VERSION) {
            throw new IllegalStateException("a turn's row has an unknown version");
        }
        return new Turn(in.getLong(), in.getLong(), in.getLong(), found.version());
    }

    /// Takes the turn.
    ///
    /// @return null if somebody else has it, or had
    @Nullable
    Turn take(TopicName topic, int shard, Turn turn, long untilMs) {
        return put(topic, shard, new Turn(turn.epoch(), turn.next(), untilMs, turn.version()));
    }

    /// Goes on with the turn, further on.
    ///
    /// @return null if it took so long that it is somebody else's
    @Nullable
    Turn go(TopicName topic, int shard, Turn held, long epoch, long next, long untilMs) {
        return put(topic, shard, new Turn(epoch, next, untilMs, held.version()));
    }

    /// Gives it back.
    @Nullable
    Turn release(TopicName topic, int shard, Turn held, long epoch, long next) {
        return put(topic, shard, new Turn(epoch, next, FREE, held.version()));
    }

    private @Nullable Turn put(TopicName topic, int shard, Turn turn) {
        byte[] value = ByteBuffer.allocate(1 + 3 * Long.BYTES)
                .put(VERSION)
                .putLong(turn.epoch())
                .putLong(turn.next())
                .putLong(turn.heldUntilMs())
                .array();
        long version = await(store.put(
                partition(topic),
                Integer.toString(shard),
                value,
                turn.version(),
                clock.millis() + ConnectionRows.LIFE.toMillis()));
        return version == 0 ? null : new Turn(turn.epoch(), turn.next(), turn.heldUntilMs(), version);
    }

    /// Waits until the turn is over that is under way now: who was served together until now gets nothing by it any
    /// more.
    void awaitEnd(TopicName topic, int shard) {
        Turn now = find(topic, shard);
        for (Turn later = now;
                now != null && later != null && later.version() == now.version() && later.isHeld(clock.millis());
                later = find(topic, shard)) {
            LockSupport.parkNanos(LOOK_NS);
        }
    }
}
