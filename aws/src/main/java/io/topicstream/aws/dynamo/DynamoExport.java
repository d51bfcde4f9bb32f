package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.BadSegmentException;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.migration.BatchReader;
import io.topicstream.migration.CopiedBatch;
import io.topicstream.migration.CopiedRecord;
import io.topicstream.migration.KnownId;
import io.topicstream.migration.MigrationException;
import io.topicstream.migration.StoreExport;
import io.topicstream.migration.TopicStand;
import io.topicstream.row.BadRowException;
import io.topicstream.state.StateRecord;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;

/// All that a table and its bucket keep. Nothing in them is changed. What has ended by its age, and was not looked at
/// since, is there as before.
public final class DynamoExport implements StoreExport {
    private static final String STATE = "S#";
    private static final int ROWS_AT_ONCE = 100;

    /// Clocks of nodes differ by less.
    private static final Duration CLOCKS = Duration.ofHours(1);

    private final DynamoTable table;
    private final LogRows rows;
    private final Archive archive;
    private final InstantSource clock;
    private final long epoch;
    private final String fingerprint;

    /// Opens the table.
    ///
    /// @param options those of its log: the bucket, and the clock
    /// @throws MigrationException where it cannot be read, or is not complete itself
    public static DynamoExport open(DynamoTable table, DynamoOptions options) {
        EpochRow.Filling is = reading("the table " + table.name(), () -> new EpochRow(table).filling());
        if (is.filledFrom() != null) {
            throw new MigrationException(
                    "the table " + table.name() + " is not complete: a migration into it has not" + " come to its end");
        }
        return new DynamoExport(table, options, is.epoch());
    }

    DynamoExport(DynamoTable table, DynamoOptions options, long epoch) {
        this.table = table;
        this.rows = new LogRows(table, options);
        this.archive = new Archive(table, options);
        this.clock = options.clock();
        this.epoch = epoch;
        this.fingerprint = "dynamodb " + table.name() + " epoch " + epoch;
    }

    /// Does something, and says what cannot be read in the words of a migration.
    static <T extends @Nullable Object> T reading(String about, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (SdkException | LogUnavailableException e) {
            throw new MigrationException(about + " cannot be read: " + e.getMessage(), e);
        } catch (BadRowException | BadSegmentException e) {
            throw new MigrationException(about + " is damaged: " + e.getMessage(), e);
        }
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public long versions() {
        return new StateVersions(() -> clock.instant().plus(CLOCKS)).above(0);
    }

    @Override
    public List<String> remarks() {
        return List.of();
    }

    @Override
    public List<TopicStand> topics(String after, int limit) {
        List<TopicStand> found = new ArrayList<>();
        String last = after;
        while (found.isEmpty()) {
            String from = last;
            List<String> names = reading("the list of topics", () -> rows.names(from, false, limit));
            if (names.isEmpty()) {
                return found;
            }
            @Nullable TopicStand[] stands = new TopicStand[names.size()];
            LogParts.forEach(names.size(), index -> {
                String name = names.get(index);
                stands[index] = reading("topic " + name, () -> stand(name));
            });
            // A name is written before the first message; whose writer died is not there.
            for (TopicStand stand : stands) {
                if (stand != null) {
                    found.add(stand);
                }
            }
            last = names.getLast();
        }
        return found;
    }

    private @Nullable TopicStand stand(String topic) {
        View view = rows.view(topic);
        Slot newest = view.newest();
        if (newest == null) {
            return null;
        }
        long first = Math.min(view.first(), view.next());
        return new TopicStand(
                new TopicName(topic),
                first,
                view.next(),
                first > 1 ? view.head().epochBefore() : 0,
                newest.timestamp());
    }

    @Override
    public BatchReader batches(TopicStand topic, long from, long forgottenMs) {
        String about = "topic " + topic.topic();
        Batches batches = reading(about, () -> new Batches(topic, from, forgottenMs));
        return new BatchReader() {
            @Override
            public @Nullable CopiedBatch next() {
                return reading(about, batches::next);
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
    }

    /// A walk over batches, in segments and in rows.
    private final class Batches {
        private final String topic;
        private final long end;
        private final long forgottenMs;
        private final TopicSlots slots;
        private final View view;
        private List<Slot> page = List.of();
        private int at;
        private long expected;

        Batches(TopicStand stand, long from, long forgottenMs) {
            this.topic = stand.topic().value();
            this.end = stand.nextOffset();
            this.forgottenMs = forgottenMs;
            this.expected = from;
            this.view = rows.view(topic);
            this.slots = new TopicSlots(rows, archive, topic, view);
            if (from < end) {
                page = List.of(slots.at(from));
            }
        }

        @Nullable
        CopiedBatch next() {
            if (expected >= end) {
                return null;
            }
            if (at == page.size()) {
                page = slots.from(expected, ROWS_AT_ONCE);
                at = 0;
            }
            Slot slot = page.get(at++);
            if (slot.first() > expected || slot.last() < expected) {
                throw TopicSlots.missing(expected);
            }
            List<Message> messages = slots.messages(slot);
            long first = expected;
            expected = slot.last() + 1;
            return new CopiedBatch(
                    slot.epoch(),
                    messages.stream()
                            .filter(message -> message.offset() >= first)
                            .toList(),
                    slot.timestamp() <= forgottenMs ? List.of() : ids(slot, first));
        }

        /// Those of an archived batch are in its row, which has nothing else any more.
        private List<KnownId> ids(Slot slot, long from) {
            LogRows.Held held =
                    slot.first() < view.archived() ? rows.held(topic, slot.first()) : rows.held(topic, slot);
            return held == null
                    ? List.of()
                    : held.value().ids(held.slot()).stream()
                            .filter(id -> id.offset() >= from)
                            .toList();
        }
    }

    @Override
    public void endedIds(TopicStand topic, long forgottenMs, Consumer<KnownId> each) {
        reading("topic " + topic.topic(), () -> {
            long at = 0;
            while (at < topic.firstOffset()) {
                LogRows.Rows page = rows.from(topic.topic().value(), at, ROWS_AT_ONCE);
                for (Slot slot : page.slots()) {
                    if (slot.first() < topic.firstOffset() && slot.timestamp() > forgottenMs) {
                        LogRows.Held held = rows.held(topic.topic().value(), slot);
                        if (held != null) {
                            held.value().ids(held.slot()).stream()
                                    .filter(id -> id.offset() < topic.firstOffset())
                                    .forEach(each);
                        }
                    }
                    at = slot.last() + 1;
                }
                if (page.isWhole()) {
                    break;
                }
            }
            return true;
        });
    }

    @Override
    public void records(long nowMs, Consumer<CopiedRecord> each) {
        Map<String, AttributeValue> from = Map.of();
        do {
            Map<String, AttributeValue> after = from;
            ScanResponse page = reading(
                    "the state records",
                    () -> table.client()
                            .scan(scan -> scan.tableName(table.name())
                                    .consistentRead(true)
                                    .filterExpression("begins_with(pk, :state)")
                                    .expressionAttributeValues(Map.of(":state", Slot.text(STATE)))
                                    .exclusiveStartKey(after.isEmpty() ? null : after)));
            for (Map<String, AttributeValue> row : page.items()) {
                CopiedRecord record = reading("a state record", () -> copied(row, nowMs));
                if (record != null) {
                    each.accept(record);
                }
            }
            from = page.lastEvaluatedKey();
        } while (!from.isEmpty());
    }

    private static @Nullable CopiedRecord copied(Map<String, AttributeValue> row, long nowMs) {
        StateItem item = item(row);
        return item == null || item.isExpired(nowMs)
                ? null
                : new CopiedRecord(
                        Slot.text(row, DynamoTable.PK).substring(STATE.length()),
                        item.record(Slot.text(row, DynamoTable.SK)));
    }

    private static @Nullable StateItem item(Map<String, AttributeValue> row) {
        try {
            return StateItem.of(row);
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw new BadRowException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public @Nullable StateRecord record(String partition, String key) {
        return reading("the state record " + partition + " " + key, () -> {
            StateItem item = item(table.client()
                    .getItem(get -> get.tableName(table.name())
                            .key(StateItem.key(STATE + partition, key))
                            .consistentRead(true))
                    .item());
            return item == null ? null : item.record(key);
        });
    }

    @Override
    public void close() {
        // Its client is somebody else's.
    }
}
