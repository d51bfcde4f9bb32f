package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.BackupProgress;
import io.topicstream.log.Details;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.Redaction;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Rows that are written anew because messages of them were taken back: what they count, what a disk that
/// fails leaves of them, and that nothing is left of what they said.
@Timeout(60)
class RedactedRowsTest {
    private static final TopicName TOPIC = new TopicName("a");

    @TempDir
    private Path there;

    private Path directory;
    private final FaultyCalls disk = new FaultyCalls();
    private final RocksOptions options = StoreUnderTest.small().withClock(new ManualClock());

    @BeforeEach
    void namePlace() {
        directory = there.resolve("data");
    }

    @Test
    void theSumsOfBytesStayAndGoOn() throws Exception {
        try (RocksLog log = open()) {
            for (int i = 1; i <= 5; i++) {
                publish(log, Publish.to("a", "\"" + "x".repeat(100 * i) + "\""));
            }
            redact(log, 2L, 5L);
            publish(log, Publish.to("a", "\"after\""));
        }
        try (RocksLog log = open()) {
            publish(log, Publish.to("a", "\"later\""));
            redact(log, 5L, 6L);
            assertThat(payloads(log)).hasSize(7).containsSubsequence("", "\"later\"");
        }

        assertThat(Backup.verify(directory, BackupProgress.NONE).problems()).isEmpty();
    }

    @Test
    void rowsOfTheFirstVersionAreTakenBackAndCountNothing() throws Exception {
        GoldenStoreTest.unzip(directory);
        TopicName room = new TopicName("room:1");
        List<Message> before;
        try (RocksLog log = open()) {
            before = read(log, room);
            long last = before.getLast().offset();
            log.redact(room, new Redaction(List.of(before.getFirst().offset(), last), null))
                    .toCompletableFuture()
                    .get();
            publish(log, Publish.to("room:1", "\"new\""));
        }

        assertThat(Backup.verify(directory, BackupProgress.NONE).problems()).isEmpty();
        try (RocksLog log = open()) {
            List<Message> now = read(log, room);
            assertThat(now).hasSize(before.size() + 1);
            assertThat(now.getFirst()).isEqualTo(before.getFirst().redacted(false));
            assertThat(now.get(before.size() - 1)).isEqualTo(before.getLast().redacted(false));
            assertThat(now.subList(1, before.size() - 1)).isEqualTo(before.subList(1, before.size() - 1));
        }
    }

    @Test
    void whereTheDiskFailsTheMessageIsAsItWasAndMayBeTakenBackLater() throws Exception {
        try (RocksLog log = RocksLog.open(directory, options, disk, false)) {
            publish(log, Publish.to("a", "\"1\""));
            disk.writesToFail.set(1);

            assertThat(log.redact(TOPIC, Redaction.of(1)).toCompletableFuture())
                    .failsWithin(30, TimeUnit.SECONDS)
                    .withThrowableOfType(ExecutionException.class);

            await().until(() -> log.figures().takesWrites());
            assertThat(payloads(log)).containsExactly("\"1\"");
            disk.syncsToFail.set(1);
            assertThat(log.redact(TOPIC, Redaction.of(1)).toCompletableFuture())
                    .failsWithin(30, TimeUnit.SECONDS)
                    .withThrowableOfType(ExecutionException.class);
            await().until(() -> log.figures().takesWrites());
            redact(log, 1L);
            assertThat(payloads(log)).containsExactly("");
        }
    }

    @Test
    void whatWasTakenBackIsInNoFileAfterACompaction() throws Exception {
        List<String> gone = new ArrayList<>();
        try (RocksLog log = open()) {
            for (int i = 1; i <= 20; i++) {
                String marker = marker(i);
                Details details =
                        Details.NONE.withKey("key-" + marker).withHeaders(Headers.of(Map.of("h", "header-" + marker)));
                publish(
                        log,
                        Publish.to(
                                "a",
                                new Draft(
                                        ("\"payload-" + marker + "\"").getBytes(StandardCharsets.UTF_8),
                                        "id-" + marker,
                                        details)));
                gone.add(marker);
            }
            publish(log, Publish.to("a", "\"" + marker(0) + "\""));
            assertThat(filesWith(marker(7))).isNotEmpty();

            log.redact(
                            TOPIC,
                            new Redaction(LongStream.rangeClosed(1, 20).boxed().toList(), "u:ann"))
                    .toCompletableFuture()
                    .get();
            log.compact();

            for (String marker : gone) {
                assertThat(filesWith(marker)).as(marker).isEmpty();
            }
            assertThat(filesWith(marker(0))).isNotEmpty();
            assertThat(payloads(log)).hasSize(21).endsWith("\"" + marker(0) + "\"");
        }
    }

    // ---- short ways

    private RocksLog open() throws StoreException {
        return RocksLog.open(directory, options);
    }

    private static void publish(RocksLog log, Publish publish) throws Exception {
        log.append(publish);
        assertThat(publish.await()).isInstanceOf(Appended.class);
    }

    private static void redact(RocksLog log, Long... offsets) throws Exception {
        assertThat(log.redact(TOPIC, new Redaction(List.of(offsets), null)).toCompletableFuture())
                .succeedsWithin(30, TimeUnit.SECONDS)
                .isEqualTo(List.of(offsets));
    }

    private static List<Message> read(RocksLog log, TopicName topic) throws Exception {
        return log.read(topic, 1, Direction.FORWARD, 10_000, 1 << 24)
                .toCompletableFuture()
                .get()
                .messages();
    }

    private static List<String> payloads(RocksLog log) throws Exception {
        return read(log, TOPIC).stream()
                .map(message -> new String(message.payload(), StandardCharsets.UTF_8))
                .toList();
    }

    /// A text like no other, so that no compression writes it by what stood before it.
    private static String marker(int number) {
        return UUID.nameUUIDFromBytes(new byte[] {(byte) number}).toString();
    }

    /// The files of the store that hold the text.
    private List<Path> filesWith(String text) throws Exception {
        byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> found = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                        .contains(new String(wanted, StandardCharsets.ISO_8859_1))) {
                    found.add(file);
                }
            }
            return found;
        }
    }
}
