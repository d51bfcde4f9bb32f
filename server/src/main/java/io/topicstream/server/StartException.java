package io.topicstream.server;

import java.io.Serial;

/// Why a server did not start: one plain sentence for whoever starts it, and what kind of thing it is.
public final class StartException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /// What has to be put right.
    public enum Kind {
        /// The address: taken, not of this machine, not permitted.
        ADDRESS,
        /// The data directory: in use, damaged, not permitted.
        DATA,
        /// The configuration, which does not go with what is in the store.
        CONFIGURATION,
        /// The run directory, where the administrator's token goes.
        RUN_DIRECTORY
    }

    private final Kind kind;

    StartException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    StartException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /// What has to be put right.
    public Kind kind() {
        return kind;
    }
}
