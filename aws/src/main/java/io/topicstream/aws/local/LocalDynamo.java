package io.topicstream.aws.local;

import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.metering.DynamoMetering;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;

/// A DynamoDB on this machine, which asks for no real credentials: one that somebody runs, or the program dynoxide, an
/// open stand-in, as a process of ours on the loopback. That ends with this one.
public final class LocalDynamo implements AutoCloseable {
    private static final String NAME = "dynoxide";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long LOOK_MS = 20;
    private static final long LAST_CALLS_SECONDS = 25;

    /// Becomes the program, beside a shell that ends it when our end of its input is closed: also where this process is
    /// killed.
    private static final String UNTIL_WE_END = "exec 3<&0; (read -r _ <&3; kill $$) & exec \"$@\" 3<&- </dev/null";

    /// Null where somebody else runs it.
    private final @Nullable Process process;

    private final URI endpoint;
    private final DynamoDbClient client;
    private final List<DynamoDbClient> more = new CopyOnWriteArrayList<>();

    private LocalDynamo(@Nullable Process process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
        this.client = newClient();
    }

    /// Where the program is: on the path, or where cargo puts what it installs; null where it is not.
    ///
    /// @param home the user's
    public static @Nullable Path find(Map<String, String> environment, Path home) {
        return Stream.concat(
                        Pattern.compile(":").splitAsStream(environment.getOrDefault("PATH", "")),
                        Stream.of(home.resolve(".cargo/bin").toString()))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, NAME))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /// One that runs already.
    public static LocalDynamo at(URI endpoint) {
        return new LocalDynamo(null, endpoint);
    }

    /// Starts the program, and waits until it answers.
    ///
    /// @param file in which it keeps everything, or null: in memory
    /// @throws IOException if it does not start
    public static LocalDynamo start(Path program, @Nullable Path file) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        List<String> command = Stream.concat(
                        Stream.of(
                                "/bin/sh",
                                "-c",
                                UNTIL_WE_END,
                                NAME,
                                program.toString(),
                                "serve",
                                "--host",
                                "127.0.0.1",
                                "--port",
                                Integer.toString(port)),
                        file == null ? Stream.of() : Stream.of("--db-path", file.toString()))
                .toList();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endWith(process)));
        LocalDynamo started = new LocalDynamo(process, URI.create("http://127.0.0.1:" + port));
        try {
            started.awaitAnswer(process);
            return started;
        } catch (IOException | RuntimeException e) {
            started.close();
            throw e;
        }
    }

    /// This process ends. Who stops it in order needs the table to the last, and closes it then.
    private static void endWith(Process process) {
        try {
            process.waitFor(LAST_CALLS_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }

    private void awaitAnswer(Process started) throws IOException {
        long untilNs = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                client.listTables();
                return;
            } catch (SdkClientException e) {
                if (!started.isAlive()) {
                    throw new IOException(NAME + " ended at once, with " + started.exitValue(), e);
                }
                if (System.nanoTime() > untilNs) {
                    throw new IOException(NAME + " does not answer", e);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MS));
            }
        }
    }

    /// Another client, which the caller closes.
    ///
    /// @param hooks of it
    public DynamoDbClient newClient(ExecutionInterceptor... hooks) {
        return DynamoDbClient.builder()
                .overrideConfiguration(configuration -> List.of(hooks).forEach(configuration::addExecutionInterceptor))
                .region(Region.US_EAST_1)
                .endpointOverride(endpoint)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    /// A table of it, which is made where it is missing.
    ///
    /// @throws IOException if it cannot be used
    public DynamoTable table(String name) throws IOException {
        return table(client, name);
    }

    /// The same, by a client of its own, which ends with this.
    ///
    /// @param meter counts what its calls are billed for
    /// @param stream is told of new rows
    public DynamoTable table(String name, Meter meter, TableStream stream) throws IOException {
        DynamoDbClient own = newClient(new DynamoMetering(meter), stream);
        more.add(own);
        return table(own, name);
    }

    private static DynamoTable table(DynamoDbClient asked, String name) throws IOException {
        try {
            asked.describeTable(describe -> describe.tableName(name));
            return new DynamoTable(asked, name);
        } catch (ResourceNotFoundException e) {
            return DynamoTable.create(asked, name);
        } catch (SdkException e) {
            throw new IOException("the table " + name + " cannot be used: " + e.getMessage(), e);
        }
    }

    /// Where it is.
    public URI endpoint() {
        return endpoint;
    }

    @Override
    public void close() {
        client.close();
        more.forEach(DynamoDbClient::close);
        if (process != null) {
            process.destroy();
        }
    }
}
