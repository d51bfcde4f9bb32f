package io.topicstream.gateway.definition;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An API whose parts are being gathered: each of them names it. For one thread.
final class ApiDraft {
    final Properties properties;
    final Map<String, Properties> routes = new LinkedHashMap<>();
    final Map<String, Properties> integrations = new LinkedHashMap<>();
    final Map<String, Properties> authorizers = new LinkedHashMap<>();
    final Map<String, Properties> models = new LinkedHashMap<>();
    final Map<String, Properties> deployments = new LinkedHashMap<>();
    final Map<String, Properties> stages = new LinkedHashMap<>();
    final Map<String, Properties> mappings = new LinkedHashMap<>();
    /// By the ids of their routes.
    final Map<String, List<Properties>> routeResponses = new LinkedHashMap<>();
    /// By the ids of their integrations.
    final Map<String, List<Properties>> integrationResponses = new LinkedHashMap<>();

    ApiDraft(Properties properties) {
        this.properties = properties;
    }

    static void add(Map<String, List<Properties>> to, String id, Properties one) {
        to.computeIfAbsent(id, _ -> new ArrayList<>()).add(one);
    }
}
