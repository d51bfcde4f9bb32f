package io.topicstream.server.http;

import org.jspecify.annotations.Nullable;

/// Which web pages may call without a credential of their own. A credential in a request was put there by the page
/// itself, so it needs no such rule; without one the browser's place in the network would be the credential.
@FunctionalInterface
public interface OriginRule {
    /// Whether a page may.
    ///
    /// @param origin the value of the header `Origin` as it came
    /// @param host the value of the header `Host`, null where HTTP/1.0 leaves it out
    boolean allows(String origin, @Nullable String host);
}
