package io.topicstream.aws.dynamo;

import java.util.List;
import software.amazon.awssdk.http.HttpMetric;
import software.amazon.awssdk.metrics.MetricCollection;
import software.amazon.awssdk.metrics.MetricPublisher;

/// How often the SDK has tried a call, and whether one of the tries may have been done although its answer was lost.
///
/// One for each call, which tells it on its own thread before it returns.
final class Tries implements MetricPublisher {
    private static final String TRY = "ApiCallAttempt";

    private boolean isInDoubt;

    @Override
    public void publish(MetricCollection call) {
        isInDoubt = call.childrenWithName(TRY).anyMatch(Tries::isInDoubt);
    }

    /// What is refused was not done. What has failed, or was not answered, may have been.
    private static boolean isInDoubt(MetricCollection of) {
        List<Integer> statuses = of.metricValues(HttpMetric.HTTP_STATUS_CODE);
        return statuses.isEmpty() || statuses.getLast() / 100 != 4;
    }

    /// Whether a call that was refused in the end may have been done before.
    boolean isInDoubt() {
        return isInDoubt;
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
