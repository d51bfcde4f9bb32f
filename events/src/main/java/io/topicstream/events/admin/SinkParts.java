package io.topicstream.events.admin;

import io.topicstream.events.Destinations;
import io.topicstream.events.SinkDefinition;
import io.topicstream.log.TopicLog;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/// What the administration of sinks stands on.
///
/// @param state where sinks and their places are
/// @param ephemeral where a node says how they do
/// @param destinations where sinks may be
/// @param configured those of the configuration, by name; they are changed there
/// @param inForce completes when what was stored before is in force here
public record SinkParts(
        TopicLog log,
        StateStore state,
        StateStore ephemeral,
        Destinations destinations,
        InstantSource clock,
        Map<String, SinkDefinition> configured,
        Supplier<? extends CompletionStage<?>> inForce) {
    boolean isConfigured(String name) {
        return configured.containsKey(name);
    }
}
