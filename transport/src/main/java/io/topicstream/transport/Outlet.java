package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/// The way out to one peer, for bytes that are framed already: a WebSocket, or an answer that is sent piece by
/// piece. To be used on its event loop only.
public sealed interface Outlet permits WebSocketConnection, HttpStream {
    /// The socket, for its event loop, its allocator and its addresses. Write through the methods here.
    Channel channel();

    /// Queues framed bytes and takes over the reference to them. Nothing leaves before [#flush] or the end of the
    /// read burst. On an outlet that is closing the bytes are dropped.
    void write(ByteBuf framed);

    /// The same, and runs `onSent` on the event loop when the bytes have left for the kernel, or never will.
    void write(ByteBuf framed, Runnable onSent);

    /// Whether what is written here reaches the socket as it is, so that it may also be written to the socket's
    /// descriptor. Not so where it is encrypted or wrapped on the way.
    boolean isBare();

    /// Sends what was queued.
    void flush();

    /// How many queued bytes have not left for the kernel.
    long unsentBytes();

    /// Whether the outlet is open and its unsent bytes are below the watermark.
    boolean isWritable();

    /// Closes the socket without a word.
    void abort();
}
