package io.topicstream.gateway;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// The six metrics of WebSocket APIs, counted since the start, by stage, and by route where a stage has
/// detailed metrics. Thread-safe.
public final class GatewayMetrics {
    private final ConcurrentHashMap<Key, Counters> counters = new ConcurrentHashMap<>();

    /// What is counted apart.
    private record Key(String apiId, String stage, @Nullable String route) {}

    /// The metrics of a stage, or of one of its routes.
    ///
    /// @param route its key; null for the whole stage
    /// @param connects `ConnectCount`: connections that began
    /// @param messages `MessageCount`: messages from and to clients
    /// @param integrationErrors `IntegrationError`: answers of back ends with a status of 400 and more
    /// @param clientErrors `ClientError`: refused before a back end was called
    /// @param executionErrors `ExecutionError`: calls that failed
    /// @param calls how many calls `integrationLatencyMs` has
    /// @param integrationLatencyMs `IntegrationLatency`: from call to answer, the sum in milliseconds
    public record Series(
            String apiId,
            String stage,
            @Nullable String route,
            long connects,
            long messages,
            long integrationErrors,
            long clientErrors,
            long executionErrors,
            long calls,
            long integrationLatencyMs) {}

    /// What was counted, by API, stage and route.
    public List<Series> series() {
        List<Series> all = new ArrayList<>();
        counters.forEach((key, of) -> all.add(new Series(
                key.apiId,
                key.stage,
                key.route,
                of.connects.sum(),
                of.messages.sum(),
                of.integrationErrors.sum(),
                of.clientErrors.sum(),
                of.executionErrors.sum(),
                of.calls.sum(),
                of.integrationLatencyMs.sum())));
        all.sort(Comparator.comparing(Series::apiId)
                .thenComparing(Series::stage)
                .thenComparing(Series::route, Comparator.nullsFirst(Comparator.naturalOrder())));
        return List.copyOf(all);
    }

    /// The counters of a stage, or of one of its routes.
    Counters of(String apiId, String stage, @Nullable String route) {
        return counters.computeIfAbsent(new Key(apiId, stage, route), _ -> new Counters());
    }

    /// Counts for one stage or route.
    static final class Counters {
        final LongAdder connects = new LongAdder();
        final LongAdder messages = new LongAdder();
        final LongAdder integrationErrors = new LongAdder();
        final LongAdder clientErrors = new LongAdder();
        final LongAdder executionErrors = new LongAdder();
        final LongAdder calls = new LongAdder();
        final LongAdder integrationLatencyMs = new LongAdder();
    }
}
