package io.topicstream.log;

/// A topic that has been written to, and what is kept of it.
public record TopicExtent(TopicName topic, Extent extent) {}
