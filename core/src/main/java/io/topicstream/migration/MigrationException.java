package io.topicstream.migration;

/// A migration cannot go on. The message is one plain sentence for who runs it.
public final class MigrationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public MigrationException(String message) {
        super(message);
    }

    public MigrationException(String message, Throwable cause) {
        super(message, cause);
    }
}
