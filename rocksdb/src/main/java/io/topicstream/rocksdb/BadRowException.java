package io.topicstream.rocksdb;

/// A stored row that this version cannot have written, or not so: damage, or a newer version's work. It stops
/// whoever asked, with a sentence; nothing is guessed from such a row.
final class BadRowException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadRowException(String message) {
        super(message);
    }

    BadRowException(String message, Throwable cause) {
        super(message, cause);
    }
}
