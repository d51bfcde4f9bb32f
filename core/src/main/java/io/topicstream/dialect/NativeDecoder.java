package io.topicstream.dialect;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonScanner;
import io.topicstream.log.About;
import io.topicstream.log.Append;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.AboutReader;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.From;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What clients say on the native dialect, read: one method a frame; queries stand in [NativeQueries]. Not
/// thread-safe.
///
/// A frame is read to its end even where a fault is found; the answer names the first.
final class NativeDecoder {
    private static final int LONGEST_ACTION_KEPT = 64;

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member ACTION = MEMBERS.add("action");
    private static final JsonObjectReader.Member ID = MEMBERS.add("id");
    private static final JsonObjectReader.Member TOPIC = MEMBERS.add("topic");
    private static final JsonObjectReader.Member MESSAGE = MEMBERS.add("message", JsonObjectReader.Trait.PAYLOAD);
    private static final JsonObjectReader.Member MESSAGE_ID = MEMBERS.add("message_id");
    private static final JsonObjectReader.Member KEY = MEMBERS.add("key");
    private static final JsonObjectReader.Member HEADERS = MEMBERS.add("headers");
    private static final JsonObjectReader.Member ABOUT = MEMBERS.add("about");
    private static final JsonObjectReader.Member EXPECTED_OFFSET = MEMBERS.add("expected_offset");
    private static final JsonObjectReader.Member ECHO = MEMBERS.add("echo");
    private static final JsonObjectReader.Member FROM = MEMBERS.add("from");
    private static final JsonObjectReader.Member DURABLE = MEMBERS.add("durable");
    private static final JsonObjectReader.Member PRESENCE = MEMBERS.add("presence");
    private static final JsonObjectReader.Member TOKEN = MEMBERS.add("token");
    private static final NativeQueries QUERIES = new NativeQueries(MEMBERS);
    private static final NativeRequests REQUESTS = new NativeRequests(MEMBERS);

    private static final byte[] PUBLISH = ascii("publish");
    private static final byte[] SUBSCRIBE = ascii("subscribe");
    private static final byte[] UNSUBSCRIBE = ascii("unsubscribe");
    private static final byte[] SIGNAL = ascii("signal");
    private static final byte[] AUTHENTICATE = ascii("authenticate");
    private static final byte[] PING = ascii("ping");

    private static final byte[] NEW = ascii("new");
    private static final byte[] EARLIEST = ascii("earliest");

    // Of the object that "from" may be.
    private static final JsonObjectReader.Builder FROM_MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member LAST = FROM_MEMBERS.add("last");
    private static final JsonObjectReader.Member TIME = FROM_MEMBERS.add("time");
    private static final JsonObjectReader.Member RESUME = FROM_MEMBERS.add("resume");

    // Of the object that "resume" is.
    private static final JsonObjectReader.Builder RESUME_MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member EPOCH = RESUME_MEMBERS.add("epoch");
    private static final JsonObjectReader.Member OFFSET = RESUME_MEMBERS.add("offset");

    private static final byte[] NULL = ascii("null");
    private static final byte[] NOTHING = {};

    private final int maxPayloadBytes;
    private final JsonObjectReader reader = MEMBERS.build();
    private final JsonObjectReader fromReader = FROM_MEMBERS.build();
    private final JsonObjectReader resumeReader = RESUME_MEMBERS.build();
    private final AboutReader aboutReader = new AboutReader();
    private final TopicNameCache topicNames = new TopicNameCache();
    private final List<ClientFrame> pending = new ArrayList<>();
    private byte[] buffer = NOTHING;

    /// The first fault of the frame that is being read.
    private @Nullable String fault;

    private ErrorCode faultCode = ErrorCode.BAD_FRAME;

    /// @param maxPayloadBytes the largest payload of a `publish`
    NativeDecoder(int maxPayloadBytes) {
        this.maxPayloadBytes = maxPayloadBytes;
    }

    /// As [Dialect#decode] says.
    void decode(byte[] newBuffer, int from, int to, Consumer<ClientFrame> sink) {
        buffer = newBuffer;
        reader.begin(newBuffer, to);
        try {
            JsonScanner scanner = reader.scanner();
            int at = scanner.skipSpace(from);
            if (at >= to) {
                sink.accept(malformed(null, "there is no JSON text"));
            } else if (newBuffer[at] == '[') {
                array(scanner, at, to, sink);
            } else {
                int end = reader.readValue(at);
                if (end < 0) {
                    sink.accept(malformed(null, problem()));
                } else if (scanner.skipSpace(end) < to) {
                    sink.accept(malformed(null, "something follows the frame"));
                } else {
                    sink.accept(frame());
                }
            }
        } finally {
            pending.clear();
            reader.release();
            buffer = NOTHING;
        }
    }

    /// Reads all of the array before anything of it is told, so that of broken text nothing runs.
    private void array(JsonScanner scanner, int from, int to, Consumer<ClientFrame> sink) {
        int at = scanner.skipSpace(from + 1);
        String broken = null;
        if (at < to && buffer[at] == ']') {
            broken = "an array of frames has 1 to " + NativeDialect.MAX_FRAMES;
        }
        while (broken == null) {
            if (!scanner.hasMore(at)) {
                broken = scanner.problem();
                break;
            }
            if (pending.size() == NativeDialect.MAX_FRAMES) {
                broken = "an array of frames has 1 to " + NativeDialect.MAX_FRAMES;
                break;
            }
            int end = reader.readValue(at);
            if (end < 0) {
                broken = problem();
                break;
            }
            pending.add(frame());
            at = scanner.skipSpace(end);
            if (!scanner.hasMore(at)) {
                broken = scanner.problem();
            } else if (buffer[at] == ',') {
                at = scanner.skipSpace(at + 1);
            } else if (buffer[at] != ']') {
                broken = "expected ',' or ']' after a frame";
            } else if (scanner.skipSpace(at + 1) < to) {
                broken = "something follows the array of frames";
            } else {
                break;
            }
        }
        if (broken != null) {
            sink.accept(malformed(null, broken));
            return;
        }
        for (int i = 0; i < pending.size(); i++) {
            sink.accept(pending.get(i));
        }
    }

    private String problem() {
        String problem = reader.problem();
        return problem == null ? "not a frame" : problem;
    }

    /// The frame that the reader has just read.
    private ClientFrame frame() {
        fault = null;
        faultCode = ErrorCode.BAD_FRAME;
        byte[] id = null;
        if (reader.has(ID)) {
            JsonObjectReader.Kind kind = reader.kind(ID);
            if ((kind == JsonObjectReader.Kind.STRING || kind == JsonObjectReader.Kind.NUMBER)
                    && reader.length(ID) <= ClientFrame.MAX_ID_BYTES) {
                id = reader.raw(ID);
            } else {
                blame("an id is a string or a number of at most " + ClientFrame.MAX_ID_BYTES + " bytes");
            }
        }
        if (reader.problem() != null) {
            return malformed(id, problem());
        }
        if (fault != null) {
            return malformed(id);
        }
        if (isAction(PUBLISH)) {
            return publish(id);
        }
        if (isAction(SUBSCRIBE)) {
            return subscribe(id);
        }
        if (isAction(UNSUBSCRIBE)) {
            return unsubscribe(id);
        }
        if (isAction(SIGNAL)) {
            return signal(id);
        }
        if (isAction(AUTHENTICATE)) {
            return authenticate(id);
        }
        if (isAction(PING)) {
            return new ClientFrame.Ping(id);
        }
        ClientFrame query = QUERIES.frame(this, id);
        if (query != null) {
            return query;
        }
        ClientFrame request = REQUESTS.frame(this, id);
        if (request != null) {
            return request;
        }
        String action = reader.string(ACTION);
        if (action == null) {
            return malformed(id, "a frame has a member \"action\", a string");
        }
        return new ClientFrame.Unknown(id, kept(action));
    }

    /// As much of an unknown action as is said back, without half a character at its end.
    static String kept(String action) {
        return Draft.isLonger(action, LONGEST_ACTION_KEPT)
                ? action.substring(0, action.offsetByCodePoints(0, LONGEST_ACTION_KEPT))
                : action;
    }

    private ClientFrame publish(byte @Nullable [] id) {
        TopicName topic = topic();
        Draft draft = draft();
        long expectedOffset = integer(EXPECTED_OFFSET, Append.ANY_OFFSET);
        boolean echo = flag(ECHO, true);
        if (topic == null || draft == null || fault != null) {
            return malformed(id);
        }
        return new ClientFrame.Publish(id, topic, draft, expectedOffset, echo);
    }

    /// The message that the frame carries, or null with a fault.
    @Nullable
    Draft draft() {
        About about = about();
        if (about == null || !about.as().hasValue() || reader.has(MESSAGE)) {
            checkPayload(maxPayloadBytes);
        }
        String messageId = text(MESSAGE_ID, Draft.MAX_MESSAGE_ID_LENGTH);
        if (messageId != null && messageId.isEmpty()) {
            blame("\"message_id\" is not empty");
        }
        String key = text(KEY, Draft.MAX_KEY_LENGTH);
        Headers headers = headers();
        if (fault != null) {
            return null;
        }
        Details details = key == null && headers.isEmpty()
                ? null
                : new Details(Message.Kind.JSON, null, headers, key, null, null);
        Draft draft = new Draft(reader.has(MESSAGE) ? reader.payload(MESSAGE) : NULL, messageId, details);
        return about == null ? draft : draft.about(about);
    }

    private @Nullable About about() {
        if (!reader.has(ABOUT)) {
            return null;
        }
        About about = aboutReader.read(buffer, reader.start(ABOUT), reader.end(ABOUT));
        if (about == null) {
            blame(aboutReader.problem());
        }
        return about;
    }

    private Headers headers() {
        if (!reader.has(HEADERS)) {
            return Headers.NONE;
        }
        Map<String, String> headers = reader.strings(HEADERS);
        if (headers == null) {
            blame("\"headers\" is an object of strings, and no name stands twice in it");
            return Headers.NONE;
        }
        String wrong = Headers.fault(headers);
        if (wrong != null) {
            blame(wrong);
            return Headers.NONE;
        }
        String excess = Headers.excess(headers);
        if (excess != null) {
            blame(ErrorCode.TOO_LARGE, excess);
            return Headers.NONE;
        }
        return Headers.of(headers);
    }

    private ClientFrame subscribe(byte @Nullable [] id) {
        TopicName topic = topic();
        From from = from();
        boolean durable = flag(DURABLE, false);
        Boolean presence = reader.has(PRESENCE) ? Boolean.valueOf(flag(PRESENCE, false)) : null;
        if (topic == null || fault != null) {
            return malformed(id);
        }
        return new ClientFrame.Subscribe(id, topic, from, durable, presence);
    }

    private ClientFrame unsubscribe(byte @Nullable [] id) {
        TopicName topic = topic();
        boolean durable = flag(DURABLE, false);
        if (topic == null || fault != null) {
            return malformed(id);
        }
        return new ClientFrame.Unsubscribe(id, topic, durable);
    }

    private ClientFrame signal(byte @Nullable [] id) {
        TopicName topic = topic();
        checkPayload(Math.min(ClientFrame.Signal.MAX_PAYLOAD_BYTES, maxPayloadBytes));
        if (topic == null || fault != null) {
            return malformed(id);
        }
        return new ClientFrame.Signal(id, topic, reader.payload(MESSAGE));
    }

    private ClientFrame authenticate(byte @Nullable [] id) {
        String token = reader.string(TOKEN);
        return token == null || token.isEmpty()
                ? malformed(id, "\"token\" is a string and not empty")
                : new ClientFrame.Authenticate(id, token);
    }

    // ---- for every frame

    /// Whether the frame asks for this.
    boolean isAction(byte[] action) {
        return reader.isText(ACTION, action);
    }

    /// Whether something was found that is wrong with it.
    boolean hasFault() {
        return fault != null;
    }

    /// The topic that it names, or null with a fault.
    @Nullable
    TopicName topic() {
        if (!reader.has(TOPIC) || reader.kind(TOPIC) != JsonObjectReader.Kind.STRING) {
            blame("the frame wants a member \"topic\", a string");
            return null;
        }
        TopicName topic = topicNames.find(reader, TOPIC, buffer);
        if (topic == null) {
            blame(ErrorCode.BAD_TOPIC, TopicName.RULE);
        }
        return topic;
    }

    private void checkPayload(int maxBytes) {
        if (!reader.has(MESSAGE)) {
            blame("the frame wants a member \"message\"");
        } else if (reader.length(MESSAGE) > maxBytes) {
            blame(
                    ErrorCode.TOO_LARGE,
                    "the message has " + reader.length(MESSAGE) + " bytes, at most " + maxBytes + " are taken");
        }
    }

    @Nullable
    String text(JsonObjectReader.Member member, int maxLength) {
        if (!reader.has(member)) {
            return null;
        }
        String text = reader.string(member);
        if (text == null) {
            blame("\"" + member.name() + "\" is a string");
        } else if (Draft.isLonger(text, maxLength)) {
            blame(ErrorCode.TOO_LARGE, "\"" + member.name() + "\" has at most " + maxLength + " characters");
        }
        return text;
    }

    /// A text that names of topics are compared with. What cannot be part of a name is refused here,
    /// so that no store has to find out what it means.
    String partOfName(JsonObjectReader.Member member) {
        String text = text(member, TopicName.MAX_LENGTH);
        if (text == null) {
            return "";
        }
        if (!text.chars().allMatch(TopicName::isAllowed)) {
            blame(ErrorCode.BAD_TOPIC, "\"" + member.name() + "\" has characters that no topic name has");
        }
        return text;
    }

    /// An object of texts. Null where it was not given, and with a fault where it is something else.
    @Nullable
    Map<String, String> strings(JsonObjectReader.Member member) {
        if (!reader.has(member)) {
            return null;
        }
        Map<String, String> strings =
                reader.kind(member) == JsonObjectReader.Kind.OBJECT ? reader.strings(member) : null;
        if (strings == null) {
            blame("\"" + member.name() + "\" is an object whose members are strings");
        }
        return strings;
    }

    /// A list of texts. Null where it was not given, and with a fault where it is something else.
    @Nullable
    List<String> texts(JsonObjectReader.Member member, int most) {
        if (!reader.has(member)) {
            return null;
        }
        List<String> texts = reader.kind(member) == JsonObjectReader.Kind.ARRAY ? reader.texts(member, most) : null;
        if (texts == null) {
            blame("\"" + member.name() + "\" is an array of at most " + most + " strings");
        }
        return texts;
    }

    long integer(JsonObjectReader.Member member, long absent) {
        if (!reader.has(member)) {
            return absent;
        }
        long value = reader.integer(member);
        if (value == JsonObjectReader.NOT_AN_INTEGER) {
            blame("\"" + member.name() + "\" is an integer from 0 to 2^63-1");
        }
        return value;
    }

    boolean flag(JsonObjectReader.Member member, boolean absent) {
        if (!reader.has(member)) {
            return absent;
        }
        return switch (reader.kind(member)) {
            case TRUE -> true;
            case FALSE -> false;
            case STRING, NUMBER, OBJECT, ARRAY, NULL -> {
                blame("\"" + member.name() + "\" is true or false");
                yield absent;
            }
        };
    }

    private @Nullable From from() {
        if (!reader.has(FROM)) {
            return null;
        }
        From from = switch (reader.kind(FROM)) {
            case STRING ->
                reader.isText(FROM, NEW) ? From.NEW : reader.isText(FROM, EARLIEST) ? new From.Earliest() : null;
            case NUMBER -> {
                long offset = reader.integer(FROM);
                yield offset == JsonObjectReader.NOT_AN_INTEGER ? null : new From.Offset(offset);
            }
            case OBJECT -> fromObject();
            case ARRAY, TRUE, FALSE, NULL -> null;
        };
        if (from == null) {
            blame("\"from\" is \"new\", \"earliest\", an offset, {\"last\":n}, {\"time\":ms}"
                    + " or {\"resume\":{\"epoch\":e,\"offset\":n}}");
        }
        return from;
    }

    private @Nullable From fromObject() {
        if (!fromReader.read(buffer, reader.start(FROM), reader.end(FROM))) {
            return null;
        }
        boolean last = fromReader.has(LAST);
        boolean time = fromReader.has(TIME);
        boolean resume = fromReader.has(RESUME);
        if (last && !time && !resume) {
            long count = fromReader.integer(LAST);
            return count == JsonObjectReader.NOT_AN_INTEGER ? null : new From.Last(count);
        }
        if (time && !last && !resume) {
            long timestamp = fromReader.integer(TIME);
            return timestamp == JsonObjectReader.NOT_AN_INTEGER ? null : new From.Time(timestamp);
        }
        if (resume && !last && !time) {
            if (!resumeReader.read(buffer, fromReader.start(RESUME), fromReader.end(RESUME))) {
                return null;
            }
            long epoch = resumeReader.integer(EPOCH);
            long offset = resumeReader.integer(OFFSET);
            return epoch == JsonObjectReader.NOT_AN_INTEGER || offset == JsonObjectReader.NOT_AN_INTEGER
                    ? null
                    : new From.Resume(epoch, offset);
        }
        return null;
    }

    void blame(String reason) {
        blame(ErrorCode.BAD_FRAME, reason);
    }

    void blame(ErrorCode code, String reason) {
        if (fault == null) {
            fault = reason;
            faultCode = code;
        }
    }

    ClientFrame malformed(byte @Nullable [] id) {
        return new ClientFrame.Malformed(id, faultCode, fault == null ? "not a frame" : fault);
    }

    private static ClientFrame malformed(byte @Nullable [] id, String reason) {
        return new ClientFrame.Malformed(id, ErrorCode.BAD_FRAME, reason);
    }
}
