package io.topicstream.server;

import io.topicstream.log.BackupProgress;
import io.topicstream.log.StoreReport;
import io.topicstream.rocksdb.Backup;
import io.topicstream.rocksdb.RocksLog;
import io.topicstream.rocksdb.RocksOptions;
import io.topicstream.rocksdb.StoreException;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.config.section.ProcessSection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// What can be done to the data of a server that does not run: back it up, check it, put a backup in its place,
/// begin a new epoch. Works on the calling thread; what is in use by a server is refused.
public final class DataDirectory {
    private final Path directory;
    private final RocksOptions options;

    /// What a restore did.
    ///
    /// @param report of what was put back
    /// @param epoch that the store begins with
    /// @param replaced where the store is that was there before; null where there was none
    public record Restored(
            StoreReport report, long epoch, @Nullable Path replaced) {}

    /// The one that the configuration names.
    ///
    /// @throws StartException where its engine keeps nothing on disk
    public DataDirectory(ServerConfig config) throws StartException {
        if (config.process().engine() != ProcessSection.Engine.ROCKSDB) {
            throw new StartException(StartException.Cause.DATA, Engine.KEEPS_NOTHING);
        }
        directory = config.data().dir();
        options = Engine.options(config.data(), InstantSource.system(), null);
    }

    /// Where it is.
    public Path path() {
        return directory;
    }

    /// Makes a backup in the directory, which must not be there.
    public StoreReport backUp(Path backup, BackupProgress progress) throws StartException {
        if (!Files.exists(directory.resolve("db"))) {
            throw new StartException(StartException.Cause.DATA, "there is no store in " + directory);
        }
        try (RocksLog log = RocksLog.open(directory, options)) {
            return log.backUp(backup, progress);
        } catch (StoreException e) {
            throw failure(e);
        }
    }

    /// Puts a backup into it.
    ///
    /// @param replace whether a store that is there is set aside
    public Restored restore(Path backup, boolean replace, BackupProgress progress) throws StartException {
        try {
            Backup.Restored restored = Backup.restore(backup, directory, replace, options, progress);
            return new Restored(restored.report(), restored.epoch(), restored.replaced());
        } catch (StoreException e) {
            throw failure(e);
        }
    }

    /// Begins a new epoch in it.
    ///
    /// @return the epoch
    public long beginEpoch() throws StartException {
        try {
            return Backup.beginEpoch(directory, options);
        } catch (StoreException e) {
            throw failure(e);
        }
    }

    /// Checks a backup, or a data directory, which is not changed.
    public static StoreReport verify(Path directory, BackupProgress progress) throws StartException {
        try {
            return Backup.verify(directory, progress);
        } catch (StoreException e) {
            throw failure(e);
        }
    }

    private static StartException failure(StoreException e) {
        return new StartException(StartException.Cause.DATA, String.valueOf(e.getMessage()), e);
    }
}
