package io.topicstream.aws.dynamo;

import io.topicstream.log.Extent;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// Where a topic stands: its newest batch, and what is known of it as a whole.
///
/// @param newest without its value; null where nothing was ever written
record View(@Nullable Slot newest, Head head) {
    static final View EMPTY = new View(null, Head.NONE);

    /// @param rows the last two of the topic, the last one first
    static View of(List<Map<String, AttributeValue>> rows) {
        if (rows.isEmpty()) {
            return EMPTY;
        }
        Map<String, AttributeValue> last = rows.getFirst();
        if (Slot.isSlot(last)) {
            return new View(Slot.of(last).with(null, null), Head.NONE);
        }
        Slot newest = rows.size() < 2 ? null : Slot.of(rows.get(1)).with(null, null);
        return new View(newest, Head.of(last));
    }

    long next() {
        return newest == null ? 1 : newest.last() + 1;
    }

    /// The first offset that is kept.
    long first() {
        return head.first();
    }

    /// Messages before this offset stand in segments.
    long archived() {
        return head.archived();
    }

    /// The sum of the lengths of all values.
    long bytes() {
        return newest == null ? 0 : newest.bytes();
    }

    Extent extent(long epoch) {
        return new Extent(epoch, Math.min(first(), next()), next());
    }

    boolean isEmpty() {
        return first() >= next();
    }

    /// The same with another batch behind.
    View with(Slot slot) {
        return new View(slot.with(null, null), head);
    }

    /// The same that is kept from another offset on.
    View from(long first, long epochBefore, long bytesBefore) {
        return new View(newest, head.from(first, epochBefore, bytesBefore));
    }
}
