package io.topicstream.server.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.topicstream.dialect.Dialect;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import io.topicstream.transport.OutboundFrames;
import io.topicstream.transport.WebSocketFrames;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Turns frames and deliveries into WebSocket frames, through one dialect per format. Used on one event
/// loop only: the dialects and the text they write into are shared by all its connections.
///
/// Most runs are one small message, and the lane keeps very many of them for a while. So they stand one
/// behind the other in rooms of [#ROOM_BYTES], each with a reference to its room; since a lane releases
/// its runs in the order in which it made them, a room is soon free as a whole.
public final class FrameEncoder {
    private static final int FIRST_BYTES = 256;
    private static final int ROOM_BYTES = 64 * 1024;

    private final ByteBufAllocator allocator;
    /// By the index of their format.
    private final Dialect[] dialects = new Dialect[WireFormat.COUNT];

    private final JsonWriter json = new JsonWriter();
    private final Frames frames = new Frames();
    private final ArrayDeque<EncodedFrames> spare = new ArrayDeque<>();

    /// Where the next short run goes, with a reference of its own.
    private @Nullable ByteBuf room;

    /// @param allocator of direct buffers
    /// @param dialects asked once for the dialect of each format
    public FrameEncoder(ByteBufAllocator allocator, Function<WireFormat, Dialect> dialects) {
        this.allocator = allocator;
        for (WireFormat format : WireFormat.values()) {
            this.dialects[format.index()] = dialects.apply(format);
        }
    }

    /// The dialect of a format.
    public Dialect dialect(WireFormat format) {
        return dialects[format.index()];
    }

    /// A buffer to append frames to. The caller owns it.
    public ByteBuf buffer() {
        return buffer(FIRST_BYTES);
    }

    ByteBuf buffer(int bytes) {
        return allocator.directBuffer(bytes);
    }

    /// Consecutive messages of a topic, as the format has them.
    EncodedFrames delivery(WireFormat format, TopicName topic, List<Message> messages) {
        int most = roomFor(topic, messages);
        if (most > OutboundFrames.COPIED_BYTES) {
            ByteBuf own = buffer(most);
            try {
                encode(format, topic, messages, own);
            } catch (RuntimeException e) {
                own.release();
                throw e;
            }
            return held(own, 0, own.readableBytes());
        }
        ByteBuf shared = roomOf(most);
        int from = shared.writerIndex();
        try {
            encode(format, topic, messages, shared);
        } catch (RuntimeException e) {
            shared.writerIndex(from);
            throw e;
        }
        int length = shared.writerIndex() - from;
        if (length > OutboundFrames.COPIED_BYTES) {
            // Escapes made it longer than what may share a room.
            ByteBuf own = buffer(length).writeBytes(shared, from, length);
            shared.writerIndex(from);
            return held(own, 0, length);
        }
        return held(shared.retain(), from, length);
    }

    private void encode(WireFormat format, TopicName topic, List<Message> messages, ByteBuf out) {
        frames.begin(out);
        dialect(format).encodeDelivery(topic, messages, format.hasArrays(), frames);
    }

    /// The room that is being filled, or if so much does not fit any more a new one.
    private ByteBuf roomOf(int bytes) {
        ByteBuf current = room;
        if (current == null || current.writableBytes() < bytes) {
            close();
            current = buffer(ROOM_BYTES);
            room = current;
        }
        return current;
    }

    private EncodedFrames held(ByteBuf memory, int from, int length) {
        EncodedFrames used = spare.pollLast();
        return (used == null ? new EncodedFrames(this) : used).of(memory, from, length);
    }

    /// Takes back what was released.
    void takeBack(EncodedFrames released) {
        spare.addLast(released);
    }

    /// Releases the room that is being filled.
    void close() {
        ByteBuf current = room;
        room = null;
        if (current != null) {
            current.release();
        }
    }

    /// About how many bytes the run takes: no fewer, but where much of its texts is escaped.
    private static int roomFor(TopicName topic, List<Message> messages) {
        int bytes = 0;
        for (int i = 0; i < messages.size(); i++) {
            bytes += messages.get(i).sizeBytes() + topic.value().length() + FIRST_BYTES;
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

    /// Appends a frame that is encoded already.
    public static void appendText(byte[] text, ByteBuf out) {
        WebSocketFrames.writeTextHeader(out, text.length);
        out.writeBytes(text);
    }

    /// A frame that is the same for every connection, or null if the format has none for it.
    @Nullable
    EncodedFrames frame(WireFormat format, ServerFrame frame) {
        ByteBuf out = buffer();
        if (append(format, frame, "", out)) {
            return held(out, 0, out.readableBytes());
        }
        out.release();
        return null;
    }

    /// What a dialect writes deliveries into; one at a time.
    private final class Frames implements Dialect.DeliveryOutput {
        private ByteBuf out = Unpooled.EMPTY_BUFFER;

        void begin(ByteBuf newOut) {
            out = newOut;
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
