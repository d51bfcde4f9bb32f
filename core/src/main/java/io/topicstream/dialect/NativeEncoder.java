package io.topicstream.dialect;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonWriter;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.MessageJson;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ReplySize;
import io.topicstream.protocol.ServerFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the server says on the native dialect, written: one method a frame, and the deliveries; the answers to
/// queries stand in [NativeQueries]. Not thread-safe.
final class NativeEncoder {
    private static final byte[] TYPE_WELCOME = ascii("{\"type\":\"welcome\",\"connection_id\":");
    private static final byte[] TYPE_SUBSCRIPTIONS = ascii("{\"type\":\"subscriptions\",\"subscriptions\":[");
    private static final byte[] TYPE_REPLY = ascii("{\"type\":\"reply\"");
    private static final byte[] TYPE_PONG = ascii("{\"type\":\"pong\"");
    private static final byte[] TYPE_ERROR = ascii("{\"type\":\"error\"");
    private static final byte[] TYPE_SIGNAL = ascii("{\"type\":\"signal\",\"topic\":");
    private static final byte[] TYPE_PRESENCE = ascii("{\"type\":\"presence\",\"topic\":");
    private static final byte[] TYPE_RECEIPT = ascii("{\"type\":\"receipt\",\"topic\":");
    private static final byte[] TYPE_REDACTED = ascii("{\"type\":\"redacted\",\"topic\":");
    private static final byte[] TYPE_TRUNCATED = ascii("{\"type\":\"truncated\",\"topic\":");
    private static final byte[] TYPE_RESET = ascii("{\"type\":\"reset\",\"topic\":");
    private static final byte[] TYPE_ROOM_DELETED = ascii("{\"type\":\"room_deleted\",\"topic\":");
    private static final byte[] TYPE_DRAINING = ascii("{\"type\":\"draining\",\"reconnect_in_ms\":");
    private static final byte[] TYPE_MESSAGE = ascii("{\"type\":\"message\",\"topic\":");

    private static final byte[] M_USER = ascii(",\"user\":");
    private static final byte[] M_NAME = ascii(",\"name\":");
    private static final byte[] M_PROTOCOL = ascii(",\"protocol\":" + NativeDialect.PROTOCOL + ",\"server_time\":");
    private static final byte[] M_PING_MS = ascii(",\"ping_ms\":");
    private static final byte[] M_DURABILITY = ascii(",\"durability\":");
    private static final byte[] M_EXPIRES_AT = ascii(",\"expires_at\":");
    private static final byte[] M_SUBSCRIPTIONS = ascii(",\"subscriptions\":[");
    private static final byte[] M_MORE = ascii(",\"more\":true");
    private static final byte[] M_ID = ascii(",\"id\":");
    private static final byte[] M_TOPIC = ascii(",\"topic\":");
    private static final byte[] M_EPOCH = ascii(",\"epoch\":");
    private static final byte[] M_OFFSET = ascii(",\"offset\":");
    private static final byte[] M_OFFSETS = ascii(",\"offsets\":[");
    private static final byte[] M_FIRST_OFFSET = ascii(",\"first_offset\":");
    private static final byte[] M_NEXT_OFFSET = ascii(",\"next_offset\":");
    private static final byte[] M_COMMON_OFFSET = ascii(",\"common_offset\":");
    private static final byte[] M_RECOVERED = ascii(",\"recovered\":");
    private static final byte[] M_TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] M_FROM = ascii(",\"from\":");
    private static final byte[] M_MESSAGE = ascii(",\"message\":");
    private static final byte[] M_CODE = ascii(",\"code\":");
    private static final byte[] M_RETRYABLE = ascii(",\"retryable\":");
    private static final byte[] M_ONLINE = ascii(",\"online\":");
    private static final byte[] M_TITLE = ascii(",\"title\":");
    private static final byte[] M_OWNER = ascii(",\"owner\":");
    private static final byte[] M_CREATED = ascii(",\"created\":");
    private static final byte[] M_EVENT = ascii(",\"event\":");
    private static final byte[] M_COUNT = ascii(",\"count\":");
    private static final byte[] M_DELIVERED = ascii(",\"delivered\":");
    private static final byte[] M_READ = ascii(",\"read\":");
    private static final byte[] FIRST_TOPIC = ascii("{\"topic\":");
    static final byte[] FIRST_OFFSET = ascii("{\"offset\":");

    private final JsonWriter deliveryHead = new JsonWriter();

    /// As [Dialect#encode] says, the same for every speaker.
    boolean encode(ServerFrame frame, JsonWriter out) {
        boolean isSaid = switch (frame) {
            case ServerFrame.Published published -> published(published, out);
            case ServerFrame.Subscribed subscribed -> subscribed(subscribed, out);
            case ServerFrame.Unsubscribed unsubscribed -> unsubscribed(unsubscribed, out);
            case ServerFrame.Authenticated authenticated -> authenticated(authenticated, out);
            case ServerFrame.Sent sent -> sent(sent, out);
            case ServerFrame.Named named -> named(named, out);
            case ServerFrame.RoomPut room -> roomPut(room, out);
            case ServerFrame.RoomDeleted room -> roomDeleted(room, out);
            case ServerFrame.TakenBack takenBack -> takenBack(takenBack, out);
            // Asked for in the rooms dialect alone.
            case ServerFrame.Moved _ -> false;
            case ServerFrame.Done done -> reply(done.id(), out);
            case Query.Answer answer -> NativeQueries.write(answer, out);
            case ServerFrame.Pong pong -> pong(pong, out);
            case ServerFrame.Error error -> error(error, out);
            case ServerFrame.Welcome welcome -> welcome(welcome, out);
            case ServerFrame.Subscriptions subscriptions -> subscriptions(subscriptions, out);
            case ServerFrame.Signal signal -> signal(signal, out);
            case ServerFrame.Presence presence -> presence(presence, out);
            case ServerFrame.Receipt receipt -> receipt(receipt, out);
            case ServerFrame.Redacted redacted -> redacted(redacted, out);
            // Told by `presence`, for all devices of a user taken together.
            case ServerFrame.Notice _ -> false;
            case ServerFrame.Truncated truncated -> truncated(truncated, out);
            case ServerFrame.Reset reset -> reset(reset, out);
            case ServerFrame.RoomEnded ended -> roomEnded(ended, out);
            case ServerFrame.Draining draining -> draining(draining, out);
        };
        if (isSaid) {
            out.raw('}');
        }
        return isSaid;
    }

    // Each writes a frame but for its closing brace, and answers whether it is said at all.

    private static boolean published(ServerFrame.Published published, JsonWriter out) {
        if (!reply(published.id(), out)) {
            return false;
        }
        out.raw(M_TOPIC).string(published.topic().value());
        out.raw(M_EPOCH).number(published.epoch());
        out.raw(M_OFFSET).number(published.offset());
        out.raw(M_TIMESTAMP).number(published.timestamp());
        if (published.durability() != Durability.DISK) {
            out.raw(M_DURABILITY).string(published.durability().wireName());
        }
        return true;
    }

    private static boolean sent(ServerFrame.Sent sent, JsonWriter out) {
        ServerFrame.Published stored = new ServerFrame.Published(
                sent.id(), sent.topic(), sent.epoch(), sent.offset(), sent.timestamp(), sent.durability());
        if (!published(stored, out)) {
            return false;
        }
        out.raw(M_ONLINE).bool(sent.online());
        return true;
    }

    private static boolean named(ServerFrame.Named named, JsonWriter out) {
        if (!reply(named.id(), out)) {
            return false;
        }
        out.raw(M_NAME).string(named.name());
        return true;
    }

    private static boolean roomPut(ServerFrame.RoomPut room, JsonWriter out) {
        if (!reply(room.id(), out)) {
            return false;
        }
        out.raw(M_TOPIC).string(room.topic().value());
        out.raw(M_TITLE).string(room.title());
        out.raw(M_OWNER).string(room.owner());
        out.raw(M_CREATED).number(room.created());
        NativeQueries.policy(out, room.presence());
        return true;
    }

    private static boolean roomDeleted(ServerFrame.RoomDeleted room, JsonWriter out) {
        if (!reply(room.id(), out)) {
            return false;
        }
        out.raw(M_TOPIC).string(room.topic().value());
        return true;
    }

    private static boolean subscribed(ServerFrame.Subscribed subscribed, JsonWriter out) {
        open(TYPE_REPLY, subscribed.id(), out);
        out.raw(M_TOPIC).string(subscribed.topic().value());
        extent(subscribed.extent(), out);
        out.raw(M_RECOVERED).bool(subscribed.recovered());
        return true;
    }

    private static boolean unsubscribed(ServerFrame.Unsubscribed unsubscribed, JsonWriter out) {
        if (!reply(unsubscribed.id(), out)) {
            return false;
        }
        out.raw(M_TOPIC).string(unsubscribed.topic().value());
        return true;
    }

    private static boolean authenticated(ServerFrame.Authenticated authenticated, JsonWriter out) {
        if (!reply(authenticated.id(), out)) {
            return false;
        }
        out.raw(M_USER).string(authenticated.user());
        out.raw(M_EXPIRES_AT).number(authenticated.expiresAt());
        return true;
    }

    private static boolean pong(ServerFrame.Pong pong, JsonWriter out) {
        open(TYPE_PONG, pong.id(), out);
        return true;
    }

    private static boolean error(ServerFrame.Error error, JsonWriter out) {
        open(TYPE_ERROR, error.id(), out);
        out.raw(M_CODE).string(error.code().wireName());
        out.raw(M_MESSAGE).string(error.message());
        out.raw(M_RETRYABLE).bool(error.code().retryable());
        TopicName topic = error.topic();
        if (topic != null) {
            out.raw(M_TOPIC).string(topic.value());
        }
        if (error.nextOffset() != null) {
            out.raw(M_NEXT_OFFSET).number(error.nextOffset());
        }
        return true;
    }

    private static boolean welcome(ServerFrame.Welcome welcome, JsonWriter out) {
        out.raw(TYPE_WELCOME).string(welcome.connectionId());
        out.raw(M_USER).string(welcome.user());
        out.raw(M_NAME).string(welcome.name());
        out.raw(M_PROTOCOL).number(welcome.serverTime());
        out.raw(M_PING_MS).number(welcome.pingMs());
        out.raw(M_DURABILITY).string(welcome.durability().wireName());
        if (welcome.expiresAt() != null) {
            out.raw(M_EXPIRES_AT).number(welcome.expiresAt());
        }
        out.raw(M_SUBSCRIPTIONS);
        subscriptions(welcome.subscriptions(), welcome.more(), out);
        return true;
    }

    private static boolean subscriptions(ServerFrame.Subscriptions subscriptions, JsonWriter out) {
        out.raw(TYPE_SUBSCRIPTIONS);
        subscriptions(subscriptions.subscriptions(), subscriptions.more(), out);
        return true;
    }

    private static boolean signal(ServerFrame.Signal signal, JsonWriter out) {
        out.raw(TYPE_SIGNAL).string(signal.topic().value());
        out.raw(M_FROM).string(signal.from());
        out.raw(M_MESSAGE).raw(signal.payload());
        return true;
    }

    private static boolean presence(ServerFrame.Presence presence, JsonWriter out) {
        out.raw(TYPE_PRESENCE).string(presence.topic().value());
        ServerFrame.Arrival change = presence.change();
        if (change != null) {
            out.raw(M_EVENT).string(change.hasCome() ? "join" : "leave");
            out.raw(M_USER).string(change.user());
            out.raw(M_NAME).string(change.name());
        }
        out.raw(M_COUNT).number(presence.count());
        return true;
    }

    private static boolean receipt(ServerFrame.Receipt receipt, JsonWriter out) {
        out.raw(TYPE_RECEIPT).string(receipt.topic().value());
        out.raw(M_USER).string(receipt.user());
        if (receipt.delivered() != Query.NOT_GIVEN) {
            out.raw(M_DELIVERED).number(receipt.delivered());
        }
        if (receipt.read() != Query.NOT_GIVEN) {
            out.raw(M_READ).number(receipt.read());
        }
        return true;
    }

    private static boolean redacted(ServerFrame.Redacted redacted, JsonWriter out) {
        out.raw(TYPE_REDACTED).string(redacted.topic().value());
        out.raw(M_OFFSETS);
        List<Long> offsets = redacted.offsets();
        for (int i = 0; i < offsets.size(); i++) {
            comma(i, out);
            out.number(offsets.get(i));
        }
        out.raw(']');
        return true;
    }

    private static boolean takenBack(ServerFrame.TakenBack takenBack, JsonWriter out) {
        if (!reply(takenBack.id(), out)) {
            return false;
        }
        topic(takenBack.topic(), out);
        out.raw(M_OFFSET).number(takenBack.offset());
        return true;
    }

    private static boolean truncated(ServerFrame.Truncated truncated, JsonWriter out) {
        out.raw(TYPE_TRUNCATED).string(truncated.topic().value());
        out.raw(M_EPOCH).number(truncated.epoch());
        out.raw(M_FIRST_OFFSET).number(truncated.firstOffset());
        return true;
    }

    private static boolean reset(ServerFrame.Reset reset, JsonWriter out) {
        out.raw(TYPE_RESET).string(reset.topic().value());
        out.raw(M_EPOCH).number(reset.epoch());
        out.raw(M_COMMON_OFFSET).number(reset.commonOffset());
        return true;
    }

    private static boolean roomEnded(ServerFrame.RoomEnded ended, JsonWriter out) {
        out.raw(TYPE_ROOM_DELETED).string(ended.topic().value());
        return true;
    }

    private static boolean draining(ServerFrame.Draining draining, JsonWriter out) {
        out.raw(TYPE_DRAINING).number(draining.reconnectInMs());
        return true;
    }

    // ---- parts of frames ----

    /// Begins a reply, unless nobody asked for one.
    static boolean reply(byte @Nullable [] id, JsonWriter out) {
        if (id == null) {
            return false;
        }
        open(TYPE_REPLY, id, out);
        return true;
    }

    private static void open(byte[] type, byte @Nullable [] id, JsonWriter out) {
        out.raw(type);
        if (id != null) {
            out.raw(M_ID).raw(id);
        }
    }

    private static void subscriptions(List<TopicExtent> subscriptions, boolean more, JsonWriter out) {
        positions(subscriptions, out);
        if (more) {
            out.raw(M_MORE);
        }
    }

    static void topic(TopicName topic, JsonWriter out) {
        out.raw(M_TOPIC).string(topic.value());
    }

    static void extent(Extent extent, JsonWriter out) {
        out.raw(M_EPOCH).number(extent.epoch());
        out.raw(M_FIRST_OFFSET).number(extent.firstOffset());
        out.raw(M_NEXT_OFFSET).number(extent.nextOffset());
    }

    /// Writes the elements of an array of topics and its end.
    static void positions(List<TopicExtent> topics, JsonWriter out) {
        for (int i = 0; i < topics.size(); i++) {
            comma(i, out);
            Extent extent = topics.get(i).extent();
            out.raw(FIRST_TOPIC).string(topics.get(i).topic().value());
            out.raw(M_EPOCH).number(extent.epoch());
            out.raw(M_NEXT_OFFSET).number(extent.nextOffset()).raw('}');
        }
        out.raw(']');
    }

    static void comma(int index, JsonWriter out) {
        if (index > 0) {
            out.raw(',');
        }
    }

    // ---- deliveries ----

    /// As [Dialect#encodeDelivery] says.
    void encodeDelivery(TopicName topic, List<Message> messages, boolean arrays, Dialect.DeliveryOutput out) {
        deliveryHead.reset();
        deliveryHead.raw(TYPE_MESSAGE).string(topic.value()).raw(M_OFFSET);
        int count = messages.size();
        int first = 0;
        while (first < count) {
            int next = arrays ? endOfArray(messages, first) : first + 1;
            JsonWriter json = out.json();
            boolean array = next > first + 1;
            if (array) {
                json.raw('[');
            }
            for (int i = first; i < next; i++) {
                comma(i - first, json);
                json.raw(deliveryHead.array(), 0, deliveryHead.length());
                restOfMessage(messages.get(i), json);
            }
            if (array) {
                json.raw(']');
            }
            out.endOfMessage();
            first = next;
        }
    }

    /// The index after the last message that still fits into one array with the first.
    private int endOfArray(List<Message> messages, int first) {
        int next = first + 1;
        if (next == messages.size()) {
            return next;
        }
        // A delivery has its head where a message of a page has the name of its offset.
        int head = deliveryHead.length() - FIRST_OFFSET.length;
        long size = 2L + head + ReplySize.messageBytes(messages.get(first));
        while (next < messages.size()) {
            size += 1L + head + ReplySize.messageBytes(messages.get(next));
            if (size > Dialect.MAX_ARRAY_BYTES) {
                return next;
            }
            next++;
        }
        return next;
    }

    /// Writes a message from its offset's value to its closing brace.
    static void restOfMessage(Message message, JsonWriter out) {
        MessageJson.members(message, out);
        out.raw('}');
    }
}
