package io.topicstream.client;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.About;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.Folded;
import io.topicstream.protocol.From;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Writes what the client says, one frame each.
final class ClientFrames {
    static final String PING = "{\"action\":\"ping\"}";

    private static final byte[] MESSAGE_OPEN = JsonWriter.ascii("{\"message\":");

    private static final Pattern PLACE = Pattern.compile(" \\(at byte (\\d+)\\)");

    private final JsonWriter out = new JsonWriter();

    private ClientFrames(String action, long id) {
        raw("{\"action\":").string(action);
        number("id", id);
    }

    private ClientFrames(String action) {
        raw("{\"action\":").string(action);
    }

    static String subscribe(long id, TopicName topic, From from, SubscribeOptions options) {
        ClientFrames frame = new ClientFrames("subscribe", id).text("topic", topic.value());
        frame.raw(",\"from\":");
        switch (from) {
            case From.New _ -> frame.raw("\"new\"");
            case From.Earliest _ -> frame.raw("\"earliest\"");
            case From.Offset(long offset) -> frame.out.number(offset);
            case From.Last(long count) -> frame.raw("{\"last\":").number(count).raw('}');
            case From.Time(long timestamp) ->
                frame.raw("{\"time\":").number(timestamp).raw('}');
            case From.Resume(long epoch, long offset) -> {
                frame.raw("{\"resume\":{\"epoch\":").number(epoch);
                frame.number("offset", offset).raw("}}");
            }
        }
        if (options.durable()) {
            frame.raw(",\"durable\":true");
        }
        if (options.presence() != null) {
            frame.raw(",\"presence\":" + options.presence());
        }
        return frame.end();
    }

    static String unsubscribe(TopicName topic, boolean durable) {
        ClientFrames frame = new ClientFrames("unsubscribe").text("topic", topic.value());
        if (durable) {
            frame.raw(",\"durable\":true");
        }
        return frame.end();
    }

    static String publish(long id, TopicName topic, String json, String messageId, PublishOptions options) {
        ClientFrames frame = new ClientFrames("publish", id).text("topic", topic.value());
        frame.text("message_id", messageId);
        if (options.key() != null) {
            frame.text("key", options.key());
        }
        frame.headers(options.headers()).about(options.about());
        if (options.expectedOffset() != PublishOptions.ANY_OFFSET) {
            frame.number("expected_offset", options.expectedOffset());
        }
        if (!options.echo()) {
            frame.raw(",\"echo\":false");
        }
        return frame.payload(json).end();
    }

    static String signal(long id, TopicName topic, String json) {
        return new ClientFrames("signal", id)
                .text("topic", topic.value())
                .payload(json)
                .end();
    }

    static String readAfter(long id, TopicName topic, long after, int limit) {
        return read(id, topic).number("after", after).number("limit", limit).end();
    }

    static String readBefore(long id, TopicName topic, long before, int limit) {
        return read(id, topic).number("before", before).number("limit", limit).end();
    }

    static String readLast(long id, TopicName topic, int limit) {
        return read(id, topic).number("limit", limit).end();
    }

    static String foldAfter(long id, TopicName topic, long after, int limit) {
        return fold(id, topic).number("after", after).number("limit", limit).end();
    }

    static String foldBefore(long id, TopicName topic, long before, int limit) {
        return fold(id, topic).number("before", before).number("limit", limit).end();
    }

    private static ClientFrames fold(long id, TopicName topic) {
        ClientFrames frame = read(id, topic);
        frame.raw(",\"fold\":true");
        return frame;
    }

    private static ClientFrames read(long id, TopicName topic) {
        return new ClientFrames("read", id).text("topic", topic.value());
    }

    static String topics(long id, String prefix, String startAfter, int limit) {
        return new ClientFrames("topics", id)
                .text("prefix", prefix)
                .text("start_after", startAfter)
                .number("limit", limit)
                .end();
    }

    static String send(long id, String to, String json, String messageId, PublishOptions options) {
        ClientFrames frame = new ClientFrames("send", id).text("to", to).text("message_id", messageId);
        if (options.key() != null) {
            frame.text("key", options.key());
        }
        return frame.headers(options.headers())
                .about(options.about())
                .payload(json)
                .end();
    }

    static String ack(long id, TopicName topic, long delivered, long read) {
        ClientFrames frame = new ClientFrames("ack", id).text("topic", topic.value());
        if (delivered != Receipt.UNCHANGED) {
            frame.number("delivered", delivered);
        }
        if (read != Receipt.UNCHANGED) {
            frame.number("read", read);
        }
        return frame.end();
    }

    static String redact(long id, TopicName topic, long offset) {
        return new ClientFrames("redact", id)
                .text("topic", topic.value())
                .number("offset", offset)
                .end();
    }

    static String cursors(long id, List<String> topics, String startAfter) {
        return new ClientFrames("cursors", id)
                .texts("topics", topics)
                .text("start_after", startAfter)
                .number("limit", topics.size())
                .end();
    }

    static String cursors(long id, String startAfter, int limit) {
        return new ClientFrames("cursors", id)
                .text("start_after", startAfter)
                .number("limit", limit)
                .end();
    }

    static String members(long id, TopicName topic, String startAfter, int limit) {
        return new ClientFrames("members", id)
                .text("topic", topic.value())
                .text("start_after", startAfter)
                .number("limit", limit)
                .end();
    }

    static String online(long id, List<String> users) {
        return new ClientFrames("online", id).texts("users", users).end();
    }

    static String name(long id, String name) {
        return new ClientFrames("name", id).text("name", name).end();
    }

    static String room(long id, TopicName topic, @Nullable String title) {
        ClientFrames frame = new ClientFrames("room", id).text("topic", topic.value());
        return title == null ? frame.end() : frame.text("title", title).end();
    }

    static String rooms(long id, @Nullable String owner, String prefix, String startAfter, int limit) {
        ClientFrames frame = new ClientFrames("rooms", id);
        if (owner != null) {
            frame.text("owner", owner);
        }
        return frame.text("prefix", prefix)
                .text("start_after", startAfter)
                .number("limit", limit)
                .end();
    }

    static String authenticate(long id, String token) {
        return new ClientFrames("authenticate", id).text("token", token).end();
    }

    /// Refuses what is not one JSON value: it would break the frame that carries it.
    ///
    /// @return the text without white space around it
    /// @throws IllegalArgumentException if it is none
    static String requireJson(String json) {
        String value = json.strip();
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
            throw new IllegalArgumentException("the message has half a surrogate pair");
        }
        byte[] text =
                (new String(MESSAGE_OPEN, StandardCharsets.US_ASCII) + value + '}').getBytes(StandardCharsets.UTF_8);
        JsonObjectReader.Builder members = new JsonObjectReader.Builder();
        JsonObjectReader.Member message = members.add("message", JsonObjectReader.Trait.PAYLOAD);
        JsonObjectReader reader = members.build();
        if (!reader.read(text, 0, text.length)
                || reader.start(message) != MESSAGE_OPEN.length
                || reader.end(message) != text.length - 1) {
            int before = json.substring(0, json.indexOf(value)).getBytes(StandardCharsets.UTF_8).length;
            int length = text.length - MESSAGE_OPEN.length - 1;
            throw new IllegalArgumentException("the message is not one JSON value"
                    + (reader.problem() == null ? "" : ": " + inOwnText(reader.problem(), before, length)));
        }
        return value;
    }

    /// The problem with its place counted from the beginning of what the application gave: it knows nothing of the
    /// frame around that. A place behind it is none, and says that something is missing there.
    private static String inOwnText(String problem, int before, int length) {
        Matcher place = PLACE.matcher(problem);
        if (!place.find()) {
            return problem;
        }
        long at = Long.parseLong(place.group(1)) - MESSAGE_OPEN.length;
        if (at >= length) {
            return problem.startsWith("something follows") ? place.replaceFirst("") : "the text ends too early";
        }
        return place.replaceFirst(" (at byte " + (before + at) + ")");
    }

    private ClientFrames payload(String json) {
        raw(",\"message\":").raw(json.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    private ClientFrames headers(Map<String, String> headers) {
        char before = '{';
        for (Map.Entry<String, String> header : headers.entrySet()) {
            if (before == '{') {
                raw(",\"headers\":");
            }
            raw(before).string(header.getKey()).raw(':').string(header.getValue());
            before = ',';
        }
        if (!headers.isEmpty()) {
            raw('}');
        }
        return this;
    }

    private ClientFrames about(@Nullable About about) {
        if (about != null) {
            Folded.write(about, out);
        }
        return this;
    }

    private ClientFrames text(String name, String value) {
        raw(",\"").raw(JsonWriter.ascii(name)).raw('"').raw(':').string(value);
        return this;
    }

    private ClientFrames texts(String name, List<String> values) {
        raw(",\"").raw(JsonWriter.ascii(name)).raw('"').raw(':').raw('[');
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                raw(',');
            }
            out.string(values.get(i));
        }
        raw(']');
        return this;
    }

    private ClientFrames number(String name, long value) {
        raw(",\"").raw(JsonWriter.ascii(name)).raw('"').raw(':').number(value);
        return this;
    }

    private JsonWriter raw(String ascii) {
        return out.raw(JsonWriter.ascii(ascii));
    }

    private JsonWriter raw(char c) {
        return out.raw(c);
    }

    private String end() {
        return raw('}').toString();
    }
}
