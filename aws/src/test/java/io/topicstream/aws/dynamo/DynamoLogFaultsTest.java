package io.topicstream.aws.dynamo;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.dynamo.DynamoFaults.Fault;
import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Redaction;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import io.topicstream.testkit.Seeds;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.exception.SdkException;

/// What becomes of messages when requests and answers are lost, late, refused or there twice.
@Timeout(300)
class DynamoLogFaultsTest {
    private static final TopicName TOPIC = new TopicName("room:1");

    private final DynamoTable table = Dynoxide.get().table();
    private final List<DynamoTable> faulty = new ArrayList<>();
    private final List<DynamoLog> logs = new ArrayList<>();
    private final RecordingLane lane = RecordingLane.threaded("faults");

    @AfterEach
    void end() {
        logs.forEach(DynamoLog::close);
        lane.close();
        faulty.forEach(each -> each.client().close());
    }

    private DynamoLog open(DynamoFaults faults) {
        DynamoTable own = new DynamoTable(Dynoxide.get().newClient(faults), table.name());
        faulty.add(own);
        DynamoLog log = DynamoLog.open(own, DynamoOptions.DEFAULTS);
        logs.add(log);
        return log;
    }

    private AppendResult send(DynamoLog log, RecordingAppend.Builder message) throws Exception {
        RecordingAppend append = message.from("ann").on(lane);
        log.append(append);
        return append.answer().get(60, TimeUnit.SECONDS);
    }

    private List<Message> all() throws Exception {
        return open(DynamoFaults.planned())
                .read(TOPIC, 1, Direction.FORWARD, 1_000_000, Integer.MAX_VALUE)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS)
                .messages();
    }

    @ParameterizedTest
    @EnumSource(names = {"LOST_ANSWER", "LOST_REQUEST", "FAILED", "DELAYED", "DUPLICATED", "THROTTLED_TABLE"})
    void anAppendIsStoredOnceAndAnsweredSo(Fault fault) throws Exception {
        DynamoFaults faults = DynamoFaults.planned();
        DynamoLog log = open(faults);
        send(log, RecordingAppend.to(TOPIC).message("0"));
        // Of the id, and of the claim.
        faults.next(fault, fault);

        AppendResult result = send(log, RecordingAppend.to(TOPIC).message("1", "id"));
        faults.deliverLate();
        AppendResult again = send(log, RecordingAppend.to(TOPIC).message("1", "id"));
        AppendResult next = send(log, RecordingAppend.to(TOPIC).message("2"));

        assertThat(result).isInstanceOf(Appended.class);
        assertThat(((Appended) result).firstOffset()).isEqualTo(2);
        assertThat(((Appended) result).repeated()).isFalse();
        assertThat(((Appended) again).firstOffset()).isEqualTo(2);
        assertThat(((Appended) again).repeated()).isTrue();
        assertThat(((Appended) next).firstOffset()).isEqualTo(3);
        assertThat(all()).extracting(Message::offset).containsExactly(1L, 2L, 3L);
    }

    @ParameterizedTest
    @EnumSource(names = {"LOST_ANSWER", "LOST_REQUEST", "FAILED", "DELAYED", "DUPLICATED"})
    void aTrimAndARedactionAreMadeOnceToo(Fault fault) throws Exception {
        DynamoFaults faults = DynamoFaults.planned();
        DynamoLog log = open(faults);
        for (int i = 1; i <= 5; i++) {
            send(log, RecordingAppend.to(TOPIC).message(Integer.toString(i)));
        }
        faults.next(Fault.NONE, Fault.NONE, fault);

        assertThat(log.redact(TOPIC, Redaction.of(4)).toCompletableFuture().get(60, TimeUnit.SECONDS))
                .containsExactly(4L);
        faults.deliverLate();
        faults.next(Fault.NONE, Fault.NONE, fault);
        assertThat(log.trim(TOPIC, 3)
                        .toCompletableFuture()
                        .get(60, TimeUnit.SECONDS)
                        .firstOffset())
                .isEqualTo(3);
        faults.deliverLate();

        assertThat(all())
                .extracting(Message::kind)
                .containsExactly(Message.Kind.JSON, Message.Kind.REDACTED, Message.Kind.JSON);
    }

    @Test
    void whatCannotBeWrittenIsSaidAndWhatComesThenIsStored() throws Exception {
        DynamoFaults faults = DynamoFaults.planned();
        DynamoLog log = open(faults);
        send(log, RecordingAppend.to(TOPIC).message("0"));
        for (int i = 0; i < 2 * Dynoxide.TRIES; i++) {
            faults.next(Fault.FAILED);
        }

        AppendResult result = send(log, RecordingAppend.to(TOPIC).message("1"));

        assertThat(result).isInstanceOf(AppendResult.Unavailable.class);
        assertThat(log.figures().takesWrites()).isFalse();
        faults.calm();
        assertThat(send(log, RecordingAppend.to(TOPIC).message("2"))).isInstanceOf(Appended.class);
        assertThat(log.figures().takesWrites()).isTrue();
    }

    /// Several writers, for each of whom much goes wrong; each sends a message until it is told that it is stored.
    @Test
    void whateverGoesWrongNothingIsLostOrThereTwice() throws Exception {
        long seed = Seeds.next("faults of the log");
        int writers = 6;
        int each = 25;
        // The log has no transactions and no batches.
        Set<Fault> kinds = EnumSet.complementOf(EnumSet.of(Fault.NONE, Fault.CONFLICT, Fault.UNPROCESSED));
        Map<String, Long> offsets = new HashMap<>();
        List<DynamoFaults> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            List<Future<?>> done = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                DynamoFaults faults = DynamoFaults.random(seed + w, 0.25, kinds);
                all.add(faults);
                DynamoLog log = openPatiently(faults);
                int own = w;
                done.add(threads.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        String id = own + "-" + i;
                        AppendResult result;
                        do {
                            result = send(log, RecordingAppend.to(TOPIC).message("\"" + id + "\"", id));
                        } while (result instanceof AppendResult.Unavailable);
                        assertThat(result).as(id).isInstanceOf(Appended.class);
                        synchronized (offsets) {
                            offsets.put(id, ((Appended) result).firstOffset());
                        }
                        if (i % 5 == 0) {
                            faults.deliverLate();
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : done) {
                one.get();
            }
        }
        all.forEach(DynamoFaults::deliverLate);

        List<Message> stored = all();
        assertThat(stored)
                .extracting(Message::offset)
                .isEqualTo(
                        LongStream.rangeClosed(1, (long) writers * each).boxed().toList());
        assertThat(stored)
                .allSatisfy(message -> assertThat(offsets).containsEntry(message.messageId(), message.offset()));
        for (Fault fault : kinds) {
            assertThat(all.stream().mapToInt(faults -> faults.happened(fault)).sum())
                    .as(fault.name())
                    .isPositive();
        }
    }

    private DynamoLog openPatiently(DynamoFaults faults) {
        while (true) {
            try {
                return open(faults);
            } catch (SdkException e) {
                // The epoch could not be read.
            }
        }
    }
}
