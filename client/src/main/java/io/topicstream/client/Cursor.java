package io.topicstream.client;

/// How far this client's user has come in a topic.
///
/// @param delivered the last offset that has arrived; 0 for none
/// @param read the last offset that was read; 0 for none
/// @param nextOffset the offset that the topic's next message gets
/// @param unread how many messages were not read
public record Cursor(String topic, long delivered, long read, long nextOffset, long unread) {}
