package io.topicstream.server.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.util.internal.PlatformDependent;
import io.topicstream.server.StartException;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A server in a process of its own, with little memory. It serves until its standard input ends, and
/// tells what it uses when it is asked.
final class ServerProcess implements AutoCloseable {
    private static final long MIB = 1 << 20;

    /// The class path as it ships, in archives: a class in a folder needs a descriptor to be loaded.
    private static final Archives ARCHIVES = new Archives();

    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter in;
    private final URI uri;

    /// What the process uses, in MiB.
    ///
    /// @param heap in use after a collection
    /// @param direct reserved for buffers outside the heap
    /// @param resident of the whole process
    record Memory(long heap, long direct, long resident) {}

    /// @param settings pairs of a path and a text
    ServerProcess(String maxHeap, String... settings) {
        this(List.of(), ProcessBuilder.Redirect.INHERIT, maxHeap, settings);
    }

    /// @param before what goes before the command, as a shell that sets limits
    /// @param errors where its standard error goes
    ServerProcess(List<String> before, ProcessBuilder.Redirect errors, String maxHeap, String... settings) {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + maxHeap,
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                ARCHIVES.path(),
                ServerProcess.class.getName()));
        command.addAll(List.of(settings));
        try {
            process = new ProcessBuilder(command).redirectError(errors).start();
            out = process.inputReader(UTF_8);
            in = process.outputWriter(UTF_8);
            uri = URI.create("http://127.0.0.1:" + port());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The port that it says, without which nobody else ends it.
    private int port() throws IOException {
        try {
            return Integer.parseInt(line());
        } catch (IOException | NumberFormatException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private String line() throws IOException {
        String line = out.readLine();
        if (line == null) {
            throw new IOException("the server has ended");
        }
        return line;
    }

    URI uri() {
        return uri;
    }

    Memory memory() {
        try {
            in.write("memory\n");
            in.flush();
            String[] used = line().split(" ", -1);
            String resident = Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow();
            return new Memory(
                    Long.parseLong(used[0]) / MIB,
                    Long.parseLong(used[1]) / MIB,
                    Long.parseLong(resident.replaceAll("\\D", "")) / 1024);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Stops it; fails if it does not end well.
    @Override
    public void close() {
        try {
            in.close();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError("the server did not end well");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    /// The process itself.
    public static void main(String[] settings) throws IOException, StartException {
        try (TopicStreamServer server = TopicStreamServer.start(TestServers.config(settings))) {
            System.out.println(server.address().getPort());
            BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            while (questions.readLine() != null) {
                System.gc();
                System.out.println(
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() + " "
                                + PlatformDependent.usedDirectMemory());
            }
        }
    }
}
