package io.topicstream.gateway.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A path under which an API is served.
///
/// @param name the path's one segment
/// @param variables what expressions, templates and events know as stage variables
/// @param defaults settings of all routes
/// @param routeSettings settings of single routes, by their keys
/// @param accessLogFormat the line for each event, with `$context` variables, or null for no access log
public record Stage(
        String name,
        Map<String, String> variables,
        RouteSettings defaults,
        Map<String, RouteSettings> routeSettings,
        @Nullable String accessLogFormat) {
    public Stage {
        variables = Map.copyOf(variables);
        routeSettings = Map.copyOf(routeSettings);
    }
}
