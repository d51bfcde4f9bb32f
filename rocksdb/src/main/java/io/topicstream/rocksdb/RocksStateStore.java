package io.topicstream.rocksdb;

import io.topicstream.log.LogUnavailableException;
import io.topicstream.row.BadRowException;
import io.topicstream.state.StateLimits;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// The state records of a [RocksLog]: changes go through the log's writer and its sync, reads through its readers.
///
/// A read that may have seen a change that is not durable yet is answered when it is, so that nothing that was read
/// can be lost. Expired records are hidden by reads, and deleted by a slow walk in the background.
final class RocksStateStore implements StateStore {
    private static final int SWEEP_ROWS = 2_000;
    private static final int ROWS_A_TURN = 256;
    private static final byte[] AFTER_ALL = {(byte) 0xFF};
    private static final byte[] BEFORE_ALL = {};

    private final Lives lives;
    private final Executor lookups;
    private final Executor scans;
    private final InstantSource clock;
    private final Predicate<Command> submit;
    private byte[] sweptTo = BEFORE_ALL;

    /// @param lookups where single records are read
    /// @param scans where many are
    /// @param submit puts a command into the writer's queue; false where it cannot be taken
    RocksStateStore(Lives lives, Executor lookups, Executor scans, InstantSource clock, Predicate<Command> submit) {
        this.lives = lives;
        this.lookups = lookups;
        this.scans = scans;
        this.clock = clock;
        this.submit = submit;
    }

    @Override
    public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
        byte[] row = StateRow.key(partition, key);
        return durably(lives.<Seen<@Nullable StateRecord>>read(lookups, "a state record", life -> {
            byte[] stored = life.store.get("state", row);
            return new Seen<@Nullable StateRecord>(
                    stored == null ? null : record(key, StateRow.of(stored)), stored == null ? 0 : stored.length, life);
        }));
    }

    private @Nullable StateRecord record(String key, StateRow row) {
        return row.isExpired(clock.millis())
                ? null
                : new StateRecord(key, row.value(), row.version(), row.expiresAtMs());
    }

    @Override
    public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
        check(partition, key);
        StateLimits.checkValue(value);
        return change(new Command.StateChange(partition, key, value, ifVersion, expiresAtMs));
    }

    @Override
    public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
        check(partition, key);
        return change(new Command.StateChange(partition, key, null, ifVersion, NEVER))
                .thenApply(result -> result != 0);
    }

    @Override
    public CompletionStage<Long> advance(String partition, String key, long number) {
        check(partition, key);
        if (number < 0) {
            throw new IllegalArgumentException("a number of a record is 0 or more: " + number);
        }
        return change(new Command.Advance(partition, key, number));
    }

    private CompletableFuture<Long> change(Command.OfRecord change) {
        if (!submit.test(change)) {
            change.refuse("the store is closed, or too much is waiting");
        }
        return change.answer;
    }

    @Override
    public CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit) {
        byte[] from = StateRow.prefix(partition, prefix);
        StateLimits.checkLimit(limit);
        return durably(lives.walk(scans, "a partition of state records", new Scan(partition, from, after, limit)));
    }

    /// A page of a partition in the making: some rows a turn, since any number of them may have expired.
    private final class Scan implements Lives.Walk<Seen<StatePage>> {
        private final String partition;
        private final int partitionBytes;
        private final byte[] from;
        private final byte[] to;
        private final String firstAfter;
        private final int limit;
        private List<StateRecord> records = new ArrayList<>();
        private int bytes;
        private String after;
        private @Nullable Life life;

        Scan(String partition, byte[] from, String after, int limit) {
            this.partition = partition;
            this.partitionBytes = partition.getBytes(StandardCharsets.UTF_8).length;
            this.from = from;
            this.to = Arrays.copyOf(from, from.length + 1);
            this.to[from.length] = (byte) 0xFF;
            this.firstAfter = after;
            this.after = after;
            this.limit = limit;
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // a life is no other one
        public @Nullable Seen<StatePage> goOn(Life now) throws RocksDBException {
            if (life != now) {
                // What was seen in a life that ended may not be there in this one.
                life = now;
                after = firstAfter;
                records = new ArrayList<>();
                bytes = 0;
            }
            byte[] start = StateRow.prefix(partition, after + '\0');
            try (Cursor rows = now.store.cursor("state", from, to)) {
                boolean isFromFront = after.isEmpty() || Arrays.compareUnsigned(start, from) < 0;
                boolean at = isFromFront ? rows.first() : rows.seek(start);
                for (int looks = 0; looks < ROWS_A_TURN && at; looks++) {
                    after = StateRow.keyOf(rows.key(), partitionBytes);
                    StateRecord found = record(after, StateRow.of(rows.value()));
                    if (found != null && !add(found)) {
                        return new Seen<>(new StatePage(records, false), bytes, now);
                    }
                    at = rows.next();
                }
                return at ? null : new Seen<>(new StatePage(records, true), bytes, now);
            }
        }

        /// @return false where the page has no room for it
        private boolean add(StateRecord record) {
            if (records.size() == limit || bytes + record.sizeBytes() > PAGE_BYTES) {
                return false;
            }
            records.add(record);
            bytes += record.sizeBytes();
            return true;
        }
    }

    private static void check(String partition, String key) {
        StateRow.key(partition, key);
    }

    /// What was read, about how many bytes that is, and in which life.
    private record Seen<T extends @Nullable Object>(T value, int bytes, Life life) {}

    /// Holds the answer back until every change that it may have seen is durable. In a life that has failed that is
    /// so of all but what waited for a sync when it did.
    private <T extends @Nullable Object> CompletionStage<T> durably(CompletableFuture<Seen<T>> read) {
        return read.thenCompose(seen -> {
            if (seen.life().stateGroup <= seen.life().durableGroup) {
                return CompletableFuture.completedFuture(seen.value());
            }
            CompletableFuture<T> answer = new CompletableFuture<>();
            if (!submit.test(new Command.Barrier<>(answer, seen.value(), seen.bytes()))) {
                answer.completeExceptionally(
                        new LogUnavailableException("the store is closed, or too much is waiting"));
            }
            return answer;
        });
    }

    /// Deletes some of the records that have expired, and goes on where it stopped. Called by the writer's
    /// thread now and then; does its work on a reader.
    void sweep() {
        lives.execute(scans, lives.current(), () -> sweepSome(lives.current()));
    }

    private synchronized void sweepSome(Life life) {
        try (Cursor rows = life.store.cursor("state", sweptTo, AFTER_ALL)) {
            long now = clock.millis();
            int looked = 0;
            boolean at = rows.first();
            while (at && looked++ < SWEEP_ROWS) {
                byte[] key = rows.key();
                StateRow row = StateRow.of(rows.value());
                if (row.isExpired(now)) {
                    int end = 0;
                    while (key[end] != 0) {
                        end++;
                    }
                    String partition = new String(key, 0, end, StandardCharsets.UTF_8);
                    if (!submit.test(Command.StateChange.expire(partition, StateRow.keyOf(key, end), row.version()))) {
                        return;
                    }
                }
                at = rows.next();
                sweptTo = at ? rows.key() : BEFORE_ALL;
            }
        } catch (RocksDBException | BadRowException e) {
            System.getLogger(RocksStateStore.class.getName())
                    .log(System.Logger.Level.ERROR, "expired state records cannot be swept", e);
        }
    }
}
