package io.topicstream.cli.aws;

import io.topicstream.aws.local.TableStream;
import io.topicstream.gateway.model.Definition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What of a template runs on this machine. Immutable.
///
/// @param api the WebSocket API
/// @param http how many requests the HTTP API lets through
/// @param variables those of all functions, without the names of what is another one here
/// @param streams which functions the table's stream calls
/// @param clocks which functions clocks call
/// @param hasPage whether the chat page is served
/// @param withoutEffect why resources have no effect here, by their logical ids
record LocalPlan(
        Definition api,
        Throttle http,
        Map<String, String> variables,
        List<Stream> streams,
        List<Clock> clocks,
        boolean hasPage,
        Map<String, String> withoutEffect) {
    LocalPlan {
        variables = Map.copyOf(variables);
        streams = List.copyOf(streams);
        clocks = List.copyOf(clocks);
        withoutEffect = Map.copyOf(withoutEffect);
    }

    /// How many a second, and how many at once; null for no limit.
    record Throttle(@Nullable Double perSecond, @Nullable Integer burst) {
        static final Throttle NONE = new Throttle(null, null);
    }

    /// A function that the table's stream calls.
    ///
    /// @param batch how many records a call has at most
    record Stream(Handler handler, List<TableStream.Filter> filters, int batch) {
        Stream {
            filters = List.copyOf(filters);
        }
    }

    /// A function that a clock calls.
    record Clock(Handler handler, Duration every) {}
}
