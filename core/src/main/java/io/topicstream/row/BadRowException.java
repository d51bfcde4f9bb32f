package io.topicstream.row;

/// A stored row that this version cannot have written, or not so: damage, or a newer version's work. It stops
/// the one who asked, with a sentence; nothing is guessed from such a row.
public final class BadRowException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BadRowException(String message) {
        super(message);
    }

    public BadRowException(String message, Throwable cause) {
        super(message, cause);
    }
}
