package io.topicstream.aws.events;

import static io.topicstream.json.JsonWriter.ascii;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.aws.audience.ConnectionChange;
import io.topicstream.events.CloudEvents;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.people.FriendlyNames;
import io.topicstream.people.SortableIds;
import io.topicstream.session.SessionRecord;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Makes events of a bus: those of the chat, whose consumers know three types with the members `action`,
/// `connectionId`, `sender`, `clientId` and `timestamp`, and of a message `content` and `messageId`. There is more
/// beside, which they do not read: `id`, which every repeat has too, and where a message stands.
final class ChatEvents {
    static final String ESTABLISHED = "CONNECTION_ESTABLISHED";
    static final String CLOSED = "CONNECTION_CLOSED";
    static final String SENT = "MESSAGE_SENT";

    /// By which somebody is shown of whom nothing is known.
    private static final String NAMELESS = "Guest";

    private static final DateTimeFormatter ISO = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member TEXT = MEMBERS.add("text");

    private static final byte[] ACTION = ascii("{\"action\":");
    private static final byte[] CONNECTION_ID = ascii(",\"connectionId\":");
    private static final byte[] SENDER = ascii(",\"sender\":");
    private static final byte[] CLIENT_ID = ascii(",\"clientId\":");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] CONTENT = ascii(",\"content\":");
    private static final byte[] MESSAGE_ID = ascii(",\"messageId\":");
    private static final byte[] ID = ascii(",\"id\":");
    private static final byte[] TOPIC = ascii(",\"topic\":");
    private static final byte[] EPOCH = ascii(",\"epoch\":");
    private static final byte[] OFFSET = ascii(",\"offset\":");

    private ChatEvents() {}

    /// That a connection was opened, or has ended.
    static BusEvent of(ConnectionChange change, long atMs, String record) {
        SessionRecord session = change.session();
        String id = session.connectionId();
        String name = session.present().name();
        JsonWriter json = begin(
                change.isOpened() ? "$connect" : "$disconnect",
                id,
                name != null ? name : session.identity().user(),
                session.withheldTag(),
                atMs);
        json.raw(ID).string("con_" + id + (change.isOpened() ? "_opened" : "_closed"));
        TopicName room = session.room();
        if (room != null) {
            json.raw(TOPIC).string(room.value());
        }
        return event(change.isOpened() ? ESTABLISHED : CLOSED, json, atMs, record);
    }

    /// That a message was published.
    ///
    /// @param epoch the life of the log in which it was
    static BusEvent of(TopicName topic, long epoch, Message message, String record) {
        String origin = message.origin();
        String name = message.name() != null ? message.name() : message.from();
        JsonWriter json = begin(
                "sendMessage",
                origin == null ? "" : origin,
                name == null && origin != null ? FriendlyNames.of(origin) : name,
                message.withheldFrom(),
                message.timestamp());
        json.raw(CONTENT);
        content(json, message);
        json.raw(MESSAGE_ID).string(SortableIds.of(topic, message.offset(), message.timestamp()));
        json.raw(ID).string(new CloudEvents(topic).id(epoch, message.offset()));
        json.raw(TOPIC).string(topic.value());
        json.raw(EPOCH).number(epoch).raw(OFFSET).number(message.offset());
        return event(SENT, json, message.timestamp(), record);
    }

    private static JsonWriter begin(
            String action, String connectionId, @Nullable String name, @Nullable String tag, long atMs) {
        JsonWriter json = new JsonWriter();
        json.raw(ACTION).string(action);
        json.raw(CONNECTION_ID).string(connectionId);
        json.raw(SENDER).string(name == null ? NAMELESS : name);
        String client = tag == null ? null : SessionRecord.clientOf(tag);
        if (client != null) {
            json.raw(CLIENT_ID).string(client);
        }
        return json.raw(TIMESTAMP).string(ISO.format(Instant.ofEpochMilli(atMs)));
    }

    /// What was said: of a chat its text, of another payload its JSON.
    private static void content(JsonWriter json, Message message) {
        byte[] payload = message.json();
        JsonObjectReader reader = MEMBERS.build();
        String text = reader.read(payload, 0, payload.length) && reader.has(TEXT) ? reader.string(TEXT) : null;
        if (text == null) {
            json.raw(payload);
        } else {
            json.string(text);
        }
    }

    private static BusEvent event(String type, JsonWriter json, long atMs, String record) {
        byte[] detail = json.raw('}').toByteArray();
        return new BusEvent(type, Instant.ofEpochMilli(atMs), new String(detail, UTF_8), detail.length, record);
    }
}
