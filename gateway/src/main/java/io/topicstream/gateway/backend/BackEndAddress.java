package io.topicstream.gateway.backend;

import io.topicstream.gateway.model.StageText;
import io.topicstream.gateway.signature.Encoding;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/// Makes the address of a call. Who is called stands in the definition alone; what comes from events goes into
/// the path and the query, encoded.
final class BackEndAddress {
    private BackEndAddress() {}

    /// @param uri of the integration
    /// @param variables of the stage
    /// @param path values of `{name}` in the path, not encoded
    /// @param query parameters to add, not encoded
    /// @throws IllegalArgumentException if that makes no address of an HTTP server
    static URI of(
            String uri, Map<String, String> variables, Map<String, String> path, Map<String, List<String>> query) {
        String known = StageText.of(uri, variables);
        if (known == null) {
            throw new IllegalArgumentException("the stage lacks a variable of it");
        }
        StringBuilder made = new StringBuilder(withPath(known, path));
        if (!query.isEmpty()) {
            made.append(known.indexOf('?') < 0 ? '?' : '&');
            StringJoiner parts = new StringJoiner("&");
            query.forEach((name, values) ->
                    values.forEach(value -> parts.add(Encoding.percent(name) + "=" + Encoding.percent(value))));
            made.append(parts);
        }
        URI address = URI.create(made.toString());
        String scheme = address.getScheme() == null ? "" : address.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("it is not http or https");
        }
        if (address.getHost() == null || address.getRawUserInfo() != null) {
            throw new IllegalArgumentException("it names no host, or somebody at a host");
        }
        return address;
    }

    private static String withPath(String uri, Map<String, String> path) {
        int begin = uri.indexOf('{');
        if (begin < 0) {
            return uri;
        }
        int host = uri.indexOf("://");
        int root = host < 0 ? -1 : uri.indexOf('/', host + 3);
        if (root < 0 || begin < root) {
            throw new IllegalArgumentException("a parameter stands in its host");
        }
        String made = uri;
        for (Map.Entry<String, String> parameter : path.entrySet()) {
            String value = parameter.getValue();
            if (value.equals(".") || value.equals("..")) {
                throw new IllegalArgumentException("the parameter " + parameter.getKey() + " leaves its path");
            }
            made = made.replace("{" + parameter.getKey() + "}", Encoding.percent(value));
        }
        return made;
    }
}
