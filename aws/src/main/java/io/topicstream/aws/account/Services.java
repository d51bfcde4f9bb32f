package io.topicstream.aws.account;

import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.s3.Objects;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;

/// DynamoDB and S3: of an account, with region and credentials as the usual variables and files say; or others at an
/// address, which ask for no real credentials. A call that is refused for its rate is tried again for a minute or so.
public final class Services implements AutoCloseable {
    private static final int TRIES = 12;
    private static final Duration TO_CONNECT = Duration.ofSeconds(5);
    private static final Duration TO_ANSWER = Duration.ofSeconds(60);

    private final @Nullable URI dynamoUri;
    private final @Nullable URI s3Uri;
    private @Nullable DynamoDbClient dynamo;
    private @Nullable S3Client s3;

    /// @param dynamoUri null for that of the account
    /// @param s3Uri null for that of the account
    public Services(@Nullable URI dynamoUri, @Nullable URI s3Uri) {
        this.dynamoUri = dynamoUri;
        this.s3Uri = s3Uri;
    }

    private static <B extends AwsClientBuilder<B, C>, C> C client(B builder, @Nullable URI uri) {
        builder.overrideConfiguration(
                options -> options.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                        .maxAttempts(TRIES)
                        .circuitBreakerEnabled(false)
                        .build()));
        if (uri != null) {
            builder.region(Region.US_EAST_1)
                    .endpointOverride(uri)
                    .credentialsProvider(
                            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")));
        }
        return builder.build();
    }

    private static UrlConnectionHttpClient.Builder http() {
        return UrlConnectionHttpClient.builder().connectionTimeout(TO_CONNECT).socketTimeout(TO_ANSWER);
    }

    /// A table.
    ///
    /// @param mayBeMade whether one that is missing is made, where it is not that of an account
    /// @throws IOException if it cannot be used
    public DynamoTable table(String name, boolean mayBeMade) throws IOException {
        try {
            DynamoDbClient client = client(DynamoDbClient.builder().httpClientBuilder(http()), dynamoUri);
            dynamo = client;
            try {
                client.describeTable(describe -> describe.tableName(name));
                return new DynamoTable(client, name);
            } catch (ResourceNotFoundException e) {
                if (mayBeMade && dynamoUri != null) {
                    return DynamoTable.create(client, name);
                }
                throw new IOException("there is no table " + name, e);
            }
        } catch (SdkException e) {
            throw new IOException("the table " + name + " cannot be used: " + e.getMessage(), e);
        }
    }

    /// A bucket.
    ///
    /// @param mayBeMade whether one that is missing is made, where it is not that of an account
    /// @throws IOException if it cannot be used
    public Objects bucket(String name, boolean mayBeMade) throws IOException {
        try {
            S3Client client = client(Objects.client(s3Uri != null).httpClientBuilder(http()), s3Uri);
            s3 = client;
            try {
                client.headBucket(head -> head.bucket(name));
            } catch (NoSuchBucketException e) {
                if (!mayBeMade || s3Uri == null) {
                    throw new IOException("there is no bucket " + name, e);
                }
                client.createBucket(create -> create.bucket(name));
            }
            return new Objects(client, name);
        } catch (SdkException e) {
            throw new IOException("the bucket " + name + " cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (dynamo != null) {
            dynamo.close();
        }
        if (s3 != null) {
            s3.close();
        }
    }
}
