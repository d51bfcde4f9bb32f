package io.topicstream.rocksdb;

import io.topicstream.log.BackupProgress;
import io.topicstream.log.StoreReport;
import io.topicstream.row.BadRowException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A backup: a directory that holds a store as it was at one moment, with a list of its files.
///
/// ```
/// <backup>/manifest    [BackupManifest]
/// <backup>/synced      as in a store
/// <backup>/db/         as in a store
/// ```
///
/// It is made under another name and gets its own when all of it is checked and on the disk
/// ([RocksLog#backUp]). So a directory of that name is a whole backup or none. The same holds for a restore: a
/// data directory is a store from the moment in which `db` has its name.
///
/// Methods work on the calling thread, and may take as long as reading all files takes.
public final class Backup {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String RESTORING = "restoring-";
    private static final String REPLACED = "replaced-";
    private static final long SPARE_BYTES = 1 << 20;

    /// What a restore did.
    ///
    /// @param report of what was put back
    /// @param epoch that the store begins with
    /// @param replaced where the store is that was there before; null where there was none
    public record Restored(
            StoreReport report, long epoch, @Nullable Path replaced) {}

    private Backup() {}

    // ---- making

    /// Makes a backup of the checkpoint.
    ///
    /// @param checkpoint a directory that nobody changes, made by RocksDB
    /// @param directory where the backup will be; must not be there
    static StoreReport write(
            Path checkpoint, Path directory, StoreRow row, long sequence, Instant takenAt, BackupProgress progress)
            throws IOException, StoreException {
        Path parent = parentOf(directory);
        Path partial = parent.resolve("." + directory.getFileName() + ".partial-" + UUID.randomUUID());
        BackupFiles.makeDirectory(partial);
        try {
            List<Path> files = BackupFiles.filesIn(checkpoint);
            BackupFiles.makeDirectory(partial.resolve("db"));
            List<BackupManifest.Entry> entries = copy(files, partial, progress);
            try (SyncedMark mark = SyncedMark.open(partial.resolve("synced"))) {
                mark.advance(sequence);
            }
            entries.add(entry(
                    partial, "synced", new BackupFiles(BackupProgress.NONE, 0).checksum(partial.resolve("synced"))));
            BackupManifest manifest =
                    new BackupManifest(row.storeId(), StoreRow.FORMAT_VERSION, row.epoch(), sequence, takenAt, entries);
            writeAndSync(partial.resolve(BackupManifest.FILE_NAME), manifest.text());
            StoreReport report = StoreCheck.check(partial, manifest, List.of());
            if (!report.isWhole()) {
                throw new StoreException("no backup was made, because the store is damaged: "
                        + report.problems().getFirst() + ". " + Store.WHAT_TO_DO);
            }
            syncFile(partial.resolve("synced"));
            BackupFiles.sync(partial.resolve("db"));
            BackupFiles.sync(partial);
            if (Files.exists(directory)) {
                throw isThere(directory);
            }
            Files.move(partial, directory, StandardCopyOption.ATOMIC_MOVE);
            BackupFiles.sync(parent);
            return report;
        } finally {
            BackupFiles.delete(partial);
        }
    }

    private static List<BackupManifest.Entry> copy(List<Path> files, Path to, BackupProgress progress)
            throws IOException, StoreException {
        long linkable = 0;
        long others = 0;
        for (Path file : files) {
            if (isTable(file)) {
                linkable += Files.size(file);
            } else {
                others += Files.size(file);
            }
        }
        boolean sameDisk =
                files.isEmpty() || Files.getFileStore(files.getFirst()).equals(Files.getFileStore(to));
        requireRoom(to, sameDisk ? others : linkable + others);
        BackupFiles copies = new BackupFiles(progress, linkable + others);
        BackupFiles again = new BackupFiles(BackupProgress.NONE, 0);
        List<BackupManifest.Entry> entries = new ArrayList<>();
        for (Path file : files) {
            Path target = to.resolve("db").resolve(file.getFileName());
            boolean isLinked = isTable(file) && BackupFiles.link(file, target);
            String checksum = isLinked ? copies.checksum(target) : copies.copy(file, target);
            if (!isLinked && !again.checksum(target).equals(checksum)) {
                throw new StoreException("no backup was made: " + target + " does not read as it was written");
            }
            entries.add(entry(to, "db/" + file.getFileName(), checksum));
        }
        return entries;
    }

    /// Tables never change once they are written, so that a second name is as good as a copy.
    private static boolean isTable(Path file) {
        return file.toString().endsWith(".sst");
    }

    private static BackupManifest.Entry entry(Path directory, String name, String checksum) throws IOException {
        return new BackupManifest.Entry(checksum, Files.size(directory.resolve(name)), name);
    }

    private static void requireRoom(Path directory, long bytes) throws IOException, StoreException {
        FileStore disk = Files.getFileStore(directory);
        long usable = disk.getUsableSpace();
        if (usable < bytes + SPARE_BYTES) {
            throw new StoreException("there is not enough room for " + directory.getParent() + ": " + bytes
                    + " bytes are needed, and " + usable + " are free");
        }
    }

    private static Path parentOf(Path directory) throws StoreException {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent == null) {
            throw new StoreException(directory + " cannot be a backup; name a directory that is not there yet");
        }
        return parent;
    }

    /// @throws StoreException where something of that name is there
    static void requireAbsent(Path directory) throws StoreException {
        parentOf(directory);
        if (Files.exists(directory)) {
            throw isThere(directory);
        }
    }

    private static StoreException isThere(Path directory) {
        return new StoreException(directory + " is there already; a backup is made in a directory of its own");
    }

    private static void writeAndSync(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        syncFile(file);
    }

    private static void syncFile(Path file) throws IOException {
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.WRITE)) {
            open.force(true);
        }
    }

    // ---- checking

    /// Checks a backup, or a store that nobody has open: sizes and checksums of a backup's files, and every row.
    /// Changes nothing.
    ///
    /// @throws StoreException where it is neither, is in use or cannot be read at all; what is damaged is in
    ///     the report
    public static StoreReport verify(Path directory, BackupProgress progress) throws StoreException {
        try {
            if (Files.exists(directory.resolve(BackupManifest.FILE_NAME))) {
                return verifyBackup(directory, progress);
            }
            if (!Files.isDirectory(directory.resolve("db"))) {
                throw new StoreException(directory + " is no backup and no data directory");
            }
            try (FileChannel lock = StoreLock.shareIfThere(directory)) {
                assert lock == null || lock.isOpen() : "held until the end";
                return StoreCheck.check(directory, null, List.of());
            }
        } catch (IOException e) {
            throw failed(directory + " cannot be verified", e);
        }
    }

    private static StoreReport verifyBackup(Path directory, BackupProgress progress) throws IOException {
        List<String> problems = new ArrayList<>();
        BackupManifest manifest = null;
        try {
            manifest = manifestOf(directory);
            checkFiles(directory, manifest, progress, problems);
        } catch (BadRowException e) {
            problems.add(directory.resolve(BackupManifest.FILE_NAME) + " cannot be read: " + e.getMessage());
        }
        if (!Files.isDirectory(directory.resolve("db"))) {
            problems.add(directory.resolve("db") + " is missing");
            return new StoreReport(null, 0, null, 0, 0, 0, 0, 0, 0, problems);
        }
        return StoreCheck.check(directory, manifest, problems);
    }

    private static BackupManifest manifestOf(Path directory) throws IOException {
        return BackupManifest.of(
                Files.readString(directory.resolve(BackupManifest.FILE_NAME), StandardCharsets.ISO_8859_1));
    }

    private static void checkFiles(
            Path directory, BackupManifest manifest, BackupProgress progress, List<String> problems)
            throws IOException {
        BackupFiles files = new BackupFiles(progress, manifest.bytes());
        Set<String> known = new HashSet<>();
        for (BackupManifest.Entry entry : manifest.files()) {
            Path file = directory.resolve(entry.name());
            known.add(entry.name());
            if (!Files.isRegularFile(file)) {
                problems.add(file + " is missing");
            } else if (Files.size(file) != entry.bytes()) {
                problems.add(file + " has " + Files.size(file) + " bytes instead of " + entry.bytes());
            } else if (!files.checksum(file).equals(entry.sha256())) {
                problems.add(file + " is not as it was written: its checksum is another one");
            }
        }
        if (Files.isDirectory(directory.resolve("db"))) {
            for (Path file : BackupFiles.filesIn(directory.resolve("db"))) {
                if (!known.contains("db/" + file.getFileName())) {
                    problems.add(file + " is no file of this backup");
                }
            }
        }
    }

    // ---- putting back

    /// Puts a backup into a data directory, checks it there, and begins a new epoch.
    ///
    /// Nothing in the directory looks like a store before all of it is checked and on the disk, and until then
    /// what was there is not touched.
    ///
    /// @param replace whether a store that is there is set aside, in the same directory
    /// @throws StoreException with one plain sentence, where that cannot be
    public static Restored restore(
            Path backup, Path data, boolean replace, RocksOptions options, BackupProgress progress)
            throws StoreException {
        StoreReport report;
        Path replaced = null;
        try {
            if (!Files.exists(backup.resolve(BackupManifest.FILE_NAME))) {
                throw new StoreException(backup + " is no backup: it has no file " + BackupManifest.FILE_NAME);
            }
            try (FileChannel lock = StoreLock.take(data)) {
                assert lock.isOpen() : "held until the end";
                clearRestoring(data);
                boolean isThere = !isEmpty(data);
                if (isThere && !replace) {
                    throw new StoreException(data + " is not empty; choose another directory, or have what is there set"
                            + " aside (--replace)");
                }
                Path restoring = data.resolve(RESTORING + UUID.randomUUID());
                try {
                    report = copyAndCheck(backup, restoring, progress);
                    if (isThere) {
                        replaced = setAside(data, options.clock().instant());
                    }
                    move(restoring, data, "synced");
                    move(restoring, data, "db");
                    BackupFiles.sync(data);
                } finally {
                    BackupFiles.delete(restoring);
                }
            }
        } catch (IOException e) {
            throw failed(backup + " cannot be restored", e);
        }
        return new Restored(report, beginEpoch(data, options), replaced);
    }

    /// Begins a new epoch in a store that nobody has open, where it cannot know that it was put back.
    ///
    /// @return the epoch
    public static long beginEpoch(Path data, RocksOptions options) throws StoreException {
        requireStore(data);
        try (RocksLog log = RocksLog.open(data, options, StoreCalls.DIRECT, true)) {
            return log.epoch();
        }
    }

    /// @throws StoreException where there is no store, so that none is made by mistake
    static void requireStore(Path data) throws StoreException {
        if (!Files.exists(data.resolve("db").resolve("CURRENT"))) {
            throw new StoreException("there is no store in " + data);
        }
    }

    private static StoreReport copyAndCheck(Path backup, Path restoring, BackupProgress progress)
            throws IOException, StoreException {
        BackupManifest manifest;
        try {
            manifest = manifestOf(backup);
        } catch (BadRowException e) {
            throw new StoreException(
                    backup.resolve(BackupManifest.FILE_NAME) + " cannot be read: " + e.getMessage(), e);
        }
        BackupFiles.makeDirectory(restoring);
        Files.createDirectory(restoring.resolve("db"));
        requireRoom(restoring, manifest.bytes());
        BackupFiles files = new BackupFiles(progress, manifest.bytes());
        for (BackupManifest.Entry entry : manifest.files()) {
            Path from = backup.resolve(entry.name());
            if (!files.copy(from, restoring.resolve(entry.name())).equals(entry.sha256())) {
                throw new StoreException("the backup is damaged: " + from + " is not as it was written; nothing was"
                        + " restored. topicstream verify says more");
            }
        }
        StoreReport report = StoreCheck.check(restoring, manifest, List.of());
        if (!report.isWhole()) {
            throw new StoreException("the backup is damaged: "
                    + report.problems().getFirst() + "; nothing was restored. topicstream verify says more");
        }
        BackupFiles.sync(restoring.resolve("db"));
        return report;
    }

    /// What a restore that was cut short left behind.
    private static void clearRestoring(Path data) throws IOException {
        for (Path entry : entriesOf(data)) {
            if (entry.getFileName().toString().startsWith(RESTORING)) {
                BackupFiles.delete(entry);
            }
        }
    }

    private static boolean isEmpty(Path data) throws IOException {
        return entriesOf(data).stream().noneMatch(Backup::isOfAStore);
    }

    /// Whether the entry of a data directory is not one that may be in an empty one: the lock, the native library,
    /// the run directory, what was set aside, the file system's own.
    private static boolean isOfAStore(Path entry) {
        String name = entry.getFileName().toString();
        return !name.startsWith(REPLACED)
                && !name.equals("lock")
                && !name.equals("native")
                && !name.equals("run")
                && !name.equals("lost+found");
    }

    private static List<Path> entriesOf(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }

    private static void move(Path from, Path to, String name) throws IOException {
        Files.move(from.resolve(name), to.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /// Moves what is there into a directory beside it; `db` before `synced`, without which no empty store is begun
    /// here by mistake.
    private static Path setAside(Path data, Instant now) throws IOException {
        Path aside = data.resolve(REPLACED + STAMP.format(now));
        Files.createDirectory(aside);
        List<Path> entries = new ArrayList<>(entriesOf(data));
        entries.removeIf(
                entry -> !isOfAStore(entry) || entry.getFileName().toString().startsWith(RESTORING));
        for (Path entry : entries) {
            move(data, aside, entry.getFileName().toString());
        }
        BackupFiles.sync(aside);
        return aside;
    }

    /// The sentence for a failure of the file system.
    static StoreException failed(String what, IOException e) {
        String reason = e instanceof AccessDeniedException denied
                ? "no permission to read and write " + denied.getFile()
                : String.valueOf(e.getMessage()).contains("No space left")
                        ? "no space is left on the disk"
                        : e.getClass().getSimpleName() + ": " + e.getMessage();
        return new StoreException(what + ": " + reason, e);
    }
}
