package io.topicstream.examples.directchat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;

/// The program: reads the environment, opens the register, listens, and says where, until it is told to end.
public final class BackEnd {
    /// As of other programs of the project: the environment is not right, or the address is not to be had.
    private static final int CONFIGURATION = 78;

    private static final int CANNOT_LISTEN = 71;
    private static final int CANNOT_OPEN = 74;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private BackEnd() {}

    public static void main(String[] arguments) {
        Settings settings;
        try {
            settings = Settings.of(System.getenv());
        } catch (Settings.Missing e) {
            end(CONFIGURATION, String.valueOf(e.getMessage()));
            return;
        }
        Register register;
        try {
            register = open(settings);
        } catch (RegisterException e) {
            end(CANNOT_OPEN, String.valueOf(e.getMessage()));
            return;
        }
        Callbacks callbacks = new Callbacks(settings.region(), credentials(settings));
        Endpoints endpoints;
        try {
            endpoints = new Endpoints(
                    new InetSocketAddress(settings.host(), settings.port()), new Chat(register, callbacks));
        } catch (IOException e) {
            register.close();
            end(
                    CANNOT_LISTEN,
                    "Cannot listen on " + settings.host() + ":" + settings.port() + " (HTTP_HOST, HTTP_PORT): "
                            + e.getMessage());
            return;
        }
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
            Journal.info("stopping");
            endpoints.close();
            callbacks.close();
            register.close();
        }));
        System.out.println(
                "ready: http://" + settings.host() + ":" + endpoints.address().getPort());
    }

    private static void end(int exitCode, String text) {
        text.lines().forEach(line -> System.err.println("direct-chat: " + line));
        System.exit(exitCode);
    }

    private static Register open(Settings settings) {
        return switch (settings.names()) {
            case Settings.Names.InFolder(var folder) -> RocksRegister.open(folder);
            case Settings.Names.InTable(String table, @Nullable URI endpoint) -> {
                DynamoDbClientBuilder client = DynamoDbClient.builder()
                        .region(Region.of(settings.region()))
                        .credentialsProvider(credentials(settings))
                        .httpClientBuilder(UrlConnectionHttpClient.builder().connectionTimeout(PATIENCE))
                        .overrideConfiguration(configuration -> configuration.apiCallTimeout(PATIENCE));
                if (endpoint != null) {
                    client.endpointOverride(endpoint);
                }
                yield DynamoRegister.open(client.build(), table);
            }
        };
    }

    /// Without credentials in the environment calls are not signed: nothing on the network is asked for some.
    private static AwsCredentialsProvider credentials(Settings settings) {
        return settings.hasCredentials()
                ? DefaultCredentialsProvider.builder().build()
                : AnonymousCredentialsProvider.create();
    }
}
