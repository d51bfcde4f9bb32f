package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;

/// An answer that is sent piece by piece, to be used on its connection's event loop only.
public final class HttpStream implements Outlet {
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

    @Override
    public Channel channel() {
        return answers.channel();
    }

    /// Queues a piece and takes over the reference to it; dropped when the stream is closed. An empty piece is
    /// nothing.
    @Override
    public void write(ByteBuf piece) {
        answers.onPiece(exchange, piece);
    }

    @Override
    public void write(ByteBuf piece, Runnable onSent) {
        answers.onPiece(exchange, piece, onSent);
    }

    /// Each piece is wrapped in a chunk.
    @Override
    public boolean isBare() {
        return false;
    }

    @Override
    public void flush() {
        answers.onStreamFlush(exchange);
    }

    @Override
    public long unsentBytes() {
        return answers.unsentBytes();
    }

    @Override
    public boolean isWritable() {
        return answers.isStreamWritable(exchange);
    }

    @Override
    public void abort() {
        var _ = answers.channel().close();
    }

    /// Ends the answer.
    public void end() {
        answers.onStreamEnd(exchange);
    }
}
