package io.topicstream.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Reads RocksDB's own log files (the write-ahead logs and the manifest) before RocksDB does, to find the
/// damage that it would take for the torn tail of a crash, and cut off without a word.
///
/// Both are files of 32 KiB blocks of records: checksum 4 (CRC-32C of the rest, masked), length 2, type 1,
/// payload; little-endian; described in "Write Ahead Log File Format" of RocksDB's wiki. A write-ahead record
/// begins with the sequence number of its first change (8) and the number of its changes (4).
///
/// - *Write-ahead log.* Everything up to [SyncedMark] must be there. The first record that cannot be read, or does
///   not go on where the one before it ended, must lie behind the mark.
/// - *Manifest.* RocksDB syncs each record, so it may end in one that was cut. Such a record lacks bytes; one whose
///   checksum is right for fewer bytes than its length says lacks none, and its length is damaged.
///
/// Nothing is changed, so that a damaged store can still be looked at.
final class LogFileCheck {
    private static final int BLOCK = 32 * 1024;
    private static final int HEADER = 7;
    private static final int RECYCLABLE_HEADER = 11;

    private LogFileCheck() {}

    /// The first damage to synced data, as a sentence without an end; null where there is none.
    static @Nullable String damage(Path directory, long syncedSequence) throws IOException {
        List<Path> writeAhead = new ArrayList<>();
        List<Path> manifests = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.forEach(file -> {
                String name = file.getFileName().toString();
                if (name.endsWith(".log")) {
                    writeAhead.add(file);
                } else if (name.startsWith("MANIFEST-")) {
                    manifests.add(file);
                }
            });
        }
        for (Path manifest : manifests) {
            Walk walk = new Walk(manifest, false);
            if (walk.tailLengthIsDamaged) {
                return damaged(manifest, walk.brokenAt);
            }
        }
        writeAhead.sort(Comparator.comparing(file -> file.getFileName().toString()));
        long end = -1;
        for (Path file : writeAhead) {
            Walk walk = new Walk(file, true);
            if (walk.firstSequence >= 0) {
                if (end >= 0 && walk.firstSequence > end + 1 && end + 1 <= syncedSequence) {
                    return damaged(file, 0);
                }
                end = walk.endSequence;
            }
            if (walk.brokenAt >= 0 && end >= 0 && end + 1 <= syncedSequence) {
                return damaged(file, walk.brokenAt);
            }
            if (walk.brokenAt >= 0 && end < 0 && walk.tailLengthIsDamaged && syncedSequence > 0) {
                return damaged(file, walk.brokenAt);
            }
        }
        return null;
    }

    private static String damaged(Path file, long position) {
        return file + " cannot be read at byte " + position + ", and what stands there had been synced";
    }

    /// One pass through one file.
    private static final class Walk {
        final boolean writeAhead;
        long firstSequence = -1;
        long endSequence = -1;
        long brokenAt = -1;
        boolean tailLengthIsDamaged;
        private final ByteBuffer head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        private int headBytes;

        Walk(Path path, boolean writeAhead) throws IOException {
            this.writeAhead = writeAhead;
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
                ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
                long position = 0;
                long size = file.size();
                while (position < size && brokenAt < 0) {
                    block.clear();
                    int read = 0;
                    while (read >= 0 && block.hasRemaining()) {
                        read = file.read(block, position + block.position());
                    }
                    block.flip();
                    walkBlock(block, position);
                    position += BLOCK;
                }
            }
        }

        private void walkBlock(ByteBuffer block, long base) {
            CRC32C crc = new CRC32C();
            while (block.remaining() >= HEADER) {
                int start = block.position();
                int checksum = block.getInt(start);
                int length = block.getShort(start + 4) & 0xFFFF;
                int type = block.get(start + 6) & 0xFF;
                if (type == 0 && length == 0) {
                    // Preallocated and never written; nothing follows in this block.
                    if (checksum != 0) {
                        brokenAt = base + start;
                    }
                    return;
                }
                int header = (type >= 5 && type <= 8) || type == 11 || type == 131 ? RECYCLABLE_HEADER : HEADER;
                if (start + header + length > block.limit()) {
                    brokenAt = base + start;
                    tailLengthIsDamaged = aShorterRecordIsWhole(block, start, checksum, crc);
                    return;
                }
                crc.reset();
                crc.update(block.slice(start + 6, header - 6 + length));
                if (mask((int) crc.getValue()) != checksum) {
                    brokenAt = base + start;
                    return;
                }
                if (writeAhead && !follows(block, start + header, length, type)) {
                    brokenAt = base + start;
                    return;
                }
                block.position(start + header + length);
            }
        }

        private static boolean aShorterRecordIsWhole(ByteBuffer block, int start, int checksum, CRC32C crc) {
            crc.reset();
            for (int i = start + 6; i < block.limit(); i++) {
                crc.update(block.get(i));
                if (mask((int) crc.getValue()) == checksum) {
                    return true;
                }
            }
            return false;
        }

        private boolean follows(ByteBuffer block, int payload, int length, int type) {
            int kind = type >= 5 && type <= 8 ? type - 4 : type;
            if (kind < 1 || kind > 4) {
                return true;
            }
            if (kind == 1 || kind == 2) {
                headBytes = 0;
            }
            // The head of a record may itself be cut by the end of a block.
            int copied = Math.min(length, head.capacity() - headBytes);
            head.put(headBytes, block, payload, copied);
            headBytes += copied;
            if (kind == 1 || kind == 4) {
                long sequence = head.getLong(0);
                if (headBytes < head.capacity() || (endSequence >= 0 && sequence != endSequence + 1)) {
                    return false;
                }
                if (firstSequence < 0) {
                    firstSequence = sequence;
                }
                endSequence = sequence + (head.getInt(8) & 0xFFFFFFFFL) - 1;
            }
            return true;
        }

        private static int mask(int crc) {
            return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
        }
    }
}
