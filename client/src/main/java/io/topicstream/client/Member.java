package io.topicstream.client;

import org.jspecify.annotations.Nullable;

/// A user who is in a topic, on all devices taken together.
///
/// @param user the id; null for an anonymous client without one
/// @param name as it is shown, or null
/// @param connections how many the user has there
/// @param since when the first of them came, in epoch milliseconds
public record Member(@Nullable String user, @Nullable String name, int connections, long since) {}
