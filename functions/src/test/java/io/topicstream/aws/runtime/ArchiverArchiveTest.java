package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.lambda.LetterBox;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.aws.s3.Objects;
import io.topicstream.log.AppendResult;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The archiver, out of its archive.
class ArchiverArchiveTest extends ArchivedFunction {
    private final String bucket = LocalS3.get().bucket();
    private final Objects objects = LocalS3.get().objects(bucket);
    private final Map<String, String> environment = Map.of(
            "TOPICSTREAM_BUCKET",
            bucket,
            "AWS_ENDPOINT_URL_S3",
            LocalS3.get().endpoint().toString(),
            // It posts to nobody.
            "TOPICSTREAM_CALLBACK_URL",
            "");

    ArchiverArchiveTest() {
        super("archive", ArchiveHandler.class);
    }

    /// Three messages that are two days old.
    private void store(String topic) throws Exception {
        InstantSource then = InstantSource.offset(InstantSource.system(), Duration.ofDays(-2));
        RecordingLane lane = RecordingLane.threaded("archive");
        try (DynamoEngine writer = DynamoEngine.open(table, DynamoOptions.DEFAULTS.withClock(then))) {
            for (int i = 1; i <= 3; i++) {
                RecordingAppend append =
                        RecordingAppend.to(new TopicName(topic)).message("" + i).on(lane);
                writer.log().append(append);
                assertThat(append.answer().get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isInstanceOf(AppendResult.Appended.class);
            }
        } finally {
            lane.close();
        }
    }

    @Test
    void aSweepArchivesWhatIsOldAlsoAfterARestore() throws Exception {
        store("room:1");
        FunctionProcess function = restored(environment);
        assertThat(function.said()).doesNotContain("rehearsed");
        aws.restored.complete(null);

        assertThat(function.call(aws, "{\"source\":\"aws.events\"}".getBytes(UTF_8)))
                .isEqualTo("{\"failures\":0}");

        assertThat(objects.list("topics/", "", 10))
                .extracting(Objects.Listed::key)
                .containsExactly("topics/room:1/00000000000000000001.json");
        assertThat(logged("room:1", DynamoOptions.DEFAULTS.withArchive(objects)))
                .isEqualTo(List.of("1", "2", "3"));
    }

    @Test
    void aRecordThatCannotBeReadBecomesAnObjectWithTheReason() throws Exception {
        FunctionProcess function = start(FunctionProcess.PLAIN, environment);
        byte[] event =
                "{\"Records\":[{\"eventName\":\"INSERT\",\"dynamodb\":{\"SequenceNumber\":\"2\"}}]}".getBytes(UTF_8);

        assertThat(function.call(aws, event)).isEqualTo("{\"batchItemFailures\":[]}");
        assertThat(function.call(aws, event)).isEqualTo("{\"batchItemFailures\":[]}");

        List<Objects.Listed> letters = objects.list(LetterBox.FOLDER, "", 10);
        assertThat(letters).hasSize(1);
        assertThat(new String(objects.get(letters.getFirst().key()).bytes(), UTF_8))
                .startsWith("{\"reason\":\"it has no key, or no number\",\"record\":\"{\\\"eventName\\\"");
    }

    @Test
    void aBucketThatIsMissingIsNamedAtTheStart() throws Exception {
        FunctionProcess function = start(FunctionProcess.PLAIN, Map.of());

        assertThat(function.await(aws.initError)).contains("The function needs TOPICSTREAM_BUCKET in its environment.");
    }

    @Test
    void howLongTheFirstCallTakes() throws Exception {
        store("room:3");

        printFirstCalls(
                "the end of the first sweep",
                environment,
                "{\"source\":\"aws.events\"}".getBytes(UTF_8),
                "{\"failures\":0}");
    }
}
