package io.topicstream.client;

/// Where a message was stored. A repeat of the same message id gets the same answer.
///
/// @param messageId the id under which it was published, given or made up
/// @param timestamp epoch milliseconds
public record Published(String topic, String messageId, long epoch, long offset, long timestamp) {}
