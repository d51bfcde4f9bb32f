package io.topicstream.dialect;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.Speaker;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.MessageJson;
import io.topicstream.protocol.ServerFrame;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// The dialect of the stage `/live`: subscribe, publish and bare deliveries, nothing else.
///
/// Clients of this dialect take every frame that they receive for a delivered message, so the
/// server says nothing but deliveries and, where a frame could not be served, the error frame of the
/// gateway that they were written for. Subscriptions belong to the user and outlive the connection.
///
/// A `publish` without a `message` publishes `null`, which is what a reader that fills in what is
/// missing makes of it. The names `topic` and `message` match in any case, `action` does not: the
/// gateway routes by it, before anything reads the rest.
public final class TopicsDialect implements Dialect {
    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member ACTION = MEMBERS.add("action");
    private static final JsonObjectReader.Member TOPIC = MEMBERS.add("topic", JsonObjectReader.Trait.ANY_CASE);
    private static final JsonObjectReader.Member MESSAGE =
            MEMBERS.add("message", JsonObjectReader.Trait.PAYLOAD, JsonObjectReader.Trait.ANY_CASE);

    private static final byte[] PUBLISH = ascii("publish");
    private static final byte[] SUBSCRIBE = ascii("subscribe");
    private static final byte[] UNSUBSCRIBE = ascii("unsubscribe");
    private static final byte[] NULL = ascii("null");

    private static final byte[] DELIVERY = ascii("{\"topic\":");
    private static final byte[] DELIVERED_MESSAGE = ascii(",\"message\":");

    private static final byte[] NOTHING = {};

    private final int maxPayloadBytes;
    private final GatewayError gatewayError;
    private final JsonObjectReader reader = MEMBERS.build();
    private final TopicNameCache topicNames = new TopicNameCache();
    private final JsonWriter deliveryHead = new JsonWriter();
    private byte[] buffer = NOTHING;

    /// @param random gives every error frame an id of its own
    public TopicsDialect(RandomGenerator random) {
        this(NativeDialect.DEFAULT_MAX_PAYLOAD_BYTES, random);
    }

    /// @param maxPayloadBytes the largest payload of a `publish`
    /// @param random gives every error frame an id of its own
    public TopicsDialect(int maxPayloadBytes, RandomGenerator random) {
        if (maxPayloadBytes < NULL.length) {
            throw new IllegalArgumentException("a payload has at least " + NULL.length + " bytes");
        }
        this.maxPayloadBytes = maxPayloadBytes;
        this.gatewayError = new GatewayError(random);
    }

    @Override
    public void decode(Speaker speaker, byte[] newBuffer, int from, int to, Consumer<ClientFrame> sink) {
        buffer = newBuffer;
        try {
            ClientFrame frame;
            if (reader.read(newBuffer, from, to)) {
                frame = frame();
            } else {
                String problem = reader.problem();
                frame = malformed(ErrorCode.BAD_FRAME, problem == null ? "not a frame" : problem);
            }
            sink.accept(frame);
        } finally {
            reader.release();
            buffer = NOTHING;
        }
    }

    private ClientFrame frame() {
        boolean publish = reader.isText(ACTION, PUBLISH);
        boolean subscribe = reader.isText(ACTION, SUBSCRIBE);
        if (!publish && !subscribe && !reader.isText(ACTION, UNSUBSCRIBE)) {
            String action = reader.string(ACTION);
            if (action == null) {
                action = "";
            }
            return new ClientFrame.Unknown(null, NativeDecoder.kept(action));
        }
        if (!reader.has(TOPIC) || reader.kind(TOPIC) != JsonObjectReader.Kind.STRING) {
            return malformed(ErrorCode.BAD_FRAME, "the frame wants a member \"topic\", a string");
        }
        TopicName topic = topicNames.find(reader, TOPIC, buffer);
        if (topic == null) {
            return malformed(ErrorCode.BAD_TOPIC, TopicName.RULE);
        }
        if (publish) {
            return publish(topic);
        }
        return subscribe
                ? new ClientFrame.Subscribe(null, topic, null, true)
                : new ClientFrame.Unsubscribe(null, topic, true);
    }

    private ClientFrame publish(TopicName topic) {
        if (reader.length(MESSAGE) > maxPayloadBytes) {
            return malformed(
                    ErrorCode.TOO_LARGE,
                    "the message has " + reader.length(MESSAGE) + " bytes, at most " + maxPayloadBytes + " are taken");
        }
        byte[] payload = reader.has(MESSAGE) ? reader.payload(MESSAGE) : NULL.clone();
        return new ClientFrame.Publish(null, topic, new Draft(payload, null, null), Append.ANY_OFFSET, true);
    }

    private static ClientFrame malformed(ErrorCode code, String reason) {
        return new ClientFrame.Malformed(null, code, reason);
    }

    @Override
    public boolean encode(ServerFrame frame, Speaker speaker, JsonWriter out) {
        return switch (frame) {
            case ServerFrame.Error error -> {
                if (error.code() == ErrorCode.UNKNOWN_ACTION) {
                    yield false;
                }
                gatewayError.write(speaker, out);
                yield true;
            }
            case ServerFrame.Reply _, ServerFrame.Event _ -> false;
        };
    }

    @Override
    public boolean encodeSignal(ServerFrame.ToAudience signal, JsonWriter out) {
        return false;
    }

    /// Writes each message as a WebSocket message of its own: this dialect has no arrays.
    @Override
    public void encodeDelivery(TopicName topic, List<Message> messages, boolean arrays, DeliveryOutput out) {
        deliveryHead.reset();
        deliveryHead.raw(DELIVERY).string(topic.value()).raw(DELIVERED_MESSAGE);
        for (int i = 0; i < messages.size(); i++) {
            JsonWriter json = out.json();
            json.raw(deliveryHead.array(), 0, deliveryHead.length());
            json.raw(messages.get(i).json());
            MessageJson.redacted(messages.get(i), json);
            json.raw('}');
            out.endOfMessage();
        }
    }
}
