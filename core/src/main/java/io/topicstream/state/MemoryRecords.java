package io.topicstream.state;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The records of an [InMemoryStateStore]: by partition and key, and by when they expire.
///
/// Owned by the store's executor; the figures may be read by anybody.
final class MemoryRecords {
    /// What a record takes beside its value and its key, which is kept twice: it stands in two trees.
    static final int RECORD_BYTES = 224;
    /// What a partition takes beside its name.
    static final int PARTITION_BYTES = 160;

    private final InstantSource clock;
    private final long maxBytes;
    private final Map<String, NavigableMap<byte[], Kept>> partitions = new HashMap<>();

    /// Those that expire, the first to do so in front.
    private final TreeSet<Kept> expiring =
            new TreeSet<>(Comparator.comparingLong(Kept::expiresAtMs).thenComparingLong(kept -> kept.record.version()));

    // Written by the owner alone.
    private volatile long count;
    private volatile long bytes;

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Kept(String partition, byte[] name, StateRecord record) {
        long bytes() {
            return RECORD_BYTES + 2L * name.length + record.value().length;
        }

        long expiresAtMs() {
            return record.expiresAtMs();
        }
    }

    /// @param maxBytes that they may take; never more
    MemoryRecords(InstantSource clock, long maxBytes) {
        this.clock = clock;
        this.maxBytes = maxBytes;
    }

    long count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    /// The record; null where there is none, or it has expired.
    @Nullable
    StateRecord find(String partition, byte[] name) {
        Kept found = kept(partition, name);
        return found == null || hasExpired(found) ? null : found.record;
    }

    /// Puts the record there, in the place of another one. Where there is no room, those that have expired make
    /// some.
    ///
    /// @return false where that is not enough, and nothing was put
    boolean put(String partition, byte[] name, StateRecord record) {
        Kept kept = new Kept(partition, name, record);
        for (long growth = growth(kept); growth > 0 && bytes + growth > maxBytes; growth = growth(kept)) {
            if (!freeFirst()) {
                return false;
            }
        }
        remove(partition, name);
        NavigableMap<byte[], Kept> records = partitions.get(partition);
        if (records == null) {
            records = new TreeMap<>(Arrays::compareUnsigned);
            partitions.put(partition, records);
            count(0, bytesOf(partition));
        }
        records.put(name, kept);
        if (kept.expiresAtMs() != StateStore.NEVER) {
            expiring.add(kept);
        }
        count(1, kept.bytes());
        return true;
    }

    /// By how much all of it grows if the record is put.
    private long growth(Kept kept) {
        NavigableMap<byte[], Kept> records = partitions.get(kept.partition);
        if (records == null) {
            return bytesOf(kept.partition) + kept.bytes();
        }
        Kept before = records.get(kept.name);
        return before == null ? kept.bytes() : kept.bytes() - before.bytes();
    }

    /// Removes the record, if it is there.
    void remove(String partition, byte[] name) {
        NavigableMap<byte[], Kept> records = partitions.get(partition);
        Kept removed = records == null ? null : records.remove(name);
        if (records == null || removed == null) {
            return;
        }
        if (removed.expiresAtMs() != StateStore.NEVER) {
            expiring.remove(removed);
        }
        count(-1, -removed.bytes());
        if (records.isEmpty()) {
            partitions.remove(partition);
            count(0, -bytesOf(partition));
        }
    }

    /// Frees records that have expired, those first that did so first.
    ///
    /// @param most how many
    /// @return whether there are more
    boolean freeExpired(int most) {
        for (int freed = 0; freed < most; freed++) {
            if (!freeFirst()) {
                return false;
            }
        }
        return !expiring.isEmpty() && hasExpired(expiring.first());
    }

    private boolean freeFirst() {
        if (expiring.isEmpty() || !hasExpired(expiring.first())) {
            return false;
        }
        Kept first = expiring.first();
        remove(first.partition, first.name);
        return true;
    }

    /// A page of the records of a partition that have not expired, each by a copy of its own.
    ///
    /// @param prefix that the keys start with
    /// @param after keys come strictly after this one
    StatePage page(String partition, String prefix, String after, int limit) {
        List<StateRecord> page = new ArrayList<>();
        NavigableMap<byte[], Kept> records = partitions.get(partition);
        if (records == null) {
            return new StatePage(page, true);
        }
        byte[] first = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] last = after.getBytes(StandardCharsets.UTF_8);
        boolean isFromFront = Arrays.compareUnsigned(last, first) < 0;
        int pageBytes = 0;
        for (Kept kept :
                records.tailMap(isFromFront ? first : last, isFromFront).values()) {
            StateRecord record = kept.record;
            if (!record.key().startsWith(prefix)) {
                break;
            }
            if (hasExpired(kept)) {
                continue;
            }
            pageBytes += record.sizeBytes();
            if (page.size() == limit || pageBytes > StateStore.PAGE_BYTES) {
                return new StatePage(page, false);
            }
            page.add(record.copy());
        }
        return new StatePage(page, true);
    }

    private @Nullable Kept kept(String partition, byte[] name) {
        NavigableMap<byte[], Kept> records = partitions.get(partition);
        return records == null ? null : records.get(name);
    }

    private boolean hasExpired(Kept kept) {
        return kept.expiresAtMs() != StateStore.NEVER && clock.millis() >= kept.expiresAtMs();
    }

    private static long bytesOf(String partition) {
        return PARTITION_BYTES + 2L * partition.length();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only the owner writes
    private void count(int records, long more) {
        count = count + records;
        bytes = bytes + more;
    }
}
