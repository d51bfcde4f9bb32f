package io.topicstream.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A file that says how far the store has been synced: the sequence number of the last write that was.
///
/// It is what tells a torn tail from a damaged one. After a crash the write-ahead log may end in the middle of
/// a record that was never synced, and recovery rightly drops it. A flipped bit in a record that *was* synced
/// looks the same to RocksDB, which would drop that record and all behind it, and open a shorter log without a
/// word. With the mark the store refuses to open instead.
///
/// ```
/// slot 0, slot 1   sequence number 8 | the same, complemented 8
/// ```
///
/// The slots are written in turn, so that a write that is cut leaves the other. The file itself is not synced: it
/// survives the process, and after a power cut an older mark is a weaker check and never a false one, since it is
/// written only when the sync it tells of is done.
///
/// Written in a round of [LogSync] alone.
final class SyncedMark implements AutoCloseable {
    private static final int SLOT_BYTES = 16;

    private final FileChannel file;
    private final ByteBuffer slot = ByteBuffer.allocateDirect(SLOT_BYTES);
    private long sequence;
    private int turn;

    private SyncedMark(FileChannel file, long sequence, int turn) {
        this.file = file;
        this.sequence = sequence;
        this.turn = turn;
    }

    static SyncedMark open(Path path) throws IOException {
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            long[] slots = slots(file);
            return new SyncedMark(file, Math.max(slots[0], slots[1]), slots[0] >= slots[1] ? 1 : 0);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /// What the file says, which is left as it is; 0 where nothing is known.
    static long read(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long[] slots = slots(file);
            return Math.max(slots[0], slots[1]);
        }
    }

    private static long[] slots(FileChannel file) throws IOException {
        long[] slots = new long[2];
        for (int i = 0; i < 2; i++) {
            ByteBuffer read = ByteBuffer.allocate(SLOT_BYTES);
            int bytes = 0;
            while (bytes >= 0 && read.hasRemaining()) {
                bytes = file.read(read, (long) i * SLOT_BYTES + read.position());
            }
            if (!read.hasRemaining() && read.getLong(0) == ~read.getLong(8)) {
                slots[i] = read.getLong(0);
            }
        }
        return slots;
    }

    /// 0 where nothing is known.
    long sequence() {
        return sequence;
    }

    /// Notes that everything up to the sequence number is synced.
    void advance(long synced) throws IOException {
        if (synced <= sequence) {
            return;
        }
        slot.clear();
        slot.putLong(synced).putLong(~synced).flip();
        file.write(slot, (long) turn * SLOT_BYTES);
        sequence = synced;
        turn ^= 1;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
