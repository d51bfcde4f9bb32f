package io.topicstream.client;

/// A topic and how far it has come.
///
/// @param epoch the life of its log
/// @param nextOffset the offset that its next message gets
public record TopicPosition(String topic, long epoch, long nextOffset) {}
