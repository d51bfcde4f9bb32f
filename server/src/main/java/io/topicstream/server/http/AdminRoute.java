package io.topicstream.server.http;

/// A route that only the administrator may call, made outside of this package.
///
/// @param pattern the path; a segment `{name}` is its parameter
public record AdminRoute(String method, String pattern, RouteHandler handler) {}
