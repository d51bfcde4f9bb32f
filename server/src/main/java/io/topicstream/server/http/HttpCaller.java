package io.topicstream.server.http;

import io.topicstream.access.Identity;
import io.topicstream.command.Caller;
import io.topicstream.command.Quota;
import org.jspecify.annotations.Nullable;

/// Who calls by a request of the HTTP API: one answer, and nothing else comes back to it.
record HttpCaller(Identity identity, Quota quota) implements Caller {
    /// The name of the stage. That of no connection is as short, so nameless callers share no message ids with one.
    private static final String STAGE = "http";

    @Override
    public @Nullable String connectionId() {
        // A repeat may come on another connection, so that of the request would name nobody.
        return null;
    }

    @Override
    public @Nullable String origin() {
        return null;
    }

    @Override
    public String stage() {
        return STAGE;
    }
}
