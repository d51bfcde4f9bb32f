package io.topicstream.examples.chatworkflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.examples.backend.Program;
import io.topicstream.examples.backend.RunTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The command `run`, in a tree whose programs are those of this build, and what the README shows.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a line that never comes is a failure
class RunTest {
    private static final Path EXAMPLE = Path.of("").toAbsolutePath();
    private static final String INSTANT = "[0-9-]{10}T[0-9:]{8}\\.[0-9]{3}Z";

    @TempDir
    private Path folder;

    private RunTree tree;
    private int port;
    private int backEndPort;
    private int workerPort;

    @BeforeEach
    void makeTree() throws Exception {
        port = Program.freePort();
        backEndPort = Program.freePort();
        workerPort = Program.freePort();
        tree = new RunTree(folder, "gateway.yaml", "server.yaml");
    }

    @AfterEach
    void stop() throws Exception {
        tree.close();
    }

    private Program chat() throws IOException {
        return tree.start(
                "--port",
                Integer.toString(port),
                "--back-end-port",
                Integer.toString(backEndPort),
                "--worker-port",
                Integer.toString(workerPort));
    }

    @Test
    void theReadmeShowsWhatOneSees() throws Exception {
        String readme = Files.readString(EXAMPLE.resolve("README.md"));
        Program run = chat();
        run.await("Ctrl-C ends all.");
        assertThat(readme)
                .contains(run.out()
                        .replace(":" + port, ":8080")
                        .replace(":" + backEndPort, ":8081")
                        .replace(":" + workerPort, ":8082")
                        .replace(folder.resolve("chat-workflow-data").toString(), "…"));

        Map<String, Chatter> left = play(readme);
        type(readme);
        for (Chatter each : left.values()) {
            assertThat(each.heardNow()).isEmpty();
            each.close();
        }

        RunTree.killChild(run, "Worker");
        assertThat(run.exitCode()).isEqualTo(137);
        assertThat(run.err()).contains("the worker ended with 137");
    }

    /// Says what the people of the page say, and hears what they hear.
    ///
    /// @return those who have not left
    private Map<String, Chatter> play(String page) throws Exception {
        Map<String, Chatter> people = new TreeMap<>();
        Map<String, String> names = new HashMap<>();
        int heard = 0;
        Matcher lines =
                Pattern.compile("(?m)^(\\w+) +(→|←|connects|leaves) ?(.*)$").matcher(page);
        while (lines.find()) {
            String who = lines.group(1);
            String what = lines.group(3);
            switch (lines.group(2)) {
                case "connects" -> people.put(who, new Chatter(what.replace(":8080", ":" + port)));
                case "leaves" -> people.remove(who).close();
                case "→" -> people.get(who).say(what);
                default -> {
                    assertSame(people.get(who).hear(), what, names);
                    heard++;
                }
            }
        }
        assertThat(heard).isGreaterThan(5);
        return people;
    }

    /// A frame is as the page's, but for its time and for names: each of the page's is one of ours.
    private static void assertSame(String heard, String shown, Map<String, String> names) {
        Pattern name = Pattern.compile("[A-Z][a-z]+[A-Z][a-z]+[0-9]+");
        Matcher ours = name.matcher(heard);
        Matcher theirs = name.matcher(shown);
        String expected = shown;
        while (theirs.find()) {
            assertThat(ours.find()).as(heard).isTrue();
            names.putIfAbsent(theirs.group(), ours.group());
            expected = expected.replace(theirs.group(), names.get(theirs.group()));
        }
        assertThat(heard.replaceAll(INSTANT, "T")).isEqualTo(expected.replaceAll(INSTANT, "T"));
    }

    /// Types the commands of the page that ask the running programs, and compares what they print, but for what is new
    /// each time.
    private void type(String page) throws Exception {
        Matcher blocks = Pattern.compile(
                        "```sh [^\\n]*RunTest types it\\n(.*?)```\\s+```json[^\\n]*\\n(.*?)```", Pattern.DOTALL)
                .matcher(page);
        int typed = 0;
        while (blocks.find()) {
            List<String> command = List.of(
                    "bash",
                    "-c",
                    blocks.group(1)
                            .replace(":8080", ":" + port)
                            .replace(":8081", ":" + backEndPort)
                            .replace(":8082", ":" + workerPort));
            String shown = blind(blocks.group(2));
            typed++;
            // A post is counted a moment after its client has it.
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(typed(command)).isEqualTo(shown));
        }
        assertThat(typed).isEqualTo(2);
    }

    private String typed(List<String> command) throws Exception {
        Program shell = Program.start(folder, "typed", Map.of("PATH", System.getenv("PATH")), command);
        assertThat(shell.exitCode()).as(shell::err).isZero();
        return blind(shell.out());
    }

    private static String blind(String text) {
        return text.strip()
                .replaceAll(INSTANT, "T")
                .replaceAll("[A-Z][a-z]+[A-Z][a-z]+[0-9]+", "N")
                .replaceAll("\"(id|connectionId)\":\"[^\"]*\"", "\"$1\":\"…\"")
                .replaceAll("\"(tried_again)\":[0-9]+", "\"$1\":…");
    }

    @ParameterizedTest
    @CsvSource({
        "--porter 1, --porter is not understood",
        "--worker-port, --worker-port wants a value",
        "--worker-port 0, --worker-port is a port"
    })
    void wordsThatMakeNoSenseAreNamed(String words, String told) throws Exception {
        Program run = tree.start(words.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(told);
    }

    @Test
    void helpIsTheHeadOfTheScript() throws Exception {
        Program run = tree.start("--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .startsWith("Runs the chat with a workflow")
                .contains("--worker-port")
                .doesNotContain("set -euo");
    }
}
