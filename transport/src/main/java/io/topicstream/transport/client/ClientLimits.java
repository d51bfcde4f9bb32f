package io.topicstream.transport.client;

import java.time.Duration;

/// What calls of servers may cost.
///
/// @param headBytes how large the head of an answer may be, with the interim answers before it
/// @param bodyBytes how large its body may be
/// @param keptConnections how many connections a loop keeps for further calls
/// @param idle how long each is kept without one
/// @param age how old a connection may become, so that a server that has moved is followed
public record ClientLimits(int headBytes, int bodyBytes, int keptConnections, Duration idle, Duration age) {
    /// 64 KiB for a head, 30 s without a call, five minutes in all.
    public ClientLimits(int bodyBytes, int keptConnections) {
        this(64 * 1024, bodyBytes, keptConnections, Duration.ofSeconds(30), Duration.ofMinutes(5));
    }

    public ClientLimits {
        if (headBytes < 1 || bodyBytes < 0 || keptConnections < 0 || idle.isNegative() || age.isNegative()) {
            throw new IllegalArgumentException("A limit of calls is too small.");
        }
    }
}
