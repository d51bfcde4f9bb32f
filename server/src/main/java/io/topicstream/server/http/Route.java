package io.topicstream.server.http;

import java.util.List;

/// One row of the table: a method, a path, and what answers.
///
/// A path is a list of segments, of which one may be a parameter, written `{name}`; it matches anything.
final class Route {
    final String method;
    final RouteHandler handler;
    /// Answers a request whose body is still to come, or takes the body, by the same rules.
    final RouteHandler gate;
    /// Whether a page of another origin may call it at all.
    final boolean crossOrigin;
    final String pattern;
    private final String[] path;
    private final int parameterAt;

    Route(String method, String pattern, boolean crossOrigin, RouteHandler handler, RouteHandler gate) {
        this.method = method;
        this.handler = handler;
        this.gate = gate;
        this.crossOrigin = crossOrigin;
        this.pattern = pattern;
        this.path = pattern.substring(1).split("/", -1);
        int at = -1;
        for (int i = 0; i < path.length; i++) {
            if (path[i].startsWith("{")) {
                at = i;
            }
        }
        this.parameterAt = at;
    }

    /// Whether the method is the one of this route; HEAD is answered as GET.
    boolean takes(String asked) {
        return method.equals(asked) || (asked.equals("HEAD") && method.equals("GET"));
    }

    /// Whether the segments from `from` to `to`, exclusive, are this path.
    boolean matches(List<String> segments, int from, int to) {
        if (to - from != path.length) {
            return false;
        }
        for (int i = path.length - 1; i >= 0; i--) {
            if (i != parameterAt && !path[i].equals(segments.get(from + i))) {
                return false;
            }
        }
        return true;
    }

    /// What stands where the parameter is.
    String parameter(List<String> segments, int from) {
        return parameterAt < 0 ? "" : segments.get(from + parameterAt);
    }
}
