package io.topicstream.aws.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.events.EventBus;
import io.topicstream.aws.events.EventStream;
import io.topicstream.aws.lambda.LetterBox;
import io.topicstream.aws.s3.Objects;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.policy.TopicPolicies;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.s3.S3Client;

/// What makes events for a bus, as Lambda calls it: for records of the table's stream. Thread-safe.
///
/// A record that cannot be handled, and never will, becomes an object in the bucket, see [LetterBox].
public final class EventsHandler implements RequestStreamHandler {
    private static final String EVENT_BUS = "TOPICSTREAM_EVENT_BUS";
    private static final String EVENT_SOURCE = "TOPICSTREAM_EVENT_SOURCE";
    private static final String EVENT_TOPICS = "TOPICSTREAM_EVENT_TOPICS";

    private final Renewed<Served> served;

    /// What serves.
    private record Served(
            DynamoDbClient dynamo, S3Client s3, EventBridgeClient eventBridge, DynamoEngine engine, EventStream events)
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
            EventBridgeClient eventBridge = ClientParts.with(
                            EventBridgeClient.builder().httpClientBuilder(ClientParts.http()),
                            credentials,
                            ClientParts.common(sockets))
                    .build();
            Objects bucket = new Objects(s3, settings.bucket());
            DynamoEngine engine = DynamoEngine.open(
                    new DynamoTable(dynamo, settings.table()),
                    DynamoOptions.DEFAULTS
                            .withRetention(settings.policies().retention())
                            .withLarge(bucket)
                            .withArchive(bucket));
            return new Served(
                    dynamo,
                    s3,
                    eventBridge,
                    engine,
                    new EventStream(
                            engine.log(),
                            settings.topics(),
                            new EventBus(eventBridge, settings.bus(), settings.source(), _ -> {}),
                            new LetterBox(bucket),
                            InstantSource.system()));
        }

        @Override
        public void close() {
            engine.close();
            dynamo.close();
            s3.close();
            eventBridge.close();
        }
    }

    private record Settings(
            String table,
            String bucket,
            String bus,
            String source,
            List<TopicPattern> topics,
            boolean isBesideAws,
            TopicPolicies policies) {
        static Settings of(Map<String, String> variables) {
            Environment environment = new Environment(variables);
            String source = environment.value(EVENT_SOURCE);
            Settings settings = new Settings(
                    environment.required(FunctionSettings.TABLE),
                    environment.required(FunctionSettings.BUCKET),
                    environment.required(EVENT_BUS),
                    source == null ? EventBus.CHAT_SERVICE : source,
                    topics(environment),
                    environment.isBesideAws(),
                    SharedSettings.policies(environment));
            environment.check();
            return settings;
        }

        private static List<TopicPattern> topics(Environment environment) {
            String text = environment.value(EVENT_TOPICS);
            if (text == null) {
                return List.of(new TopicPattern("*"));
            }
            List<String> names =
                    Arrays.stream(text.split(",", -1)).map(String::strip).toList();
            if (!names.stream().allMatch(TopicPattern::isValid)) {
                environment.isWrong(EVENT_TOPICS, text, "topics and beginnings of topics, such as lobby,orders*");
                return List.of();
            }
            return names.stream().map(TopicPattern::new).toList();
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
        output.write(served.get().events().handle(input.readAllBytes()));
    }

    /// Asks for what changes nothing: nothing is put on the bus.
    private static void rehearse(Settings settings) {
        try (Served now = Served.open(settings, ClientParts.Sockets.ONE_CALL)) {
            Rehearsal.tried(
                    "a read",
                    () -> now.engine()
                            .log()
                            .extent(new TopicName("rehearsal"))
                            .toCompletableFuture()
                            .get(Rehearsal.PATIENCE_SECONDS, TimeUnit.SECONDS));
            Rehearsal.tried("the bus", () -> refusedPut(now.eventBridge()));
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
