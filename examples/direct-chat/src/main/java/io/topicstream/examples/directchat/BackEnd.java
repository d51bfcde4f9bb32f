package io.topicstream.examples.directchat;

import io.topicstream.examples.backend.Callbacks;
import io.topicstream.examples.backend.Endpoints;
import io.topicstream.examples.backend.Environment;
import io.topicstream.examples.backend.Launch;
import java.net.URI;
import java.time.Duration;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;

/// The program: opens the register, and answers with what the chat does.
public final class BackEnd {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private BackEnd() {}

    public static void main(String[] arguments) {
        Launch.run("direct-chat", BackEnd::open);
    }

    private static void open(Environment environment, Endpoints endpoints, Deque<AutoCloseable> closing)
            throws Environment.Missing {
        Settings settings = Settings.of(environment);
        Register register = open(settings);
        closing.push(register);
        Callbacks callbacks = Callbacks.retrying(settings.region(), Environment.credentials(settings.hasCredentials()));
        closing.push(callbacks);
        ChatEndpoints.add(endpoints, new Chat(register, callbacks));
    }

    private static Register open(Settings settings) {
        return switch (settings.names()) {
            case Settings.Names.InFolder(var folder) -> RocksRegister.open(folder);
            case Settings.Names.InTable(String table, @Nullable URI endpoint) -> {
                DynamoDbClientBuilder client = DynamoDbClient.builder()
                        .region(Region.of(settings.region()))
                        .credentialsProvider(Environment.credentials(settings.hasCredentials()))
                        .httpClientBuilder(UrlConnectionHttpClient.builder().connectionTimeout(PATIENCE))
                        .overrideConfiguration(configuration -> configuration.apiCallTimeout(PATIENCE));
                if (endpoint != null) {
                    client.endpointOverride(endpoint);
                }
                yield DynamoRegister.open(client.build(), table);
            }
        };
    }
}
