package io.topicstream.server.sink;

import java.util.List;

/// What is known of events on a server, for its metrics.
///
/// @param sinks those that it runs
/// @param lost events that were not written down, for want of room
/// @param waiting events that wait to be written down
public record EventFigures(List<SinkSeries> sinks, long lost, long waiting) {}
