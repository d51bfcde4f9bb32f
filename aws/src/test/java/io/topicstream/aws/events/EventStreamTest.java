package io.topicstream.aws.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.events.CloudEvents;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Message;
import io.topicstream.log.Redaction;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;

/// What the function makes of records of the stream, on a real table and a bus that looks at signatures.
@Timeout(180)
class EventStreamTest {
    private static final String NOTHING_FAILED = "{\"batchItemFailures\":[]}";
    private static final int INLINE_BYTES = 2_000;
    private static final TopicName LOBBY = new TopicName("lobby");

    private record Letter(String record, String reason) {}

    private final DynamoTable table = Dynoxide.get().table();
    private final DynamoOptions options =
            DynamoOptions.DEFAULTS.withLarge(LocalS3.get().objects()).withInlineBytes(INLINE_BYTES);
    private final DynamoEngine engine = DynamoEngine.open(table, options);
    private final RecordingLane lane = RecordingLane.threaded("events");
    private final RecordedStream stream = new RecordedStream(table);
    private final StubBus bus = new StubBus();
    private final EventBridgeClient client = client(bus.uri());
    private final List<Letter> letters = new ArrayList<>();
    private final List<Long> billed = new ArrayList<>();
    private final EventStream events = events("*");

    EventStreamTest() throws IOException {}

    @AfterEach
    void close() {
        lane.close();
        engine.close();
        client.close();
        bus.close();
    }

    static EventBridgeClient client(URI endpoint) {
        return EventBridgeClient.builder()
                .endpointOverride(endpoint)
                .region(Region.EU_WEST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create("local", StubBus.SECRET)))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private EventStream events(String... topics) {
        return new EventStream(
                engine.log(),
                List.of(topics).stream().map(TopicPattern::new).toList(),
                new EventBus(client, "chat", EventBus.CHAT_SERVICE, billed::add),
                (record, reason) -> letters.add(new Letter(record, reason)),
                InstantSource.system());
    }

    private void publish(String topic, Draft... drafts) throws Exception {
        publish(engine, topic, drafts);
    }

    private void publish(DynamoEngine to, String topic, Draft... drafts) throws Exception {
        RecordingAppend.Builder append = RecordingAppend.to(new TopicName(topic));
        for (Draft draft : drafts) {
            append.draft(draft);
        }
        RecordingAppend done = append.from("ada").on(lane);
        to.log().append(done);
        assertThat(done.answer().get(30, TimeUnit.SECONDS)).isInstanceOf(AppendResult.Appended.class);
    }

    private static Draft said(String json) {
        return new Draft(json.getBytes(UTF_8), null, null);
    }

    private static List<String> records(RecordedStream stream) {
        return stream.changes(System.currentTimeMillis());
    }

    private String handle(List<String> records) {
        return new String(events.handle(RecordedStream.event(records)), UTF_8);
    }

    private List<String> details() {
        return bus.taken().stream().map(StubBus.Entry::detail).toList();
    }

    private static String member(String detail, String name) {
        return detail.replaceAll(".*\"" + name + "\":\"?([^,\"}]*).*", "$1");
    }

    @Test
    void aMessageOfTheChatIsAnEventAsItsConsumersKnowIt() throws Exception {
        Details origin = Details.NONE.withOrigin("abc=").withheldFrom("client:tab 1");
        publish("lobby", new Draft("{\"text\":\"hi \\\"all\\\"\"}".getBytes(UTF_8), null, origin));
        long epoch = engine.log().extent(LOBBY).toCompletableFuture().join().epoch();

        assertThat(handle(records(stream))).isEqualTo(NOTHING_FAILED);

        assertThat(bus.taken()).hasSize(1);
        StubBus.Entry entry = bus.taken().getFirst();
        assertThat(entry.bus()).isEqualTo("chat");
        assertThat(entry.source()).isEqualTo("chat.service");
        assertThat(entry.type()).isEqualTo("MESSAGE_SENT");
        assertThat(entry.detail())
                .startsWith("{\"action\":\"sendMessage\",\"connectionId\":\"abc=\",\"sender\":\"ada\","
                        + "\"clientId\":\"tab 1\",\"timestamp\":\"")
                .contains(",\"content\":\"hi \\\"all\\\"\",\"messageId\":\"")
                .endsWith(",\"topic\":\"lobby\",\"epoch\":" + epoch + ",\"offset\":1}");
        assertThat(member(entry.detail(), "messageId")).hasSize(27);
        // The same id as a server's sinks see.
        Message message = new Message(1, 0, null, null, new byte[0], null);
        assertThat(member(entry.detail(), "id"))
                .isEqualTo(new CloudEvents(LOBBY).of(epoch, message).id());
        assertThat(billed).hasSize(1).allMatch(bytes -> bytes > entry.detail().length());
        assertThat(letters).isEmpty();
    }

    @Test
    void allMessagesOfARowAreEventsInTheirOrderAndInFullRequests() throws Exception {
        publish(
                "orders",
                IntStream.rangeClosed(1, 23).mapToObj(i -> said("" + i)).toArray(Draft[]::new));

        assertThat(handle(records(stream))).isEqualTo(NOTHING_FAILED);

        assertThat(details())
                .extracting(detail -> member(detail, "content"))
                .containsExactly(
                        IntStream.rangeClosed(1, 23).mapToObj(Integer::toString).toArray(String[]::new));
        assertThat(bus.requests()).containsExactly(10, 10, 3);
    }

    @Test
    void aRecordThatComesTwiceHasTheSameIds() throws Exception {
        publish("lobby", said("1"), said("2"));
        List<String> records = records(stream);

        assertThat(handle(records)).isEqualTo(NOTHING_FAILED);
        assertThat(handle(records)).isEqualTo(NOTHING_FAILED);

        List<String> ids =
                details().stream().map(detail -> member(detail, "id")).toList();
        assertThat(ids).hasSize(4);
        assertThat(ids.subList(2, 4)).isEqualTo(ids.subList(0, 2));
        assertThat(ids.getFirst()).isNotEqualTo(ids.get(1));
    }

    @Test
    void whatStandsInTheBucketIsReadThere() throws Exception {
        String large = "\"" + "x".repeat(2 * INLINE_BYTES) + "\"";
        publish("lobby", said(large), said("2"));

        List<String> records = records(stream);
        assertThat(String.join("", records)).doesNotContain(large);
        assertThat(handle(records)).isEqualTo(NOTHING_FAILED);

        assertThat(details()).hasSize(2);
        assertThat(details().getFirst()).contains("\"content\":" + large);
        assertThat(member(details().get(1), "content")).isEqualTo("2");
    }

    @Test
    void aRowThatIsWrittenAnewIsNoEvent() throws Exception {
        publish("lobby", said("1"), said("2"));
        var _ = records(stream);
        engine.log().redact(LOBBY, Redaction.of(1)).toCompletableFuture().join();

        List<String> records = records(stream);
        assertThat(records).anyMatch(record -> record.contains("MODIFY") && record.contains("L#lobby"));
        assertThat(handle(records)).isEqualTo(NOTHING_FAILED);

        assertThat(bus.taken()).isEmpty();
        assertThat(letters).isEmpty();
    }

    @Test
    void ofALateRecordWhatWasTakenBackOrTrimmedIsToldToNobody() throws Exception {
        publish("lobby", said("1"), said("2"), said("3"));
        publish("orders", said("4"));
        List<String> late = stream.changes(System.currentTimeMillis() - 3_600_000);
        engine.log().redact(LOBBY, Redaction.of(2)).toCompletableFuture().join();
        engine.log().trim(new TopicName("orders"), 2).toCompletableFuture().join();

        assertThat(handle(late)).isEqualTo(NOTHING_FAILED);

        assertThat(details()).extracting(detail -> member(detail, "content")).containsExactly("1", "3");
    }

    @Test
    void ofALateRecordNothingIsToldThatAnotherLifeOfTheLogHasReplaced() throws Exception {
        publish("orders", said("1"));
        DynamoTable before = Dynoxide.get().table();
        List<String> late;
        try (DynamoEngine engineBefore = DynamoEngine.open(before, options)) {
            publish(engineBefore, "orders", said("1"), said("\"lost\""));
            late = new RecordedStream(before).changes(System.currentTimeMillis() - 3_600_000);
        }
        // As after a restore of a backup that has the first message alone. A life has the second of its beginning.
        InstantSource later = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(10));
        try (DynamoEngine now = DynamoEngine.openInNewEpoch(table, options.withClock(later))) {
            publish(now, "orders", said("\"another\""));
        }

        assertThat(handle(late)).isEqualTo(NOTHING_FAILED);

        assertThat(details())
                .singleElement()
                .asString()
                .contains("\"content\":1,")
                .endsWith("\"offset\":1}");
    }

    @Test
    void entriesThatTheBusRefusesArePutAgainAndNoOthers() throws Exception {
        publish("lobby", said("1"), said("2"), said("3"));
        bus.refuse("", "ThrottlingException", "", "InternalFailure");

        assertThat(handle(records(stream))).isEqualTo(NOTHING_FAILED);

        assertThat(details()).extracting(detail -> member(detail, "content")).containsExactly("1", "3", "2");
        assertThat(bus.requests()).containsExactly(3, 1, 1);
        assertThat(billed).hasSize(3);
    }

    @Test
    void aRecordWhoseEventsAreNotOnTheBusComesAgain() throws Exception {
        publish("lobby", said("1"));
        List<String> records = records(stream);
        String number = records.stream()
                .filter(record -> record.contains("L#lobby") && record.contains("\"b\":"))
                .map(record -> member(record, "SequenceNumber"))
                .findFirst()
                .orElseThrow();
        bus.fail(100);

        assertThat(handle(records)).isEqualTo("{\"batchItemFailures\":[{\"itemIdentifier\":\"" + number + "\"}]}");
        assertThat(letters).isEmpty();
        bus.fail(0);
        assertThat(handle(records)).isEqualTo(NOTHING_FAILED);
        assertThat(details()).hasSize(1);
    }

    @Test
    void whatTheBusNeverTakesBecomesADeadLetterAndTheOthersGoOn() throws Exception {
        publish("a", said("1"));
        publish("b", said("2"));
        bus.refuse("MalformedDetail");

        assertThat(handle(records(stream))).isEqualTo(NOTHING_FAILED);

        assertThat(letters).hasSize(1);
        assertThat(letters.getFirst().reason()).isEqualTo("MalformedDetail: not now");
        // A letter says where the message is, and not what it says.
        assertThat(letters.getFirst().record())
                .matches("\\{\"dynamodb\":\\{\"Keys\":\\{\"pk\":\\{\"S\":\"L#a\"},\"sk\":\\{\"S\":\"0{19}1\"}},"
                        + "\"SequenceNumber\":\"[0-9]+\"}}");
        assertThat(details()).extracting(detail -> member(detail, "content")).containsExactly("2");
    }

    @Test
    void aRequestThatIsRefusedForOneOfItsEventsIsPutEventByEvent() throws Exception {
        publish("a", said("1"));
        publish("b", said("\"poison\""));
        publish("c", said("3"));
        bus.refuseAllWith("poison");

        assertThat(handle(records(stream))).isEqualTo(NOTHING_FAILED);

        assertThat(details()).extracting(detail -> member(detail, "content")).containsExactly("1", "3");
        assertThat(letters).extracting(Letter::reason).allMatch(reason -> reason.contains("an entry is none"));
        assertThat(letters).hasSize(1);
    }

    @Test
    void aBusThatCannotBeHadIsAskedOnceForAllThatIsThere() throws Exception {
        publish(
                "orders",
                IntStream.rangeClosed(1, 35).mapToObj(i -> said("" + i)).toArray(Draft[]::new));
        // As often as the client of the SDK tries.
        bus.fail(4);

        assertThat(handle(records(stream))).contains("itemIdentifier");

        assertThat(bus.taken()).isEmpty();
    }

    @Test
    void aRowOfAConnectionThatCannotBeReadBecomesADeadLetter() {
        String row = "{\"pk\":{\"S\":\"V#connection/a=\"},\"sk\":{\"S\":\"record\"}";
        String record = "{\"eventName\":\"INSERT\",\"dynamodb\":{\"Keys\":" + row + "},\"NewImage\":" + row
                + ",\"u\":{\"N\":\"1\"},\"d\":{\"B\":\"AQ==\"}},\"SequenceNumber\":\"7\"}}";

        assertThat(handle(List.of(record))).isEqualTo(NOTHING_FAILED);

        assertThat(letters)
                .extracting(Letter::record)
                .containsExactly("{\"dynamodb\":{\"Keys\":" + row + "},\"SequenceNumber\":\"7\"}}");
    }

    @Test
    void aMessageThatIsLargerThanABusTakesBecomesADeadLetter() throws Exception {
        publish("lobby", said("\"" + "x".repeat(EventBus.MOST_EVENT_BYTES) + "\""));
        publish("orders", said("1"));

        assertThat(handle(records(stream))).isEqualTo(NOTHING_FAILED);

        assertThat(letters).hasSize(1);
        assertThat(letters.getFirst().reason()).contains("more than a bus takes");
        assertThat(details()).hasSize(1);
    }

    @Test
    void whatCannotBeReadBecomesADeadLetterAndTheOthersGoOn() throws Exception {
        publish("a", said("1"));
        publish("b", said("2"));
        List<String> records = records(stream).stream()
                .map(record -> record.contains("L#a")
                        ? record.replaceAll("\"b\":\\{\"B\":\"[^\"]*\"", "\"b\":{\"B\":\"AAAA\"")
                        : record)
                .toList();
        String keysOnly = "{\"eventName\":\"INSERT\",\"dynamodb\":{\"Keys\":{\"pk\":{\"S\":\"L#a\"},\"sk\":{\"S\":"
                + "\"00000000000000000001\"}},\"SequenceNumber\":\"7\"}}";
        List<String> all = new ArrayList<>(records);
        all.add("7");
        all.add(keysOnly);

        assertThat(handle(all)).isEqualTo(NOTHING_FAILED);

        assertThat(letters)
                .extracting(Letter::reason)
                .satisfiesExactlyInAnyOrder(
                        reason -> assertThat(reason).contains("the batch at offset 1 cannot be read"),
                        reason -> assertThat(reason).isEqualTo("it is no record of a stream"),
                        reason -> assertThat(reason).contains("NEW_AND_OLD_IMAGES"));
        assertThat(details()).extracting(detail -> member(detail, "content")).containsExactly("2");
    }

    @Test
    void topicsThatNobodyMeansAreNoEvents() throws Exception {
        publish("dm:ada~bob", said("1"));
        publish("sys:events", said("2"));
        publish("orders.eu", said("3"));
        publish("lobby", said("4"));
        List<String> records = records(stream);

        assertThat(handle(records)).isEqualTo(NOTHING_FAILED);
        assertThat(details()).extracting(detail -> member(detail, "content")).containsExactly("4", "3");

        var _ = events("dm:*", "orders*").handle(RecordedStream.event(records));
        assertThat(details()).extracting(detail -> member(detail, "content")).containsExactly("4", "3", "1", "3");
    }
}
