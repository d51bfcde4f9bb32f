package io.topicstream.state;

/// A record was to be advanced that holds something else than a [StateNumber]. Nothing was changed.
public final class NotANumberException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NotANumberException(String partition, String key) {
        super("the record " + key + " of " + partition + " does not hold a number, so it cannot be advanced");
    }
}
