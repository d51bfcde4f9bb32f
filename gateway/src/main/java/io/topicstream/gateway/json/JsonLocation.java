package io.topicstream.gateway.json;

import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.JsonPathException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A JSONPath (in Jayway's dialect, as API Gateway has it), parsed once. Immutable and thread-safe.
///
/// Most paths are names with dots between them; they are followed without the library. A path looks at a
/// bounded number of values, so that one with several wildcards ends in time. Regular expressions in filters
/// are refused: a client's text could keep them busy for ever, and they cannot be bounded.
public final class JsonLocation {
    /// The most characters of a path.
    public static final int MAX_CHARS = 4_096;

    private static final Pattern NAMES = Pattern.compile("\\$(?:\\.[A-Za-z_][A-Za-z0-9_-]*+)*+");

    private final String path;

    /// The names of a simple path, or null for another.
    private final @Nullable List<String> names;

    private final @Nullable JsonPath compiled;

    private JsonLocation(String path, @Nullable List<String> names, @Nullable JsonPath compiled) {
        this.path = path;
        this.names = names;
        this.compiled = compiled;
    }

    /// Parses a path.
    ///
    /// @param path for instance `$.a.b[0]`; a missing `$.` in front is added
    /// @throws IllegalArgumentException with a sentence, if it is not a path
    public static JsonLocation parse(String path) {
        String full = path.startsWith("$") ? path : path.startsWith("[") ? "$" + path : "$." + path;
        if (full.length() > MAX_CHARS) {
            throw new IllegalArgumentException("A JSONPath has at most " + MAX_CHARS + " characters.");
        }
        if (NAMES.matcher(full).matches()) {
            List<String> names = new ArrayList<>(List.of(full.split("\\.")));
            names.removeFirst();
            return new JsonLocation(full, List.copyOf(names), null);
        }
        if (full.contains("=~")) {
            throw new IllegalArgumentException("A JSONPath has no regular expressions here: " + full);
        }
        if (full.endsWith("[")) {
            throw new IllegalArgumentException("A bracket is not closed in the JSONPath " + full);
        }
        try {
            return new JsonLocation(full, null, JsonPath.compile(full));
        } catch (JsonPathException | IllegalArgumentException e) {
            throw new IllegalArgumentException("This is not a JSONPath: " + full + " (" + e.getMessage() + ")", e);
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException("This JSONPath is nested too deeply.", e);
        }
    }

    /// The path, from its `$` on.
    public String path() {
        return path;
    }

    /// What stands there in a value; nothing where there is no such place, or where looking for it takes too
    /// long.
    public Found in(@Nullable Object root) {
        if (names != null) {
            return follow(names, root);
        }
        if (compiled == null || root == null) {
            return Found.NOTHING;
        }
        try {
            Configuration bounded = Configuration.builder()
                    .jsonProvider(new BoundedTree())
                    .mappingProvider(BoundedTree.NO_MAPPING)
                    .build();
            return new Found(true, compiled.read(root, bounded));
        } catch (JsonPathException | IllegalArgumentException | ArithmeticException | ClassCastException e) {
            return Found.NOTHING;
        } catch (StackOverflowError e) {
            return Found.NOTHING;
        }
    }

    private static Found follow(List<String> names, @Nullable Object root) {
        Object at = root;
        for (String name : names) {
            if (!(at instanceof Map<?, ?> map)) {
                return Found.NOTHING;
            }
            Object value = map.get(name);
            if (value == null && !map.containsKey(name)) {
                return Found.NOTHING;
            }
            at = value;
        }
        return new Found(true, at);
    }

    @Override
    public String toString() {
        return path;
    }
}
