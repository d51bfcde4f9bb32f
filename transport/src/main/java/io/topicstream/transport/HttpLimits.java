package io.topicstream.transport;

import java.time.Duration;

/// The bounds of one HTTP connection, each acting before the memory or the time is spent.
///
/// @param requestLineBytes longest request line, also of a chunk-size line; above it 414
/// @param headerBytes all header fields of a request together, also of trailers; above it 431
/// @param headerCount most header fields of a request; above it 431
/// @param bodyBytes largest body as it comes over the wire; above it 413
/// @param inflatedBodyBytes largest body after `Content-Encoding: gzip` is undone; above it 413
/// @param headDeadline from the opening of the connection, or the first byte of a later request, to the end of
///     the head
/// @param bodyGrace what a body may take in addition to the time its bytes need at `bodyBytesPerSecond`
/// @param bodyBytesPerSecond the slowest rate at which a body may arrive
/// @param keepAliveIdle how long a connection without a request is kept
/// @param pipelineDepth requests of one connection that are handled at the same time; later ones wait unread
/// @param gzipFromBytes smallest text answer that is compressed for who accepts it
public record HttpLimits(
        int requestLineBytes,
        int headerBytes,
        int headerCount,
        int bodyBytes,
        int inflatedBodyBytes,
        Duration headDeadline,
        Duration bodyGrace,
        int bodyBytesPerSecond,
        Duration keepAliveIdle,
        int pipelineDepth,
        int gzipFromBytes) {

    public HttpLimits {
        TransportLimits.requirePositive("requestLineBytes", requestLineBytes);
        TransportLimits.requirePositive("headerBytes", headerBytes);
        TransportLimits.requirePositive("headerCount", headerCount);
        TransportLimits.requirePositive("bodyBytes", bodyBytes);
        TransportLimits.requirePositive("inflatedBodyBytes", inflatedBodyBytes);
        TransportLimits.requireDeadline("headDeadline", headDeadline);
        TransportLimits.requireDeadline("bodyGrace", bodyGrace);
        TransportLimits.requirePositive("bodyBytesPerSecond", bodyBytesPerSecond);
        TransportLimits.requireDeadline("keepAliveIdle", keepAliveIdle);
        TransportLimits.requirePositive("pipelineDepth", pipelineDepth);
        TransportLimits.requirePositive("gzipFromBytes", gzipFromBytes);
    }

    /// The limits a server starts with when nothing else is configured.
    public static HttpLimits defaults() {
        return new HttpLimits(
                8 * 1024,
                32 * 1024,
                100,
                2 * 1024 * 1024,
                2 * 1024 * 1024,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                1024,
                Duration.ofSeconds(75),
                32,
                1024);
    }
}
