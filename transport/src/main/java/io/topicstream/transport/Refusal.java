package io.topicstream.transport;

import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request that the transport itself answers, always with an error and always as the last answer of its
/// connection. Status 0 drops the connection without a word: what came is not HTTP. Thrown from wherever the fault is
/// found, without a stack trace: it is an answer, not a failure.
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final int status;
    final String code;
    final transient Map<String, String> headers;

    /// Whose request it is, if its head was read to its end but is not fit to be handed on; the target is unknown.
    transient @Nullable RequestHead head;

    /// Because there are too many connections, whatever was asked.
    private boolean isOverLimit;

    Refusal(int status, String text) {
        this(status, text, Map.of());
    }

    Refusal(int status, String text, Map<String, String> headers) {
        this(status, code(status), text, headers);
    }

    Refusal(int status, String code, String text, Map<String, String> headers) {
        super(text, null, false, false);
        this.status = status;
        this.code = code;
        this.headers = headers;
    }

    /// There is no room now; there may be in a moment.
    static Refusal overloaded(String text) {
        return new Refusal(503, "overloaded", text, Map.of("Retry-After", "1"));
    }

    /// There are too many connections, of all or of one address.
    ///
    /// @param status 503 or 429
    static Refusal overLimit(int status) {
        Refusal refused = status == 429
                ? new Refusal(429, ConnectionCounts.TOO_MANY, Map.of("Retry-After", "1"))
                : overloaded(ConnectionCounts.TOO_MANY);
        refused.isOverLimit = true;
        return refused;
    }

    /// The fields of the answer.
    Map<String, String> fields(Endpoint endpoint) {
        Map<String, String> fields = new LinkedHashMap<>(headers);
        fields.put("X-Content-Type-Options", "nosniff");
        RequestHead refused = head;
        if (refused != null) {
            fields.putAll(endpoint.refusalFields().apply(refused));
        }
        return fields;
    }

    /// Tells who watches that this was answered.
    void tell(AnswerObserver observer, SocketAddress remote, int bytes) {
        RequestHead refused = head;
        if (isOverLimit) {
            observer.onConnectionRefused(remote, status);
        } else if (refused != null && RequestGuard.wantsWebSocket(refused)) {
            observer.onUpgradeRefused(refused, status, 0, code, text(), bytes, 0);
        } else {
            observer.onRefused(refused, remote, status, code, text(), bytes);
        }
    }

    String text() {
        String text = getMessage();
        return text == null ? "" : text;
    }

    /// The project's error code that goes with an HTTP status.
    private static String code(int status) {
        return switch (status) {
            case 401 -> "unauthenticated";
            case 403, 421 -> "forbidden";
            case 404 -> "not_found";
            case 413, 414, 431 -> "too_large";
            case 429 -> "rate_limited";
            case 500 -> "internal";
            case 405, 501 -> "unknown_action";
            case 503 -> "unavailable";
            default -> "bad_frame";
        };
    }
}
