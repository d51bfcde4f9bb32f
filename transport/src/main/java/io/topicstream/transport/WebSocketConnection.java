package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/// One open WebSocket, to be used on its event loop only.
public sealed interface WebSocketConnection permits WebSocketHandler {
    /// The socket, for its event loop, its allocator and its addresses. Write through the methods here.
    Channel channel();

    /// Queues frames that are already framed (see [WebSocketFrames]) and takes over the reference to them.
    /// Nothing leaves before [#flush] or the end of the read burst. On a connection that is closing the
    /// bytes are dropped.
    void write(ByteBuf framed);

    /// The same, and runs `onSent` on the event loop when the bytes have left for the kernel, or never will.
    void write(ByteBuf framed, Runnable onSent);

    /// Whether what is written here reaches the socket as it is, so that it may also be written to the socket's
    /// descriptor. Not so where it is encrypted on the way.
    boolean isBare();

    /// Sends what was queued.
    void flush();

    /// How many queued bytes have not left for the kernel.
    long unsentBytes();

    /// How long nothing has come from the peer, in milliseconds.
    long silentMs();

    /// Whether the connection is open and its unsent bytes are below the watermark.
    boolean isWritable();

    /// Stops reading. No message is handed over until [#resumeReading], though some may have arrived.
    void pauseReading();

    /// Reads again, first what had already arrived.
    void resumeReading();

    /// Begins the closing handshake: sends a close frame with `code` and `reason` (cut at 123 bytes), ignores
    /// what still arrives, tells the listener at once, and closes the socket when the peer answers or the
    /// time for it is over. Without effect when the connection is already closing.
    ///
    /// @throws IllegalArgumentException if `code` may not stand in a close frame (RFC 6455, 7.4)
    void close(int code, String reason);

    /// Closes the socket without a word.
    void abort();
}
