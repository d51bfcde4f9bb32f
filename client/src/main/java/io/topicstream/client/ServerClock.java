package io.topicstream.client;

/// What time it is on the server, as it said when it greeted the client. Owned by the client's loop.
final class ServerClock {
    /// More than a message is under way.
    private static final long UNDER_WAY_MS = 1000;

    /// The server's clock less ours.
    private long aheadMs;
    private boolean known;

    /// @param serverTime in epoch milliseconds, or negative where it did not say so
    void onWelcome(long serverTime, long nowMs) {
        known = serverTime >= 0;
        aheadMs = serverTime - nowMs;
    }

    /// Whether a time, in epoch milliseconds, is surely still to come.
    boolean isToCome(long time, long nowMs) {
        return known && time > nowMs + aheadMs + UNDER_WAY_MS;
    }
}
