package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.Objects;
import io.topicstream.aws.s3.Objects.Put;
import io.topicstream.migration.KnownId;
import io.topicstream.migration.MigrationException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// Writes rows and objects of topics that come out of another engine. Each has a key that follows from what it is, and
/// is written over by the same.
///
/// How far a topic is that is not complete stands in a row of its own, until it is:
///
/// ```
/// pk  M     sk  topic     n  next offset     y  as in [Slot], up to it     a  what is before it stands in segments
/// ```
///
/// Each method blocks; throws what the clients throw. Thread-safe.
final class MovedRows {
    private static final String PROGRESS = "M";
    private static final String BINARY = "application/octet-stream";
    private static final int KEY_BYTES = 16;
    private static final byte[] NO_VALUE = {};

    private final DynamoTable table;
    private final DynamoOptions options;
    private final LogParts parts;
    private final LogRows log;
    private final Archive archive;
    private final String fingerprint;
    private final long begunMs;

    /// @param begunMs what has ended or is old is so by this time, whenever the run goes on
    MovedRows(DynamoTable table, DynamoOptions options, String fingerprint, long begunMs) {
        this.table = table;
        this.options = options;
        this.parts = new LogParts(table, options, new Calls(1), 0);
        this.log = parts.rows();
        this.archive = parts.archive();
        this.fingerprint = fingerprint;
        this.begunMs = begunMs;
    }

    /// How far a topic is.
    record Progress(long next, long bytes, long archived) {}

    @Nullable
    Progress progress(String topic) {
        Map<String, AttributeValue> row = table.client()
                .getItem(get ->
                        get.tableName(table.name()).key(progressKey(topic)).consistentRead(true))
                .item();
        return row == null || row.isEmpty()
                ? null
                : new Progress(
                        Slot.number(row, Slot.COUNT), Slot.number(row, Slot.BYTES), Slot.number(row, Head.ARCHIVED));
    }

    void note(String topic, Progress progress) {
        Map<String, AttributeValue> row = new HashMap<>(progressKey(topic));
        row.put(Slot.COUNT, Slot.number(progress.next()));
        row.put(Slot.BYTES, Slot.number(progress.bytes()));
        row.put(Head.ARCHIVED, Slot.number(progress.archived()));
        table.client().putItem(put -> put.tableName(table.name()).item(row));
    }

    void forget(String topic) {
        table.client().deleteItem(delete -> delete.tableName(table.name()).key(progressKey(topic)));
    }

    private static Map<String, AttributeValue> progressKey(String topic) {
        return Map.of(DynamoTable.PK, Slot.text(PROGRESS), DynamoTable.SK, Slot.text(topic));
    }

    /// Whether a batch of this time goes to a segment at once: its ids are forgotten, and an archiver would take it.
    boolean isOld(long timestamp) {
        return options.archive() != null && timestamp + LogParts.REPEATS_KEPT.toMillis() <= begunMs;
    }

    Archive archive() {
        return archive;
    }

    ReferenceRows references() {
        return parts.references();
    }

    /// How long a value may be.
    int maxBytes() {
        return options.large() == null ? options.inlineBytes() : Integer.MAX_VALUE;
    }

    /// A batch that is to be written.
    record Written(Slot slot, BatchValue value, byte[] bytes, List<KnownId> ids) {}

    /// Writes a batch, what it is about, and then where its ids are.
    void write(String topic, Written batch, long first) {
        parts.references().note(topic, batch.value().messages(), first);
        put(topic, batch.slot(), batch.bytes(), Map.of());
        noteIds(topic, batch.ids(), batch.slot().first());
    }

    private void noteIds(String topic, List<KnownId> ids, long slot) {
        long nowMs = options.clock().millis();
        ids.forEach(id -> parts.ids().noteMoved(topic, id, slot, nowMs));
    }

    /// Writes a batch whose messages have ended, for its id, or since it is the newest.
    ///
    /// @param id null where it has none
    /// @param stays whether its row is the newest
    void writeEnded(String topic, Slot slot, BatchValue value, @Nullable KnownId id, boolean stays) {
        Map<String, AttributeValue> more = new HashMap<>();
        more.put(Slot.ENDED, Slot.number(1));
        if (!stays) {
            long endS = (options.clock().millis()
                            + LogParts.REPEATS_KEPT.plusHours(1).toMillis())
                    / 1000;
            more.put(DynamoTable.EXPIRES, Slot.number(endS));
        }
        put(topic, slot, value.toBytes(), more);
        if (id != null) {
            noteIds(topic, List.of(id), slot.first());
        }
    }

    private void put(String topic, Slot slot, byte[] bytes, Map<String, AttributeValue> more) {
        Slot with = slot.with(bytes, null);
        if (bytes.length > options.inlineBytes()) {
            Objects bucket = options.large();
            if (bucket == null) {
                throw new MigrationException("topic " + topic + ": message " + slot.first() + " has " + bytes.length
                        + " bytes, a row of the table " + options.inlineBytes() + " at most; name a bucket");
            }
            String key = LogRows.BATCHES + hash(topic, slot.first(), bytes);
            if (bucket.putIfAbsent(key, bytes, BINARY, Map.of()) == Put.OTHER) {
                throw new MigrationException("the object " + key + " is there, and says something else");
            }
            with = slot.with(null, key);
        }
        Map<String, AttributeValue> item = new HashMap<>(with.item(topic));
        item.put(Slot.PAST, Slot.number(1));
        item.putAll(more);
        table.client().putItem(put -> put.tableName(table.name()).item(item));
    }

    /// What makes the same object of the same batch, in each run.
    private String hash(String topic, long offset, byte[] bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((fingerprint + '\n' + begunMs + '\n' + topic + '\n' + offset + '\n')
                    .getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
            return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), KEY_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /// Writes what is known of a topic as a whole, and its name.
    void end(String topic, Head head) {
        Map<String, AttributeValue> row =
                new HashMap<>(Map.of(DynamoTable.PK, Slot.text(Slot.pk(topic)), DynamoTable.SK, Slot.text(Slot.HEAD)));
        row.put(DynamoTable.FORM, DynamoTable.THIS_FORM);
        if (head.first() > 1) {
            row.put(Head.FIRST, Slot.number(head.first()));
            row.put(Head.EPOCH_BEFORE, Slot.number(head.epochBefore()));
            row.put(Slot.BYTES, Slot.number(head.bytesBefore()));
            row.put(Head.CLEANED, Slot.number(head.cleaned()));
        }
        if (head.archived() > 1) {
            row.put(Head.ARCHIVED, Slot.number(head.archived()));
            row.put(Head.ENDING, Slot.number(head.ending()));
        }
        if (head.first() > 1 || head.archived() > 1) {
            table.client().putItem(put -> put.tableName(table.name()).item(row));
        }
        log.name(topic);
    }

    /// A row of a batch, without its value.
    static Slot slot(long first, int count, long epoch, long timestamp, long bytes) {
        return new Slot(first, count, epoch, timestamp, bytes, Slot.newMark(), NO_VALUE, null, null, 0, false);
    }
}
