package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.TestClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream dev aws` as a process of its own.
class DevAwsProcessTest {
    private static final long PATIENCE_SECONDS = DevAwsProcess.PATIENCE_SECONDS;
    /// More than one object of the archive has.
    private static final int MESSAGES = 1_030;
    private static final int UNDER_WAY = 100;

    private final List<Process> processes = new ArrayList<>();

    @TempDir
    Path directory;

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    private DevAwsProcess start() throws IOException {
        DevAwsProcess started = DevAwsProcess.start(directory, Map.of());
        processes.add(started.process());
        return started;
    }

    private static String get(HttpClient http, URI uri) throws Exception {
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void whatIsPublishedOverHttpArrivesOnASocketAndIsThereAfterARestart() throws Exception {
        DevAwsProcess first = start();
        URI uri = first.uri();
        try (HttpClient http = HttpClient.newHttpClient();
                TestClient live = TestClient.to(uri, "/live")
                        .header("x-api-key", first.said("key"))
                        .open();
                TestClient nativeClient = TestClient.connect(uri)) {
            nativeClient.send("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"news\"}");
            nativeClient.await("\"id\":1");

            HttpResponse<String> produced = http.send(
                    HttpRequest.newBuilder(uri.resolve("/topics/news/produce"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("{\"payload\":{\"text\":\"hello\"}}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(produced.statusCode()).isEqualTo(200);
            assertThat(nativeClient.next()).contains("\"offset\":1,", "hello");
            live.send("{\"action\":\"publish\",\"topic\":\"news\",\"message\":\"from another dialect\"}");
            assertThat(nativeClient.next()).contains("\"offset\":2,", "from another dialect");
        }
        first.endInOrder();

        DevAwsProcess second = start();
        URI again = second.uri();
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(get(http, again.resolve("/topics/news/consume?offset=1&limit=10")))
                    .contains("\"offset\":1,", "hello");
        }
        second.endInOrder();
    }

    @Test
    void oldMessagesMoveToTheBucketAndHistoryIsWholeAfterAKill() throws Exception {
        Path data = directory.resolve("data");
        DevAwsProcess first = start();
        URI uri = first.uri();
        try (TestClient publisher = TestClient.connect(uri)) {
            for (int i = 1; i <= MESSAGES; i++) {
                publisher.send("{\"action\":\"publish\",\"id\":" + i + ",\"topic\":\"news\",\"message\":" + i + "}");
                if (i % UNDER_WAY == 0 || i == MESSAGES) {
                    for (int reply = Math.floorMod(i - 1, UNDER_WAY) + 1; reply > 0; reply--) {
                        publisher.await("\"type\":\"reply\"");
                    }
                }
            }
            Path object = data.resolve("s3/topicstream/topics/news/00000000000000000001.json");
            await().atMost(Duration.ofSeconds(PATIENCE_SECONDS)).until(() -> Files.exists(object));
            assertThat(offsets(uri)).isEqualTo(all());
            try (HttpClient http = HttpClient.newHttpClient()) {
                assertThat(get(http, uri.resolve("/cost"))).contains("DynamoDB PutItem", "S3 PutObject", "total");
            }
        }
        first.kill();

        DevAwsProcess second = start();
        assertThat(second.said("key")).isEqualTo(first.said("key"));
        URI there = second.uri();
        assertThat(offsets(there)).isEqualTo(all());
        try (TestClient listener = TestClient.connect(there)) {
            listener.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"news\",\"from\":\"earliest\"}");
            for (int offset = 1; offset <= MESSAGES; offset++) {
                assertThat(listener.await("\"type\":\"message\"")).contains("\"offset\":" + offset + ",");
            }
        }
        // The handle leaves what it says to be read.
        second.process().toHandle().destroy();
        assertThat(second.process().inputReader().lines())
                .last()
                .asString()
                .startsWith("{\"deployment\":\"serverless\",\"total\":");
        assertThat(second.process().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(second.process().exitValue()).isEqualTo(ExitCodes.OK);
    }

    private static List<Integer> all() {
        return IntStream.rangeClosed(1, MESSAGES).boxed().toList();
    }

    /// All offsets of the topic, read over HTTP.
    private static List<Integer> offsets(URI uri) throws Exception {
        List<Integer> found = new ArrayList<>();
        try (HttpClient http = HttpClient.newHttpClient()) {
            while (true) {
                String page =
                        get(http, uri.resolve("/topics/news/consume?offset=" + (found.size() + 1) + "&limit=500"));
                List<Integer> offsets = Pattern.compile("\"offset\":(\\d+),")
                        .matcher(page)
                        .results()
                        .map(match -> Integer.valueOf(match.group(1)))
                        .toList();
                if (offsets.isEmpty()) {
                    return found;
                }
                found.addAll(offsets);
            }
        }
    }

    @Test
    void aBucketThatOutlivesTheTableIsRefused() throws Exception {
        Process process = DevAwsProcess.launch(directory, Map.of(), "--s3", "http://127.0.0.1:1");
        processes.add(process);

        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(ExitCodes.USAGE);
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("--s3 needs --data or --dynamodb");
    }

    @Test
    void withoutTheProgramItSaysWhatIsMissing() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Duser.home=" + directory,
                        "-cp",
                        ServeProcessTest.shippedClassPath(),
                        Main.class.getName(),
                        "dev",
                        "aws")
                .directory(directory.toFile());
        builder.environment().put("PATH", directory.toString());
        Process process = builder.start();
        processes.add(process);

        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("the program dynoxide", "is not installed", "--dynamodb");
    }
}
