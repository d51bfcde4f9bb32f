package io.topicstream.log;

/// The engine cannot answer now: it is closed, recovering from a failed write, or its store is out
/// of reach. The caller may try again later. Reads and scans complete exceptionally with it; an
/// append is answered with [AppendResult.Unavailable] instead.
public final class LogUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public LogUnavailableException(String message) {
        super(message);
    }

    public LogUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
