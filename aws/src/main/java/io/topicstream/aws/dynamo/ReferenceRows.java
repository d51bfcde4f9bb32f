package io.topicstream.aws.dynamo;

import io.topicstream.log.About;
import io.topicstream.log.Message;
import io.topicstream.log.Reference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;

/// The rows that say which messages are about a message.
///
/// ```
/// pk  R#topic     sk  offset of the message that is meant, 20 digits # group # offset, 20 digits     s  the slot
/// ```
///
/// Like a row of [IdRows] each is written before its slot is claimed, and counts only if the message in that slot is
/// about that one.
final class ReferenceRows {
    private static final int ROWS_AT_ONCE = 200;
    private static final String SLOT = "s";

    private final DynamoTable table;
    private final LogRows rows;

    ReferenceRows(DynamoTable table, LogRows rows) {
        this.table = table;
        this.rows = rows;
    }

    /// A row to write.
    private record Row(long target, Reference.Group group, long offset) {
        String sk() {
            return prefix(target, group) + Slot.sk(offset);
        }
    }

    private static String prefix(long target, Reference.Group group) {
        return Slot.sk(target) + "#" + group.number() + "#";
    }

    private static @Nullable Row of(Message message, long first) {
        About about = message.about();
        return about == null || about.offset() < first || about.offset() >= message.offset()
                ? null
                : new Row(about.offset(), Reference.Group.of(about.as()), message.offset());
    }

    /// Notes what the messages are about, before their slot is claimed.
    ///
    /// @param first the first offset that is kept
    void note(String topic, List<Message> messages, long first) {
        long slot = messages.getFirst().offset();
        List<Row> noted = new ArrayList<>();
        for (Message message : messages) {
            Row row = of(message, first);
            if (row != null) {
                noted.add(row);
            }
        }
        LogParts.forEach(noted.size(), index -> note(topic, noted.get(index), slot));
    }

    /// Who knows less of the topic names a lower slot: he moves nothing back.
    private void note(String topic, Row row, long slot) {
        try {
            table.client()
                    .updateItem(update -> update.tableName(table.name())
                            .key(Map.of(DynamoTable.PK, Slot.text(pk(topic)), DynamoTable.SK, Slot.text(row.sk())))
                            .updateExpression("SET s = :s")
                            .conditionExpression("attribute_not_exists(pk) OR s < :s")
                            .expressionAttributeValues(Map.of(":s", Slot.number(slot))));
        } catch (ConditionalCheckFailedException e) {
            // It is noted already, by an earlier try or for a later slot.
        }
    }

    /// As [io.topicstream.log.TopicLog#references], of what is kept.
    List<Reference> find(String topic, View view, TopicSlots archived, long from, long to, int most) {
        long first = Math.max(from, view.first());
        long end = Math.min(to, view.next());
        List<Reference> found = new ArrayList<>();
        if (first >= end) {
            return found;
        }
        Finding finding = new Finding(topic, view, archived);
        String at = Slot.sk(first);
        while (true) {
            QueryResponse page = query(topic, at, Slot.sk(end), true, ROWS_AT_ONCE);
            List<Row> all = page.items().stream().map(ReferenceRows::row).toList();
            boolean isLast = page.lastEvaluatedKey().isEmpty();
            finding.look(page.items());
            int begin = 0;
            while (begin < all.size()) {
                int after = begin + 1;
                while (after < all.size() && isWith(all.get(begin), all.get(after))) {
                    after++;
                }
                if (after < all.size() || isLast) {
                    take(finding, all.subList(begin, after).reversed(), most, found);
                } else {
                    takeLast(finding, all.get(begin), most, found);
                }
                begin = after;
            }
            if (isLast || all.isEmpty()) {
                return found;
            }
            Row last = all.getLast();
            at = Slot.sk(last.target()) + "#" + last.group().number() + "$";
        }
    }

    private static boolean isWith(Row one, Row other) {
        return one.target() == other.target() && one.group() == other.group();
    }

    /// Of a message with many: the last ones, and not all of them.
    private void takeLast(Finding finding, Row of, int most, List<Reference> found) {
        String prefix = prefix(of.target(), of.group());
        String to = prefix + Slot.sk(Long.MAX_VALUE);
        List<Reference> taken = new ArrayList<>();
        while (taken.size() < most) {
            QueryResponse page = query(finding.topic, prefix, to, false, Math.min(most, ROWS_AT_ONCE));
            finding.look(page.items());
            for (Map<String, AttributeValue> item : page.items()) {
                add(finding, row(item), most, taken);
            }
            if (page.lastEvaluatedKey().isEmpty() || page.items().isEmpty()) {
                break;
            }
            Row last = row(page.items().getLast());
            to = prefix + Slot.sk(last.offset() - 1);
        }
        Collections.reverse(taken);
        found.addAll(taken);
    }

    private static void take(Finding finding, List<Row> newestFirst, int most, List<Reference> found) {
        List<Reference> taken = new ArrayList<>();
        for (Row row : newestFirst) {
            add(finding, row, most, taken);
        }
        Collections.reverse(taken);
        found.addAll(taken);
    }

    private static void add(Finding finding, Row row, int most, List<Reference> taken) {
        if (taken.size() < most && finding.holds(row)) {
            taken.add(new Reference(row.target(), row.group(), row.offset()));
        }
    }

    /// Which rows hold, of one question.
    private final class Finding {
        private final String topic;
        private final View view;
        private final TopicSlots archived;
        private final Map<Long, Map<Long, Message>> slots = new HashMap<>();
        private final Map<String, Long> slotOf = new HashMap<>();

        Finding(String topic, View view, TopicSlots archived) {
            this.topic = topic;
            this.view = view;
            this.archived = archived;
        }

        void look(List<Map<String, AttributeValue>> items) {
            items.forEach(item -> slotOf.put(Slot.text(item, DynamoTable.SK), Slot.number(item, SLOT)));
        }

        boolean holds(Row row) {
            Long slot = slotOf.get(row.sk());
            if (slot == null || row.offset() >= view.next()) {
                return false;
            }
            // Nobody needs to be told in which batch it is that was archived.
            Message message = row.offset() < view.archived()
                    ? archivedMessage(row.offset())
                    : slots.computeIfAbsent(slot, this::messages).get(row.offset());
            // Taken back: it may be named, and what it was about is gone.
            return message != null && (message.kind() == Message.Kind.REDACTED || row.equals(of(message, 1)));
        }

        private Message archivedMessage(long offset) {
            Slot batch = archived.at(offset);
            return archived.messages(batch).get(Math.toIntExact(offset - batch.first()));
        }

        private Map<Long, Message> messages(long slot) {
            LogRows.Held batch = rows.held(topic, slot);
            Map<Long, Message> found = new HashMap<>();
            if (batch != null && batch.slot().hasEnded()) {
                throw TopicSlots.missing(slot);
            }
            if (batch != null) {
                batch.value().messages().forEach(message -> found.put(message.offset(), message));
            }
            return found;
        }
    }

    private QueryResponse query(String topic, String from, String to, boolean isForward, int limit) {
        return table.client()
                .query(query -> query.tableName(table.name())
                        .keyConditionExpression("pk = :pk AND sk BETWEEN :from AND :to")
                        .expressionAttributeValues(
                                Map.of(":pk", Slot.text(pk(topic)), ":from", Slot.text(from), ":to", Slot.text(to)))
                        .scanIndexForward(isForward)
                        .consistentRead(true)
                        .limit(limit));
    }

    private static String pk(String topic) {
        return "R#" + topic;
    }

    private static Row row(Map<String, AttributeValue> item) {
        String[] parts = Slot.text(item, DynamoTable.SK).split("#", -1);
        return new Row(
                Long.parseLong(parts[0]), Reference.Group.of(Integer.parseInt(parts[1])), Long.parseLong(parts[2]));
    }
}
