package io.topicstream.gateway;

import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.DomainMapping;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where the stages of a definition are: under which hosts and paths. Immutable.
///
/// - A domain that is mapped has its mappings and nothing else.
/// - Of a host whose first label is the id of an API, such as `{apiId}.execute-api.{region}.amazonaws.com`,
///   the path's one segment is a stage of that API.
/// - Of every other host, the path's one segment is a stage of the only API that has it.
final class Addresses {
    /// The host names of API Gateway: what begins with an id that is not known here is nobody's.
    private static final Pattern AWS =
            Pattern.compile("[a-z0-9]+\\.execute-api\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?");
    /// What a host may have. Handlers build addresses of it, so it must not end one.
    private static final Pattern HOST = Pattern.compile("[a-z0-9._-]+|\\[[0-9a-f:.]+]");

    private final Map<String, List<Mapped>> domains = new HashMap<>();
    private final Map<String, Map<String, GatewayStage>> byApi = new HashMap<>();
    private final Map<String, GatewayStage> byStage = new HashMap<>();
    private final List<String> shared = new ArrayList<>();

    /// @param key the segments of the path
    private record Mapped(List<String> key, GatewayStage stage) {}

    /// @param stages by the ids of their APIs and their names
    Addresses(List<Api> apis, Map<String, Map<String, GatewayStage>> stages) {
        Set<String> several = new HashSet<>();
        for (Api api : apis) {
            Map<String, GatewayStage> own = stages.getOrDefault(api.id(), Map.of());
            byApi.put(api.id(), api.defaultEndpointDisabled() ? Map.of() : own);
            for (DomainMapping mapping : api.mappings()) {
                GatewayStage stage = own.get(mapping.stage());
                if (stage != null) {
                    List<String> key = mapping.key().isEmpty()
                            ? List.of()
                            : List.of(mapping.key().split("/"));
                    domains.computeIfAbsent(mapping.domain().toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                            .add(new Mapped(key, stage));
                }
            }
            if (!api.defaultEndpointDisabled()) {
                own.forEach((name, stage) -> {
                    if (byStage.putIfAbsent(name, stage) != null) {
                        several.add(name);
                    }
                });
            }
        }
        byStage.keySet().removeAll(several);
        shared.addAll(several);
    }

    /// The names of stages that several APIs have: they are found by the APIs' own hosts only.
    List<String> shared() {
        return List.copyOf(shared);
    }

    @Nullable
    GatewayStage stageAt(@Nullable String host, List<String> segments) {
        List<String> path = segments.isEmpty() || !segments.getLast().isEmpty()
                ? segments
                : segments.subList(0, segments.size() - 1);
        String name = host == null ? "" : nameOf(host);
        if (name == null) {
            return null;
        }
        List<Mapped> mappings = mappings(name);
        if (mappings != null) {
            for (Mapped mapped : mappings) {
                if (mapped.key.equals(path)) {
                    return mapped.stage;
                }
            }
            return null;
        }
        if (path.size() != 1) {
            return null;
        }
        int dot = name.indexOf('.');
        Map<String, GatewayStage> own = byApi.get(dot < 0 ? name : name.substring(0, dot));
        if (own != null) {
            return own.get(path.getFirst());
        }
        return AWS.matcher(name).matches() ? null : byStage.get(path.getFirst());
    }

    private @Nullable List<Mapped> mappings(String name) {
        List<Mapped> exact = domains.get(name);
        int dot = name.indexOf('.');
        return exact != null || dot < 0 ? exact : domains.get("*" + name.substring(dot));
    }

    /// The name of a host without its port, in lower case; null for what cannot be one.
    private static @Nullable String nameOf(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        int colon = name.lastIndexOf(':');
        if (colon > name.lastIndexOf(']')) {
            if (!name.substring(colon + 1).chars().allMatch(c -> c >= '0' && c <= '9')) {
                return null;
            }
            name = name.substring(0, colon);
        }
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        return HOST.matcher(name).matches() ? name : null;
    }
}
