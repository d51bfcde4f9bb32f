package io.topicstream.gateway.model;

import java.util.List;
import java.util.Map;

/// A WebSocket API, as its definition has it. Immutable.
///
/// @param id ten lower-case letters and digits; in ARNs, events and host names
/// @param name for people
/// @param routeSelectionExpression what of a message says its route, for instance `$request.body.action`
/// @param apiKeySelectionExpression `$request.header.x-api-key` or `$context.authorizer.usageIdentifierKey`
/// @param defaultEndpointDisabled whether only the domains of `mappings` reach it
/// @param routes by their keys; `$connect`, `$disconnect` and `$default` among them
/// @param models by their names
/// @param stages by their names
/// @param mappings the domains and paths that lead to a stage, beside the stage's own name
public record Api(
        String id,
        String name,
        String routeSelectionExpression,
        String apiKeySelectionExpression,
        boolean defaultEndpointDisabled,
        Map<String, Route> routes,
        Map<String, Model> models,
        Map<String, Stage> stages,
        List<DomainMapping> mappings) {
    /// The route that runs before a connection is accepted.
    public static final String CONNECT = "$connect";

    /// The route that runs after a connection has ended.
    public static final String DISCONNECT = "$disconnect";

    /// The route of messages that select no other.
    public static final String DEFAULT = "$default";

    /// Where a caller's API key stands unless the definition says otherwise.
    public static final String API_KEY_HEADER = "$request.header.x-api-key";

    public Api {
        routes = Map.copyOf(routes);
        models = Map.copyOf(models);
        stages = Map.copyOf(stages);
        mappings = List.copyOf(mappings);
    }
}
