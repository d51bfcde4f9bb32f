package io.topicstream.aws.dynamo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.dynamo.DynamoFaults.Fault;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.log.AppendResult;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the function that archives is called with, and what it answers.
@Timeout(120)
class ArchiveEventsTest {
    private static final String NOTHING_FAILED = "{\"batchItemFailures\":[]}";
    private static final ArchiveOptions TWO =
            new ArchiveOptions(2, 8 << 20, Duration.ofDays(1), ArchiveOptions.MIN_ROWS_KEPT);

    private record Letter(String record, String reason) {}

    private final DynamoFaults faults = DynamoFaults.planned();
    private final DynamoTable table = Dynoxide.get().table(faults);
    private final DynamoOptions options =
            DynamoOptions.DEFAULTS.withArchive(LocalS3.get().objects());
    private final LogRows rows = new LogRows(table, options);
    private final List<Letter> letters = new ArrayList<>();
    private final ArchiveEvents events = new ArchiveEvents(
            new Archiver(table, options, TWO), (record, reason) -> letters.add(new Letter(record, reason)));
    private final RecordingLane lane = RecordingLane.threaded("events");

    @BeforeEach
    void storeSome() throws Exception {
        try (DynamoLog log = DynamoLog.open(table, options)) {
            for (String topic : List.of("room:1", "room:2", "broken")) {
                for (int i = 1; i <= 3; i++) {
                    RecordingAppend append = RecordingAppend.to(new TopicName(topic))
                            .message(topic.equals("broken") ? "no JSON" : "1")
                            .on(lane);
                    log.append(append);
                    assertThat(append.answer().get(30, TimeUnit.SECONDS)).isInstanceOf(AppendResult.Appended.class);
                }
            }
        }
    }

    @AfterEach
    void end() {
        lane.close();
        table.client().close();
    }

    private static String record(String number, String pk) {
        return "{\"eventID\":\"e" + number + "\",\"eventName\":\"INSERT\",\"eventSource\":\"aws:dynamodb\","
                + "\"dynamodb\":{\"ApproximateCreationDateTime\":1767225600,\"Keys\":{\"sk\":{\"S\":"
                + "\"00000000000000000003\"},\"pk\":{\"S\":\"" + pk + "\"}},\"SequenceNumber\":\"" + number
                + "\",\"SizeBytes\":26,\"StreamViewType\":\"KEYS_ONLY\"},\"awsRegion\":\"us-east-1\"}";
    }

    private String handle(String... records) {
        return new String(events.handle(("{\"Records\":[" + String.join(",", records) + "]}").getBytes(UTF_8)), UTF_8);
    }

    private long archived(String topic) {
        return rows.view(topic).archived();
    }

    @Test
    void topicsThatHaveGrownAreArchived() {
        assertThat(handle(record("1", "L#room:1"), record("2", "S#users"), record("3", "L#room:1")))
                .isEqualTo(NOTHING_FAILED);

        assertThat(archived("room:1")).isEqualTo(3);
        assertThat(archived("room:2")).isEqualTo(1);
        assertThat(letters).isEmpty();
    }

    @Test
    void recordsThatAreNoNewRowAskForNothing() {
        String changed = record("1", "L#room:1").replace("INSERT", "MODIFY");

        assertThat(handle(changed)).isEqualTo(NOTHING_FAILED);

        assertThat(archived("room:1")).isEqualTo(1);
    }

    @Test
    void whatCannotBeHandledBecomesADeadLetterAndTheOthersGoOn() {
        String noKey = "{\"eventName\":\"INSERT\",\"dynamodb\":{\"SequenceNumber\":\"2\"}}";
        String noTopic = record("3", "L#not a topic");
        String broken = record("4", "L#broken");

        assertThat(handle("7", noKey, noTopic, broken, record("5", "L#room:2"))).isEqualTo(NOTHING_FAILED);

        assertThat(archived("room:2")).isEqualTo(3);
        assertThat(letters).extracting(Letter::record).containsExactly("7", noKey, noTopic, broken);
        assertThat(letters.get(1).reason()).isEqualTo("it has no key, or no number");
        assertThat(letters.get(3).reason()).contains("topics/broken/00000000000000000001.json");
    }

    @Test
    void whatIsNoEventIsADeadLetterAsAWhole() {
        assertThat(new String(events.handle("[1]".getBytes(UTF_8)), UTF_8)).isEqualTo(NOTHING_FAILED);

        assertThat(letters).extracting(Letter::record).containsExactly("[1]");
    }

    @Test
    void recordsOfATopicThatCannotBeHadComeAgain() {
        for (int i = 0; i < Dynoxide.TRIES; i++) {
            faults.next(Fault.FAILED);
        }

        assertThat(handle(record("1", "L#room:1"), record("2", "L#room:2"), record("3", "L#room:1")))
                .isEqualTo("{\"batchItemFailures\":[{\"itemIdentifier\":\"1\"},{\"itemIdentifier\":\"3\"}]}");

        assertThat(archived("room:2")).isEqualTo(3);
        assertThat(letters).isEmpty();
    }

    @Test
    void aDeadLetterThatIsNotTakenComesAgain() {
        ArchiveEvents deaf = new ArchiveEvents(new Archiver(table, options, TWO), (record, reason) -> {
            throw new IllegalStateException("the queue is gone");
        });

        byte[] answer = deaf.handle(("{\"Records\":[" + record("9", "L#broken") + "]}").getBytes(UTF_8));

        assertThat(new String(answer, UTF_8)).isEqualTo("{\"batchItemFailures\":[{\"itemIdentifier\":\"9\"}]}");
    }
}
