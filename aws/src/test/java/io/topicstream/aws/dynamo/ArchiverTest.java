package io.topicstream.aws.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.aws.dynamo.DynamoFaults.Fault;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.aws.s3.Objects;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What is archived and when, and what becomes of it when archivers die, race, come late or twice.
@Timeout(300)
class ArchiverTest {
    private static final TopicName TOPIC = new TopicName("room:1");
    private static final ArchiveOptions FIVE =
            new ArchiveOptions(5, 8 << 20, Duration.ofDays(1), ArchiveOptions.MIN_ROWS_KEPT);

    private final ManualClock clock = new ManualClock();
    private final DynamoTable table = Dynoxide.get().table();
    private final Objects bucket = LocalS3.get().objects();
    private final DynamoOptions options =
            DynamoOptions.DEFAULTS.withClock(clock).withArchive(bucket);
    private final DynamoLog log = DynamoLog.open(table, options);
    private final LogRows rows = new LogRows(table, options);
    private final Archiver archiver = new Archiver(table, options, FIVE);
    private final RecordingLane lane = RecordingLane.threaded("archiver");

    @AfterEach
    void end() {
        log.close();
        lane.close();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private void store(int from, int to) throws Exception {
        for (int i = from; i <= to; i++) {
            RecordingAppend append = RecordingAppend.to(TOPIC)
                    .from("ann")
                    .message(Integer.toString(i), "id-" + i)
                    .on(lane);
            log.append(append);
            assertThat(get(append.answer())).isInstanceOf(AppendResult.Appended.class);
        }
    }

    private List<Message> all() throws Exception {
        Page page = get(log.read(TOPIC, 1, Direction.FORWARD, 10_000, Integer.MAX_VALUE));
        assertThat(get(log.read(TOPIC, Long.MAX_VALUE, Direction.BACKWARD, 10_000, Integer.MAX_VALUE))
                        .messages())
                .isEqualTo(page.messages());
        return page.messages();
    }

    private void assertAll(int last) throws Exception {
        assertThat(all())
                .extracting(message -> new String(message.payload(), StandardCharsets.UTF_8))
                .isEqualTo(
                        LongStream.rangeClosed(1, last).mapToObj(Long::toString).toList());
    }

    private long archived() {
        return rows.view(TOPIC.value()).archived();
    }

    private List<String> objects() {
        return bucket.list("topics/", "", 1_000).stream()
                .map(Objects.Listed::key)
                .toList();
    }

    private boolean rowHasMessages(long slot) {
        Slot row = rows.get(TOPIC.value(), slot);
        return row != null && !row.hasEnded();
    }

    // ---- when

    @Test
    void wholeSegmentsAreArchivedAndTheNewestBatchIsNot() throws Exception {
        store(1, 5);
        assertThat(archiver.archive(List.of(TOPIC))).isEmpty();
        assertThat(archived()).as("the fifth is the newest").isEqualTo(1);

        store(6, 11);
        assertThat(archiver.archive(List.of(TOPIC))).isEmpty();

        assertThat(archived()).isEqualTo(11);
        assertThat(objects())
                .containsExactly("topics/room:1/00000000000000000001.json", "topics/room:1/00000000000000000006.json");
        assertThat(rowHasMessages(10)).isFalse();
        assertThat(rowHasMessages(11)).isTrue();
        assertAll(11);
    }

    @Test
    void aSlowTopicIsArchivedWhenItsOldestMessageIsOldEnough() throws Exception {
        store(1, 3);
        clock.advance(Duration.ofHours(23));
        assertThat(archiver.sweep()).isEmpty();
        assertThat(archived()).isEqualTo(1);

        clock.advance(Duration.ofHours(1));
        assertThat(archiver.sweep()).isEmpty();

        assertThat(archived()).isEqualTo(3);
        assertAll(3);
    }

    @Test
    void aSegmentHasOneEpoch() throws Exception {
        store(1, 2);
        try (DynamoLog next = DynamoLog.openInNewEpoch(table, options)) {
            for (int i = 3; i <= 4; i++) {
                RecordingAppend append =
                        RecordingAppend.to(TOPIC).message(Integer.toString(i)).on(lane);
                next.append(append);
                get(append.answer());
            }
        }

        assertThat(archiver.seal(List.of(TOPIC))).isEmpty();

        assertThat(objects()).hasSize(2);
        assertThat(archived()).isEqualTo(4);
        assertAll(4);
    }

    @Test
    void whatHasEndedIsNotArchivedAndWhatEndsLaterIsDeleted() throws Exception {
        store(1, 12);
        get(log.trim(TOPIC, 3));
        assertThat(archiver.archive(List.of(TOPIC))).isEmpty();
        assertThat(objects()).containsExactly("topics/room:1/00000000000000000003.json");

        store(13, 14);
        assertThat(archiver.seal(List.of(TOPIC))).isEmpty();
        get(log.trim(TOPIC, 9));

        await().atMost(Duration.ofSeconds(30))
                .until(() -> objects()
                        .equals(List.of(
                                "topics/room:1/00000000000000000008.json", "topics/room:1/00000000000000000013.json")));
        assertThat(all()).extracting(Message::offset).containsExactly(9L, 10L, 11L, 12L, 13L, 14L);
    }

    // ---- who dies, comes late or twice

    private record Mortal(Archiver archiver, DynamoFaults faults, DynamoTable table) {}

    private Mortal mortal() {
        DynamoFaults faults = DynamoFaults.planned();
        DynamoTable own = new DynamoTable(Dynoxide.get().newClient(faults), table.name());
        return new Mortal(new Archiver(own, options, FIVE), faults, own);
    }

    /// Dies before each of its calls, and after each of which it does not hear.
    @ParameterizedTest
    @EnumSource(names = {"FAILED", "LOST_ANSWER"})
    void whereverAnArchiverDiesNothingIsLostAndTheNextOneGoesOn(Fault fault) throws Exception {
        int stored = 0;
        boolean isThrough = false;
        for (int calls = 0; !isThrough; calls++) {
            store(stored + 1, stored + 6);
            stored += 6;
            Mortal mortal = mortal();
            for (int i = 0; i < calls; i++) {
                mortal.faults().next(Fault.NONE);
            }
            for (int i = 0; i < 3 * Dynoxide.TRIES; i++) {
                mortal.faults().next(fault);
            }

            isThrough = mortal.archiver().seal(List.of(TOPIC)).isEmpty();

            assertAll(stored);
            mortal.table().client().close();
            if (calls % 3 == 2) {
                assertThat(archiver.seal(List.of(TOPIC))).isEmpty();
                assertThat(archived()).isEqualTo(stored);
                assertAll(stored);
            }
        }
        assertThat(archiver.seal(List.of(TOPIC))).isEmpty();
        for (int offset = 1; offset < stored; offset++) {
            assertThat(rowHasMessages(offset)).as("row %d", offset).isFalse();
            assertThat(rows.get(TOPIC.value(), offset)).isNotNull();
        }
        assertAll(stored);
    }

    @Test
    void requestsThatComeLateOrTwiceChangeNothing() throws Exception {
        store(1, 12);
        Mortal mortal = mortal();
        for (int i = 0; i < 200; i++) {
            mortal.faults().next(i % 2 == 0 ? Fault.DELAYED : Fault.DUPLICATED);
        }
        mortal.archiver().seal(List.of(TOPIC));
        store(13, 20);
        assertThat(archiver.seal(List.of(TOPIC))).isEmpty();

        mortal.faults().deliverLate();
        mortal.table().client().close();

        assertThat(archived()).isEqualTo(20);
        assertAll(20);
    }

    @Test
    void whoWasToldTwiceOrOfNothingDoesNoHarm() throws Exception {
        store(1, 12);
        assertThat(archiver.seal(List.of(TOPIC, TOPIC, new TopicName("nobody"))))
                .isEmpty();
        List<String> once = objects();

        assertThat(archiver.seal(List.of(TOPIC))).isEmpty();

        assertThat(objects()).isEqualTo(once);
        assertAll(12);
    }

    @Test
    void archiversThatRaceWriteTheSame() throws Exception {
        store(1, 40);
        AtomicBoolean isOver = new AtomicBoolean();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            tasks.add(() -> {
                assertThat(new Archiver(table, options, FIVE).seal(List.of(TOPIC)))
                        .allMatch(Archiver.Failure::mayHelp);
                return null;
            });
        }
        tasks.add(() -> {
            while (!isOver.get()) {
                assertAll(40);
            }
            return null;
        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> running = tasks.stream().map(threads::submit).toList();
            for (Future<Void> one : running.subList(0, 6)) {
                one.get();
            }
            isOver.set(true);
            running.getLast().get();
        }

        assertThat(archiver.seal(List.of(TOPIC))).isEmpty();
        assertThat(archived()).isEqualTo(40);
        assertThat(objects()).hasSize(8);
        assertAll(40);
    }

    // ---- what is taken back

    private boolean isAtRest(String text) {
        boolean inBucket = bucket.list("", "", 1_000).stream()
                .map(listed -> new String(bucket.get(listed.key()).bytes(), StandardCharsets.UTF_8))
                .anyMatch(object -> object.contains(text));
        return inBucket
                || table.client().scanPaginator(scan -> scan.tableName(table.name())).items().stream()
                        .flatMap(row -> row.values().stream())
                        .anyMatch(value -> value.b() != null
                                && new String(value.b().asByteArray(), StandardCharsets.ISO_8859_1).contains(text));
    }

    @Test
    void whatIsTakenBackIsGoneFromItsSegmentToo() throws Exception {
        store(1, 3);
        RecordingAppend secret = RecordingAppend.to(TOPIC)
                .from("ann-who-leaves")
                .message("\"secret\"", "id-of-ann")
                .on(lane);
        log.append(secret);
        get(secret.answer());
        store(5, 8);
        assertThat(archiver.seal(List.of(TOPIC))).isEmpty();
        assertThat(isAtRest("secret")).isTrue();

        assertThat(get(log.redact(TOPIC, Redaction.of(4)))).containsExactly(4L);
        assertThat(isAtRest("secret")).isFalse();
        assertThat(all().get(3).messageId()).isEqualTo("id-of-ann");

        assertThat(get(log.redact(TOPIC, new Redaction(List.of(4L), "ann-who-leaves"))))
                .containsExactly(4L);
        assertThat(isAtRest("ann-who-leaves")).isFalse();
        assertThat(isAtRest("id-of-ann")).isFalse();
        assertThat(all()).hasSize(8);
    }

    /// An archiver stops at each of its calls while something is taken back, and goes on.
    @Test
    void whatIsTakenBackWhileItIsArchivedStaysTakenBack() throws Exception {
        int times = 0;
        for (int calls = 0; calls < 16; calls++) {
            int first = calls * 6 + 1;
            store(first, first + 5);
            Mortal mortal = mortal();
            for (int i = 0; i < calls; i++) {
                mortal.faults().next(Fault.NONE);
            }
            int taken = first + 2;
            mortal.faults().next(Fault.NONE, () -> {
                try {
                    assertThat(get(log.redact(TOPIC, Redaction.of(taken)))).containsExactly((long) taken);
                    assertThat(all().get(taken - 1).kind()).isEqualTo(Message.Kind.REDACTED);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });

            assertThat(mortal.archiver().seal(List.of(TOPIC))).isEmpty();
            mortal.table().client().close();

            if (mortal.faults().isPlanEmpty()) {
                times++;
                assertThat(all().get(taken - 1).kind()).as("at call %d", calls).isEqualTo(Message.Kind.REDACTED);
            }
        }
        assertThat(times).as("between how many calls").isGreaterThan(8);
    }

    @Test
    void whatStandsThereOfAnotherLifeIsReplaced() throws Exception {
        store(1, 6);
        bucket.putIfAbsent(
                "topics/room:1/00000000000000000001.json",
                "{\"offset\":1,\"payload\":\"lost\",\"timestamp\":1}".getBytes(StandardCharsets.UTF_8),
                "application/json",
                Map.of());

        assertThat(archiver.seal(List.of(TOPIC))).isEmpty();

        assertThat(archived()).isEqualTo(6);
        assertAll(6);
    }

    @Test
    void whatCannotBeArchivedIsSaidAndStandsInNobodysWay() throws Exception {
        store(1, 6);
        TopicName other = new TopicName("room:2");
        for (int i = 0; i < 2; i++) {
            RecordingAppend append =
                    RecordingAppend.to(other).message("no JSON").on(lane);
            log.append(append);
            get(append.answer());
        }

        List<Archiver.Failure> failures = archiver.seal(List.of(other, TOPIC));

        assertThat(failures).hasSize(1);
        assertThat(failures.getFirst().topic()).isEqualTo(other);
        assertThat(failures.getFirst().mayHelp()).isFalse();
        assertThat(archived()).isEqualTo(6);
        assertThat(get(log.read(other, 1, Direction.FORWARD, 10, 1_000)).messages())
                .hasSize(2);
    }
}
