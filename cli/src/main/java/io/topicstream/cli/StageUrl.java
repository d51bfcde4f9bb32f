package io.topicstream.cli;

import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.DomainMapping;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where a stage of a gateway is.
///
/// @param api its API's name and id
/// @param webSocket what clients open
/// @param callbacks what back ends are told as the endpoint of connections, without `/@connections`
record StageUrl(String api, String stage, String webSocket, String callbacks) {
    /// The stages of a definition, in the order of their names.
    ///
    /// @param apiId of the only API in place of its own, or null
    /// @param base the URL of the server, without a path
    static List<StageUrl> of(Definition definition, @Nullable String apiId, String base) {
        List<StageUrl> all = new ArrayList<>();
        URI server = URI.create(base);
        String port = server.getPort() < 0 ? "" : ":" + server.getPort();
        for (Api api : definition.apis()) {
            String id = apiId == null ? api.id() : apiId;
            String name = api.name().equals(id) ? id : api.name() + " (" + id + ")";
            for (String stage : api.stages().keySet().stream().sorted().toList()) {
                for (String url : urls(definition, api, id, stage, server.getScheme(), port, base)) {
                    all.add(new StageUrl(name, stage, "ws" + url.substring("http".length()), url));
                }
            }
        }
        return all;
    }

    private static List<String> urls(
            Definition definition, Api api, String id, String stage, String scheme, String port, String base) {
        Stream<String> own = Stream.of();
        if (!api.defaultEndpointDisabled()) {
            boolean isShared = definition.apis().stream()
                    .anyMatch(other -> !other.id().equals(api.id())
                            && !other.defaultEndpointDisabled()
                            && other.stages().containsKey(stage));
            own = Stream.of((isShared ? scheme + "://" + id + ".localhost" + port : base) + "/" + stage);
        }
        Stream<String> mapped = api.mappings().stream()
                .filter(mapping -> mapping.stage().equals(stage))
                .map(mapping -> scheme + "://" + mapping.domain() + port + path(mapping));
        return Stream.concat(own, mapped).toList();
    }

    private static String path(DomainMapping mapping) {
        return mapping.key().isEmpty() ? "" : "/" + mapping.key();
    }
}
