package io.topicstream.server.delivery;

import io.netty.buffer.ByteBuf;
import io.topicstream.topic.Encoded;

/// One or more whole WebSocket frames in one direct buffer, the same for every receiver. Used on its
/// lane's event loop only.
public final class EncodedFrames implements Encoded {
    private final ByteBuf frames;

    EncodedFrames(ByteBuf frames) {
        this.frames = frames;
    }

    /// The bytes, from reader to writer index, which stay as they are.
    public ByteBuf frames() {
        return frames;
    }

    @Override
    public int bytes() {
        return frames.readableBytes();
    }

    @Override
    public void release() {
        frames.release();
    }
}
