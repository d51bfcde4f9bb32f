package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TopicStreamServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream rooms` against a server.
class RoomsCommandTest {
    @TempDir
    private static Path home;

    private static TopicStreamServer server;

    @BeforeAll
    static void start() throws Exception {
        server = TopicStreamServer.start(MemoryServers.config(home.resolve("run"), "access.anonymous", "on"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String address() {
        return "http://127.0.0.1:" + server.address().getPort();
    }

    private static Terminal.Run run(String... args) {
        return new Terminal(
                        Map.of(
                                "TOPICSTREAM_SERVER",
                                address(),
                                "TOPICSTREAM_SERVER_RUN_DIR",
                                home.resolve("run").toString()),
                        home)
                .run(args);
    }

    private static void make(String room, String key) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(address() + "/rooms/" + room))
                    .header("x-api-key", key)
                    .PUT(HttpRequest.BodyPublishers.ofString("{}"))
                    .build();
            assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void aRoomIsDeletedByTheAdministratorWhoSaysThatItShallBe() throws Exception {
        String key = run("keys", "create", "ann").out().lines().toList().getLast();
        make("tea", key);
        make("choir", key);

        Terminal.Run unsure = run("rooms", "delete", "tea");
        assertThat(unsure.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(unsure.err()).contains("--yes");
        Terminal.Run done = run("rooms", "delete", "tea", "--yes");
        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(done.out()).isEqualTo("The room tea is deleted.\n");
        assertThat(run("rooms", "delete", "room:choir", "--yes", "--json").out())
                .isEqualTo("{\"topic\":\"room:choir\",\"deleted\":true}\n");

        Terminal.Run again = run("rooms", "delete", "tea", "--yes");
        assertThat(again.exitCode()).isEqualTo(ExitCodes.REFUSED);
        assertThat(again.err()).contains("nobody has made this room");
        assertThat(run("rooms", "delete", "a b", "--yes").exitCode()).isEqualTo(ExitCodes.REFUSED);
    }
}
