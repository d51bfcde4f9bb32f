package io.topicstream.aws.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.topicstream.aws.audience.DoorVariables;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.events.BusSettings;
import io.topicstream.aws.events.EventBus;
import io.topicstream.aws.events.EventFunction;
import io.topicstream.aws.events.EventStream;
import io.topicstream.aws.events.SinkDeliveries;
import io.topicstream.aws.lambda.LetterBox;
import io.topicstream.aws.s3.Objects;
import io.topicstream.events.SinkRecord;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.settings.section.DestinationSection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.s3.S3Client;

/// What tells others what happens, as Lambda calls it: for records of the table's stream, and by a schedule. It
/// posts to sinks, and puts events on a bus where one is named. Thread-safe.
///
/// A record that cannot be handled, and never will, becomes an object in the bucket, see [LetterBox].
public final class EventsHandler implements RequestStreamHandler {
    static {
        // An event may be posted twice.
        ClientParts.askAgain();
    }

    private final Renewed<Served> served;

    /// What serves.
    ///
    /// @param eventBridge null without a bus
    private record Served(
            DynamoDbClient dynamo,
            S3Client s3,
            @Nullable EventBridgeClient eventBridge,
            DynamoEngine engine,
            SinkDeliveries sinks,
            EventFunction function)
            implements AutoCloseable {
        static Served open(Settings settings, ClientParts.Sockets sockets) {
            AwsCredentialsProvider credentials = ClientParts.credentials();
            DynamoDbClient dynamo = ClientParts.with(
                            DynamoDbClient.builder().httpClientBuilder(ClientParts.http()),
                            credentials,
                            ClientParts.common(sockets))
                    .build();
            S3Client s3 = ClientParts.with(
                            Objects.client(settings.isBesideAws()), credentials, ClientParts.common(sockets))
                    .build();
            Objects bucket = new Objects(s3, settings.bucket());
            DynamoEngine engine;
            try {
                engine = DynamoEngine.open(
                        new DynamoTable(dynamo, settings.table()),
                        DynamoOptions.DEFAULTS
                                .withRetention(settings.policies().retention())
                                .withLarge(bucket)
                                .withArchive(bucket));
            } catch (RuntimeException | Error e) {
                // The next call opens all of it again.
                dynamo.close();
                s3.close();
                throw e;
            }
            InstantSource clock = InstantSource.system();
            SinkDeliveries sinks = new SinkDeliveries(
                    engine.log(),
                    engine.state(),
                    Administrator.destinations(settings.destinations()),
                    clock,
                    new SecureRandom(),
                    _ -> {});
            BusSettings named = settings.bus();
            EventBridgeClient eventBridge = named == null ? null : eventBridge(credentials, sockets);
            EventStream bus = named == null || eventBridge == null
                    ? null
                    : new EventStream(
                            engine.log(),
                            named.topics(),
                            new EventBus(eventBridge, named.name(), named.source(), _ -> {}),
                            new LetterBox(bucket),
                            clock);
            return new Served(dynamo, s3, eventBridge, engine, sinks, new EventFunction(bus, sinks));
        }

        private static EventBridgeClient eventBridge(AwsCredentialsProvider credentials, ClientParts.Sockets sockets) {
            return ClientParts.with(
                            EventBridgeClient.builder().httpClientBuilder(ClientParts.http()),
                            credentials,
                            ClientParts.common(sockets))
                    .build();
        }

        @Override
        public void close() {
            sinks.close();
            engine.close();
            dynamo.close();
            s3.close();
            if (eventBridge != null) {
                eventBridge.close();
            }
        }
    }

    private record Settings(
            String table,
            String bucket,
            @Nullable BusSettings bus,
            boolean isBesideAws,
            TopicPolicies policies,
            DestinationSection destinations) {
        static Settings of(Map<String, String> variables) {
            Environment environment = new Environment(variables);
            SharedSettings.OfEvents shared = SharedSettings.ofEvents(environment);
            Settings settings = new Settings(
                    environment.required(FunctionSettings.TABLE),
                    environment.required(FunctionSettings.BUCKET),
                    bus(environment),
                    environment.isBesideAws(),
                    shared.policies(),
                    shared.destinations());
            environment.check();
            return settings;
        }

        /// What is left to a workflow is an event in any case, for else nobody would deliver it.
        private static @Nullable BusSettings bus(Environment environment) {
            String name = environment.value(BusSettings.BUS);
            List<TopicPattern> topics = environment.topics(BusSettings.TOPICS, BusSettings.EVERY_TOPIC);
            List<TopicPattern> left = environment.topics(DoorVariables.WORKFLOW_TOPICS, List.of());
            if (!left.isEmpty() && name == null) {
                environment.isWrong(DoorVariables.WORKFLOW_TOPICS + " leaves topics to a workflow, which is started"
                        + " by events; there are none without " + BusSettings.BUS);
            }
            return name == null
                    ? null
                    : BusSettings.of(
                            name,
                            environment.value(BusSettings.SOURCE),
                            Stream.concat(topics.stream(), left.stream()).toList());
        }
    }

    /// As Lambda makes it.
    public EventsHandler() {
        this(System.getenv());
    }

    EventsHandler(Map<String, String> environment) {
        Settings settings = Settings.of(environment);
        served = Renewed.of(
                environment, () -> Served.open(settings, ClientParts.Sockets.KEPT), () -> rehearse(settings));
    }

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
        Duration left = Duration.ofMillis(context.getRemainingTimeInMillis());
        output.write(served.get().function().handle(input.readAllBytes(), left));
    }

    /// Asks for what changes nothing: nothing is put on the bus, and nothing is posted.
    private static void rehearse(Settings settings) {
        try (Served now = Served.open(settings, ClientParts.Sockets.ONE_CALL)) {
            Rehearsal.tried(
                    "a read",
                    () -> now.engine()
                            .log()
                            .extent(new TopicName("rehearsal"))
                            .toCompletableFuture()
                            .get(Rehearsal.PATIENCE_SECONDS, TimeUnit.SECONDS));
            Rehearsal.tried(
                    "a sink",
                    () -> now.engine()
                            .state()
                            .get(SinkRecord.SINKS, "rehearsal")
                            .toCompletableFuture()
                            .get(Rehearsal.PATIENCE_SECONDS, TimeUnit.SECONDS));
            EventBridgeClient eventBridge = now.eventBridge();
            if (eventBridge != null) {
                Rehearsal.tried("the bus", () -> refusedPut(eventBridge));
            }
        }
    }

    /// Puts nothing, which no bus takes.
    private static boolean refusedPut(EventBridgeClient eventBridge) {
        try {
            eventBridge.putEvents(put -> put.entries(List.of()));
            return true;
        } catch (EventBridgeException e) {
            return false;
        }
    }
}
