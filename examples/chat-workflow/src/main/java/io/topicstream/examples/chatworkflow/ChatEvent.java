package io.topicstream.examples.chatworkflow;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.json.JsonWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Something that happened in the chat: what stands on the bus, and what becomes of it for clients.
///
/// @param connectionId of whom it tells
/// @param sender his name
/// @param clientId what the tabs of his browser have in common, or null
/// @param timestamp an instant, as browsers write it
/// @param content what he said; null if he did not say anything
/// @param messageId of that; null if he did not
record ChatEvent(
        EventType type,
        String connectionId,
        String sender,
        @Nullable String clientId,
        String timestamp,
        @Nullable String content,
        @Nullable String messageId) {
    /// Of which events there are some on a bus.
    static final String SOURCE = "chat.service";

    /// As browsers write it: always with milliseconds.
    private static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private static final JsonObjectReader.Builder PAYLOAD = new JsonObjectReader.Builder();
    private static final Member SOURCE_MEMBER = PAYLOAD.add("source");
    private static final Member TYPE = PAYLOAD.add("detail-type");
    private static final Member DETAIL = PAYLOAD.add("detail", JsonObjectReader.Trait.PAYLOAD);

    private static final JsonObjectReader.Builder DETAILS = new JsonObjectReader.Builder();
    private static final Member CONNECTION_ID = DETAILS.add("connectionId");
    private static final Member SENDER = DETAILS.add("sender");
    private static final Member CLIENT_ID = DETAILS.add("clientId");
    private static final Member TIMESTAMP = DETAILS.add("timestamp");
    private static final Member CONTENT = DETAILS.add("content");
    private static final Member MESSAGE_ID = DETAILS.add("messageId");

    ChatEvent {
        if (type == EventType.MESSAGE_SENT && (content == null || messageId == null)) {
            throw new IllegalArgumentException("a message has a content and an id");
        }
    }

    /// An instant as browsers write it.
    static String iso(long epochMs) {
        return ISO.format(Instant.ofEpochMilli(epochMs));
    }

    /// What stands on the bus, in the form of EventBridge.
    String toJson() {
        JsonWriter json = new JsonWriter()
                .raw(ascii("{\"source\":"))
                .string(SOURCE)
                .raw(ascii(",\"detail-type\":"))
                .string(type.name())
                .raw(ascii(",\"detail\":{\"action\":"))
                .string(type.action())
                .raw(ascii(",\"connectionId\":"))
                .string(connectionId)
                .raw(ascii(",\"sender\":"))
                .string(sender);
        if (clientId != null) {
            json.raw(ascii(",\"clientId\":")).string(clientId);
        }
        json.raw(ascii(",\"timestamp\":")).string(timestamp);
        if (content != null) {
            json.raw(ascii(",\"content\":"))
                    .string(content)
                    .raw(ascii(",\"messageId\":"))
                    .string(messageId);
        }
        return json.raw(ascii("}}")).toString();
    }

    /// Reads what stands on the bus.
    ///
    /// @return null where it is none of the three types, of another source, or lacks something
    static @Nullable ChatEvent of(byte[] text, int from, int to) {
        JsonObjectReader payload = PAYLOAD.build();
        if (!payload.read(text, from, to) || !SOURCE.equals(payload.string(SOURCE_MEMBER))) {
            return null;
        }
        EventType type = EventType.of(payload.string(TYPE));
        JsonObjectReader detail = DETAILS.build();
        if (type == null || !payload.has(DETAIL) || !detail.read(text, payload.start(DETAIL), payload.end(DETAIL))) {
            return null;
        }
        String connectionId = detail.string(CONNECTION_ID);
        String sender = detail.string(SENDER);
        String timestamp = detail.string(TIMESTAMP);
        String content = detail.string(CONTENT);
        String messageId = detail.string(MESSAGE_ID);
        return connectionId == null
                        || sender == null
                        || timestamp == null
                        || (type == EventType.MESSAGE_SENT && (content == null || messageId == null))
                ? null
                : new ChatEvent(type, connectionId, sender, detail.string(CLIENT_ID), timestamp, content, messageId);
    }

    /// What clients receive of it: chosen by the type.
    String frame() {
        return switch (type) {
            case CONNECTION_ESTABLISHED -> frame("User " + sender + " has joined the chat", "System");
            case CONNECTION_CLOSED -> frame("User " + sender + " has left the chat", "System");
            case MESSAGE_SENT -> frame(Objects.requireNonNull(content), sender);
        };
    }

    private String frame(String said, String by) {
        return new JsonWriter()
                .raw(ascii("{\"action\":"))
                .string(type.action())
                .raw(ascii(",\"content\":"))
                .string(said)
                .raw(ascii(",\"sender\":"))
                .string(by)
                .raw(ascii(",\"timestamp\":"))
                .string(timestamp)
                .raw('}')
                .toString();
    }

    /// Whether somebody is to hear of it: of messages, all but the tabs of the browser in which it was written, which
    /// show it themselves. Who named no client gets his own message.
    boolean isFor(Connected connected) {
        return type != EventType.MESSAGE_SENT || clientId == null || !clientId.equals(connected.clientId());
    }
}
