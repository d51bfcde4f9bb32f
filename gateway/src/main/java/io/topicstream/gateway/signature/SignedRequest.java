package io.topicstream.gateway.signature;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request as it came over the wire, for the check of its signature.
///
/// @param method in capitals
/// @param rawPath as it came, without the query
/// @param rawQuery as it came, without the question mark; empty for none
/// @param headers in their order
/// @param body all of it; is not changed
public record SignedRequest(
        String method, String rawPath, String rawQuery, List<Map.Entry<String, String>> headers, byte[] body) {
    public SignedRequest {
        headers = List.copyOf(headers);
    }

    /// The first value of a header field, whatever the case of its name; null if there is none.
    @Nullable
    String header(String name) {
        for (Map.Entry<String, String> field : headers) {
            if (field.getKey().equalsIgnoreCase(name)) {
                return field.getValue();
            }
        }
        return null;
    }

    /// All values of a header field, in their order.
    List<String> values(String name) {
        return headers.stream()
                .filter(field -> field.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .toList();
    }
}
