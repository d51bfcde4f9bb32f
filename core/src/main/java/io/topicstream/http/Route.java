package io.topicstream.http;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One row of the table: a method, a path, who may call, and what answers. Immutable.
///
/// A path is a list of segments; one that is written `{name}` is a parameter and matches anything. The last one may
/// stand for all that follows.
public final class Route {
    /// What the body of a request may have that is not a message.
    private static final int LITTLE_BYTES = 64 * 1024;

    final String method;
    final String pattern;
    final Access access;
    final RouteHandler handler;
    /// How large a body may be, in bytes as it comes.
    final int mostBodyBytes;
    /// Whether the path is one of the older contract, in which another method is 404.
    final boolean isOlder;
    /// Whether it only tells how the server is.
    final boolean isProbe;
    /// Whether the last parameter stands for one segment and all behind it.
    final boolean isFolder;
    /// What every answer at this path has, refusals included.
    final Map<String, String> fields;
    /// Null where a parameter is.
    private final @Nullable String[] literals;
    /// Null where a literal is.
    private final @Nullable String[] parameters;

    /// A route whose requests have a small body or none.
    ///
    /// @param pattern the path, beginning with a slash
    /// @throws IllegalArgumentException if it does not, or names a parameter twice
    public Route(String method, String pattern, Access access, RouteHandler handler) {
        this(method, pattern, access, handler, LITTLE_BYTES, false, false, false, Map.of());
    }

    private Route(
            String method,
            String pattern,
            Access access,
            RouteHandler handler,
            int mostBodyBytes,
            boolean isOlder,
            boolean isProbe,
            boolean isFolder,
            Map<String, String> fields) {
        if (!pattern.startsWith("/")) {
            throw new IllegalArgumentException("a path begins with a slash: " + pattern);
        }
        this.method = method;
        this.pattern = pattern;
        this.access = access;
        this.handler = handler;
        this.mostBodyBytes = mostBodyBytes;
        this.isOlder = isOlder;
        this.isProbe = isProbe;
        this.isFolder = isFolder;
        this.fields = fields;
        String[] segments = pattern.substring(1).split("/", -1);
        this.literals = new @Nullable String[segments.length];
        this.parameters = new @Nullable String[segments.length];
        for (int i = 0; i < segments.length; i++) {
            String segment = segments[i];
            if (segment.startsWith("{") && segment.endsWith("}")) {
                String name = segment.substring(1, segment.length() - 1);
                if (indexOf(name) >= 0) {
                    throw new IllegalArgumentException("a parameter stands twice in " + pattern);
                }
                parameters[i] = name;
            } else {
                literals[i] = segment;
            }
        }
    }

    /// The same for messages: how large one may be, the door and the commands say.
    Route takingMessages() {
        return new Route(method, pattern, access, handler, Integer.MAX_VALUE, isOlder, isProbe, isFolder, fields);
    }

    /// The same as a path of the older contract: another method there is 404 and not 405.
    Route older() {
        return new Route(method, pattern, access, handler, mostBodyBytes, true, isProbe, isFolder, fields);
    }

    /// The same as one that only tells how the server is: a door may answer it past its limits.
    public Route probe() {
        return new Route(method, pattern, access, handler, mostBodyBytes, isOlder, true, isFolder, fields);
    }

    /// The same for all paths that begin like this one: the last parameter stands for one segment or more.
    public Route folder() {
        return new Route(method, pattern, access, handler, mostBodyBytes, isOlder, isProbe, true, fields);
    }

    /// The same with header fields that also refusals at this path have.
    public Route with(Map<String, String> more) {
        return new Route(method, pattern, access, handler, mostBodyBytes, isOlder, isProbe, isFolder, Map.copyOf(more));
    }

    /// Whether a path of so many segments can be this one.
    boolean takesLength(int segments) {
        return isFolder ? segments >= literals.length : segments == literals.length;
    }

    /// How many segments the path has; at least, where it is a folder.
    int length() {
        return literals.length;
    }

    /// Whether the method is the one of this route; HEAD is answered as GET.
    boolean takes(String asked) {
        return method.equals(asked) || (asked.equals("HEAD") && method.equals("GET"));
    }

    /// Whether the segments from `from` on, as many as the path has, are this path.
    boolean matches(List<String> segments, int from) {
        for (int i = literals.length - 1; i >= 0; i--) {
            String literal = literals[i];
            if (literal != null && !literal.equals(segments.get(from + i))) {
                return false;
            }
        }
        return true;
    }

    /// Which segment of the path is this parameter.
    ///
    /// @throws IllegalArgumentException if none is
    int place(String parameter) {
        int place = indexOf(parameter);
        if (place < 0) {
            throw new IllegalArgumentException(pattern + " has no parameter " + parameter);
        }
        return place;
    }

    private int indexOf(String parameter) {
        for (int i = 0; i < parameters.length; i++) {
            if (parameter.equals(parameters[i])) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return method + " " + pattern;
    }
}
