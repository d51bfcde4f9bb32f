package io.topicstream.gateway.model;

/// A domain of its own, and the path there, that lead to a stage.
///
/// @param domain a host name without a port, in lower case; may begin with `*.`
/// @param key the path, without slashes at its ends; empty for none
/// @param stage the name of the stage
public record DomainMapping(String domain, String key, String stage) {}
