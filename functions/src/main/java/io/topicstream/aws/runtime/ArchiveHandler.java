package io.topicstream.aws.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.topicstream.aws.dynamo.ArchiveOptions;
import io.topicstream.aws.dynamo.Archiver;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.lambda.ArchiveFunction;
import io.topicstream.aws.lambda.LetterBox;
import io.topicstream.aws.s3.Objects;
import io.topicstream.log.TopicName;
import io.topicstream.policy.TopicPolicies;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;

/// The archiver, as Lambda calls it. Thread-safe.
public final class ArchiveHandler implements RequestStreamHandler {
    private final Renewed<Served> served;

    /// What serves.
    private record Served(DynamoDbClient dynamo, S3Client s3, Objects bucket, Archiver archiver)
            implements AutoCloseable {
        static Served open(Settings settings, ClientParts.Sockets sockets) {
            AwsCredentialsProvider credentials = ClientParts.credentials();
            DynamoDbClient dynamo = ClientParts.with(
                            DynamoDbClient.builder().httpClientBuilder(ClientParts.http()),
                            credentials,
                            ClientParts.common(sockets))
                    .build();
            S3Client s3 = ClientParts.with(
                            Objects.client(settings.isBesideAws()), credentials, ClientParts.common(sockets))
                    .build();
            Objects bucket = new Objects(s3, settings.bucket());
            return new Served(
                    dynamo,
                    s3,
                    bucket,
                    new Archiver(
                            new DynamoTable(dynamo, settings.table()),
                            DynamoOptions.DEFAULTS
                                    .withRetention(settings.policies().retention())
                                    .withLarge(bucket)
                                    .withArchive(bucket),
                            ArchiveOptions.DEFAULTS));
        }

        ArchiveFunction function() {
            return new ArchiveFunction(archiver, bucket);
        }

        @Override
        public void close() {
            dynamo.close();
            s3.close();
        }
    }

    private record Settings(String table, String bucket, boolean isBesideAws, TopicPolicies policies) {
        static Settings of(Map<String, String> variables) {
            Environment environment = new Environment(variables);
            Settings settings = new Settings(
                    environment.required(FunctionSettings.TABLE),
                    environment.required(FunctionSettings.BUCKET),
                    environment.isBesideAws(),
                    SharedSettings.policies(environment));
            environment.check();
            return settings;
        }
    }

    /// As Lambda makes it.
    public ArchiveHandler() {
        this(System.getenv());
    }

    ArchiveHandler(Map<String, String> environment) {
        Settings settings = Settings.of(environment);
        served = Renewed.of(
                environment, () -> Served.open(settings, ClientParts.Sockets.KEPT), () -> rehearse(settings));
    }

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
        output.write(served.get().function().handle(input.readAllBytes()));
    }

    private static void rehearse(Settings settings) {
        try (Served now = Served.open(settings, ClientParts.Sockets.ONE_CALL)) {
            Rehearsal.tried("a topic", () -> now.archiver().archive(List.of(new TopicName("rehearsal"))));
            Rehearsal.tried("an object", () -> now.bucket().get(LetterBox.FOLDER + "rehearsal"));
        }
    }
}
