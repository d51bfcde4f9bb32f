package io.topicstream.client;

import io.topicstream.json.JsonObjectReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads what the server says: one frame, or an array of them. Owned by the client's thread.
final class ServerFrames {
    // Of frames, and of the elements of their lists.
    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member TYPE = MEMBERS.add("type");
    private static final JsonObjectReader.Member ID = MEMBERS.add("id");
    private static final JsonObjectReader.Member TOPIC = MEMBERS.add("topic");
    private static final JsonObjectReader.Member OFFSET = MEMBERS.add("offset");
    private static final JsonObjectReader.Member TIMESTAMP = MEMBERS.add("timestamp");
    private static final JsonObjectReader.Member FROM = MEMBERS.add("from");
    private static final JsonObjectReader.Member MESSAGE = MEMBERS.add("message", JsonObjectReader.Trait.PAYLOAD);
    private static final JsonObjectReader.Member MESSAGE_ID = MEMBERS.add("message_id");
    private static final JsonObjectReader.Member KEY = MEMBERS.add("key");
    private static final JsonObjectReader.Member HEADERS = MEMBERS.add("headers");
    private static final JsonObjectReader.Member CONTENT_TYPE = MEMBERS.add("content_type");
    private static final JsonObjectReader.Member ENCODING = MEMBERS.add("encoding");
    private static final JsonObjectReader.Member OFFSETS = MEMBERS.add("offsets", JsonObjectReader.Trait.LIST);
    private static final Pattern OFFSET_DIGITS = Pattern.compile("[0-9]{1,18}");
    private static final JsonObjectReader.Member REDACTED = MEMBERS.add("redacted");
    private static final JsonObjectReader.Member EPOCH = MEMBERS.add("epoch");
    private static final JsonObjectReader.Member FIRST_OFFSET = MEMBERS.add("first_offset");
    private static final JsonObjectReader.Member NEXT_OFFSET = MEMBERS.add("next_offset");
    private static final JsonObjectReader.Member COMMON_OFFSET = MEMBERS.add("common_offset");
    private static final JsonObjectReader.Member MESSAGES = MEMBERS.add("messages", JsonObjectReader.Trait.LIST);
    private static final JsonObjectReader.Member TOPICS = MEMBERS.add("topics", JsonObjectReader.Trait.LIST);
    private static final JsonObjectReader.Member SUBSCRIPTIONS =
            MEMBERS.add("subscriptions", JsonObjectReader.Trait.LIST);
    private static final JsonObjectReader.Member CODE = MEMBERS.add("code");
    private static final JsonObjectReader.Member RETRYABLE = MEMBERS.add("retryable");
    private static final JsonObjectReader.Member CONNECTION_ID = MEMBERS.add("connection_id");
    private static final JsonObjectReader.Member USER = MEMBERS.add("user");
    private static final JsonObjectReader.Member NAME = MEMBERS.add("name");
    private static final JsonObjectReader.Member SERVER_TIME = MEMBERS.add("server_time");
    private static final JsonObjectReader.Member PING_MS = MEMBERS.add("ping_ms");
    private static final JsonObjectReader.Member RECONNECT_IN_MS = MEMBERS.add("reconnect_in_ms");
    private static final JsonObjectReader.Member NEXT = MEMBERS.add("next");
    private static final JsonObjectReader.Member MORE = MEMBERS.add("more");

    private static final FoldFrames FOLDS = new FoldFrames(MEMBERS);
    private static final PeopleFrames PEOPLE = new PeopleFrames(MEMBERS, TOPIC, USER, NAME, NEXT_OFFSET, NEXT);

    private static final Pattern BASE64 =
            Pattern.compile("\"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\"");

    /// The one member of the object that an array is wrapped in to be read.
    private static final String WRAP = "{\"frames\":";

    private static final JsonObjectReader.Builder WRAPPING = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member FRAMES = WRAPPING.add("frames", JsonObjectReader.Trait.LIST);

    private final JsonObjectReader arrays = WRAPPING.build();
    private final JsonObjectReader reader = MEMBERS.build();
    private final JsonObjectReader inner = MEMBERS.build();
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
                if (!arrays.read(text, 0, text.length) || arrays.kind(FRAMES) != JsonObjectReader.Kind.ARRAY) {
                    throw bad(arrays.problem());
                }
                arrays.elements(FRAMES, (start, end) -> sink.accept(frame(start, end)));
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
                        reader.string(TOPIC),
                        wanted(reader, CODE),
                        Objects.requireNonNullElse(reader.string(MESSAGE), ""),
                        reader.isTrue(RETRYABLE),
                        reader.integer(NEXT_OFFSET));
            case "signal" -> new Heard.Signal(wanted(reader, TOPIC), reader.string(FROM), payload(reader));
            case "presence" -> PEOPLE.presence(reader);
            case "receipt" -> PEOPLE.receipt(reader);
            case "redacted" -> new Heard.Redacted(wanted(reader, TOPIC), offsets());
            case "truncated" ->
                new Heard.Truncated(wanted(reader, TOPIC), number(reader, EPOCH), number(reader, FIRST_OFFSET));
            case "reset" ->
                new Heard.Reset(wanted(reader, TOPIC), number(reader, EPOCH), number(reader, COMMON_OFFSET));
            case "room_deleted" -> new Heard.RoomDeleted(wanted(reader, TOPIC));
            case "draining" -> new Heard.Draining(number(reader, RECONNECT_IN_MS));
            case "welcome" ->
                greeting(new Welcome(
                        wanted(reader, CONNECTION_ID),
                        reader.string(USER),
                        reader.string(NAME),
                        reader.integer(SERVER_TIME),
                        number(reader, PING_MS),
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
        boolean more = reader.isTrue(MORE);
        welcome = more ? soFar : null;
        return more ? new Heard.Unknown() : new Heard.Greeting(soFar);
    }

    private Heard.Reply reply() {
        long epoch = reader.integer(EPOCH);
        List<ReceivedMessage> messages = new ArrayList<>();
        boolean folds = FOLDS.isFolded(reader);
        List<FoldedMessage> folded = new ArrayList<>();
        if (reader.has(MESSAGES)) {
            String topic = wanted(reader, TOPIC);
            reader.elements(MESSAGES, (start, end) -> {
                element(inner, text, start, end);
                messages.add(message(inner, topic, epoch));
                if (folds) {
                    folded.add(FOLDS.folded(inner, text, messages.getLast()));
                }
            });
        }
        return new Heard.Reply(
                reader.integer(ID),
                epoch,
                reader.integer(OFFSET),
                reader.integer(TIMESTAMP),
                reader.integer(FIRST_OFFSET),
                reader.integer(NEXT_OFFSET),
                messages,
                positions(TOPICS),
                reader.string(NEXT),
                folds
                        ? new Told.Folded(FOLDS.page(
                                reader, text, folded, epoch, reader.integer(FIRST_OFFSET), reader.integer(NEXT_OFFSET)))
                        : PEOPLE.reply(reader, text, inner));
    }

    private List<Long> offsets() {
        List<Long> found = new ArrayList<>();
        if (reader.has(OFFSETS) && reader.kind(OFFSETS) == JsonObjectReader.Kind.ARRAY) {
            reader.elements(OFFSETS, (start, end) -> {
                String number = new String(text, start, end - start, StandardCharsets.US_ASCII);
                if (!OFFSET_DIGITS.matcher(number).matches()) {
                    throw bad("an offset that is no number");
                }
                found.add(Long.parseLong(number));
            });
        }
        if (found.isEmpty()) {
            throw bad("a redaction of nothing");
        }
        return List.copyOf(found);
    }

    private List<TopicPosition> positions(JsonObjectReader.Member member) {
        List<TopicPosition> found = new ArrayList<>();
        if (reader.has(member)) {
            reader.elements(member, (start, end) -> {
                element(inner, text, start, end);
                found.add(new TopicPosition(wanted(inner, TOPIC), inner.integer(EPOCH), inner.integer(NEXT_OFFSET)));
            });
        }
        return found;
    }

    /// Reads one element of a list.
    static void element(JsonObjectReader element, byte[] text, int start, int end) {
        if (!element.read(text, start, end)) {
            throw bad(element.problem());
        }
    }

    private static ReceivedMessage message(JsonObjectReader from, String topic, long epoch) {
        long offset = from.integer(OFFSET);
        if (offset < 1) {
            throw bad("a message without an offset");
        }
        String json = payload(from);
        String contentType = from.string(CONTENT_TYPE);
        if (contentType != null && !isBase64(from.string(ENCODING), json)) {
            throw bad("bytes that are no base64");
        }
        return new ReceivedMessage(
                topic,
                epoch,
                offset,
                from.integer(TIMESTAMP),
                from.string(FROM),
                from.string(NAME),
                json,
                from.string(MESSAGE_ID),
                from.string(KEY),
                headers(from),
                contentType,
                from.isTrue(REDACTED),
                FOLDS.about(from));
    }

    /// Looks at the form only, so that [ReceivedMessage#bytes] can decode it.
    private static boolean isBase64(@Nullable String encoding, String json) {
        return "base64".equals(encoding) && BASE64.matcher(json).matches();
    }

    private static SortedMap<String, String> headers(JsonObjectReader from) {
        if (!from.has(HEADERS)) {
            return Collections.emptySortedMap();
        }
        SortedMap<String, String> headers = from.strings(HEADERS);
        if (headers == null) {
            throw bad("headers that are no object of strings");
        }
        return headers;
    }

    private static String payload(JsonObjectReader from) {
        if (!from.has(MESSAGE)) {
            throw bad("a message without a payload");
        }
        return new String(from.payload(MESSAGE), StandardCharsets.UTF_8);
    }

    static long number(JsonObjectReader from, JsonObjectReader.Member member) {
        long value = from.integer(member);
        if (value == JsonObjectReader.NOT_AN_INTEGER) {
            throw bad("no number \"" + member.name() + '"');
        }
        return value;
    }

    static String wanted(JsonObjectReader from, JsonObjectReader.Member member) {
        String value = from.string(member);
        if (value == null) {
            throw bad("no text \"" + member.name() + '"');
        }
        return value;
    }

    private static IllegalArgumentException bad(@Nullable String why) {
        return new IllegalArgumentException("not a frame of the protocol: " + why);
    }
}
