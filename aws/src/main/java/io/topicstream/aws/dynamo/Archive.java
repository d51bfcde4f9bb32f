package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.Segment;
import io.topicstream.aws.s3.Segments;
import io.topicstream.log.Batch;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.row.BadRowException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// What of topics stands in segments: the segments, and the rows that stand for them ([Sealed]).
///
/// Each method is one call of a service, or two. Blocks; throws what the clients throw, and [BadRowException] where
/// something cannot be read.
final class Archive {
    private static final int ROWS_AT_ONCE = 25;

    private final DynamoTable table;
    private final @Nullable Segments segments;

    Archive(DynamoTable table, DynamoOptions options) {
        this.table = table;
        this.segments = options.archive() == null ? null : new Segments(options.archive());
    }

    Segments segments() {
        Segments there = segments;
        if (there == null) {
            throw new BadRowException("older messages stand in a bucket, and none is set for the archive");
        }
        return there;
    }

    /// The segment that has the offset.
    Sealed at(String topic, long offset) {
        List<Map<String, AttributeValue>> found = table.client()
                .query(query -> query.tableName(table.name())
                        .keyConditionExpression("pk = :pk AND sk <= :to")
                        .expressionAttributeValues(
                                Map.of(":pk", Slot.text(Sealed.pk(topic)), ":to", Slot.text(Slot.sk(offset))))
                        .scanIndexForward(false)
                        .consistentRead(true)
                        .limit(1))
                .items();
        Sealed sealed = found.isEmpty() ? null : Sealed.of(found.getFirst());
        if (sealed == null || sealed.next() <= offset) {
            throw new BadRowException("no row stands for the segment with message " + offset);
        }
        return sealed;
    }

    void put(String topic, Sealed sealed) {
        table.client().putItem(put -> put.tableName(table.name()).item(sealed.item(topic)));
    }

    /// The messages of a segment.
    List<Message> messages(String topic, Sealed sealed) {
        Segment segment = segments().get(new TopicName(topic), sealed.first());
        if (segment == null || segment.nextOffset() != sealed.next()) {
            throw new BadRowException("the segment at offset " + sealed.first() + " is missing, or another one");
        }
        return segment.messages().toList();
    }

    /// Takes messages of a segment back.
    ///
    /// @return false where it is not there any more
    boolean redact(String topic, Sealed sealed, Set<Long> offsets, boolean forgetsAuthors) {
        return segments().change(new TopicName(topic), sealed.first(), segment -> {
                    List<Batch> batches = new ArrayList<>();
                    for (Batch batch : segment.batches()) {
                        batches.add(new Batch(
                                batch.epoch(),
                                batch.messages().stream()
                                        .map(message -> offsets.contains(message.offset())
                                                ? message.redacted(forgetsAuthors)
                                                : message)
                                        .toList()));
                    }
                    return new Segment(batches);
                })
                != null;
    }

    /// Segments that begin at `from` or after it and before `to`, in order; not all of them.
    List<Sealed> from(String topic, long from, long to) {
        return table
                .client()
                .query(query -> query.tableName(table.name())
                        .keyConditionExpression("pk = :pk AND sk BETWEEN :from AND :to")
                        .expressionAttributeValues(Map.of(
                                ":pk", Slot.text(Sealed.pk(topic)),
                                ":from", Slot.text(Slot.sk(from)),
                                ":to", Slot.text(Slot.sk(to - 1))))
                        .consistentRead(true)
                        .limit(ROWS_AT_ONCE))
                .items()
                .stream()
                .map(Sealed::of)
                .toList();
    }

    /// Deletes a segment. The row goes last: it says what is left to do.
    void delete(String topic, Sealed sealed) {
        segments().delete(new TopicName(topic), sealed.first());
        table.client().deleteItem(delete -> delete.tableName(table.name()).key(Sealed.key(topic, sealed.first())));
    }
}
