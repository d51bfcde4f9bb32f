package io.topicstream.events;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Makes events of messages: CloudEvents 1.0 as JSON, in UTF-8. An event of one topic's messages; owned
/// by one thread.
///
/// A message of a topic of the system is an event that was written down as `{"type", "source",
/// "subject"?, "data"}`; every other one becomes the event that it was published.
public final class CloudEvents {
    static final String PUBLISHED = "io.topicstream.message.published";

    private static final int HASH_BYTES = 12;

    private static final byte[] BEGIN = ascii("{\"specversion\":\"1.0\",\"id\":");
    private static final byte[] SOURCE = ascii(",\"source\":");
    private static final byte[] TYPE = ascii(",\"type\":");
    private static final byte[] SUBJECT = ascii(",\"subject\":");
    private static final byte[] TIME = ascii(",\"time\":");
    private static final byte[] DATA = ascii(",\"datacontenttype\":\"application/json\",\"data\":");
    private static final byte[] TOPIC = ascii("{\"topic\":");
    private static final byte[] EPOCH = ascii(",\"epoch\":");
    private static final byte[] OFFSET = ascii(",\"offset\":");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] FROM = ascii(",\"from\":");
    private static final byte[] NAME = ascii(",\"name\":");
    private static final byte[] MESSAGE_ID = ascii(",\"message_id\":");
    private static final byte[] KEY = ascii(",\"key\":");
    private static final byte[] HEADERS = ascii(",\"headers\":{");
    private static final byte[] CONTENT_TYPE = ascii(",\"content_type\":");
    private static final byte[] REDACTED = ascii(",\"redacted\":true");
    private static final byte[] PAYLOAD = ascii(",\"payload\":");
    private static final byte[] END = ascii("}");
    private static final byte[] NO_DATA = ascii("{}");

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member WRITTEN_TYPE = MEMBERS.add("type");
    private static final JsonObjectReader.Member WRITTEN_SOURCE = MEMBERS.add("source");
    private static final JsonObjectReader.Member WRITTEN_SUBJECT = MEMBERS.add("subject");
    private static final JsonObjectReader.Member WRITTEN_DATA = MEMBERS.add("data", JsonObjectReader.Trait.PAYLOAD);

    private final TopicName topic;
    private final String prefix;
    private final boolean isOfSystem;
    private final JsonObjectReader reader = MEMBERS.build();

    /// @param topic whose messages become events
    public CloudEvents(TopicName topic) {
        this.topic = topic;
        this.prefix = "msg_" + hash(topic) + "_";
        this.isOfSystem = topic.value().startsWith("sys:");
    }

    /// An event.
    ///
    /// @param id which every repeat has too, and no other event; letters, digits, `_` and `-`
    /// @param body the event; nobody changes it
    /// @param from whose message it is, or whom it names; or null
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Event(String id, byte[] body, @Nullable String from) {
        /// The event as text.
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /// The id of the event that a message is.
    ///
    /// @param epoch the life of the log in which it was read
    public String id(long epoch, long offset) {
        return prefix + epoch + "_" + offset;
    }

    /// What a message is as an event.
    ///
    /// @param epoch the life of the log in which it was read
    public Event of(long epoch, Message message) {
        String id = id(epoch, message.offset());
        JsonWriter json = new JsonWriter(512 + message.jsonBytes());
        json.raw(BEGIN).string(id);
        if (isOfSystem) {
            byte[] written = message.json();
            boolean isRead = reader.read(written, 0, written.length);
            head(
                    json,
                    message,
                    isRead ? orElse(reader.string(WRITTEN_SOURCE), "/") : "/",
                    isRead ? orElse(reader.string(WRITTEN_TYPE), "io.topicstream.unknown") : "io.topicstream.unknown",
                    isRead ? reader.string(WRITTEN_SUBJECT) : null);
            json.raw(isRead && reader.has(WRITTEN_DATA) ? reader.raw(WRITTEN_DATA) : NO_DATA);
        } else {
            head(json, message, "/topics/" + topic, PUBLISHED, topic.value());
            published(json, epoch, message);
        }
        return new Event(id, json.raw(END).toByteArray(), message.from());
    }

    private static String orElse(@Nullable String text, String otherwise) {
        return text == null ? otherwise : text;
    }

    private static void head(JsonWriter json, Message message, String source, String type, @Nullable String subject) {
        json.raw(SOURCE).string(source).raw(TYPE).string(type);
        if (subject != null) {
            json.raw(SUBJECT).string(subject);
        }
        json.raw(TIME).string(Instant.ofEpochMilli(message.timestamp()).toString());
        json.raw(DATA);
    }

    private void published(JsonWriter json, long epoch, Message message) {
        json.raw(TOPIC).string(topic.value());
        json.raw(EPOCH).number(epoch).raw(OFFSET).number(message.offset());
        json.raw(TIMESTAMP).number(message.timestamp());
        text(json, FROM, message.from());
        text(json, NAME, message.name());
        text(json, MESSAGE_ID, message.messageId());
        text(json, KEY, message.key());
        headers(json, message.headers());
        text(json, CONTENT_TYPE, message.contentType());
        if (message.kind() == Message.Kind.REDACTED) {
            json.raw(REDACTED);
        }
        json.raw(PAYLOAD).raw(message.json()).raw(END);
    }

    private static void text(JsonWriter json, byte[] member, @Nullable String text) {
        if (text != null) {
            json.raw(member).string(text);
        }
    }

    private static void headers(JsonWriter json, Headers headers) {
        boolean isFirst = true;
        for (int i = 0; i < headers.count(); i++) {
            if (!headers.isServers(i)) {
                if (isFirst) {
                    json.raw(HEADERS);
                } else {
                    json.raw(',');
                }
                isFirst = false;
                json.string(headers.name(i)).raw(':').string(headers.value(i));
            }
        }
        if (!isFirst) {
            json.raw(END);
        }
    }

    /// What stands for the topic's name in ids: a name may be as long as names can be, and have full
    /// stops, which divide what is signed.
    private static String hash(TopicName topic) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(topic.value().getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, HASH_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
