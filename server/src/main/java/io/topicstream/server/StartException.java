package io.topicstream.server;

import java.io.IOException;
import java.net.InetAddress;

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

    /// A port that cannot be had, in words for people.
    static StartException cannotListen(InetAddress bind, int port, IOException failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return new StartException(
                Cause.ADDRESS,
                "cannot listen on " + bind.getHostAddress() + " port " + port + ": "
                        + inPlainWords(String.valueOf(cause.getMessage())),
                failure);
    }

    /// What the system says, without the names of its calls where it is one of the usual things.
    private static String inPlainWords(String message) {
        if (message.contains("Address already in use")) {
            return "the port is in use";
        }
        if (message.contains("Permission denied")) {
            return "this user may not listen on that port";
        }
        if (message.contains("Cannot assign requested address")) {
            return "it is not an address of this machine";
        }
        return message;
    }
}
