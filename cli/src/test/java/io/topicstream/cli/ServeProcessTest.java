package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.TestCertificate;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream serve` as processes of their own: what they say, and how they end.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a line that never comes is a failure
class ServeProcessTest {
    private static final long PATIENCE_SECONDS = 120;

    @TempDir
    private Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
    }

    private Process serve(String... arguments) throws IOException {
        return start(List.of(), List.of(), environment(), serving(arguments));
    }

    private static List<String> serving(String... arguments) {
        List<String> all = new ArrayList<>(List.of("serve", "--set", "event_loops=1"));
        all.addAll(List.of(arguments));
        return all;
    }

    private Map<String, String> environment() {
        return Map.of("TOPICSTREAM_SERVER_RUN_DIR", directory.resolve("run").toString(), "PATH", System.getenv("PATH"));
    }

    /// Starts a command.
    ///
    /// @param before the words in front of it, which run it
    /// @param options of the JVM
    private Process start(
            List<String> before, List<String> options, Map<String, String> environment, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseCompactObjectHeaders",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m"));
        command.addAll(options);
        command.addAll(List.of("-cp", shippedClassPath(), Main.class.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    /// What the launcher's class path has, without what only tests have.
    static String shippedClassPath() {
        return Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .filter(entry -> !entry.matches(".*(test-classes|tests\\.jar|archunit|junit|assertj).*"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /// Waits until it is ready.
    ///
    /// @return its address
    private static String awaitReady(Process process) throws IOException {
        BufferedReader out = process.inputReader();
        String line = out.readLine();
        if (line == null) {
            throw new AssertionError(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        assertThat(line).matches("ready: http://127\\.0\\.0\\.1:\\d+ {2}ws://127\\.0\\.0\\.1:\\d+/v1");
        return line.substring("ready: ".length(), line.indexOf("  "));
    }

    private static void assertEnds(Process process, int exitCode) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(exitCode);
    }

    private static void assertOneLine(Process process, int exitCode, String... parts) throws Exception {
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(err).startsWith("topicstream: ").contains(parts);
        assertThat(err.lines()).hasSize(1);
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
        assertEnds(process, exitCode);
    }

    private Terminal terminal(String address) {
        return new Terminal(
                Map.of(
                        "TOPICSTREAM_SERVER",
                        address,
                        "TOPICSTREAM_SERVER_RUN_DIR",
                        directory.resolve("run").toString()),
                directory);
    }

    @Test
    void sigtermEndsItInOrderAndWhatWasPublishedIsThereAgain() throws Exception {
        String data = directory.resolve("data").toString();
        Process first = serve("--port", "0", "--data", data);
        String address = awaitReady(first);
        assertThat(terminal(address).run("publish", "t", "1").exitCode()).isZero();

        // A second server cannot have the same directory, nor the same port.
        assertOneLine(serve("--port", "0", "--data", data), ExitCodes.DATA, "in use", data);
        String port = address.substring(address.lastIndexOf(':') + 1);
        assertOneLine(
                serve("--port", port, "--set", "engine=memory"),
                ExitCodes.CANNOT_LISTEN,
                "127.0.0.1 port " + port,
                "in use");

        first.destroy();
        assertEnds(first, ExitCodes.OK);

        Process second = serve("--port", "0", "--data", data);
        assertThat(terminal(awaitReady(second)).run("consume", "t").out()).isEqualTo("1\t1\n");
        second.destroy();
        assertEnds(second, ExitCodes.OK);
    }

    @Test
    void theReadyLineSaysWhereTlsIs() throws Exception {
        TestCertificate certificate = TestCertificate.write(directory, "EC");
        String[] tls = {
            "--port",
            "0",
            "--set",
            "engine=memory",
            "--set",
            "server.tls.certificate=" + certificate.certificate(),
            "--set",
            "server.tls.key=" + certificate.key()
        };
        Process alone = serve(tls);
        String line = alone.inputReader().readLine();
        assertThat(line).matches("ready: https://127\\.0\\.0\\.1:(\\d+)  wss://127\\.0\\.0\\.1:\\1/v1");
        String address = line.substring("ready: ".length(), line.indexOf("  "));
        String ca = certificate.certificate().toString();
        assertThat(terminal(address).run("publish", "t", "1", "--ca", ca).exitCode())
                .isZero();
        assertThat(terminal(address).run("consume", "t", "--ca", ca).out()).isEqualTo("1\t1\n");

        List<String> both = new ArrayList<>(List.of(tls));
        both.addAll(List.of("--set", "server.tls.port=0"));
        line = serve(both.toArray(String[]::new)).inputReader().readLine();
        assertThat(line)
                .matches("ready: http://127\\.0\\.0\\.1:(\\d+)  ws://127\\.0\\.0\\.1:\\1/v1"
                        + "  https://127\\.0\\.0\\.1:(\\d+)  wss://127\\.0\\.0\\.1:\\2/v1");

        both.add("--json");
        line = serve(both.toArray(String[]::new)).inputReader().readLine();
        assertThat(line)
                .matches("\\{\"ready\":\"http://127\\.0\\.0\\.1:(\\d+)\",\"websocket\":\"ws://127\\.0\\.0\\.1:\\1/v1\","
                        + "\"ready_tls\":\"https://127\\.0\\.0\\.1:(\\d+)\",\"websocket_tls\":\"wss://127\\.0\\.0\\.1:\\2/v1\","
                        + "\"port\":\\1,.*\\}");
    }

    @Test
    void itSaysWhereTheChatPageIsOrThatThereIsNone() throws Exception {
        boolean isBuilt = BuiltChatPage.isThere();
        String[] settings = {
            "--port",
            "0",
            "--bind",
            "0.0.0.0",
            "--set",
            "engine=memory",
            "--set",
            "server.allow_remote_without_credentials=true"
        };
        Process server = serve(settings);
        String address = awaitReady(server);
        if (isBuilt) {
            // Where it listens on all addresses, the one that this machine's browser can use.
            assertThat(server.inputReader().readLine()).isEqualTo("Chat in a browser: " + address + "/chat/");
        } else {
            assertThat(awaitLine(server.errorReader(), "there is no chat page"))
                    .contains("this build has none", "web/");
        }

        List<String> json = new ArrayList<>(List.of(settings));
        json.add("--json");
        assertThat(serve(json.toArray(String[]::new)).inputReader().readLine())
                .matches("\\{\"ready\":\"(http://127\\.0\\.0\\.1:\\d+)\",.*,\"pid\":\\d+"
                        + (isBuilt ? ",\"chat\":\"\\1/chat/\"" : "") + "\\}");

        json.addAll(List.of("--set", "pages.enabled=false"));
        assertThat(serve(json.toArray(String[]::new)).inputReader().readLine()).doesNotContain("chat");
    }

    @Test
    void theChatPageOfAServerThatSpeaksOnlyTlsIsThere() throws Exception {
        TestCertificate certificate = TestCertificate.write(directory, "EC");
        Process server = serve(
                "--port",
                "0",
                "--json",
                "--set",
                "engine=memory",
                "--set",
                "server.tls.certificate=" + certificate.certificate(),
                "--set",
                "server.tls.key=" + certificate.key());
        boolean isBuilt = BuiltChatPage.isThere();

        assertThat(server.inputReader().readLine())
                .matches("\\{\"ready\":\"(https://127\\.0\\.0\\.1:\\d+)\",.*,\"pid\":\\d+"
                        + (isBuilt ? ",\"chat\":\"\\1/chat/\"" : "") + "\\}");
    }

    @Test
    void aDataDirectoryThatIsNoneIsOneLine() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");

        assertOneLine(
                serve("--port", "0", "--data", file.toString()),
                ExitCodes.DATA,
                file.toString(),
                "the store needs a directory");
    }

    @Test
    void aServerThatOthersReachWantsCredentials() throws Exception {
        assertOneLine(
                serve("--port", "0", "--bind", "0.0.0.0", "--set", "engine=memory"),
                ExitCodes.CONFIGURATION,
                "access.tokens");
    }

    @Test
    void aPortThatAnotherProgramHasIsOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertOneLine(
                    serve("--port", Integer.toString(taken.getLocalPort()), "--set", "engine=memory"),
                    ExitCodes.CANNOT_LISTEN,
                    "127.0.0.1 port " + taken.getLocalPort(),
                    "the port is in use");
        }
    }

    private static String awaitLine(BufferedReader lines, String part) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains(part)) {
                return line;
            }
        }
        throw new AssertionError("nothing said: " + part);
    }

    private static void signal(Process process, String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void sighupChangesNothingAndSaysSo() throws Exception {
        // Where the tests themselves run under nohup, what they start would ignore it.
        Process process = start(
                List.of("env", "--default-signal=HUP"),
                List.of(),
                environment(),
                serving("--port", "0", "--set", "engine=memory"));
        String address = awaitReady(process);
        BufferedReader err = process.errorReader();

        for (int i = 0; i < 2; i++) {
            signal(process, "HUP");
            awaitLine(err, "SIGHUP changes nothing");
        }

        assertThat(terminal(address).run("publish", "t", "1").exitCode()).isZero();
        signal(process, "TERM");
        assertEnds(process, ExitCodes.OK);
    }

    @Test
    void aServiceWithoutAHomeKeepsItsTokenBesideItsData() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        String data = directory.resolve("data").toString();
        Process process = start(
                List.of(),
                List.of("-Duser.home=" + file.resolve("home")),
                Map.of("XDG_RUNTIME_DIR", file.toString()),
                serving("--port", "0", "--data", data));
        String address = awaitReady(process);

        Terminal operator = new Terminal(
                Map.of("TOPICSTREAM_SERVER", address, "TOPICSTREAM_DATA_DIR", data), directory.resolve("home"));

        assertThat(operator.run("keys", "create", "ada").exitCode()).isZero();
        process.destroy();
        assertEnds(process, ExitCodes.OK);
        assertThat(directory.resolve("data/run")).isEmptyDirectory();
    }

    @Test
    void aRunDirectoryThatCannotBeUsedIsNamedWithTheReason() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        Process configured = start(
                List.of(),
                List.of(),
                Map.of("TOPICSTREAM_SERVER_RUN_DIR", file.resolve("run").toString()),
                serving("--port", "0", "--set", "engine=memory"));
        assertOneLine(configured, ExitCodes.CONFIGURATION, "server.run_dir", file.toString());

        Process homeless = start(
                List.of(),
                List.of("-Duser.home=" + file.resolve("home")),
                Map.of(),
                serving("--port", "0", "--set", "engine=memory"));
        assertOneLine(homeless, ExitCodes.CONFIGURATION, "server.run_dir", file.toString());

        Process unknown =
                start(List.of(), List.of("-Duser.home=?"), Map.of(), serving("--port", "0", "--set", "engine=memory"));
        assertOneLine(unknown, ExitCodes.CONFIGURATION, "server.run_dir");
    }

    @Test
    void aServerWhoseReadyLineCannotBeWrittenServesAndSaysSo() throws Exception {
        Process process = start(
                List.of("sh", "-c", "exec \"$@\" >/dev/full", "sh"),
                List.of(),
                environment(),
                serving("--port", "0", "--set", "engine=memory"));

        String note = awaitLine(process.errorReader(), "topicstream: note");

        assertThat(note).matches("topicstream: note: ready: http://127\\.0\\.0\\.1:\\d+; .*");
        String address = note.substring(note.indexOf("http"), note.indexOf(';'));
        assertThat(terminal(address).run("publish", "t", "1").exitCode()).isZero();
        process.destroy();
        assertEnds(process, ExitCodes.OK);
    }

    @Test
    void whatIsTypedInTheLocaleCIsRefusedOrStoredAsItIs() throws Exception {
        Process server = serve("--port", "0", "--set", "engine=memory");
        String address = awaitReady(server);
        for (String locale : List.of("C", "C.UTF-8")) {
            Process publish = start(
                    List.of("sh", "-c", "exec \"$@\" \"$(printf '\\042\\303\\251\\042')\"", "sh"),
                    List.of(),
                    Map.of("LC_ALL", locale, "TOPICSTREAM_SERVER", address),
                    List.of("publish", "words"));
            if (locale.equals("C")) {
                assertOneLine(publish, ExitCodes.USAGE, "locale");
            } else {
                assertEnds(publish, ExitCodes.OK);
            }
        }
        assertThat(terminal(address).run("consume", "words").out()).isEqualTo("1\t\"é\"\n");
    }

    @Test
    void twoServersOnOnePortOfSeveralAddressesAreManagedEachByItsOwnToken() throws Exception {
        Process first = serve("--port", "0", "--set", "engine=memory");
        String address = awaitReady(first);
        String port = address.substring(address.lastIndexOf(':') + 1);
        Process second = serve("--port", port, "--bind", "127.0.0.2", "--set", "engine=memory");
        assertThat(second.inputReader().readLine()).startsWith("ready: http://127.0.0.2:" + port);

        assertThat(terminal(address).run("keys", "create", "ada").exitCode()).isZero();
        second.destroy();
        assertEnds(second, ExitCodes.OK);
        assertThat(terminal(address).run("keys", "list").lines()).hasSize(1);
    }
}
