package io.topicstream.server.gateway;

import io.topicstream.gateway.GatewaySettings;
import io.topicstream.topic.OutboundBudget;
import io.topicstream.transport.WebSocketLimits;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/// What all gateway connections of a server share. Read by any thread.
///
/// @param settings what is allowed, and for how long
/// @param clock the time of day
/// @param monotonicMs milliseconds that only go forward, for how long something lasts
/// @param budget of what waits to be sent, over all connections
record SocketTerms(GatewaySettings settings, InstantSource clock, LongSupplier monotonicMs, OutboundBudget budget) {
    /// Longer than any connection lasts: API Gateway sends no pings.
    private static final Duration NO_PINGS = Duration.ofDays(6);

    /// The bounds of a socket.
    ///
    /// @param others those of the server's other WebSockets, for what API Gateway does not say
    WebSocketLimits limits(WebSocketLimits others) {
        return new WebSocketLimits(
                settings.limits().maxMessageBytes(),
                settings.limits().maxFrameBytes(),
                others.fragments(),
                others.frameDeadline(),
                NO_PINGS,
                NO_PINGS,
                others.closeHandshake(),
                others.controlFramesPerSecond());
    }
}
