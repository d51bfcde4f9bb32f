package io.topicstream.aws.audience;

/// What was asked for cannot be done just now, and can be a little later. A workflow names this class where it says
/// what it tries again, so its name is part of the contract.
public final class TryAgainException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TryAgainException(String message) {
        super(message);
    }

    public TryAgainException(String message, Throwable cause) {
        super(message, cause);
    }
}
