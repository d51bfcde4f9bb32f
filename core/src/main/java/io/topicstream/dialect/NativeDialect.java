package io.topicstream.dialect;

import io.topicstream.access.Speaker;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ServerFrame;
import java.util.List;
import java.util.function.Consumer;

/// The project's own dialect, spoken on `/v1`: objects with an `action` from clients, objects with a
/// `type` from the server, and arrays of them both ways.
///
/// Frames are read strictly where two readers could disagree (a member that stands twice, a number
/// that is not an exact integer) and generously elsewhere: members that are not known are ignored,
/// an optional member that is `null` counts as not given, a limit that is too high is the highest.
/// Payloads go through as they came ([io.topicstream.json.JsonObjectReader#payload]).
public final class NativeDialect implements Dialect {
    /// The version of the dialect, as `welcome` names it.
    public static final int PROTOCOL = 1;
    /// The largest payload by default, in bytes.
    public static final int DEFAULT_MAX_PAYLOAD_BYTES = 120 * 1024;
    /// The most frames in one array.
    public static final int MAX_FRAMES = 1000;
    /// The highest `limit`.
    public static final int MAX_LIMIT = 1000;
    /// The `limit` of a `read` that does not say.
    public static final int DEFAULT_READ_LIMIT = 50;
    /// The `limit` of a `topics` that does not say.
    public static final int DEFAULT_TOPICS_LIMIT = 100;

    private final NativeDecoder decoder;
    private final NativeEncoder encoder = new NativeEncoder();

    public NativeDialect() {
        this(DEFAULT_MAX_PAYLOAD_BYTES);
    }

    /// @param maxPayloadBytes the largest payload of a `publish`
    public NativeDialect(int maxPayloadBytes) {
        if (maxPayloadBytes < 1) {
            throw new IllegalArgumentException("a payload has at least one byte");
        }
        this.decoder = new NativeDecoder(maxPayloadBytes);
    }

    @Override
    public void decode(Speaker speaker, byte[] buffer, int from, int to, Consumer<ClientFrame> sink) {
        decoder.decode(buffer, from, to, sink);
    }

    @Override
    public boolean encode(ServerFrame frame, Speaker speaker, JsonWriter out) {
        return encoder.encode(frame, out);
    }

    @Override
    public boolean encodeSignal(ServerFrame.ToAudience signal, JsonWriter out) {
        return encoder.encode(signal, out);
    }

    @Override
    public void encodeDelivery(TopicName topic, List<Message> messages, boolean arrays, DeliveryOutput out) {
        encoder.encodeDelivery(topic, messages, arrays, out);
    }
}
