package io.topicstream.gateway.mapping;

import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.json.Found;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.json.JsonList;
import io.topicstream.gateway.json.JsonLocation;
import io.topicstream.gateway.json.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `$input` of one rendering: the body, and on `$connect` the parameters of the handshake. Of one thread.
///
/// A body that is not JSON is a text to JSONPath; no body is an empty object. A template may change what
/// `path` gave it, and `json` shows the change, as at API Gateway; others who read the same message never
/// see it.
final class InputVariable implements TemplateObject {
    private final JsonBody body;
    private final @Nullable Handshake handshake;
    private final TemplatePaths paths;
    private final Budget budget;

    /// What this template sees of the body; a copy of its own once it may change it.
    private @Nullable Object root;

    private boolean own;
    private @Nullable Map<String, Object> parameters;

    InputVariable(JsonBody body, @Nullable Handshake handshake, TemplatePaths paths, Budget budget) {
        this.body = body;
        this.handshake = handshake;
        this.paths = paths;
        this.budget = budget;
        if (body.isJson()) {
            root = body.value();
        } else {
            root = body.text().isEmpty() ? new LinkedHashMap<String, Object>() : body.text();
        }
    }

    @Override
    public @Nullable Object call(String method, @Nullable Object[] arguments) {
        return switch (method) {
            case "json" ->
                json(arguments.length == 0 ? "$" : Calls.argument(arguments, 0).toString());
            case "path" ->
                path(arguments.length == 0 ? "$" : Calls.argument(arguments, 0).toString());
            case "params" ->
                arguments.length == 0
                        ? parameters()
                        : parameter(Calls.argument(arguments, 0).toString());
            case "getBody" -> body.text();
            default -> null;
        };
    }

    @Override
    public @Nullable Object get(String property) {
        return property.equals("body") ? body.text() : null;
    }

    private String json(String path) {
        Found found = paths.of(path).in(root);
        if (!found.exists()) {
            return "\"\"";
        }
        String text = own ? JsonText.json(measured(found.value())) : JsonText.json(found.value());
        budget.chars(text.length());
        return text;
    }

    private @Nullable Object measured(@Nullable Object value) {
        Values.text(value, budget);
        return value;
    }

    private @Nullable Object path(String path) {
        JsonLocation location = paths.of(path);
        if (!own) {
            Found found = location.in(root);
            if (!(found.value() instanceof Map<?, ?>) && !(found.value() instanceof List<?>)) {
                return found.value();
            }
            root = copy(root);
            own = true;
        }
        return location.in(root).value();
    }

    private static @Nullable Object copy(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
                map.forEach((name, member) -> copy.put(name, copy(member)));
                yield copy;
            }
            case List<?> list -> {
                JsonList copy = new JsonList();
                list.forEach(element -> copy.add(copy(element)));
                yield copy;
            }
            case null -> null;
            default -> value;
        };
    }

    private Map<String, Object> parameters() {
        Map<String, Object> known = parameters;
        if (known == null) {
            Map<String, Object> query = new LinkedHashMap<>();
            Map<String, Object> headers = new LinkedHashMap<>();
            if (handshake != null) {
                handshake.query().forEach((name, values) -> query.put(name, values.isEmpty() ? "" : values.getLast()));
                handshake.headers().forEach(field -> headers.put(field.getKey(), field.getValue()));
            }
            known = new LinkedHashMap<>();
            known.put("path", new LinkedHashMap<String, Object>());
            known.put("querystring", query);
            known.put("header", headers);
            parameters = known;
        }
        return known;
    }

    /// From the query, else from the header; empty where it is in neither.
    private String parameter(String name) {
        if (handshake == null) {
            return "";
        }
        List<String> values = handshake.query().get(name);
        if (values != null && !values.isEmpty()) {
            return values.getLast();
        }
        String header = handshake.header(name);
        return header == null ? "" : header;
    }

    @Override
    public String toString() {
        return "";
    }
}
