package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.StartException;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands, run in this process against a server in this process.
class CommandLineTest {
    @TempDir
    private Path home;

    private TopicStreamServer server;
    private Terminal terminal;

    @BeforeEach
    void start() throws StartException {
        Path runDirectory = home.resolve("run");
        server = TopicStreamServer.start(ServerConfig.load(
                        null,
                        Map.of(),
                        Map.of(
                                "engine",
                                "memory",
                                "server.port",
                                "0",
                                "event_loops",
                                "1",
                                "server.run_dir",
                                runDirectory.toString()))
                .config());
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

    private static void assertOneLine(Terminal.Run run, int exitCode, String... parts) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
        assertThat(run.err()).startsWith("topicstream: ").endsWith("\n");
        for (String part : parts) {
            assertThat(run.err()).contains(part);
        }
        assertThat(run.err().lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "serve",
                "publish",
                "consume",
                "topics",
                "keys",
                "keys create",
                "keys list",
                "keys revoke",
                "backup",
                "verify",
                "restore",
                "config",
                "config check"
            })
    void everyCommandHasHelp(String command) {
        String words = (command + " --help").strip();

        Terminal.Run run = terminal.run(words.split(" "));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith(("Usage: topicstream " + command).strip());
        assertThat(run.err()).isEmpty();
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(terminal.run("--version").out()).startsWith("topicstream ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "publish",
                "publish t 1 2",
                "publish --nonsense t",
                "consume t --from nowhere",
                "consume t --limit 0",
                "consume t --limit x",
                "topics --server nonsense",
                "topics --server ftp://127.0.0.1",
                "consume no/topic",
                "publish no/topic 1",
                "publish t {",
                "publish t hello",
                "publish t - --message-id 1",
                "keys create"
            })
    void aWrongCommandLineIsOneLineAndCode2(String words) {
        assertOneLine(terminal.run(words.split(" ")), ExitCodes.USAGE);
    }

    @Test
    void whatIsPublishedIsConsumed() {
        assertThat(terminal.run("publish", "t", "{\"a\": 1}").out()).isEqualTo("t 1\n");
        assertThat(terminal.run("publish", "t", "hello", "--text", "--key", "k").out())
                .isEqualTo("t 2\n");

        assertThat(terminal.run("consume", "t").lines()).containsExactly("1\t{\"a\": 1}", "2\t\"hello\"");
        assertThat(terminal.run("consume", "t", "--json").lines().get(1))
                .contains("\"offset\":2")
                .contains("\"key\":\"k\"")
                .endsWith("\"message\":\"hello\"}");
    }

    @Test
    void linesOfTheInputAreMessages() {
        Terminal.Run run = terminal.runWithInput("1\n\n2\n3", "publish", "t", "-", "--json");

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines()).hasSize(3);
        assertThat(run.lines().get(2)).contains("\"topic\":\"t\"").contains("\"offset\":3");
        assertThat(terminal.run("consume", "t").lines()).containsExactly("1\t1", "2\t2", "3\t3");
    }

    @Test
    void aBadLineIsNamedAndWhatCameBeforeItIsTold() {
        Terminal.Run run = terminal.runWithInput("1\n{\n2\n", "publish", "t");

        assertOneLine(run, ExitCodes.USAGE, "line 2");
        assertThat(run.lines()).containsExactly("t 1");
    }

    @Test
    void aRepeatedIdIsStoredOnce() {
        terminal.run("publish", "t", "1", "--message-id", "m");

        terminal.run("publish", "t", "1", "--message-id", "m");

        assertThat(terminal.run("consume", "t").lines()).containsExactly("1\t1");
    }

    @Test
    void aWrongExpectedOffsetIsRefused() {
        assertOneLine(terminal.run("publish", "t", "1", "--expected-offset", "7"), ExitCodes.REFUSED, "conflict");
    }

    @Test
    void consumingBeginsWhereItIsTold() {
        terminal.runWithInput("1\n2\n3\n4\n5\n", "publish", "t");

        assertThat(terminal.run("consume", "t", "--from", "4").lines()).containsExactly("4\t4", "5\t5");
        assertThat(terminal.run("consume", "t", "--from", "last:1").lines()).containsExactly("5\t5");
        assertThat(terminal.run("consume", "t", "--from", "last:99").lines()).hasSize(5);
        assertThat(terminal.run("consume", "t", "--from", "2", "--limit", "2").lines())
                .containsExactly("2\t2", "3\t3");
        assertThat(terminal.run("consume", "t", "--from", "new").lines()).isEmpty();
        assertThat(terminal.run("consume", "t", "--from", "2020-01-01T00:00:00Z")
                        .lines())
                .hasSize(5);
        assertThat(terminal.run("consume", "t", "--from", "2100-01-01T00:00:00Z")
                        .lines())
                .isEmpty();
        assertThat(terminal.run("consume", "unknown").lines()).isEmpty();
    }

    @Test
    void followingGoesOnWithWhatIsPublished() {
        terminal.run("publish", "t", "1");
        CompletableFuture<Terminal.Run> following = CompletableFuture.supplyAsync(
                () -> terminal.run("consume", "t", "--follow", "--from", "earliest", "--limit", "3"));

        terminal.runWithInput("2\n3\n", "publish", "t");

        assertThat(following.join().exitCode()).isZero();
        assertThat(following.join().lines()).containsExactly("1\t1", "2\t2", "3\t3");
    }

    @Test
    void topicsAreListed() {
        terminal.run("publish", "room:1", "1");
        terminal.run("publish", "room:2", "1");
        terminal.run("publish", "other", "1");

        assertThat(terminal.run("topics").lines()).containsExactly("other 1", "room:1 1", "room:2 1");
        assertThat(terminal.run("topics", "--prefix", "room:", "--json").lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("{\"topic\":\"room:") && line.endsWith("\"next_offset\":2}"));
    }

    @Test
    void whatATerminalWouldObeyIsShownAsText() {
        terminal.run("publish", "t", "\"\u009B31m red \u202E \uD83D\uDE00 \\u001b\"");

        assertThat(terminal.run("consume", "t").out())
                .isEqualTo("1\t\"\\u009B31m red \\u202E \uD83D\uDE00 \\u001b\"\n");
        assertThat(terminal.run("consume", "t", "--json").out()).contains("\u009B31m");
        assertThat(terminal.run("consume", "\u001B[31m").err()).doesNotContain("\u001B");
    }

    @Test
    void aKeyIsMadeUsedListedAndRevokedOnARunningServer() {
        Terminal.Run created = terminal.run("keys", "create", "alice");
        assertThat(created.exitCode()).as(created.err()).isZero();
        String key = created.lines().getLast();
        assertThat(key).doesNotContain(" ");

        assertThat(terminal.run("publish", "t", "1", "--api-key", key).exitCode())
                .isZero();
        assertThat(created.err()).contains("access.anonymous").hasLineCount(1);
        assertThat(terminal.run("consume", "t").exitCode())
                .as("without a key, now that there is one")
                .isEqualTo(ExitCodes.NOT_ALLOWED);
        assertThat(terminal.run("consume", "t", "--json", "--api-key", key).out())
                .contains("\"from\":\"alice\"");
        assertThat(terminal.run("keys", "list").lines())
                .singleElement()
                .satisfies(line -> assertThat(line).startsWith("alice ").doesNotContain(key));
        assertThat(terminal.run("keys", "list", "--json").out()).contains("\"name\":\"alice\"");

        assertThat(terminal.run("keys", "revoke", "alice").exitCode()).isZero();

        assertOneLine(terminal.run("topics", "--api-key", key), ExitCodes.NOT_ALLOWED, "401");
        assertThat(terminal.run("keys", "list").lines()).isEmpty();
        assertOneLine(terminal.run("keys", "revoke", "alice"), ExitCodes.REFUSED, "no key");
        assertOneLine(terminal.run("keys", "create", "no name"), ExitCodes.REFUSED);
        assertThat(terminal.run("keys", "create", "bob", "--json").out()).contains("\"key\":\"");
    }

    @Test
    void keysAreManagedByWhoHasTheTokenAlone() {
        Terminal stranger = new Terminal(
                Map.of("TOPICSTREAM_SERVER_RUN_DIR", home.resolve("none").toString()), home);
        String address = "http://127.0.0.1:" + server.address().getPort();

        assertOneLine(
                stranger.run("keys", "list", "--server", address), ExitCodes.NOT_ALLOWED, "no server of this user");
        assertOneLine(
                new Terminal(Map.of("TOPICSTREAM_ADMIN_TOKEN", "wrong"), home).run("keys", "list", "--server", address),
                ExitCodes.NOT_ALLOWED);
        assertOneLine(
                stranger.run("keys", "list", "--server", "http://192.0.2.1:8080"),
                ExitCodes.NOT_ALLOWED,
                "own machine");
    }

    @Test
    void aServerThatKeepsNothingMakesNoBackup() {
        assertOneLine(
                terminal.run("backup", home.resolve("backup").toString()), ExitCodes.DATA, "memory keeps nothing");
        assertThat(home.resolve("backup")).doesNotExist();
    }

    @Test
    void aServerThatIsNotThereIsOneLine() {
        server.close();

        assertOneLine(terminal.run("topics"), ExitCodes.UNREACHABLE, "http://127.0.0.1:", "cannot connect");
        assertOneLine(terminal.run("keys", "list"), ExitCodes.NOT_ALLOWED, "no server");
    }

    @Test
    void wrongCredentialsAreOneLine() {
        assertOneLine(terminal.run("topics", "--api-key", "wrong"), ExitCodes.NOT_ALLOWED, "401");
    }

    @Test
    void aGoodConfigurationIsShownWithTheSourceOfEachValue() throws IOException {
        Path file = Files.writeString(home.resolve("good.yaml"), "server:\n  port: 9999\n");

        Terminal.Run run = terminal.run("config", "check", "--config", file.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines()).anyMatch(line -> line.matches("server\\.port +9999 +.*good\\.yaml:2"));
        assertThat(terminal.run("config", "check", "--config", file.toString(), "--json")
                        .lines())
                .anyMatch(line -> line.startsWith("{\"setting\":\"server.port\",\"value\":\"9999\""));
    }

    @Test
    void aBadConfigurationIsOneLineThatNamesWhatIsWrong() throws IOException {
        Path file = Files.writeString(home.resolve("bad.yaml"), "server:\n  prot: 9999\n");

        assertOneLine(
                terminal.run("config", "check", "--config", file.toString()),
                ExitCodes.CONFIGURATION,
                "bad.yaml:2",
                "server.prot",
                "server.port");
        assertOneLine(
                terminal.run("serve", "--config", home.resolve("none.yaml").toString()),
                ExitCodes.CONFIGURATION,
                "none.yaml",
                "no such file");
        assertOneLine(terminal.run("serve", "--port", "99999"), ExitCodes.CONFIGURATION, "server.port");
    }
}
