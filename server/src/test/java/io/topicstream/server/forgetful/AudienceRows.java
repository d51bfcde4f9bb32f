package io.topicstream.server.forgetful;

import static io.topicstream.server.forgetful.Trips.await;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.WireFormat;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The rows of audiences: who listens to a topic, and from where. Blocks; thread-safe.
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `audience/` + topic | connection id | 8 bytes epoch, 8 bytes next offset, 1 byte whether it has begun, 8 bytes
/// held until, the wire format's name |
///
/// Numbers are big-endian. A row is *held* by whoever delivers to it, or has not yet let its messages
/// come, so that two runs at once deliver nothing twice and nothing out of order; it is taken and let go
/// by versioned puts. Who holds it may die, so it is held until a time. A row that nobody changes goes when no
/// connection can be as old as it.
final class AudienceRows {
    private static final int PAGE = 500;
    private static final long FREE = 0;

    private final StateStore store;
    private final InstantSource clock;

    AudienceRows(StateStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /// One listener's place.
    ///
    /// @param epoch the life of the log in which that offset holds
    /// @param next the offset that it wants next
    /// @param begun whether its messages may come
    /// @param heldUntilMs epoch milliseconds until which only its holder may deliver
    /// @param version by which it is changed
    record Row(
            String connectionId,
            WireFormat format,
            long epoch,
            long next,
            boolean begun,
            long heldUntilMs,
            long version) {
        boolean isHeld(long nowMs) {
            return heldUntilMs > nowMs;
        }
    }

    private static String partition(TopicName topic) {
        return "audience/" + topic.value();
    }

    @Nullable
    Row find(TopicName topic, String connectionId) {
        StateRecord found = await(store.get(partition(topic), connectionId));
        return found == null ? null : row(found);
    }

    /// Everybody who listens.
    List<Row> all(TopicName topic) {
        List<Row> rows = new ArrayList<>();
        StatePage page;
        do {
            page = await(store.scan(
                    partition(topic), "", rows.isEmpty() ? "" : rows.getLast().connectionId(), PAGE));
            page.records().forEach(record -> rows.add(row(record)));
        } while (!page.isLast());
        return rows;
    }

    private static Row row(StateRecord record) {
        ByteBuffer in = ByteBuffer.wrap(record.value());
        long epoch = in.getLong();
        long next = in.getLong();
        boolean begun = in.get() != 0;
        long heldUntilMs = in.getLong();
        WireFormat format =
                WireFormat.valueOf(StandardCharsets.US_ASCII.decode(in).toString());
        return new Row(record.key(), format, epoch, next, begun, heldUntilMs, record.version());
    }

    /// Makes a row whose messages do not come yet.
    ///
    /// @return the row, or null if there is one
    CompletionStage<@Nullable Row> create(
            TopicName topic, String connectionId, WireFormat format, long epoch, long next, long heldUntilMs) {
        return put(topic, new Row(connectionId, format, epoch, next, false, heldUntilMs, StateStore.ABSENT));
    }

    /// Puts the row at another offset, from which its messages do not come yet.
    ///
    /// @return the row as it is now, or null if it was changed meanwhile
    CompletionStage<@Nullable Row> move(TopicName topic, Row row, long epoch, long next, long heldUntilMs) {
        return put(topic, new Row(row.connectionId(), row.format(), epoch, next, false, heldUntilMs, row.version()));
    }

    /// Takes hold of the row, to deliver.
    ///
    /// @return the row as it is now, or null if it was changed meanwhile
    @Nullable
    Row hold(TopicName topic, Row row, long heldUntilMs) {
        return await(put(
                topic,
                new Row(row.connectionId(), row.format(), row.epoch(), row.next(), true, heldUntilMs, row.version())));
    }

    /// Lets go of a row that was held.
    ///
    /// @return the row as it is now, or null if it was changed meanwhile
    CompletionStage<@Nullable Row> release(TopicName topic, Row held, long epoch, long next) {
        return put(topic, new Row(held.connectionId(), held.format(), epoch, next, true, FREE, held.version()));
    }

    private CompletionStage<@Nullable Row> put(TopicName topic, Row row) {
        byte[] format = row.format().name().getBytes(StandardCharsets.US_ASCII);
        byte[] value = ByteBuffer.allocate(3 * Long.BYTES + 1 + format.length)
                .putLong(row.epoch())
                .putLong(row.next())
                .put((byte) (row.begun() ? 1 : 0))
                .putLong(row.heldUntilMs())
                .put(format)
                .array();
        long expiresAtMs = clock.millis() + ConnectionRows.LIFE.toMillis();
        return store.put(partition(topic), row.connectionId(), value, row.version(), expiresAtMs)
                .thenApply(version -> version == 0
                        ? null
                        : new Row(
                                row.connectionId(),
                                row.format(),
                                row.epoch(),
                                row.next(),
                                row.begun(),
                                row.heldUntilMs(),
                                version));
    }

    /// Deletes the row as it was read.
    ///
    /// @return false if it was changed meanwhile
    boolean delete(TopicName topic, Row row) {
        return await(store.delete(partition(topic), row.connectionId(), row.version()));
    }

    /// Deletes the row, whoever changed it.
    CompletionStage<Boolean> delete(TopicName topic, String connectionId) {
        return store.delete(partition(topic), connectionId, StateStore.ANY_VERSION);
    }
}
