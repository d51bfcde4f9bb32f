package io.topicstream.server.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// Clients over HTTP that take more than they may: of memory for what they do not finish and do not read, of
/// sockets, of time. Others are answered beside them, and the server is as before when they have gone.
class HttpFloodsTest {
    private static final String HOST = "Host: 127.0.0.1\r\n";
    private static final Duration LASTING = Duration.ofSeconds(4);
    /// Of the process with 256 MiB of heap, the store's caches included, in MiB.
    private static final long MOST_RESIDENT = 900;

    @TempDir
    private Path directory;

    private void flood(TestReporter report, String what, int clients, byte[] request) {
        try (FloodedServer server = new FloodedServer(directory);
                Floods floods = new Floods(server.uri())) {
            server.fill("big", 100, 11_000);
            FloodedServer.Beside beside = server.during(() -> floods.send(clients, request, LASTING));
            ServerProcess.Memory memory = server.memory();
            floods.leave();

            report.publishEntry(what, beside + "; " + memory);
            server.assertUnharmed(beside);
            assertThat(memory.resident()).isLessThan(MOST_RESIDENT);
        }
    }

    private static byte[] post(String fields, byte[] body) {
        byte[] head = ("POST /topics/t/produce HTTP/1.1\r\n" + HOST + "Content-Type: application/json\r\n" + fields
                        + "\r\n")
                .getBytes(ISO_8859_1);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head);
        request.writeBytes(body);
        return request.toByteArray();
    }

    private static byte[] unfinished() {
        return post("Content-Length: 2000000\r\n", "x".repeat(1_900_000).getBytes(ISO_8859_1));
    }

    @Test
    void bodiesThatAreNotFinished(TestReporter report) {
        flood(report, "bodies", 200, unfinished());
    }

    @Test
    @Tag("slow")
    void fourTimesAsManyBodiesThatAreNotFinished(TestReporter report) {
        flood(report, "bodies", 800, unfinished());
    }

    @Test
    void bodiesInChunksThatAreNotFinished(TestReporter report) {
        String chunk = "ffff\r\n" + "x".repeat(0xffff) + "\r\n";
        flood(
                report,
                "chunks",
                200,
                post("Transfer-Encoding: chunked\r\n", chunk.repeat(29).getBytes(ISO_8859_1)));
    }

    @Test
    void headsThatAreNotFinished(TestReporter report) {
        String head = "GET /health HTTP/1.1\r\n" + HOST + "X: " + "x".repeat(30_000);
        flood(report, "heads", 600, head.getBytes(ISO_8859_1));
    }

    @Test
    void connectionsThatSayNothing(TestReporter report) {
        flood(report, "silent", 2000, new byte[0]);
    }

    @Test
    void pagesThatAreNotRead(TestReporter report) {
        byte[] asking = ("GET /topics/big/consume?limit=100 HTTP/1.1\r\n" + HOST + "\r\n")
                .repeat(32)
                .getBytes(ISO_8859_1);
        flood(report, "pages", 60, asking);
    }

    @Test
    @Tag("slow")
    void fourTimesAsManyPagesThatAreNotRead(TestReporter report) {
        byte[] asking = ("GET /topics/big/consume?limit=100 HTTP/1.1\r\n" + HOST + "\r\n")
                .repeat(128)
                .getBytes(ISO_8859_1);
        flood(report, "pages", 240, asking);
    }

    @Test
    void smallAnswersThatAreNotRead(TestReporter report) {
        byte[] asking =
                ("GET /health HTTP/1.1\r\n" + HOST + "\r\n").repeat(20_000).getBytes(ISO_8859_1);
        flood(report, "small", 300, asking);
    }

    @Test
    void bodiesThatSwell(TestReporter report) {
        byte[] packed = packed(2 * 1024 * 1024 - 100);
        byte[] one = post("Content-Encoding: gzip\r\nContent-Length: " + packed.length + "\r\n", packed);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int i = 0; i < 64; i++) {
            many.writeBytes(one);
        }
        flood(report, "gzip", 60, many.toByteArray());
    }

    private static byte[] packed(int bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(new byte[bytes]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    @Test
    void messagesThatAreNotFinished(TestReporter report) {
        try (FloodedServer server = new FloodedServer(directory);
                Floods floods = new Floods(server.uri())) {
            // Fragments without an end: the first of a message, and nothing after it.
            FloodedServer.Beside beside = server.during(() -> floods.sendFragments(600, "x".repeat(120_000), LASTING));
            ServerProcess.Memory memory = server.memory();
            floods.leave();

            report.publishEntry("fragments", beside + "; " + memory);
            server.assertUnharmed(beside);
            assertThat(memory.resident()).isLessThan(MOST_RESIDENT);
        }
    }
}
