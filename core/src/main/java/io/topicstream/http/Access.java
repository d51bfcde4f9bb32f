package io.topicstream.http;

/// Who may call a route.
public enum Access {
    /// Everybody, without a look at who it is.
    OPEN,
    /// Callers that the authenticators know; who shows nothing is anonymous, if they allow it.
    CALLER,
    /// Who runs the server, and who may see its figures. No web page may.
    OPERATOR,
    /// Who has the administrator's token. No web page may.
    ADMIN;

    /// Whether a page of another origin may call at all.
    boolean isCrossOrigin() {
        return this == OPEN || this == CALLER;
    }
}
