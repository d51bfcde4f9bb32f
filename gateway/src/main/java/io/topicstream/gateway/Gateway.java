package io.topicstream.gateway;

import io.topicstream.command.TokenBucket;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.lambda.Functions;
import io.topicstream.gateway.mapping.MappingException;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Route;
import io.topicstream.gateway.model.Stage;
import io.topicstream.gateway.model.UsagePlan;
import io.topicstream.gateway.signature.SignatureCheck;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs the APIs of a definition. Thread-safe; no method blocks.
///
/// A stage keeps its object when another definition is taken, so that open connections run what is new. What
/// was under way ends as it began. Throttles begin anew, quotas go on.
public final class Gateway {
    private static final System.Logger LOGGER = System.getLogger(Gateway.class.getName());

    private final GatewaySettings settings;
    private final Running running;
    private final GatewayMetrics metrics = new GatewayMetrics();
    /// All stages there ever were, by the ids of their APIs and their names. Used where a definition is
    /// taken.
    private final Map<String, Map<String, GatewayStage>> known = new HashMap<>();

    /// Those of the definition, with what they have used. Used where a definition is taken.
    private @Nullable UsageKeys usageKeys;

    private volatile Addresses addresses;

    /// What a gateway stands on.
    ///
    /// @param backEnds calls the back ends of all types
    /// @param functions for authorizers
    /// @param signatures says who signed a handshake, where a route wants that; null if no keys are known:
    ///     then nobody comes in there
    /// @param clock what time it is
    /// @param ids of requests and messages; thread-safe
    /// @param replies the way to clients
    /// @param log the logs of stages
    public record Ports(
            BackEnd backEnds,
            Functions functions,
            @Nullable SignatureCheck signatures,
            InstantSource clock,
            Supplier<String> ids,
            Replies replies,
            GatewayLog log) {}

    /// @throws IllegalArgumentException if something in the definition cannot be run
    public Gateway(Definition definition, GatewaySettings settings, Ports ports) {
        this.settings = settings;
        GatewaySettings.Limits limits = settings.limits();
        this.running = new Running(
                settings,
                ports,
                bucket(limits.connects(), ports.clock()),
                bucket(limits.events(), ports.clock()),
                new Watch(ports.log(), metrics));
        this.addresses = apply(definition);
    }

    private static @Nullable TokenBucket bucket(GatewaySettings.Rate rate, InstantSource clock) {
        return TokenBucket.of(rate.perSecond(), rate.burst(), clock);
    }

    /// Runs another definition from now on, also on connections that are open.
    ///
    /// @throws IllegalArgumentException if something in it cannot be run; then the one of before stays
    public synchronized void take(Definition definition) {
        addresses = apply(definition);
    }

    private Addresses apply(Definition definition) {
        List<Api> apis = definition.apis();
        List<UsagePlan> plans = definition.usagePlans();
        String otherId = settings.apiId();
        if (otherId != null) {
            if (apis.size() != 1) {
                throw new IllegalArgumentException("An id can be given to an API only where there is one.");
            }
            String id = apis.getFirst().id();
            apis = List.of(renamed(apis.getFirst(), otherId));
            plans = plans.stream().map(plan -> renamed(plan, id, otherId)).toList();
        }
        UsageKeys keys = new UsageKeys(plans, running.ports().clock(), usageKeys);
        // All of them, before the first one changes: what cannot be run throws here.
        Map<String, Map<String, StageState>> states = new LinkedHashMap<>();
        for (Api api : apis) {
            for (Stage stage : api.stages().values()) {
                states.computeIfAbsent(api.id(), _ -> new LinkedHashMap<>())
                        .put(
                                stage.name(),
                                new StageState(
                                        api,
                                        stage,
                                        keys,
                                        settings,
                                        running.ports().clock()));
            }
        }
        Map<String, Map<String, GatewayStage>> served = new HashMap<>();
        states.forEach((apiId, ofApi) -> ofApi.forEach((name, state) -> {
            GatewayStage stage = known.computeIfAbsent(apiId, _ -> new HashMap<>())
                    .computeIfAbsent(name, _ -> new GatewayStage(running, apiId, name));
            stage.take(state);
            served.computeIfAbsent(apiId, _ -> new HashMap<>()).put(name, stage);
        }));
        known.forEach((apiId, ofApi) -> ofApi.forEach((name, stage) -> {
            if (!served.getOrDefault(apiId, Map.of()).containsKey(name)) {
                stage.take(null);
            }
        }));
        usageKeys = keys;
        metrics.keepOnly(apis);
        apis.forEach(this::prepare);
        Addresses now = new Addresses(apis, served);
        if (!now.shared().isEmpty()) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "several APIs have stages of the names {0}: they are found under the APIs'' own hosts only",
                    now.shared());
        }
        return now;
    }

    /// What a back end cannot read of a route is told, and calls of that route will fail: others need not go with it.
    private void prepare(Api api) {
        for (Route route : api.routes().values()) {
            if (route.integration() == null) {
                continue;
            }
            try {
                running.ports().backEnds().prepare(route.integration());
            } catch (RuntimeException e) {
                String place = e instanceof MappingException mapping ? mapping.place() + ": " : "";
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "route {0} of the API {1} will fail: {2}{3}",
                        route.key(),
                        api.name(),
                        place,
                        e.getMessage());
            }
        }
    }

    private static Api renamed(Api api, String id) {
        return new Api(
                id,
                api.name(),
                api.routeSelectionExpression(),
                api.apiKeySelectionExpression(),
                api.defaultEndpointDisabled(),
                api.routes(),
                api.models(),
                api.stages(),
                api.mappings());
    }

    private static UsagePlan renamed(UsagePlan plan, String from, String to) {
        Map<String, Set<String>> stages = new HashMap<>();
        plan.stages().forEach((apiId, names) -> stages.put(apiId.equals(from) ? to : apiId, names));
        return new UsagePlan(plan.name(), plan.keys(), stages, plan.burst(), plan.rate(), plan.quota());
    }

    /// The stage that a request means. To be asked for handshakes, and for callbacks too: these with the
    /// segments before `@connections`.
    ///
    /// @param host that the client asked for, with its port where it gave one; null where it named none
    /// @param segments of the path, decoded; a last empty one does not count
    /// @return null where there is no such stage, or not under this host: that is 403 `Forbidden`
    public @Nullable GatewayStage stageAt(@Nullable String host, List<String> segments) {
        return addresses.stageAt(host, segments);
    }

    /// Completes when the ends of connections that were heard of so far are told to their back ends, and what was
    /// still to be told before them. On any thread; never fails.
    public synchronized CompletableFuture<Void> endsTold() {
        return CompletableFuture.allOf(known.values().stream()
                .flatMap(ofApi -> ofApi.values().stream())
                .map(GatewayStage::endsTold)
                .toArray(CompletableFuture[]::new));
    }

    /// What was counted.
    public GatewayMetrics metrics() {
        return metrics;
    }
}
