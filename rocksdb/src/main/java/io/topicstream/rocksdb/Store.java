package io.topicstream.rocksdb;

import io.topicstream.log.Durability;
import io.topicstream.row.BadRowException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// One life of the store on disk: RocksDB opened, with its families, from [#open] to [#close].
///
/// ```
/// <directory>/lock         held while the store is open; holds the process id, written at each opening
/// <directory>/synced       how far it is synced: [SyncedMark]
/// <directory>/checkpoint/  what a backup is being copied from; else empty
/// <directory>/db/          RocksDB
/// <directory>/native/      RocksDB's native part: [NativeLibrary]
/// ```
///
/// Reads may run on several threads at once, writes on one. The closer makes sure that nobody is inside.
///
/// Recovery keeps what it finds, and RocksDB writes what it recovered into files of its own and syncs them before
/// `open` returns. So whatever is there after an open is durable, also what was never acknowledged.
final class Store implements StoreRows, AutoCloseable {
    static final List<String> FAMILIES = List.of("names", "meta", "log", "dedup", "state", "due");

    /// One more that a store has while it is filled with what another engine kept ([RocksImport]). No version knows it
    /// otherwise, so none opens a store that is not complete.
    static final String FILLING = "migration";

    /// How many versions of state records are set aside at once: as many are lost by a crash, of 2^63.
    static final long VERSIONS_AHEAD = 1_000_000;

    /// What is said wherever a store is damaged.
    static final String WHAT_TO_DO = "topicstream verify says more, topicstream restore puts a backup in its place";

    private static final System.Logger LOGGER = System.getLogger(Store.class.getName());
    private static final byte[] NO_KEY = {};
    private static final byte[] LAST_KEY = new byte[40];

    static {
        Arrays.fill(LAST_KEY, (byte) 0xFF);
    }

    private final NativeHandles handles;
    private final Path directory;
    private final Durability durability;
    private final List<AbstractNativeReference> open = new ArrayList<>();
    private final WriteOptions unsynced;
    private final WriteOptions synced;
    private final ReadOptions plain;
    private final RocksDB db;
    private final List<ColumnFamilyHandle> families = new ArrayList<>();
    private final FileChannel lockFile;
    private final SyncedMark mark;
    private final StoreRow row;
    private final RetentionRow retention;
    private final long nextTopicId;
    private final StoreFiles files;
    private volatile boolean isOpen = true;

    /// Opens the store, and makes it where the directory is empty or not there.
    ///
    /// @param newEpoch begin a new epoch in any case, as after a restore
    /// @throws StoreException with one plain sentence, where it cannot be opened
    static Store open(Path directory, RocksOptions options, NativeHandles handles, boolean newEpoch)
            throws StoreException {
        return open(directory, options, handles, newEpoch, false);
    }

    /// Opens a store to fill it, until [#endFilling].
    static Store openToFill(Path directory, RocksOptions options, NativeHandles handles) throws StoreException {
        return open(directory, options, handles, false, true);
    }

    private static Store open(
            Path directory, RocksOptions options, NativeHandles handles, boolean newEpoch, boolean isFilled)
            throws StoreException {
        FileChannel lock = StoreLock.take(directory);
        SyncedMark mark = null;
        try {
            PlaceRow found = PlaceRow.of(directory);
            StoreLock.noteHolder(lock);
            NativeLibrary.load(directory.resolve("native"));
            Path db = directory.resolve("db");
            StoreFiles.makePrivate(db);
            StoreFiles.makePrivate(directory.resolve("checkpoint"));
            mark = SyncedMark.open(directory.resolve("synced"));
            String damage = LogFileCheck.damage(db, mark.sequence());
            if (damage != null) {
                throw new StoreException(
                        "the store is damaged: " + damage + "; nothing was opened or changed. " + WHAT_TO_DO);
            }
            return new Store(directory, options, handles, newEpoch, isFilled, lock, mark, found);
        } catch (StoreException | RuntimeException e) {
            closeQuietly(mark, lock);
            throw e;
        } catch (IOException e) {
            closeQuietly(mark, lock);
            throw new StoreException("the store in " + directory + " cannot be opened: " + sentence(e), e);
        }
    }

    private Store(
            Path directory,
            RocksOptions options,
            NativeHandles handles,
            boolean newEpoch,
            boolean isFilled,
            FileChannel lockFile,
            SyncedMark mark,
            @Nullable PlaceRow found)
            throws StoreException, IOException {
        this.handles = handles;
        this.directory = directory;
        this.durability = options.durability();
        this.lockFile = lockFile;
        this.mark = mark;
        boolean done = false;
        try {
            unsynced = own(new WriteOptions()).setDisableWAL(durability == Durability.MEMORY);
            synced = own(new WriteOptions()).setSync(true);
            plain = own(new ReadOptions());
            String path = directory.resolve("db").toString();
            List<String> names = familiesIn(path, isFilled);
            db = openDb(path, options, names);
            StoreRow before = readRow(names, isFilled);
            if (db.getLatestSequenceNumber() < mark.sequence()) {
                throw new StoreException("the store in " + directory + " is damaged: it ends at change "
                        + db.getLatestSequenceNumber() + ", and change " + mark.sequence()
                        + " had been synced. " + WHAT_TO_DO);
            }
            files = StoreFiles.of(directory);
            boolean isElsewhere = before != null && isElsewhere(found);
            if (isElsewhere) {
                awaitNextSecond(options.clock(), found);
            }
            if (isElsewhere && !newEpoch) {
                LOGGER.log(
                        System.Logger.Level.INFO,
                        "the store in " + directory + " was copied, moved or put back since it was open, or the machine"
                                + " was started anew: a new epoch begins");
            }
            row = beginLife(before, options, newEpoch || isElsewhere);
            retention = RetentionRow.of(before == null, db.get(family("meta"), RetentionRow.key()), options);
            writeBeginning();
            nextTopicId = Math.max(lastTopicId("log"), lastTopicId("meta")) + 1;
            done = true;
        } catch (RocksDBException e) {
            throw new StoreException("the store in " + directory + " cannot be opened: " + reason(e), e);
        } catch (BadRowException e) {
            throw new StoreException("the store in " + directory + " cannot be opened: " + e.getMessage(), e);
        } finally {
            if (!done) {
                closeNative();
            }
        }
    }

    private RocksDB openDb(String path, RocksOptions options, List<String> names) throws RocksDBException {
        DBOptions dbOptions = own(new DBOptions())
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setParanoidChecks(true)
                .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
                .setAvoidFlushDuringRecovery(false)
                .setAtomicFlush(options.durability() == Durability.MEMORY)
                .setDbWriteBufferSize(options.memory().writeBufferBytes())
                .setMaxTotalWalSize(2 * options.memory().writeBufferBytes())
                .setMaxManifestFileSize(16 << 20)
                .setMaxBackgroundJobs(2)
                .setBytesPerSync(1 << 20)
                .setKeepLogFileNum(2)
                .setMaxLogFileSize(1 << 20)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0);
        Cache cache = own(new LRUCache(options.memory().cacheBytes()));
        BloomFilter filter = own(new BloomFilter(10, false));
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        for (String name : names) {
            BlockBasedTableConfig table = new BlockBasedTableConfig()
                    .setBlockCache(cache)
                    .setBlockSize(16 * 1024)
                    .setFormatVersion(5)
                    .setCacheIndexAndFilterBlocks(true)
                    .setPinL0FilterAndIndexBlocksInCache(true)
                    .setFilterPolicy(filter);
            ColumnFamilyOptions family = own(new ColumnFamilyOptions())
                    .setTableFormatConfig(table)
                    .setWriteBufferSize(Math.max(1 << 20, options.memory().writeBufferBytes() / 2))
                    .setCompressionType(CompressionType.LZ4_COMPRESSION)
                    .setLevelCompactionDynamicLevelBytes(true);
            if (name.equals("dedup")) {
                family.useFixedLengthPrefixExtractor(DedupRow.PREFIX_BYTES);
                table.setWholeKeyFiltering(false);
                family.setTableFormatConfig(table);
            }
            descriptors.add(new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.US_ASCII), family));
        }
        RocksDB opened = handles.opened(RocksDB.open(dbOptions, path, descriptors, families));
        open.add(opened);
        return opened;
    }

    /// The families of the store, those of this version and any other; `default` is RocksDB's own and empty.
    private List<String> familiesIn(String path, boolean isFilled) throws RocksDBException {
        List<String> names = new ArrayList<>(List.of("default"));
        names.addAll(FAMILIES);
        if (isFilled) {
            names.add(FILLING);
        }
        try (Options options = new Options()) {
            for (byte[] name : RocksDB.listColumnFamilies(options, path)) {
                String text = new String(name, StandardCharsets.UTF_8);
                if (!names.contains(text)) {
                    names.add(text);
                }
            }
        } catch (RocksDBException e) {
            Status status = e.getStatus();
            if (Files.exists(Path.of(path, "CURRENT")) || status == null) {
                throw e;
            }
        }
        return names;
    }

    private @Nullable StoreRow readRow(List<String> names, boolean isFilled) throws RocksDBException, StoreException {
        byte[] stored = db.get(family("meta"), StoreRow.key());
        StoreRow before = stored == null ? null : StoreRow.of(stored);
        List<String> more = names.subList(FAMILIES.size() + (isFilled ? 2 : 1), names.size());
        if (more.contains(FILLING)) {
            throw new StoreException("the store in " + directory + " is not complete: a migration into it has not come"
                    + " to its end; run topicstream migrate again");
        }
        if (!more.isEmpty()) {
            throw new StoreException("the store in " + directory + " has families that this version of TopicStream"
                    + " does not know: " + more);
        }
        if (before == null) {
            for (String name : FAMILIES) {
                try (Cursor rows = cursor(name, NO_KEY, LAST_KEY)) {
                    if (rows.first()) {
                        throw new StoreException("the store in " + directory + " is damaged: it has rows in " + name
                                + ", but none that says what it is");
                    }
                }
            }
        }
        return before;
    }

    /// Whether the store is not where it was opened last, or not as it was left there: it may have been
    /// copied and put back, and what was written since then is lost, but clients have seen it.
    private boolean isElsewhere(@Nullable PlaceRow found) throws RocksDBException {
        PlaceRow last = PlaceRow.of(db.get(family("meta"), PlaceRow.key()));
        return last == null || !last.equals(found);
    }

    /// Waits for the next second where the store was put here in this one: an epoch is a second, and the life
    /// that was here before may have begun in the same one.
    private static void awaitNextSecond(InstantSource clock, @Nullable PlaceRow found) throws IOException {
        long nowMs = clock.millis();
        if (found == null || nowMs / 1000 != found.second()) {
            return;
        }
        try {
            Thread.sleep(1000 - nowMs % 1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while opening");
        }
    }

    /// Notes, at once and durably, which life this is and where.
    private void writeBeginning() throws RocksDBException, IOException {
        PlaceRow here = PlaceRow.of(directory);
        try (WriteBatch rows = new WriteBatch()) {
            rows.put(family("meta"), StoreRow.key(), row.value());
            if (here != null) {
                rows.put(family("meta"), PlaceRow.key(), here.value());
            }
            rows.put(family("meta"), RetentionRow.key(), retention.value());
            db.write(synced, rows);
        }
    }

    private static StoreRow beginLife(@Nullable StoreRow before, RocksOptions options, boolean newEpoch) {
        long second = Math.max(1, options.clock().millis() / 1000);
        if (before == null) {
            return new StoreRow(UUID.randomUUID(), second, options.durability(), false, 1 + VERSIONS_AHEAD);
        }
        boolean mayHaveLost = !before.closedCleanly() && before.durability() != Durability.DISK;
        long epoch = newEpoch || mayHaveLost ? Math.max(second, before.epoch() + 1) : before.epoch();
        return new StoreRow(before.storeId(), epoch, options.durability(), false, before.versions() + VERSIONS_AHEAD);
    }

    private long lastTopicId(String family) throws RocksDBException {
        try (Cursor rows = cursor(family, NO_KEY, LAST_KEY)) {
            return rows.last() ? rows.keyLong(0) : 0;
        }
    }

    StoreRow row() {
        return row;
    }

    /// As it was when the store was opened.
    RetentionRow retention() {
        return retention;
    }

    long epoch() {
        return row.epoch();
    }

    /// The first topic id that was never given.
    long nextTopicId() {
        return nextTopicId;
    }

    NativeHandles handles() {
        return handles;
    }

    ColumnFamilyHandle family(String name) {
        return families.get(1 + (name.equals(FILLING) ? FAMILIES.size() : FAMILIES.indexOf(name)));
    }

    @Override
    public byte @Nullable [] get(String family, byte[] key) throws RocksDBException {
        return db.get(family(family), plain, key);
    }

    @Override
    public Cursor cursor(String family, byte[] from, byte[] to) {
        return new Cursor(handles, db, family(family), from, to, false);
    }

    /// A cursor over the family `dedup` for seeking single ids.
    Cursor dedupCursor() {
        return new Cursor(handles, db, family("dedup"), NO_KEY, LAST_KEY, true);
    }

    /// Writes one group; as durable afterwards as the operating system (or, in the mode `memory`, not at all).
    void write(WriteBatch rows) throws RocksDBException {
        db.write(unsynced, rows);
    }

    /// Syncs everything that was written before.
    void sync() throws RocksDBException {
        db.syncWal();
    }

    /// Writes to tables what is only in memory and in the write-ahead log. Waits for it; writes go on.
    void flush() throws RocksDBException {
        try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
            db.flush(flush, families);
        }
    }

    /// Writes all tables anew, so that nothing is left in them that was deleted or overwritten; then the log
    /// files that had it are gone too. Waits for it; writes go on.
    void compact() throws RocksDBException {
        flush();
        try (CompactRangeOptions all = new CompactRangeOptions()
                .setBottommostLevelCompaction(CompactRangeOptions.BottommostLevelCompaction.kForce)
                .setExclusiveManualCompaction(false)) {
            for (ColumnFamilyHandle family : families) {
                db.compactRange(family, null, null, all);
            }
        }
    }

    /// Makes a directory that holds the store as it is now: links to its tables, and copies of what still changes.
    ///
    /// @param path on the file system of the store, and not there
    void checkpoint(Path path) throws RocksDBException {
        try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.createCheckpoint(path.toString());
        }
    }

    /// The sequence number of the last change that was written. Called by the writer.
    long lastSequence() {
        return db.getLatestSequenceNumber();
    }

    /// Notes that everything up to the sequence number is synced. Called in a round of [LogSync].
    void noteSynced(long sequence) throws IOException {
        mark.advance(sequence);
    }

    /// Drops the files that hold nothing but keys of the range; what is left of it is for
    /// [CommitBatch#deleteRange].
    void dropFiles(String family, byte[] from, byte[] to) throws RocksDBException {
        db.deleteFilesInRanges(family(family), List.of(from, to), false);
    }

    /// Writes the tables anew that have rows of the range, without what is deleted. Waits for it.
    void compact(String family, byte[] from, byte[] to) throws RocksDBException {
        try (CompactRangeOptions beside = new CompactRangeOptions().setExclusiveManualCompaction(false)) {
            db.compactRange(family(family), from, to, beside);
        }
    }

    /// How many bytes the tables of a family have on the disk.
    long tableBytes(String family) throws RocksDBException {
        return db.getLongProperty(family(family), "rocksdb.total-sst-files-size");
    }

    /// What of its files was removed or moved under it, in one sentence; null where all is as it was.
    @Nullable
    String whatIsGone() {
        return files.whatIsGone();
    }

    /// Whether the disk has the room that an open after a failure takes, about.
    boolean hasRoomToReopen() {
        return files.hasRoomToReopen();
    }

    /// Notes that this life ended in good order, and syncs. Nothing is written after it.
    void markClosed(long versions) throws RocksDBException {
        if (durability == Durability.MEMORY) {
            flush();
        }
        StoreRow closed = new StoreRow(row.storeId(), row.epoch(), row.durability(), true, versions);
        db.put(family("meta"), synced, StoreRow.key(), closed.value());
        if (durability != Durability.MEMORY) {
            flushIfThereIsRoom();
        }
    }

    /// Writes what the log files hold into files of its own, which are smaller, and saves the next start from it.
    private void flushIfThereIsRoom() {
        try {
            if (hasRoomToReopen()) {
                flush();
            }
        } catch (RocksDBException e) {
            // Nothing is lost by it: the log files stay.
            System.getLogger(Store.class.getName()).log(System.Logger.Level.WARNING, "the store was not flushed", e);
        }
    }

    /// Notes that a store that was opened to be filled is complete, and syncs. Nothing is written after it.
    void endFilling(long epoch, long versions) throws RocksDBException, IOException {
        PlaceRow here = PlaceRow.of(directory);
        try (WriteBatch rows = new WriteBatch()) {
            if (here != null) {
                rows.put(family("meta"), PlaceRow.key(), here.value());
            }
            StoreRow complete = new StoreRow(row.storeId(), epoch, durability, true, versions);
            rows.put(family("meta"), StoreRow.key(), complete.value());
            // All topics are looked at for what has ended, when it is opened.
            rows.put(family("meta"), RetentionRow.key(), new RetentionRow(true, 0).value());
            db.write(synced, rows);
        }
        flush();
        db.dropColumnFamily(family(FILLING));
    }

    /// Closes everything; after a failure too.
    @Override
    public void close() {
        isOpen = false;
        closeNative();
        closeQuietly(mark, lockFile);
    }

    boolean isOpen() {
        return isOpen;
    }

    int countRows(String family) throws RocksDBException {
        int count = 0;
        try (Cursor rows = cursor(family, NO_KEY, LAST_KEY)) {
            for (boolean at = rows.first(); at; at = rows.next()) {
                count++;
            }
        }
        return count;
    }

    private void closeNative() {
        for (ColumnFamilyHandle family : families) {
            family.close();
        }
        families.clear();
        for (AbstractNativeReference each : open.reversed()) {
            handles.close(each);
        }
        open.clear();
    }

    private <T extends AbstractNativeReference> T own(T handle) {
        open.add(handles.opened(handle));
        return handle;
    }

    static void closeQuietly(@Nullable SyncedMark mark, @Nullable FileChannel lock) {
        try (mark;
                lock) {
            assert true : "nothing to do but to close";
        } catch (IOException e) {
            // Nothing was written through them that closing could still lose.
            LOGGER.log(System.Logger.Level.DEBUG, "closing", e);
        }
    }

    /// What RocksDB says, in its words.
    static String reason(RocksDBException e) {
        Status status = e.getStatus();
        if (status != null && status.getSubCode() == Status.SubCode.NoSpace) {
            return "no space is left on the disk";
        }
        return String.valueOf(e.getMessage());
    }

    static String sentence(IOException e) {
        return e instanceof AccessDeniedException denied
                ? "no permission to read and write " + denied.getFile()
                : e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    static boolean isNoSpace(Throwable e) {
        return e instanceof RocksDBException rocks
                && ((rocks.getStatus() != null && rocks.getStatus().getSubCode() == Status.SubCode.NoSpace)
                        || String.valueOf(rocks.getMessage()).contains("No space left"));
    }
}
