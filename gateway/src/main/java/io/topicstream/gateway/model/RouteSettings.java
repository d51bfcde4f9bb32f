package io.topicstream.gateway.model;

import org.jspecify.annotations.Nullable;

/// How a route of a stage is watched and throttled.
///
/// @param logging how much the execution log says
/// @param dataTrace whether it has whole bodies
/// @param detailedMetrics whether there are metrics of the route
/// @param throttlingBurst how many events may come at once, or null for no limit; 0 lets none through
/// @param throttlingRate events a second, or null for no limit; 0 lets none through
public record RouteSettings(
        Logging logging,
        boolean dataTrace,
        boolean detailedMetrics,
        @Nullable Integer throttlingBurst,
        @Nullable Double throttlingRate) {
    /// No log, no metrics of its own, no limit.
    public static final RouteSettings NONE = new RouteSettings(Logging.OFF, false, false, null, null);

    /// How much the execution log says.
    public enum Logging {
        OFF,
        ERROR,
        INFO
    }
}
