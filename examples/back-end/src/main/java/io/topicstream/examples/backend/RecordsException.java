package io.topicstream.examples.backend;

/// Records cannot be opened, or those who keep them did not answer. The message is one plain sentence.
public final class RecordsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public RecordsException(String message) {
        super(message);
    }

    public RecordsException(String message, Throwable cause) {
        super(message, cause);
    }
}
