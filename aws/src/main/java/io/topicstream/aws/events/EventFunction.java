package io.topicstream.aws.events;

import io.topicstream.aws.dynamo.StreamRecord;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What tells others what happens, as a function is called: for records of the table's stream, which go to a bus where
/// there is one, and to sinks; and by a schedule, for what sinks have not got yet. Blocks; thread-safe.
public final class EventFunction {
    private final @Nullable EventStream bus;
    private final SinkDeliveries sinks;

    /// @param bus null where there is none
    public EventFunction(@Nullable EventStream bus, SinkDeliveries sinks) {
        this.bus = bus;
        this.sinks = sinks;
    }

    /// Tells all that the event says.
    ///
    /// @param event JSON, as the function is called with it
    /// @param left how long the call may take
    /// @return the answer of the function, JSON: `batchItemFailures`; what a receiver does is never among them
    public byte[] handle(byte[] event, Duration left) {
        long begunNs = System.nanoTime();
        if (!StreamRecord.isStream(event)) {
            sinks.onSchedule(left);
            return StreamRecord.answer(List.of(), Set.of());
        }
        byte[] answer = bus == null ? StreamRecord.answer(List.of(), Set.of()) : bus.handle(event);
        sinks.onRecords(event, left.minusNanos(System.nanoTime() - begunNs));
        return answer;
    }
}
