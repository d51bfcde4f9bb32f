package io.topicstream.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestClient;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// A server whose disk really is full: a small file system in memory, in a mount namespace of its process. Writes are
/// refused, and nothing else is.
@Timeout(300)
@EnabledIf("mayMount")
class FullDiskTest {
    private static final List<String> MOUNTED =
            List.of("unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=32m none \"$0\" && exec \"$@\"");
    /// How a JVM exits that SIGTERM ended in order.
    private static final int TERMINATED = 143;
    /// Ten times what stopping takes.
    private static final int EXIT_SECONDS = 60;

    private static final Pattern ID = Pattern.compile("'id':[0-9]+");
    private static final String LARGE = "\"" + "x".repeat(20_000) + "\"";

    @TempDir
    private Path directory;

    private ServerProcess server;
    private Path ballast;
    private String key = "";

    @BeforeEach
    void startAndFillTheDisk() throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        List<String> before = new ArrayList<>(MOUNTED);
        before.add(data.toString());
        server = ServerProcess.start(directory, before, "data.write_buffer_bytes", "4MiB");
        ballast = server.inside(data).resolve("ballast");
        key = server.createKey("ada");
        try (TestClient member = keyed()) {
            assertThat(ask(member, "{'action':'subscribe','id':1,'topic':'member','durable':true}"))
                    .contains("'type':'reply'");
            assertThat(ask(member, "{'action':'publish','id':2,'topic':'t','message':'first'}"))
                    .contains("'type':'reply'");
        }
        fillTheDisk();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void everythingButWritesGoesOnAndEachFrameIsAnswered() throws Exception {
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(get("/health/ready").body()).contains("store_takes_writes");
        assertThat(get("/metrics").body()).contains("\ntopicstream_store_takes_writes 0\n");

        try (TestClient guest = TestClient.connect(server.uri());
                TestClient member = keyed()) {
            // Reads, and who is who.
            assertThat(ask(guest, "{'action':'subscribe','id':1,'topic':'t','from':'earliest'}"))
                    .contains("'type':'reply'");
            assertThat(quoted(guest.await("\"type\":\"message\""))).contains("'message':'first'");
            assertThat(ask(guest, "{'action':'subscribe','id':2,'topic':'never-written'}"))
                    .contains("'type':'reply'");
            assertThat(ask(guest, "{'action':'ping','id':3}")).contains("'type':'pong'");
            assertThat(ask(guest, "{'action':'read','id':4,'topic':'t','after':0}"))
                    .contains("'message':'first'");
            assertThat(ask(guest, "{'action':'topics','id':5}")).contains("'topic':'t'");
            assertThat(ask(guest, "{'action':'unsubscribe','id':6,'topic':'never-written'}"))
                    .contains("'type':'reply'");
            assertThat(ask(member, "{'action':'subscribe','id':7,'topic':'t'}")).contains("'type':'reply'");
            assertThat(ask(member, "{'action':'signal','id':8,'topic':'t','signal':1}"))
                    .contains("'id':8");
            assertThat(withKey("/topics/t/consume", key).statusCode()).isEqualTo(200);
            assertThat(withKey("/topics", key).statusCode()).isEqualTo(200);
            assertThat(withKey("/topics", key + "x").statusCode()).isEqualTo(401);

            // Writes.
            assertThat(ask(guest, "{'action':'publish','id':9,'topic':'t','message':" + LARGE + "}"))
                    .contains("'code':'unavailable'");
            assertThat(ask(member, "{'action':'subscribe','id':10,'topic':'other','durable':true}"))
                    .contains("'code':'unavailable'");
            assertThat(ask(member, "{'action':'unsubscribe','id':11,'topic':'member','durable':true}"))
                    .contains("'code':'unavailable'");
            assertThat(produce()).isEqualTo(503);

            // And all of it again when there is room; those who came meanwhile hear it.
            Files.delete(ballast);
            Awaitility.await("there is room").atMost(60, TimeUnit.SECONDS).until(() -> produce() == 200);
            assertThat(get("/health/ready").statusCode()).isEqualTo(200);
            assertThat(get("/metrics").body()).contains("\ntopicstream_store_takes_writes 1\n");
            assertThat(guest.await("\"type\":\"message\"")).contains("xxx");
            assertThat(ask(member, "{'action':'subscribe','id':12,'topic':'other','durable':true}"))
                    .contains("'type':'reply'");
        }
    }

    @Test
    void sigtermEndsItInTime() throws Exception {
        try (TestClient waiting = TestClient.connect(server.uri())) {
            waiting.send("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"t\"}").await("\"id\":1");
            waiting.send("{\"action\":\"publish\",\"id\":2,\"topic\":\"t\",\"message\":" + LARGE + "}");

            server.terminate();

            assertThat(waiting.awaitClose()).isEqualTo(1012);
        }
        assertThat(server.await(EXIT_SECONDS)).isEqualTo(TERMINATED);
        assertThat(server.lastWords()).containsExactly("stopped");
        assertThat(Files.size(directory.resolve("server.log"))).isLessThan(1_000_000);
    }

    private TestClient keyed() {
        TestClient client =
                TestClient.to(server.uri(), "/v1").header("x-api-key", key).open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    /// Sends a frame with an id, and waits for its answer. Both are written with single quotes.
    private static String ask(TestClient client, String frame) {
        Matcher id = ID.matcher(frame);
        assertThat(id.find()).isTrue();
        return quoted(client.send(frame.replace('\'', '"')).await(id.group().replace('\'', '"')));
    }

    private static String quoted(String frame) {
        return frame.replace('"', '\'');
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(server.uri().resolve(path)));
    }

    private HttpResponse<String> withKey(String path, String presented) throws Exception {
        return send(HttpRequest.newBuilder(server.uri().resolve(path)).header("x-api-key", presented));
    }

    private int produce() throws Exception {
        return send(HttpRequest.newBuilder(server.uri().resolve("/topics/t/produce"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"payload\":" + LARGE + "}")))
                .statusCode();
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return FrameSocket.HTTP.send(
                request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
    }

    /// Fills the disk beside the store, and publishes until it is refused.
    private void fillTheDisk() throws Exception {
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(new byte[64 * 1024]);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
        for (int i = 0; i < 3_000; i++) {
            if (produce() == 503) {
                return;
            }
        }
        throw new AssertionError("the disk is not full");
    }

    static boolean mayMount() throws InterruptedException {
        try {
            Process process = new ProcessBuilder(
                            "unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=1m none /tmp")
                    .redirectErrorStream(true)
                    .start();
            process.getInputStream().readAllBytes();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
