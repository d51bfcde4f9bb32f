package io.topicstream.aws.dynamo;

import io.topicstream.aws.local.LocalDynamo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;

/// A DynamoDB of the tests' own: the open stand-in dynoxide, which `.ci/run` installs. One for all tests of a
/// process, in memory; each test has a table of its own.
public final class Dynoxide {
    /// How often a client with faults tries a call.
    static final int TRIES = 10;

    private static final AtomicInteger TABLES = new AtomicInteger();

    private static Dynoxide running;

    private final URI endpoint;
    private final DynamoDbClient client;

    private Dynoxide() throws IOException {
        Path program = LocalDynamo.find(System.getenv(), Path.of(System.getProperty("user.home")));
        if (program == null) {
            throw new IOException("dynoxide is not installed; .ci/run does it");
        }
        LocalDynamo started = LocalDynamo.start(program, null);
        Runtime.getRuntime().addShutdownHook(new Thread(started::close));
        endpoint = started.endpoint();
        client = newClient();
    }

    /// The one that runs, or that is started now.
    public static synchronized Dynoxide get() {
        try {
            if (running == null) {
                running = new Dynoxide();
            }
            return running;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI endpoint() {
        return endpoint;
    }

    DynamoDbClient client() {
        return client;
    }

    /// Another client, which the caller closes.
    ///
    /// @param hooks that see each of its calls
    public DynamoDbClient newClient(ExecutionInterceptor... hooks) {
        return clients()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .overrideConfiguration(options -> Stream.of(hooks).forEach(options::addExecutionInterceptor))
                .build();
    }

    /// Another client, for which things go wrong; it tries each call up to [#TRIES] times, without long waits. The
    /// caller closes it.
    DynamoDbClient newClient(DynamoFaults faults, ExecutionInterceptor... hooks) {
        BackoffStrategy soon = BackoffStrategy.exponentialDelay(Duration.ofMillis(1), Duration.ofMillis(4));
        return clients()
                .httpClient(faults.around(UrlConnectionHttpClient.create()))
                .overrideConfiguration(options -> {
                    Stream.of(hooks).forEach(options::addExecutionInterceptor);
                    options.addExecutionInterceptor(new CutBatches(faults))
                            .retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                    .maxAttempts(TRIES)
                                    .backoffStrategy(soon)
                                    .throttlingBackoffStrategy(soon)
                                    .circuitBreakerEnabled(false)
                                    .build());
                })
                .build();
    }

    private DynamoDbClientBuilder clients() {
        return DynamoDbClient.builder()
                .region(Region.US_EAST_1)
                .endpointOverride(endpoint)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")));
    }

    /// A new table, with nothing in it.
    public DynamoTable table() {
        return DynamoTable.create(client, "test-" + TABLES.incrementAndGet());
    }

    /// A new table, for whose client things go wrong. The caller closes the client.
    DynamoTable table(DynamoFaults faults) {
        return new DynamoTable(newClient(faults), table().name());
    }
}
