package io.topicstream.server.delivery;

import io.netty.buffer.ByteBuf;
import io.topicstream.access.Speaker;
import io.topicstream.command.SignalCommand;
import io.topicstream.dialect.Dialect;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import io.topicstream.topic.Encoding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is said in one format and one framing on one event loop, made by the loop's [FrameEncoder].
final class FramedEncoding implements Encoding {
    final WireFormat format;
    final Framing framing;
    final Dialect dialect;
    private final FrameEncoder encoder;

    FramedEncoding(FrameEncoder encoder, Dialect dialect, WireFormat format, Framing framing) {
        this.encoder = encoder;
        this.format = format;
        this.framing = framing;
        this.dialect = dialect;
    }

    @Override
    public EncodedFrames delivery(TopicName topic, List<Message> messages) {
        return encoder.delivery(this, topic, messages);
    }

    @Override
    public @Nullable EncodedFrames signal(TopicName topic, byte[] signal) {
        ServerFrame.ToAudience frame = SignalCommand.frame(topic, signal);
        return frame == null ? null : encoder.signal(this, frame);
    }

    /// Appends a frame for one connection.
    ///
    /// @return false if the format has none for it
    boolean append(ServerFrame frame, Speaker speaker, ByteBuf out) {
        return encoder.append(this, frame, speaker, out);
    }

    /// A buffer to append frames to. The caller owns it.
    ByteBuf buffer() {
        return encoder.buffer();
    }
}
