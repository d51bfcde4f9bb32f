package io.topicstream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TopicStreamServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `topicstream users export` against a server, and against one that does not end what it began.
class ExportUserCommandTest {
    @TempDir
    private static Path home;

    @TempDir
    private Path directory;

    private static TopicStreamServer server;

    @BeforeAll
    static void start() throws Exception {
        server = TopicStreamServer.start(MemoryServers.config(home.resolve("run"), "access.anonymous", "on"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Terminal terminal(String token) {
        return new Terminal(
                Map.of(
                        "TOPICSTREAM_SERVER",
                        "http://127.0.0.1:" + server.address().getPort(),
                        "TOPICSTREAM_SERVER_RUN_DIR",
                        home.resolve("run").toString(),
                        "TOPICSTREAM_TOKEN",
                        token),
                home);
    }

    @Test
    void aFileOfItsOwnerHasWhatTheServerKeeps() throws Exception {
        String key =
                terminal("").run("keys", "create", "ann").out().lines().toList().getLast();
        assertThat(terminal(key).run("publish", "notes", "\"grüße\"").exitCode())
                .isZero();
        Path file = directory.resolve("ann.ndjson");

        Terminal.Run done = terminal("").run("users", "export", "ann", "--output", file.toString());
        Terminal.Run again = terminal("").run("users", "export", "ann", "--output", file.toString());
        Terminal.Run shown = terminal("").run("users", "export", "ann");

        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(done.out()).isEqualTo(file + " has what is kept of ann, with 1 message.\n");
        String text = Files.readString(file);
        assertThat(text)
                .startsWith("{\"kind\":\"user\",\"user\":\"ann\",")
                .contains("\"kind\":\"key\"", "\"message\":\"grüße\"")
                .doesNotContain(key)
                .endsWith("{\"kind\":\"end\",\"messages\":1}\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(again.exitCode()).isEqualTo(ExitCodes.DATA);
        assertThat(again.err()).contains("is there already");
        assertThat(Files.readString(file)).isEqualTo(text);
        assertThat(files()).containsExactly(file);
        assertThat(shown.exitCode()).as(shown.err()).isZero();
        assertThat(shown.out().lines().skip(1))
                .containsExactlyElementsOf(text.lines().skip(1).toList());
    }

    @Test
    void whatIsRefusedLeavesNoFile() throws Exception {
        Path file = directory.resolve("none.ndjson");

        Terminal.Run run = terminal("").run("users", "export", "a b", "--output", file.toString());
        Terminal.Run nowhere = terminal("")
                .run(
                        "users",
                        "export",
                        "ann",
                        "--output",
                        directory.resolve("no/file").toString());

        assertThat(run.exitCode()).isEqualTo(ExitCodes.REFUSED);
        assertThat(run.err()).contains("a user's id is");
        assertThat(nowhere.exitCode()).isEqualTo(ExitCodes.DATA);
        assertThat(files()).isEmpty();
    }

    /// As they come from a server that dies, one that is restarted behind a proxy, and a proxy that
    /// ends an answer.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Transfer-Encoding: chunked\r\n\r\n11\r\n{\"kind\":\"user\"}\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n11\r\n{\"kind\":\"user\"}\n\r\n0\r\n\r\n",
                "Content-Length: 27\r\n\r\n{\"kind\":\"end\",\"messages\":0}",
                "Content-Length: 28\r\n\r\n{\"kind\":\"end\",\"messages\":1}\n",
                "Content-Length: 45\r\n\r\n{\"kind\":\"end\",\"messages\":0}\n{\"kind\":\"key\",\"a\":\n",
                "Content-Length: 0\r\n\r\n"
            })
    void oneThatIsCutOffFailsAndLeavesNoFile(String answer) throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answer(listening, answer));
            Terminal terminal = new Terminal(
                    Map.of(
                            "TOPICSTREAM_SERVER",
                            "http://127.0.0.1:" + listening.getLocalPort(),
                            "TOPICSTREAM_ADMIN_TOKEN",
                            "token"),
                    home);

            Terminal.Run run = terminal.run(
                    "users",
                    "export",
                    "ann",
                    "--output",
                    directory.resolve("ann.ndjson").toString());

            assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.UNREACHABLE);
            assertThat(run.err()).contains("the export was cut off");
            assertThat(files()).isEmpty();
        }
    }

    private static void answer(ServerSocket listening, String answer) {
        try (Socket socket = listening.accept()) {
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            socket.getOutputStream().write(("HTTP/1.1 200 OK\r\n" + answer).getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }
}
