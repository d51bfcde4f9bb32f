package io.topicstream.aws.lambda;

import io.topicstream.aws.audience.Callbacks;
import java.net.URI;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.apigatewaymanagementapi.ApiGatewayManagementApiClient;
import software.amazon.awssdk.services.apigatewaymanagementapi.ApiGatewayManagementApiClientBuilder;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.ApiGatewayManagementApiException;

/// The callback API of API Gateway. How it answers is told by the status alone: a gone connection has no type of error.
/// Blocks; thread-safe.
public final class ApiGatewayCallbacks implements Callbacks, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(ApiGatewayCallbacks.class.getName());

    private final ApiGatewayManagementApiClient client;

    /// @param client of the API's stage, which does not try again: who posts does
    public ApiGatewayCallbacks(ApiGatewayManagementApiClient client) {
        this.client = client;
    }

    /// Those of a stage of a gateway on this machine, which asks for no real credentials.
    public static ApiGatewayCallbacks local(URI stage) {
        return new ApiGatewayCallbacks(builder(stage)
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
                .build());
    }

    /// It does not try again: who posts does.
    private static ApiGatewayManagementApiClientBuilder builder(URI stage) {
        return ApiGatewayManagementApiClient.builder()
                .endpointOverride(stage)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .overrideConfiguration(options -> options.retryStrategy(DefaultRetryStrategy.doNotRetry()));
    }

    @Override
    public void close() {
        client.close();
    }

    @Override
    public Answer post(String connectionId, byte[] text) {
        return text.length > MAX_POST_BYTES
                ? Answer.TOO_LARGE
                : ask(() -> client.postToConnection(
                        post -> post.connectionId(connectionId).data(SdkBytes.fromByteArrayUnsafe(text))));
    }

    @Override
    public Answer describe(String connectionId) {
        return ask(() -> client.getConnection(get -> get.connectionId(connectionId)));
    }

    /// The code and the reason are not told: API Gateway takes none.
    @Override
    public void close(String connectionId, int code, String reason) {
        Answer answer = ask(() -> client.deleteConnection(delete -> delete.connectionId(connectionId)));
        if (answer == Answer.BUSY) {
            LOGGER.log(System.Logger.Level.WARNING, "a connection that was to end could not be closed");
        }
    }

    private static Answer ask(Supplier<?> question) {
        try {
            var _ = question.get();
            return Answer.DONE;
        } catch (ApiGatewayManagementApiException e) {
            return switch (e.statusCode()) {
                case 410 -> Answer.GONE;
                case 413 -> Answer.TOO_LARGE;
                case 403 -> throw e;
                default -> Answer.BUSY;
            };
        } catch (SdkClientException e) {
            // It may have been posted: then it comes twice, as what is repeated may.
            return Answer.BUSY;
        }
    }
}
