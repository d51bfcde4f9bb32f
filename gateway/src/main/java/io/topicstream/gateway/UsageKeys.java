package io.topicstream.gateway;

import io.topicstream.gateway.model.UsagePlan;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The API keys of all usage plans, by their values.
final class UsageKeys {
    private final Map<String, List<UsageKey>> byValue = new HashMap<>();

    UsageKeys(List<UsagePlan> plans, InstantSource clock) {
        for (UsagePlan plan : plans) {
            plan.keys()
                    .forEach((id, value) -> byValue.computeIfAbsent(value, _ -> new ArrayList<>())
                            .add(new UsageKey(id, plan, TokenBucket.of(plan.rate(), plan.burst(), clock))));
        }
    }

    /// A key in a plan.
    ///
    /// @param bucket what it may, in this plan; null for no limit
    record UsageKey(String id, UsagePlan plan, @Nullable TokenBucket bucket) {}

    /// The key of this value in a plan that has the stage; or null.
    @Nullable
    UsageKey find(@Nullable String value, String apiId, String stage) {
        if (value == null) {
            return null;
        }
        for (UsageKey key : byValue.getOrDefault(value, List.of())) {
            if (key.plan.stages().getOrDefault(apiId, Set.of()).contains(stage)) {
                return key;
            }
        }
        return null;
    }
}
