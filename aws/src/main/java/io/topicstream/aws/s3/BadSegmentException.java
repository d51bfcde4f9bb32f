package io.topicstream.aws.s3;

/// Messages that should stand in the bucket cannot be had from it: their segment is missing, damaged, or a
/// newer version's work. It stops who asked, with a sentence; nothing is guessed, and no shorter answer is
/// given.
public final class BadSegmentException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadSegmentException(String message) {
        super(message);
    }

    BadSegmentException(String message, Throwable cause) {
        super(message, cause);
    }
}
