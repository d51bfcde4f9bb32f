package io.topicstream.examples.directchat;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.endpoints.Endpoint;
import software.amazon.awssdk.endpoints.EndpointUrl;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.apigatewaymanagementapi.ApiGatewayManagementApiClient;
import software.amazon.awssdk.services.apigatewaymanagementapi.endpoints.ApiGatewayManagementApiEndpointProvider;

/// The way from the back end to a client: posts to its connection, by the SDK with which that is done on AWS.
/// Thread-safe; waits for the answer, ten seconds at most.
final class Callbacks implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int GONE = 410;

    private final ApiGatewayManagementApiClient client;

    /// @param region for which calls are signed
    /// @param credentials with which they are
    Callbacks(String region, AwsCredentialsProvider credentials) {
        client = ApiGatewayManagementApiClient.builder()
                .region(Region.of(region))
                .credentialsProvider(credentials)
                .httpClientBuilder(UrlConnectionHttpClient.builder().connectionTimeout(PATIENCE))
                .overrideConfiguration(configuration -> configuration.apiCallTimeout(PATIENCE))
                .build();
    }

    /// What became of a message.
    enum Outcome {
        SENT,
        /// The connection is gone, and will not come back.
        GONE,
        FAILED
    }

    /// Posts a text to a connection.
    ///
    /// @param url where connections are reached, with the stage, as the gateway names it in each request
    Outcome post(String url, String connectionId, String text) {
        try {
            Endpoint endpoint = Endpoint.builder()
                    .endpointUrl(EndpointUrl.fromUri(endpoint(url)))
                    .build();
            ApiGatewayManagementApiEndpointProvider there = _ -> CompletableFuture.completedFuture(endpoint);
            client.postToConnection(request -> request.connectionId(connectionId)
                    .data(SdkBytes.fromUtf8String(text))
                    .overrideConfiguration(configuration -> configuration.endpointProvider(there)));
            return Outcome.SENT;
        } catch (SdkServiceException e) {
            return e.statusCode() == GONE ? Outcome.GONE : failed(e);
        } catch (SdkException e) {
            return failed(e);
        }
    }

    private static URI endpoint(String url) {
        try {
            URI uri = new URI(url);
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException _) {
            // Said below.
        }
        throw SdkClientException.create("not a URL of a stage: " + url);
    }

    private static Outcome failed(SdkException e) {
        Journal.warn("a connection could not be posted to: " + e.getMessage());
        return Outcome.FAILED;
    }

    @Override
    public void close() {
        client.close();
    }
}
