package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.LogUnavailableException;
import io.topicstream.testkit.ManualClock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A bit that flips in a file of the store is found: the store reads as before, or refuses loudly. It never reads
/// otherwise, and never is shorter.
@Timeout(300)
class DamageTest {
    private static final int FLIPS = 60;
    private static final RocksOptions OPTIONS = StoreUnderTest.small().withClock(new ManualClock());

    @TempDir
    private Path directory;

    @Test
    void aFlippedBitIsFoundOrDoesNotMatter() throws Exception {
        long seed = Long.getLong("topicstream.seed", System.nanoTime());
        Random random = new Random(seed);
        Path good = crashedStore();
        StoreContent expected = contentOf(copy(good, "expected"));
        List<Path> files = filesOf(good);
        int refused = 0;
        for (int i = 0; i < FLIPS; i++) {
            Path file = files.get(random.nextInt(files.size()));
            long at = (long) (random.nextDouble() * Files.size(file));
            int bit = random.nextInt(8);
            String where = "seed " + seed + ", flip " + i + ": bit " + bit + " of byte " + at + " of "
                    + good.relativize(file) + " (" + Files.size(file) + " bytes)";
            Path damaged = copy(good, "damaged");
            flip(damaged.resolve(good.relativize(file)), at, bit);
            refused += isRefusedOrSame(damaged, expected, where) ? 1 : 0;
            StoreUnderTest.delete(damaged);
        }
        assertThat(refused).as("flips that were refused, seed " + seed).isPositive();
    }

    /// The bits that matter most: each byte of the end of the write-ahead log and of the manifest, where
    /// RocksDB would see a torn tail.
    @Test
    void aFlippedLengthOfTheLastRecordsIsNotTakenForATornTail() throws Exception {
        Path good = crashedStore();
        StoreContent expected = contentOf(copy(good, "expected"));
        int refused = 0;
        for (Path file : filesOf(good)) {
            String name = file.getFileName().toString();
            if (name.endsWith(".sst")) {
                continue;
            }
            for (long record : recordsOf(file).reversed().stream().limit(3).toList()) {
                for (int at = 4; at < 6; at++) {
                    Path damaged = copy(good, "damaged");
                    flip(damaged.resolve(good.relativize(file)), record + at, at);
                    refused += isRefusedOrSame(damaged, expected, "length of the record at " + record + " of " + name)
                            ? 1
                            : 0;
                    StoreUnderTest.delete(damaged);
                }
            }
        }
        assertThat(refused).isGreaterThanOrEqualTo(6);
    }

    @Test
    void aTornTailThatWasNeverSyncedIsAcceptedAndCutOff() throws Exception {
        Path store = crashedStore();
        StoreContent expected = contentOf(copy(store, "expected"));
        Path log = filesOf(store).stream()
                .filter(file -> file.toString().endsWith(".log"))
                .max(Path::compareTo)
                .orElseThrow();
        byte[] whole = Files.readAllBytes(log);
        List<Long> records = recordsOf(log);
        int last = Math.toIntExact(records.getLast());
        for (int torn : new int[] {3, 7, 12, whole.length - last - 1}) {
            Path copy = copy(store, "torn");
            byte[] more = java.util.Arrays.copyOf(whole, whole.length + torn);
            System.arraycopy(whole, last, more, whole.length, torn);
            Files.write(copy.resolve(store.relativize(log)), more);

            assertThat(contentOf(copy))
                    .as("with %d bytes of a record behind it", torn)
                    .isEqualTo(expected);
            StoreUnderTest.delete(copy);
        }
    }

    @Test
    void aWriteAheadLogThatIsShorterThanWhatWasSyncedIsRefused() throws Exception {
        Path store = crashedStore();
        Path log = filesOf(store).stream()
                .filter(file -> file.toString().endsWith(".log"))
                .max(Path::compareTo)
                .orElseThrow();
        List<Long> records = recordsOf(log);
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.setLength(records.get(records.size() / 2));
        }

        org.assertj.core.api.Assertions.assertThatThrownBy(() -> RocksLog.open(store, OPTIONS))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("had been synced");
    }

    /// What the page for operators says to do where there is no backup.
    @Test
    void whatStandsBehindADamageOfTheLogIsGivenUpByHandAndANewEpochSaysSo() throws Exception {
        Path store = crashedStore();
        StoreContent expected = contentOf(copy(store, "expected"));
        Path log = filesOf(store).stream()
                .filter(file -> file.toString().endsWith(".log"))
                .max(Path::compareTo)
                .orElseThrow();
        List<Long> records = recordsOf(log);
        flip(log, records.get(records.size() / 2) + 20, 0);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> RocksLog.open(store, OPTIONS))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("had been synced");

        Files.delete(store.resolve("synced"));
        long epoch = Backup.beginEpoch(store, OPTIONS);

        assertThat(epoch).isGreaterThan(OPTIONS.clock().instant().getEpochSecond());
        StoreContent found = contentOf(store);
        assertThat(found.topics()).isNotEqualTo(expected.topics());
        found.messages().forEach((topic, messages) -> {
            long first = expected.messages().get(topic).getFirst().offset();
            assertThat(messages.stream().filter(message -> message.offset() >= first))
                    .as("what is left of " + topic)
                    .isNotEmpty()
                    .isSubsetOf(expected.messages().get(topic));
        });
    }

    /// Whether it was refused; fails where it reads otherwise.
    private static boolean isRefusedOrSame(Path store, StoreContent expected, String where) throws Exception {
        try (RocksLog log = RocksLog.open(store, OPTIONS)) {
            StoreContent content = StoreContent.read(log);
            assertThat(content).as(where).isEqualTo(expected);
            return false;
        } catch (StoreException | LogUnavailableException e) {
            assertThat(e.getMessage()).as(where).isNotBlank();
            return true;
        }
    }

    /// A store with files of every kind, as a crash leaves it: two lives in tables, the third in the write-ahead
    /// log.
    private Path crashedStore() throws Exception {
        Path live = directory.resolve("live");
        for (int life = 0; life < 2; life++) {
            try (RocksLog log = RocksLog.open(live, OPTIONS)) {
                StoreContent.write(log, life);
            }
        }
        try (RocksLog log = RocksLog.open(live, OPTIONS)) {
            StoreContent.write(log, 2);
            return copy(live, "crashed");
        }
    }

    private static StoreContent contentOf(Path store) throws Exception {
        try (RocksLog log = RocksLog.open(store, OPTIONS)) {
            return StoreContent.read(log);
        }
    }

    private Path copy(Path from, String name) throws IOException {
        Path to = directory.resolve(name + "-" + System.nanoTime());
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
        return to;
    }

    private static List<Path> filesOf(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store.resolve("db"))) {
            return files.filter(file -> file.getFileName().toString().matches("(.*\\.sst|.*\\.log|MANIFEST-.*)"))
                    .filter(file -> file.toFile().length() > 0)
                    .sorted()
                    .toList();
        }
    }

    /// Where the records of a log file begin; the files of these tests fit into one block or a few.
    private static List<Long> recordsOf(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        List<Long> records = new ArrayList<>();
        int at = 0;
        while (at + 7 <= bytes.length) {
            int left = 32768 - at % 32768;
            int length = (bytes[at + 4] & 0xFF) | (bytes[at + 5] & 0xFF) << 8;
            if (left < 7 || length == 0) {
                at += left;
                continue;
            }
            records.add((long) at);
            at += 7 + length;
        }
        return records;
    }

    private static void flip(Path file, long at, int bit) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(at);
            int before = open.read();
            open.seek(at);
            open.write(before ^ 1 << bit);
        }
    }
}
