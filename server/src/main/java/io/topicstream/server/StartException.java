package io.topicstream.server;

/// Why a server does not start, or its data directory cannot be worked on: one plain sentence for the one who asked.
public final class StartException extends Exception {
    private static final long serialVersionUID = 1;

    /// What kind of thing is in the way, for an exit code.
    public enum Cause {
        /// The address or port cannot be listened on.
        ADDRESS,
        /// The data directory cannot be used: damaged, locked, of another version, not permitted.
        DATA,
        /// Listening there is refused for the configuration as it is.
        REFUSED,
        /// A file that the server must write cannot be written.
        FILES
    }

    private final Cause kind;

    StartException(Cause kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    StartException(Cause kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Cause kind() {
        return kind;
    }
}
