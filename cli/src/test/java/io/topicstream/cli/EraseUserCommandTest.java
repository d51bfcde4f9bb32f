package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TopicStreamServer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream users erase` against a server.
class EraseUserCommandTest {
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

    private static Terminal terminal(String key) {
        String address = "http://127.0.0.1:" + server.address().getPort();
        String run = home.resolve("run").toString();
        return new Terminal(
                key.isEmpty()
                        ? Map.of("TOPICSTREAM_SERVER", address, "TOPICSTREAM_SERVER_RUN_DIR", run)
                        : Map.of(
                                "TOPICSTREAM_SERVER",
                                address,
                                "TOPICSTREAM_SERVER_RUN_DIR",
                                run,
                                "TOPICSTREAM_TOKEN",
                                key),
                home);
    }

    @Test
    void itWaitsForTheEndAndSaysWhatWasDone() {
        String key =
                terminal("").run("keys", "create", "ann").out().lines().toList().getLast();
        assertThat(terminal(key).run("publish", "notes", "\"a slip\"").exitCode())
                .isZero();

        Terminal.Run unsure = terminal("").run("users", "erase", "ann");
        assertThat(unsure.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(unsure.err()).contains("--yes");
        Terminal.Run done = terminal("").run("users", "erase", "ann", "--yes", "--compact");

        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(done.out()).isEqualTo("ann is erased: 1 messages taken back, in 1 topics looked at.\n");
        assertThat(terminal("").run("consume", "notes", "--json").out())
                .contains("\"redacted\":true")
                .doesNotContain("a slip", "ann");
        assertThat(terminal(key).run("publish", "notes", "1").exitCode()).isEqualTo(ExitCodes.NOT_ALLOWED);
        assertThat(terminal("").run("users", "erase", "a b", "--yes").exitCode())
                .isEqualTo(ExitCodes.REFUSED);
        assertThat(terminal("")
                        .run("users", "erase", "ann", "--yes", "--json", "--no-wait")
                        .out())
                .contains("\"user\":\"ann\",\"state\":\"running\"");
    }
}
