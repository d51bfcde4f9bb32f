package io.topicstream.aws.local;

import io.topicstream.aws.events.BusSettings;
import io.topicstream.aws.events.EventBus;
import java.net.URI;
import java.util.function.LongConsumer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;

/// An EventBridge that somebody runs, which asks for no real credentials. Thread-safe.
public final class LocalBuses implements AutoCloseable {
    private final EventBridgeClient client;

    private LocalBuses(EventBridgeClient client) {
        this.client = client;
    }

    /// The one at this address.
    public static LocalBuses at(URI endpoint) {
        return new LocalBuses(EventBridgeClient.builder()
                .region(Region.US_EAST_1)
                .endpointOverride(endpoint)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build());
    }

    /// A bus of it, which exists.
    ///
    /// @param billed told how large each event was that was taken; such as a meter
    public EventBus bus(BusSettings settings, LongConsumer billed) {
        return new EventBus(client, settings.name(), settings.source(), billed);
    }

    @Override
    public void close() {
        client.close();
    }
}
