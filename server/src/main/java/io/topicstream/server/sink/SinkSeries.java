package io.topicstream.server.sink;

/// What a sink has done on the node that runs it, for its metrics: counted since the server began to run it.
///
/// @param sink its name; there are at most a hundred
/// @param delivered events that its receiver took
/// @param failedAttempts posts that it did not take
/// @param deadLetters events that were given up
/// @param missed messages that were trimmed before it came to them
/// @param notCompared events that its rules could not be compared with
/// @param lag messages that wait
public record SinkSeries(
        String sink, long delivered, long failedAttempts, long deadLetters, long missed, long notCompared, long lag) {
    static SinkSeries of(SinkRun run) {
        SinkRun.Figures figures = run.figures();
        return new SinkSeries(
                run.definition().name(),
                figures.delivered,
                figures.failed,
                figures.deadLetters,
                figures.missed,
                figures.notCompared,
                run.lag());
    }
}
