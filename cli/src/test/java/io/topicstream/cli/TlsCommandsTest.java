package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.testkit.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands against a server that speaks TLS with a certificate of which Java knows nothing.
class TlsCommandsTest {
    @TempDir
    private static Path home;

    private static TestCertificate certificate;
    private static TopicStreamServer server;
    private static String address;

    @BeforeAll
    static void start() throws Exception {
        certificate = TestCertificate.write(Files.createDirectory(home.resolve("own")), "EC");
        server = server(certificate, home.resolve("run"));
        address = "https://127.0.0.1:" + server.address().getPort();
    }

    private static TopicStreamServer server(TestCertificate certificate, Path run) throws Exception {
        return TopicStreamServer.start(ServerConfig.load(
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
                                run.toString(),
                                "server.tls.certificate",
                                certificate.certificate().toString(),
                                "server.tls.key",
                                certificate.key().toString()))
                .config());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /// A terminal with the server in its environment.
    ///
    /// @param more pairs of a variable and its value
    private static Terminal terminal(String... more) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "TOPICSTREAM_SERVER",
                address,
                "TOPICSTREAM_SERVER_RUN_DIR",
                home.resolve("run").toString()));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return new Terminal(environment, home);
    }

    private static Terminal.Run succeeding(Terminal.Run run) {
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }

    private static void assertOneLine(Terminal.Run run, int exitCode, String... parts) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
        assertThat(run.err()).startsWith("topicstream: ").endsWith("\n").contains(parts);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void withItsCertificateEveryCommandGoesThrough() {
        String ca = certificate.certificate().toString();
        Terminal terminal = terminal();

        succeeding(terminal.run("publish", "t", "1", "--ca", ca));
        CompletableFuture<Terminal.Run> following = CompletableFuture.supplyAsync(
                () -> terminal.run("consume", "t", "--follow", "--from", "earliest", "--limit", "2", "--ca", ca));
        succeeding(terminal.run("publish", "t", "2", "--ca", ca));

        assertThat(succeeding(following.join()).lines()).containsExactly("1\t1", "2\t2");
        assertThat(succeeding(terminal.run("consume", "t", "--ca", ca)).lines()).containsExactly("1\t1", "2\t2");
        assertThat(succeeding(terminal.run("topics", "--ca", ca)).lines()).contains("t 2");
        assertThat(succeeding(terminal.run("keys", "list", "--ca", ca)).lines()).isEmpty();
    }

    @Test
    void theEnvironmentNamesItToo() {
        Terminal terminal = terminal("TOPICSTREAM_CA", certificate.certificate().toString());

        succeeding(terminal.run("publish", "e", "1"));

        assertThat(succeeding(terminal.run("consume", "e")).lines()).containsExactly("1\t1");
        succeeding(terminal.run("keys", "list"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"publish refused 1", "consume refused", "consume refused --follow", "topics", "keys list"})
    void withoutItTheyAreRefusedAndToldWhatIsMissing(String words) {
        assertOneLine(
                terminal().run(words.split(" ")), ExitCodes.UNREACHABLE, address, "certificate", "not trusted", "--ca");
    }

    @ParameterizedTest
    @ValueSource(strings = {"publish refused 1", "topics", "keys list"})
    void withAnothersTheyAreRefused(String words) throws IOException {
        Path directory = home.resolve("another");
        if (!Files.exists(directory)) {
            TestCertificate.write(Files.createDirectory(directory), "EC");
        }

        assertOneLine(
                terminal("TOPICSTREAM_CA", directory.resolve("certificate.pem").toString())
                        .run(words.split(" ")),
                ExitCodes.UNREACHABLE,
                address,
                "not trusted",
                "--ca");
    }

    @ParameterizedTest
    @ValueSource(strings = {"publish refused 1", "topics", "keys list"})
    void aCertificateForAnotherNameIsRefused(String words) throws Exception {
        Path directory = home.resolve("elsewhere");
        TestCertificate elsewhere =
                TestCertificate.write(Files.createDirectories(directory), "EC", "dns:elsewhere.example");
        try (TopicStreamServer another = server(elsewhere, home.resolve("run-elsewhere"))) {
            String there = "https://127.0.0.1:" + another.address().getPort();
            assertOneLine(
                    terminal(
                                    "TOPICSTREAM_SERVER",
                                    there,
                                    "TOPICSTREAM_SERVER_RUN_DIR",
                                    home.resolve("run-elsewhere").toString(),
                                    "TOPICSTREAM_CA",
                                    elsewhere.certificate().toString())
                            .run(words.split(" ")),
                    ExitCodes.UNREACHABLE,
                    there,
                    "for another name",
                    "127.0.0.1");
        }
    }

    @Test
    void aFileThatHasNoCertificateIsNamed() throws IOException {
        Path empty = Files.writeString(home.resolve("empty.pem"), "");
        Path nonsense = Files.writeString(home.resolve("nonsense.pem"), "nonsense");
        Path missing = home.resolve("missing.pem");

        for (Path file : new Path[] {empty, nonsense, missing}) {
            for (String command : new String[] {"topics", "keys list"}) {
                assertOneLine(
                        terminal("TOPICSTREAM_CA", file.toString()).run(command.split(" ")),
                        ExitCodes.USAGE,
                        file.toString());
            }
        }
    }

    @Test
    void aCommandThatSpeaksPlainHttpToItIsOneLine() {
        String plain = "http" + address.substring("https".length());

        for (String command : new String[] {"topics", "keys list"}) {
            Terminal.Run run = terminal("TOPICSTREAM_SERVER", plain).run(command.split(" "));

            assertThat(run.exitCode()).as(run.err()).isNotZero();
            assertThat(run.err().lines()).hasSize(1);
        }
    }
}
