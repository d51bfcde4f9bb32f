package io.topicstream.gateway.http;

import java.io.IOException;
import java.io.Serial;

/// The body of an answer is larger than may be taken in, or the bodies of all answers are.
public final class AnswerTooLargeException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    public AnswerTooLargeException(String what) {
        super(what, null);
    }
}
