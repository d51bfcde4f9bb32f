package io.topicstream.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A server under load, as a child process with a port and a scratch folder of its own; closing it
/// ends the process and deletes the folder.
final class ServerProcess implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
    private static final Pattern HISTOGRAM_TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|\\S+");

    private final Process process;
    private final Path folder;
    private final int port;

    private ServerProcess(Process process, Path folder, int port) {
        this.process = process;
        this.folder = folder;
        this.port = port;
    }

    /// Starts `command`, in whose words `{port}` and `{dir}` are replaced, and waits until the port
    /// answers.
    ///
    /// @throws LoadFailure if it does not, with the end of what the process said
    static ServerProcess start(List<String> command, Path scratch) {
        try {
            Files.createDirectories(scratch);
            Path folder = Files.createTempDirectory(scratch, "server-");
            int port = freePort();
            List<String> words = command.stream()
                    .map(word -> word.replace("{port}", Integer.toString(port)).replace("{dir}", folder.toString()))
                    .toList();
            Path output = folder.resolve("output.txt");
            Process process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            ServerProcess server = new ServerProcess(process, folder, port);
            if (!server.awaitPort()) {
                String said = Files.readString(output);
                server.close();
                throw new LoadFailure(String.join(" ", words) + " does not answer on its port; it said: "
                        + said.substring(Math.max(0, said.length() - 1_000)));
            }
            return server;
        } catch (IOException e) {
            throw new LoadFailure("cannot start " + command + ": " + e.getMessage(), e);
        }
    }

    /// The words of a command: what stands between spaces, or in double quotes.
    static List<String> words(String command) {
        return WORD.matcher(command)
                .results()
                .map(word -> word.group(1) != null ? word.group(1) : word.group())
                .toList();
    }

    /// The command for a server of this module, on the JDK that runs the suite.
    static List<String> own(Class<?> main, String... arguments) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        words.addAll(List.of(arguments));
        return words;
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private boolean awaitPort() {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < deadline && process.isAlive()) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
                return true;
            } catch (IOException e) {
                pause();
            }
        }
        return false;
    }

    /// A refused port says nothing about when to ask again.
    private void pause() {
        try {
            process.waitFor(20, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LoadFailure("interrupted while a server was starting", e);
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// Bytes of live objects in the server's heap, after a full collection; the server must be a
    /// JVM of this user.
    long liveHeapBytes() {
        String histogram = jcmd("GC.class_histogram");
        Matcher total = HISTOGRAM_TOTAL.matcher(histogram);
        if (!total.find()) {
            throw new LoadFailure("no heap histogram of process " + pid());
        }
        return Long.parseLong(total.group(1));
    }

    private String jcmd(String order) {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        try {
            Process asked = new ProcessBuilder(tool.toString(), Long.toString(pid()), order)
                    .redirectErrorStream(true)
                    .start();
            String answer = new String(asked.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            asked.waitFor();
            return answer;
        } catch (IOException e) {
            throw new LoadFailure("cannot ask process " + pid() + " for " + order, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LoadFailure("interrupted", e);
        }
    }

    /// The value of a counter on the server's metrics page, summed over its labels.
    ///
    /// @throws LoadFailure if the page does not have it
    double metric(String name) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> page = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return sum(page.body(), name);
        } catch (IOException e) {
            throw new LoadFailure("no metrics: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LoadFailure("interrupted", e);
        }
    }

    /// Sums a metric over its labels, in Prometheus' text format.
    static double sum(String page, String name) {
        double sum = 0;
        boolean found = false;
        for (String line : page.lines().toList()) {
            if (line.startsWith(name) && line.length() > name.length()) {
                char next = line.charAt(name.length());
                if (next == ' ' || next == '{') {
                    String[] words =
                            line.substring(line.lastIndexOf('}') + 1).trim().split(" +", -1);
                    sum += Double.parseDouble(next == '{' ? words[0] : words[1]);
                    found = true;
                }
            }
        }
        if (!found) {
            throw new LoadFailure("the server has no metric " + name);
        }
        return sum;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new LoadFailure("cannot delete " + folder, e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
