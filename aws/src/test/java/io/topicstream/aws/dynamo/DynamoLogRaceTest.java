package io.topicstream.aws.dynamo;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.About;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Message;
import io.topicstream.log.Reference;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Many logs on one table, as functions have them: none knows of the others.
@Timeout(300)
class DynamoLogRaceTest {
    private static final TopicName TOPIC = new TopicName("room:1");

    private final List<DynamoLog> logs = new ArrayList<>();
    private DynamoTable table;
    private RecordingLane lane;

    @BeforeEach
    void begin() {
        table = Dynoxide.get().table();
        lane = RecordingLane.threaded("race");
    }

    @AfterEach
    void end() {
        logs.forEach(DynamoLog::close);
        lane.close();
    }

    private DynamoLog open() {
        DynamoLog log = DynamoLog.open(table, DynamoOptions.DEFAULTS);
        logs.add(log);
        return log;
    }

    private AppendResult send(DynamoLog log, String text, String id) throws Exception {
        RecordingAppend append =
                RecordingAppend.to(TOPIC).from("ann").message(text, id).on(lane);
        log.append(append);
        return append.answer().get(60, TimeUnit.SECONDS);
    }

    private static List<Message> all(DynamoLog log) throws Exception {
        return log.read(TOPIC, 1, Direction.FORWARD, 1_000_000, Integer.MAX_VALUE)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS)
                .messages();
    }

    /// Each writer sends messages of its own, each of them twice, and each of its neighbour's once more.
    @Test
    void sixtyFourWritersLeaveNoHoleLoseNothingAndStoreNothingTwice() throws Exception {
        int writers = 64;
        int each = 4;
        TreeMap<String, Long> offsets = new TreeMap<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            List<Future<?>> all = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                DynamoLog log = open();
                int own = w;
                all.add(threads.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        for (int of : new int[] {own, own, (own + 1) % writers}) {
                            String id = of + "-" + i;
                            AppendResult result = send(log, "\"" + id + "\"", id);
                            assertThat(result).isInstanceOf(Appended.class);
                            synchronized (offsets) {
                                assertThat(offsets.merge(id, ((Appended) result).firstOffset(), (one, _) -> one))
                                        .as("all answers for %s name one offset", id)
                                        .isEqualTo(((Appended) result).firstOffset());
                            }
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }

        List<Message> stored = all(open());
        assertThat(stored)
                .extracting(Message::offset)
                .isEqualTo(
                        LongStream.rangeClosed(1, (long) writers * each).boxed().toList());
        assertThat(stored)
                .allSatisfy(message -> assertThat(offsets).containsEntry(message.messageId(), message.offset()));
        assertThat(stored).extracting(Message::messageId).doesNotHaveDuplicates();
    }

    @Test
    void ofWritersWithOneIdOneStoresIt() throws Exception {
        List<DynamoLog> writers = IntStream.range(0, 8).mapToObj(_ -> open()).toList();
        for (int round = 0; round < 10; round++) {
            String id = "id-" + round;
            try (ExecutorService threads = Executors.newFixedThreadPool(writers.size())) {
                List<Future<AppendResult>> answers = writers.stream()
                        .map(log -> threads.submit(() -> send(log, "1", id)))
                        .toList();
                List<Appended> results = new ArrayList<>();
                for (Future<AppendResult> answer : answers) {
                    results.add((Appended) answer.get());
                }
                assertThat(results).filteredOn(result -> !result.repeated()).hasSize(1);
                assertThat(results).extracting(Appended::firstOffset).containsOnly(round + 1L);
            }
        }
        assertThat(all(open())).hasSize(10);
    }

    @Test
    void whatAWriterLeftThatDiedBeforeItsClaimMisleadsNobody() throws Exception {
        LogRows rows = new LogRows(table, DynamoOptions.DEFAULTS);
        DynamoLog log = open();
        send(log, "0", "id-0");
        Append dead = RecordingAppend.to(TOPIC).from("ann").message("1", "id-1").on(lane);
        long nowMs = System.currentTimeMillis();
        assertThat(new IdRows(table, rows).note(dead, "id-1", 2, nowMs, 0, new ConcurrentHashMap<>()))
                .isNull();
        // The slot goes to another message.
        send(log, "\"other\"", "id-2");

        Appended first = (Appended) send(log, "1", "id-1");
        Appended again = (Appended) send(open(), "1", "id-1");

        assertThat(first.repeated()).isFalse();
        assertThat(first.firstOffset()).isEqualTo(3);
        assertThat(again.repeated()).isTrue();
        assertThat(again.firstOffset()).isEqualTo(3);
    }

    /// A writer looked at the topic, fell asleep, and wakes when all is long past.
    @Test
    void aWriterThatWakesLateMovesNoIdBack() throws Exception {
        LogRows rows = new LogRows(table, DynamoOptions.DEFAULTS);
        DynamoLog log = open();
        send(log, "0", "id-0");
        send(log, "1", "id-1");
        send(log, "2", "id-2");
        Append late = RecordingAppend.to(TOPIC).from("ann").message("2", "id-2").on(lane);

        assertThat(new IdRows(table, rows)
                        .note(late, "id-2", 2, System.currentTimeMillis(), 0, new ConcurrentHashMap<>()))
                .isNull();

        Appended again = (Appended) send(open(), "2", "id-2");
        assertThat(again.repeated()).isTrue();
        assertThat(again.firstOffset()).isEqualTo(3);
    }

    @Test
    void oneWhoDoesNotKnowWhatOthersWroteGoesOnBehindThem() throws Exception {
        DynamoLog one = open();
        DynamoLog other = open();
        assertThat(((Appended) send(one, "1", "a")).firstOffset()).isEqualTo(1);
        for (int i = 2; i <= 20; i++) {
            assertThat(((Appended) send(other, "1", "b-" + i)).firstOffset()).isEqualTo(i);
        }

        assertThat(((Appended) send(one, "1", "c")).firstOffset()).isEqualTo(21);
        RecordingAppend expecting =
                RecordingAppend.to(TOPIC).message("1").expecting(2).on(lane);
        one.append(expecting);
        assertThat(expecting.answer().get(60, TimeUnit.SECONDS))
                .isEqualTo(new AppendResult.Conflict(((Appended) send(one, "1", "c")).epoch(), 22));
        send(other, "1", "d");
        RecordingAppend right =
                RecordingAppend.to(TOPIC).message("1").expecting(23).on(lane);
        one.append(right);
        assertThat(right.answer().get(60, TimeUnit.SECONDS)).isInstanceOf(Appended.class);
    }

    @Test
    void whatDoesNotFitARowIsRefusedWhereThereIsNoBucket() throws Exception {
        DynamoLog log = open();
        String large = "\"" + "x".repeat(DynamoOptions.MAX_INLINE_BYTES) + "\"";

        AppendResult result = send(log, large, "large");

        assertThat(result).isInstanceOf(AppendResult.Unavailable.class);
        assertThat(((AppendResult.Unavailable) result).reason()).contains("bucket");
        assertThat(log.figures().takesWrites()).as("the table is well").isTrue();
        assertThat(((Appended) send(log, "1", "small")).firstOffset()).isEqualTo(1);
        assertThat(new Draft(large.getBytes(StandardCharsets.UTF_8), null, null).sizeBytes())
                .isGreaterThan(DynamoOptions.MAX_INLINE_BYTES);
    }

    @Test
    void aRepeatOfWhatOthersStoredInPartIsARepeatThoughItsWriterDoesNotKnowThem() throws Exception {
        DynamoLog one = open();
        send(one, "1", "x");
        send(open(), "2", "y");
        RecordingAppend both = RecordingAppend.to(TOPIC)
                .from("ann")
                .message("1", "x")
                .message("2", "y")
                .on(lane);

        one.append(both);

        AppendResult result = both.answer().get(60, TimeUnit.SECONDS);
        assertThat(result).isInstanceOf(Appended.class);
        assertThat(((Appended) result).repeated()).isTrue();
        assertThat(((Appended) result).firstOffset()).isEqualTo(1);
        assertThat(((Appended) result).lastOffset()).isEqualTo(2);
    }

    private static Draft reaction() {
        return new Draft("\"+\"".getBytes(StandardCharsets.UTF_8), null, null)
                .about(new About(1, About.As.REACTION, "+"));
    }

    @Test
    void whatIsAboutAMessageIsFoundThoughAnotherNotedItsOffsetForALowerSlot() throws Exception {
        DynamoLog one = open();
        send(one, "1", "x");
        DynamoLog other = open();
        send(other, "2", "y");
        RecordingAppend third = RecordingAppend.to(TOPIC).draft(reaction()).on(lane);
        other.append(third);
        assertThat(((Appended) third.answer().get(60, TimeUnit.SECONDS)).firstOffset())
                .isEqualTo(3);

        // Believes that the next offset is 2, so that its reaction would have the offset 3.
        RecordingAppend fifth =
                RecordingAppend.to(TOPIC).message("4").draft(reaction()).on(lane);
        one.append(fifth);
        assertThat(((Appended) fifth.answer().get(60, TimeUnit.SECONDS)).lastOffset())
                .isEqualTo(5);

        assertThat(open().references(TOPIC, 1, 2, 10).toCompletableFuture().get(60, TimeUnit.SECONDS))
                .extracting(Reference::offset)
                .containsExactly(3L, 5L);
    }
}
