package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.migration.Migration;
import io.topicstream.testkit.ManualClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A store that an earlier version wrote opens today, with every record in it.
///
/// Each was written by [#main], two lives of [StoreContent#write], the second ended as by a crash, and is never
/// written again. Version 1 is that of the first release; the next has batches of version 2, and at the end of
/// one topic all that a message can have. A later format gets a store of its own beside them.
@Timeout(60)
class GoldenStoreTest {
    private static final String FIRST = "/golden-store-v1";
    private static final String BATCHES_2 = "/golden-store-batches-v2";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {FIRST, BATCHES_2})
    void yesterdaysStoreOpensTodayWithEveryRecord(String store) throws Exception {
        unzip(store, directory);

        try (RocksLog log = RocksLog.open(directory, options())) {
            String content;
            try (InputStream in = Objects.requireNonNull(GoldenStoreTest.class.getResourceAsStream(store + ".txt"))) {
                content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
            assertThat(describe(StoreContent.read(log))).isEqualTo(content);
            Publish repeat = new Publish(
                    "room:3",
                    "{\"round\":1,\"n\":3,\"text\":\"" + "lorem ipsum dolor sit amet 3 ".repeat(4) + "\"}",
                    "id-1-3",
                    -1);
            log.append(repeat);
            assertThat(((Appended) repeat.await()).repeated())
                    .as("its message ids are known")
                    .isTrue();
            Publish next = Publish.to("room:0", "\"today\"");
            log.append(next);
            assertThat(((Appended) next.await()).firstOffset()).isEqualTo(41);
            assertThat(log.extent(new TopicName("room:0"))
                            .toCompletableFuture()
                            .get()
                            .firstOffset())
                    .isEqualTo(8);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {FIRST, BATCHES_2})
    void yesterdaysStoreMovesWithEveryRecord(String store) throws Exception {
        Path from = Files.createDirectory(directory.resolve("from"));
        Path to = directory.resolve("to");
        unzip(store, from);

        try (RocksExport export = RocksExport.open(from);
                RocksImport into = new RocksImport(to, options())) {
            Migration.run(export, into, new ManualClock(), (_, _, _, _) -> {});
        }

        try (RocksLog log = RocksLog.open(to, options())) {
            String content;
            try (InputStream in = Objects.requireNonNull(GoldenStoreTest.class.getResourceAsStream(store + ".txt"))) {
                content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
            assertThat(withoutEpoch(describe(StoreContent.read(log)))).isEqualTo(withoutEpoch(content));
        }
        assertThat(Backup.verify(to, (_, _) -> {}).isWhole()).isTrue();
    }

    /// A new one begins.
    private static String withoutEpoch(String content) {
        return content.replaceAll("epoch=\\d+", "epoch");
    }

    private static RocksOptions options() {
        return StoreUnderTest.small().withClock(new ManualClock());
    }

    /// Writes the store and what is in it.
    ///
    /// @param args the directory for the two files
    public static void main(String[] args) throws Exception {
        Path store = Files.createTempDirectory("golden");
        try (RocksLog log = RocksLog.open(store, options())) {
            StoreContent.write(log, 0);
        }
        Path crashed = store.resolveSibling(store.getFileName() + "-crashed");
        try (RocksLog log = RocksLog.open(store, options())) {
            StoreContent.write(log, 1);
            StoreContent.writeEveryKind(log);
            OpeningTest.copy(store, crashed);
            Files.writeString(Path.of(args[0] + BATCHES_2 + ".txt"), describe(StoreContent.read(log)));
        }
        try (OutputStream file = Files.newOutputStream(Path.of(args[0] + BATCHES_2 + ".zip"));
                ZipOutputStream zip = new ZipOutputStream(file);
                Stream<Path> files = Files.walk(crashed)) {
            for (Path each : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = crashed.relativize(each).toString();
                if (name.matches("lock|native/.*|db/(LOG.*|LOCK|OPTIONS-.*)")) {
                    continue;
                }
                zip.putNextEntry(new ZipEntry(name));
                Files.copy(each, zip);
                zip.closeEntry();
            }
        }
        StoreUnderTest.delete(store);
        StoreUnderTest.delete(crashed);
    }

    private static String describe(StoreContent content) {
        StringBuilder text = new StringBuilder();
        content.topics().forEach(topic -> text.append(topic).append('\n'));
        content.messages()
                .forEach((topic, messages) -> messages.forEach(message -> text.append(String.join(
                                " ",
                                List.of(
                                        topic,
                                        Long.toString(message.offset()),
                                        Long.toString(message.timestamp()),
                                        String.valueOf(message.from()),
                                        String.valueOf(message.withheldFrom()),
                                        String.valueOf(message.messageId()),
                                        String.valueOf(message.key()),
                                        new String(message.json(), StandardCharsets.UTF_8))))
                        .append(rest(message))
                        .append('\n')));
        content.records()
                .forEach(record -> text.append(String.join(
                                " ",
                                List.of(
                                        record.key(),
                                        Long.toString(record.version()),
                                        Long.toString(record.expiresAtMs()),
                                        HexFormat.of().formatHex(record.value()))))
                        .append('\n'));
        return text.toString();
    }

    /// What the first version did not have, where it is there.
    private static String rest(Message message) {
        return message.kind() == Message.Kind.JSON && message.headers().isEmpty() && message.origin() == null
                ? ""
                : " " + message.kind() + " " + message.contentType() + " " + message.headers() + " " + message.origin();
    }

    /// The store of the first version.
    static void unzip(Path to) throws IOException {
        unzip(FIRST, to);
    }

    private static void unzip(String store, Path to) throws IOException {
        try (InputStream in = Objects.requireNonNull(GoldenStoreTest.class.getResourceAsStream(store + ".zip"));
                ZipInputStream zip = new ZipInputStream(in)) {
            ZipEntry entry;
            while ((entry = zip.getNextEntry()) != null) {
                Path file = to.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(zip, file);
            }
        }
    }
}
