package io.topicstream.rocksdb;

/// A store cannot be opened. The message is one plain sentence for whoever runs the server: which directory,
/// what is wrong with it, and what can be done.
public final class StoreException extends Exception {
    private static final long serialVersionUID = 1;

    StoreException(String message) {
        super(message);
    }

    StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
