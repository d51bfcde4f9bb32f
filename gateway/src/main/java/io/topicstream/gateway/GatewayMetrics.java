package io.topicstream.gateway;

import io.topicstream.gateway.model.Api;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// The six metrics of WebSocket APIs, counted since the start, by stage, and by route where a stage has
/// detailed metrics. Thread-safe.
public final class GatewayMetrics {
    /// How many stages and routes are counted apart; further ones are counted together as [#OTHERS].
    static final int MAX_SERIES = 2_000;
    /// Stands for the API and the stage of all that is not counted apart.
    public static final String OTHERS = "(others)";

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
        Key key = new Key(apiId, stage, route);
        Counters known = counters.get(key);
        if (known != null) {
            return known;
        }
        // A few more, where several threads come to it at once.
        boolean isRoom = counters.size() < MAX_SERIES;
        return counters.computeIfAbsent(
                isRoom ? key : new Key(OTHERS, OTHERS, route == null ? null : OTHERS), _ -> new Counters());
    }

    /// Forgets what another definition does not have any more: what is told stays bounded, however often it changes.
    void keepOnly(List<Api> apis) {
        Set<Key> kept = new HashSet<>();
        for (Api api : apis) {
            for (String stage : api.stages().keySet()) {
                kept.add(new Key(api.id(), stage, null));
                api.routes().keySet().forEach(route -> kept.add(new Key(api.id(), stage, route)));
                // Of messages that select no route, and of handshakes where there is no such route.
                kept.add(new Key(api.id(), stage, Api.DEFAULT));
                kept.add(new Key(api.id(), stage, Api.CONNECT));
            }
        }
        counters.keySet().removeIf(key -> !key.apiId.equals(OTHERS) && !kept.contains(key));
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
