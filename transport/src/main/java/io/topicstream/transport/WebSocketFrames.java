package io.topicstream.transport;

import io.netty.buffer.ByteBuf;

/// How a server's WebSocket frames look on the wire: unmasked, never fragmented, no extension (RFC 6455, 5.2).
/// The frame of a message is the same for every receiver and may be shared.
public final class WebSocketFrames {
    /// The most bytes a header takes.
    public static final int MAX_HEADER_BYTES = 10;

    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private WebSocketFrames() {}

    /// The size of the header of a message of `payloadBytes`.
    public static int headerBytes(int payloadBytes) {
        return payloadBytes <= 125 ? 2 : payloadBytes <= 0xFFFF ? 4 : 10;
    }

    /// Writes the header of a text message of `payloadBytes`; the payload must follow.
    public static void writeTextHeader(ByteBuf out, int payloadBytes) {
        writeHeader(out, TEXT, payloadBytes);
    }

    /// Writes the header of a binary message of `payloadBytes`; the payload must follow.
    public static void writeBinaryHeader(ByteBuf out, int payloadBytes) {
        writeHeader(out, BINARY, payloadBytes);
    }

    static void writeHeader(ByteBuf out, int opcode, int payloadBytes) {
        if (payloadBytes <= 125) {
            out.writeShort((0x80 | opcode) << 8 | payloadBytes);
        } else if (payloadBytes <= 0xFFFF) {
            out.writeInt((0x80 | opcode) << 24 | 126 << 16 | payloadBytes);
        } else {
            out.writeShort((0x80 | opcode) << 8 | 127);
            out.writeLong(payloadBytes);
        }
    }
}
