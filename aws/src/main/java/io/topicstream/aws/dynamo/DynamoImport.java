package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.BadSegmentException;
import io.topicstream.aws.s3.Objects;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.migration.CopiedRecord;
import io.topicstream.migration.MigrationException;
import io.topicstream.migration.StoreExport;
import io.topicstream.migration.StoreImport;
import io.topicstream.migration.TopicStand;
import io.topicstream.row.BadRowException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;

/// A table, with a bucket or without, that is filled with what another engine kept. Until it is complete, no log opens
/// it ([EpochRow]).
///
/// Each row is put without a condition, under a key that follows from what is moved. So what was written by a run that
/// was killed is written over by the same.
public final class DynamoImport implements StoreImport {
    private final DynamoTable table;
    private final DynamoOptions options;
    private final EpochRow epochRow;
    private final StateVersions versions;
    private @Nullable MovedRows rows;
    private @Nullable String fingerprint;
    private long epoch;

    /// @param options those of the log; with a bucket that is empty too, or without
    public DynamoImport(DynamoTable table, DynamoOptions options) {
        this.table = table;
        this.options = options;
        this.epochRow = new EpochRow(table);
        this.versions = new StateVersions(options.clock());
    }

    /// Does something, and says what cannot be written in the words of a migration.
    static <T extends @Nullable Object> T writing(String about, Supplier<T> writing) {
        try {
            return writing.get();
        } catch (SdkException | LogUnavailableException e) {
            throw new MigrationException(about + " cannot be written: " + e.getMessage(), e);
        } catch (BadRowException | BadSegmentException e) {
            throw new MigrationException(about + " cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public Run begin(String of, long sourceEpoch, long nowMs) {
        return writing("the table " + table.name(), () -> {
            EpochRow.Filling is = epochRow.filling();
            Run run;
            if (is.filledFrom() != null) {
                if (!of.equals(is.filledFrom())) {
                    throw new MigrationException("the table " + table.name() + " is the unfinished one of another"
                            + " migration, or its source was changed since; delete it and begin anew");
                }
                run = new Run(is.begunMs(), is.epoch(), is.complete(), false);
            } else if (of.equals(is.cameFrom())) {
                return new Run(0, is.epoch(), "", true);
            } else {
                requireEmpty();
                long next = Math.max(nowMs / 1000, Math.max(sourceEpoch, is.epoch()) + 1);
                epochRow.begin(is, of, next, nowMs);
                run = new Run(nowMs, next, "", false);
            }
            rows = new MovedRows(table, options, of, run.atMs());
            fingerprint = of;
            epoch = run.epoch();
            return run;
        });
    }

    /// What dies with a node may be there: functions leave it behind that were called once.
    private void requireEmpty() {
        Map<String, AttributeValue> from = Map.of();
        do {
            Map<String, AttributeValue> after = from;
            ScanResponse page = table.client()
                    .scan(scan -> scan.tableName(table.name())
                            .consistentRead(true)
                            .projectionExpression("pk, sk")
                            .filterExpression("pk <> :epoch AND NOT begins_with(pk, :nodes)")
                            .expressionAttributeValues(
                                    Map.of(":epoch", Slot.text("E"), ":nodes", Slot.text(DynamoStateStore.OF_NODES)))
                            .exclusiveStartKey(after.isEmpty() ? null : after));
            if (!page.items().isEmpty()) {
                Map<String, AttributeValue> row = page.items().getFirst();
                throw new MigrationException("the table " + table.name() + " is not empty: it has a row "
                        + Slot.text(row, DynamoTable.PK) + " " + Slot.text(row, DynamoTable.SK)
                        + "; nothing was changed. Name one without rows");
            }
            from = page.lastEvaluatedKey();
        } while (!from.isEmpty());
        requireEmpty(options.large(), LogRows.BATCHES);
        requireEmpty(options.archive(), "topics/");
    }

    private static void requireEmpty(@Nullable Objects bucket, String prefix) {
        if (bucket != null && !bucket.list(prefix, "", 1).isEmpty()) {
            throw new MigrationException(
                    "the bucket is not empty: it has objects at " + prefix + "; nothing was changed. Name one without");
        }
    }

    private MovedRows rows() {
        MovedRows begun = rows;
        if (begun == null) {
            throw new IllegalStateException("not begun");
        }
        return begun;
    }

    @Override
    public TopicImport topic(TopicStand topic) {
        return writing("topic " + topic.topic(), () -> new MovedTopic(rows(), topic));
    }

    @Override
    public void finishedUpTo(TopicStand topic) {
        writing("the table " + table.name(), () -> {
            epochRow.complete(topic.topic().value());
            return true;
        });
    }

    @Override
    public void put(List<CopiedRecord> records) {
        long nowMs = options.clock().millis();
        writing("the state", () -> {
            LogParts.forEach(records.size(), index -> {
                CopiedRecord each = records.get(index);
                StateItem item = new StateItem(
                        each.record().version(),
                        versions.mark(),
                        each.record().value(),
                        each.record().expiresAtMs());
                table.client()
                        .putItem(put -> put.tableName(table.name())
                                .item(item.attributes(
                                        "S#" + each.partition(), each.record().key(), nowMs)));
            });
            return true;
        });
    }

    @Override
    public StoreExport written() {
        return new DynamoExport(table, options, epoch);
    }

    @Override
    public void finish(long unusedVersions) {
        String of = fingerprint;
        if (of == null) {
            throw new IllegalStateException("not begun");
        }
        writing("the table " + table.name(), () -> {
            epochRow.end(of);
            return true;
        });
    }

    @Override
    public void close() {
        // Its client is somebody else's.
    }
}
