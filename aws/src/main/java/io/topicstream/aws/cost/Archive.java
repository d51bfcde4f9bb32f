package io.topicstream.aws.cost;

import java.time.Duration;

/// What both deployments have: messages that are only in S3 after a while, and pages of history that go out.
final class Archive {
    private Archive() {}

    /// The objects of the month, each written by one call.
    ///
    /// @param tailHours the messages are elsewhere before; what is not kept longer never comes here
    static Units writing(Workload load, long tailHours) {
        if (load.retentionHours() <= tailHours) {
            return Units.NONE;
        }
        return Units.of(Billable.OBJECT_PUTS, 1)
                .plus(Units.functionCall(
                        Assumption.FUNCTION_MB.value(), Duration.ofMillis(Assumption.SEGMENT_MS.value())))
                .times(Math.ceilDiv(load.messages(), Assumption.SEGMENT_MESSAGES.value()));
    }

    static Units stored(Workload load, long tailHours) {
        long hours = Math.max(0, load.retentionHours() - tailHours);
        return Units.of(Billable.OBJECT_STORAGE, Workload.mbHours(load.messages(), load.storedBytes(), hours));
    }

    /// A request for a page of history, and the page itself on its way.
    static Units asked(Workload load) {
        return Units.httpRequest(0, pageBytes(load)).plus(Units.of(Billable.BYTES_OUT, pageBytes(load)));
    }

    static long pageBytes(Workload load) {
        return Assumption.HISTORY_MESSAGES.value() * (load.messageBytes() + Assumption.FRAME_BYTES.value());
    }
}
