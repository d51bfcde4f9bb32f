package io.topicstream.aws.events;

/// Something cannot be done now; another time it may.
final class NotNowException extends Exception {
    private static final long serialVersionUID = 1;

    NotNowException(String message) {
        super(message);
    }
}
