package io.topicstream.gateway.mapping;

import io.topicstream.gateway.json.JsonLocation;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The JSONPaths that templates use, parsed once. Thread-safe.
///
/// A template may put a path together from a message, so there may be any number of them: only the first
/// ones are kept.
final class TemplatePaths {
    private static final int MAX_KEPT = 1_000;

    private final Map<String, JsonLocation> kept = new ConcurrentHashMap<>();

    /// The place that a path names.
    ///
    /// @throws TemplateFailure if it is no path
    JsonLocation of(String path) {
        JsonLocation known = kept.get(path);
        if (known != null) {
            return known;
        }
        JsonLocation location;
        try {
            location = JsonLocation.parse(path);
        } catch (IllegalArgumentException e) {
            throw new TemplateFailure(String.valueOf(e.getMessage()));
        }
        if (kept.size() < MAX_KEPT) {
            kept.put(path, location);
        }
        return location;
    }
}
