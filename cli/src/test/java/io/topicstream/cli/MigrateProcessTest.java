package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.cli.aws.LocalStack;
import io.topicstream.cli.aws.SystemTemplate;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.TopicName;
import io.topicstream.rocksdb.RocksLog;
import io.topicstream.rocksdb.RocksOptions;
import io.topicstream.server.TestClient;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.io.BufferedReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream migrate`, between servers and the serverless edition on stand-ins.
@Timeout(600)
class MigrateProcessTest {
    private static final AtomicInteger TABLES = new AtomicInteger();
    private static final TopicName NEWS = new TopicName("news");
    private static final int PATIENCE_SECONDS = 240;

    @TempDir
    Path directory;

    private final String table = "moved-" + TABLES.incrementAndGet();
    private final String bucket = "moved-" + table;

    private Terminal.Run migrate(String... arguments) {
        return new Terminal(Map.of(), directory).run(command(arguments));
    }

    private static String[] command(String... arguments) {
        return Stream.concat(
                        Stream.of(
                                "migrate",
                                "--dynamodb",
                                Dynoxide.get().endpoint().toString()),
                        Stream.of(arguments))
                .toArray(String[]::new);
    }

    private String[] withBucket(String from, String to) {
        return new String[] {
            "--from",
            from,
            "--to",
            to,
            "--bucket",
            bucket,
            "--s3",
            LocalS3.get().endpoint().toString()
        };
    }

    private String data(String name) {
        return "rocksdb:" + directory.resolve(name);
    }

    private static long number(String text, String member) {
        Matcher matcher = Pattern.compile("\"" + member + "\":(\\d+)").matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private static String publish(TestClient client, String messageId, String json) {
        client.send("{\"action\":\"publish\",\"id\":\"p\",\"topic\":\"news\",\"message\":" + json + ",\"message_id\":\""
                + messageId + "\"}");
        return client.await("\"id\":\"p\"");
    }

    /// What a client is told who comes back, from the offset on.
    private static void goesOn(TestClient client, long epoch, long seen, long last) {
        client.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"news\",\"from\":{\"resume\":{\"epoch\":" + epoch
                + ",\"offset\":" + seen + "}}}");
        assertThat(client.await("\"id\":\"s\"")).contains("\"recovered\":true", "\"next_offset\":" + (last + 1));
        for (long offset = seen + 1; offset <= last; offset++) {
            assertThat(client.next()).contains("\"type\":\"message\"", "\"offset\":" + offset + ",");
        }
    }

    private static Map<String, String> files(Path directory) throws Exception {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                files.put(directory.relativize(file).toString(), HexFormat.of().formatHex(hash));
            }
        }
        return files;
    }

    @Test
    void aClientGoesOnOnTheOtherSideAndBackAgain() throws Exception {
        long epoch;
        String first;
        int port = ServedProcess.freePort();
        try (ServedProcess served = ServedProcess.start(directory, port);
                TestClient client = TestClient.to(URI.create("http://127.0.0.1:" + port), "/v1?user=ada")
                        .open()) {
            first = publish(client, "id-1", "1");
            for (int n = 2; n <= 5; n++) {
                publish(client, "id-" + n, Integer.toString(n));
            }
            epoch = number(first, "epoch");
            served.kill();
        }
        Map<String, String> before = files(directory.resolve("data"));

        Terminal.Run there = migrate(withBucket(data("data"), "dynamodb:" + table));

        assertThat(there.exitCode()).as(there.err()).isZero();
        assertThat(there.out()).contains("1 topic, 5 messages, 5 message ids, ");
        assertThat(there.err()).contains("copying: ", "comparing: ");
        assertThat(files(directory.resolve("data"))).as("the source").isEqualTo(before);
        String sixth;
        try (LocalStack stack = LocalStack.open(
                        SystemTemplate.usual(),
                        new LocalStack.Places(
                                Dynoxide.get().endpoint(), table, LocalS3.get().endpoint(), bucket, null),
                        0,
                        Map.of(),
                        directory);
                TestClient client =
                        TestClient.to(stack.aws().uri(), "/v1?user=ada").open()) {
            client.await("welcome");
            goesOn(client, epoch, 3, 5);
            assertThat(publish(client, "id-1", "1"))
                    .contains("\"offset\":1,", "\"epoch\":" + epoch, "\"timestamp\":" + number(first, "timestamp"));
            assertThat(publish(client, "id-2", "\"other\"")).contains("id_conflict");
            sixth = publish(client, "id-6", "6");
            assertThat(sixth).contains("\"offset\":6,");
            assertThat(client.await("\"type\":\"message\"")).contains("\"offset\":6,");
            assertThat(client.pending()).noneMatch(frame -> frame.contains("reset"));
        }

        Path back = Files.createDirectory(directory.resolve("back"));
        Terminal.Run again = migrate(withBucket("dynamodb:" + table, "rocksdb:" + back.resolve("data")));

        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(again.out()).contains("1 topic, 6 messages, 6 message ids, ");
        int other = ServedProcess.freePort();
        try (ServedProcess _ = ServedProcess.start(back, other);
                TestClient client = TestClient.to(URI.create("http://127.0.0.1:" + other), "/v1?user=ada")
                        .open()) {
            client.await("welcome");
            goesOn(client, epoch, 3, 6);
            assertThat(publish(client, "id-3", "3")).contains("\"offset\":3,", "\"epoch\":" + epoch);
            assertThat(publish(client, "id-6", "6")).contains("\"offset\":6,", "\"epoch\":" + number(sixth, "epoch"));
            assertThat(publish(client, "id-7", "7")).contains("\"offset\":7,");
            assertThat(client.await("\"type\":\"message\"")).contains("\"offset\":7,");
            assertThat(client.pending()).noneMatch(frame -> frame.contains("reset"));
        }
        assertThat(migrate(withBucket("dynamodb:" + table, data("data"))).err()).contains("nothing was changed");
    }

    private void fill(int messages, int perAppend) throws Exception {
        RecordingLane lane = RecordingLane.threaded("fill");
        try (RocksLog log = RocksLog.open(directory.resolve("data"), RocksOptions.DEFAULTS)) {
            for (int n = 0; n < messages; n += perAppend) {
                RecordingAppend.Builder append = RecordingAppend.to(NEWS);
                for (int i = n; i < n + perAppend; i++) {
                    append.message("{\"n\":" + i + "}", "id-" + i);
                }
                stored(log, append.on(lane));
            }
        }
        lane.close();
    }

    private static void stored(RocksLog log, RecordingAppend append) throws Exception {
        log.append(append);
        assertThat(append.answer().get(60, TimeUnit.SECONDS)).isInstanceOf(AppendResult.Appended.class);
    }

    @Test
    void whatWasKilledGoesOn() throws Exception {
        fill(8_000, 100);
        String[] arguments = command("--from", data("data"), "--to", "dynamodb:" + table);
        Process process = new ProcessBuilder(Stream.concat(
                                Stream.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-XX:TieredStopAtLevel=1",
                                        "-cp",
                                        ServeProcessTest.shippedClassPath(),
                                        Main.class.getName()),
                                Stream.of(arguments))
                        .toList())
                .directory(directory.toFile())
                .start();
        try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
            String line = err.readLine();
            while (line != null && !line.startsWith("copying")) {
                line = err.readLine();
            }
            assertThat(line).as("it has begun").isNotNull();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("it was cut off").isEqualTo(137);

        Terminal.Run run = migrate("--from", data("data"), "--to", "dynamodb:" + table);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("1 topic, 8000 messages, 8000 message ids, 0 records of state");
        Terminal.Run once = migrate("--from", data("data"), "--to", "dynamodb:" + table);
        assertThat(once.exitCode()).isZero();
        assertThat(once.out()).contains("nothing was done");
        assertThat(migrate("--from", "dynamodb:" + table, "--to", data("back"), "--json")
                        .out())
                .contains(
                        "\"was_finished\":false",
                        "\"topics\":1,\"messages\":8000,\"message_ids\":8000,\"state_records\":0");
    }

    @Test
    void whatIsTooLargeForARowWantsABucket() throws Exception {
        RecordingLane lane = RecordingLane.threaded("fill");
        try (RocksLog log = RocksLog.open(directory.resolve("data"), RocksOptions.DEFAULTS)) {
            for (int bytes : new int[] {10, 130_000, 500_000}) {
                String json = "\"" + "x".repeat(bytes) + "\"";
                stored(
                        log,
                        RecordingAppend.to(NEWS)
                                .draft(new Draft(json.getBytes(StandardCharsets.UTF_8), null, null))
                                .on(lane));
            }
        }
        lane.close();

        Terminal.Run without = migrate("--from", data("data"), "--to", "dynamodb:" + table);
        Terminal.Run with = migrate(withBucket(data("data"), "dynamodb:" + table));

        assertThat(without.exitCode()).isEqualTo(ExitCodes.DATA);
        assertThat(without.err()).contains("topic news: message 3 has 500", "name a bucket");
        assertThat(with.exitCode()).as(with.err()).isZero();
        assertThat(with.out()).contains("1 topic, 3 messages", "2 of the messages are longer than 120 KiB");
    }

    @Test
    void aSourceThatCannotBeReadIsSaidAndLeftAlone() throws Exception {
        Path data = directory.resolve("data");
        assertThat(migrate("--from", data("data"), "--to", "dynamodb:" + table).err())
                .contains("there is no store in " + data);
        fill(10, 10);
        try (RocksLog _ = RocksLog.open(data, RocksOptions.DEFAULTS)) {
            assertThat(migrate("--from", data("data"), "--to", "dynamodb:" + table)
                            .err())
                    .contains("is in use by process");
        }
        assertThat(migrate("--from", "dynamodb:none", "--to", data("other")).err())
                .contains("there is no table none");
        assertThat(Files.exists(directory.resolve("other"))).isFalse();
        try (Stream<Path> tables = Files.list(data.resolve("db"))) {
            for (Path file :
                    tables.filter(each -> each.toString().endsWith(".sst")).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[20] ^= 1;
                Files.write(file, bytes);
            }
        }
        Map<String, String> before = files(data);

        Terminal.Run run = migrate("--from", data("data"), "--to", "dynamodb:" + table);

        assertThat(run.exitCode()).isEqualTo(ExitCodes.DATA);
        assertThat(run.err()).contains("cannot be read");
        assertThat(files(data)).isEqualTo(before);
    }

    @Test
    void whatIsNoWayToMoveIsAFaultOfTheCommandLine() {
        for (List<String> words : List.of(
                List.of("--from", data("a")),
                List.of("--from", "here", "--to", "dynamodb:t"),
                List.of("--from", "rocksdb:", "--to", "dynamodb:t"),
                List.of("--from", data("a"), "--to", data("b")),
                List.of("--from", "dynamodb:a", "--to", "dynamodb:b"),
                List.of("--from", data("a"), "--to", "dynamodb:b", "--s3", "http://127.0.0.1:1"))) {
            Terminal.Run run = migrate(words.toArray(String[]::new));

            assertThat(run.exitCode()).as(String.join(" ", words)).isEqualTo(ExitCodes.USAGE);
            assertThat(run.err()).isNotEmpty();
        }
    }
}
