package io.topicstream.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicLog;
import io.topicstream.migration.StoreExport;
import io.topicstream.migration.StoreImport;
import io.topicstream.rocksdb.Backup;
import io.topicstream.rocksdb.RocksExport;
import io.topicstream.rocksdb.RocksImport;
import io.topicstream.rocksdb.RocksLog;
import io.topicstream.rocksdb.RocksOptions;
import io.topicstream.rocksdb.StoreException;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.MovableStore;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A data directory.
final class MovableDirectory implements MovableStore {
    private final Path directory;
    private final RocksOptions options;
    private @Nullable RocksLog log;

    MovableDirectory(Path directory, ManualClock clock) {
        this.directory = directory;
        this.options = RocksOptions.DEFAULTS.withMemory(4 << 20, 4 << 20, 64).withClock(clock);
    }

    @Override
    public void open() throws Exception {
        log = RocksLog.open(directory, options);
    }

    @Override
    public void openInNewEpoch() throws Exception {
        Backup.beginEpoch(directory, options);
        open();
    }

    @Override
    public TopicLog log() {
        return Objects.requireNonNull(log);
    }

    @Override
    public StateStore state() {
        return Objects.requireNonNull(log).state();
    }

    @Override
    public void shutDown() {
        if (log != null) {
            log.close();
            log = null;
            try {
                assertThat(Backup.verify(directory, (_, _) -> {}).problems()).isEmpty();
            } catch (StoreException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public StoreExport export() {
        return RocksExport.open(directory);
    }

    @Override
    public StoreImport fill() {
        return new RocksImport(directory, options);
    }

    @Override
    public void close() {
        shutDown();
    }
}
