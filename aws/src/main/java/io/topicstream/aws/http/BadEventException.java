package io.topicstream.aws.http;

/// What a function was called with is no event of an HTTP API: nobody is there to be answered.
public final class BadEventException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadEventException(String why) {
        super(why + "; this function takes events of an HTTP API in payload format 2.0");
    }
}
