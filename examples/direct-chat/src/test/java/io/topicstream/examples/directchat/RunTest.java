package io.topicstream.examples.directchat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.examples.backend.Program;
import io.topicstream.examples.backend.RunTree;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The command `run`, in a tree whose programs are those of this build, and the session that the README shows.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a line that never comes is a failure
class RunTest {
    private static final Path EXAMPLE = Path.of("").toAbsolutePath();

    @TempDir
    private Path folder;

    private RunTree tree;
    private int port;
    private int backEndPort;

    @BeforeEach
    void makeTree() throws Exception {
        port = Program.freePort();
        backEndPort = Program.freePort();
        tree = new RunTree(folder, "gateway.yaml");
    }

    @AfterEach
    void stop() throws Exception {
        tree.close();
    }

    private Program chat() throws IOException {
        return tree.start("--port", Integer.toString(port), "--back-end-port", Integer.toString(backEndPort));
    }

    private String url() {
        return "ws://127.0.0.1:" + port + "/dev";
    }

    @Test
    void theReadmeShowsWhatOneSees() throws Exception {
        String readme = Files.readString(EXAMPLE.resolve("README.md"));
        Program run = chat();
        run.await("Ctrl-C ends both.");
        assertThat(readme)
                .contains(run.out()
                        .replace(":" + port, ":8080")
                        .replace(":" + backEndPort, ":8081")
                        .replace(folder.resolve("direct-chat-data").toString(), "…"));

        play(readme);

        assertCtrlCEndsBothAndFreesNames(run);
    }

    /// Says what the people of the page say, and hears what they hear.
    private void play(String page) throws Exception {
        Map<String, String> ids = new TreeMap<>();
        Map<String, Client> people = new HashMap<>();
        Map<String, List<String>> expected = new HashMap<>();
        int said = 0;
        Matcher lines = Pattern.compile("(?m)^(\\w+) +(→|←) (.*)$").matcher(page);
        while (lines.find()) {
            String who = lines.group(1);
            Client client = people.computeIfAbsent(who, _ -> Client.open(url()));
            if (lines.group(2).equals("→")) {
                hearAll(expected, people, ids);
                client.say(lines.group(3));
                said++;
            } else {
                expected.computeIfAbsent(who, _ -> new ArrayList<>())
                        .add(lines.group(3).replace("⏎", "\n"));
            }
        }
        hearAll(expected, people, ids);
        assertThat(said).isGreaterThan(5);
        for (Client client : people.values()) {
            client.assertNothingElseCame();
            client.close();
        }
    }

    /// Each person hears the frames that the page shows, in any order. Ids are as the page's, each by one of ours.
    private static void hearAll(Map<String, List<String>> expected, Map<String, Client> people, Map<String, String> ids)
            throws Exception {
        for (Map.Entry<String, List<String>> each : expected.entrySet()) {
            List<String> heard = people.get(each.getKey()).hear(each.getValue().size());
            List<String> shown = new ArrayList<>();
            for (String frame : each.getValue()) {
                String mine = frame;
                Matcher id = Pattern.compile("connection id: (\\S+)").matcher(frame);
                if (id.find()) {
                    Matcher real = Pattern.compile("connection id: (\\S+)").matcher(heard.getFirst());
                    assertThat(real.find()).as(heard.getFirst()).isTrue();
                    ids.put(id.group(1), real.group(1));
                }
                for (Map.Entry<String, String> known : ids.entrySet()) {
                    mine = mine.replace(known.getKey(), known.getValue());
                }
                shown.add(blind(mine));
            }
            assertThat(heard.stream().map(RunTest::blind)).containsExactlyInAnyOrderElementsOf(shown);
        }
        expected.clear();
    }

    /// Without the ids that no two frames share.
    private static String blind(String frame) {
        return frame.startsWith("{\"message\": ")
                ? frame.replaceAll("\"(connectionId|requestId)\":\"[^\"]*\"", "\"$1\":\"…\"")
                : frame;
    }

    private void assertCtrlCEndsBothAndFreesNames(Program first) throws Exception {
        Client ada = Client.open(url());
        ada.takeName("ada");

        RunTree.interrupt(first);

        assertThat(first.exitCode()).as(first::err).isZero();
        assertThat(ada.closeCode()).isEqualTo(1001);
        Program second = chat();
        second.await("Ctrl-C ends both.");
        try (Client again = Client.open(url())) {
            again.takeName("ada");
        }
        assertTheEndOfOneEndsTheOther(second);
    }

    private void assertTheEndOfOneEndsTheOther(Program run) throws Exception {
        RunTree.killChild(run, "BackEnd");

        assertThat(run.exitCode()).isEqualTo(137);
        assertThat(run.err()).contains("the back-end ended with 137");
        assertThatThrownBy(() -> Client.open(url())).hasCauseInstanceOf(ConnectException.class);
    }

    @Test
    void aPortThatIsTakenIsNamedAndEndsBoth() throws Exception {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            Program run = chat();

            assertThat(run.exitCode()).isEqualTo(71);
            assertThat(run.err()).contains("the gateway ended with 71", "gateway.log:", Integer.toString(port));
        }
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), backEndPort).close())
                .isInstanceOf(ConnectException.class);
        try (ServerSocket _ = new ServerSocket(backEndPort, 1, InetAddress.getLoopbackAddress())) {
            Program run = chat();

            assertThat(run.exitCode()).isEqualTo(71);
            assertThat(run.err()).contains("the back-end ended with 71", "HTTP_PORT");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--porter 1, --porter is not understood",
        "--port, --port wants a value",
        "--port 0, --port is a port",
        "--back-end-port 65536, --back-end-port is a port",
        "--port a, --port is a port"
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
                .startsWith("Runs the direct chat")
                .contains("--back-end-port")
                .doesNotContain("set -euo");
    }
}
