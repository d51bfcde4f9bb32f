package io.topicstream.client;

import io.topicstream.json.JsonObjectReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads what the server says: one frame, or an array of them. Owned by the client's thread.
final class ServerFrames {
    private static final int TYPE = 0;
    private static final int ID = 1;
    private static final int TOPIC = 2;
    private static final int OFFSET = 3;
    private static final int TIMESTAMP = 4;
    private static final int FROM = 5;
    private static final int MESSAGE = 6;
    private static final int MESSAGE_ID = 7;
    private static final int KEY = 8;
    private static final int EPOCH = 9;
    private static final int FIRST_OFFSET = 10;
    private static final int NEXT_OFFSET = 11;
    private static final int COMMON_OFFSET = 12;
    private static final int MESSAGES = 13;
    private static final int TOPICS = 14;
    private static final int SUBSCRIPTIONS = 15;
    private static final int CODE = 16;
    private static final int RETRYABLE = 17;
    private static final int CONNECTION_ID = 18;
    private static final int USER = 19;
    private static final int NAME = 20;
    private static final int PING_MS = 21;
    private static final int RECONNECT_IN_MS = 22;
    private static final int NEXT = 23;
    private static final int MORE = 24;

    private static final String[] NAMES = {
        "type",
        "id",
        "topic",
        "offset",
        "timestamp",
        "from",
        "message",
        "message_id",
        "key",
        "epoch",
        "first_offset",
        "next_offset",
        "common_offset",
        "messages",
        "topics",
        "subscriptions",
        "code",
        "retryable",
        "connection_id",
        "user",
        "name",
        "ping_ms",
        "reconnect_in_ms",
        "next",
        "more"
    };

    /// The one member of the object that an array is wrapped in to be read.
    private static final String WRAP = "{\"frames\":";

    private final JsonObjectReader arrays = JsonObjectReader.of("frames").withLists(0);
    private final JsonObjectReader reader =
            JsonObjectReader.of(NAMES).withPayloads(MESSAGE).withLists(MESSAGES, TOPICS, SUBSCRIPTIONS);
    private final JsonObjectReader inner = JsonObjectReader.of(NAMES).withPayloads(MESSAGE);
    private byte[] text = {};
    /// A greeting of which more follows.
    private @Nullable Welcome welcome;

    /// Tells the frames of a WebSocket message, in order.
    ///
    /// @throws IllegalArgumentException if it is not what a server says
    void read(String message, Consumer<Heard> sink) {
        try {
            if (message.startsWith("[")) {
                text = (WRAP + message + '}').getBytes(StandardCharsets.UTF_8);
                if (!arrays.read(text, 0, text.length) || arrays.kind(0) != JsonObjectReader.Kind.ARRAY) {
                    throw bad(arrays.problem());
                }
                arrays.elements(0, (start, end) -> sink.accept(frame(start, end)));
            } else {
                text = message.getBytes(StandardCharsets.UTF_8);
                sink.accept(frame(0, text.length));
            }
        } finally {
            text = new byte[0];
        }
    }

    private Heard frame(int start, int end) {
        if (!reader.read(text, start, end)) {
            throw bad(reader.problem());
        }
        String type = wanted(reader, TYPE);
        return switch (type) {
            case "message" -> new Heard.Message(message(reader, wanted(reader, TOPIC), Heard.NOT_GIVEN));
            case "reply" -> reply();
            case "pong" -> new Heard.Pong();
            case "error" ->
                new Heard.Error(
                        reader.integer(ID),
                        wanted(reader, CODE),
                        Objects.requireNonNullElse(reader.string(MESSAGE), ""),
                        reader.has(RETRYABLE) && reader.kind(RETRYABLE) == JsonObjectReader.Kind.TRUE,
                        reader.integer(NEXT_OFFSET));
            case "signal" -> new Heard.Signal(wanted(reader, TOPIC), reader.string(FROM), payload(reader));
            case "truncated" -> new Heard.Truncated(wanted(reader, TOPIC), number(EPOCH), number(FIRST_OFFSET));
            case "reset" -> new Heard.Reset(wanted(reader, TOPIC), number(EPOCH), number(COMMON_OFFSET));
            case "draining" -> new Heard.Draining(number(RECONNECT_IN_MS));
            case "welcome" ->
                greeting(new Welcome(
                        wanted(reader, CONNECTION_ID),
                        reader.string(USER),
                        reader.string(NAME),
                        number(PING_MS),
                        positions(SUBSCRIPTIONS)));
            case "subscriptions" -> {
                Welcome begun = welcome;
                yield begun == null ? new Heard.Unknown() : greeting(begun.and(positions(SUBSCRIPTIONS)));
            }
            default -> new Heard.Unknown();
        };
    }

    /// The greeting, or nothing yet if more of it follows.
    private Heard greeting(Welcome soFar) {
        boolean more = reader.has(MORE) && reader.kind(MORE) == JsonObjectReader.Kind.TRUE;
        welcome = more ? soFar : null;
        return more ? new Heard.Unknown() : new Heard.Greeting(soFar);
    }

    private Heard.Reply reply() {
        long epoch = reader.integer(EPOCH);
        List<ReceivedMessage> messages = new ArrayList<>();
        if (reader.has(MESSAGES)) {
            String topic = wanted(reader, TOPIC);
            reader.elements(MESSAGES, (start, end) -> {
                element(start, end);
                messages.add(message(inner, topic, epoch));
            });
        }
        return new Heard.Reply(
                number(ID),
                epoch,
                reader.integer(OFFSET),
                reader.integer(TIMESTAMP),
                reader.integer(FIRST_OFFSET),
                reader.integer(NEXT_OFFSET),
                messages,
                positions(TOPICS),
                reader.string(NEXT));
    }

    private List<TopicPosition> positions(int member) {
        List<TopicPosition> found = new ArrayList<>();
        if (reader.has(member)) {
            reader.elements(member, (start, end) -> {
                element(start, end);
                found.add(new TopicPosition(wanted(inner, TOPIC), inner.integer(EPOCH), inner.integer(NEXT_OFFSET)));
            });
        }
        return found;
    }

    private void element(int start, int end) {
        if (!inner.read(text, start, end)) {
            throw bad(inner.problem());
        }
    }

    private static ReceivedMessage message(JsonObjectReader from, String topic, long epoch) {
        long offset = from.integer(OFFSET);
        if (offset < 1) {
            throw bad("a message without an offset");
        }
        return new ReceivedMessage(
                topic,
                epoch,
                offset,
                from.integer(TIMESTAMP),
                from.string(FROM),
                payload(from),
                from.string(MESSAGE_ID),
                from.string(KEY));
    }

    private static String payload(JsonObjectReader from) {
        if (!from.has(MESSAGE)) {
            throw bad("a message without a payload");
        }
        return new String(from.payload(MESSAGE), StandardCharsets.UTF_8);
    }

    private long number(int member) {
        long value = reader.integer(member);
        if (value == JsonObjectReader.NOT_AN_INTEGER) {
            throw bad("no number \"" + NAMES[member] + '"');
        }
        return value;
    }

    private static String wanted(JsonObjectReader from, int member) {
        String value = from.string(member);
        if (value == null) {
            throw bad("no text \"" + NAMES[member] + '"');
        }
        return value;
    }

    private static IllegalArgumentException bad(@Nullable String why) {
        return new IllegalArgumentException("not a frame of the protocol: " + why);
    }
}
