package io.topicstream.gateway.mapping;

import io.topicstream.gateway.integration.Answer;
import java.util.List;
import java.util.Map;

/// What an event becomes for a back end.
public sealed interface Mapped {
    /// A request.
    ///
    /// @param body the receiver owns it
    /// @param headers that were mapped, by their names as the definition has them; without control characters
    /// @param query parameters that were mapped, not encoded
    /// @param path values of the path's parameters, not encoded
    record Request(
            byte[] body, Map<String, List<String>> headers, Map<String, List<String>> query, Map<String, String> path)
            implements Mapped {
        public Request {
            headers = Map.copyOf(headers);
            query = Map.copyOf(query);
            path = Map.copyOf(path);
        }
    }

    /// Nothing that may be sent.
    record Refused(Answer.Failed why) implements Mapped {}
}
