package io.topicstream.rocksdb;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The file `lock` of a store: who has it may open the store.
final class StoreLock {
    private StoreLock() {}

    /// The lock file of the store, locked; what it says is left as it was.
    static FileChannel take(Path directory) throws StoreException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new StoreException(directory + " is a file; the store needs a directory");
        }
        Path path = directory.resolve("lock");
        FileChannel file = null;
        try {
            StoreFiles.makeDirectory(directory);
            file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = tryLock(file);
            if (lock == null) {
                throw inUse(directory, path);
            }
            return file;
        } catch (AccessDeniedException e) {
            throw new StoreException(
                    "no permission to read and write " + e.getFile() + "; the store cannot be opened", e);
        } catch (FileAlreadyExistsException e) {
            throw new StoreException(e.getFile() + " is a file; the store needs a directory", e);
        } catch (IOException e) {
            Store.closeQuietly(null, file);
            throw new StoreException("the store in " + directory + " cannot be opened: " + Store.sentence(e), e);
        } catch (StoreException e) {
            Store.closeQuietly(null, file);
            throw e;
        }
    }

    /// Locks a store for reading, so that no server opens it meanwhile; changes nothing.
    ///
    /// @return null where nobody ever opened it there
    static @Nullable FileChannel shareIfThere(Path directory) throws IOException, StoreException {
        Path path = directory.resolve("lock");
        if (!Files.exists(path)) {
            return null;
        }
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
        boolean locked = false;
        try {
            locked = file.tryLock(0, Long.MAX_VALUE, true) != null;
        } catch (OverlappingFileLockException e) {
            // Locked by this process.
        } finally {
            if (!locked) {
                file.close();
            }
        }
        if (!locked) {
            throw inUse(directory, path);
        }
        return file;
    }

    private static StoreException inUse(Path directory, Path lock) throws IOException {
        String holder = Files.readString(lock, StandardCharsets.US_ASCII).strip();
        return new StoreException("the store in " + directory + " is in use"
                + (holder.isEmpty() ? "" : " by process " + holder) + "; stop it or choose another directory");
    }

    /// Writes who holds the lock, and with it when the store was opened: see [PlaceRow].
    static void noteHolder(FileChannel lock) throws IOException {
        lock.truncate(0);
        lock.write(StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"));
        lock.force(true);
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }
}
