package io.topicstream.server.delivery;

import io.netty.buffer.ByteBuf;
import io.topicstream.access.Speaker;
import io.topicstream.dialect.Dialect;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import io.topicstream.topic.Encoded;
import io.topicstream.topic.Encoding;
import io.topicstream.topic.Listener;
import io.topicstream.topic.OutboundBudget;
import io.topicstream.transport.LoopFaults;
import io.topicstream.transport.OutboundFrames;
import io.topicstream.transport.Outlet;
import org.jspecify.annotations.Nullable;

/// A listener with a way out to its client: what a lane delivers goes there, and so do frames that only this client
/// gets. Owned by its event loop.
///
/// It may be in audiences before its outlet is open; it is then not writable, so what is published meanwhile is
/// caught up with as soon as it is.
///
/// @param <O> what it writes to
public abstract class OutletListener<O extends Outlet> extends Listener {
    /// So many bytes of its own frames are not kept for the end of the turn.
    private static final int PUSHED_BYTES = 32 * 1024;

    private static final byte FLUSH_IS_DUE = 1;
    private static final byte CLOSED = 2;

    private final EventLoopLane lane;
    private final FramedEncoding encoding;
    private @Nullable O outlet;
    /// Frames of this turn that only this client gets, joined: several are one write.
    private @Nullable ByteBuf own;
    /// [#FLUSH_IS_DUE] and [#CLOSED]: one byte, since there may be very many of these objects.
    private byte state;

    protected OutletListener(EventLoopLane lane, String connectionId, WireFormat format, Framing framing) {
        super(connectionId);
        this.lane = lane;
        this.encoding = lane.encoder().encoding(format, framing);
    }

    /// The lane that serves it.
    protected final EventLoopLane lane() {
        return lane;
    }

    /// The dialect of its format.
    protected final Dialect dialect() {
        return encoding.dialect;
    }

    /// What it writes to, or null before that is open and after it is closed.
    protected final @Nullable O outlet() {
        return outlet;
    }

    /// Bytes can be written from now on.
    protected final void open(O opened) {
        outlet = opened;
    }

    /// Nothing can be written any more.
    protected final void closed() {
        state |= CLOSED;
        outlet = null;
        dropOwn();
    }

    private boolean is(byte flag) {
        return (state & flag) != 0;
    }

    // ---- what only this client gets

    /// Says a frame at the end of the turn; on an outlet that is closed, nothing.
    ///
    /// @param speaker whom this listener stands for
    /// @return whether the format has a word for it
    protected final boolean say(ServerFrame frame, Speaker speaker) {
        if (is(CLOSED)) {
            return false;
        }
        ByteBuf out = own;
        if (out == null) {
            out = encoding.buffer();
            own = out;
        }
        boolean appended;
        try {
            appended = encoding.append(frame, speaker, out);
        } catch (RuntimeException | Error e) {
            onUnsaid(e);
            return false;
        }
        if (appended) {
            if (out.readableBytes() >= PUSHED_BYTES && outlet != null) {
                // So that a client that reads gets on, and one that does not is noticed before all is said.
                push();
                outlet.flush();
            } else {
                flushSoon();
            }
        } else if (!out.isReadable()) {
            out.release();
            own = null;
        }
        return appended;
    }

    /// Says a message that is in the client's words already, at the end of the turn; on an outlet that is closed,
    /// nothing.
    protected final void say(byte[] message) {
        if (is(CLOSED)) {
            return;
        }
        ByteBuf out = own;
        if (out == null) {
            out = encoding.buffer();
            own = out;
        }
        encoding.framing.append(message, message.length, out);
        if (out.readableBytes() >= PUSHED_BYTES) {
            push();
        }
        flushSoon();
    }

    /// There was no memory for a frame, or it could not be written. Without it the client would wait for ever, so
    /// the connection ends.
    private void onUnsaid(Throwable cause) {
        dropOwn();
        state |= CLOSED;
        O open = outlet;
        if (open != null) {
            open.abort();
        }
        LoopFaults.onFault("closing a connection: a frame could not be made", cause);
    }

    /// Something is given to the outlet. For one that has to know that it is in use.
    protected void onSending() {}

    /// How many bytes wait to be sent, or 0 where there is no outlet.
    protected final long unsentBytes() {
        O open = outlet;
        ByteBuf out = own;
        return (open == null ? 0 : open.unsentBytes()) + (out == null ? 0 : out.readableBytes());
    }

    /// Gives what was said to the outlet.
    protected final void push() {
        ByteBuf out = own;
        O open = outlet;
        if (out == null || open == null) {
            return;
        }
        own = null;
        onSending();
        int bytes = out.readableBytes();
        if (bytes <= OutboundBudget.SMALL_PAGE_BYTES && open.unsentBytes() == 0) {
            open.write(out);
        } else {
            OutboundBudget budget = lane.budget();
            budget.take(bytes);
            open.write(out, () -> budget.release(bytes));
        }
    }

    private void dropOwn() {
        ByteBuf unsent = own;
        own = null;
        if (unsent != null) {
            unsent.release();
        }
    }

    private void flushSoon() {
        if (!is(FLUSH_IS_DUE)) {
            state |= FLUSH_IS_DUE;
            lane.flushLater(this);
        }
    }

    /// Sends what was written in this turn.
    final void flush() {
        state &= ~FLUSH_IS_DUE;
        push();
        if (outlet != null) {
            outlet.flush();
        }
    }

    // ---- what all listeners get

    @Override
    protected final Encoding encoding() {
        return encoding;
    }

    @Override
    protected final boolean isWritable() {
        return outlet != null && outlet.isWritable();
    }

    @Override
    protected final boolean isDrained() {
        return outlet != null && outlet.unsentBytes() == 0;
    }

    @Override
    protected final boolean offer(Encoded run) {
        O open = outlet;
        if (open == null) {
            return false;
        }
        EncodedFrames frames = (EncodedFrames) run;
        ByteBuf out = own;
        if (out != null) {
            if (out.readableBytes() + frames.bytes() <= OutboundFrames.COPIED_BYTES && open.isWritable()) {
                // The publisher who hears itself: the answer and the message are one write.
                frames.appendTo(out);
                return true;
            }
            push();
        }
        onSending();
        return switch (frames.writeTo(open)) {
            case WRITTEN -> true;
            case QUEUED -> {
                flushSoon();
                yield true;
            }
            case NOT_WRITABLE -> false;
        };
    }

    @Override
    protected final void writePage(Encoded page, Runnable onSent) {
        O open = outlet;
        if (open == null) {
            page.release();
            onSent.run();
            return;
        }
        push();
        onSending();
        open.write(((EncodedFrames) page).take(), onSent);
        flushSoon();
    }
}
