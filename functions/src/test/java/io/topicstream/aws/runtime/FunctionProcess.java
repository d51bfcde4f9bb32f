package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import io.topicstream.aws.runtime.StubAws.Outcome;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import software.amazon.awssdk.utilslite.SdkInternalThreadLocal;

/// A function in a process of its own, as Lambda runs it: out of the archive, by the client of the runtime's interface.
/// One at a time: that client unpacks a library to a place that all processes share.
final class FunctionProcess implements AutoCloseable {
    /// Where the build leaves the archives.
    static final Path ARCHIVES = Path.of("target", "functions");

    /// As Lambda starts one that is not restored: the second compiler is off.
    static final List<String> PLAIN = List.of("-XX:TieredStopAtLevel=1");
    /// As Lambda starts one that is.
    static final List<String> SNAPSHOT = List.of("-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac");

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Process process;
    private final Path output;

    private FunctionProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /// The name of a function's archive.
    static String archive(String function) {
        return "topicstream-" + function + ".zip";
    }

    /// Unpacks an archive, as Lambda does.
    static Path unpacked(String archive, Path into) throws IOException {
        try (InputStream in = Files.newInputStream(ARCHIVES.resolve(archive));
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = into.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(zip, file);
                }
            }
        }
        return into;
    }

    /// Starts a function.
    ///
    /// @param task the folder of the unpacked archive
    /// @param handler the name of the class
    /// @param options of the Java that runs it
    static FunctionProcess start(
            Path task, String handler, List<String> options, Map<String, String> environment, Path output)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx800m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(options);
        command.addAll(List.of("-cp", runtime(), AWSLambda.class.getName(), handler));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(task.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_") || name.startsWith("TOPICSTREAM_"));
        builder.environment().putAll(environment);
        return new FunctionProcess(builder.start(), output);
    }

    /// What Lambda has itself; the function's classes are not among it.
    private static String runtime() {
        return Stream.of(AWSLambda.class, PojoSerializer.class, Context.class, SdkInternalThreadLocal.class)
                .map(FunctionProcess::jar)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String jar(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What its variables say, but for those of the table.
    static Map<String, String> environment(StubAws aws, String table, String dynamo) {
        return Map.ofEntries(
                Map.entry("AWS_LAMBDA_RUNTIME_API", aws.authority()),
                Map.entry("AWS_LAMBDA_FUNCTION_NAME", "websocket"),
                Map.entry("AWS_LAMBDA_FUNCTION_VERSION", "1"),
                Map.entry("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"),
                Map.entry("AWS_LAMBDA_LOG_GROUP_NAME", "group"),
                Map.entry("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
                Map.entry("AWS_REGION", "us-east-1"),
                Map.entry("AWS_ACCESS_KEY_ID", "local"),
                Map.entry("AWS_SECRET_ACCESS_KEY", "local"),
                Map.entry("AWS_ENDPOINT_URL_DYNAMODB", dynamo),
                Map.entry("AWS_ENDPOINT_URL_LAMBDA", aws.uri().toString()),
                Map.entry("TOPICSTREAM_TABLE", table),
                Map.entry("TOPICSTREAM_CALLBACK_URL", aws.uri() + "/" + StubAws.STAGE));
    }

    /// Waits for what comes of a call, or of the start; ends early if the process does.
    <T> T await(CompletableFuture<T> coming) {
        long untilNs = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < untilNs) {
            try {
                return coming.get(200, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (!process.isAlive() && !coming.isDone()) {
                    throw new AssertionError("the function has ended: " + said(), e);
                }
            } catch (InterruptedException | ExecutionException e) {
                throw new AssertionError(e);
            }
        }
        throw new AssertionError("nothing came: " + said());
    }

    /// Calls it and waits for what it says.
    String call(StubAws aws, byte[] payload) {
        Outcome outcome = await(aws.call(payload));
        if (outcome.failed()) {
            throw new AssertionError(outcome.text() + "\n" + said());
        }
        return outcome.text();
    }

    /// All that it has written.
    String said() {
        try {
            return Files.readString(output, UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /// Ends it at once, as by `kill -9`.
    void kill() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }
}
