package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/// What one HTTP connection says: short answers are gathered in one buffer until it is flushed, so that a burst of
/// them is one entry in the channel's queue and one piece for the socket. Belongs to its loop.
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the connection, in exceptionCaught
final class HttpOutput {
    /// What is this short or shorter is gathered, in bytes.
    static final int SHORT_BYTES = 4 * 1024;

    private static final int GATHERED_BYTES = 16 * 1024;
    private static final int LEAST_BYTES = 512;
    private static final int MOST_HELD_BYTES = 64 * 1024;

    private final ChannelHandlerContext context;
    private @Nullable ByteBuf gathered;
    private boolean unflushed;
    /// What was given to the channel since the last flush, in bytes.
    private int heldBytes;

    HttpOutput(ChannelHandlerContext context) {
        this.context = context;
    }

    /// The buffer to which about `bytes` more may be appended at once; they are then queued. Stays this object's.
    ByteBuf room(int bytes) {
        unflushed = true;
        ByteBuf room = gathered;
        if (room != null && room.readableBytes() + bytes > GATHERED_BYTES) {
            push();
            room = null;
        }
        if (room == null) {
            room = context.alloc().ioBuffer(Math.max(LEAST_BYTES, bytes));
            gathered = room;
        }
        return room;
    }

    /// Queues bytes, and takes over the reference to them.
    void write(ByteBuf bytes) {
        if (bytes.readableBytes() <= SHORT_BYTES) {
            room(bytes.readableBytes()).writeBytes(bytes);
            bytes.release();
        } else {
            push();
            unflushed = true;
            give(bytes);
        }
    }

    /// The same, and runs `onSent` on the loop when the bytes have left for the kernel, or never will.
    void write(ByteBuf bytes, Runnable onSent) {
        push();
        unflushed = true;
        give(bytes, context.newPromise().addListener(done -> onSent.run()));
    }

    /// How many queued bytes have not left for the kernel.
    long unsentBytes() {
        ChannelOutboundBuffer queued = context.channel().unsafe().outboundBuffer();
        // What was given since the last flush is in the channel's queue, unless TLS holds it.
        return gatheredBytes() + Math.max(heldBytes, queued == null ? 0 : queued.totalPendingWriteBytes());
    }

    /// What is gathered and not given to the channel, in bytes.
    int gatheredBytes() {
        ByteBuf full = gathered;
        return full == null ? 0 : full.readableBytes();
    }

    /// Whether something was queued since the last flush.
    boolean isUnflushed() {
        return unflushed;
    }

    /// Sends what was queued.
    void flush() {
        if (unflushed) {
            unflushed = false;
            push();
            heldBytes = 0;
            context.flush();
        }
    }

    /// Gives what is gathered to the channel, and does not send it.
    void push() {
        ByteBuf full = gathered;
        if (full != null) {
            gathered = null;
            give(full);
        }
    }

    private void give(ByteBuf bytes) {
        give(bytes, context.voidPromise());
    }

    /// TLS holds what it is given until the next flush; the channel, and with it the watermarks, see nothing of it.
    private void give(ByteBuf bytes, ChannelPromise promise) {
        heldBytes += bytes.readableBytes();
        context.write(bytes, promise);
        if (heldBytes > MOST_HELD_BYTES) {
            heldBytes = 0;
            context.flush();
        }
    }

    /// Throws away what is gathered: the connection is gone.
    void drop() {
        unflushed = false;
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }
}
