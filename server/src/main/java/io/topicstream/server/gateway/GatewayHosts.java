package io.topicstream.server.gateway;

import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Definition;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The host names that belong to the gateway alone: those of API Gateway's own endpoints, the domains of a
/// definition, and `{apiId}.localhost`, by which several APIs on one machine are told apart. Thread-safe.
///
/// A page cannot have one of the first resolved to this machine, since they are Amazon's; so they are let in also
/// where only loopback's names are.
final class GatewayHosts {
    private static final Pattern ENDPOINT =
            Pattern.compile("[a-z0-9-]+\\.execute-api\\.[a-z0-9-]+\\.amazonaws\\.com(?:\\.cn)?");

    private final @Nullable String apiId;
    private volatile Set<String> domains = Set.of();

    /// @param apiId of the only API, in place of its own, or null
    GatewayHosts(@Nullable String apiId) {
        this.apiId = apiId;
    }

    /// Takes the domains of a definition, in place of those of before.
    void take(Definition definition) {
        Set<String> names = new HashSet<>();
        for (Api api : definition.apis()) {
            api.mappings().forEach(mapping -> names.add(mapping.domain().toLowerCase(Locale.ROOT)));
            names.add((apiId == null ? api.id() : apiId) + ".localhost");
        }
        domains = names;
    }

    /// Whether a host, with or without a port, is one of them.
    boolean isOurs(String host) {
        int colon = host.lastIndexOf(':');
        String name = (colon < 0 ? host : host.substring(0, colon)).toLowerCase(Locale.ROOT);
        Set<String> known = domains;
        int dot = name.indexOf('.');
        return known.contains(name)
                || (dot > 0 && known.contains("*" + name.substring(dot)))
                || ENDPOINT.matcher(name).matches();
    }
}
