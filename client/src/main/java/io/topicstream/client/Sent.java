package io.topicstream.client;

/// Where a message to one user was stored. A repeat of the same message id gets the same answer.
///
/// @param topic of the two: what both listen to
/// @param messageId the id under which it was sent, given or made up
/// @param timestamp epoch milliseconds
/// @param online whether the other one has a connection at the moment; else the message waits
public record Sent(String topic, String messageId, long epoch, long offset, long timestamp, boolean online) {}
