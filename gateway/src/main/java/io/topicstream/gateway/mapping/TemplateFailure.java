package io.topicstream.gateway.mapping;

import java.io.Serial;

/// A template could not be rendered for a message: it asked for too much, or for what is not there to be had.
final class TemplateFailure extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    TemplateFailure(String why) {
        // Clients may choose how often this happens; the place is not in the trace anyway.
        super(why, null, false, false);
    }
}
