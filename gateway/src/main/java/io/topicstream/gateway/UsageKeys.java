package io.topicstream.gateway;

import io.topicstream.command.TokenBucket;
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
    private final Map<InPlan, QuotaCount> counts = new HashMap<>();

    /// @param before those of another definition, whose counts of quotas go on here; null for none
    UsageKeys(List<UsagePlan> plans, InstantSource clock, @Nullable UsageKeys before) {
        for (UsagePlan plan : plans) {
            plan.keys().forEach((id, value) -> {
                QuotaCount count = before == null ? null : before.counts.get(new InPlan(plan.name(), id));
                UsageKey key = new UsageKey(
                        id,
                        plan,
                        TokenBucket.of(plan.rate(), plan.burst(), clock),
                        count == null ? new QuotaCount(clock) : count);
                counts.put(new InPlan(plan.name(), id), key.count());
                byValue.computeIfAbsent(value, _ -> new ArrayList<>()).add(key);
            });
        }
    }

    /// By what a key in a plan is known in several definitions.
    private record InPlan(String plan, String keyId) {}

    /// A key in a plan.
    ///
    /// @param bucket what it may, in this plan; null for no limit
    /// @param count what of the plan's quota it has used
    record UsageKey(String id, UsagePlan plan, @Nullable TokenBucket bucket, QuotaCount count) {
        /// Whether one more is within the quota of the plan.
        boolean takeQuota() {
            return plan.quota() == null || count.take(plan.quota());
        }
    }

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
