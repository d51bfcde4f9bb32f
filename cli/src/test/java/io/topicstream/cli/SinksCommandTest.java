package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream sinks`, against a server in this process.
class SinksCommandTest {
    private static final String SINK = "{\"url\":\"http://127.0.0.1:9/hook\",\"topics\":[\"orders*\"]}";

    @TempDir
    private Path home;

    private TopicStreamServer server;
    private Terminal terminal;

    @BeforeEach
    void start() throws Exception {
        String run = home.resolve("run").toString();
        server = TopicStreamServer.start(ServerConfig.load(
                        null,
                        Map.of(),
                        Map.of("engine", "memory", "server.port", "0", "event_loops", "1", "server.run_dir", run))
                .config());
        terminal = new Terminal(
                Map.of(
                        "TOPICSTREAM_SERVER",
                        "http://127.0.0.1:" + server.address().getPort(),
                        "TOPICSTREAM_SERVER_RUN_DIR",
                        run),
                home);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aSinkIsPutListedMovedAndDeleted() throws Exception {
        Path file = Files.writeString(home.resolve("sink.json"), SINK);

        Terminal.Run made = terminal.run("sinks", "put", "hook", file.toString());
        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(made.lines().getFirst()).isEqualTo("The sink hook is there. Its secret, for who receives it:");
        assertThat(made.lines().getLast()).startsWith("whsec_");
        assertThat(terminal.runWithInput(SINK, "sinks", "put", "hook", "-").out())
                .isEqualTo("The sink hook is there.\n");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(terminal.run("sinks", "list").lines())
                        .containsExactly("hook runs 0 0 0 0 0 http://127.0.0.1:9/hook"));
        assertThat(terminal.run("sinks", "list", "--json").out()).startsWith("{\"name\":\"hook\",\"configured\":false");
        assertThat(terminal.run("sinks", "replay", "hook", "--from", "first").out())
                .isEqualTo("The sink hook goes on from there.\n");
        assertThat(terminal.run("sinks", "replay", "hook", "--topic", "orders.eu", "--from", "3")
                        .exitCode())
                .isZero();
        assertThat(terminal.run("sinks", "delete", "hook").out()).isEqualTo("The sink hook is deleted.\n");
        assertThat(terminal.run("sinks", "list").out()).isEmpty();
    }

    @Test
    void whatIsWrongIsSaid() {
        Terminal.Run wrong = terminal.runWithInput("{\"url\":\"file:///\"}", "sinks", "put", "hook", "-");
        assertThat(wrong.exitCode()).isNotZero();
        assertThat(wrong.err()).contains("begins with http:// or https://");
        assertThat(terminal.run("sinks", "put", "hook", "no-such-file").err()).contains("cannot be read");
        assertThat(terminal.run("sinks", "delete", "nobody").err()).contains("there is no sink of the name nobody");
        assertThat(terminal.run("sinks", "replay", "nobody", "--from", "last").err())
                .contains("\"from\" is first, next");
        assertThat(terminal.run("sinks", "replay", "nobody").exitCode()).isEqualTo(ExitCodes.USAGE);
    }
}
