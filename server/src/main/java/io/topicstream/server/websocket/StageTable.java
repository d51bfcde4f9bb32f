package io.topicstream.server.websocket;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The stages of a server, by their paths. Immutable.
public final class StageTable {
    private final Map<String, StageDefinition> bySegment = new LinkedHashMap<>();
    private final String notFound;

    /// @throws IllegalArgumentException if two have the same path
    public StageTable(List<StageDefinition> stages) {
        for (StageDefinition stage : stages) {
            if (bySegment.put(stage.segment(), stage) != null) {
                throw new IllegalArgumentException("two stages at " + stage.path());
            }
        }
        List<String> paths = stages.stream()
                .map(StageDefinition::path)
                .filter(path -> !path.equals("/"))
                .toList();
        notFound = "no WebSocket is served at this path"
                + switch (paths.size()) {
                    case 0 -> "";
                    case 1 -> "; there is " + paths.getFirst();
                    default ->
                        "; there are "
                                + paths.stream().limit(paths.size() - 1L).collect(Collectors.joining(", ")) + " and "
                                + paths.getLast();
                };
    }

    /// The stage at a path, with or without a slash behind it; null if there is none.
    public @Nullable StageDefinition at(List<String> segments) {
        int count = segments.size();
        if (count == 2 && segments.get(1).isEmpty()) {
            count = 1;
        }
        return count == 1 ? bySegment.get(segments.getFirst()) : null;
    }

    /// The path of the first stage, or null if there is none.
    public @Nullable String first() {
        return bySegment.values().stream()
                .map(StageDefinition::path)
                .findFirst()
                .orElse(null);
    }

    /// What a client is told at a path without a stage: that, and which paths have one.
    String notFound() {
        return notFound;
    }
}
