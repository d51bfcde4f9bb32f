package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.StartException;
import io.topicstream.server.TopicStreamServer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream users`, run in this process against a server in this process.
class UsersCommandTest {
    @TempDir
    private Path home;

    private TopicStreamServer server;
    private Terminal terminal;

    @BeforeEach
    void start() throws StartException {
        Path runDirectory = home.resolve("run");
        server = TopicStreamServer.start(MemoryServers.config(runDirectory));
        terminal = new Terminal(
                Map.of(
                        "TOPICSTREAM_SERVER",
                        "http://127.0.0.1:" + server.address().getPort(),
                        "TOPICSTREAM_SERVER_RUN_DIR",
                        runDirectory.toString()),
                home);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static void assertOneLine(Terminal.Run run, int exitCode, String part) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
        assertThat(run.err()).startsWith("topicstream: ").contains(part).hasLineCount(1);
    }

    @Test
    void aUserIsBlockedListedAndUnblockedOnARunningServer() {
        String key = terminal.run("keys", "create", "alice").lines().getLast();

        Terminal.Run blocked = terminal.run("users", "block", "alice", "--reason", "spam", "--until", "90d");
        assertThat(blocked.exitCode()).as(blocked.err()).isZero();
        assertThat(blocked.out()).isEqualTo("The user alice is blocked.\n");
        assertThat(terminal.run("users", "block", "guest.bob", "--json").out())
                .matches("\\{\"user\":\"guest.bob\",\"blocked_at\":[0-9]+}\n");

        assertOneLine(terminal.run("topics", "--api-key", key), ExitCodes.NOT_ALLOWED, "this user is blocked");
        assertThat(terminal.run("users", "blocked").lines())
                .satisfiesExactly(
                        line -> assertThat(line).matches("alice 20\\S+Z 20\\S+Z spam"),
                        line -> assertThat(line).matches("guest.bob 20\\S+Z - -"));
        assertThat(terminal.run("users", "blocked", "--json").out()).contains("\"reason\":\"spam\"");

        assertThat(terminal.run("users", "unblock", "alice").out()).isEqualTo("The user alice is blocked no longer.\n");
        assertThat(terminal.run("topics", "--api-key", key).exitCode()).isZero();
        assertThat(terminal.run("users", "sign-out", "alice").out())
                .isEqualTo("The user alice is signed out everywhere.\n");
        assertThat(terminal.run("topics", "--api-key", key).exitCode()).isZero();
        assertOneLine(terminal.run("users", "unblock", "alice"), ExitCodes.REFUSED, "not blocked");
        assertOneLine(terminal.run("users", "block", "no name"), ExitCodes.REFUSED, "user id");
        assertOneLine(terminal.run("users", "block", "eve", "--until", "yesterday"), ExitCodes.REFUSED, "a block ends");
    }
}
