package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Unavailable;
import io.topicstream.log.Direction;
import io.topicstream.log.TopicName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The files of a store, as the rest of the machine sees them.
@Timeout(60)
class StoreFilesTest {
    private static final TopicName TOPIC = new TopicName("room:1");

    @TempDir
    private Path parent;

    @Test
    void nobodyElseMayReadADirectoryThatIsMade() throws Exception {
        Path directory = parent.resolve("made/data");

        RocksLog.open(directory, StoreUnderTest.small()).close();

        assertThat(permissions(directory)).isEqualTo("rwx------");
        assertThat(permissions(directory.resolve("db"))).isEqualTo("rwx------");
    }

    @Test
    void thoseOutsideTheGroupMayNotReadMessagesInADirectoryThatWasThere() throws Exception {
        Path directory = Files.createDirectory(parent.resolve("there"));
        Path db = Files.createDirectory(directory.resolve("db"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(db, PosixFilePermissions.fromString("rwxr-xr-x"));

        RocksLog.open(directory, StoreUnderTest.small()).close();

        assertThat(permissions(directory)).as("as it was chosen").isEqualTo("rwxr-xr-x");
        assertThat(permissions(db)).isEqualTo("rwxr-x---");
    }

    /// A process can go on writing to files that have no name any more, and nobody would find what it calls durable.
    @ParameterizedTest
    @ValueSource(strings = {"all", "moved", "log files", "db", "lock"})
    @EnabledOnOs(OS.LINUX)
    void aStoreWhoseFilesAreRemovedOrMovedTakesNoMoreWritesAndSaysSo(String what) throws Exception {
        Path directory = parent.resolve("data");
        try (RocksLog log = RocksLog.open(directory, StoreUnderTest.small())) {
            assertThat(publish(log)).isInstanceOf(Appended.class);

            remove(directory, what);

            await().until(() -> !log.figures().takesWrites());
            assertThat(publish(log))
                    .isInstanceOfSatisfying(
                            Unavailable.class,
                            refusal ->
                                    assertThat(refusal.reason()).contains("was removed or moved while the server ran"));
            assertThat(log.read(TOPIC, 1, Direction.FORWARD, 10, 1000)
                            .toCompletableFuture()
                            .get(30, TimeUnit.SECONDS)
                            .messages())
                    .as("what is still open is read")
                    .isNotEmpty();
            assertThat(directory.resolve("db/CURRENT"))
                    .as("no other store is begun in its place")
                    .satisfiesAnyOf(
                            current -> assertThat(what).isIn("log files", "lock"),
                            current -> assertThat(current).doesNotExist());
        }
    }

    private void remove(Path directory, String what) throws IOException {
        switch (what) {
            case "all" -> StoreUnderTest.delete(directory);
            case "moved" -> Files.move(directory, parent.resolve("elsewhere"));
            case "db" -> StoreUnderTest.delete(directory.resolve("db"));
            case "lock" -> Files.delete(directory.resolve("lock"));
            default -> {
                try (Stream<Path> files = Files.list(directory.resolve("db"))) {
                    List<Path> logs = files.filter(file -> file.toString().endsWith(".log"))
                            .toList();
                    for (Path log : logs) {
                        Files.delete(log);
                    }
                }
            }
        }
    }

    @Test
    void aStoppedStoreKeepsNoLogFileOfWhatItHolds() throws Exception {
        Path directory = parent.resolve("data");
        RocksOptions options = RocksOptions.DEFAULTS;
        try (RocksLog log = RocksLog.open(directory, options)) {
            assertThat(publish(log)).isInstanceOf(Appended.class);
            for (int i = 0; i < 200; i++) {
                Publish publish = Publish.to(TOPIC.value(), "\"" + "x".repeat(20_000) + "\"");
                log.append(publish);
                publish.await();
            }
        }

        assertThat(kibibytes(directory)).as("4 MB that compress well").isLessThan(2_048);
        try (RocksLog log = RocksLog.open(directory, options)) {
            assertThat(log.extent(TOPIC).toCompletableFuture().get().nextOffset())
                    .isEqualTo(202);
        }
    }

    /// The room on the disk, which is more than the lengths of the files.
    private static long kibibytes(Path directory) throws Exception {
        Process du = new ProcessBuilder("du", "-sk", directory.toString()).start();
        String said = new String(du.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        return Long.parseLong(said.substring(0, said.indexOf('\t')));
    }

    @Test
    void closingGivesUpWhereTheDiskAnswersNoMore() throws Exception {
        FaultyCalls disk = new FaultyCalls();
        CountDownLatch gate = new CountDownLatch(1);
        Path directory = parent.resolve("data");
        RocksLog log = RocksLog.open(directory, StoreUnderTest.small(), disk, false);
        disk.syncGate = gate;
        Publish publish = Publish.to(TOPIC.value(), "1");
        log.append(publish);
        await().until(() -> !disk.synced.isEmpty());

        log.close(TimeUnit.MILLISECONDS.toNanos(300));

        assertThat(publish.answer()).isNotDone();
        assertThat(log.figures().takesWrites()).isFalse();
        gate.countDown();
        assertThat(publish.await()).isInstanceOf(Appended.class);
    }

    private static AppendResult publish(RocksLog log) throws Exception {
        Publish publish = Publish.to(TOPIC.value(), "1");
        log.append(publish);
        return publish.await();
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
