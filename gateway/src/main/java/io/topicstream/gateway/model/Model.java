package io.topicstream.gateway.model;

/// A shape of messages.
///
/// @param name its name
/// @param contentType of what it describes
/// @param schema JSON Schema, draft 4, as JSON text
public record Model(String name, String contentType, String schema) {}
