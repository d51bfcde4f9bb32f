package io.topicstream.gateway.model;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who of those with an API key may use which stages, and how much.
///
/// @param name for people
/// @param keys values of the keys that are in the plan, by their ids
/// @param stages names of the stages, by the ids of their APIs
/// @param burst how many events may come at once, or null for no limit
/// @param rate events a second, or null for no limit
/// @param quota how many events in a period, or null for no limit
public record UsagePlan(
        String name,
        Map<String, String> keys,
        Map<String, Set<String>> stages,
        @Nullable Integer burst,
        @Nullable Double rate,
        @Nullable Quota quota) {
    public UsagePlan {
        keys = Map.copyOf(keys);
        stages = Map.copyOf(stages);
    }
}
