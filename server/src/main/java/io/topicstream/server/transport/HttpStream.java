package io.topicstream.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/// An answer that is sent piece by piece, to be used on its connection's event loop only.
public final class HttpStream {
    private final HttpConnection connection;
    private final HttpExchange exchange;

    HttpStream(HttpConnection connection, HttpExchange exchange) {
        this.connection = connection;
        this.exchange = exchange;
    }

    /// The loop on which all this happens.
    public EventLoop eventLoop() {
        return connection.loop.eventLoop;
    }

    /// Queues a piece and takes over the reference to it; dropped when the stream is closed. An empty piece is
    /// nothing.
    public void write(ByteBuf piece) {
        connection.onPiece(exchange, piece);
    }

    /// Sends what was queued.
    public void flush() {
        connection.onStreamFlush(exchange);
    }

    /// Whether the stream is open and its connection's unsent bytes are below the watermark.
    public boolean isWritable() {
        return connection.isStreamWritable(exchange);
    }

    /// Ends the answer.
    public void end() {
        connection.onStreamEnd(exchange);
    }
}
