package io.topicstream.aws.audience;

import io.topicstream.dialect.Dialect;
import io.topicstream.dialect.Dialects;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import io.topicstream.session.SessionRecord;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The dialects of one run, made for it and dropped after it. Owned by the run's thread.
final class FreshDialects {
    private final Dialects dialects;

    /// @param maxPayloadBytes of a message
    FreshDialects(int maxPayloadBytes) {
        dialects = new Dialects(maxPayloadBytes, new SecureRandom(), InstantSource.system());
    }

    Dialect of(WireFormat format) {
        return dialects.of(format);
    }

    /// A frame as text, or null if the format has none for it.
    byte @Nullable [] frame(SessionRecord speaker, ServerFrame frame) {
        JsonWriter out = new JsonWriter();
        return of(speaker.format()).encode(frame, speaker, out) ? out.toByteArray() : null;
    }

    /// A signal as text, or null if the format has none for it.
    byte @Nullable [] signal(WireFormat format, ServerFrame.ToAudience signal) {
        JsonWriter out = new JsonWriter();
        return of(format).encodeSignal(signal, out) ? out.toByteArray() : null;
    }

    /// Consecutive messages of a topic, each WebSocket message for itself.
    List<byte[]> delivery(WireFormat format, TopicName topic, List<Message> messages) {
        List<byte[]> texts = new ArrayList<>();
        JsonWriter json = new JsonWriter();
        of(format).encodeDelivery(topic, messages, format.hasArrays(), new Dialect.DeliveryOutput() {
            @Override
            public JsonWriter json() {
                return json;
            }

            @Override
            public void endOfMessage() {
                texts.add(json.toByteArray());
                json.reset();
            }
        });
        return texts;
    }
}
