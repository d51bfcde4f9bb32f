package io.topicstream.tokens.authorizer;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/// The operator's own service that says who callers are.
///
/// @param url where it is asked; `http` or `https`
/// @param timeout how long an answer may take, from connecting to the last byte
/// @param cache how long an answer is kept at most; zero keeps none
/// @param headers which header fields are passed on, in lower case
/// @param query which query parameters are passed on
/// @param calls how many questions may be under way
/// @param grantsAdmin whether it may give the permissions `admin` and `metrics`
public record AuthorizerSettings(
        URI url,
        Duration timeout,
        Duration cache,
        List<String> headers,
        List<String> query,
        int calls,
        boolean grantsAdmin) {
    public AuthorizerSettings {
        headers = List.copyOf(headers);
        query = List.copyOf(query);
    }
}
