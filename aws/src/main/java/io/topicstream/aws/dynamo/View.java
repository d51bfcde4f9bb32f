package io.topicstream.aws.dynamo;

import io.topicstream.log.Extent;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// Where a topic stands: its newest batch, and from which offset on it is kept.
///
/// What is kept stands in the row `H` beside the batches, once something has ended:
///
/// ```
/// f  first offset that is kept   g  epoch of the message before it   y  as in [Slot], of the batches before it
/// ```
///
/// @param newest without its value; null where nothing was ever written
/// @param first the first offset that is kept
/// @param epochBefore in which the message before it was written; 0 if there was no such message
/// @param bytesBefore what the batches before it count
record View(@Nullable Slot newest, long first, long epochBefore, long bytesBefore) {
    static final String FIRST = "f";
    static final String EPOCH_BEFORE = "g";

    static final View EMPTY = new View(null, 1, 0, 0);

    /// @param rows the last two of the topic, the last one first
    static View of(List<Map<String, AttributeValue>> rows) {
        if (rows.isEmpty()) {
            return EMPTY;
        }
        Map<String, AttributeValue> last = rows.getFirst();
        if (Slot.isSlot(last)) {
            return new View(Slot.of(last).with(null, null), 1, 0, 0);
        }
        Slot newest = rows.size() < 2 ? null : Slot.of(rows.get(1)).with(null, null);
        return new View(
                newest, Slot.number(last, FIRST), Slot.number(last, EPOCH_BEFORE), Slot.number(last, Slot.BYTES));
    }

    long next() {
        return newest == null ? 1 : newest.last() + 1;
    }

    /// The sum of the lengths of all values.
    long bytes() {
        return newest == null ? 0 : newest.bytes();
    }

    Extent extent(long epoch) {
        return new Extent(epoch, Math.min(first, next()), next());
    }

    boolean isEmpty() {
        return first >= next();
    }

    /// The same with another batch behind.
    View with(Slot slot) {
        return new View(slot.with(null, null), first, epochBefore, bytesBefore);
    }
}
