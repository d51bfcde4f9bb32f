package io.topicstream.server.delivery;

import io.topicstream.session.Session;
import org.jspecify.annotations.Nullable;

/// A connection that has a session, or may have one. Used on its event loop.
public interface Conversing {
    /// Its session; null while it has none.
    @Nullable
    Session conversation();
}
