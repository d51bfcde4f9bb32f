package io.topicstream.aws.dynamo;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.Direction;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.LogFigures;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.Reference;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The log in a table of DynamoDB: for functions, and for nodes beside them. Many may be open on one table, in many
/// processes; none knows of the others.
///
/// ## An append
///
/// What waits for a topic becomes one batch, which claims the slot behind the newest one ([Slot]). An append without a
/// message id is one write; an id is one more ([IdRows]), and so is what is about another message ([ReferenceRows]).
/// Where somebody else was faster, the refusal says where the topic stands now, and the batch tries the next slot.
///
/// ## The end
///
/// [#close] takes no more, and waits for nothing. Appends that were taken before are still written and answered; what
/// waits for them fails, and what has ended is not cleaned up.
public final class DynamoLog implements TopicLog, AutoCloseable {
    private static final int TOPICS_AT_ONCE = 200;
    private static final int MAX_TOPICS = 10_000;

    private final DynamoOptions options;
    private final Calls calls = new Calls();

    /// Of their own: topics that are written to all the time keep nobody from reading.
    private final Calls writes = new Calls();

    private final Calls cleaning = new Calls(4);

    private final LogParts parts;
    private final LogReads reads;
    private final Redacting redacting;
    /// Guards the topics, and whether it is closed.
    private final Object gate = new Object();

    private final Map<String, TopicAppends> topics = new HashMap<>();
    private boolean isClosed;

    private DynamoLog(DynamoTable table, DynamoOptions options, long epoch) {
        this.options = options;
        this.parts = new LogParts(table, options, cleaning, epoch);
        this.reads = new LogReads(parts.rows(), parts.archive(), parts.retention());
        this.redacting = new Redacting(parts.rows(), parts.archive(), parts.retention());
    }

    /// Opens the log; blocks. The first one that opens a table begins its first epoch.
    public static DynamoLog open(DynamoTable table, DynamoOptions options) {
        return new DynamoLog(table, options, new EpochRow(table).open(options.clock(), false));
    }

    /// Begins a new epoch and opens the log, as after a restore; blocks. A log that is
    /// open on the table goes on in the old epoch, so there should be none.
    public static DynamoLog openInNewEpoch(DynamoTable table, DynamoOptions options) {
        return new DynamoLog(table, options, new EpochRow(table).open(options.clock(), true));
    }

    @Override
    public Admission append(Append append) {
        long queued;
        synchronized (gate) {
            if (isClosed) {
                return Admission.REFUSED;
            }
            queued = parts.queue(append);
            if (queued < 0) {
                return Admission.REFUSED;
            }
            String topic = append.topic().value();
            TopicAppends appends = topics.computeIfAbsent(topic, name -> new TopicAppends(parts, name));
            if (appends.take(append) && !writes.run(() -> write(topic, appends))) {
                appends.giveBackTheLast();
                parts.unqueue(append);
                return Admission.REFUSED;
            }
        }
        return queued > options.softBytes() ? Admission.ACCEPTED_SLOW_DOWN : Admission.ACCEPTED;
    }

    /// One batch a turn, so that no topic keeps others from theirs.
    private void write(String topic, TopicAppends appends) {
        while (appends.run()) {
            if (writes.run(() -> write(topic, appends))) {
                return;
            }
        }
        // Where the topic stands is known for a while, of so many topics.
        synchronized (gate) {
            if (topics.size() > MAX_TOPICS && appends.isIdle()) {
                topics.remove(topic, appends);
            }
        }
    }

    @Override
    public CompletionStage<Page> read(TopicName topic, long from, Direction direction, int maxMessages, int maxBytes) {
        return calls.ask(
                "topic " + topic,
                () -> reads.page(topic.value(), parts.epoch(), from, direction, maxMessages, maxBytes));
    }

    @Override
    public CompletionStage<Long> offsetAt(TopicName topic, long timestamp) {
        return calls.ask("topic " + topic, () -> reads.offsetAt(topic.value(), timestamp));
    }

    @Override
    public CompletionStage<Long> lastOffsetIn(TopicName topic, long epoch) {
        return calls.ask("topic " + topic, () -> reads.lastOffsetIn(topic.value(), epoch));
    }

    @Override
    public CompletionStage<List<Reference>> references(TopicName topic, long from, long to, int most) {
        return calls.ask("topic " + topic, () -> reads.references(parts.references(), topic.value(), from, to, most));
    }

    @Override
    public CompletionStage<Extent> extent(TopicName topic) {
        return calls.ask("topic " + topic, () -> extentOf(topic.value()));
    }

    private Extent extentOf(String topic) {
        return parts.retention().settled(topic).extent(parts.epoch());
    }

    @Override
    public CompletionStage<Extent> trim(TopicName topic, long before) {
        return askAfterAppends(
                topic, () -> parts.retention().trim(topic.value(), before).extent(parts.epoch()));
    }

    @Override
    public CompletionStage<List<Long>> redact(TopicName topic, Redaction redaction) {
        return askAfterAppends(topic, () -> redacting.redact(topic.value(), redaction));
    }

    /// Asks when what was appended here before is written.
    private <T> CompletionStage<T> askAfterAppends(TopicName topic, Calls.Question<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Runnable ask = () -> {
            var _ = calls.ask("topic " + topic, question).whenComplete((found, failure) -> {
                if (failure == null) {
                    answer.complete(found);
                } else {
                    answer.completeExceptionally(failure);
                }
            });
        };
        TopicAppends appends;
        synchronized (gate) {
            appends = topics.get(topic.value());
        }
        if (appends == null || !appends.afterwards(ask)) {
            ask.run();
        }
        return answer;
    }

    @Override
    public CompletionStage<List<TopicExtent>> topics(String prefix, String after, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a list of topics has a limit of at least 1: " + limit);
        }
        return calls.ask("the list of topics", () -> list(prefix, after, limit));
    }

    private List<TopicExtent> list(String prefix, String after, int limit) {
        List<TopicExtent> found = new ArrayList<>();
        boolean isInclusive = after.compareTo(prefix) < 0;
        String from = isInclusive ? prefix : after;
        while (found.size() < limit) {
            List<String> names =
                    parts.rows().names(from, isInclusive, Math.min(TOPICS_AT_ONCE, limit - found.size() + 1));
            Extent[] extents = new Extent[names.size()];
            LogParts.forEach(names.size(), index -> {
                if (names.get(index).startsWith(prefix)) {
                    extents[index] = extentOf(names.get(index));
                }
            });
            for (int i = 0; i < names.size(); i++) {
                Extent extent = extents[i];
                if (extent == null) {
                    return found;
                }
                // A name is written before the first message; whose writer died is not there.
                if (extent.nextOffset() > 1 && found.size() < limit) {
                    found.add(new TopicExtent(new TopicName(names.get(i)), extent));
                }
            }
            if (names.isEmpty()) {
                return found;
            }
            from = names.getLast();
            isInclusive = false;
        }
        return found;
    }

    /// The service answers when a message is on the disks of two data centres at least.
    @Override
    public Durability durability() {
        return Durability.DISK;
    }

    @Override
    public LogFigures figures() {
        boolean isOpen;
        synchronized (gate) {
            isOpen = !isClosed;
        }
        return new LogFigures(
                parts.accepted(),
                parts.committed(),
                parts.queuedBytes(),
                isOpen && parts.takesWrites(),
                0,
                parts.retention().trimmed());
    }

    @Override
    public void close() {
        synchronized (gate) {
            isClosed = true;
        }
        writes.close();
        calls.close();
        cleaning.close();
    }
}
