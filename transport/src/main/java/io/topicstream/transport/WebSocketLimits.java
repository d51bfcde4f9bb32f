package io.topicstream.transport;

import java.time.Duration;

/// The bounds of one WebSocket connection. A stage may have its own, for instance smaller frames.
///
/// @param messageBytes largest message, whole or in fragments; above it close 1009, from the header alone
/// @param frameBytes largest frame; above it close 1009, from the header alone
/// @param fragments most frames of one message, empty ones counted; above it close 1008
/// @param frameDeadline from the first byte of a message to its last; after it close 1008
/// @param pingInterval how often the server pings
/// @param pingAnswer how long a ping may go unanswered while the socket takes bytes and is being read; any
///     byte is an answer
/// @param closeHandshake how long the peer has to answer a close before the socket is closed all the same
/// @param controlFramesPerSecond pings and pongs that a peer may send in a second; above it close 1008
public record WebSocketLimits(
        int messageBytes,
        int frameBytes,
        int fragments,
        Duration frameDeadline,
        Duration pingInterval,
        Duration pingAnswer,
        Duration closeHandshake,
        int controlFramesPerSecond) {

    public WebSocketLimits {
        TransportLimits.requirePositive("messageBytes", messageBytes);
        TransportLimits.requirePositive("frameBytes", frameBytes);
        TransportLimits.requirePositive("fragments", fragments);
        TransportLimits.requireDeadline("frameDeadline", frameDeadline);
        TransportLimits.requireDeadline("pingInterval", pingInterval);
        TransportLimits.requireDeadline("pingAnswer", pingAnswer);
        TransportLimits.requireDeadline("closeHandshake", closeHandshake);
        TransportLimits.requirePositive("controlFramesPerSecond", controlFramesPerSecond);
    }

    /// The same with other sizes.
    public WebSocketLimits withSizes(int largestMessageBytes, int largestFrameBytes) {
        return new WebSocketLimits(
                largestMessageBytes,
                largestFrameBytes,
                fragments,
                frameDeadline,
                pingInterval,
                pingAnswer,
                closeHandshake,
                controlFramesPerSecond);
    }

    /// The limits a server starts with when nothing else is configured.
    public static WebSocketLimits defaults() {
        return new WebSocketLimits(
                128 * 1024,
                128 * 1024,
                1024,
                Duration.ofSeconds(15),
                Duration.ofSeconds(25),
                Duration.ofSeconds(25),
                Duration.ofSeconds(10),
                100);
    }
}
