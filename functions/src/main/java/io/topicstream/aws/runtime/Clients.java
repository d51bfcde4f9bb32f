package io.topicstream.aws.runtime;

import io.topicstream.aws.s3.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
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
    static Clients open(FunctionSettings settings, ClientParts.Sockets sockets) {
        AwsCredentialsProvider credentials = ClientParts.credentials();
        return new Clients(
                ClientParts.with(
                                DynamoDbClient.builder().httpClientBuilder(ClientParts.http()),
                                credentials,
                                ClientParts.common(sockets))
                        .build(),
                settings.bucket() == null
                        ? null
                        // Most stand-ins have one host for all buckets.
                        : ClientParts.with(
                                        Objects.client(settings.isBesideAws()),
                                        credentials,
                                        ClientParts.common(sockets))
                                .build(),
                ClientParts.with(
                                ApiGatewayManagementApiClient.builder().httpClientBuilder(ClientParts.http()),
                                credentials,
                                // Who posts tries again himself.
                                ClientParts.common(sockets).retryStrategy(DefaultRetryStrategy.doNotRetry()))
                        .endpointOverride(settings.callbacks())
                        .build(),
                ClientParts.with(
                                LambdaClient.builder().httpClientBuilder(ClientParts.http()),
                                credentials,
                                ClientParts.common(sockets))
                        .build());
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
