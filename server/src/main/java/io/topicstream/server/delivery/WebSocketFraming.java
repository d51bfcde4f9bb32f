package io.topicstream.server.delivery;

import io.netty.buffer.ByteBuf;
import io.topicstream.transport.WebSocketFrames;

/// Every message is a text frame.
public final class WebSocketFraming implements Framing {
    public static final Framing INSTANCE = new WebSocketFraming();

    private WebSocketFraming() {}

    @Override
    public void append(byte[] message, int length, ByteBuf out) {
        WebSocketFrames.writeTextHeader(out, length);
        out.writeBytes(message, 0, length);
    }
}
