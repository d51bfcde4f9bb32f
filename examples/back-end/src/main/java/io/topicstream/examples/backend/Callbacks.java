package io.topicstream.examples.backend;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.endpoints.Endpoint;
import software.amazon.awssdk.endpoints.EndpointUrl;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.apigatewaymanagementapi.ApiGatewayManagementApiClient;
import software.amazon.awssdk.services.apigatewaymanagementapi.endpoints.ApiGatewayManagementApiEndpointProvider;

/// The way from the back end to a client: posts to its connection, by the SDK with which that is done on AWS.
/// Thread-safe; waits for the answer, ten seconds at most.
public final class Callbacks implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int GONE = 410;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    private final ApiGatewayManagementApiClient client;

    private Callbacks(String region, AwsCredentialsProvider credentials, RetryStrategy retries) {
        client = ApiGatewayManagementApiClient.builder()
                .region(Region.of(region))
                .credentialsProvider(credentials)
                .httpClientBuilder(UrlConnectionHttpClient.builder().connectionTimeout(PATIENCE))
                .overrideConfiguration(
                        configuration -> configuration.apiCallTimeout(PATIENCE).retryStrategy(retries))
                .build();
    }

    /// Those that the SDK tries again as it does by default, within the ten seconds.
    ///
    /// @param region for which calls are signed
    /// @param credentials with which they are
    public static Callbacks retrying(String region, AwsCredentialsProvider credentials) {
        return new Callbacks(region, credentials, AwsRetryStrategy.forRetryMode(RetryMode.defaultRetryMode()));
    }

    /// Those that are made once, for who tries again by rules of its own.
    public static Callbacks once(String region, AwsCredentialsProvider credentials) {
        return new Callbacks(region, credentials, AwsRetryStrategy.doNotRetry());
    }

    /// What became of a message.
    public enum Outcome {
        SENT,
        /// The connection is gone, and will not come back.
        GONE,
        /// It may come through if it is tried again: too much was under way (429), the gateway failed (5xx), or it was
        /// not reached.
        TRY_AGAIN,
        /// It was refused, and would be again.
        REFUSED
    }

    /// Posts a text to a connection.
    ///
    /// @param url where connections are reached, with the stage, as the gateway names it in each request
    public Outcome post(String url, String connectionId, String text) {
        try {
            Endpoint endpoint = Endpoint.builder()
                    .endpointUrl(EndpointUrl.fromUri(Environment.url(url)))
                    .build();
            ApiGatewayManagementApiEndpointProvider there = _ -> CompletableFuture.completedFuture(endpoint);
            client.postToConnection(request -> request.connectionId(connectionId)
                    .data(SdkBytes.fromUtf8String(text))
                    .overrideConfiguration(configuration -> configuration.endpointProvider(there)));
            return Outcome.SENT;
        } catch (SdkServiceException e) {
            int status = e.statusCode();
            if (status == GONE) {
                return Outcome.GONE;
            }
            return failed(e, status == TOO_MANY || status >= SERVER_ERROR ? Outcome.TRY_AGAIN : Outcome.REFUSED);
        } catch (IllegalArgumentException e) {
            return failed(e, Outcome.REFUSED);
        } catch (SdkException e) {
            return failed(e, Outcome.TRY_AGAIN);
        }
    }

    private static Outcome failed(RuntimeException e, Outcome outcome) {
        Journal.warn("a connection could not be posted to: " + e.getMessage());
        return outcome;
    }

    @Override
    public void close() {
        client.close();
    }
}
