package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.StartException;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands, run in this process against a server in this process.
class CommandLineTest {
    @TempDir
    private Path home;

    private TopicStreamServer server;
    private Terminal terminal;

    @BeforeEach
    void start() throws StartException {
        start("auto");
    }

    private void start(String guests) throws StartException {
        Path runDirectory = home.resolve("run");
        server = TopicStreamServer.start(MemoryServers.config(runDirectory, "access.anonymous", guests));
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
                "chat",
                "members",
                "who",
                "keys",
                "keys create",
                "keys list",
                "keys revoke",
                "users",
                "users block",
                "users unblock",
                "users blocked",
                "users sign-out",
                "backup",
                "verify",
                "restore",
                "migrate",
                "config",
                "config check",
                "cost",
                "gateway",
                "gateway check"
            })
    void everyCommandHasHelp(String command) {
        String before = command.contains(" ") ? command.substring(0, command.indexOf(' ') + 1) : "";
        for (String words :
                List.of(command + " --help", before + "help " + command.substring(before.length()), command + " -h")) {
            Terminal.Run run = terminal.run(words.strip().split(" "));

            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(run.out()).startsWith(("Usage: topicstream " + command).strip());
            assertThat(run.err()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            serv                        | there is no command serv; did you mean serve? (see topicstream --help)
            start --port 1              | there is no command start; did you mean serve? (see topicstream --help)
            talk                        | there is no command talk; did you mean chat? (see topicstream --help)
            online ada                  | there is no command online; did you mean who? (see topicstream --help)
            chat --usr ada              | there is no option --usr; did you mean --user? (see topicstream chat --help)
            members t u                 | 'u' is one argument too many (see topicstream members --help)
            subscribe t                 | there is no command subscribe; did you mean consume? (see topicstream --help)
            pubish t 1                  | there is no command pubish; did you mean publish? (see topicstream --help)
            nonsense                    | there is no command nonsense (see topicstream --help)
            keys remove ada             | there is no command remove; did you mean revoke? (see topicstream keys --help)
            keys start                  | there is no command start (see topicstream keys --help)
            serve --prot 1              | there is no option --prot; did you mean --port? (see topicstream serve --help)
            consume t --folow=yes       | there is no option --folow; did you mean --follow? (see topicstream consume --help)
            publish t 1 2               | '2' is one argument too many (see topicstream publish --help)
            keys list ada               | 'ada' is one argument too many (see topicstream keys list --help)
            """)
    void whatIsNotThereIsNamedWithWhatWasProbablyMeant(String words, String told) {
        Terminal.Run run = terminal.run(words.split(" "));

        assertOneLine(run, ExitCodes.USAGE);
        assertThat(run.err()).isEqualTo("topicstream: " + told + "\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            serve --port abc                | --port is 'abc'; allowed is a whole number from 0 to 65535
            config check --port abc         | --port is 'abc'; allowed is a whole number from 0 to 65535
            serve --bind nowhere.invalid    | --bind is 'nowhere.invalid'; allowed is an IP address of this machine, or a name that has one (127.0.0.1, ::1, 0.0.0.0, localhost)
            config check --set server.prot=1 | --set server.prot is unknown; did you mean server.port?
            config check --set event_loops=x | --set event_loops is 'x'; allowed is a whole number from 0 to 256
            """)
    void aFlagIsCalledWhatWasTyped(String words, String told) {
        Terminal.Run run = terminal.run(words.split(" "));

        assertOneLine(run, ExitCodes.CONFIGURATION);
        assertThat(run.err()).isEqualTo("topicstream: " + told + "\n");
    }

    @Test
    void aConfigurationIsCheckedWithTheFlagsOfServe() {
        Terminal.Run run = terminal.run("config", "check", "--port", "9", "--set", "event_loops=3", "--data", "d");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.lines())
                .anyMatch(line -> line.matches("server\\.port +9 +--port"))
                .anyMatch(line -> line.matches("event_loops +3 +--set event_loops"))
                .anyMatch(line -> line.matches("data\\.dir +d +--data"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"publish t \uFFFD", "publish t\uFFFD 1", "serve --data \uFFFD\uFFFD", "keys create \uFFFD"})
    void whatTheLocaleHasNoLettersForIsRefused(String words) {
        assertOneLine(terminal.run(words.split(" ")), ExitCodes.USAGE, "locale");
        assertOneLine(terminal.run("consume", "t"), ExitCodes.REFUSED, "there is no topic t");
    }

    @Test
    void aVariableThatTheLocaleHasNoLettersForIsRefused() {
        Terminal other = new Terminal(Map.of("TOPICSTREAM_DATA_DIR", "donn\uFFFDes", "TITLE", "\uFFFD"), home);

        assertOneLine(other.run("config", "check"), ExitCodes.USAGE, "TOPICSTREAM_DATA_DIR", "locale");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "help",
                "--version",
                "keys",
                "consume t",
                "consume t --json",
                "consume t --follow --from earliest",
                "topics",
                "publish t 2",
                "publish t -",
                "keys list",
                "keys create bob",
                "keys create bob --json",
                "keys revoke ada",
                "users block ada",
                "config check",
                "config check --json",
                "cost",
                "cost --json --assumptions"
            })
    void whatCannotBeWrittenIsNoSuccess(String words) throws StartException {
        server.close();
        start("on");
        terminal.run("publish", "t", "1");
        terminal.run("keys", "create", "ada");

        Terminal.Run full = terminal.runUnheard("No space left on device", "1\n2\n3\n", words.split(" "));
        assertOneLine(full, ExitCodes.DATA, words.startsWith("keys create") ? "keys revoke bob --id" : "No space left");

        terminal.run("keys", "create", "ada");
        Terminal.Run gone = terminal.runUnheard("Broken pipe", "1\n2\n3\n", words.split(" "));
        assertThat(gone.exitCode()).isEqualTo(ExitCodes.READER_GONE);
        if (!words.startsWith("keys create")) {
            assertThat(gone.err()).isEmpty();
        }
    }

    @Test
    void whatWasTakenOnIsPublishedThoughNobodyCanBeTold() {
        terminal.runUnheard("No space left on device", "1\n2\n3\n", "publish", "t", "-");

        assertThat(terminal.run("consume", "t").lines()).isNotEmpty().startsWith("1\t1");
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(terminal.run("--version").out()).startsWith("topicstream ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "publish",
                "consume t --from nowhere",
                "consume t --limit 0",
                "consume t --limit x",
                "topics --server nonsense",
                "members",
                "members no/topic",
                "who",
                "chat --last 501",
                "chat --last -1",
                "chat --user no/id",
                "topics --server ftp://127.0.0.1",
                "consume no/topic",
                "publish no/topic 1",
                "publish t {",
                "publish t hello",
                "publish t - --message-id 1",
                "keys create",
                "users block"
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
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"consume nope", "consume nope --from new", "consume nope --from last:3", "consume nope --json"})
    void aTopicThatIsNotThereIsSaidToBeNone(String words) {
        Terminal.Run run = terminal.run(words.split(" "));

        assertOneLine(run, ExitCodes.REFUSED, "there is no topic nope");
        assertThat(run.out()).isEmpty();
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

        assertOneLine(terminal.run("topics", "--api-key", key), ExitCodes.NOT_ALLOWED, "the credential is not valid");
        assertThat(terminal.run("keys", "list").lines()).isEmpty();
        assertOneLine(terminal.run("keys", "revoke", "alice"), ExitCodes.REFUSED, "no key");
        assertOneLine(terminal.run("keys", "create", "no name"), ExitCodes.REFUSED);
        assertThat(terminal.run("keys", "create", "bob", "--json").out()).contains("\"key\":\"");
    }

    @Test
    void aKeyMayDoWhatItIsGranted() {
        terminal.run("publish", "orders:1", "1");
        String key = terminal.run(
                        "keys", "create", "ada", "--grants", "orders*=read,subscribe", "--grants", "log=publish")
                .lines()
                .getLast();

        assertThat(terminal.run("consume", "orders:1", "--api-key", key).exitCode())
                .isZero();
        assertThat(terminal.run("publish", "log", "1", "--api-key", key).exitCode())
                .isZero();
        assertOneLine(terminal.run("publish", "orders:1", "1", "--api-key", key), ExitCodes.NOT_ALLOWED);
        assertOneLine(terminal.run("consume", "log", "--api-key", key), ExitCodes.NOT_ALLOWED);

        assertThat(terminal.run("keys", "create", "scraper", "--allow", "metrics", "--json")
                        .out())
                .contains("\"grants\":[{\"topics\":\"*\",\"allow\":[\"metrics\"]}]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--grants orders",
                "--grants orders=",
                "--grants =read",
                "--grants orders=reed",
                "--grants o*s=read",
                "--allow orders=read",
                "--allow reed",
                "--expires tomorrow",
                "--expires 2020-01-01T00:00:00Z"
            })
    void aKeyThatCannotBeIsNotMade(String words) {
        assertOneLine(terminal.run(("keys create ada " + words).split(" ")), ExitCodes.USAGE);
        assertThat(terminal.run("keys", "list").lines()).isEmpty();
    }

    @Test
    void theListSaysWhenAKeyWasMadeEndsAndWasUsed() {
        terminal.run("keys", "create", "ada");
        String key = terminal.run("keys", "create", "bob", "--expires", "2120-01-01T00:00:00Z")
                .lines()
                .getLast();
        assertThat(terminal.run("keys", "list").lines().get(0)).matches("ada [0-9a-f]{16} \\w{4} 20\\S+Z - -");

        terminal.run("topics", "--api-key", key);

        await().untilAsserted(
                        () -> assertThat(terminal.run("keys", "list").lines().get(1))
                                .matches("bob [0-9a-f]{16} " + key.substring(key.length() - 4)
                                        + " 20\\S+Z 2120-01-01T00:00:00Z 20\\S+Z"));
    }

    @Test
    void oneOfSeveralKeysIsRevoked() {
        String first = terminal.run("keys", "create", "ada").lines().getLast();
        String second = terminal.run("keys", "create", "ada").lines().getLast();
        String id = terminal.run("keys", "list").lines().getFirst().split(" ", -1)[1];

        assertOneLine(terminal.run("keys", "revoke", "bob", "--id", id), ExitCodes.REFUSED, "name and id");
        assertThat(terminal.run("keys", "revoke", "ada", "--id", id).out())
                .isEqualTo("The key " + id + " of ada is revoked.\n");

        assertOneLine(terminal.run("topics", "--api-key", first), ExitCodes.NOT_ALLOWED);
        assertThat(terminal.run("topics", "--api-key", second).exitCode()).isZero();
    }

    @Test
    void aFirstKeyIsMadeInTheStoreOfAStoppedServer() throws Exception {
        String data = home.resolve("data").toString();

        Terminal.Run made = terminal.run("keys", "create", "ada", "--data", data, "--allow", "read", "--expires", "1d");
        Terminal.Run told = terminal.run("keys", "create", "bob", "--data", data, "--json");

        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(told.out())
                .matches("\\{\"id\":\"[0-9a-f]{16}\",\"name\":\"bob\",\"key\":\"ts_\\w{40}\",\"hint\":\"\\w{4}\","
                        + "\"created_at\":\\d+,\"grants\":\\[\\{\"topics\":\"\\*\",\"allow\":"
                        + "\\[\"publish\",\"subscribe\",\"read\",\"presence\"]}]}\n");
        String run = home.resolve("run2").toString();
        try (TopicStreamServer other = TopicStreamServer.start(ServerConfig.load(
                        null,
                        Map.of(),
                        Map.of("data.dir", data, "server.port", "0", "event_loops", "1", "server.run_dir", run))
                .config())) {
            Terminal there = new Terminal(
                    Map.of(
                            "TOPICSTREAM_SERVER",
                            "http://127.0.0.1:" + other.address().getPort(),
                            "TOPICSTREAM_SERVER_RUN_DIR",
                            run),
                    home);
            assertThat(there.run("topics", "--api-key", made.lines().getLast()).exitCode())
                    .isZero();
            assertThat(there.run("keys", "list").lines()).hasSize(2);
            assertOneLine(
                    there.run("keys", "create", "eve", "--data", data), ExitCodes.DATA, "in use", "choose another");
        }
        assertOneLine(terminal.run("keys", "create", "no name", "--data", data), ExitCodes.USAGE);
    }

    @Test
    void theTokenOfADeadServerIsNoObstacle() throws Exception {
        int port = server.address().getPort();
        Path run = home.resolve("run");
        Path own = run.resolve("127.0.0.1-" + port + ".token");
        Files.move(own, run.resolve("0.0.0.0-" + port + ".token"));
        Files.copy(run.resolve("0.0.0.0-" + port + ".token"), own);
        Files.writeString(own, "the-token-of-a-dead-one\n");

        assertThat(terminal.run("keys", "list").exitCode()).isZero();
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
        assertOneLine(
                terminal.run("topics", "--api-key", "wrong"), ExitCodes.NOT_ALLOWED, "the credential is not valid");
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
        assertOneLine(terminal.run("serve", "--port", "99999"), ExitCodes.CONFIGURATION, "--port");
    }
}
