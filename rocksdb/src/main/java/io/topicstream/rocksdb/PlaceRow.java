package io.topicstream.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A row of the family `meta`: where the store was when it was opened last, so that a copy can tell that it is one.
///
/// ```
/// key    0 8 | 1 1
/// value  format version 1 (1) | device 8 | inode of `lock` 8 | its change time 8 | inode of the directory 8
///        | its change time 8 | boot id 16
/// ```
///
/// Each opening writes `lock` anew and then this row. No program can set a change time: it is that of the write that
/// put the file there. So
///
/// - a copy that was put back has another change time, also where the file system uses the same inode again;
/// - older files that were written over newer ones hold an older row, or a `lock` that was changed after it;
/// - a directory that was renamed, and back again, has another change time itself;
/// - a disk of another machine, and one that was put back while the machine was off, comes with another boot id.
///
/// Not seen: a file system or a machine that is set back while it runs. Where in doubt the place is another one; that
/// only begins an epoch that nobody needs.
///
/// The key stands before those of [TopicRow], whose readers do not see it.
record PlaceRow(
        long device, long lockInode, long lockChangedNs, long directoryInode, long directoryChangedNs, UUID boot) {
    private static final byte VERSION = 1;
    private static final int VALUE_BYTES = 57;
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final UUID NO_BOOT_ID = new UUID(0, 0);

    static byte[] key() {
        return ByteBuffer.allocate(TopicRow.KEY_BYTES + 1)
                .putLong(0)
                .put((byte) 1)
                .array();
    }

    /// Where the store in the directory is now; null where the system does not say.
    static @Nullable PlaceRow of(Path directory) throws IOException {
        try {
            Map<String, Object> lock = Files.readAttributes(directory.resolve("lock"), "unix:dev,ino,ctime");
            Map<String, Object> self = Files.readAttributes(directory, "unix:ino,ctime");
            return new PlaceRow(
                    number(lock, "dev"),
                    number(lock, "ino"),
                    changedNs(lock),
                    number(self, "ino"),
                    changedNs(self),
                    bootId());
        } catch (UnsupportedOperationException e) {
            return null;
        }
    }

    private static long number(Map<String, Object> attributes, String name) {
        return ((Number) Objects.requireNonNull(attributes.get(name), name)).longValue();
    }

    private static long changedNs(Map<String, Object> attributes) {
        return ((FileTime) Objects.requireNonNull(attributes.get("ctime"), "ctime")).to(TimeUnit.NANOSECONDS);
    }

    private static UUID bootId() {
        try {
            return UUID.fromString(Files.readString(BOOT_ID).strip());
        } catch (IOException | IllegalArgumentException e) {
            return NO_BOOT_ID;
        }
    }

    /// When the store came to be where it is, in seconds since 1970.
    long second() {
        return TimeUnit.NANOSECONDS.toSeconds(Math.max(lockChangedNs, directoryChangedNs));
    }

    byte[] value() {
        return ByteBuffer.allocate(VALUE_BYTES)
                .put(VERSION)
                .putLong(device)
                .putLong(lockInode)
                .putLong(lockChangedNs)
                .putLong(directoryInode)
                .putLong(directoryChangedNs)
                .putLong(boot.getMostSignificantBits())
                .putLong(boot.getLeastSignificantBits())
                .array();
    }

    /// The place that the row names; null where it is of a version that this one does not know, and says nothing.
    static @Nullable PlaceRow of(byte @Nullable [] row) {
        if (row == null || row.length != VALUE_BYTES || row[0] != VERSION) {
            return null;
        }
        ByteBuffer value = ByteBuffer.wrap(row, 1, VALUE_BYTES - 1);
        return new PlaceRow(
                value.getLong(),
                value.getLong(),
                value.getLong(),
                value.getLong(),
                value.getLong(),
                new UUID(value.getLong(), value.getLong()));
    }
}
