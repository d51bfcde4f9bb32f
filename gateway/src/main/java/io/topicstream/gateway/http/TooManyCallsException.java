package io.topicstream.gateway.http;

import java.io.IOException;
import java.io.Serial;

/// So many calls to one target are under way that another one was not begun.
public final class TooManyCallsException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    public TooManyCallsException(String target, int calls) {
        super(calls + " calls to " + target + " are under way.", null);
    }
}
