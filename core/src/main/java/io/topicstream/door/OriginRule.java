package io.topicstream.door;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which web pages may call. A page without a credential of its own would be taken at its word for where the browser
/// stands in the network, so it has to come from an origin that is trusted.
@FunctionalInterface
public interface OriginRule {
    /// Whether the request may go on.
    ///
    /// @param origins the values of all headers `Origin`, as they came; none: no page is calling
    /// @param host the value of the header `Host`, null where HTTP/1.0 leaves it out
    /// @param hasCredential whether the request presents a key or token, right or wrong
    boolean permits(List<String> origins, @Nullable String host, boolean hasCredential);
}
