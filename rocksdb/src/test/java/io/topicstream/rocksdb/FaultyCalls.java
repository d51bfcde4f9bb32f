package io.topicstream.rocksdb;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;

/// A disk that fails, waits or is slow when it is told to, over the real one.
final class FaultyCalls implements StoreCalls {
    final AtomicInteger writes = new AtomicInteger();
    /// Rows in all writes that were made.
    final AtomicInteger rows = new AtomicInteger();

    final AtomicInteger writesToFail = new AtomicInteger();

    /// The how-manieth write from now on fails; 0 for none.
    final AtomicInteger writesToFailAfter = new AtomicInteger();

    final AtomicInteger syncsToFail = new AtomicInteger();
    final List<Store> synced = Collections.synchronizedList(new ArrayList<>());
    volatile long syncDelayNs;
    volatile boolean isFull;
    volatile @Nullable CountDownLatch syncGate;

    /// Thrown once, by the next call.
    final AtomicReference<@Nullable Error> writeError = new AtomicReference<>();

    final AtomicReference<@Nullable Error> syncError = new AtomicReference<>();

    @Override
    public void write(Store store, WriteBatch batch) throws RocksDBException {
        if (isFull) {
            throw new RocksDBException(
                    "No space left on device", new Status(Status.Code.IOError, Status.SubCode.NoSpace, "full"));
        }
        if (writesToFail.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new RocksDBException("the write failed on purpose");
        }
        if (writesToFailAfter.getAndUpdate(left -> Math.max(0, left - 1)) == 1) {
            throw new RocksDBException("this write failed on purpose");
        }
        throwOnce(writeError);
        store.write(batch);
        writes.incrementAndGet();
        rows.addAndGet(batch.count());
    }

    @Override
    public void sync(Store store) throws RocksDBException {
        synced.add(store);
        CountDownLatch gate = syncGate;
        if (gate != null) {
            try {
                if (!gate.await(30, TimeUnit.SECONDS)) {
                    throw new AssertionError("the gate was never opened");
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        if (syncDelayNs > 0) {
            long until = System.nanoTime() + syncDelayNs;
            while (System.nanoTime() - until < 0) {
                LockSupport.parkNanos(until - System.nanoTime());
            }
        }
        throwOnce(syncError);
        if (syncsToFail.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new RocksDBException("the sync failed on purpose");
        }
        store.sync();
    }

    @Override
    public boolean hasRoomToReopen(Store store) {
        return !isFull && store.hasRoomToReopen();
    }

    private static void throwOnce(AtomicReference<@Nullable Error> planted) {
        Error error = planted.getAndSet(null);
        if (error != null) {
            throw error;
        }
    }
}
