package io.topicstream.server;

import io.topicstream.log.BackupProgress;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.RetentionRules;
import io.topicstream.log.StoreReport;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.rocksdb.RocksLog;
import io.topicstream.rocksdb.RocksOptions;
import io.topicstream.rocksdb.StoreException;
import io.topicstream.server.admin.BackupMaker;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.config.section.DataSection;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StateFigures;
import io.topicstream.state.StateStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A storage engine, as a server uses it: its ports, its backups, and its end. With [DataDirectory] the only file
/// that names the engines there are.
///
/// @param state what is kept beside the log, as durable as it
/// @param ephemeral what dies with a node: leases, presence, connections. Nothing in it is synced. In one process it
///     is in memory, and empty when the engine is opened
/// @param ephemeralFigures of that
/// @param backups makes backups while the engine runs
/// @param compaction has it let go of what was deleted and overwritten, on the calling thread
/// @param close run when the server that owns the engine has stopped; several servers may share one
///     engine, and then none of them owns it
public record Engine(
        TopicLog log,
        TopicFeed feed,
        StateStore state,
        StateStore ephemeral,
        Supplier<StateFigures> ephemeralFigures,
        BackupMaker backups,
        Runnable compaction,
        Runnable close) {
    private static final System.Logger LOGGER = System.getLogger(Engine.class.getName());
    private static final String KEEPS_ALL =
            "the store is older than retention: topics without keep in policies" + " hold all their messages for ever";
    static final String KEEPS_NOTHING = "the engine memory keeps nothing that could be backed up";

    /// One that keeps nothing, so that there is nothing to back up.
    public Engine(TopicLog log, TopicFeed feed, StateStore state, StateStore ephemeral, Runnable close) {
        this(log, feed, state, ephemeral, () -> StateFigures.NONE, Engine::noBackup, () -> {}, close);
    }

    /// Opens the engine that the configuration names.
    ///
    /// @throws StartException with one plain sentence, where that cannot be
    public static Engine open(ServerConfig config) throws StartException {
        return switch (config.process().engine()) {
            case MEMORY ->
                inMemory(
                        InstantSource.system(),
                        config.data().ephemeralBytes(),
                        config.policies().retention());
            case ROCKSDB ->
                onDisk(config.data(), InstantSource.system(), config.policies().retention());
        };
    }

    /// An engine in memory, with threads of its own: nothing survives it.
    public static Engine inMemory(InstantSource clock) {
        return inMemory(clock, DataSection.EPHEMERAL_BYTES, RetentionRules.NOTHING_SAID);
    }

    private static Engine inMemory(InstantSource clock, long ephemeralBytes, RetentionRules retention) {
        ExecutorService executor = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("topicstream-memory-log").factory());
        InMemoryLog log = new InMemoryLog(
                clock, executor, InMemoryLog.Settings.startingIn(clock.instant().getEpochSecond()), retention);
        InMemoryStateStore state = new InMemoryStateStore(clock, executor);
        Ephemeral ephemeral = new Ephemeral(clock, ephemeralBytes);
        ephemeral.sweeps(state);
        Runnable close = () -> {
            log.close();
            state.close();
            executor.shutdown();
            ephemeral.close();
        };
        return new Engine(
                log, log, state, ephemeral.store(), ephemeral.store()::figures, Engine::noBackup, () -> {}, close);
    }

    private static StoreReport noBackup(Path directory, BackupProgress progress) throws IOException {
        throw new IOException(KEEPS_NOTHING);
    }

    /// @param retention null where the store is to be left as it is
    static RocksOptions options(DataSection data, InstantSource clock, @Nullable RetentionRules retention) {
        return new RocksOptions(
                data.durability(),
                clock,
                new RocksOptions.Queue(data.queueSoftBytes(), data.queueHardBytes()),
                new RocksOptions.Memory(data.cacheBytes(), data.writeBufferBytes(), data.topicEntries()),
                data.lingerUs(),
                data.readerThreads(),
                data.repeatsWindow().toMillis(),
                retention);
    }

    private static Engine onDisk(DataSection data, InstantSource clock, RetentionRules retention)
            throws StartException {
        try {
            RocksLog log = RocksLog.open(data.dir(), options(data, clock, retention));
            if (log.keepsAllByDefault()) {
                LOGGER.log(System.Logger.Level.INFO, KEEPS_ALL);
            }
            Ephemeral ephemeral = new Ephemeral(clock, data.ephemeralBytes());
            return new Engine(
                    log,
                    log,
                    log.state(),
                    ephemeral.store(),
                    ephemeral.store()::figures,
                    (directory, progress) -> backUp(log, directory, progress),
                    log::compact,
                    () -> {
                        log.close();
                        ephemeral.close();
                    });
        } catch (StoreException e) {
            throw new StartException(StartException.Cause.DATA, String.valueOf(e.getMessage()), e);
        }
    }

    private static StoreReport backUp(RocksLog log, Path directory, BackupProgress progress) throws IOException {
        try {
            return log.backUp(directory, progress);
        } catch (StoreException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// The same engine for a further server, which leaves it open.
    public Engine shared() {
        return new Engine(log, feed, state, ephemeral, ephemeralFigures, backups, compaction, () -> {});
    }
}
