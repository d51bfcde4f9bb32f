package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/// An answer that is sent piece by piece, to be used on its connection's event loop only.
public final class HttpStream {
    private final AnswerQueue answers;
    private final HttpExchange exchange;

    HttpStream(AnswerQueue answers, HttpExchange exchange) {
        this.answers = answers;
        this.exchange = exchange;
    }

    /// The loop on which all this happens.
    public EventLoop eventLoop() {
        return answers.loop.eventLoop;
    }

    /// Queues a piece and takes over the reference to it; dropped when the stream is closed. An empty piece is
    /// nothing.
    public void write(ByteBuf piece) {
        answers.onPiece(exchange, piece);
    }

    /// Sends what was queued.
    public void flush() {
        answers.onStreamFlush(exchange);
    }

    /// Whether the stream is open and its connection's unsent bytes are below the watermark.
    public boolean isWritable() {
        return answers.isStreamWritable(exchange);
    }

    /// Ends the answer.
    public void end() {
        answers.onStreamEnd(exchange);
    }
}
