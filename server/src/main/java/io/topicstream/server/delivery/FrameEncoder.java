package io.topicstream.server.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.Dialect;
import io.topicstream.protocol.JsonWriter;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import io.topicstream.server.transport.WebSocketFrames;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns frames and deliveries into WebSocket frames, through one dialect per format. Used on one event
/// loop only: the dialects and the text they write into are shared by all its connections.
public final class FrameEncoder {
    private static final int FIRST_BYTES = 256;

    private final ByteBufAllocator allocator;
    private final Dialect nativeDialect;
    private final Dialect topicsDialect;
    private final JsonWriter json = new JsonWriter();

    /// @param allocator of direct buffers
    public FrameEncoder(ByteBufAllocator allocator, Dialect nativeDialect, Dialect topicsDialect) {
        this.allocator = allocator;
        this.nativeDialect = nativeDialect;
        this.topicsDialect = topicsDialect;
    }

    /// The dialect of a format.
    public Dialect dialect(WireFormat format) {
        return switch (format) {
            case NATIVE, NATIVE_ARRAYS -> nativeDialect;
            case TOPICS -> topicsDialect;
        };
    }

    /// A buffer to append frames to. The caller owns it.
    public ByteBuf buffer() {
        return allocator.directBuffer(FIRST_BYTES);
    }

    /// Consecutive messages of a topic, as the format has them. The caller owns the buffer.
    ByteBuf delivery(WireFormat format, TopicName topic, List<Message> messages) {
        Frames frames = new Frames(allocator.directBuffer(roomFor(messages)));
        dialect(format).encodeDelivery(topic, messages, format == WireFormat.NATIVE_ARRAYS, frames);
        return frames.out;
    }

    private static int roomFor(List<Message> messages) {
        int bytes = 0;
        for (int i = 0; i < messages.size(); i++) {
            bytes += messages.get(i).sizeBytes() + FIRST_BYTES;
        }
        return bytes;
    }

    /// Appends a frame.
    ///
    /// @return false if the format has none for it
    public boolean append(WireFormat format, ServerFrame frame, String connectionId, ByteBuf out) {
        json.reset();
        if (!dialect(format).encode(frame, connectionId, json)) {
            return false;
        }
        WebSocketFrames.writeTextHeader(out, json.length());
        out.writeBytes(json.array(), 0, json.length());
        return true;
    }

    /// A frame that is the same for every connection, or null if the format has none for it. The caller
    /// owns the buffer.
    @Nullable
    ByteBuf frame(WireFormat format, ServerFrame frame) {
        ByteBuf out = buffer();
        if (append(format, frame, "", out)) {
            return out;
        }
        out.release();
        return null;
    }

    private final class Frames implements Dialect.DeliveryOutput {
        private final ByteBuf out;

        Frames(ByteBuf out) {
            this.out = out;
            json.reset();
        }

        @Override
        public JsonWriter json() {
            return json;
        }

        @Override
        public void endOfMessage() {
            WebSocketFrames.writeTextHeader(out, json.length());
            out.writeBytes(json.array(), 0, json.length());
            json.reset();
        }
    }
}
