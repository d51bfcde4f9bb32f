package io.topicstream.transport.client;

import java.io.IOException;
import java.io.Serial;

/// An answer is larger than may be taken in, or all answers together are. Without a stack trace.
public final class LargeAnswerException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    LargeAnswerException(String what) {
        super(what, null);
    }
}
