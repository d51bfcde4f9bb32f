package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// `topicstream dev aws` as a process, which listens, and has said so as JSON.
final class DevAwsProcess implements AutoCloseable {
    static final long PATIENCE_SECONDS = 120;

    private final Process process;
    private final String said;

    private DevAwsProcess(Process process, String said) {
        this.process = process;
        this.said = said;
    }

    /// Starts the command as it is shipped.
    ///
    /// @param directory in which it runs
    static Process launch(Path directory, Map<String, String> environment, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(
                                Stream.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-XX:TieredStopAtLevel=1",
                                        "-cp",
                                        ServeProcessTest.shippedClassPath(),
                                        Main.class.getName(),
                                        "dev",
                                        "aws",
                                        "--port",
                                        "0"),
                                Stream.of(arguments))
                        .toList())
                .directory(directory.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /// Starts one that keeps what it has, and waits until it listens.
    static DevAwsProcess start(Path directory, Map<String, String> environment) throws IOException {
        Process process = launch(
                directory,
                environment,
                "--json",
                "--data",
                directory.resolve("data").toString());
        String line = process.inputReader().readLine();
        if (line == null) {
            throw new AssertionError(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        return new DevAwsProcess(process, line);
    }

    /// What it said first.
    String said() {
        return said;
    }

    /// A member of what it said first.
    String said(String name) {
        return member(said, name);
    }

    static String member(String line, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\":\"([^\"]+)\"").matcher(line);
        assertThat(matcher.find()).as(line).isTrue();
        return matcher.group(1);
    }

    URI uri() {
        return URI.create(said("ready"));
    }

    Process process() {
        return process;
    }

    /// Kills it, so that nothing of it runs any more.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    void endInOrder() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(ExitCodes.OK);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
