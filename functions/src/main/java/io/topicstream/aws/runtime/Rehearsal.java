package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.access.ApiKeys;
import io.topicstream.aws.audience.Callbacks;
import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.audience.Later;
import io.topicstream.aws.audience.TaskCodec;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.lambda.ApiGatewayCallbacks;
import io.topicstream.aws.lambda.WebSocketFunction;
import io.topicstream.dialect.Dialects;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.tokens.JwtIssuer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.lambda.model.InvocationType;
import software.amazon.awssdk.services.s3.S3Client;

/// Does what the first calls of a function would do, before the snapshot from which all of them begin: so that the
/// classes are loaded, and the compiler has seen what is busy.
///
/// First all that clients can ask for, in each dialect, on a log in memory: it leaves nothing. Then the real log, on a
/// table that keeps nothing. Then the services, with
/// questions that change nothing: a key that nobody has, a connection that is not there, a row that is only put where
/// it is and is not. What fails is told to the log, and the function begins a little slower.
final class Rehearsal {
    private static final System.Logger LOGGER = System.getLogger(Rehearsal.class.getName());

    /// Enough for the first compiler to have seen it; a snapshot may take its time.
    private static final int ROUNDS = 60;

    static final String KEY_HEADER = "x-api-key";
    private static final String NOBODY = "rehearsal";
    static final long PATIENCE_SECONDS = 20;
    /// Like a key, and none: nobody can have made it.
    private static final String NO_KEY = ApiKeys.PREFIX + "0".repeat(40);

    private Rehearsal() {}

    /// What else is rehearsed at a front door.
    interface More {
        /// Nothing.
        More NOTHING = (_, _) -> {};

        /// Plays it.
        ///
        /// @param key that is shown; nobody has it where the door is a real one
        void play(FrontDoor door, String key);
    }

    /// Rehearses the function by which clients come in. Throws nothing.
    static void run(FunctionSettings settings, More more) {
        tried("in memory", () -> {
            inMemory(_ -> {}, more);
            return true;
        });
        tried("writes", () -> {
            writes(settings.table());
            return true;
        });
        tried("on the services", () -> {
            onServices(settings, more);
            return true;
        });
    }

    /// Takes a step; one that fails is told to the log.
    static void tried(String what, Callable<?> step) {
        try {
            var _ = step.call();
        } catch (Exception e) {
            LOGGER.log(System.Logger.Level.INFO, "rehearsed " + what + ": " + e);
        }
    }

    // ---- in memory

    /// Who hears what clients are sent.
    interface Hears {
        void posted(String text);
    }

    /// Plays some rounds of everything.
    static void inMemory(Hears hears, More more) throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (InMemoryLog log = new InMemoryLog(FrontDoorParts.CLOCK, thread, 1);
                InMemoryStateStore state = new InMemoryStateStore(FrontDoorParts.CLOCK, thread);
                InMemoryStateStore stateOfNodes = new InMemoryStateStore(FrontDoorParts.CLOCK, thread)) {
            Queue<byte[]> tasks = new ConcurrentLinkedQueue<>();
            Later later = (task, after) -> {
                if (after.isZero()) {
                    tasks.add(TaskCodec.encode(task, TaskCodec.AT_ONCE));
                }
            };
            FrontDoor door = new FrontDoor(
                    new FrontDoor.Ports(log, state, stateOfNodes),
                    DoorSettings.local(),
                    new Stage(hears),
                    later,
                    FrontDoorParts.CLOCK);
            WebSocketFunction function = new WebSocketFunction(door, FrontDoorParts.CLOCK);
            String key = door.keys()
                    .create(NOBODY, null)
                    .toCompletableFuture()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .secret();
            for (int round = 0; round < ROUNDS; round++) {
                for (Map.Entry<String, Dialects.Name> stage : DoorSettings.USUAL_STAGES.entrySet()) {
                    String connection = NOBODY + "-" + stage.getKey() + "-" + round;
                    play(function, tasks, stage.getKey(), connection, key, frames(stage.getValue()));
                }
                more.play(door, key);
            }
        } finally {
            thread.shutdown();
        }
    }

    private static void play(
            WebSocketFunction function,
            Queue<byte[]> tasks,
            String stage,
            String connection,
            String key,
            List<String> frames) {
        call(function, tasks, event("CONNECT", stage, connection, Map.of(KEY_HEADER, key), ""));
        for (String frame : frames) {
            call(function, tasks, event("MESSAGE", stage, connection, Map.of(), frame));
        }
        call(function, tasks, event("DISCONNECT", stage, connection, Map.of(), ""));
    }

    private static void call(WebSocketFunction function, Queue<byte[]> tasks, byte[] payload) {
        var _ = function.handle(payload);
        for (byte[] task = tasks.poll(); task != null; task = tasks.poll()) {
            var _ = function.handle(task);
        }
    }

    private static List<String> frames(Dialects.Name dialect) {
        return switch (dialect) {
            case NATIVE ->
                List.of(
                        "{\"action\":\"ping\",\"id\":1}",
                        "{\"action\":\"subscribe\",\"id\":2,\"topic\":\"rehearsal\"}",
                        "{\"action\":\"publish\",\"id\":3,\"topic\":\"rehearsal\",\"message\":{\"text\":\"hello\"}}",
                        "{\"action\":\"publish\",\"id\":4,\"topic\":\"rehearsal\",\"message\":1,\"message_id\":\"a\"}",
                        "{\"action\":\"read\",\"id\":5,\"topic\":\"rehearsal\",\"limit\":10}",
                        "{\"action\":\"unsubscribe\",\"id\":6,\"topic\":\"rehearsal\"}",
                        "{\"action\":\"what\",\"id\":7}");
            case TOPICS ->
                List.of(
                        "{\"topic\":\"rehearsal\",\"action\":\"subscribe\"}",
                        "{\"topic\":\"rehearsal\",\"message\":{\"text\":\"hello\"},\"action\":\"publish\"}",
                        "{\"topic\":\"rehearsal\",\"action\":\"unsubscribe\"}");
            case CHAT -> List.of("{\"action\":\"sendMessage\",\"content\":\"hello\"}");
            case ROOMS ->
                List.of(
                        "{\"type\":\"ping\"}",
                        "{\"type\":\"join_room\",\"roomId\":\"rehearsal\"}",
                        "{\"type\":\"chat\",\"message\":\"hello\"}",
                        "{\"type\":\"room_list\"}",
                        "{\"type\":\"leave_room\"}");
        };
    }

    /// All connections are open, and nobody is behind them.
    private record Stage(Hears hears) implements Callbacks {
        @Override
        public Answer post(String connectionId, byte[] text) {
            hears.posted(new String(text, UTF_8));
            return Answer.DONE;
        }

        @Override
        public Answer describe(String connectionId) {
            return Answer.DONE;
        }

        @Override
        public void close(String connectionId, int code, String reason) {}
    }

    // ---- on a service that keeps nothing

    /// Appends and reads as the real log does: the services themselves are asked for nothing that changes them.
    ///
    /// @return the answers to the appends
    static List<AppendResult> writes(String table) throws Exception {
        List<AppendResult> answers = new ArrayList<>();
        try (DynamoDbClient empty = DynamoDbClient.builder()
                        .httpClient(new EmptyService())
                        .region(Region.US_EAST_1)
                        .credentialsProvider(
                                StaticCredentialsProvider.create(AwsBasicCredentials.create(NOBODY, NOBODY)))
                        .build();
                DynamoEngine engine = DynamoEngine.open(new DynamoTable(empty, table), DynamoOptions.DEFAULTS)) {
            for (int round = 0; round < ROUNDS; round++) {
                for (@Nullable String id : new @Nullable String[] {null, "a"}) {
                    Rehearsed append = new Rehearsed(round, id);
                    if (engine.log().append(append) != Admission.REFUSED) {
                        answers.add(append.answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
                    }
                }
                var _ = engine.log()
                        .read(new TopicName(NOBODY + round), 1, Direction.FORWARD, 10, 1_000)
                        .toCompletableFuture()
                        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        }
        return answers;
    }

    /// A publish to a topic of its own, for what is known of one is asked for once.
    private static final class Rehearsed extends Append {
        private final CompletableFuture<AppendResult> answer = new CompletableFuture<>();

        Rehearsed(int round, @Nullable String messageId) {
            super(
                    new TopicName(NOBODY + round),
                    List.of(new Draft("{\"text\":\"hello\"}".getBytes(UTF_8), messageId, null)),
                    NOBODY,
                    NOBODY,
                    ANY_OFFSET,
                    Lane.DIRECT);
        }

        @Override
        public void onAnswered(AppendResult result) {
            answer.complete(result);
        }
    }

    // ---- on the services

    private static void onServices(FunctionSettings settings, More more) throws Exception {
        try (FrontDoorParts parts = FrontDoorParts.open(settings, ClientParts.Sockets.ONE_CALL)) {
            WebSocketFunction function = WebSocketHandler.function(parts);
            String stage = settings.door().stages().keySet().iterator().next();
            tried(
                    "a connection",
                    () -> function.handle(event("CONNECT", stage, NOBODY, Map.of(KEY_HEADER, NO_KEY), "")));
            for (JwtIssuer issuer : settings.door().outside().issuers()) {
                tried("a token", () -> function.handle(event("CONNECT", stage, NOBODY, bearing(issuer), "")));
            }
            tried("a frame", () -> function.handle(event("MESSAGE", stage, NOBODY, Map.of(), "{\"action\":\"ping\"}")));
            tried(
                    "a read",
                    () -> parts.engine()
                            .log()
                            .extent(new TopicName(NOBODY))
                            .toCompletableFuture()
                            .get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            tried("more", () -> {
                more.play(parts.door(), NO_KEY);
                return true;
            });
            Clients clients = parts.clients();
            tried("a write", () -> refusedWrite(clients.dynamo(), settings.table()));
            tried("a post", () -> new ApiGatewayCallbacks(clients.management()).post(NOBODY, "{}".getBytes(UTF_8)));
            tried(
                    "a call",
                    () -> clients.lambda()
                            .invoke(invoke -> invoke.functionName(settings.taskFunction())
                                    .invocationType(InvocationType.DRY_RUN)));
            S3Client s3 = clients.s3();
            if (s3 != null) {
                tried(
                        "an object",
                        () -> s3.getObjectAsBytes(
                                get -> get.bucket(settings.bucket()).key(NOBODY)));
            }
        }
    }

    /// What looks like a token of the issuer, whose keys are then asked for; it is signed by nobody.
    private static Map<String, String> bearing(JwtIssuer issuer) {
        JsonWriter claims = new JsonWriter();
        claims.raw('{').string("iss").raw(':').string(issuer.issuer()).raw('}');
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return Map.of(
                "authorization",
                "Bearer "
                        + base64.encodeToString("{\"alg\":\"RS256\"}".getBytes(UTF_8)) + "."
                        + base64.encodeToString(claims.toByteArray()) + "."
                        + base64.encodeToString(NOBODY.getBytes(UTF_8)));
    }

    /// Asks for a write that no row permits.
    static boolean refusedWrite(DynamoDbClient dynamo, String table) {
        try {
            dynamo.putItem(put -> put.tableName(table)
                    .item(Map.of("pk", AttributeValue.fromS("-"), "sk", AttributeValue.fromS("-")))
                    .conditionExpression("attribute_exists(pk) AND attribute_not_exists(pk)"));
            return true;
        } catch (ConditionalCheckFailedException e) {
            return false;
        }
    }

    /// An event, as API Gateway has it.
    static byte[] event(String type, String stage, String connection, Map<String, String> headers, String body) {
        JsonWriter json = new JsonWriter();
        json.raw('{').string("requestContext").raw(':').raw('{');
        json.string("eventType").raw(':').string(type).raw(',');
        json.string("connectionId").raw(':').string(connection).raw(',');
        json.string("stage").raw(':').string(stage).raw(',');
        // Of the addresses that documents use, and nobody has.
        json.string("identity")
                .raw(":{".getBytes(UTF_8))
                .string("sourceIp")
                .raw(':')
                .string("192.0.2.1")
                .raw('}');
        json.raw('}').raw(',').string("multiValueHeaders").raw(':').raw('{');
        boolean isFirst = true;
        for (Map.Entry<String, String> one : headers.entrySet()) {
            if (!isFirst) {
                json.raw(',');
            }
            isFirst = false;
            json.string(one.getKey()).raw(':').raw('[').string(one.getValue()).raw(']');
        }
        json.raw('}').raw(',').string("body").raw(':').string(body);
        return json.raw('}').toByteArray();
    }
}
