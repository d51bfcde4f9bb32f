package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.client.ReceivedMessage;
import io.topicstream.client.SubscriptionListener;
import io.topicstream.client.TopicStreamClient;
import io.topicstream.protocol.From;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Backups and restores of servers that are processes of their own, and the clients that live through them: who was
/// ahead is told so, and nobody misses a message.
class RestoreProcessTest {
    private static final long PATIENCE_SECONDS = 120;

    @TempDir
    private Path directory;

    private Path data;
    private Path copy;
    private Path runDirectory;
    private int port;
    private Terminal terminal;
    private Process server;

    @BeforeEach
    void choose() throws IOException {
        data = directory.resolve("data");
        copy = directory.resolve("copy");
        runDirectory = directory.resolve("run");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // Clients come back to the same address.
            port = free.getLocalPort();
        }
        terminal = new Terminal(
                Map.of(
                        "TOPICSTREAM_SERVER",
                        "http://127.0.0.1:" + port,
                        "TOPICSTREAM_SERVER_RUN_DIR",
                        runDirectory.toString()),
                directory);
    }

    @AfterEach
    void end() {
        if (server != null) {
            server.destroyForcibly().onExit().join();
        }
    }

    /// How a store comes to be older than its clients.
    enum Way {
        /// `cp -a data copy`, later `rm -r data; cp -a copy data`
        COPIED_WHILE_STOPPED,
        /// `topicstream backup`, later `topicstream restore --replace`
        BACKED_UP_WHILE_RUNNING,
        /// older files written over the newer ones, every inode kept, and `topicstream restore --new-epoch`
        WRITTEN_OVER_AND_SAID_SO
    }

    @ParameterizedTest
    @EnumSource
    void whoWasAheadIsToldAndMissesNothing(Way way) throws Exception {
        serve(data);
        Watcher watcher = new Watcher();
        try (TopicStreamClient client =
                TopicStreamClient.builder(webSocket()).user("watcher").build()) {
            client.subscribe("t", new From.Earliest(), watcher);
            client.connect().join();
            publish("kept", 10);
            if (way == Way.BACKED_UP_WHILE_RUNNING) {
                assertOk("backup", copy.toString());
            } else {
                stop();
                copy(data, copy);
                serve(data);
            }
            publish("lost", 10);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> watcher.messages().size() == 20);
            long lostEpoch = epoch();
            stop();

            switch (way) {
                case COPIED_WHILE_STOPPED -> {
                    delete(data);
                    copy(copy, data);
                }
                case BACKED_UP_WHILE_RUNNING ->
                    assertOk("restore", copy.toString(), "--data", data.toString(), "--replace");
                case WRITTEN_OVER_AND_SAID_SO -> {
                    writeOver(copy, data);
                    assertOk("restore", "--new-epoch", "--data", data.toString());
                }
            }
            serve(data);
            publish("new", 15);

            assertThat(epoch()).isGreaterThan(lostEpoch);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> watcher.messages().size() == 35);
            assertThat(watcher.heard)
                    .as("the client of the project")
                    .containsExactlyElementsOf(joined(List.of(
                            messages("kept", 1, 10),
                            messages("lost", 11, 10),
                            List.of("reset 10"),
                            messages("new", 11, 15))));
            assertThat(resumed(lostEpoch, 20))
                    .as("raw frames")
                    .containsExactlyElementsOf(
                            joined(List.of(List.of("recovered false", "reset 10"), messages("new", 11, 15))));
            assertThat(resumed(lostEpoch, 10))
                    .as("who has seen no more than is there")
                    .containsExactlyElementsOf(joined(List.of(List.of("recovered true"), messages("new", 11, 15))));
        }
    }

    @Test
    void anOlderBackupTwiceAnotherDirectoryAndABackupOfARestore() throws Exception {
        serve(data);
        publish("kept", 3);
        String first = copy.toString();
        assertOk("backup", first);
        publish("lost", 2);
        long before = epoch();
        stop();
        Path there = directory.resolve("another/path");

        assertOk("restore", first, "--data", there.toString());
        serve(there);
        long second = epoch();
        publish("a", 2);
        assertOk("backup", directory.resolve("second").toString());
        stop();
        assertOk("restore", first, "--data", there.toString(), "--replace");
        serve(there);
        long third = epoch();
        publish("b", 4);

        assertThat(List.of(before, second, third)).isSorted().doesNotHaveDuplicates();
        assertThat(resumed(second, 5))
                .containsExactlyElementsOf(joined(List.of(List.of("recovered false", "reset 3"), messages("b", 4, 4))));
        stop();
        Path last = directory.resolve("last");
        assertOk("restore", directory.resolve("second").toString(), "--data", last.toString());
        serve(last);
        assertThat(terminal.run("consume", "t").lines())
                .containsExactly("1\t\"kept-1\"", "2\t\"kept-2\"", "3\t\"kept-3\"", "4\t\"a-1\"", "5\t\"a-2\"");
    }

    @Test
    void theDataOfAStoppedServerIsBackedUpByTheCommandItself() throws Exception {
        serve(data);
        publish("kept", 3);
        Terminal alone = new Terminal(Map.of("TOPICSTREAM_SERVER_RUN_DIR", runDirectory.toString()), directory);
        assertOneLine(
                alone.run("backup", copy.toString(), "--data", data.toString()),
                ExitCodes.DATA,
                "in use by process " + server.pid());
        stop();

        Terminal.Run made = alone.run("backup", copy.toString(), "--data", data.toString(), "--json");

        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(made.out()).contains("\"whole\":true").contains("\"messages\":3");
        assertOneLine(terminal.run("backup", directory.resolve("b").toString()), ExitCodes.NOT_ALLOWED, "no server");
    }

    @Test
    void whatCannotBeDoneIsOneLine() throws Exception {
        serve(data);
        publish("kept", 3);
        assertOk("backup", copy.toString());
        assertOneLine(terminal.run("backup", copy.toString()), ExitCodes.DATA, copy.toString(), "is there already");
        assertOneLine(
                terminal.run("restore", copy.toString(), "--data", data.toString(), "--replace"),
                ExitCodes.DATA,
                "in use by process");
        assertOneLine(terminal.run("verify", data.toString()), ExitCodes.DATA, "in use by process");
        stop();
        assertOneLine(
                terminal.run("restore", copy.toString(), "--data", data.toString()),
                ExitCodes.DATA,
                "is not empty",
                "--replace");
        assertOneLine(terminal.run("restore", data.toString()), ExitCodes.DATA, "is no backup");
        assertOneLine(
                terminal.run(
                        "restore", "--new-epoch", "--data", copy.resolve("x").toString()),
                ExitCodes.DATA,
                "there is no store");
        assertOneLine(terminal.run("verify", directory.toString()), ExitCodes.DATA, "is no backup");
        assertThat(terminal.run("verify", data.toString()).lines()).endsWith("whole");
        for (String words : List.of("restore", "restore x --new-epoch", "restore --new-epoch --replace", "backup")) {
            assertOneLine(terminal.run(words.split(" ")), ExitCodes.USAGE, "--help");
        }
    }

    @Test
    void aDamagedBackupEndsWith74AndSaysWhatAndWhere() throws Exception {
        serve(data);
        publish("kept", 3);
        assertOk("backup", copy.toString());
        stop();
        Path damaged;
        try (Stream<Path> files = Files.list(copy.resolve("db"))) {
            damaged = files.filter(file -> file.toString().endsWith(".sst"))
                    .findFirst()
                    .orElseThrow();
        }
        try (RandomAccessFile file = new RandomAccessFile(damaged.toFile(), "rw")) {
            file.seek(20);
            int at = file.read();
            file.seek(20);
            file.write(at ^ 1);
        }

        Terminal.Run verified = terminal.run("verify", copy.toString());

        assertThat(verified.exitCode()).isEqualTo(ExitCodes.DATA);
        assertThat(verified.out()).contains("damaged: " + damaged + " is not as it was written");
        assertThat(verified.err()).contains(copy + " is damaged: " + damaged).hasLineCount(1);
        assertThat(terminal.run("verify", copy.toString(), "--json").out()).contains("\"whole\":false");
        Path elsewhere = directory.resolve("elsewhere");
        assertOneLine(
                terminal.run("restore", copy.toString(), "--data", elsewhere.toString()),
                ExitCodes.DATA,
                damaged.toString(),
                "nothing was restored");
        assertThat(elsewhere.resolve("db")).doesNotExist();
    }

    // ---- the server

    private void serve(Path store) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseCompactObjectHeaders",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                shippedClassPath(),
                Main.class.getName(),
                "serve",
                "--set",
                "event_loops=1",
                "--port",
                Integer.toString(port),
                "--data",
                store.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(directory.resolve("stderr").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("TOPICSTREAM_"));
        builder.environment().put("TOPICSTREAM_SERVER_RUN_DIR", runDirectory.toString());
        server = builder.start();
        BufferedReader out = server.inputReader();
        assertThat(out.readLine())
                .as(() -> readQuietly(directory.resolve("stderr")))
                .startsWith("ready: ");
    }

    private static String readQuietly(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String shippedClassPath() {
        return Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .filter(entry -> !entry.matches(".*(test-classes|tests\\.jar|archunit|slf4j|junit|assertj).*"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private void stop() throws InterruptedException {
        server.destroy();
        assertThat(server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isZero();
    }

    private URI webSocket() {
        return URI.create("ws://127.0.0.1:" + port + "/v1");
    }

    private void publish(String prefix, int messages) {
        String lines = IntStream.rangeClosed(1, messages)
                .mapToObj(i -> "\"" + prefix + "-" + i + "\"\n")
                .collect(Collectors.joining());
        Terminal.Run run = terminal.runWithInput(lines, "publish", "t", "-");
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    private long epoch() {
        String line = terminal.run("topics", "--json").lines().getFirst();
        return Long.parseLong(line.replaceFirst(".*\"epoch\":(\\d+).*", "$1"));
    }

    private void assertOk(String... arguments) {
        Terminal.Run run = terminal.run(arguments);
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    private static void assertOneLine(Terminal.Run run, int exitCode, String... parts) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
        assertThat(run.err())
                .startsWith("topicstream: ")
                .contains(List.of(parts))
                .hasLineCount(1);
    }

    // ---- what clients hear

    private static List<String> messages(String prefix, int firstOffset, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> (firstOffset + i) + " \"" + prefix + "-" + (i + 1) + "\"")
                .toList();
    }

    private static List<String> joined(List<List<String>> parts) {
        return parts.stream().flatMap(List::stream).toList();
    }

    /// Writes down what the project's client tells.
    private static final class Watcher implements SubscriptionListener {
        final List<String> heard = new CopyOnWriteArrayList<>();

        @Override
        public void onMessage(ReceivedMessage message) {
            heard.add(message.offset() + " " + message.json());
        }

        @Override
        public void onReset(long epoch, long commonOffset) {
            heard.add("reset " + commonOffset);
        }

        List<String> messages() {
            return heard.stream().filter(line -> !line.startsWith("reset")).toList();
        }
    }

    /// What a client hears that speaks the protocol itself, resumes at the position, and waits for a pong behind it.
    private List<String> resumed(long epoch, long offset) throws InterruptedException {
        LinkedBlockingQueue<String> frames = new LinkedBlockingQueue<>();
        List<String> heard = new ArrayList<>();
        try (HttpClient http = HttpClient.newHttpClient()) {
            WebSocket socket = http.newWebSocketBuilder()
                    .buildAsync(webSocket(), new Frames(frames))
                    .join();
            socket.sendText(
                            "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"t\",\"from\":{\"resume\":{\"epoch\":"
                                    + epoch + ",\"offset\":" + offset + "}}}",
                            true)
                    .join();
            String last = null;
            while (last == null || !last.startsWith("{\"type\":\"pong\"")) {
                last = frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                assertThat(last).as("a frame").isNotNull();
                if (last.startsWith("{\"type\":\"reply\",\"id\":1,")) {
                    heard.add("recovered " + last.contains("\"recovered\":true"));
                } else if (last.startsWith("{\"type\":\"reset\"")) {
                    heard.add("reset " + last.replaceFirst(".*\"common_offset\":(\\d+).*", "$1"));
                } else if (last.startsWith("{\"type\":\"message\"")) {
                    heard.add(last.replaceFirst(".*\"offset\":(\\d+).*\"message\":(\"[^\"]*\").*", "$1 $2"));
                    if (last.contains("-15\"") || last.contains("b-4\"")) {
                        socket.sendText("{\"action\":\"ping\",\"id\":2}", true).join();
                    }
                }
            }
            socket.abort();
        }
        return heard;
    }

    private record Frames(LinkedBlockingQueue<String> frames) implements WebSocket.Listener {
        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            frames.add(data.toString());
            socket.request(1);
            return null;
        }
    }

    // ---- files

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /// As `rsync --inplace --delete` does.
    private static void writeOver(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(to)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!Files.exists(from.resolve(to.relativize(file)))) {
                    Files.delete(file);
                }
            }
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.write(to.resolve(from.relativize(file)), Files.readAllBytes(file));
            }
        }
    }
}
