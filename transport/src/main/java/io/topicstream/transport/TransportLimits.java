package io.topicstream.transport;

import java.time.Duration;

/// Every bound of the transport in one place; `docs/operations.md` has the same table for operators.
///
/// @param http bounds of an HTTP connection
/// @param webSocket bounds of a WebSocket connection whose stage names none of its own
/// @param connections open sockets of all ports together; further ones get 503
/// @param connectionsPerAddress open sockets from one remote address; further ones get 429
/// @param capLoopback whether `connectionsPerAddress` holds for loopback addresses too
/// @param highWatermarkBytes unsent bytes above which a connection counts as not writable, and is not read
/// @param lowWatermarkBytes unsent bytes below which it is writable again
/// @param incompleteBytes what all connections together keep of requests and messages that are not complete;
///     past it
///     they are not read on, and refused if that lasts
/// @param answerBytes HTTP answers of all connections together that are made or wait to be sent; past it pages
///     are
///     small, then refused
/// @param stall how long a socket may take no byte of what waits for it; after it a WebSocket is closed with 1001
/// @param sweep how often each connection's deadlines are looked at; every deadline is late by up to this
public record TransportLimits(
        HttpLimits http,
        WebSocketLimits webSocket,
        int connections,
        int connectionsPerAddress,
        boolean capLoopback,
        int highWatermarkBytes,
        int lowWatermarkBytes,
        long incompleteBytes,
        long answerBytes,
        Duration stall,
        Duration sweep) {
    /// What [#incompleteBytes] and [#answerBytes] are when nothing else is configured.
    public static final long BUDGET_BYTES = 64 << 20;

    public TransportLimits {
        requirePositive("connections", connections);
        requirePositive("connectionsPerAddress", connectionsPerAddress);
        requirePositive("lowWatermarkBytes", lowWatermarkBytes);
        requireDeadline("stall", stall);
        requireDeadline("sweep", sweep);
        if (incompleteBytes <= 0 || answerBytes <= 0) {
            throw new IllegalArgumentException("budgets must be positive");
        }
        if (highWatermarkBytes < lowWatermarkBytes) {
            throw new IllegalArgumentException("highWatermarkBytes is below lowWatermarkBytes");
        }
    }

    /// The limits a server starts with when nothing else is configured.
    public static TransportLimits defaults() {
        return new TransportLimits(
                HttpLimits.defaults(),
                WebSocketLimits.defaults(),
                100_000,
                4096,
                false,
                64 * 1024,
                16 * 1024,
                BUDGET_BYTES,
                BUDGET_BYTES,
                Duration.ofMinutes(5),
                Duration.ofSeconds(1));
    }

    static void requirePositive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive, not " + value);
        }
    }

    /// Deadlines are kept as 32-bit milliseconds, so they lie between a millisecond and a week.
    static void requireDeadline(String name, Duration value) {
        if (value.toMillis() < 1 || value.toDays() > 7) {
            throw new IllegalArgumentException(name + " must lie between 1 ms and 7 days, not " + value);
        }
    }
}
