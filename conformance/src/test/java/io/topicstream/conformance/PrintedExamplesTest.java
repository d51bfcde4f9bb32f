package io.topicstream.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The programs with SDKs that the documents print, as they stand there, trusting the server by the settings that
/// `topicstream tls init` prints.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 400, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // packages may be installed meanwhile
class PrintedExamplesTest {
    private static final Path DOCS = Path.of("..", "docs");

    private Path directory;
    private ServedApi api;
    private HttpClient http;

    @BeforeAll
    void start(@TempDir Path home) throws Exception {
        directory = home;
        api = ServedApi.start(directory, Map.of());
        http = api.http();
    }

    @AfterAll
    void stop() {
        http.close();
        api.close();
    }

    /// The block of a page in this language that names this test.
    private static String printed(String page, String language) throws Exception {
        Matcher block = Pattern.compile(
                        "```" + language + " not-run: PrintedExamplesTest [^\n]*\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(DOCS.resolve(page)));
        assertThat(block.find()).as("a block in " + language + " in " + page).isTrue();
        return block.group(1);
    }

    /// What `tls init` said of the settings of a runtime.
    private List<String> told(String runtime) throws Exception {
        String line = Files.readAllLines(directory.resolve("tls-init.log")).stream()
                .filter(said -> said.startsWith(runtime + ":"))
                .findFirst()
                .orElseThrow();
        return Arrays.stream(line.substring(runtime.length() + 1).strip().split(" +"))
                .filter(word -> !word.equals("export"))
                .toList();
    }

    /// Runs a program to its end.
    ///
    /// @param settings of the environment, `NAME=VALUE`
    /// @return what it said
    private List<String> run(List<String> settings, String... command) throws Exception {
        Path said = directory.resolve("said");
        // Node 20 is told of its age there.
        Path complaints = directory.resolve("complaints");
        ProcessBuilder builder = Sdk.told(Map.of(), command)
                .directory(directory.toFile())
                .redirectError(complaints.toFile())
                .redirectOutput(said.toFile());
        Map<String, String> environment = builder.environment();
        environment.putAll(Map.of(
                "AWS_REGION",
                "us-east-1",
                "AWS_DEFAULT_REGION",
                "us-east-1",
                "AWS_ACCESS_KEY_ID",
                ServedApi.KEY.id(),
                "AWS_SECRET_ACCESS_KEY",
                ServedApi.KEY.secret()));
        for (String setting : settings) {
            environment.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(complaints)).isZero();
        } finally {
            process.destroyForcibly();
        }
        return Files.readAllLines(said);
    }

    /// What a program does with two connections, of which one has left.
    private void saysToTwo(List<String> settings, String... command) throws Exception {
        try (Client here = client();
                Client left = client()) {
            left.leave();
            List<String> said = run(
                    settings,
                    Stream.concat(
                                    Stream.of(command),
                                    Stream.of(api.localEndpoint("dev"), "The kettle is on.", left.id, here.id))
                            .toArray(String[]::new));

            assertThat(here.next()).isEqualTo("text:The kettle is on.");
            assertThat(said).containsExactly(left.id + " is gone");
        }
    }

    private Client client() throws Exception {
        return new Client(http, "wss://localhost:" + api.tlsPort() + "/dev");
    }

    @Test
    void theProgramInPythonDoesAsThePageSays() throws Exception {
        Path program = Files.writeString(directory.resolve("say.py"), printed("gateway.md", "python"));

        saysToTwo(
                Stream.concat(told("Python").stream(), Stream.of("PYTHONPATH=" + Packages.python()))
                        .toList(),
                "python3",
                program.toString());
    }

    @Test
    void theProgramInJavaScriptDoesAsThePageSays() throws Exception {
        Path program = Files.writeString(Packages.node().resolve("say.mjs"), printed("gateway.md", "js"));

        saysToTwo(told("Node"), "node", program.toString());
    }

    @Test
    void theProgramInJavaDoesAsThePageSays() throws Exception {
        Path program = Files.writeString(directory.resolve("Say.java"), printed("gateway.md", "java"));

        saysToTwo(
                List.of(),
                Stream.of(
                                Stream.of(Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString()),
                                told("Java").stream(),
                                Stream.of("-cp", Sdk.classPath(), program.toString()))
                        .flatMap(words -> words)
                        .toArray(String[]::new));
    }

    @Test
    void theBackEndOfTheRoomsNeedsAnotherEndpointOnly() throws Exception {
        String printed = printed("protocol-rooms.md", "python");
        String there = "https://abcdef1234.execute-api.us-east-1.amazonaws.com/staging";
        assertThat(printed).containsOnlyOnce(there);
        Path program =
                Files.writeString(directory.resolve("notify.py"), printed.replace(there, api.localEndpoint("staging")));
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        WebSocket rooms = http.newWebSocketBuilder()
                .buildAsync(
                        URI.create("wss://localhost:" + api.tlsPort() + "/staging?userId=ann&roomId=kitchen"),
                        new Frames(heard))
                .get(20, TimeUnit.SECONDS);
        String welcome = String.valueOf(heard.poll(20, TimeUnit.SECONDS));
        Matcher id = Pattern.compile("\"connectionId\":\"([^\"]+)\"").matcher(welcome);
        assertThat(id.find()).as(welcome).isTrue();

        List<String> said = run(
                Stream.concat(told("Python").stream(), Stream.of("PYTHONPATH=" + Packages.python()))
                        .toList(),
                "python3",
                program.toString(),
                id.group(1),
                "kitchen",
                "The kettle is on.");

        assertThat(said).isEmpty();
        assertThat(heard.poll(20, TimeUnit.SECONDS))
                .isEqualTo("{\"type\": \"chat\", \"data\": {\"roomId\": \"kitchen\", \"senderId\": \"notice\","
                        + " \"senderName\": \"Notice\", \"message\": \"The kettle is on.\"}}");
        rooms.abort();
    }

    /// Keeps the frames that come.
    private record Frames(LinkedBlockingQueue<String> heard) implements WebSocket.Listener {
        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
            heard.add(text.toString());
            from.request(1);
            return null;
        }
    }
}
