package io.topicstream.aws.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.events.CloudEvents;
import io.topicstream.events.Destinations;
import io.topicstream.events.Receiver;
import io.topicstream.events.SinkJson;
import io.topicstream.events.SinkRecord;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.tail.Place;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Sinks that a function serves: on a real table, to receivers on loopback.
@Timeout(180)
class SinkDeliveriesTest {
    private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    private static final Duration LEFT = Duration.ofSeconds(60);
    /// Longer than any wait after a failure, and than a look at all topics is put off.
    private static final Duration LATER = Duration.ofMinutes(6);

    private final DynamoTable table = Dynoxide.get().table();
    private final DynamoEngine engine = DynamoEngine.open(table, DynamoOptions.DEFAULTS);
    private final RecordedStream stream = new RecordedStream(table);
    private final RecordingLane lane = RecordingLane.threaded("sinks");
    private final ManualClock clock = new ManualClock();
    private final Receiver receiver = new Receiver();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final SinkDeliveries sinks = deliveries(engine);

    SinkDeliveriesTest() throws IOException {}

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        receiver.close();
        lane.close();
        engine.close();
    }

    private SinkDeliveries deliveries(DynamoEngine on) {
        return deliveries(on, true);
    }

    private SinkDeliveries deliveries(DynamoEngine on, boolean isLoopbackListed) {
        SinkDeliveries made = new SinkDeliveries(
                on.log(),
                on.state(),
                new Destinations(
                        Set.of(),
                        address -> isLoopbackListed && address.isLoopbackAddress(),
                        InetAddress::getAllByName),
                clock,
                new Random(7),
                _ -> {},
                // A machine of tests may be slow.
                LEFT);
        open.add(made);
        return made;
    }

    private static <T extends @Nullable Object> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    /// Makes a sink as an administrator of a server does.
    private void sink(String name, Receiver at, long createdAtMs, String more) throws Exception {
        String json = "{\"url\":\"" + at.url() + "\",\"secret\":\"whsec_" + KEY + "\"," + more + "}";
        byte[] record = SinkRecord.encode(createdAtMs, null, SinkJson.read(name, json.getBytes(UTF_8), List.of()));
        assertThat(get(engine.state().put(SinkRecord.SINKS, name, record, StateStore.ANY_VERSION, StateStore.NEVER)))
                .isPositive();
    }

    private void sink(String name, Receiver at, String more) throws Exception {
        sink(name, at, 0, more);
    }

    private void publish(DynamoEngine to, String topic, String... payloads) throws Exception {
        RecordingAppend.Builder append = RecordingAppend.to(new TopicName(topic));
        for (String payload : payloads) {
            append.message(payload);
        }
        RecordingAppend done = append.from("ada").on(lane);
        to.log().append(done);
        assertThat(done.answer().get(30, TimeUnit.SECONDS)).isInstanceOf(AppendResult.Appended.class);
    }

    private void publish(String topic, String... payloads) throws Exception {
        publish(engine, topic, payloads);
    }

    private void publishMany(String topic, int many) throws Exception {
        publish(topic, LongStream.rangeClosed(1, many).mapToObj(Long::toString).toArray(String[]::new));
    }

    /// The stream tells of what has changed.
    private void tell() {
        sinks.onRecords(RecordedStream.event(stream.changes(0)), LEFT);
    }

    private void later() {
        clock.advance(LATER);
        sinks.onSchedule(LEFT);
    }

    private @Nullable Place place(String sink, String topic) throws Exception {
        return Place.of(get(engine.state().get(SinkRecord.places(sink), topic)));
    }

    private @Nullable SinkFailure failure(String sink, String key) throws Exception {
        StateRecord stored = get(engine.state().get(SinkRecord.failures(sink), key));
        return stored == null ? null : SinkFailure.of(stored);
    }

    private List<Message> read(String topic) throws Exception {
        return get(engine.log().read(new TopicName(topic), 1, Direction.FORWARD, 1_000, 1 << 20))
                .messages();
    }

    private static List<Long> offsets(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    @Test
    void aMessageIsPostedSignedAndWithTheIdThatAServerGivesIt() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders\"]");
        publish("orders", "{\"total\":12}");
        publish("news", "1");

        tell();

        assertThat(receiver.all()).hasSize(1);
        Receiver.Post post = receiver.posts().getFirst();
        long epoch = get(engine.log().extent(new TopicName("orders"))).epoch();
        CloudEvents.Event event = new CloudEvents(new TopicName("orders"))
                .of(epoch, read("orders").getFirst());
        assertThat(post.id()).isEqualTo(event.id());
        assertThat(post.body()).isEqualTo(event.text()).endsWith("\"payload\":{\"total\":12}}}");
        assertThat(post.type()).startsWith("application/cloudevents+json");
        assertThat(post.attempt()).isEqualTo("1");
        assertThat(post.repeat()).isEmpty();
        assertThat(post.signature()).isEqualTo(post.signatureBy("whsec_" + KEY));
        // As a server stores it.
        assertThat(place("hook", "orders")).isEqualTo(new Place(epoch, 2, 0));
    }

    @Test
    void recordsThatComeTwiceOrLatePostNothingAgain() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders*\"]");
        publish("orders.eu", "1", "2");
        byte[] first = RecordedStream.event(stream.changes(0));
        publish("orders.eu", "3");
        byte[] second = RecordedStream.event(stream.changes(0));

        sinks.onRecords(second, LEFT);
        sinks.onRecords(first, LEFT);
        sinks.onRecords(first, LEFT);

        assertThat(receiver.all()).extracting(Receiver.Post::offset).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aSinkBeginsWithWhatIsPublishedSinceItWasMade() throws Exception {
        publish("orders", "1");
        long created = read("orders").getFirst().timestamp() + 1;
        sink("hook", receiver, created, "\"topics\":[\"orders\"]");
        while (System.currentTimeMillis() < created) {
            Thread.onSpinWait();
        }
        publish("orders", "2");

        tell();

        assertThat(receiver.taken("orders")).containsExactly(2L);
    }

    @Test
    void theRulesSayWhatIsPosted() throws Exception {
        sink(
                "hook",
                receiver,
                "\"topics\":[\"*\"],\"rules\":[{\"data\":{\"payload\":{\"total\":[{\"numeric\":[\">\",5]}]}}}]");
        publish("orders", "{\"total\":1}", "{\"total\":9}", "{\"total\":2}");
        publish("dm:ada~bob", "{\"total\":9}");

        tell();

        assertThat(receiver.all()).extracting(Receiver.Post::offset).containsExactly(2L);
        Place place = place("hook", "orders");
        assertThat(place).isNotNull();
        assertThat(place.next()).isEqualTo(4);
    }

    @Test
    void whatFailsIsPostedAgainWhenItsTimeHasComeAndNotBefore() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders\"]");
        receiver.answer(_ -> 500);
        publish("orders", "1", "2");

        tell();
        publish("orders", "3");
        tell();
        sinks.onSchedule(LEFT);

        assertThat(receiver.all()).extracting(Receiver.Post::offset).containsExactly(1L);
        SinkFailure failure = failure("hook", "orders");
        assertThat(failure).isNotNull();
        assertThat(failure.error()).isEqualTo("it answered 500");
        assertThat(failure.nextMs()).isBetween(clock.millis() + 500, clock.millis() + 1_000);

        receiver.answer(_ -> 204);
        clock.advance(Duration.ofSeconds(1));
        sinks.onSchedule(LEFT);

        assertThat(receiver.taken("orders")).containsExactly(1L, 2L, 3L);
        assertThat(receiver.posts().getFirst().attempt()).isEqualTo("2");
        assertThat(receiver.posts().getFirst().repeat()).isEqualTo("possible");
        assertThat(failure("hook", "orders")).isNull();
    }

    @Test
    void anotherDefinitionIsTriedAtOnce() throws Exception {
        receiver.answer(_ -> 500);
        sink("hook", receiver, "\"topics\":[\"orders\"]");
        publish("orders", "1");
        tell();

        try (Receiver other = new Receiver()) {
            sink("hook", other, "\"topics\":[\"orders\"]");
            clock.advance(Duration.ofSeconds(2));
            sinks.onSchedule(LEFT);

            assertThat(other.taken("orders")).containsExactly(1L);
            assertThat(other.posts().getFirst().attempt()).isEqualTo("1");
        }
    }

    @Test
    void oneThatHangsHoldsBackNoOtherAndNoLaterCall() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (Receiver slow = new Receiver()) {
            slow.answer(_ -> {
                try {
                    ended.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return 204;
            });
            sink("slow", slow, "\"topics\":[\"orders*\"],\"timeout_ms\":3000");
            sink("hook", receiver, "\"topics\":[\"orders*\"]");
            for (int i = 0; i < 20; i++) {
                publish("orders." + i, "1");
            }

            tell();

            assertThat(receiver.posts()).hasSize(20);
            // As many as post at once; the others did not wait in turn.
            int hung = slow.all().size();
            assertThat(hung).isBetween(1, SinkTurn.PLACES);
            SinkFailure hanging = failure("slow", SinkFailure.OF_SINK);
            assertThat(hanging).isNotNull();
            assertThat(hanging.error()).isEqualTo("it did not answer in time");

            publish("orders.new", "1");
            tell();
            assertThat(receiver.posts()).hasSize(21);
            assertThat(slow.all()).hasSize(hung);

            ended.countDown();
            slow.answer(_ -> 204);
            later();
            assertThat(LongStream.range(0, 20).mapToObj(i -> "orders." + i))
                    .allMatch(topic -> slow.taken(topic).equals(List.of(1L)));
            assertThat(slow.taken("orders.new")).containsExactly(1L);
            assertThat(failure("slow", SinkFailure.OF_SINK)).isNull();
        } finally {
            ended.countDown();
        }
    }

    @Test
    void aRedirectIsAFailureAndNotFollowed() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders\"]");
        receiver.answer(_ -> 307);
        publish("orders", "1");

        tell();

        assertThat(receiver.all()).hasSize(1);
        SinkFailure failure = failure("hook", "orders");
        assertThat(failure).isNotNull();
        assertThat(failure.error()).isEqualTo("it answered 307");
    }

    @Test
    void anAddressThatIsNotPublicAndNotListedIsPostedNothing() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders\"]");
        publish("orders", "1");

        deliveries(engine, false).onRecords(RecordedStream.event(stream.changes(0)), LEFT);

        assertThat(receiver.all()).isEmpty();
        SinkFailure failure = failure("hook", "orders");
        assertThat(failure).isNotNull();
        assertThat(failure.error()).contains("its address is not public");
    }

    @Test
    void oneThatAnswers410IsDisabledAsOnAServer() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders\"]");
        receiver.answer(_ -> 410);
        publish("orders", "1", "2");

        tell();
        later();
        publish("orders", "3");
        tell();

        assertThat(receiver.all()).hasSize(1);
        StateRecord stored = get(engine.state().get(SinkRecord.SINKS, "hook"));
        assertThat(stored).isNotNull();
        assertThat(SinkRecord.of(stored).disabled()).contains("410");
        Place place = place("hook", "orders");
        assertThat(place).isNotNull();
        assertThat(place.next()).isEqualTo(1);
    }

    @Test
    void whatIsNeverTakenIsWithTheDeadLettersAndTheTopicGoesOn() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders\"],\"attempts\":2");
        receiver.answer(post -> post.offset() == 1 ? 500 : 204);
        publish("orders", "1", "2");

        tell();
        assertThat(receiver.posts()).isEmpty();
        later();

        assertThat(receiver.taken("orders")).containsExactly(2L);
        Message letter = read(SystemTopics.ofDeadLetters("hook").value()).getFirst();
        assertThat(letter.messageId()).isEqualTo(receiver.all().getFirst().id());
        assertThat(new String(letter.json(), UTF_8))
                .isEqualTo(receiver.all().getFirst().body());
        assertThat(letter.key()).isEqualTo("orders");
        assertThat(letter.from()).isEqualTo("ada");
        assertThat(failure("hook", "orders")).isNull();
    }

    @Test
    void oneThatIsDeletedMeanwhileIsPostedNothingMoreAndItsPlacesGo() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders*\"]");
        publish("orders", "1");
        receiver.answer(_ -> 500);
        tell();
        clock.advance(LATER);
        receiver.answer(_ -> {
            engine.state()
                    .delete(SinkRecord.SINKS, "hook", StateStore.ANY_VERSION)
                    .toCompletableFuture()
                    .join();
            clock.advance(Duration.ofSeconds(2));
            return 204;
        });
        publish("orders", "2", "3");

        tell();

        assertThat(receiver.all()).extracting(Receiver.Post::offset).containsExactly(1L, 1L);
        later();
        assertThat(receiver.all()).hasSize(2);
        assertThat(get(engine.state().scan(SinkRecord.places("hook"), "", "", 10))
                        .records())
                .isEmpty();
        assertThat(get(engine.state().scan(SinkRecord.failures("hook"), "", "", 10))
                        .records())
                .isEmpty();
    }

    @Test
    void twoCallsAtOncePostAllInOrderAndRepeatAtWorst() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders\"]");
        publishMany("orders", 250);
        byte[] event = RecordedStream.event(stream.changes(0));

        try (DynamoEngine other = DynamoEngine.open(table, DynamoOptions.DEFAULTS);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            SinkDeliveries beside = deliveries(other);
            Future<?> one = threads.submit(() -> sinks.onRecords(event, LEFT));
            Future<?> another = threads.submit(() -> beside.onRecords(event, LEFT));
            one.get(60, TimeUnit.SECONDS);
            another.get(60, TimeUnit.SECONDS);
        }
        later();

        assertThat(receiver.taken("orders")).isEqualTo(offsets(1, 250));
        assertThat(receiver.posts().stream().map(Receiver.Post::id).distinct()).hasSize(250);
        Place place = place("hook", "orders");
        assertThat(place).isNotNull();
        assertThat(place.next()).isEqualTo(251);
    }

    @Test
    void aTopicIsPostedInOrderWhateverFails() throws Exception {
        sink("hook", receiver, "\"topics\":[\"*\"]");
        Random chance = new Random(11);
        receiver.answer(_ -> {
            synchronized (chance) {
                return chance.nextInt(4) == 0 ? 503 : chance.nextInt(20) == 0 ? 0 : 200;
            }
        });
        for (int i = 0; i < 5; i++) {
            publishMany("orders." + i, 20);
        }

        tell();
        for (int i = 0; i < 300 && receiver.posts().size() < 100; i++) {
            later();
        }

        for (int i = 0; i < 5; i++) {
            assertThat(receiver.taken("orders." + i)).isEqualTo(offsets(1, 20));
        }
        assertThat(receiver.posts()).hasSize(100);
        assertThat(receiver.all()).hasSizeGreaterThan(100);
    }

    @Test
    void whatWasTrimmedBeforeItWasPostedIsCountedAndTheRestGoesOn() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders\"]");
        publish("orders", "1");
        tell();
        publish("orders", "2", "3", "4", "5");
        get(engine.log().trim(new TopicName("orders"), 4));

        tell();

        assertThat(receiver.taken("orders")).containsExactly(1L, 4L, 5L);
        Place place = place("hook", "orders");
        assertThat(place).isNotNull();
        assertThat(place.next()).isEqualTo(6);
        assertThat(place.missed()).isEqualTo(2);
    }

    @Test
    void inAnotherLifeOfTheLogItGoesBackToWhatBothHave() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders\"]");
        publish("orders", "1", "2");
        tell();
        assertThat(receiver.taken("orders")).containsExactly(1L, 2L);
        long before = get(engine.log().extent(new TopicName("orders"))).epoch();
        // The place is that of a table that had two messages more.
        get(engine.state()
                .put(
                        SinkRecord.places("hook"),
                        "orders",
                        new Place(before, 5, 0).encode(),
                        StateStore.ANY_VERSION,
                        StateStore.NEVER));

        try (DynamoEngine now = DynamoEngine.openInNewEpoch(table, DynamoOptions.DEFAULTS)) {
            publish(now, "orders", "\"another\"");
            deliveries(now).onRecords(RecordedStream.event(stream.changes(0)), LEFT);
            long epoch = get(now.log().extent(new TopicName("orders"))).epoch();

            assertThat(receiver.taken("orders")).containsExactly(1L, 2L, 3L);
            assertThat(receiver.posts().getLast().body()).contains("\"epoch\":" + epoch + ",\"offset\":3");
            assertThat(place("hook", "orders")).isEqualTo(new Place(epoch, 4, 0));
        }
    }

    @Test
    void theScheduleFindsWhatNoRecordToldOf() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders*\",\"news\"]");
        publish("orders.eu", "1");
        publish("news", "1", "2");
        publish("lobby", "1");

        sinks.onSchedule(LEFT);
        assertThat(receiver.taken("orders.eu")).containsExactly(1L);
        assertThat(receiver.taken("news")).containsExactly(1L, 2L);

        publish("orders.us", "1");
        later();
        assertThat(receiver.taken("orders.us")).containsExactly(1L);
        assertThat(receiver.all()).hasSize(4);
    }

    @Test
    void whatACallHasNoTimeForComesWithTheNext() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders\"]");
        publish("orders", "1");

        sinks.onRecords(RecordedStream.event(stream.changes(0)), Duration.ofSeconds(1));
        assertThat(receiver.all()).isEmpty();

        sinks.onSchedule(LEFT);
        assertThat(receiver.taken("orders")).containsExactly(1L);
    }

    @Test
    void aReplayThatMovedItsPlacePostsAgain() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders\"]");
        publish("orders", "1", "2");
        tell();
        long epoch = get(engine.log().extent(new TopicName("orders"))).epoch();
        get(engine.state()
                .put(
                        SinkRecord.places("hook"),
                        "orders",
                        new Place(epoch, 1, 0, 3).encode(),
                        StateStore.ANY_VERSION,
                        StateStore.NEVER));

        later();

        assertThat(receiver.all()).extracting(Receiver.Post::offset).containsExactly(1L, 2L, 1L, 2L);
        assertThat(receiver.all().getLast().repeat()).isEqualTo("possible");
    }

    @Test
    void aReplayThatPassedOverWhatHasFailedEndsTheFailure() throws Exception {
        sink("hook", receiver, "\"topics\":[\"orders\"]");
        receiver.answer(_ -> 500);
        publish("orders", "1");
        tell();
        assertThat(failure("hook", "orders")).isNotNull();
        get(engine.state()
                .put(
                        SinkRecord.places("hook"),
                        "orders",
                        Place.at(2).encode(),
                        StateStore.ANY_VERSION,
                        StateStore.NEVER));

        // The first looks at what is behind, the second at what has failed.
        later();
        sinks.onSchedule(LEFT);

        assertThat(receiver.all()).hasSize(1);
        assertThat(failure("hook", "orders")).isNull();
    }
}
