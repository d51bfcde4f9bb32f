package io.topicstream.server.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.topicstream.access.Speaker;
import io.topicstream.dialect.Dialect;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import io.topicstream.transport.OutboundFrames;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Turns frames and deliveries into bytes for the wire, through one dialect per format and in the framing of those
/// who get them. Used on one event loop only: the dialects and the text they write into are shared by all its
/// connections.
///
/// Most runs are one small message, and the lane keeps very many of them for a while. So they stand one
/// behind the other in rooms of [#ROOM_BYTES], each with a reference to its room; since a lane releases
/// its runs in the order in which it made them, a room is soon free as a whole.
public final class FrameEncoder {
    private static final int FIRST_BYTES = 256;
    private static final int ROOM_BYTES = 64 * 1024;

    private final ByteBufAllocator allocator;
    private final Function<WireFormat, Dialect> dialects;
    /// One for each format and framing that somebody asked for.
    private final List<FramedEncoding> encodings = new ArrayList<>();

    private final JsonWriter json = new JsonWriter();
    private final Frames frames = new Frames();
    private final ArrayDeque<EncodedFrames> spare = new ArrayDeque<>();

    /// Where the next short run goes, with a reference of its own.
    private @Nullable ByteBuf room;

    /// @param allocator of direct buffers
    /// @param dialects asked for the dialect of a format when somebody wants it
    public FrameEncoder(ByteBufAllocator allocator, Function<WireFormat, Dialect> dialects) {
        this.allocator = allocator;
        this.dialects = dialects;
    }

    /// What encodes for all listeners with this format and framing; the same one whenever it is asked for.
    @SuppressWarnings("ReferenceEquality") // a framing is one object
    FramedEncoding encoding(WireFormat format, Framing framing) {
        for (int i = 0; i < encodings.size(); i++) {
            FramedEncoding known = encodings.get(i);
            if (known.format == format && known.framing == framing) {
                return known;
            }
        }
        FramedEncoding made = new FramedEncoding(this, dialects.apply(format), format, framing);
        encodings.add(made);
        return made;
    }

    /// A buffer to append frames to. The caller owns it.
    ByteBuf buffer() {
        return buffer(FIRST_BYTES);
    }

    ByteBuf buffer(int bytes) {
        return allocator.directBuffer(bytes);
    }

    /// Consecutive messages of a topic, in one encoding.
    EncodedFrames delivery(FramedEncoding encoding, TopicName topic, List<Message> messages) {
        int most = roomFor(topic, messages);
        if (most > OutboundFrames.COPIED_BYTES) {
            ByteBuf own = buffer(most);
            try {
                encode(encoding, topic, messages, own);
            } catch (RuntimeException e) {
                own.release();
                throw e;
            }
            return held(own, 0, own.readableBytes());
        }
        ByteBuf shared = roomOf(most);
        int from = shared.writerIndex();
        try {
            encode(encoding, topic, messages, shared);
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

    private void encode(FramedEncoding encoding, TopicName topic, List<Message> messages, ByteBuf out) {
        frames.begin(encoding.framing, out);
        encoding.dialect.encodeDelivery(topic, messages, encoding.format.hasArrays(), frames);
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

    /// Appends a frame for one connection.
    ///
    /// @return false if the format has none for it
    boolean append(FramedEncoding encoding, ServerFrame frame, Speaker speaker, ByteBuf out) {
        json.reset();
        if (!encoding.dialect.encode(frame, speaker, json)) {
            return false;
        }
        encoding.framing.append(json.array(), json.length(), out);
        return true;
    }

    /// A signal, the same for every connection, or null if the format has none for it.
    @Nullable
    EncodedFrames signal(FramedEncoding encoding, ServerFrame.ToAudience signal) {
        json.reset();
        if (!encoding.dialect.encodeSignal(signal, json)) {
            return null;
        }
        ByteBuf out = buffer();
        encoding.framing.append(json.array(), json.length(), out);
        return held(out, 0, out.readableBytes());
    }

    /// What a dialect writes deliveries into; one at a time.
    private final class Frames implements Dialect.DeliveryOutput {
        private Framing framing = WebSocketFraming.INSTANCE;
        private ByteBuf out = Unpooled.EMPTY_BUFFER;

        void begin(Framing newFraming, ByteBuf newOut) {
            framing = newFraming;
            out = newOut;
            json.reset();
        }

        @Override
        public JsonWriter json() {
            return json;
        }

        @Override
        public void endOfMessage() {
            framing.append(json.array(), json.length(), out);
            json.reset();
        }
    }
}
