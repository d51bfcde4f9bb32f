package io.topicstream.transport;

import io.netty.buffer.ByteBuf;

/// Reads past what a peer still sends after it was told that its WebSocket ends, up to its close frame.
/// Payloads are thrown away unread, whatever their size; of a peer that broke the protocol frames still have
/// lengths. Belongs to its connection's loop.
final class LastFrames {
    private static final long MOST_BYTES = 64L << 20;

    private final byte[] head = new byte[10];
    private int headBytes;
    private long skip;
    private long left = MOST_BYTES;

    /// Reads all that is there.
    ///
    /// @return whether nothing more need be read: the close frame was there, or there was too much
    boolean isOver(ByteBuf in) {
        left -= in.readableBytes();
        while (in.isReadable() && left > 0) {
            if (skip > 0) {
                int bytes = (int) Math.min(skip, in.readableBytes());
                in.skipBytes(bytes);
                skip -= bytes;
            } else {
                head[headBytes++] = in.readByte();
                if (headBytes >= 2 && headBytes == headLength()) {
                    if ((head[0] & 0x0F) == WebSocketFrames.CLOSE) {
                        return true;
                    }
                    skip = ((head[1] & 0x80) == 0 ? 0 : 4) + payloadLength();
                    headBytes = 0;
                }
            }
        }
        return left <= 0;
    }

    /// Of the head, without the mask.
    private int headLength() {
        return switch (head[1] & 0x7F) {
            case 126 -> 4;
            case 127 -> 10;
            default -> 2;
        };
    }

    private long payloadLength() {
        int length = head[1] & 0x7F;
        if (length < 126) {
            return length;
        }
        long extended = 0;
        for (int i = 2; i < headBytes; i++) {
            extended = (extended << 8) | (head[i] & 0xFF);
        }
        return extended < 0 ? MOST_BYTES : Math.min(extended, MOST_BYTES);
    }
}
