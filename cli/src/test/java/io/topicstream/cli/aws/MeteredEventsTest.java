package io.topicstream.cli.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.cost.Prices;
import io.topicstream.aws.dynamo.ArchiveOptions;
import io.topicstream.aws.dynamo.Archiver;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.aws.dynamo.StreamRecord;
import io.topicstream.aws.events.BusSettings;
import io.topicstream.aws.events.EventFunction;
import io.topicstream.aws.events.EventStream;
import io.topicstream.aws.events.SinkDeliveries;
import io.topicstream.aws.events.StubBus;
import io.topicstream.aws.lambda.ArchiveFunction;
import io.topicstream.aws.lambda.LetterBox;
import io.topicstream.aws.local.LocalBuses;
import io.topicstream.aws.local.TableStream;
import io.topicstream.aws.metering.DynamoMetering;
import io.topicstream.aws.metering.S3Metering;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.aws.s3.Objects;
import io.topicstream.events.Destinations;
import io.topicstream.events.Receiver;
import io.topicstream.events.SinkJson;
import io.topicstream.events.SinkRecord;
import io.topicstream.events.WebhookSecret;
import io.topicstream.log.AppendResult;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;

/// What the functions of the table's stream cost beside the messages themselves, metered and priced: no more than the
/// documents say.
@Timeout(600)
class MeteredEventsTest {
    private static final String NOTHING_FAILED = "{\"batchItemFailures\":[]}";
    private static final TopicName TOPIC = new TopicName("rooms:first-floor");
    private static final String TEXT = "\"" + "x".repeat(898) + "\"";
    private static final Duration CALL = Duration.ofMinutes(2);
    private static final int MESSAGES = 50;
    private static final int SEGMENT = 1_000;
    /// How many records a call of the archiver has.
    private static final int ARCHIVED_AT_ONCE = 100;

    private final Meter meter = new Meter();
    private final Metered metered = new Metered(meter, () -> Instant.EPOCH);
    private final TableStream stream = new TableStream();
    private final BlockingQueue<byte[]> told = new LinkedBlockingQueue<>();
    private final String name = Dynoxide.get().table().name();
    private final DynamoDbClient unmetered = Dynoxide.get().newClient(stream);
    private final DynamoDbClient counted = Dynoxide.get().newClient(new DynamoMetering(meter));
    private final String bucketName = LocalS3.get().bucket();
    private final S3Client s3 = LocalS3.get()
            .builder()
            .overrideConfiguration(options -> options.addExecutionInterceptor(new S3Metering(meter)))
            .build();
    private final Objects bucket = new Objects(s3, bucketName);
    private final DynamoOptions options =
            DynamoOptions.DEFAULTS.withLarge(bucket).withArchive(bucket);
    private final DynamoEngine writer = DynamoEngine.open(new DynamoTable(unmetered, name), options);
    private final DynamoEngine reader = DynamoEngine.open(new DynamoTable(counted, name), options);
    private final RecordingLane lane = RecordingLane.threaded("metered");
    private final AtomicLong steppedMs = new AtomicLong();
    private int published;

    @AfterEach
    void close() {
        stream.close();
        writer.close();
        reader.close();
        lane.close();
        unmetered.close();
        counted.close();
        s3.close();
    }

    private void publish() throws Exception {
        RecordingAppend append = RecordingAppend.to(TOPIC)
                .message(TEXT, String.format("0190b6a1-7c1e-7000-8000-%012d", ++published))
                .from("a.user@mail.example")
                .on(lane);
        writer.log().append(append);
        assertThat(append.answer().get(60, TimeUnit.SECONDS)).isInstanceOf(AppendResult.Appended.class);
    }

    /// Nothing that it knows of sinks is fresh: as where a message comes now and then.
    private SinkDeliveries sinks() {
        return new SinkDeliveries(
                reader.log(),
                reader.state(),
                new Destinations(Set.of(), InetAddress::isLoopbackAddress, InetAddress::getAllByName),
                () -> Instant.now().plusMillis(steppedMs.get()),
                new Random(7),
                metered::posted);
    }

    /// What a million of such messages cost, each told by a call of the function; some go before.
    private void checkTold(String what, UnaryOperator<byte[]> function) throws Exception {
        for (int i = -3; i < MESSAGES; i++) {
            if (i == 0) {
                meter.restart();
            }
            publish();
            byte[] event = told.poll(60, TimeUnit.SECONDS);
            assertThat(event).as("a record of the stream").isNotNull();
            steppedMs.addAndGet(10_000);
            assertThat(new String(function.apply(event), UTF_8)).isEqualTo(NOTHING_FAILED);
        }
        check(what, MESSAGES);
    }

    private void check(String what, int messages) throws IOException {
        meter.report(Prices.list()).forEach(System.out::println);
        DocumentedPrices.check(
                what, meter.priced(Prices.list()).perMillion(messages).orElseThrow());
    }

    @Test
    void aMessageOnABusCostsNoMoreThanTheDocumentsSay() throws Exception {
        stream.followImages(List.of(StreamRecord.LOGS), Duration.ZERO, this::keep);
        try (StubBus bus = new StubBus();
                LocalBuses buses = LocalBuses.at(bus.uri());
                SinkDeliveries sinks = sinks()) {
            EventStream events = new EventStream(
                    reader.log(),
                    List.of(new TopicPattern("*")),
                    buses.bus(BusSettings.of("chat", null, List.of()), metered::onBus),
                    new LetterBox(bucket),
                    options.clock());
            EventFunction function = new EventFunction(events, sinks);
            checkTold("a million events on the bus", metered.events(event -> function.handle(event, CALL)));
            assertThat(bus.taken()).hasSize(published);
        }
    }

    @Test
    void aMessageToASinkCostsNoMoreThanTheDocumentsSay() throws Exception {
        stream.followKeys(StreamRecord.LOGS, Duration.ZERO, this::keep);
        try (Receiver receiver = new Receiver();
                SinkDeliveries sinks = sinks()) {
            String definition = "{\"url\":\"" + receiver.url() + "\",\"topics\":[\"rooms:*\"]}";
            String secret = WebhookSecret.make(new Random(7));
            byte[] record =
                    SinkRecord.encode(0, null, SinkJson.read("hook", definition.getBytes(UTF_8), List.of(secret)));
            writer.state()
                    .put(SinkRecord.SINKS, "hook", record, StateStore.ABSENT, StateStore.NEVER)
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
            EventFunction function = new EventFunction(null, sinks);
            checkTold("a million messages, posted to a sink", metered.events(event -> function.handle(event, CALL)));
            assertThat(receiver.all()).hasSize(published);
        }
    }

    private byte[] keep(byte[] event) {
        told.add(event);
        return NOTHING_FAILED.getBytes(UTF_8);
    }

    @Test
    void theArchiveCostsNoMoreThanTheDocumentsSay() throws Exception {
        ArchiveFunction archiver = new ArchiveFunction(
                new Archiver(new DynamoTable(counted, name), options, ArchiveOptions.DEFAULTS), bucket);
        UnaryOperator<byte[]> function = metered.archive(archiver::handle);
        byte[] event = ("{\"Records\":[{\"eventName\":\"INSERT\",\"dynamodb\":{\"SequenceNumber\":\"1\",\"Keys\":{"
                        + "\"pk\":{\"S\":\"" + StreamRecord.LOGS + TOPIC.value() + "\"},\"sk\":{\"S\":\"1\"}}}}]}")
                .getBytes(UTF_8);
        // The newest message stays; and the second segment is like all that come after it.
        archived(SEGMENT + ARCHIVED_AT_ONCE, event, function);
        meter.restart();
        archived(SEGMENT, event, function);
        check("a million messages, archived", SEGMENT);
        assertThat(bucket.list("topics/", "", 10)).hasSize(2);
    }

    private void archived(int messages, byte[] event, UnaryOperator<byte[]> function) throws Exception {
        for (int i = 1; i <= messages; i++) {
            publish();
            if (i % ARCHIVED_AT_ONCE == 0) {
                assertThat(new String(function.apply(event), UTF_8)).isEqualTo(NOTHING_FAILED);
            }
        }
    }
}
