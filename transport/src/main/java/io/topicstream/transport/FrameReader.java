package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Takes the bytes of WebSocket clients apart into frames (RFC 6455, 5), and takes only what the RFC allows without an
/// extension. Every limit acts on the head of a frame, before its payload is there.
///
/// One for each loop, which has the memory to unmask into: [#find] looks at the next frame, the fields say what
/// it is, [#take] takes it out. They are good until the next call. What a connection keeps meanwhile is its
/// own: bytes of a frame that is not whole, and an [OpenMessage]. Used on its loop only.
final class FrameReader {
    enum Found {
        /// The frame is not whole yet.
        PART,
        WHOLE,
        /// It can be no frame, or is past a limit.
        BROKEN
    }

    private final LoopMemory memory;

    /// What the frame is.
    int opcode;
    /// Whether it ends its message.
    boolean last;

    int payloadBytes;
    private int headBytes;

    /// With which close code, and why, the connection ends for a frame that is broken.
    int closeCode;

    String reason = "";

    FrameReader(LoopMemory memory) {
        this.memory = memory;
    }

    /// Looks at the frame with which the bytes begin, and takes none of them.
    ///
    /// @param open the message whose fragments are coming, if there is one
    Found find(ByteBuf in, @Nullable OpenMessage open, WebSocketLimits limits) {
        int readable = in.readableBytes();
        if (readable < 2) {
            return Found.PART;
        }
        int start = in.readerIndex();
        int first = in.getByte(start);
        int second = in.getByte(start + 1);
        opcode = first & 0x0F;
        last = (first & 0x80) != 0;
        if ((first & 0x70) != 0) {
            return broken(1002, "reserved bit without an extension");
        }
        if ((second & 0x80) == 0) {
            return broken(1002, "frame is not masked");
        }
        boolean control = isControl();
        int shortLength = second & 0x7F;
        if (control) {
            if (opcode > WebSocketFrames.PONG) {
                return broken(1002, "unknown opcode");
            }
            if (!last || shortLength > 125) {
                return broken(1002, "control frame fragmented or too long");
            }
        } else if (opcode > WebSocketFrames.BINARY) {
            return broken(1002, "unknown opcode");
        } else if ((opcode == WebSocketFrames.CONTINUATION) == (open == null)) {
            return broken(1002, "fragment out of order");
        }
        int head = 6;
        long length = shortLength;
        if (shortLength == 126) {
            if (readable < 4) {
                return Found.PART;
            }
            head = 8;
            length = in.getUnsignedShort(start + 2);
            if (length < 126) {
                return broken(1002, "length is not minimal");
            }
        } else if (shortLength == 127) {
            if (readable < 10) {
                return Found.PART;
            }
            head = 14;
            length = in.getLong(start + 2);
            if (length < 0 || length <= 0xFFFF) {
                return broken(1002, "length is negative or not minimal");
            }
        }
        if (!control) {
            if (length > limits.frameBytes()) {
                return broken(1009, "frame is larger than " + limits.frameBytes() + " bytes");
            }
            if (length + (open == null ? 0 : open.bytes()) > limits.messageBytes()) {
                return broken(1009, "message is larger than " + limits.messageBytes() + " bytes");
            }
            if ((open == null ? 0 : open.fragments()) >= limits.fragments()) {
                return broken(1008, "more than " + limits.fragments() + " fragments");
            }
        }
        headBytes = head;
        payloadBytes = (int) length;
        return readable < head + payloadBytes ? Found.PART : Found.WHOLE;
    }

    private Found broken(int code, String why) {
        closeCode = code;
        reason = why;
        return Found.BROKEN;
    }

    /// Whether the frame is one of the connection and not part of a message.
    boolean isControl() {
        return opcode >= WebSocketFrames.CLOSE;
    }

    /// Takes the frame that was found whole out of the bytes.
    ///
    /// @return the loop's memory, which begins with the payload, unmasked
    byte[] take(ByteBuf in) {
        int payload = payloadBytes;
        int key = in.getIntLE(in.readerIndex() + headBytes - 4);
        byte[] bytes = memory.scratch(payload);
        // Not getBytes, which makes a second view of a direct buffer each time.
        in.skipBytes(headBytes).readBytes(bytes, 0, payload);
        Masking.apply(bytes, 0, payload, key);
        return bytes;
    }
}
