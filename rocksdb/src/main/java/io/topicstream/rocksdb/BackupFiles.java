package io.topicstream.rocksdb;

import io.topicstream.log.BackupProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Copies files with their checksums, and sees to it that they are on the disk. What is made is for its owner alone: a
/// backup holds all messages and the hashes of API keys.
final class BackupFiles {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    private final BackupProgress progress;
    private final long totalBytes;
    private long doneBytes;

    /// @param totalBytes that will be read, for the progress
    BackupFiles(BackupProgress progress, long totalBytes) {
        this.progress = progress;
        this.totalBytes = totalBytes;
    }

    /// Copies the file and syncs the copy.
    ///
    /// @return the checksum of what was read
    String copy(Path from, Path to) throws IOException {
        MessageDigest digest = BackupManifest.digest();
        try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel target = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (fill(source)) {
                digest.update(buffer.duplicate());
                while (buffer.hasRemaining()) {
                    target.write(buffer);
                }
            }
            target.force(true);
        }
        return BackupManifest.hex(digest);
    }

    /// Gives a file a second name.
    ///
    /// @return whether that can be done: not across file systems, nor on each
    static boolean link(Path from, Path to) {
        try {
            Files.createLink(to, from);
            return true;
        } catch (UnsupportedOperationException | IOException e) {
            return false;
        }
    }

    String checksum(Path file) throws IOException {
        MessageDigest digest = BackupManifest.digest();
        try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ)) {
            while (fill(source)) {
                digest.update(buffer);
            }
        }
        return BackupManifest.hex(digest);
    }

    private boolean fill(FileChannel source) throws IOException {
        buffer.clear();
        int bytes = source.read(buffer);
        buffer.flip();
        doneBytes += Math.max(0, bytes);
        progress.at(Math.min(doneBytes, totalBytes), totalBytes);
        return bytes > 0;
    }

    // ---- directories

    /// Makes a directory that nobody else may look into; its parents too, as usual.
    static void makeDirectory(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.createDirectory(directory);
        try {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        } catch (UnsupportedOperationException e) {
            // The file system has no permissions of that kind.
        }
    }

    /// The regular files right in the directory, by name.
    static List<Path> filesIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /// Makes sure that the names in the directory are on the disk.
    static void sync(Path directory) throws IOException {
        try (FileChannel file = FileChannel.open(directory, StandardOpenOption.READ)) {
            file.force(true);
        }
    }

    /// Deletes everything in it, but not the directory itself.
    static void deleteIn(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : entries.toList()) {
                delete(entry);
            }
        }
    }

    /// Deletes it with everything in it; nothing where it is not there.
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
