package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.TopicStreamServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream chat` as a process at a terminal, which `script` makes.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a line that never comes is a failure
class ChatTerminalTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CTRL_C = "\u0003";
    private static final String CTRL_D = "\u0004";

    @TempDir
    private Path home;

    private final List<Process> processes = new ArrayList<>();
    private TopicStreamServer server;
    private String address;

    @BeforeEach
    void start() throws Exception {
        server = TopicStreamServer.start(MemoryServers.config(home.resolve("run")));
        address = "http://127.0.0.1:" + server.address().getPort();
    }

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
        server.close();
    }

    /// A process at a terminal, and all that was written there.
    private final class Seat {
        private final Process process;
        private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

        Seat(Map<String, String> environment, String... arguments) throws IOException {
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            String command = "stty rows 24 cols 100; exec " + java + " --enable-native-access=ALL-UNNAMED"
                    + " -XX:TieredStopAtLevel=1 -Xmx256m -cp '" + ServeProcessTest.shippedClassPath() + "' "
                    + Main.class.getName() + " chat " + String.join(" ", arguments);
            ProcessBuilder builder = new ProcessBuilder("script", "-qfec", command, "/dev/null")
                    .directory(home.toFile())
                    .redirectErrorStream(true);
            builder.environment().clear();
            builder.environment()
                    .putAll(Map.of(
                            "PATH",
                            System.getenv("PATH"),
                            "LC_ALL",
                            "C.UTF-8",
                            "TERM",
                            "xterm-256color",
                            "TOPICSTREAM_SERVER",
                            address));
            builder.environment().putAll(environment);
            process = builder.start();
            processes.add(process);
            Thread.ofPlatform().daemon().start(() -> {
                try (InputStream out = process.getInputStream()) {
                    byte[] some = new byte[4096];
                    for (int count = out.read(some); count >= 0; count = out.read(some)) {
                        shown.write(some, 0, count);
                    }
                } catch (IOException e) {
                    // It has ended.
                    return;
                }
            });
        }

        void type(String text) throws IOException {
            OutputStream keyboard = process.getOutputStream();
            keyboard.write(text.getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
        }

        String shown() {
            return shown.toString(StandardCharsets.UTF_8);
        }

        /// What is seen of it: without what steers the terminal.
        String seen() {
            return shown().replaceAll("\u001B\\[[0-9;?]*[A-Za-z]|\u001B[=>()][A-B0]?", "");
        }

        void awaitSeen(String text) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(seen()).contains(text));
        }

        void assertEnds(int exitCode) throws InterruptedException {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(this::shown).isEqualTo(exitCode);
            assertThat(shown()).doesNotContain("WARNING", "native access", "Exception");
        }
    }

    @Test
    void whatIsTypedStaysWhileLinesComeInAboveIt() throws Exception {
        Seat ada = new Seat(Map.of());
        ada.awaitSeen("Your id [testuser]: ");
        ada.type("ada\r");
        ada.awaitSeen("Your name [TestUser]: ");
        ada.type("Ada\r");
        ada.awaitSeen("Room [general]: ");
        ada.type("\r");
        ada.awaitSeen("you are in general");
        ada.awaitSeen("general> ");
        Terminal terminal = new Terminal(Map.of("TOPICSTREAM_SERVER", address), home);
        try (Talker bob = Talker.in(terminal, "bob", "general")) {
            ada.awaitSeen("Bob has come to general");

            ada.type("half");
            ada.awaitSeen("half");
            bob.type("hello");
            ada.awaitSeen("[general] Bob: hello");
            await().atMost(PATIENCE)
                    .until(() -> ada.seen().lastIndexOf("half") > ada.seen().lastIndexOf("hello"));
            ada.type(" done\r");
            bob.awaitLine("[general] Ada: half done");
            ada.awaitSeen("[general] Ada: half done");

            // A name is coloured, and its line is not that of what was typed.
            assertThat(ada.shown()).containsPattern("\u001B\\[[0-9;]*m");
            ada.type("/jo\t");
            ada.awaitSeen("/join ");
            ada.type("50%\r");
            ada.awaitSeen("50%> ");
            // Only what is new is drawn.
            bob.type("one");
            ada.awaitSeen(" (general 1)");
            ada.type("oops" + CTRL_C);
            ada.type("/private bo\t it's me\r");
            bob.awaitLine("(private) Ada: it's me");
            ada.awaitSeen("Bob has read it");
            ada.type(CTRL_C);
            ada.assertEnds(0);
            assertThat(bob.said()).doesNotContain("[general] Ada: oops");
        }
    }

    @Test
    void whatIsSaidIsReactedToAndAnsweredByItsNumber() throws Exception {
        Seat ada = new Seat(Map.of(), "--user", "ada", "--name", "Ada", "--room", "tea");
        ada.awaitSeen("tea> ");
        Terminal terminal = new Terminal(Map.of("TOPICSTREAM_SERVER", address), home);
        try (Talker bob = Talker.in(terminal, "bob", "tea")) {
            bob.type("hello");
            ada.awaitSeen("[tea] Bob: hello");
            ada.type("/rea\t");
            ada.awaitSeen("/react ");
            ada.type("#1 !\r");
            bob.awaitLine("* Ada reacts to #1 with !");
            ada.awaitSeen("Ada reacts to #1 with !");
            ada.type("/reply hi\r");
            bob.awaitLine("[tea] Ada: (to Bob: hello) hi");
            ada.awaitSeen("Ada: (to Bob: hello) hi");
            ada.type("/quit\r");
            ada.assertEnds(0);
        }
    }

    /// Each Ctrl-C once made two interrupts, and the second found nothing typed, which ends the chat.
    @Test
    void ctrlCTakesBackWhatWasTypedAndNothingElse() throws Exception {
        Seat ada = new Seat(Map.of(), "--user", "ada", "--name", "Ada", "--room", "tea");
        ada.awaitSeen("tea> ");
        for (int i = 1; i <= 30; i++) {
            ada.type("oops");
            int times = i;
            await().atMost(PATIENCE).until(() -> ada.seen().split("oops", -1).length > times);
            ada.type(CTRL_C);
            ada.type("still here " + i + "\r");
            ada.awaitSeen("[tea] Ada: still here " + i);
        }
        ada.type("half" + CTRL_C + CTRL_C);

        ada.assertEnds(0);
        assertThat(ada.seen()).doesNotContain("Ada: oops", "Ada: half");
    }

    @Test
    void withoutColoursAndWithTheServerGoneForGood() throws Exception {
        Seat ada = new Seat(Map.of("NO_COLOR", "1"), "--user", "ada", "--name", "Ada", "--room", "tea");
        ada.awaitSeen("you are in tea");
        ada.type("hello\r");
        ada.awaitSeen("[tea] Ada: hello");

        assertThat(ada.shown()).doesNotContainPattern("\u001B\\[[0-9;]*[1-9]m");
        server.close();
        ada.awaitSeen("connection lost");
        ada.awaitSeen(" (no connection)");
        ada.type("/quit\r");

        ada.assertEnds(0);
    }

    @Test
    void aTerminalThatCanDoNothingIsEnough() throws Exception {
        Seat ada = new Seat(Map.of("TERM", "dumb"), "--user", "ada", "--name", "Ada", "--room", "tea");
        ada.awaitSeen("you are in tea");
        ada.type("hello\r");
        ada.awaitSeen("[tea] Ada: hello");
        assertThat(ada.shown()).doesNotContainPattern("\u001B\\[[0-9;]*[1-9]m");
        ada.type(CTRL_D);

        ada.assertEnds(0);
    }
}
