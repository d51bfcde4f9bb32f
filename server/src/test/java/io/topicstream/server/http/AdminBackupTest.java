package io.topicstream.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.StoreReport;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The routes that make backups: one at a time, told of while it goes on, ended with the server.
class AdminBackupTest {
    private static final StoreReport REPORT =
            new StoreReport("a-store", 5, Instant.EPOCH, 3, 99, 2, 7, 1, 8, List.of());

    private final HttpServer server = HttpServer.open();

    @AfterEach
    void stop() {
        server.backup.stop();
        server.close();
    }

    @Test
    void aBackupIsBegunAndToldOfUntilItIsDone() {
        CountDownLatch goOn = new CountDownLatch(1);
        server.maker = (directory, progress) -> {
            progress.at(10, 99);
            waitFor(goOn);
            return REPORT;
        };
        assertThat(shown()).isEqualTo("{\"state\":\"none\"}");

        HttpResponse<String> begun = begin("{\"directory\":\"/b/monday\"}");

        assertThat(begun.statusCode()).isEqualTo(202);
        assertThat(begun.body()).startsWith("{\"state\":\"running\",\"directory\":\"/b/monday\",\"started_at\":7,");
        await().until(() -> shown().endsWith(",\"done_bytes\":10,\"total_bytes\":99}"));
        HttpResponse<String> second = begin("{\"directory\":\"/b/tuesday\"}");
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(second.body()).contains("a backup is being made already");

        goOn.countDown();
        await().until(() -> shown().contains("done\""));
        assertThat(shown())
                .isEqualTo("{\"state\":\"done\",\"directory\":\"/b/monday\",\"started_at\":7,\"epoch\":5,\"topics\":2,"
                        + "\"messages\":7,\"files\":3,\"bytes\":99}");
        assertThat(begin("{\"directory\":\"/b/tuesday\"}").statusCode()).isEqualTo(202);
    }

    @Test
    void aBackupThatFailsSaysWhyAndTheNextOneMayBegin() {
        begin("{\"directory\":\"/b\"}");
        await().until(() -> shown().contains("failed"));
        assertThat(shown())
                .isEqualTo("{\"state\":\"failed\",\"directory\":\"/b\",\"started_at\":7,"
                        + "\"error\":\"nothing is kept here\"}");

        server.maker = (directory, progress) -> {
            throw new IllegalStateException("a fault that nobody expected");
        };
        assertThat(begin("{\"directory\":\"/c\"}").statusCode()).isEqualTo(202);
        await().until(() -> shown().contains("a fault of the server"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "{\"directory\":7}",
                "{\"directory\":\"relative/path\"}",
                "{\"directory\":\"\"}",
                "{\"directory\":\"/nul\\u0000\"}"
            })
    void whatNamesNoDirectoryIsRefused(String body) {
        assertThat(begin(body).statusCode()).isEqualTo(400);
        assertThat(shown()).isEqualTo("{\"state\":\"none\"}");
    }

    @Test
    void onlyTheAdministratorMay() {
        assertThat(server.send("POST", "/admin/backup", "{\"directory\":\"/b\"}".getBytes(UTF_8))
                        .statusCode())
                .isEqualTo(401);
        assertThat(server.get("/admin/backup").statusCode()).isEqualTo(401);
        assertThat(server.get("/admin/backup", "Origin", "http://listed.example")
                        .statusCode())
                .isEqualTo(403);
        assertThat(shown()).isEqualTo("{\"state\":\"none\"}");
    }

    @Test
    void aServerThatStopsEndsItsBackupAndBeginsNoOther() {
        CountDownLatch never = new CountDownLatch(1);
        server.maker = (directory, progress) -> {
            waitFor(never);
            return REPORT;
        };
        begin("{\"directory\":\"/b\"}");

        server.backup.stop();

        assertThat(shown()).contains("\"state\":\"failed\"").contains("interrupted");
        assertThat(begin("{\"directory\":\"/c\"}").statusCode()).isEqualTo(409);
    }

    private static void waitFor(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }

    private HttpResponse<String> begin(String body) {
        return server.send(
                "POST", "/admin/backup", body.getBytes(UTF_8), "Authorization", "Bearer " + HttpServer.ADMIN_TOKEN);
    }

    private String shown() {
        return server.get("/admin/backup", "Authorization", "Bearer " + HttpServer.ADMIN_TOKEN)
                .body();
    }
}
