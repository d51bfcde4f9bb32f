package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The whole pipeline of a WebSocket connection: frames in, messages to the listener, frames out (RFC 6455).
///
/// A frame that arrived whole is unmasked straight into the loop's scratch memory and handed over; nothing is
/// allocated for it. Only what is incomplete is kept, in a buffer that grows as bytes arrive, and every limit
/// acts on the header, before the payload is there.
///
/// Reading stops while the socket is not writable, so that answers to a peer who does not read them (pongs above
/// all) never pile up; and while the listener asked for it.
///
/// There are three states. *Open*; *closing*: this side sent its close frame, ignores all but the peer's, and
/// waits for it in a bounded time; *failed*: the peer broke the protocol or a limit, was told so, and what it
/// still sends is thrown away, up to its close frame and within bounds. Only then does the output end: proxies
/// take that for the end of both ways, and a reset while the peer still sends would take the close frame with
/// it.
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the connection, in exceptionCaught
final class WebSocketHandler extends Connection implements WebSocketConnection {
    private static final byte OPEN = 0;
    private static final byte CLOSING = 1;
    private static final byte FAILED = 2;
    private static final byte CLOSED = 3;

    /// How long a peer that broke the protocol may take to notice.
    private static final int LINGER_MS = 2000;

    private static final ByteBuf EMPTY_PING = Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(2, 2).writeShort(0x8900))
            .asReadOnly();

    private final WebSocketListener listener;
    private final WebSocketLimits limits;
    private @Nullable ChannelHandlerContext context;

    /// What arrived and could not be used yet.
    private @Nullable ByteBuf partial;

    /// Reads on after this side failed the connection, until the peer's end is there.
    private @Nullable LastFrames lastFrames;

    /// The message whose fragments are coming.
    private @Nullable OpenMessage message;

    private byte state = OPEN;
    private boolean heldByListener;
    private boolean parsing;
    private boolean unflushed;
    /// Whether nothing stands between this handler and the socket. Until it is known, something may.
    private boolean bare;
    /// Whether what the listener writes is being flushed already.
    private boolean inWrite;

    private boolean timing;
    private boolean awaitingPong;
    private short controlFrames;

    /// While it is open, since when a message is coming; afterwards, when the socket is closed at the latest. One
    /// field, since there may be very many connections.
    private int messageSinceOrEndMs;
    private int controlSinceMs;
    private int pingDueMs;
    private int heardMs;
    /// What was written since the last flush and the channel has not seen, as TLS holds it, in bytes.
    private int bytesInTls;

    WebSocketHandler(TransportLoop loop, WebSocketListener listener, WebSocketLimits limits) {
        super(loop);
        this.listener = listener;
        this.limits = limits;
    }

    // ---- life ----

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        heardMs = loop.clock.nowMs();
        // Connections that come together shall not be pinged together.
        int interval = (int) limits.pingInterval().toMillis();
        pingDueMs =
                loop.clock.nowMs() + interval - Math.floorMod(ctx.channel().id().hashCode(), interval / 2 + 1);
    }

    /// Tells the listener. The 101 is written, nothing is read yet.
    void open() {
        try {
            listener.onOpen(this);
        } catch (RuntimeException e) {
            onListenerFailure(e);
        }
    }

    /// The HTTP handlers are gone and what the client had sent ahead is read.
    void onUpgraded() {
        bare = context().pipeline().first() == this;
        flush();
        if (state != CLOSED) {
            applyReading();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        loop.connections.remove(this, ctx.channel());
        ByteBuf kept = partial;
        if (kept != null && state == OPEN && !parsing) {
            // What was said before the end is said, though its turn has not come or it was held back.
            hurry();
            parse(kept);
        }
        end(1006, "");
        state = CLOSED;
        freeInput();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A reset by the peer or a failed write: nobody is left to be told.
        if (!isOfThePeer(cause)) {
            LoopFaults.onFault("closing a WebSocket connection after an error", cause);
        }
        ctx.close();
    }

    /// Tells the listener of the end, once.
    private void end(int code, String reason) {
        if (state == OPEN) {
            state = CLOSING;
            try {
                listener.onClosed(code, reason);
            } catch (RuntimeException e) {
                LoopFaults.onFault("a WebSocket listener failed in onClosed", e);
            }
        }
    }

    private void freeInput() {
        message = null;
        timing = false;
        if (partial != null && !parsing) {
            partial.release();
            partial = null;
        }
        hold(0);
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("not yet open");
        }
        return ctx;
    }

    // ---- in ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        awaitingPong = false;
        heardMs = loop.clock.nowMs();
        int bytes = in.readableBytes();
        ByteBuf kept = partial;
        if (state == FAILED || state == CLOSED) {
            readLast(in);
            in.release();
            handled(bytes);
            applyReading();
            return;
        }
        try {
            if (kept == null) {
                parse(in);
                if (in.isReadable() && wantsInput()) {
                    partial = Unpooled.buffer(Math.max(64, in.readableBytes())).writeBytes(in);
                } else {
                    readLast(in);
                }
            } else {
                kept.writeBytes(in);
                parseKept(kept);
            }
        } finally {
            in.release();
        }
        handled(bytes);
        noteWaiting();
    }

    private void parseKept(ByteBuf kept) {
        parse(kept);
        if (kept.isReadable() && wantsInput()) {
            if (kept.readerIndex() > 0) {
                kept.discardReadBytes();
            }
        } else {
            partial = null;
            readLast(kept);
            kept.release();
        }
    }

    /// Reads past what comes after the end, and ends the output when the peer has ended too.
    private void readLast(ByteBuf in) {
        LastFrames last = lastFrames;
        if (last != null && last.isOver(in)) {
            endOutput();
        }
    }

    /// Everything is said on both sides: the output ends, and the peer has a moment to notice.
    private void endOutput() {
        lastFrames = null;
        messageSinceOrEndMs = loop.clock.nowMs() + LINGER_MS;
        ChannelHandlerContext ctx = context();
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
            if (done.isSuccess()) {
                endOutput(ctx.channel());
            } else {
                ctx.close();
            }
        });
    }

    private boolean wantsInput() {
        return state == OPEN || state == CLOSING;
    }

    private void noteWaiting() {
        boolean waiting = (partial != null || message != null) && state == OPEN;
        if (waiting && !timing) {
            messageSinceOrEndMs = loop.clock.nowMs();
        }
        timing = waiting;
        ByteBuf kept = partial;
        OpenMessage begun = message;
        hold((kept == null ? 0 : kept.capacity()) + (begun == null ? 0 : begun.keptBytes()));
        if (starving || isResting()) {
            applyReading();
        }
    }

    @Override
    void onFed() {
        if (state == OPEN) {
            applyReading();
            wakeParser();
        }
    }

    @Override
    void onStarved() {
        if (state == OPEN) {
            fail(1013, "too many messages are not complete");
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        rested();
        onReadComplete();
    }

    private void onReadComplete() {
        listenerReadComplete();
        if (unflushed) {
            flush();
        }
    }

    private void listenerReadComplete() {
        if (state == OPEN) {
            try {
                listener.onReadComplete();
            } catch (RuntimeException e) {
                onListenerFailure(e);
            }
        }
    }

    /// Uses up whole frames as long as reading is wanted.
    private void parse(ByteBuf in) {
        parsing = true;
        try {
            while (wantsInput() && !(state == OPEN && isHeld()) && frame(in)) {}
        } catch (RuntimeException e) {
            onListenerFailure(e);
        } finally {
            parsing = false;
        }
    }

    private boolean isHeld() {
        return !hurries()
                && (heldByListener
                        || starving
                        || isResting()
                        || !context().channel().isWritable());
    }

    /// Uses up one frame; false if it is not whole yet, or wrong, or its turn has not come.
    private boolean frame(ByteBuf in) {
        FrameReader frames = loop.frames;
        switch (frames.find(in, message, limits)) {
            case PART -> {
                return false;
            }
            case BROKEN -> {
                fail(frames.closeCode, frames.reason);
                return false;
            }
            case WHOLE -> {}
        }
        int length = frames.payloadBytes;
        if (state == OPEN && !mayHandle(length)) {
            return false;
        }
        int opcode = frames.opcode;
        boolean last = frames.last;
        boolean control = frames.isControl();
        byte[] bytes = frames.take(in);
        if (control) {
            onControl(opcode, bytes, length);
        } else {
            timing = false;
            onData(opcode, last, bytes, length);
        }
        return true;
    }

    private void onData(int opcode, boolean last, byte[] bytes, int length) {
        OpenMessage begun = message;
        if (state != OPEN) {
            // Nobody wants it; but fragments must still be in order.
            message = last ? null : begun == null ? new OpenMessage(false) : begun;
        } else if (begun != null) {
            onFragment(begun, last, bytes, length);
        } else if (!last) {
            begun = new OpenMessage(opcode == WebSocketFrames.TEXT);
            message = begun;
            messageSinceOrEndMs = loop.clock.nowMs();
            onFragment(begun, false, bytes, length);
        } else if (opcode == WebSocketFrames.BINARY) {
            listener.onBinary(bytes, 0, length);
        } else if (Utf8.isValid(bytes, 0, length)) {
            listener.onText(bytes, 0, length);
        } else {
            fail(1007, "text is not UTF-8");
        }
    }

    private void onFragment(OpenMessage begun, boolean last, byte[] bytes, int length) {
        timing = true;
        if (!begun.add(bytes, length, last, limits.messageBytes())) {
            fail(1007, "text is not UTF-8");
        } else if (last) {
            message = null;
            timing = false;
            if (begun.isText()) {
                listener.onText(begun.content(), 0, begun.bytes());
            } else {
                listener.onBinary(begun.content(), 0, begun.bytes());
            }
        }
    }

    private void onControl(int opcode, byte[] bytes, int length) {
        if (opcode == WebSocketFrames.CLOSE) {
            onCloseFrame(bytes, length);
            return;
        }
        if (state != OPEN) {
            return;
        }
        int nowMs = loop.clock.exactMs();
        if (controlFrames == 0 || nowMs - controlSinceMs >= 1000) {
            controlSinceMs = nowMs;
            controlFrames = 0;
        }
        if (++controlFrames > limits.controlFramesPerSecond()) {
            fail(1008, "too many control frames");
            return;
        }
        if (opcode == WebSocketFrames.PING) {
            ByteBuf pong = context().alloc().ioBuffer(2 + length);
            WebSocketFrames.writeHeader(pong, WebSocketFrames.PONG, length);
            write(pong.writeBytes(bytes, 0, length));
        }
    }

    private void onCloseFrame(byte[] bytes, int length) {
        ChannelHandlerContext ctx = context();
        if (state == CLOSING) {
            state = CLOSED;
            ctx.close();
            return;
        }
        int code = 1005;
        String reason = "";
        if (length > 0) {
            code = length == 1 ? 0 : (bytes[0] & 0xFF) << 8 | (bytes[1] & 0xFF);
            if (!WebSocketFrames.maySend(code)) {
                fail(1002, "close code is not allowed");
                endOutput();
                return;
            }
            if (!Utf8.isValid(bytes, 2, length)) {
                fail(1007, "close reason is not UTF-8");
                endOutput();
                return;
            }
        }
        if (length > 2) {
            reason = new String(bytes, 2, length - 2, StandardCharsets.UTF_8);
        }
        // What came before the close in the same read is answered before the close is.
        listenerReadComplete();
        ByteBuf answer = WebSocketFrames.close(ctx.alloc(), length == 0 ? 0 : code, reason);
        end(code, reason);
        state = CLOSED;
        freeInput();
        unflushed = false;
        // A socket that takes nothing any more is closed by the ticker.
        messageSinceOrEndMs = loop.clock.nowMs() + (int) limits.closeHandshake().toMillis();
        ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }

    /// Ends the connection because of what the peer did: says why, then waits briefly for it to go.
    private void fail(int code, String reason) {
        ChannelHandlerContext ctx = context();
        boolean isTold = state != OPEN;
        ByteBuf frame = isTold ? Unpooled.EMPTY_BUFFER : WebSocketFrames.close(ctx.alloc(), code, reason);
        end(code, reason);
        state = FAILED;
        starving = false;
        freeInput();
        unflushed = false;
        lastFrames = new LastFrames();
        if (!isTold) {
            messageSinceOrEndMs =
                    loop.clock.nowMs() + (int) limits.closeHandshake().toMillis();
        }
        applyReading();
        ctx.writeAndFlush(frame, ctx.voidPromise());
    }

    private void onListenerFailure(RuntimeException e) {
        LoopFaults.onFault("closing a WebSocket connection: its listener failed", e);
        fail(1011, "internal error");
    }

    // ---- out ----

    @Override
    public Channel channel() {
        return context().channel();
    }

    @Override
    public void write(ByteBuf framed) {
        if (state != OPEN) {
            framed.release();
            return;
        }
        unflushed = true;
        int bytes = framed.readableBytes();
        ChannelHandlerContext ctx = context();
        ctx.write(framed, ctx.voidPromise());
        countHeld(bytes);
    }

    @Override
    public void write(ByteBuf framed, Runnable onSent) {
        if (state != OPEN) {
            framed.release();
            onSent.run();
            return;
        }
        unflushed = true;
        int bytes = framed.readableBytes();
        context().write(framed).addListener(done -> onSent.run());
        countHeld(bytes);
    }

    /// Lets TLS have what it holds as soon as that is much, so that the watermarks see it.
    private void countHeld(int bytes) {
        if (!bare) {
            bytesInTls += bytes;
            if (bytesInTls > loop.limits.highWatermarkBytes()) {
                inWrite = true;
                flush();
                inWrite = false;
            }
        }
    }

    @Override
    public boolean isBare() {
        return bare;
    }

    @Override
    public long unsentBytes() {
        ChannelOutboundBuffer queued = context().channel().unsafe().outboundBuffer();
        return queued == null ? 0 : queued.totalPendingWriteBytes() + bytesInTls;
    }

    @Override
    public void flush() {
        unflushed = false;
        bytesInTls = 0;
        context().flush();
    }

    @Override
    public boolean isWritable() {
        return state == OPEN && context().channel().isWritable();
    }

    @Override
    public void pauseReading() {
        heldByListener = true;
        applyReading();
    }

    @Override
    public void resumeReading() {
        heldByListener = false;
        applyReading();
        wakeParser();
    }

    /// What was held back arrived earlier than what is on the socket, and no read may come to push it on. It goes on
    /// in a turn: those who were held back for one reason are often let go all at once.
    private void wakeParser() {
        if (partial != null && !parsing && state == OPEN) {
            rest();
            applyReading();
        }
    }

    private void onResumed() {
        ByteBuf kept = partial;
        if (kept == null || parsing || state != OPEN || isHeld()) {
            return;
        }
        timing = false;
        parseKept(kept);
        noteWaiting();
        onReadComplete();
    }

    @Override
    void onTurn() {
        onResumed();
        applyReading();
    }

    private void applyReading() {
        Channel channel = context().channel();
        boolean wanted = state == OPEN ? !isHeld() : !isResting();
        if (channel.config().isAutoRead() != wanted) {
            channel.config().setAutoRead(wanted);
            awaitingPong = false;
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        boolean writable = ctx.channel().isWritable();
        if (state != OPEN) {
            return;
        }
        applyReading();
        if (inWrite && writable) {
            // The listener is writing just now: it is told when it has ended.
            loop.eventLoop.execute(() -> {
                if (state == OPEN && isWritable()) {
                    tellWritability(true);
                }
            });
        } else {
            tellWritability(writable);
        }
    }

    private void tellWritability(boolean writable) {
        try {
            listener.onWritabilityChanged(writable);
        } catch (RuntimeException e) {
            onListenerFailure(e);
        }
        if (writable) {
            wakeParser();
        }
    }

    @Override
    public void close(int code, String reason) {
        if (!WebSocketFrames.maySend(code)) {
            throw new IllegalArgumentException("close code " + code + " may not be sent");
        }
        if (state != OPEN) {
            return;
        }
        ChannelHandlerContext ctx = context();
        ByteBuf frame = WebSocketFrames.close(ctx.alloc(), code, reason);
        end(code, reason);
        // Half a frame stays, or what follows it could not be told from a new one.
        if (message != null) {
            message.drop();
        }
        timing = false;
        unflushed = false;
        messageSinceOrEndMs = loop.clock.nowMs() + (int) limits.closeHandshake().toMillis();
        applyReading();
        ctx.writeAndFlush(frame, ctx.voidPromise());
    }

    @Override
    public long silentMs() {
        return Math.max(0, loop.clock.nowMs() - heardMs);
    }

    @Override
    public void abort() {
        context().close();
    }

    // ---- time ----

    @Override
    void onTick(int nowMs) {
        ChannelHandlerContext ctx = context();
        if (state != OPEN) {
            if (nowMs - messageSinceOrEndMs >= 0) {
                if (lastFrames == null) {
                    ctx.close();
                } else {
                    endOutput();
                }
            }
            return;
        }
        if (timing
                && !isHeld()
                && nowMs - messageSinceOrEndMs >= limits.frameDeadline().toMillis()) {
            fail(1008, "message took too long");
            return;
        }
        int stalledMs = stalledMs(ctx.channel(), nowMs);
        if (stalledMs < 0) {
            ping(ctx, nowMs);
        } else {
            awaitingPong = false;
            if (stalledMs >= loop.limits.stall().toMillis()) {
                close(1001, "no byte taken for too long");
            }
        }
        if (state == OPEN) {
            try {
                listener.onTick(loop.clock.nowNs());
            } catch (RuntimeException e) {
                onListenerFailure(e);
            }
        }
    }

    private void ping(ChannelHandlerContext ctx, int nowMs) {
        if (awaitingPong) {
            // The answer's time began when the ping was sent, an interval before the next is due.
            int sentMs = pingDueMs - (int) limits.pingInterval().toMillis();
            if (nowMs - sentMs >= limits.pingAnswer().toMillis()) {
                close(1001, "ping was not answered");
            }
        } else if (nowMs - pingDueMs >= 0) {
            pingDueMs = nowMs + (int) limits.pingInterval().toMillis();
            awaitingPong = ctx.channel().config().isAutoRead();
            unflushed = false;
            bytesInTls = 0;
            ctx.writeAndFlush(EMPTY_PING.duplicate(), ctx.voidPromise());
        }
    }

    @Override
    void onDraining(int withinMs) {
        if (state == OPEN) {
            try {
                listener.onDraining(withinMs);
            } catch (RuntimeException e) {
                onListenerFailure(e);
            }
            if (unflushed) {
                flush();
            }
        }
    }

    @Override
    boolean onStop(int closeCode) {
        if (state != OPEN) {
            return false;
        }
        try {
            listener.onStop(this, closeCode);
        } catch (RuntimeException e) {
            onListenerFailure(e);
        }
        return true;
    }

    @Override
    void onAbort() {
        abort();
    }
}
