package io.topicstream.aws.runtime;

import io.topicstream.aws.s3.Objects;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.apigatewaymanagementapi.ApiGatewayManagementApiClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.s3.S3Client;

/// The clients of the services that a function calls. Region, credentials and other endpoints are taken from the
/// environment, as Lambda sets it. Thread-safe.
///
/// @param s3 null without a bucket
record Clients(
        DynamoDbClient dynamo, @Nullable S3Client s3, ApiGatewayManagementApiClient management, LambdaClient lambda)
        implements AutoCloseable {
    private static final Duration TO_CONNECT = Duration.ofSeconds(2);
    private static final Duration TO_ANSWER = Duration.ofSeconds(10);

    /// How long connections of clients live.
    enum Sockets {
        /// From call to call.
        KEPT,
        /// For one call: what is in a snapshot has no socket then that somebody else closes.
        ONE_CALL
    }

    static Clients open(FunctionSettings settings, Sockets sockets) {
        AwsCredentialsProvider credentials = credentials();
        return new Clients(
                with(DynamoDbClient.builder().httpClientBuilder(http()), credentials, common(sockets))
                        .build(),
                settings.bucket() == null
                        ? null
                        // Most stand-ins have one host for all buckets.
                        : with(Objects.client(settings.isBesideAws()), credentials, common(sockets))
                                .build(),
                with(
                                ApiGatewayManagementApiClient.builder().httpClientBuilder(http()),
                                credentials,
                                // Who posts tries again himself.
                                common(sockets).retryStrategy(DefaultRetryStrategy.doNotRetry()))
                        .endpointOverride(settings.callbacks())
                        .build(),
                with(LambdaClient.builder().httpClientBuilder(http()), credentials, common(sockets))
                        .build());
    }

    /// Those that Lambda gives: in variables, or, to a function that came out of a snapshot, at an address. Not the
    /// SDK's own chain, which looks in files too, and whose finds outlive the client.
    private static AwsCredentialsProvider credentials() {
        return AwsCredentialsProviderChain.of(
                EnvironmentVariableCredentialsProvider.create(),
                ContainerCredentialsProvider.builder().build());
    }

    private static UrlConnectionHttpClient.Builder http() {
        return UrlConnectionHttpClient.builder().connectionTimeout(TO_CONNECT).socketTimeout(TO_ANSWER);
    }

    private static ClientOverrideConfiguration.Builder common(Sockets sockets) {
        ClientOverrideConfiguration.Builder options = ClientOverrideConfiguration.builder();
        return sockets == Sockets.KEPT ? options : options.putHeader("Connection", "close");
    }

    private static <B extends AwsClientBuilder<B, C>, C> B with(
            B builder, AwsCredentialsProvider credentials, ClientOverrideConfiguration.Builder options) {
        return builder.credentialsProvider(credentials).overrideConfiguration(options.build());
    }

    @Override
    public void close() {
        dynamo.close();
        if (s3 != null) {
            s3.close();
        }
        management.close();
        lambda.close();
    }
}
