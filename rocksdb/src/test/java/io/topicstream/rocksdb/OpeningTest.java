package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Durability;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;

/// What a directory must be, what is said where it is not, and which epoch a life begins in.
@Timeout(60)
class OpeningTest {
    private final ManualClock clock = new ManualClock();
    private final RocksOptions options = StoreUnderTest.small().withClock(clock);

    @TempDir
    private Path directory;

    @Test
    void aDirectoryThatIsNotThereIsMade() throws Exception {
        Path deep = directory.resolve("a/b/c");

        try (RocksLog log = RocksLog.open(deep, options)) {
            assertThat(publish(log).firstOffset()).isEqualTo(1);
        }

        assertThat(deep).isDirectory();
    }

    @Test
    void aFileInThePlaceOfTheDirectoryIsRefused() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "hello");

        assertRefused(file, file + " is a file; the store needs a directory");
        assertRefused(file.resolve("below"), "file");
        assertThat(file).hasContent("hello");
    }

    @Test
    void aStoreInUseIsRefusedAndNamesTheProcess() throws Exception {
        try (RocksLog log = RocksLog.open(directory, options)) {
            assertRefused(
                    directory,
                    "is in use by process " + ProcessHandle.current().pid() + "; stop it or choose another directory");
            assertThat(publish(log).firstOffset())
                    .as("the first one is not disturbed")
                    .isEqualTo(1);
        }
        RocksLog.open(directory, options).close();
    }

    @Test
    void aStoreOfAnotherFormatVersionIsRefusedByName() throws Exception {
        RocksLog.open(directory, options).close();
        change(directory, (db, families) -> {
            byte[] row = db.get(families.get(2), StoreRow.key());
            row[3] = 2;
            db.put(families.get(2), StoreRow.key(), row);
        });

        assertRefused(
                directory,
                "it has the format version 2; this version of TopicStream reads and writes format version 1");
    }

    @Test
    void aStoreWithFamiliesOfALaterVersionIsRefusedByTheirNames() throws Exception {
        RocksLog.open(directory, options).close();
        change(
                directory,
                (db, families) -> db.createColumnFamily(
                                new ColumnFamilyDescriptor("log-2027-01-01".getBytes(StandardCharsets.US_ASCII)))
                        .close());

        assertRefused(directory, "[log-2027-01-01]");
    }

    @Test
    void aStoreWhoseFirstRowIsGoneIsRefused() throws Exception {
        try (RocksLog log = RocksLog.open(directory, options)) {
            publish(log);
        }
        change(directory, (db, families) -> db.delete(families.get(2), StoreRow.key()));

        assertRefused(directory, "none that says what it is");
    }

    @Test
    void aMissingTableIsRefused() throws Exception {
        for (int life = 0; life < 2; life++) {
            try (RocksLog log = RocksLog.open(directory, options)) {
                publish(log);
            }
        }
        try (Stream<Path> files = Files.list(directory.resolve("db"))) {
            Files.delete(files.filter(file -> file.toString().endsWith(".sst"))
                    .findFirst()
                    .orElseThrow());
        }

        assertRefused(directory, "cannot be opened");
    }

    @Test
    void aTopicThatHasANameAndNoMessagesIsDamaged() throws Exception {
        try (RocksLog log = RocksLog.open(directory, options)) {
            publish(log);
        }
        change(directory, (db, families) -> db.delete(families.get(3), BatchRow.key(1, 1)));

        try (RocksLog log = RocksLog.open(directory, options)) {
            assertThat(log.extent(new TopicName("room:1")).toCompletableFuture())
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withMessageContaining("topic room:1 is damaged: it has a name and no messages");
        }
    }

    @Test
    void anEpochGoesOnAfterACleanEndAndAfterACrashOfADurableLife() throws Exception {
        long first = epochOf(Durability.DISK, false);

        clock.advance(Duration.ofHours(1));
        assertThat(epochOf(Durability.DISK, true)).isEqualTo(first);
        assertThat(epochOf(Durability.OS, false)).isEqualTo(first);
        assertThat(epochOf(Durability.MEMORY, false)).isEqualTo(first);
        assertThat(epochOf(Durability.DISK, false)).isEqualTo(first);
        assertThat(first).isEqualTo(clock.instant().minus(Duration.ofHours(1)).getEpochSecond());
    }

    @Test
    void aCrashInAModeBelowDiskBeginsANewEpoch() throws Exception {
        for (Durability mode : List.of(Durability.OS, Durability.MEMORY)) {
            clock.advance(Duration.ofHours(1));
            long before = epochOf(mode, true);
            clock.advance(Duration.ofSeconds(5));

            long after = epochOf(Durability.DISK, false);

            assertThat(after)
                    .as(mode.wireName())
                    .isEqualTo(clock.instant().getEpochSecond())
                    .isGreaterThan(before);
        }
    }

    @Test
    void anEpochIsAboveTheOneBeforeWhateverTheClockSays() throws Exception {
        long before = epochOf(Durability.OS, true);
        clock.advance(Duration.ofDays(-1));

        assertThat(epochOf(Durability.OS, true)).isEqualTo(before + 1);
        assertThat(epochOf(Durability.DISK, false)).isEqualTo(before + 2);
    }

    /// Runs a life, and ends it in good order or leaves what a crash would.
    private long epochOf(Durability durability, boolean crash) throws Exception {
        Path crashed = directory.resolveSibling(directory.getFileName() + "-crashed");
        long epoch;
        try (RocksLog log = RocksLog.open(directory, options.withDurability(durability))) {
            epoch = publish(log).epoch();
            if (crash) {
                copy(directory, crashed);
            }
        }
        if (crash) {
            putBack(crashed, directory);
            StoreUnderTest.delete(crashed);
        }
        return epoch;
    }

    /// Puts the files of a copy in place of those that the store has, but for `lock`: what a crash at the time of the
    /// copy had left.
    static void putBack(Path copy, Path directory) throws Exception {
        Path db = directory.resolve("db");
        try (Stream<Path> files = Files.list(db)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.delete(file);
            }
        }
        try (Stream<Path> files = Files.list(copy.resolve("db"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, db.resolve(file.getFileName()));
            }
        }
        Files.write(directory.resolve("synced"), Files.readAllBytes(copy.resolve("synced")));
    }

    static void copy(Path from, Path to) throws Exception {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private void assertRefused(Path path, String why) {
        assertThatThrownBy(() -> RocksLog.open(path, options))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(why);
    }

    private static Appended publish(RocksLog log) throws Exception {
        Publish publish = Publish.to("room:1", "1");
        log.append(publish);
        return (Appended) publish.await();
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
