package io.topicstream.server.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.topicstream.topic.Encoded;
import io.topicstream.transport.OutboundFrames;
import io.topicstream.transport.Outlet;

/// One or more whole messages, framed, in direct memory, the same for every receiver. Used on its lane's
/// event loop only.
///
/// Up to [OutboundFrames#COPIED_BYTES] they may stand in a piece of memory among others, of which a
/// socket that cannot send at once therefore gets a copy; longer ones have a buffer of their own. When
/// it is released the object goes back to the encoder that made it, which uses it again.
public final class EncodedFrames extends Encoded {
    private final FrameEncoder encoder;
    private ByteBuf memory = Unpooled.EMPTY_BUFFER;
    private int from;
    private int length;

    EncodedFrames(FrameEncoder encoder) {
        this.encoder = encoder;
    }

    /// Holds these bytes from now on, with the caller's reference to the memory.
    EncodedFrames of(ByteBuf newMemory, int newFrom, int newLength) {
        memory = newMemory;
        from = newFrom;
        length = newLength;
        return this;
    }

    /// Sends them, as [OutboundFrames#write] does.
    public OutboundFrames.Outcome writeTo(Outlet outlet) {
        return OutboundFrames.write(outlet, memory, from, length);
    }

    /// Copies them behind what is in the buffer.
    public void appendTo(ByteBuf out) {
        out.writeBytes(memory.internalNioBuffer(from, length));
    }

    /// Releases this, and gives the caller a buffer with the frames and nothing else.
    public ByteBuf take() {
        ByteBuf own = memory;
        if (length > OutboundFrames.COPIED_BYTES) {
            own.retain();
        } else {
            own = encoder.buffer(length);
            appendTo(own);
        }
        release();
        return own;
    }

    @Override
    public int bytes() {
        return length;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // it is this one object that stands for none
    public void release() {
        ByteBuf released = memory;
        if (released == Unpooled.EMPTY_BUFFER) {
            // Taken back twice it would be handed out twice, and one topic's listeners get another's messages.
            throw new IllegalStateException("released already");
        }
        memory = Unpooled.EMPTY_BUFFER;
        length = 0;
        released.release();
        encoder.takeBack(this);
    }
}
