package io.topicstream.conformance;

import com.amazonaws.ClientConfiguration;
import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.apigatewaymanagementapi.AmazonApiGatewayManagementApi;
import com.amazonaws.services.apigatewaymanagementapi.AmazonApiGatewayManagementApiClientBuilder;
import com.amazonaws.services.apigatewaymanagementapi.model.AmazonApiGatewayManagementApiException;
import com.amazonaws.services.apigatewaymanagementapi.model.DeleteConnectionRequest;
import com.amazonaws.services.apigatewaymanagementapi.model.ForbiddenException;
import com.amazonaws.services.apigatewaymanagementapi.model.GetConnectionRequest;
import com.amazonaws.services.apigatewaymanagementapi.model.GoneException;
import com.amazonaws.services.apigatewaymanagementapi.model.LimitExceededException;
import com.amazonaws.services.apigatewaymanagementapi.model.PayloadTooLargeException;
import com.amazonaws.services.apigatewaymanagementapi.model.PostToConnectionRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/// Calls the callback API with version 1 of the SDK for Java, which many applications still have.
final class JavaV1Caller extends JavaCaller<AmazonApiGatewayManagementApi> {
    private JavaV1Caller() {}

    public static void main(String[] arguments) throws IOException {
        new JavaV1Caller().run();
    }

    @Override
    AmazonApiGatewayManagementApi client(String endpoint, Call.Key key) {
        return AmazonApiGatewayManagementApiClientBuilder.standard()
                .withEndpointConfiguration(new EndpointConfiguration(endpoint, "us-east-1"))
                .withCredentials(new AWSStaticCredentialsProvider(new BasicAWSCredentials(key.id(), key.secret())))
                .withClientConfiguration(new ClientConfiguration().withMaxErrorRetry(0))
                .build();
    }

    @Override
    List<String> call(AmazonApiGatewayManagementApi client, Call call) {
        String id = call.connection();
        switch (call.what()) {
            case "text", "bytes" ->
                client.postToConnection(
                        new PostToConnectionRequest().withConnectionId(id).withData(ByteBuffer.wrap(call.data())));
            case "delete" -> client.deleteConnection(new DeleteConnectionRequest().withConnectionId(id));
            default -> {
                var said = client.getConnection(new GetConnectionRequest().withConnectionId(id));
                return List.of(
                        Long.toString(said.getConnectedAt().toInstant().toEpochMilli()),
                        Long.toString(said.getLastActiveAt().toInstant().toEpochMilli()),
                        said.getIdentity().getSourceIp(),
                        Objects.requireNonNullElse(said.getIdentity().getUserAgent(), ""));
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
            case AmazonApiGatewayManagementApiException e -> refused("", e);
            default -> new Outcome.Failed(thrown.toString());
        };
    }

    private static Outcome refused(String type, AmazonApiGatewayManagementApiException e) {
        return new Outcome.Refused(type, e.getStatusCode(), String.valueOf(e.getErrorCode()));
    }
}
