package io.topicstream.aws.events;

import io.topicstream.aws.audience.ConnectionChange;
import io.topicstream.aws.dynamo.DeadLetters;
import io.topicstream.aws.dynamo.StreamRecord;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// What a function is called with for the stream of the table, and what it answers: of new messages, and of
/// connections that were opened or have ended, it makes events for a bus.
///
/// Each event is put at least once, and has the same `id` in every repeat. A record whose events are not on the bus is
/// named in the answer, and comes again. One that cannot be read, or whose event the bus never takes, becomes a dead
/// letter, and its shard goes on.
///
/// A message is taken from the record as it was when it was published. Where the record is late, or shows it not, it
/// is read from the log: what was taken back meanwhile, or trimmed, is told to nobody. Blocks; thread-safe.
public final class EventStream {
    private static final System.Logger LOGGER = System.getLogger(EventStream.class.getName());

    /// After that time a message is looked at again.
    private static final Duration LATE = Duration.ofSeconds(30);
    /// How long a read of the log may take.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int PAGE_BYTES = 4 << 20;
    private static final int PAGE_MESSAGES = 1_000;

    private final TopicLog log;
    private final List<TopicPattern> topics;
    private final EventBus bus;
    private final DeadLetters deadLetters;
    private final InstantSource clock;

    /// @param topics whose messages are events; a pattern without `dm:` means no chat of two, and none means the
    ///     topics of the system
    public EventStream(
            TopicLog log, List<TopicPattern> topics, EventBus bus, DeadLetters deadLetters, InstantSource clock) {
        this.log = log;
        this.topics = List.copyOf(topics);
        this.bus = bus;
        this.deadLetters = deadLetters;
        this.clock = clock;
    }

    /// Makes events of all records.
    ///
    /// @param event JSON, as a function is called with it
    /// @return the answer of the function, JSON: `batchItemFailures`
    public byte[] handle(byte[] event) {
        List<StreamRecord> records = StreamRecord.of(event);
        Set<String> again = new HashSet<>();
        List<BusEvent> events = new ArrayList<>();
        for (StreamRecord record : records) {
            String problem = record.problem();
            if (problem != null) {
                deadLetters.bury(record, problem, again);
                continue;
            }
            try {
                events.addAll(events(record));
            } catch (RuntimeException e) {
                // What a row must not have: it would fail again, and hold up all behind it.
                deadLetters.bury(record, String.valueOf(e.getMessage()), again);
            } catch (NotNowException e) {
                LOGGER.log(System.Logger.Level.WARNING, "a record of the stream comes again: {0}", e.getMessage());
                again.add(record.number());
            }
        }
        for (EventBus.Failure failure : bus.put(events)) {
            String number = failure.event().record();
            if (failure.mayHelp()) {
                LOGGER.log(System.Logger.Level.WARNING, "an event is not on the bus: {0}", failure.reason());
                again.add(number);
            } else {
                records.stream()
                        .filter(record -> record.number().equals(number))
                        .findFirst()
                        .ifPresent(record -> deadLetters.bury(record, failure.reason(), again));
            }
        }
        return StreamRecord.answer(records, again);
    }

    private List<BusEvent> events(StreamRecord record) throws NotNowException {
        StreamRecord.Batch batch = record.batch();
        if (batch != null) {
            return isMeant(batch.topic()) ? messages(batch, record) : List.of();
        }
        StreamRecord.State state = record.stateOfNodes();
        ConnectionChange change = state == null
                ? null
                : ConnectionChange.of(state.partition(), state.key(), state.before(), state.after());
        return change == null ? List.of() : List.of(ChatEvents.of(change, record.createdMs(), record.number()));
    }

    private boolean isMeant(TopicName topic) {
        return topics.stream().anyMatch(pattern -> pattern.means(topic));
    }

    private List<BusEvent> messages(StreamRecord.Batch batch, StreamRecord record) throws NotNowException {
        boolean isLate = clock.millis() - record.createdMs() > LATE.toMillis();
        List<Message> inRow = batch.messages();
        List<BusEvent> events = new ArrayList<>();
        if (inRow != null && !isLate) {
            add(events, batch.topic(), batch.epoch(), inRow, record);
            return events;
        }
        // Another life of the log may have other messages there.
        long last = answer(log.lastOffsetIn(batch.topic(), batch.epoch()));
        long next = batch.first();
        long end = Math.min(next + batch.count(), last + 1);
        while (next < end) {
            Page page = read(batch.topic(), next, Math.toIntExact(Math.min(PAGE_MESSAGES, end - next)));
            List<Message> found = page.messages().stream()
                    .filter(message -> message.offset() < end)
                    .toList();
            if (found.isEmpty()) {
                break;
            }
            add(events, batch.topic(), batch.epoch(), found, record);
            next = found.getLast().offset() + 1;
        }
        return events;
    }

    private static void add(
            List<BusEvent> to, TopicName topic, long epoch, List<Message> messages, StreamRecord record) {
        for (Message message : messages) {
            if (message.kind() != Message.Kind.REDACTED) {
                to.add(ChatEvents.of(topic, epoch, message, record.number()));
            }
        }
    }

    private Page read(TopicName topic, long from, int messages) throws NotNowException {
        return answer(log.read(topic, from, Direction.FORWARD, messages, PAGE_BYTES));
    }

    private static <T> T answer(CompletionStage<T> asked) throws NotNowException {
        return Asked.of(asked, PATIENCE);
    }
}
