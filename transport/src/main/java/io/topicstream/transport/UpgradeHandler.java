package io.topicstream.transport;

/// What decides who may open a WebSocket.
@FunctionalInterface
public interface UpgradeHandler {
    /// Decides on an upgrade whose handshake is already known to be correct, now or later, from any thread.
    /// Called on the connection's event loop, so it must not block. Without a decision within the head
    /// deadline, or the one of [UpgradeDecision#within], the upgrade is refused with 503.
    void onUpgrade(RequestHead request, UpgradeDecision decision);
}
