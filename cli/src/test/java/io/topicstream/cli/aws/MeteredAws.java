package io.topicstream.cli.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.topicstream.aws.audience.Callbacks;
import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.aws.metering.DynamoMetering;
import io.topicstream.json.JsonWriter;
import io.topicstream.server.TestClient;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/// The serverless edition on one machine, with a meter at each thing that AWS bills.
final class MeteredAws implements AutoCloseable {
    /// Connections whose ids begin so have no socket: what is posted to them is counted, and nobody reads it.
    private static final String WITHOUT_SOCKET = "none-";

    private static final Pattern MESSAGE = Pattern.compile("\"type\":\"message\"");

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /// How often is looked; how long nothing has to begin until it is quiet.
    private static final Duration LOOK = Duration.ofMillis(5);
    private static final Duration QUIET = Duration.ofMillis(25);

    private final Meter meter = new Meter();
    /// Time stands still: how long connections are open is said by the tests.
    private final Metered metered = new Metered(meter, () -> Instant.EPOCH);
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger posts = new AtomicInteger();
    private final AtomicLong delivered = new AtomicLong();
    private final List<UnaryOperator<byte[]>> environments = new CopyOnWriteArrayList<>();
    private final DynamoDbClient client = Dynoxide.get().newClient(new DynamoMetering(meter));
    private final LocalAws aws;
    private final boolean takesTurns;
    private volatile @Nullable UnaryOperator<byte[]> first;

    /// @param takesTurns whether the environments of the function do; else one is called alone, as Lambda does where no
    ///     two calls are at once
    MeteredAws(boolean takesTurns) throws IOException {
        this.takesTurns = takesTurns;
        DynamoTable table = new DynamoTable(client, Dynoxide.get().table().name());
        DynamoOptions options = DynamoOptions.DEFAULTS;
        LocalAws.Parts usual = LocalAws.Parts.of(table, options);
        aws = new LocalAws(
                new LocalAws.Parts(
                        usual.engines(),
                        usual.settings(),
                        usual.gateway(),
                        real -> metered.callbacks(new WithoutSockets(real)),
                        usual.backEnd(),
                        usual.clock()),
                new LocalAws.Around(this::counted, UnaryOperator.identity(), UnaryOperator.identity(), null, true),
                0);
    }

    Meter meter() {
        return meter;
    }

    /// A native connection of one user.
    TestClient connect() {
        return TestClient.to(aws.uri(), "/v1?user=ada").open();
    }

    /// The same, greeted.
    TestClient client() {
        TestClient client = connect();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    /// The same, of one that takes several messages in one frame.
    TestClient framed() {
        TestClient client = TestClient.to(aws.uri(), "/v1?user=ada")
                .subprotocol("topicstream.v1")
                .open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    /// How often functions were called.
    int calls() {
        return calls.get();
    }

    /// How many frames were posted to clients.
    int posts() {
        return posts.get();
    }

    /// How many messages of topics were posted to clients.
    long delivered() {
        return delivered.get();
    }

    /// Waits for what a function does, and looks often.
    static ConditionFactory soon() {
        return await().atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(LOOK);
    }

    /// Waits until no function runs, and none begins for a moment: one may have begun another.
    void awaitQuiet() {
        int[] seen = {-1};
        soon().during(QUIET).until(() -> {
            int before = seen[0];
            seen[0] = calls.get();
            return running.get() == 0 && (before < 0 || before == seen[0]);
        });
    }

    // ---- what is counted

    private UnaryOperator<byte[]> counted(UnaryOperator<byte[]> environment) {
        UnaryOperator<byte[]> alone = first;
        if (alone == null) {
            alone = environment;
            first = environment;
        }
        UnaryOperator<byte[]> called = metered.webSockets(takesTurns ? environment : alone);
        UnaryOperator<byte[]> counted = payload -> {
            running.incrementAndGet();
            calls.incrementAndGet();
            try {
                return called.apply(payload);
            } finally {
                running.decrementAndGet();
            }
        };
        environments.add(counted);
        return counted;
    }

    private final class WithoutSockets implements Callbacks {
        private final Callbacks real;

        WithoutSockets(Callbacks real) {
            this.real = real;
        }

        @Override
        public Answer post(String connectionId, byte[] text) {
            Answer answer = connectionId.startsWith(WITHOUT_SOCKET) ? Answer.DONE : real.post(connectionId, text);
            if (answer == Answer.DONE) {
                posts.incrementAndGet();
                delivered.addAndGet(
                        MESSAGE.matcher(new String(text, UTF_8)).results().count());
            }
            return answer;
        }

        @Override
        public Answer describe(String connectionId) {
            return connectionId.startsWith(WITHOUT_SOCKET) ? Answer.DONE : real.describe(connectionId);
        }

        @Override
        public void close(String connectionId, int code, String reason) {
            if (!connectionId.startsWith(WITHOUT_SOCKET)) {
                real.close(connectionId, code, reason);
            }
        }
    }

    // ---- connections without a socket

    /// A connection that begins.
    void connect(int number) {
        call(number, "CONNECT", "");
    }

    /// A frame of one.
    void send(int number, String body) {
        call(number, "MESSAGE", body);
    }

    private void call(int number, String type, String body) {
        JsonWriter event = new JsonWriter();
        event.raw('{').string("requestContext").raw(':').raw('{');
        event.string("eventType").raw(':').string(type).raw(',');
        event.string("connectionId").raw(':').string(WITHOUT_SOCKET + number).raw(',');
        event.string("stage").raw(':').string("v1").raw(',');
        event.string("identity")
                .raw(':')
                .raw('{')
                .string("sourceIp")
                .raw(':')
                .string("127.0.0.1")
                .raw('}')
                .raw('}');
        event.raw(',').string("multiValueHeaders").raw(':').raw('{').raw('}');
        event.raw(',').string("multiValueQueryStringParameters").raw(':').raw('{');
        event.string("user").raw(':').raw('[').string("ada").raw(']').raw('}');
        event.raw(',').string("body").raw(':').string(body).raw('}');
        byte[] result =
                environments.get(Math.floorMod(number, environments.size())).apply(event.toByteArray());
        String answer = new String(result, UTF_8);
        if (!answer.contains("200")) {
            throw new AssertionError(type + " was answered " + answer);
        }
    }

    @Override
    public void close() {
        aws.close();
        client.close();
    }
}
