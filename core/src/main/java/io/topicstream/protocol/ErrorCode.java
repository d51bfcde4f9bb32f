package io.topicstream.protocol;

import org.jspecify.annotations.Nullable;

/// Everything that can go wrong for a client: one small set for every front door, with its HTTP
/// status and, where the connection ends over it, its close code. This file is the only place that
/// maps them.
public enum ErrorCode {
    /// The frame, request or parameter is not what the protocol allows.
    BAD_FRAME("bad_frame", 400, 4000, false),
    /// The topic's name is none.
    BAD_TOPIC("bad_topic", 400, 4000, false),
    /// No credentials, or not valid ones.
    UNAUTHENTICATED("unauthenticated", 401, 4001, false),
    /// Known, and not allowed.
    FORBIDDEN("forbidden", 403, 4003, false),
    /// There is no such thing.
    NOT_FOUND("not_found", 404, 4004, false),
    /// Larger than the limit.
    TOO_LARGE("too_large", 413, 1009, false),
    /// Too often; wait and come again.
    RATE_LIMITED("rate_limited", 429, 1013, true),
    /// Too many of a thing (subscriptions).
    LIMIT_EXCEEDED("limit_exceeded", 409, 1008, false),
    /// The expected offset is not the next one.
    CONFLICT("conflict", 412, 1008, false),
    /// The same message id came with another payload.
    ID_CONFLICT("id_conflict", 409, 1008, false),
    /// No action of this name is known.
    UNKNOWN_ACTION("unknown_action", 400, 1008, false),
    /// Too much at once; nothing was stored; come again.
    OVERLOADED("overloaded", 503, 1013, true),
    /// The store cannot answer now; what was asked may or may not have been done.
    UNAVAILABLE("unavailable", 503, 1013, true),
    /// A fault of the server's own.
    INTERNAL("internal", 500, 1011, true);

    private final String wireName;
    private final int httpStatus;
    private final int closeCode;
    private final boolean retryable;

    ErrorCode(String wireName, int httpStatus, int closeCode, boolean retryable) {
        this.wireName = wireName;
        this.httpStatus = httpStatus;
        this.closeCode = closeCode;
        this.retryable = retryable;
    }

    /// The code of this name, or null if there is none.
    public static @Nullable ErrorCode ofWireName(String wireName) {
        for (ErrorCode code : values()) {
            if (code.wireName.equals(wireName)) {
                return code;
            }
        }
        return null;
    }

    /// The code as frames and the header `Topic-Error` carry it.
    public String wireName() {
        return wireName;
    }

    public int httpStatus() {
        return httpStatus;
    }

    /// The close code of a connection that ends over this error, or that is refused with it. Clients do not come
    /// straight back after 4000 to 4099.
    public int closeCode() {
        return closeCode;
    }

    /// Whether the same request may succeed later.
    public boolean retryable() {
        return retryable;
    }
}
