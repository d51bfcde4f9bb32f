package io.topicstream.log;

/// What an operator wants to know of a log. Counters begin at 0 when the engine is opened.
///
/// @param acceptedMessages taken into the queue
/// @param committedMessages stored, and as durable as the mode says
/// @param queuedBytes of appends that are not answered yet
public record LogFigures(long acceptedMessages, long committedMessages, long queuedBytes) {}
