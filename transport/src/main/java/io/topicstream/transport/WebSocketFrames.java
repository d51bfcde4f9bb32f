package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

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

    /// Whether `code` may stand in a close frame: the ones with a meaning for an endpoint, and 3000 to 4999.
    static boolean maySend(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }

    /// A close frame.
    ///
    /// @param code 0 for one that gives none
    /// @param reason cut off where it is too long for the frame
    static ByteBuf close(ByteBufAllocator memory, int code, String reason) {
        byte[] text = reason.getBytes(UTF_8);
        int length = Math.min(text.length, 123);
        while (length < text.length && length > 0 && (text[length] & 0xC0) == 0x80) {
            length--;
        }
        ByteBuf frame = memory.ioBuffer(4 + length);
        if (code == 0) {
            writeHeader(frame, CLOSE, 0);
        } else {
            writeHeader(frame, CLOSE, 2 + length);
            frame.writeShort(code).writeBytes(text, 0, length);
        }
        return frame;
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
