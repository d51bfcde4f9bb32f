package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.Quota;
import io.topicstream.gateway.model.UsagePlan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads API keys and the usage plans that they are in. For one use.
final class PlanReader {
    private static final int LEAST_KEY = 20;
    private static final int MOST_KEY = 128;

    private final Map<String, Properties> keys = new LinkedHashMap<>();
    private final Map<String, Properties> plans = new LinkedHashMap<>();
    private final List<Properties> members = new ArrayList<>();

    /// Takes a resource of one of the three types.
    void add(Properties one) {
        switch (one.resource().type()) {
            case "AWS::ApiGateway::ApiKey" -> keys.put(one.id(), one);
            case "AWS::ApiGateway::UsagePlan" -> plans.put(one.id(), one);
            default -> members.add(one);
        }
    }

    /// The plans that have a stage of one of these APIs.
    List<UsagePlan> read(Set<String> apiIds) {
        Map<String, String> values = new LinkedHashMap<>();
        keys.forEach((id, one) -> {
            @Nullable String value = value(one);
            if (value != null) {
                values.put(id, value);
            }
        });
        Map<String, Map<String, String>> keysOfPlans = new LinkedHashMap<>();
        for (Properties one : members) {
            one.requireKnown(Set.of("KeyId", "KeyType", "UsagePlanId"), Map.of());
            one.require("KeyId", "KeyType", "UsagePlanId");
            one.oneOf("KeyType", "API_KEY");
            String key = one.text("KeyId", "");
            String plan = one.text("UsagePlanId", "");
            if (one.has("UsagePlanId") && !plans.containsKey(plan)) {
                one.finding("UsagePlanId", "there is no usage plan '" + plan + "' in this definition");
            }
            if (one.has("KeyId") && !keys.containsKey(key)) {
                one.finding("KeyId", "there is no API key '" + key + "' in this definition");
            }
            @Nullable String value = values.get(key);
            if (value != null) {
                keysOfPlans.computeIfAbsent(plan, _ -> new LinkedHashMap<>()).put(key, value);
            }
        }
        List<UsagePlan> read = new ArrayList<>();
        plans.forEach((id, one) -> {
            Map<String, Set<String>> stages = stages(one, apiIds);
            if (!stages.isEmpty()) {
                Node.Members throttle = one.members("Throttle");
                @Nullable Double burst = limit(one, throttle, "BurstLimit");
                read.add(new UsagePlan(
                        one.text("UsagePlanName", one.resource().id()),
                        keysOfPlans.getOrDefault(id, Map.of()),
                        stages,
                        burst == null ? null : Integer.valueOf((int) Math.min(burst, Integer.MAX_VALUE)),
                        limit(one, throttle, "RateLimit"),
                        quota(one)));
            }
        });
        return read;
    }

    private static @Nullable String value(Properties one) {
        one.requireKnown(
                Set.of(
                        "CustomerId",
                        "Description",
                        "Enabled",
                        "GenerateDistinctId",
                        "Name",
                        "StageKeys",
                        "Tags",
                        "Value"),
                Map.of());
        if (!one.has("Enabled")) {
            one.finding("Enabled", "is missing: the key counts here, but on AWS only with Enabled: true");
        } else if (!one.bool("Enabled")) {
            return null;
        }
        @Nullable String value = one.text("Value");
        if (value == null) {
            if (!one.has("Value")) {
                one.finding("Value", "is missing: AWS makes one up, here nobody can use the key; make it a parameter");
            }
            return null;
        }
        if (value.length() < LEAST_KEY || value.length() > MOST_KEY) {
            one.error("Value", "has " + LEAST_KEY + " to " + MOST_KEY + " characters");
        }
        return value;
    }

    private static Map<String, Set<String>> stages(Properties plan, Set<String> apiIds) {
        Map<String, Set<String>> stages = new LinkedHashMap<>();
        if (plan.value("ApiStages") instanceof Node.Items list) {
            for (Node item : list.items()) {
                if (item instanceof Node.Members one && apiIds.contains(one.textAt("ApiId"))) {
                    stages.computeIfAbsent(one.textAt("ApiId"), _ -> new HashSet<>())
                            .add(one.textAt("Stage"));
                    if (one.has("Throttle")) {
                        plan.finding(
                                "ApiStages", "the Throttle of single routes is left aside; that of the plan counts");
                    }
                }
            }
        }
        return stages;
    }

    private static @Nullable Quota quota(Properties plan) {
        if (!plan.has("Quota")) {
            return null;
        }
        Node.Members quota = plan.members("Quota");
        for (String name : List.of("Limit", "Period")) {
            if (!quota.has(name)) {
                plan.finding("Quota." + name, "is missing: nothing is counted");
                return null;
            }
        }
        String written = quota.textAt("Period");
        if (!List.of("DAY", "WEEK", "MONTH").contains(written)) {
            plan.error("Quota.Period", "is DAY, WEEK or MONTH, not '" + written + "'");
            return null;
        }
        Quota.Period period = Quota.Period.valueOf(written);
        @Nullable Integer limit = whole(plan, quota, "Limit", Integer.MAX_VALUE);
        @Nullable
        Integer offset =
                quota.has("Offset") ? whole(plan, quota, "Offset", period.greatestOffset()) : Integer.valueOf(0);
        if (limit == null || offset == null) {
            return null;
        }
        if (limit == 0) {
            plan.finding("Quota.Limit", "is 0, which lets nothing through");
        }
        return new Quota(limit, period, offset);
    }

    private static @Nullable Integer whole(Properties plan, Node.Members quota, String name, int most) {
        @Nullable Double value = Properties.number(quota.at(name));
        if (value == null || value != Math.rint(value) || value > most) {
            plan.error("Quota." + name, "is a whole number from 0 to " + most);
            return null;
        }
        return value.intValue();
    }

    private static @Nullable Double limit(Properties plan, Node.Members throttle, String name) {
        if (!throttle.has(name)) {
            return null;
        }
        @Nullable Double value = Properties.number(throttle.at(name));
        if (value == null || (name.equals("BurstLimit") && value != Math.rint(value))) {
            plan.error("Throttle." + name, "is a number from 0");
        }
        return value;
    }
}
