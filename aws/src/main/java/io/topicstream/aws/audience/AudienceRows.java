package io.topicstream.aws.audience;

import static io.topicstream.aws.audience.Waits.await;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.WireFormat;
import io.topicstream.session.SessionRecord;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The rows of audiences: who listens to a topic, and from where. Blocks; thread-safe.
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `audience/` + topic + ` ` + shard | connection id | a [Row] |
/// | `audience/` + topic + ` 0` | `!` | a [StateNumber]: how many shards there are, where that is not one |
///
/// A large audience is spread over shards, so that no partition is too hot, and each is served by a call of its own.
/// Who joins draws one of them; a connection's own row says which. A full one makes one more. There are never fewer
/// again, so nobody has to be looked for in two of them.
///
/// A row that nobody changes goes when no connection can be as old as it.
final class AudienceRows {
    private static final int VERSION = 1;
    private static final int PAGE = 500;
    private static final long FREE = 0;
    /// Before every connection id.
    private static final String SHARDS = "!";

    private final StateStore store;
    private final InstantSource clock;

    AudienceRows(StateStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /// How a listener gets its messages.
    enum Way {
        /// Not yet: it has a place, and its client has not been told so.
        NONE(0),
        /// By itself, out of the log. The row says from where.
        ALONE(1),
        /// With its shard: nothing is written for it. What its row says of its place is how it was when that began.
        TOGETHER(2);

        private final byte code;

        Way(int code) {
            this.code = (byte) code;
        }

        private static Way of(byte code) {
            for (Way way : values()) {
                if (way.code == code) {
                    return way;
                }
            }
            throw new IllegalStateException("a listener's row has an unknown way " + code);
        }
    }

    /// One listener's place.
    ///
    /// @param withheldTag of the messages that it does not get
    /// @param expiresAtMs when its identity ends, as far as was known; see `Identity`
    /// @param epoch the life of the log in which that offset holds
    /// @param next the offset that it wants next
    /// @param heldUntilMs epoch milliseconds until which only who holds it may change it
    /// @param version by which it is changed
    record Row(
            String connectionId,
            WireFormat format,
            String withheldTag,
            long expiresAtMs,
            long epoch,
            long next,
            Way way,
            long heldUntilMs,
            long version) {

        /// Of a connection whose messages do not come yet.
        static Row of(SessionRecord session, long epoch, long next, long heldUntilMs, long version) {
            return new Row(
                    session.connectionId(),
                    session.format(),
                    session.withheldTag(),
                    session.identity().expiresAtMs(),
                    epoch,
                    next,
                    Way.NONE,
                    heldUntilMs,
                    version);
        }

        boolean isHeld(long nowMs) {
            return heldUntilMs > nowMs;
        }

        Row at(long newEpoch, long newNext) {
            return new Row(
                    connectionId, format, withheldTag, expiresAtMs, newEpoch, newNext, way, heldUntilMs, version);
        }

        Row heldUntil(long ms) {
            return new Row(connectionId, format, withheldTag, expiresAtMs, epoch, next, way, ms, version);
        }

        Row by(Way other) {
            return new Row(connectionId, format, withheldTag, expiresAtMs, epoch, next, other, heldUntilMs, version);
        }

        Row expiringAt(long ms) {
            return new Row(connectionId, format, withheldTag, ms, epoch, next, way, heldUntilMs, version);
        }

        private Row in(long newVersion) {
            return new Row(connectionId, format, withheldTag, expiresAtMs, epoch, next, way, heldUntilMs, newVersion);
        }

        private byte[] encode() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeByte(VERSION);
                out.writeLong(epoch);
                out.writeLong(next);
                out.writeByte(way.code);
                out.writeLong(heldUntilMs);
                out.writeLong(expiresAtMs);
                out.writeUTF(format.name());
                // The usual one is the connection itself.
                out.writeUTF(withheldTag.equals(connectionId) ? "" : withheldTag);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }

        private static Row decode(StateRecord record) {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(record.value()))) {
                if (in.readByte() != VERSION) {
                    throw new IllegalStateException("a listener's row has an unknown version");
                }
                long epoch = in.readLong();
                long next = in.readLong();
                Way way = Way.of(in.readByte());
                long heldUntilMs = in.readLong();
                long expiresAtMs = in.readLong();
                WireFormat format = WireFormat.valueOf(in.readUTF());
                String tag = in.readUTF();
                return new Row(
                        record.key(),
                        format,
                        tag.isEmpty() ? record.key() : tag,
                        expiresAtMs,
                        epoch,
                        next,
                        way,
                        heldUntilMs,
                        record.version());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// Everybody who listens in a shard.
    ///
    /// @param shards how many there are of the topic, where this is the first one; else 0
    record Shard(List<Row> rows, int shards) {}

    private static String partition(TopicName topic, int shard) {
        return "audience/" + topic.value() + " " + shard;
    }

    // ---- shards

    /// In which shard somebody who joins stands.
    int draw(TopicName topic) {
        return await(drawLater(topic));
    }

    /// The same, for many at once.
    CompletionStage<Integer> drawLater(TopicName topic) {
        return shardsLater(topic)
                .thenApply(
                        shards -> shards == 1 ? 0 : ThreadLocalRandom.current().nextInt(shards));
    }

    /// How many there are.
    int shards(TopicName topic) {
        return await(shardsLater(topic));
    }

    private CompletionStage<Integer> shardsLater(TopicName topic) {
        return store.get(partition(topic, 0), SHARDS)
                .thenApply(record -> record == null ? 1 : (int) StateNumber.of(record.value()));
    }

    /// There are at least so many shards from now on.
    void grow(TopicName topic, int shards) {
        await(store.advance(partition(topic, 0), SHARDS, shards));
    }

    /// Everybody in a shard.
    Shard all(TopicName topic, int shard) {
        List<Row> rows = new ArrayList<>();
        int shards = shard == 0 ? 1 : 0;
        String after = "";
        StatePage page;
        do {
            page = await(store.scan(partition(topic, shard), "", after, PAGE));
            for (StateRecord record : page.records()) {
                after = record.key();
                if (after.equals(SHARDS)) {
                    shards = (int) StateNumber.of(record.value());
                } else {
                    rows.add(Row.decode(record));
                }
            }
        } while (!page.isLast());
        return new Shard(rows, shards);
    }

    /// Some of a shard, in the order of their connections' ids.
    ///
    /// @param after the id behind which they begin; empty for the first ones
    List<Row> some(TopicName topic, int shard, String after, int most) {
        // One more, for the row that is no listener's.
        return await(store.scan(partition(topic, shard), "", after, most + 1)).records().stream()
                .filter(record -> !record.key().equals(SHARDS))
                .limit(most)
                .map(Row::decode)
                .toList();
    }

    /// Everybody who listens.
    List<Row> all(TopicName topic) {
        Shard first = all(topic, 0);
        List<Row> rows = new ArrayList<>(first.rows());
        for (int shard = 1; shard < first.shards(); shard++) {
            rows.addAll(all(topic, shard).rows());
        }
        return rows;
    }

    // ---- one row

    @Nullable
    Row find(TopicName topic, int shard, String connectionId) {
        StateRecord found = await(store.get(partition(topic, shard), connectionId));
        return found == null ? null : Row.decode(found);
    }

    /// Makes a new row, where its version is [StateStore#ABSENT], or changes one.
    ///
    /// @return the row as it is now, or null if it was changed meanwhile
    CompletionStage<@Nullable Row> put(TopicName topic, int shard, Row row) {
        long expiresAtMs = clock.millis() + ConnectionRows.LIFE.toMillis();
        return store.put(partition(topic, shard), row.connectionId(), row.encode(), row.version(), expiresAtMs)
                .thenApply(version -> version == 0 ? null : row.in(version));
    }

    /// Takes hold of the row, to deliver to it alone.
    ///
    /// @return the row as it is now, or null if it was changed meanwhile
    @Nullable
    Row hold(TopicName topic, int shard, Row row, long heldUntilMs) {
        return await(put(topic, shard, row.by(Way.ALONE).heldUntil(heldUntilMs)));
    }

    /// Frees a row that was held; its messages come from here on.
    ///
    /// @return the row as it is now, or null if it was changed meanwhile
    CompletionStage<@Nullable Row> release(TopicName topic, int shard, Row held, long epoch, long next) {
        return put(topic, shard, held.by(Way.ALONE).at(epoch, next).heldUntil(FREE));
    }

    /// Deletes the row as it was read.
    ///
    /// @return false if it was changed meanwhile
    boolean delete(TopicName topic, int shard, Row row) {
        return await(store.delete(partition(topic, shard), row.connectionId(), row.version()));
    }

    /// Deletes the row, in any version.
    CompletionStage<Boolean> delete(TopicName topic, int shard, String connectionId) {
        return store.delete(partition(topic, shard), connectionId, StateStore.ANY_VERSION);
    }
}
