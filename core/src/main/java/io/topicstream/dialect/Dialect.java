package io.topicstream.dialect;

import io.topicstream.access.Speaker;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ServerFrame;
import java.util.List;
import java.util.function.Consumer;

/// One wire format for frames: a codec between its JSON text and the sealed frames. It holds no
/// state of a connection, so that one per event loop serves all.
///
/// Not thread-safe: an instance keeps scratch space and a cache of names. Front doors make one per
/// thread.
public interface Dialect {
    /// Reads one WebSocket message: one frame, or where the dialect allows it an array of them.
    /// Each is told to the sink in order; what cannot be read becomes a [ClientFrame.Malformed], so
    /// that each frame of an array is answered for itself. Never throws for what a client sent.
    ///
    /// @param speaker whose message it is
    /// @param buffer valid UTF-8 from `from` to `to`; only read during the call, payloads are copied
    void decode(Speaker speaker, byte[] buffer, int from, int to, Consumer<ClientFrame> sink);

    /// Writes one frame for one connection.
    ///
    /// @param speaker to whom it goes
    /// @return false where this dialect says nothing for it (and nothing was written)
    boolean encode(ServerFrame frame, Speaker speaker, JsonWriter out);

    /// Writes what is said to an audience and not kept, once for all who listen.
    ///
    /// @return false where this dialect says nothing for it (and nothing was written)
    boolean encodeSignal(ServerFrame.ToAudience signal, JsonWriter out);

    /// Writes consecutive messages of one topic as the dialect's deliveries, each a WebSocket message
    /// of its own or, with `arrays`, several together.
    ///
    /// @param messages at least one
    /// @param arrays whether the client can take several frames as one array; a single message goes
    ///     bare, and no array is longer than [#MAX_ARRAY_BYTES]
    /// @param out told the end of every WebSocket message
    void encodeDelivery(TopicName topic, List<Message> messages, boolean arrays, DeliveryOutput out);

    /// The longest array of deliveries, in bytes: what API Gateway bills as one message.
    int MAX_ARRAY_BYTES = 32 * 1024;

    /// Where deliveries are written to.
    interface DeliveryOutput {
        /// What the next WebSocket message is written into.
        JsonWriter json();

        /// The bytes written since the last call are one WebSocket message.
        void endOfMessage();
    }
}
