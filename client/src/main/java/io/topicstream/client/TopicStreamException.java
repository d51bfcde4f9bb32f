package io.topicstream.client;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/// Why something that the client was asked for did not happen. One of the three kinds below, so that a program
/// can tell "the server said no" from "the client is full" and from "the client has ended".
public abstract sealed class TopicStreamException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private TopicStreamException(String message) {
        super(message);
    }

    private TopicStreamException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /// The server's answer was an error.
    public static final class Refused extends TopicStreamException {
        @Serial
        private static final long serialVersionUID = 1L;

        private final String code;
        private final boolean retryable;
        private final long nextOffset;

        Refused(String code, String message, boolean retryable, long nextOffset) {
            super(code + ": " + message);
            this.code = code;
            this.retryable = retryable;
            this.nextOffset = nextOffset;
        }

        /// The error's code, as the protocol names it: `forbidden`, `conflict`, `too_large` …
        public String code() {
            return code;
        }

        /// Whether the same request may succeed later. A publish is safe to repeat with the same message id.
        public boolean isRetryable() {
            return retryable;
        }

        /// Of a `conflict`: the offset that the topic's next message gets; else -1.
        public long nextOffset() {
            return nextOffset;
        }
    }

    /// The requests that wait for an answer fill the client's buffer. Nothing was sent; wait for some of the
    /// answers.
    public static final class BufferFull extends TopicStreamException {
        @Serial
        private static final long serialVersionUID = 1L;

        BufferFull(long waitingBytes, long maxBytes) {
            super(waitingBytes + " bytes wait for the server's answer, at most " + maxBytes + " may");
        }
    }

    /// There is no connection, and what was asked for is of no use later.
    public static final class NotConnected extends TopicStreamException {
        @Serial
        private static final long serialVersionUID = 1L;

        NotConnected(String message) {
            super(message);
        }
    }

    /// The client has ended: it was closed, or the server wants it not to come back. Whether a publish that was
    /// under way is stored is not known; publishing it again with the same message id stores it once.
    public static final class Ended extends TopicStreamException {
        @Serial
        private static final long serialVersionUID = 1L;

        private final int code;

        Ended(int code, String message) {
            this(code, message, null);
        }

        Ended(int code, String message, @Nullable Throwable cause) {
            super(message, cause);
            this.code = code;
        }

        /// The WebSocket close code (4001 credentials ended, 4003 not allowed), the HTTP status with which the
        /// server refused the connection, 1000 when the application closed the client, or 1006 when the server
        /// could not be reached.
        public int code() {
            return code;
        }
    }
}
