package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.ArrayDeque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The requests of one connection that are being handled, and what is sent for them: the answers leave in the
/// order of the requests, whatever the order in which they are given, whole or piece by piece. Belongs to the
/// connection's loop.
final class AnswerQueue {
    /// Less than this of a connection is not counted.
    private static final int UNCOUNTED_BYTES = 8 * 1024;

    private static final int UNCOUNTED_REQUEST_BYTES = 4 * 1024;
    /// While more than this is taken for answers that are being made, nothing more is handled: one page ahead.
    private static final int MOST_RESERVED_BYTES = 1 << 20;
    /// While the requests that are handled take more than this, nothing more is handled.
    private static final int MOST_REQUEST_BYTES = 1 << 20;

    final TransportLoop loop;
    final HttpOutput output;
    private final HttpConnection connection;
    private final ChannelHandlerContext context;
    private final ArrayDeque<HttpExchange> handled = new ArrayDeque<>(4);
    private int heldBytes;
    private int requestBytes;
    private int reservedBytes;
    private int countedBytes;
    /// How often the request that was handled last keeps back those behind it, and has not let them go on.
    private int holds;
    /// A piece is being written: its head is, and its end is not yet.
    private boolean inPiece;

    AnswerQueue(HttpConnection connection, ChannelHandlerContext context) {
        this.loop = connection.loop;
        this.connection = connection;
        this.context = context;
        this.output = new HttpOutput(context);
    }

    void add(HttpExchange exchange) {
        handled.add(exchange);
    }

    boolean isEmpty() {
        return handled.isEmpty();
    }

    /// Whether no other request is handled.
    boolean isAlone(@Nullable HttpExchange exchange) {
        return handled.size() == 1 && handled.peek() == exchange;
    }

    /// Whether one more request may be handled. While a page of the log is read for this connection, or while
    /// it keeps much and all connections together keep too much, nothing more is.
    ///
    /// @param own the requests in the queue that are not to be counted
    boolean hasRoom(int own) {
        return holds == 0
                && handled.size() - own < loop.limits.http().pipelineDepth()
                && heldBytes < loop.limits.highWatermarkBytes()
                && reservedBytes <= MOST_RESERVED_BYTES
                && requestBytes <= MOST_REQUEST_BYTES
                && (countedBytes == 0 || !loop.unsentAnswers.isFull())
                && context.channel().isWritable();
    }

    void onHold() {
        holds++;
    }

    void onRelease() {
        holds--;
        if (holds == 0 && !connection.isOver()) {
            connection.pump();
        }
    }

    // ---- budgets ----

    /// What the requests take that are handled, where it is much.
    int requestBytes() {
        return requestBytes;
    }

    /// A request has come whole: it takes this much until it is answered.
    void onComplete(HttpExchange exchange, int bytes) {
        if (bytes >= UNCOUNTED_REQUEST_BYTES) {
            exchange.requestBytes = bytes;
            requestBytes += bytes;
        }
    }

    int reserve(HttpExchange exchange, int bytes, int least) {
        int room = loop.unsentAnswers.hasRoom(bytes) ? bytes : loop.unsentAnswers.hasSmallRoom(least) ? least : 0;
        if (!isMoot(exchange)) {
            exchange.reservedBytes = room;
            reservedBytes += room;
            account();
        }
        return room;
    }

    private void giveBack(HttpExchange exchange) {
        reservedBytes -= exchange.reservedBytes;
        exchange.reservedBytes = 0;
    }

    /// Counts what this connection keeps of answers against the budget of all connections.
    void account() {
        if (connection.isGone()) {
            return;
        }
        ChannelOutboundBuffer unsent = context.channel().unsafe().outboundBuffer();
        long bytes = (long) reservedBytes
                + heldBytes
                + output.gatheredBytes()
                + (unsent == null ? 0 : unsent.totalPendingWriteBytes());
        int counted = bytes < UNCOUNTED_BYTES ? 0 : (int) Math.min(Integer.MAX_VALUE, bytes);
        if (counted != countedBytes) {
            loop.unsentAnswers.add(counted - countedBytes);
            countedBytes = counted;
        }
    }

    /// The connection is HTTP's no more: nothing of it is counted here.
    void forget() {
        loop.unsentAnswers.add(-countedBytes);
        countedBytes = 0;
    }

    void onTakeBody(HttpExchange exchange, int mostBytes) {
        connection.onTakeBody(exchange, mostBytes);
    }

    /// Takes out the last request: it is refused before it is complete.
    void withdraw(HttpExchange exchange) {
        exchange.done = true;
        giveBack(exchange);
        handled.removeLastOccurrence(exchange);
    }

    /// Queues the answers whose turn it is.
    void sendReady() {
        HttpExchange first = handled.peek();
        while (first != null && !connection.isOver()) {
            ByteBuf answer = first.answer;
            if (answer == null) {
                return;
            }
            first.answer = null;
            heldBytes -= answer.readableBytes();
            first.bytes += answer.readableBytes();
            output.write(answer);
            HttpStreamListener listener = first.stream;
            if (listener != null) {
                first.streaming = true;
                HttpStream stream = new HttpStream(this, first);
                guarded(() -> listener.onOpen(stream));
                return;
            }
            finish(first, !first.keepAlive);
            first = handled.peek();
        }
    }

    private void finish(HttpExchange exchange, boolean isLast) {
        exchange.done = true;
        handled.remove();
        requestBytes -= exchange.requestBytes;
        connection.observe(exchange);
        connection.onAnswered(isLast);
    }

    /// The peer went away, or the connection ends: nobody waits for the rest.
    void abandon() {
        for (HttpExchange exchange = handled.poll(); exchange != null; exchange = handled.poll()) {
            guarded(exchange::onPeerGone);
            exchange.status = 0;
            connection.observe(exchange);
        }
        heldBytes = 0;
        requestBytes = 0;
        reservedBytes = 0;
    }

    private static void guarded(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException e) {
            LoopFaults.onFault("a callback of an HTTP exchange failed", e);
        }
    }

    // ---- whole answers ----

    /// Whether nobody waits for the answer any more.
    private boolean isMoot(HttpExchange exchange) {
        return exchange.done || connection.isOver();
    }

    /// Whether the answer of about `bytes` can be written among what is sent next, without a buffer of its own.
    private boolean isNext(HttpExchange exchange, int bytes) {
        return bytes <= HttpOutput.SHORT_BYTES && handled.peek() == exchange;
    }

    void onAnswer(
            HttpExchange exchange,
            int status,
            @Nullable String contentType,
            Map<String, String> headers,
            byte[] content) {
        if (isMoot(exchange)) {
            return;
        }
        connection.onAnswering(exchange);
        int bytes = HttpAnswers.HEAD_BYTES + content.length;
        boolean isNext = isNext(exchange, bytes);
        ByteBuf answer = isNext ? output.room(bytes) : context.alloc().ioBuffer(bytes);
        int before = answer.writerIndex();
        loop.answers.write(answer, exchange, status, contentType, headers, content);
        exchange.status = status;
        exchange.bytes = isNext ? answer.writerIndex() - before : 0;
        onWritten(exchange, isNext ? null : answer);
    }

    void onJsonAnswer(HttpExchange exchange, int status, byte[] fields, int fieldsLength, byte[] json, int jsonLength) {
        if (isMoot(exchange)) {
            return;
        }
        connection.onAnswering(exchange);
        int bytes = HttpAnswers.HEAD_BYTES + fieldsLength + jsonLength;
        boolean isNext = isNext(exchange, bytes);
        ByteBuf answer = isNext ? output.room(bytes) : context.alloc().ioBuffer(bytes);
        int before = answer.writerIndex();
        loop.answers.writeJson(answer, exchange, status, fields, fieldsLength, json, jsonLength);
        exchange.status = status;
        exchange.bytes = isNext ? answer.writerIndex() - before : 0;
        onWritten(exchange, isNext ? null : answer);
    }

    /// @param answer held until it is its turn, or null if that is now
    private void onWritten(HttpExchange exchange, @Nullable ByteBuf answer) {
        giveBack(exchange);
        if (answer == null) {
            finish(exchange, !exchange.keepAlive);
        } else {
            exchange.answer = answer;
            heldBytes += answer.readableBytes();
        }
        connection.pump();
    }

    // ---- answers in pieces ----

    void onStreamAnswer(
            HttpExchange exchange,
            int status,
            String contentType,
            Map<String, String> headers,
            HttpStreamListener listener) {
        if (isMoot(exchange)) {
            listener.onClosed();
            return;
        }
        connection.onAnswering(exchange);
        ByteBuf start = context.alloc().ioBuffer(HttpAnswers.HEAD_BYTES);
        loop.answers.writeStreamHead(start, exchange, status, contentType, headers);
        exchange.stream = listener;
        exchange.status = status;
        onWritten(exchange, start);
    }

    Channel channel() {
        return context.channel();
    }

    long unsentBytes() {
        return output.unsentBytes();
    }

    void onPiece(HttpExchange exchange, ByteBuf piece) {
        if (isDropped(exchange, piece)) {
            piece.release();
            return;
        }
        beginPiece(exchange, piece);
        output.write(piece);
        endPiece(exchange);
    }

    /// @param onSent run on the loop when the piece has left, or never will
    void onPiece(HttpExchange exchange, ByteBuf piece, Runnable onSent) {
        if (isDropped(exchange, piece)) {
            piece.release();
            onSent.run();
            return;
        }
        beginPiece(exchange, piece);
        output.write(piece, onSent);
        endPiece(exchange);
    }

    private static boolean isDropped(HttpExchange exchange, ByteBuf piece) {
        return !exchange.streaming || !piece.isReadable() || exchange.withoutBody;
    }

    private void beginPiece(HttpExchange exchange, ByteBuf piece) {
        inPiece = true;
        exchange.bytes += piece.readableBytes();
        if (!exchange.http10) {
            output.room(12).writeCharSequence(Integer.toHexString(piece.readableBytes()) + "\r\n", US_ASCII);
        }
    }

    private void endPiece(HttpExchange exchange) {
        if (!exchange.http10) {
            output.room(2).writeShort('\r' << 8 | '\n');
        }
        inPiece = false;
    }

    void onStreamFlush(HttpExchange exchange) {
        if (exchange.streaming) {
            output.flush();
        }
    }

    boolean isStreamWritable(HttpExchange exchange) {
        return exchange.streaming && context.channel().isWritable();
    }

    void onStreamEnd(HttpExchange exchange) {
        if (!exchange.streaming) {
            return;
        }
        exchange.streaming = false;
        HttpStreamListener listener = exchange.stream;
        exchange.stream = null;
        if (!exchange.http10 && !exchange.withoutBody) {
            output.room(5).writeCharSequence("0\r\n\r\n", US_ASCII);
        }
        if (listener != null) {
            guarded(listener::onClosed);
        }
        finish(exchange, exchange.http10 || !exchange.keepAlive || loop.isDraining());
        connection.pump();
    }

    /// The producer of the answer that is being sent in pieces, if there is one.
    private @Nullable HttpStreamListener streaming() {
        HttpExchange first = handled.peek();
        return first != null && first.streaming ? first.stream : null;
    }

    void onWritable() {
        HttpStreamListener listener = streaming();
        if (listener == null) {
            return;
        }
        if (inPiece) {
            // Writing it sent some of it at once. What the listener writes now would stand in the middle of it.
            loop.eventLoop.execute(this::onWritable);
        } else {
            guarded(listener::onWritable);
        }
    }

    void onTick() {
        HttpStreamListener listener = streaming();
        if (listener != null) {
            guarded(() -> listener.onTick(loop.clock.nowNs()));
        }
    }

    void onDraining(int withinMs) {
        HttpStreamListener listener = streaming();
        if (listener != null) {
            guarded(() -> listener.onDraining(withinMs));
        }
    }
}
