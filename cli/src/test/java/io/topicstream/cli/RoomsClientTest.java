package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.TopicStreamServer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client in Python that `docs/protocol-rooms.md` prints, as it stands there, in rooms with `topicstream chat`.
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a line that never comes is a failure
class RoomsClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path home;

    private final List<Talker> talkers = new ArrayList<>();
    private final List<PythonClient> clients = new ArrayList<>();
    private TopicStreamServer server;
    private Terminal terminal;
    private Path program;

    @BeforeEach
    void start() throws Exception {
        server = TopicStreamServer.start(MemoryServers.config(home.resolve("run")));
        terminal = new Terminal(
                Map.of(
                        "TOPICSTREAM_SERVER",
                        "http://127.0.0.1:" + server.address().getPort()),
                home);
        String page = Files.readString(Path.of("..", "docs", "protocol-rooms.md"));
        Matcher block = Pattern.compile("```python not-run: [^\n]*\n(.*?)```", Pattern.DOTALL)
                .matcher(page);
        assertThat(block.find()).isTrue();
        program = Files.writeString(home.resolve("rooms.py"), block.group(1));
    }

    @AfterEach
    void stop() {
        talkers.forEach(Talker::close);
        clients.forEach(client -> client.process.destroyForcibly());
        server.close();
    }

    /// The first Python that has the package: that of the path, or the system's own.
    private static String python() throws Exception {
        for (String python : List.of("python3", "/usr/bin/python3")) {
            try {
                Process asked = new ProcessBuilder(python, "-c", "import websockets")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (asked.waitFor() == 0) {
                    return python;
                }
            } catch (IOException _) {
                // There is none of this name; the next may be there.
            }
        }
        throw new AssertionError("no python3 with the package websockets (Debian: python3-websockets)");
    }

    /// A process of the printed client, and all that it has shown.
    private final class PythonClient {
        private final Process process;
        private final BufferedWriter in;
        private final Path shown;
        private int looked;

        PythonClient(String user, String name, String room) throws Exception {
            shown = Files.createFile(home.resolve("shown-" + clients.size()));
            ProcessBuilder builder = new ProcessBuilder(
                            python(),
                            program.toString(),
                            "ws://127.0.0.1:" + server.address().getPort(),
                            user,
                            name,
                            room)
                    .redirectErrorStream(true)
                    .redirectOutput(shown.toFile());
            builder.environment().put("PYTHONUTF8", "1");
            process = builder.start();
            in = process.outputWriter(StandardCharsets.UTF_8);
            clients.add(this);
        }

        PythonClient type(String... lines) throws IOException {
            for (String line : lines) {
                in.write(line + "\n");
            }
            in.flush();
            return this;
        }

        List<String> lines() throws IOException {
            return Files.readAllLines(shown);
        }

        /// Waits for this line, after the one that was waited for before.
        PythonClient awaitLine(String line) throws IOException {
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(lines().subList(looked, lines().size())).contains(line);
            });
            List<String> all = lines();
            looked += all.subList(looked, all.size()).indexOf(line) + 1;
            return this;
        }

        int end() throws Exception {
            type("/quit");
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        }
    }

    private Talker talker(String user, String room) {
        Talker talker = Talker.in(terminal, user, room);
        talkers.add(talker);
        return talker;
    }

    @Test
    void thePrintedClientAndTheChatSeeEachOthersMessages() throws Exception {
        Talker ada = talker("ada", "café");
        PythonClient bob = new PythonClient("bob", "Bob", "café").awaitLine("Welcome to room café!");
        ada.awaitLine("* Bob has come to café");

        ada.type("Can you see me?");
        bob.awaitLine("[café] Ada: Can you see me?");
        bob.type("Yes, \"clearly\" – 👋");
        ada.awaitLine("[café] Bob: Yes, \"clearly\" – 👋");
        bob.awaitLine("[café] Bob: Yes, \"clearly\" – 👋");

        ada.type("/who").awaitLine("* 2 in café");
        ada.awaitLine("*   Bob (guest.bob)");
        assertThat(bob.end()).isZero();
        ada.awaitLine("* Bob has left café");
        assertThat(ada.said()).containsExactly("[café] Ada: Can you see me?", "[café] Bob: Yes, \"clearly\" – 👋");
        assertThat(bob.lines())
                .containsExactly(
                        "Welcome to room café!", "[café] Ada: Can you see me?", "[café] Bob: Yes, \"clearly\" – 👋");
    }

    @Test
    void whatElseThePrintedClientCanDo() throws Exception {
        Talker ada = talker("ada", "tea");
        PythonClient bob = new PythonClient("bob", "Bob", "tea").awaitLine("Welcome to room tea!");
        PythonClient eve = new PythonClient("eve", "Eve", "tea").awaitLine("Welcome to room tea!");

        bob.type("/private ada psst");
        ada.awaitLine("(private) Bob: psst");
        ada.type("/private bob what?");
        bob.awaitLine("(private) Ada: what?");
        bob.type("/private nobody hello").awaitLine("not done: Target user not found or offline");
        bob.type(" ").awaitLine("not done: Message cannot be empty");

        bob.type("/join coffee").awaitLine("Bob has come to coffee");
        eve.awaitLine("Bob has left tea");
        bob.type("/rooms").awaitLine("coffee: 1").awaitLine("tea: 2");
        bob.type("alone").awaitLine("[coffee] Bob: alone");
        eve.type("still here").awaitLine("[tea] Eve: still here");
        ada.awaitLine("[tea] Eve: still here");

        assertThat(eve.end()).isZero();
        assertThat(eve.lines()).containsExactly("Welcome to room tea!", "Bob has left tea", "[tea] Eve: still here");
        assertThat(ada.said())
                .containsExactly("(private) Bob: psst", "(private to Bob) what?", "[tea] Eve: still here");
    }
}
