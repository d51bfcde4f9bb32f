package io.topicstream.conformance;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.apigatewaymanagementapi.ApiGatewayManagementApiClient;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.ApiGatewayManagementApiException;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.ForbiddenException;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.GoneException;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.LimitExceededException;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.PayloadTooLargeException;

/// Calls the callback API with version 2 of the SDK for Java.
final class JavaV2Caller extends JavaCaller<ApiGatewayManagementApiClient> {
    private JavaV2Caller() {}

    public static void main(String[] arguments) throws IOException {
        new JavaV2Caller().run();
    }

    @Override
    ApiGatewayManagementApiClient client(String endpoint, Call.Key key) {
        return ApiGatewayManagementApiClient.builder()
                .endpointOverride(URI.create(endpoint))
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(key.id(), key.secret())))
                .build();
    }

    @Override
    List<String> call(ApiGatewayManagementApiClient client, Call call) {
        String id = call.connection();
        switch (call.what()) {
            case "text" ->
                client.postToConnection(post -> post.connectionId(id).data(SdkBytes.fromUtf8String(call.text())));
            case "bytes" ->
                client.postToConnection(post -> post.connectionId(id).data(SdkBytes.fromByteArray(call.data())));
            case "delete" -> client.deleteConnection(delete -> delete.connectionId(id));
            default -> {
                var said = client.getConnection(get -> get.connectionId(id));
                return List.of(
                        Long.toString(said.connectedAt().toEpochMilli()),
                        Long.toString(said.lastActiveAt().toEpochMilli()),
                        said.identity().sourceIp(),
                        Objects.requireNonNullElse(said.identity().userAgent(), ""));
            }
        }
        return List.of();
    }

    @Override
    Outcome outcome(RuntimeException thrown) {
        return switch (thrown) {
            case GoneException e -> refused("GoneException", e);
            case ForbiddenException e -> refused("ForbiddenException", e);
            case LimitExceededException e -> refused("LimitExceededException", e);
            case PayloadTooLargeException e -> refused("PayloadTooLargeException", e);
            case ApiGatewayManagementApiException e -> refused("", e);
            default -> new Outcome.Failed(thrown.toString());
        };
    }

    private static Outcome refused(String type, ApiGatewayManagementApiException e) {
        return new Outcome.Refused(
                type, e.statusCode(), String.valueOf(e.awsErrorDetails().errorCode()));
    }
}
