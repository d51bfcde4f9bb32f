package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.events.RecordedStream;
import io.topicstream.aws.events.StubBus;
import io.topicstream.aws.lambda.LetterBox;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.aws.s3.Objects;
import io.topicstream.events.Receiver;
import io.topicstream.events.SinkJson;
import io.topicstream.events.SinkRecord;
import io.topicstream.events.WebhookSecret;
import io.topicstream.log.AppendResult;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What makes events for a bus, out of its archive.
class EventsArchiveTest extends ArchivedFunction {
    private static final String NOTHING_FAILED = "{\"batchItemFailures\":[]}";

    private final String bucket = LocalS3.get().bucket();
    private final Objects objects = LocalS3.get().objects(bucket);
    private final RecordedStream stream = new RecordedStream(table);
    private final StubBus bus = new StubBus();
    private final Map<String, String> environment = Map.of(
            "TOPICSTREAM_BUCKET",
            bucket,
            "TOPICSTREAM_EVENT_BUS",
            "ChatEventBus",
            "AWS_ENDPOINT_URL_EVENTBRIDGE",
            bus.uri().toString(),
            "AWS_ENDPOINT_URL_S3",
            LocalS3.get().endpoint().toString(),
            // It posts to nobody.
            "TOPICSTREAM_CALLBACK_URL",
            "");

    EventsArchiveTest() throws IOException {
        super("events", EventsHandler.class);
    }

    @AfterEach
    void closeBus() {
        bus.close();
    }

    private byte[] published(String topic, String json) throws Exception {
        RecordingLane lane = RecordingLane.threaded("events");
        try {
            RecordingAppend append = RecordingAppend.to(new TopicName(topic))
                    .message(json)
                    .from("ada")
                    .on(lane);
            engine.log().append(append);
            assertThat(append.answer().get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isInstanceOf(AppendResult.Appended.class);
        } finally {
            lane.close();
        }
        return RecordedStream.event(stream.changes(System.currentTimeMillis()));
    }

    @Test
    void aMessageIsOnTheBusAlsoAfterARestore() throws Exception {
        FunctionProcess function = restored(environment);
        assertThat(function.said()).doesNotContain("rehearsed");
        aws.restored.complete(null);

        assertThat(function.call(aws, published("lobby", "{\"text\":\"hello\"}")))
                .isEqualTo(NOTHING_FAILED);

        assertThat(bus.taken()).hasSize(1);
        assertThat(bus.taken().getFirst().bus()).isEqualTo("ChatEventBus");
        assertThat(bus.taken().getFirst().source()).isEqualTo("chat.service");
        assertThat(bus.taken().getFirst().type()).isEqualTo("MESSAGE_SENT");
        assertThat(bus.taken().getFirst().detail()).contains("\"sender\":\"ada\"", "\"content\":\"hello\"");
    }

    @Test
    void aFunctionThatIsKilledBeforeItAnswersHasPutTheSameEventAsTheNext() throws Exception {
        FunctionProcess first = start(FunctionProcess.PLAIN, environment);
        byte[] event = published("lobby", "1");
        CompletableFuture<Void> killed = new CompletableFuture<>();
        bus.onTaken(() -> {
            first.close();
            killed.complete(null);
        });
        var _ = aws.call(event);
        killed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        bus.onTaken(() -> {});

        FunctionProcess second = start(FunctionProcess.PLAIN, environment);
        assertThat(second.call(aws, event)).isEqualTo(NOTHING_FAILED);

        assertThat(bus.taken()).hasSize(2);
        assertThat(bus.taken().getFirst()).isEqualTo(bus.taken().get(1));
    }

    @Test
    void topicsAndTheSourceAreSettings() throws Exception {
        Map<String, String> more = new HashMap<>(environment);
        more.put("TOPICSTREAM_EVENT_TOPICS", "orders*, lobby");
        more.put("TOPICSTREAM_EVENT_SOURCE", "my.chat");
        FunctionProcess function = start(FunctionProcess.PLAIN, more);

        assertThat(function.call(aws, published("news", "1"))).isEqualTo(NOTHING_FAILED);
        assertThat(function.call(aws, published("orders.eu", "2"))).isEqualTo(NOTHING_FAILED);

        assertThat(bus.taken()).extracting(StubBus.Entry::source).containsExactly("my.chat");
        assertThat(bus.taken().getFirst().detail()).contains("\"topic\":\"orders.eu\"");
    }

    @Test
    void aRecordThatCannotBeReadBecomesAnObjectWithTheReason() throws Exception {
        FunctionProcess function = start(FunctionProcess.PLAIN, environment);

        assertThat(function.call(aws, "{\"Records\":[7]}".getBytes(UTF_8))).isEqualTo(NOTHING_FAILED);

        List<Objects.Listed> letters = objects.list(LetterBox.FOLDER, "", 10);
        assertThat(letters).hasSize(1);
        assertThat(new String(objects.get(letters.getFirst().key()).bytes(), UTF_8))
                .isEqualTo("{\"reason\":\"it is no record of a stream\",\"record\":\"7\"}");
    }

    @Test
    void whatIsMissingIsNamedAtTheStart() throws Exception {
        FunctionProcess function = start(FunctionProcess.PLAIN, Map.of("TOPICSTREAM_EVENT_TOPICS", "a*b"));

        assertThat(function.await(aws.initError))
                .contains("The function needs TOPICSTREAM_BUCKET in its environment.")
                .contains("TOPICSTREAM_EVENT_TOPICS is");
    }

    private Map<String, String> sinksAlone() {
        Map<String, String> sinksAlone = new HashMap<>(environment);
        sinksAlone.put("TOPICSTREAM_EVENT_BUS", "");
        sinksAlone.put("TOPICSTREAM_EVENTS_PRIVATE_DESTINATIONS", "127.0.0.1");
        return sinksAlone;
    }

    private void makeSink(Receiver receiver) throws Exception {
        String json = "{\"url\":\"" + receiver.url()
                + "\",\"topics\":[\"lobby\"],\"rules\":[{\"data\":{\"topic\":[\"lobby\"]}}]}";
        String secret = WebhookSecret.make(new SecureRandom());
        byte[] record = SinkRecord.encode(0, null, SinkJson.read("hook", json.getBytes(UTF_8), List.of(secret)));
        engine.state()
                .put(SinkRecord.SINKS, "hook", record, StateStore.ABSENT, StateStore.NEVER)
                .toCompletableFuture()
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void aMessageIsPostedToASinkWithoutABusAlsoAfterARestore() throws Exception {
        try (Receiver receiver = new Receiver()) {
            makeSink(receiver);
            FunctionProcess function = restored(sinksAlone());
            assertThat(function.said()).doesNotContain("rehearsed");
            aws.restored.complete(null);

            assertThat(function.call(aws, published("lobby", "1"))).isEqualTo(NOTHING_FAILED);
            assertThat(receiver.taken("lobby")).containsExactly(1L);

            // Nobody tells of it; a schedule calls with an event of its own. All topics are looked at once.
            var _ = published("lobby", "2");
            assertThat(function.call(aws, "{\"source\":\"aws.scheduler\"}".getBytes(UTF_8)))
                    .isEqualTo(NOTHING_FAILED);
            assertThat(receiver.taken("lobby")).containsExactly(1L, 2L);
            assertThat(bus.taken()).isEmpty();
        }
    }

    @Test
    void aFunctionThatIsKilledBeforeItStoresAPlaceHasPostedTheSameEventAsTheNext() throws Exception {
        try (Receiver receiver = new Receiver()) {
            makeSink(receiver);
            FunctionProcess first = start(FunctionProcess.PLAIN, sinksAlone());
            byte[] event = published("lobby", "1");
            CompletableFuture<Void> killed = new CompletableFuture<>();
            receiver.answer(_ -> {
                first.close();
                killed.complete(null);
                return 204;
            });
            var _ = aws.call(event);
            killed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            receiver.answer(_ -> 204);

            FunctionProcess second = start(FunctionProcess.PLAIN, sinksAlone());
            assertThat(second.call(aws, event)).isEqualTo(NOTHING_FAILED);

            assertThat(receiver.all()).hasSize(2);
            assertThat(receiver.all().get(1).id())
                    .isEqualTo(receiver.all().getFirst().id());
            assertThat(receiver.all().get(1).body())
                    .isEqualTo(receiver.all().getFirst().body());
            assertThat(receiver.all().get(1).repeat()).isEqualTo("possible");
        }
    }

    @Test
    void aSettingOfAServersSinksThatFunctionsDoNotHaveIsNamedAtTheStart() throws Exception {
        FunctionProcess function = start(FunctionProcess.PLAIN, Map.of("TOPICSTREAM_EVENTS_SINKS", "[]"));

        assertThat(function.await(aws.initError)).contains("TOPICSTREAM_EVENTS_SINKS", "no such setting");
    }
}
