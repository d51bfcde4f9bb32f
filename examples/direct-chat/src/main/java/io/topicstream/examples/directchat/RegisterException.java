package io.topicstream.examples.directchat;

/// The register cannot be opened, or did not answer. The message is one plain sentence.
final class RegisterException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RegisterException(String message) {
        super(message);
    }

    RegisterException(String message, Throwable cause) {
        super(message, cause);
    }
}
