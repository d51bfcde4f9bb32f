package io.topicstream.aws.dynamo;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.cost.Billable;
import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.cost.Units;
import io.topicstream.aws.metering.DynamoMetering;
import io.topicstream.aws.metering.S3Metering;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.aws.s3.Objects;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Direction;
import io.topicstream.log.Redaction;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.ConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;
import software.amazon.awssdk.services.s3.S3Client;

/// What an operation of the engine is billed for: as the documents say, and no more after a change.
@Timeout(180)
class MeteredOperationsTest {
    private static final TopicName TOPIC = new TopicName("room:1");
    private static final Path PAGE = Path.of("..", "docs", "aws.md");
    private static final int BYTES = 900;
    private static final long NEVER = StateStore.NEVER;

    private final Meter meter = new Meter();
    private final RecordingLane lane = RecordingLane.threaded("units");
    private final Calls calls = new Calls();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Map<String, Units> metered = new LinkedHashMap<>();

    @AfterEach
    void close() throws Exception {
        calls.close();
        lane.close();
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    @Test
    void anOperationIsBilledForWhatTheDocumentsSay() throws Exception {
        measure();

        assertThat(metered.entrySet().stream()
                        .map(each -> row(each.getKey(), each.getValue()))
                        .toList())
                .isEqualTo(documented());
    }

    /// What is sent says as much as the service, but where a smaller row is put for a larger one.
    @Test
    void whatIsWrittenIsBilledForItsSize() throws Exception {
        measure();
        Map<String, Long> said = writes();
        metered.clear();
        measure(new WithoutFigures());
        Map<String, Long> computed = writes();

        assertThat(said.remove("one that is deleted")).isEqualTo(2);
        assertThat(computed.remove("one that is deleted")).isEqualTo(1);
        assertThat(computed).isEqualTo(said);
    }

    private Map<String, Long> writes() {
        Map<String, Long> writes = new LinkedHashMap<>();
        metered.forEach((what, units) -> writes.put(what, units.count(Billable.WRITE_UNITS)));
        return writes;
    }

    /// Takes from the answers to writes what they say about their units.
    private static final class WithoutFigures implements ExecutionInterceptor {
        @Override
        public SdkResponse modifyResponse(Context.ModifyResponse context, ExecutionAttributes attributes) {
            @Nullable ConsumedCapacity none = null;
            return switch (context.response()) {
                case PutItemResponse put ->
                    put.toBuilder().consumedCapacity(none).build();
                case UpdateItemResponse update ->
                    update.toBuilder().consumedCapacity(none).build();
                case SdkResponse other -> other;
            };
        }
    }

    private void measure(ExecutionInterceptor... others) throws Exception {
        List<ExecutionInterceptor> hooks = new ArrayList<>(List.of(others));
        hooks.add(new DynamoMetering(meter));
        DynamoDbClient client = Dynoxide.get().newClient(hooks.toArray(ExecutionInterceptor[]::new));
        open.add(client);
        S3Client s3 = LocalS3.get()
                .builder()
                .overrideConfiguration(options -> options.addExecutionInterceptor(new S3Metering(meter)))
                .build();
        open.add(s3);
        DynamoTable table = new DynamoTable(client, Dynoxide.get().table().name());
        Objects bucket = new Objects(s3, LocalS3.get().bucket());
        try (DynamoLog log = DynamoLog.open(table, DynamoOptions.DEFAULTS.withLarge(bucket))) {
            ofTheLog(log);
        }
        ofTheState(DynamoStateStore.durable(table, InstantSource.system(), calls));
    }

    private void ofTheLog(DynamoLog log) throws Exception {
        meter("the first message of a topic", () -> send(log, messages(1)));
        meter("a message", () -> send(log, messages(1)));
        meter("a message of 5,000 bytes", () -> send(log, of(RecordingAppend.to(TOPIC), 5_000, null)));
        meter("a message with a `message_id`", () -> send(log, of(RecordingAppend.to(TOPIC), BYTES, "id")));
        meter("the same once more", () -> send(log, of(RecordingAppend.to(TOPIC), BYTES, "id")));
        meter("8 messages at once", () -> send(log, messages(8)));
        meter("100 messages at once, in the bucket", () -> send(log, messages(100)));
        meter("a message of 20,000 bytes, in the bucket", () -> send(log, of(RecordingAppend.to(TOPIC), 20_000, null)));
        meter(
                "an expected offset that is another one",
                () -> send(log, messages(1).expecting(1)));
        meter("where a topic stands", () -> get(log.extent(TOPIC)));
        meter(
                "the newest message, from the bucket",
                () -> get(log.read(TOPIC, Long.MAX_VALUE, Direction.BACKWARD, 1, 1 << 20)));
        for (int i = 0; i < 100; i++) {
            send(log, messages(1));
        }
        meter(
                "a page of the 50 newest messages",
                () -> get(log.read(TOPIC, Long.MAX_VALUE, Direction.BACKWARD, 50, 1 << 20)));
        meter(
                "a page of 50 messages from an offset on",
                () -> get(log.read(TOPIC, 120, Direction.FORWARD, 50, 1 << 20)));
        meter("the next page, with nothing new", () -> get(log.read(TOPIC, 1_000, Direction.FORWARD, 50, 1 << 20)));
        meter("a message that is taken back", () -> get(log.redact(TOPIC, Redaction.of(1))));
    }

    private void ofTheState(StateStore store) throws Exception {
        byte[] small = new byte[100];
        byte[] large = new byte[1_500];
        meter("a record of state that is put", () -> get(store.put("p", "a", small, StateStore.ANY_VERSION, NEVER)));
        meter("one of 1,500 bytes", () -> get(store.put("p", "b", large, StateStore.ANY_VERSION, NEVER)));
        meter(
                "one that exists already, put if absent",
                () -> get(store.put("p", "b", small, StateStore.ABSENT, NEVER)));
        meter("one that is read", () -> get(store.get("p", "b")));
        meter("one that does not exist", () -> get(store.get("p", "none")));
        meter("a number that is raised", () -> get(store.advance("p", "n", 7)));
        meter("a number that is as high already", () -> get(store.advance("p", "n", 7)));
        meter("one that is deleted", () -> get(store.delete("p", "b", StateStore.ANY_VERSION)));
        for (int i = 0; i < 100; i++) {
            get(store.put("many", "key" + i, small, StateStore.ANY_VERSION, NEVER));
        }
        meter("a scan of 100 records of 100 bytes", () -> get(store.scan("many", "", "", 100)));
    }

    private interface Step {
        void take() throws Exception;
    }

    private void meter(String what, Step step) throws Exception {
        meter.restart();
        step.take();
        metered.put(what, meter.units());
    }

    private static <T extends @Nullable Object> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private AppendResult send(DynamoLog log, RecordingAppend.Builder messages) throws Exception {
        RecordingAppend append = messages.from("ann").on(lane);
        log.append(append);
        return get(append.answer());
    }

    private static RecordingAppend.Builder messages(int count) {
        RecordingAppend.Builder append = RecordingAppend.to(TOPIC);
        for (int i = 0; i < count; i++) {
            of(append, BYTES, null);
        }
        return append;
    }

    private static RecordingAppend.Builder of(RecordingAppend.Builder append, int bytes, @Nullable String id) {
        return append.message("\"" + "x".repeat(bytes - 2) + "\"", id);
    }

    private static String row(String what, Units units) {
        return String.format(
                "| %s | %d | %s | %d | %d |",
                what,
                units.count(Billable.WRITE_UNITS),
                BigDecimal.valueOf(units.count(Billable.READ_HALVES) * 5, 1)
                        .stripTrailingZeros()
                        .toPlainString(),
                units.count(Billable.OBJECT_PUTS),
                units.count(Billable.OBJECT_GETS));
    }

    private static List<String> documented() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .dropWhile(line -> !line.startsWith("| operation | write units |"))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .toList();
    }
}
