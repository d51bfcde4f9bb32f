package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.Admission;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.BackupProgress;
import io.topicstream.log.Durability;
import io.topicstream.log.StoreReport;
import io.topicstream.log.TopicName;
import io.topicstream.row.BadRowException;
import io.topicstream.testkit.ManualClock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;

/// Backups of a running store, what a check says of them, and putting them back.
@Timeout(120)
class BackupTest {
    private final ManualClock clock = new ManualClock();
    private final RocksOptions options = StoreUnderTest.small().withClock(clock);

    @TempDir
    private Path directory;

    private Path data;
    private Path backup;

    @BeforeEach
    void name() {
        data = directory.resolve("data");
        backup = directory.resolve("backups").resolve("monday");
    }

    // ---- making

    @ParameterizedTest
    @EnumSource
    void aBackupOfARunningStoreHoldsAllThatWasThere(Durability durability) throws Exception {
        StoreContent expected;
        RocksLog log = RocksLog.open(data, options.withDurability(durability));
        try (log) {
            StoreContent.write(log, 0);
            expected = StoreContent.read(log);

            StoreReport report = log.backUp(backup, BackupProgress.NONE);
            StoreContent.write(log, 1);

            assertThat(report.topics()).isEqualTo(6);
            assertThat(report.messages()).isEqualTo(120 - 4);
            assertThat(report.stateRecords()).isEqualTo(10);
            assertThat(report.lastMessageMs()).isEqualTo(clock.millis());
            assertThat(report.epoch()).isEqualTo(log.epoch());
            assertThat(Backup.verify(backup, BackupProgress.NONE)).isEqualTo(report);
        }

        assertThat(log.openHandles()).isZero();
        Path restored = directory.resolve("restored");
        Backup.restore(backup, restored, false, options, BackupProgress.NONE);
        assertThat(contentOf(restored)).isEqualTo(expected);
    }

    @Test
    void whatIsAcknowledgedBeforeIsInItWhileOthersGoOnPublishing() throws Exception {
        try (RocksLog log = RocksLog.open(data, options)) {
            AtomicBoolean isOver = new AtomicBoolean();
            AtomicLong acknowledged = new AtomicLong();
            Thread publisher = Thread.ofPlatform().start(() -> {
                while (!isOver.get()) {
                    Publish publish = Publish.to("busy", "\"" + "x".repeat(200) + "\"");
                    if (log.append(publish) != Admission.REFUSED) {
                        publish.answer().join();
                        acknowledged.incrementAndGet();
                    }
                }
            });
            try {
                for (int i = 0; i < 5; i++) {
                    while (acknowledged.get() < 20L * i) {
                        Thread.onSpinWait();
                    }
                    long before = acknowledged.get();

                    StoreReport report = log.backUp(directory.resolve("backup-" + i), BackupProgress.NONE);

                    assertThat(report.messages()).isGreaterThanOrEqualTo(before);
                    assertThat(Backup.verify(directory.resolve("backup-" + i), BackupProgress.NONE)
                                    .problems())
                            .isEmpty();
                }
            } finally {
                isOver.set(true);
                publisher.join();
            }
        }
        assertThat(data.resolve("checkpoint")).isEmptyDirectory();
        assertThat(epochOf(data)).as("a backup is no new place").isEqualTo(epochOf(data));
    }

    @Test
    void aBackupLeavesTheEpochOfTheStoreAlone() throws Exception {
        long before = publish(data, 1);
        try (RocksLog log = RocksLog.open(data, options)) {
            log.backUp(backup, BackupProgress.NONE);
        }
        clock.advance(Duration.ofMinutes(1));

        assertThat(publish(data, 1)).isEqualTo(before);
    }

    @Test
    void aDirectoryThatIsThereIsNeverTouched() throws Exception {
        Files.createDirectories(backup);
        try (RocksLog log = RocksLog.open(data, options)) {
            assertThatThrownBy(() -> log.backUp(backup, BackupProgress.NONE))
                    .isInstanceOf(StoreException.class)
                    .hasMessage(backup + " is there already; a backup is made in a directory of its own");
            assertThatThrownBy(() -> log.backUp(data.resolve("lock").resolve("below"), BackupProgress.NONE))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("no backup was made in " + data.resolve("lock"));
        }
        assertThat(backup).isEmptyDirectory();
    }

    @Test
    void progressIsToldInBytesAndABackupIsForItsOwnerAlone() throws Exception {
        List<Long> done = new ArrayList<>();
        List<Long> totals = new ArrayList<>();
        try (RocksLog log = RocksLog.open(data, options)) {
            StoreContent.write(log, 0);
            log.backUp(backup, (doneBytes, totalBytes) -> {
                done.add(doneBytes);
                totals.add(totalBytes);
            });
        }

        assertThat(done).isSorted();
        assertThat(totals).containsOnly(done.getLast());
        assertThat(Files.getPosixFilePermissions(backup)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void aStoreOnAnotherFileSystemIsCopiedAndNotLinked() throws Exception {
        Path elsewhere = Path.of("/dev/shm");
        assertThat(Files.getFileStore(elsewhere))
                .as("a file system in memory, which Linux has there")
                .isNotEqualTo(Files.getFileStore(directory));
        Path there = Files.createTempDirectory(elsewhere, "topicstream-backup");
        try (RocksLog log = RocksLog.open(data, options)) {
            StoreContent.write(log, 0);

            assertThat(log.backUp(there.resolve("b"), BackupProgress.NONE).isWhole())
                    .isTrue();

            assertThat(Backup.verify(there.resolve("b"), BackupProgress.NONE).problems())
                    .isEmpty();
        } finally {
            StoreUnderTest.delete(there);
        }
    }

    @Test
    void noBackupIsMadeOfWhatIsDamaged() throws Exception {
        publish(data, 3);
        change(data, (db, families) -> db.delete(families.get(3), BatchRow.key(1, 2)));

        try (RocksLog log = RocksLog.open(data, options)) {
            assertThatThrownBy(() -> log.backUp(backup, BackupProgress.NONE))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("the store is damaged: topic t: messages 2 to 2 are missing");
        }
        assertThat(backup.getParent()).as("nothing is left").isEmptyDirectory();
        assertThat(data.resolve("checkpoint")).isEmptyDirectory();
    }

    @Test
    void whatAProcessThatEndedWasCopyingFromIsDeletedAtTheNextStart() throws Exception {
        long before = publish(data, 1);
        Files.createDirectories(data.resolve("checkpoint/left/behind"));
        Files.writeString(data.resolve("checkpoint/left/file"), "x");
        clock.advance(Duration.ofMinutes(1));

        assertThat(publish(data, 1)).isEqualTo(before);

        assertThat(data.resolve("checkpoint")).isEmptyDirectory();
    }

    @Test
    void aClosedStoreSaysSo() throws Exception {
        RocksLog log = RocksLog.open(data, options);
        log.close();

        assertThatThrownBy(() -> log.backUp(backup, BackupProgress.NONE))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("the store is closed");
    }

    // ---- checking

    @Test
    void everyChangedByteOfABackupIsFoundAndItsFileNamed() throws Exception {
        makeBackup();
        List<Path> files = filesOf(backup);
        assertThat(files).hasSizeGreaterThan(4);
        for (Path file : files) {
            long size = Files.size(file);
            for (long at : size == 0 ? new long[0] : new long[] {0, size / 2, size - 1}) {
                flip(file, at);

                assertThat(problems(backup))
                        .as(file + " byte " + at)
                        .isNotEmpty()
                        .first()
                        .asString()
                        .contains(file.toString());
                flip(file, at);
            }
        }
        assertThat(problems(backup)).isEmpty();
    }

    @Test
    void aFileThatIsMissingCutOrOneTooManyIsNamed() throws Exception {
        makeBackup();
        Path table = filesOf(backup).stream()
                .filter(file -> file.toString().endsWith(".sst"))
                .findFirst()
                .orElseThrow();
        byte[] bytes = Files.readAllBytes(table);
        // A table is a second name of the store's: what is written over must be a file of its own.
        Files.delete(table);
        assertThat(problems(backup)).first().asString().isEqualTo(table + " is missing");
        Files.write(table, java.util.Arrays.copyOf(bytes, bytes.length - 1));
        assertThat(problems(backup))
                .first()
                .asString()
                .isEqualTo(table + " has " + (bytes.length - 1) + " bytes instead of " + bytes.length);
        Files.write(table, bytes);
        Path more = Files.writeString(backup.resolve("db/more.sst"), "x");
        assertThat(problems(backup)).containsExactly(more + " is no file of this backup");
        Files.delete(more);
        StoreUnderTest.delete(backup.resolve("db"));
        assertThat(problems(backup)).contains(backup.resolve("db") + " is missing");
    }

    @Test
    void aStoreThatIsStoppedIsCheckedAndNotChanged() throws Exception {
        StoreContent expected;
        try (RocksLog log = RocksLog.open(data, options)) {
            StoreContent.write(log, 0);
            expected = StoreContent.read(log);
        }
        List<String> before = stateOf(data);

        StoreReport report = Backup.verify(data, BackupProgress.NONE);

        assertThat(report.problems()).isEmpty();
        assertThat(report.takenAt()).isNull();
        assertThat(report.messages()).isEqualTo(116);
        assertThat(stateOf(data)).isEqualTo(before);
        assertThat(contentOf(data)).isEqualTo(expected);
    }

    @Test
    void theStoreOfTheFirstVersionIsWhole() throws Exception {
        Files.createDirectories(data);
        GoldenStoreTest.unzip(data);

        StoreReport report = Backup.verify(data, BackupProgress.NONE);

        assertThat(report.problems()).isEmpty();
        assertThat(report.topics()).isEqualTo(6);
        assertThat(report.messages()).isEqualTo(240 - 7);
    }

    @Test
    void holesNamelessTopicsAndRowsThatAreNoneAreFoundWithTheirPlace() throws Exception {
        try (RocksLog log = RocksLog.open(data, options)) {
            for (String topic : List.of("hole", "end", "nameless", "named", "bad", "whole")) {
                for (int i = 0; i < 3; i++) {
                    Publish publish = Publish.to(topic, "1");
                    log.append(publish);
                    publish.await();
                }
            }
        }
        change(data, (db, families) -> {
            db.delete(families.get(3), BatchRow.key(1, 2));
            db.delete(families.get(1), NameRow.key("nameless"));
            for (int i = 1; i <= 3; i++) {
                db.delete(families.get(3), BatchRow.key(4, i));
            }
            db.put(families.get(3), BatchRow.key(5, 2), new byte[] {1, 2, 3});
            db.put(families.get(5), StateRow.key("p", "k"), new byte[] {9});
        });

        assertThat(problems(data))
                .containsExactlyInAnyOrder(
                        "topic hole: messages 2 to 2 are missing",
                        "topic named: it has a name and no messages",
                        "topic bad: the batch that ends at offset 2 has no header",
                        "1 topic has messages and no name",
                        "family state: a state record has the format version 9, which this version does not know");
    }

    @Test
    void aDamagedTableIsNamedWithItsTopic() throws Exception {
        try (RocksLog log = RocksLog.open(data, options)) {
            StoreContent.write(log, 0);
        }
        RocksLog.open(data, options).close();
        List<Path> tables = filesOf(data.resolve("db")).stream()
                .filter(file -> file.toString().endsWith(".sst"))
                .toList();
        for (Path table : tables) {
            flip(table, 10);
        }

        assertThat(problems(data))
                .isNotEmpty()
                .anySatisfy(problem -> assertThat(problem).contains(".sst").contains("offset"));
    }

    @Test
    void whatIsNoStoreAndWhatIsInUseIsSaid() throws Exception {
        assertThatThrownBy(() -> Backup.verify(directory, BackupProgress.NONE))
                .isInstanceOf(StoreException.class)
                .hasMessage(directory + " is no backup and no data directory");
        assertThatThrownBy(() -> Backup.beginEpoch(data, options))
                .isInstanceOf(StoreException.class)
                .hasMessage("there is no store in " + data);
        try (RocksLog log = RocksLog.open(data, options)) {
            assertThat(log.epoch()).isPositive();
            assertThatThrownBy(() -> Backup.verify(data, BackupProgress.NONE))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("is in use by process");
        }
    }

    // ---- putting back

    @Test
    void aRestoreBeginsANewEpochAndWhoWasAheadHearsWhatIsCommon() throws Exception {
        long first = publish(data, 10);
        makeBackup();
        clock.advance(Duration.ofMinutes(1));
        publish(data, 10);
        clock.advance(Duration.ofMinutes(1));

        Backup.Restored restored = Backup.restore(backup, data, true, options, BackupProgress.NONE);

        assertThat(restored.epoch()).isGreaterThan(first);
        assertThat(restored.report().messages()).isEqualTo(10);
        assertThat(publish(data, 15)).as("and the start goes on in it").isEqualTo(restored.epoch());
        try (RocksLog log = RocksLog.open(data, options)) {
            assertThat(commonOffset(log, first)).isEqualTo(10);
        }
        assertThat(messagesIn(restored.replaced())).as("what was there is kept").isEqualTo(20);
    }

    @Test
    void aBackupOfARestoreAndTheSameBackupTwiceGoOnAsTheyShould() throws Exception {
        publish(data, 10);
        makeBackup();
        List<Long> epochs = new ArrayList<>();
        Path from = backup;
        for (int i = 0; i < 3; i++) {
            clock.advance(Duration.ofMinutes(1));
            Path to = directory.resolve("restored-" + i);
            epochs.add(Backup.restore(from, to, false, options, BackupProgress.NONE)
                    .epoch());
            assertThat(publish(to, 1)).isEqualTo(epochs.getLast());
            from = directory.resolve("backup-of-" + i);
            try (RocksLog log = RocksLog.open(to, options)) {
                log.backUp(from, BackupProgress.NONE);
            }
        }
        clock.advance(Duration.ofMinutes(1));
        epochs.add(Backup.restore(backup, directory.resolve("again"), false, options, BackupProgress.NONE)
                .epoch());

        assertThat(epochs).isSorted().doesNotHaveDuplicates();
        assertThat(messagesIn(from)).isEqualTo(13);
        assertThat(messagesIn(directory.resolve("again"))).isEqualTo(10);
        assertThat(Backup.verify(backup, BackupProgress.NONE).problems())
                .as("a restore changes no backup")
                .isEmpty();
    }

    @Test
    void aDirectoryThatIsNotEmptyIsRefusedAndLeftAsItIs() throws Exception {
        makeBackup();
        publish(data, 3);
        List<String> before = stateOf(data);

        assertThatThrownBy(() -> Backup.restore(backup, data, false, options, BackupProgress.NONE))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("is not empty")
                .hasMessageContaining("--replace");

        assertThat(stateOf(data)).isEqualTo(before);
        try (RocksLog log = RocksLog.open(data, options)) {
            assertThat(log.epoch()).isPositive();
            assertThatThrownBy(() -> Backup.restore(backup, data, true, options, BackupProgress.NONE))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("is in use by process");
        }
    }

    @Test
    void aDamagedBackupIsNotRestoredAndWhatIsThereStays() throws Exception {
        publish(data, 3);
        makeBackup();
        publish(data, 2);
        for (Path file : filesOf(backup)) {
            if (Files.size(file) == 0) {
                continue;
            }
            flip(file, Files.size(file) / 2);

            assertThatThrownBy(() -> Backup.restore(backup, data, true, options, BackupProgress.NONE))
                    .as(file.toString())
                    .isInstanceOf(StoreException.class);
            flip(file, Files.size(file) / 2);
            assertThat(Backup.verify(data, BackupProgress.NONE).messages()).isEqualTo(5);
        }
        assertThatThrownBy(() -> Backup.restore(data, directory.resolve("x"), false, options, BackupProgress.NONE))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("is no backup");
    }

    @Test
    void aRestoreThatWasCutShortLeavesNoStoreAndTheNextOneClearsUp() throws Exception {
        publish(data, 3);
        makeBackup();
        Path cut = directory.resolve("cut");
        Files.createDirectories(cut.resolve("restoring-1/db"));
        Files.writeString(cut.resolve("restoring-1/db/CURRENT"), "MANIFEST-000001\n");

        assertThatThrownBy(() -> Backup.verify(cut, BackupProgress.NONE)).hasMessageContaining("no data directory");
        Backup.restore(backup, cut, false, options, BackupProgress.NONE);

        assertThat(messagesIn(cut)).isEqualTo(3);
        try (Stream<Path> entries = Files.list(cut)) {
            assertThat(entries.map(entry -> entry.getFileName().toString()))
                    .containsExactlyInAnyOrder("lock", "synced", "checkpoint", "db");
        }
    }

    @Test
    void anEpochCanBeBegunByHand() throws Exception {
        long before = publish(data, 3);
        clock.advance(Duration.ofMinutes(1));

        long begun = Backup.beginEpoch(data, options);

        assertThat(begun).isGreaterThan(before);
        assertThat(publish(data, 1)).isEqualTo(begun);
    }

    @Test
    void aManifestThatNamesFilesElsewhereIsNoManifest() {
        BackupManifest outside = new BackupManifest(
                new java.util.UUID(1, 2),
                1,
                1,
                1,
                clock.instant(),
                List.of(new BackupManifest.Entry("0".repeat(64), 1, "db/../../outside")));

        assertThatThrownBy(() -> BackupManifest.of(outside.text())).isInstanceOf(BadRowException.class);
        assertThatThrownBy(() -> BackupManifest.of("topicstream backup 2\n")).hasMessageContaining("does not know");
    }

    // ---- what the tests are made of

    private void makeBackup() throws Exception {
        try (RocksLog log = RocksLog.open(data, options)) {
            log.backUp(backup, BackupProgress.NONE);
        }
    }

    private long publish(Path store, int messages) throws Exception {
        long epoch = 0;
        try (RocksLog log = RocksLog.open(store, options)) {
            for (int i = 0; i < messages; i++) {
                Publish publish = Publish.to("t", "1");
                log.append(publish);
                epoch = ((Appended) publish.await()).epoch();
            }
        }
        return epoch;
    }

    private long epochOf(Path store) throws Exception {
        try (RocksLog log = RocksLog.open(store, options)) {
            return log.epoch();
        }
    }

    private StoreContent contentOf(Path store) throws Exception {
        try (RocksLog log = RocksLog.open(store, options)) {
            return StoreContent.read(log);
        }
    }

    private static long messagesIn(Path store) throws Exception {
        StoreReport report = Backup.verify(store, BackupProgress.NONE);
        assertThat(report.problems()).isEmpty();
        return report.messages();
    }

    private static List<String> problems(Path of) throws Exception {
        return Backup.verify(of, BackupProgress.NONE).problems();
    }

    private static long commonOffset(RocksLog log, long epoch) throws Exception {
        return log.lastOffsetIn(new TopicName("t"), epoch).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static List<Path> filesOf(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /// Names, sizes and times of all files.
    private static List<String> stateOf(Path directory) throws IOException {
        List<String> state = new ArrayList<>();
        for (Path file : filesOf(directory)) {
            state.add(file + " " + Files.size(file) + " " + Files.readAttributes(file, "unix:ctime,ino"));
        }
        return state;
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(at);
            int before = open.read();
            open.seek(at);
            open.write(before ^ 4);
        }
    }

    private interface Change {
        void apply(RocksDB db, List<ColumnFamilyHandle> families) throws Exception;
    }

    private static void change(Path directory, Change change) throws Exception {
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        for (String name : List.of("default", "names", "meta", "log", "dedup", "state", "due")) {
            descriptors.add(new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.US_ASCII)));
        }
        List<ColumnFamilyHandle> families = new ArrayList<>();
        try (DBOptions dbOptions = new DBOptions();
                RocksDB db = RocksDB.open(dbOptions, directory.resolve("db").toString(), descriptors, families)) {
            change.apply(db, families);
            families.forEach(ColumnFamilyHandle::close);
        }
    }
}
