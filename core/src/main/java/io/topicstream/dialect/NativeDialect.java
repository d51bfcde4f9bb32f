package io.topicstream.dialect;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonScanner;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.From;
import io.topicstream.protocol.ReplySize;
import io.topicstream.protocol.ServerFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The project's own dialect, spoken on `/v1`: objects with an `action` from clients, objects with a
/// `type` from the server, and arrays of them both ways.
///
/// Frames are read strictly where two readers could disagree (a member that stands twice, a number
/// that is not an exact integer) and generously elsewhere: members that are not known are ignored,
/// an optional member that is `null` counts as not given, a limit that is too high is the highest.
/// Payloads go through as they came ([JsonObjectReader#payload]).
public final class NativeDialect implements Dialect {
    /// The version of the dialect, as `welcome` names it.
    public static final int PROTOCOL = 1;
    /// The largest payload by default, in bytes.
    public static final int DEFAULT_MAX_PAYLOAD_BYTES = 120 * 1024;
    /// The most frames in one array.
    public static final int MAX_FRAMES = 1000;
    /// The highest `limit`.
    public static final int MAX_LIMIT = 1000;
    /// The `limit` of a `read` that does not say.
    public static final int DEFAULT_READ_LIMIT = 50;
    /// The `limit` of a `topics` that does not say.
    public static final int DEFAULT_TOPICS_LIMIT = 100;

    private static final int LONGEST_ACTION_KEPT = 64;

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member ACTION = MEMBERS.add("action");
    private static final JsonObjectReader.Member ID = MEMBERS.add("id");
    private static final JsonObjectReader.Member TOPIC = MEMBERS.add("topic");
    private static final JsonObjectReader.Member MESSAGE = MEMBERS.add("message", JsonObjectReader.Trait.PAYLOAD);
    private static final JsonObjectReader.Member MESSAGE_ID = MEMBERS.add("message_id");
    private static final JsonObjectReader.Member KEY = MEMBERS.add("key");
    private static final JsonObjectReader.Member EXPECTED_OFFSET = MEMBERS.add("expected_offset");
    private static final JsonObjectReader.Member ECHO = MEMBERS.add("echo");
    private static final JsonObjectReader.Member FROM = MEMBERS.add("from");
    private static final JsonObjectReader.Member DURABLE = MEMBERS.add("durable");
    private static final JsonObjectReader.Member PRESENCE = MEMBERS.add("presence");
    private static final JsonObjectReader.Member AFTER = MEMBERS.add("after");
    private static final JsonObjectReader.Member BEFORE = MEMBERS.add("before");
    private static final JsonObjectReader.Member LIMIT = MEMBERS.add("limit");
    private static final JsonObjectReader.Member PREFIX = MEMBERS.add("prefix");
    private static final JsonObjectReader.Member START_AFTER = MEMBERS.add("start_after");
    private static final JsonObjectReader.Member TOKEN = MEMBERS.add("token");

    private static final byte[] PUBLISH = ascii("publish");
    private static final byte[] SUBSCRIBE = ascii("subscribe");
    private static final byte[] UNSUBSCRIBE = ascii("unsubscribe");
    private static final byte[] READ = ascii("read");
    private static final byte[] TOPICS = ascii("topics");
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

    private static final byte[] NOTHING = {};

    private final int maxPayloadBytes;
    private final JsonObjectReader reader = MEMBERS.build();
    private final JsonObjectReader fromReader = FROM_MEMBERS.build();
    private final JsonObjectReader resumeReader = RESUME_MEMBERS.build();
    private final TopicNameCache topicNames = new TopicNameCache();
    private final List<ClientFrame> pending = new ArrayList<>();
    private final JsonWriter deliveryHead = new JsonWriter();
    private byte[] buffer = NOTHING;

    /// The first fault of the frame that is being read.
    private @Nullable String fault;

    private ErrorCode faultCode = ErrorCode.BAD_FRAME;

    public NativeDialect() {
        this(DEFAULT_MAX_PAYLOAD_BYTES);
    }

    /// @param maxPayloadBytes the largest payload of a `publish`
    public NativeDialect(int maxPayloadBytes) {
        if (maxPayloadBytes < 1) {
            throw new IllegalArgumentException("a payload has at least one byte");
        }
        this.maxPayloadBytes = maxPayloadBytes;
    }

    // ---- what clients say ----

    @Override
    public void decode(byte[] newBuffer, int from, int to, Consumer<ClientFrame> sink) {
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
            broken = "an array of frames has 1 to " + MAX_FRAMES;
        }
        while (broken == null) {
            if (!scanner.hasMore(at)) {
                broken = scanner.problem();
                break;
            }
            if (pending.size() == MAX_FRAMES) {
                broken = "an array of frames has 1 to " + MAX_FRAMES;
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
        if (reader.isText(ACTION, PUBLISH)) {
            return publish(id);
        }
        if (reader.isText(ACTION, SUBSCRIBE)) {
            return subscribe(id);
        }
        if (reader.isText(ACTION, UNSUBSCRIBE)) {
            return unsubscribe(id);
        }
        if (reader.isText(ACTION, READ)) {
            return read(id);
        }
        if (reader.isText(ACTION, TOPICS)) {
            return topics(id);
        }
        if (reader.isText(ACTION, SIGNAL)) {
            return signal(id);
        }
        if (reader.isText(ACTION, AUTHENTICATE)) {
            return authenticate(id);
        }
        if (reader.isText(ACTION, PING)) {
            return new ClientFrame.Ping(id);
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
        checkPayload(maxPayloadBytes);
        String messageId = text(MESSAGE_ID, Draft.MAX_MESSAGE_ID_LENGTH);
        if (messageId != null && messageId.isEmpty()) {
            blame("\"message_id\" is not empty");
        }
        String key = text(KEY, Draft.MAX_KEY_LENGTH);
        long expectedOffset = integer(EXPECTED_OFFSET, Append.ANY_OFFSET);
        boolean echo = flag(ECHO, true);
        if (topic == null || fault != null) {
            return malformed(id);
        }
        return new ClientFrame.Publish(
                id, topic, new Draft(reader.payload(MESSAGE), messageId, key), expectedOffset, echo);
    }

    private ClientFrame subscribe(byte @Nullable [] id) {
        TopicName topic = topic();
        From from = from();
        boolean durable = flag(DURABLE, false);
        if (flag(PRESENCE, false)) {
            blame("\"presence\" is not built yet");
        }
        if (topic == null || fault != null) {
            return malformed(id);
        }
        return new ClientFrame.Subscribe(id, topic, from, durable);
    }

    private ClientFrame unsubscribe(byte @Nullable [] id) {
        TopicName topic = topic();
        boolean durable = flag(DURABLE, false);
        if (topic == null || fault != null) {
            return malformed(id);
        }
        return new ClientFrame.Unsubscribe(id, topic, durable);
    }

    private ClientFrame read(byte @Nullable [] id) {
        TopicName topic = topic();
        long after = integer(AFTER, ClientFrame.NOT_GIVEN);
        long before = integer(BEFORE, ClientFrame.NOT_GIVEN);
        if (after != ClientFrame.NOT_GIVEN && before != ClientFrame.NOT_GIVEN) {
            blame("a read has \"after\" or \"before\", not both");
        }
        long limit = integer(LIMIT, DEFAULT_READ_LIMIT);
        if (topic == null || fault != null) {
            return malformed(id);
        }
        return new ClientFrame.Read(id, topic, after, before, (int) Math.min(limit, MAX_LIMIT));
    }

    private ClientFrame topics(byte @Nullable [] id) {
        String prefix = partOfName(PREFIX);
        long limit = integer(LIMIT, DEFAULT_TOPICS_LIMIT);
        String startAfter = partOfName(START_AFTER);
        if (fault != null) {
            return malformed(id);
        }
        return new ClientFrame.Topics(id, prefix, Math.clamp(limit, 1, MAX_LIMIT), startAfter);
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

    private @Nullable TopicName topic() {
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

    private @Nullable String text(JsonObjectReader.Member member, int maxLength) {
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
    private String partOfName(JsonObjectReader.Member member) {
        String text = text(member, TopicName.MAX_LENGTH);
        if (text == null) {
            return "";
        }
        if (!text.chars().allMatch(TopicName::isAllowed)) {
            blame(ErrorCode.BAD_TOPIC, "\"" + member.name() + "\" has characters that no topic name has");
        }
        return text;
    }

    private long integer(JsonObjectReader.Member member, long absent) {
        if (!reader.has(member)) {
            return absent;
        }
        long value = reader.integer(member);
        if (value == JsonObjectReader.NOT_AN_INTEGER) {
            blame("\"" + member.name() + "\" is an integer from 0 to 2^63-1");
        }
        return value;
    }

    private boolean flag(JsonObjectReader.Member member, boolean absent) {
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

    private void blame(String reason) {
        blame(ErrorCode.BAD_FRAME, reason);
    }

    private void blame(ErrorCode code, String reason) {
        if (fault == null) {
            fault = reason;
            faultCode = code;
        }
    }

    private ClientFrame malformed(byte @Nullable [] id) {
        return new ClientFrame.Malformed(id, faultCode, fault == null ? "not a frame" : fault);
    }

    private static ClientFrame malformed(byte @Nullable [] id, String reason) {
        return new ClientFrame.Malformed(id, ErrorCode.BAD_FRAME, reason);
    }

    // ---- what the server says ----

    private static final byte[] TYPE_WELCOME = ascii("{\"type\":\"welcome\",\"connection_id\":");
    private static final byte[] TYPE_SUBSCRIPTIONS = ascii("{\"type\":\"subscriptions\",\"subscriptions\":[");
    private static final byte[] TYPE_REPLY = ascii("{\"type\":\"reply\"");
    private static final byte[] TYPE_PONG = ascii("{\"type\":\"pong\"");
    private static final byte[] TYPE_ERROR = ascii("{\"type\":\"error\"");
    private static final byte[] TYPE_SIGNAL = ascii("{\"type\":\"signal\",\"topic\":");
    private static final byte[] TYPE_TRUNCATED = ascii("{\"type\":\"truncated\",\"topic\":");
    private static final byte[] TYPE_RESET = ascii("{\"type\":\"reset\",\"topic\":");
    private static final byte[] TYPE_DRAINING = ascii("{\"type\":\"draining\",\"reconnect_in_ms\":");
    private static final byte[] TYPE_MESSAGE = ascii("{\"type\":\"message\",\"topic\":");

    private static final byte[] M_USER = ascii(",\"user\":");
    private static final byte[] M_NAME = ascii(",\"name\":");
    private static final byte[] M_PROTOCOL = ascii(",\"protocol\":" + PROTOCOL + ",\"server_time\":");
    private static final byte[] M_PING_MS = ascii(",\"ping_ms\":");
    private static final byte[] M_DURABILITY = ascii(",\"durability\":");
    private static final byte[] M_EXPIRES_AT = ascii(",\"expires_at\":");
    private static final byte[] M_SUBSCRIPTIONS = ascii(",\"subscriptions\":[");
    private static final byte[] M_MORE = ascii(",\"more\":true");
    private static final byte[] M_ID = ascii(",\"id\":");
    private static final byte[] M_TOPIC = ascii(",\"topic\":");
    private static final byte[] M_EPOCH = ascii(",\"epoch\":");
    private static final byte[] M_OFFSET = ascii(",\"offset\":");
    private static final byte[] M_FIRST_OFFSET = ascii(",\"first_offset\":");
    private static final byte[] M_NEXT_OFFSET = ascii(",\"next_offset\":");
    private static final byte[] M_COMMON_OFFSET = ascii(",\"common_offset\":");
    private static final byte[] M_RECOVERED = ascii(",\"recovered\":");
    private static final byte[] M_TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] M_MESSAGES = ascii(",\"messages\":[");
    private static final byte[] M_TOPICS = ascii(",\"topics\":[");
    private static final byte[] M_NEXT = ascii(",\"next\":");
    private static final byte[] M_FROM = ascii(",\"from\":");
    private static final byte[] M_MESSAGE = ascii(",\"message\":");
    private static final byte[] M_MESSAGE_ID = ascii(",\"message_id\":");
    private static final byte[] M_KEY = ascii(",\"key\":");
    private static final byte[] M_CODE = ascii(",\"code\":");
    private static final byte[] M_RETRYABLE = ascii(",\"retryable\":");
    private static final byte[] FIRST_TOPIC = ascii("{\"topic\":");
    private static final byte[] FIRST_OFFSET = ascii("{\"offset\":");

    @Override
    public boolean encode(ServerFrame frame, String connectionId, JsonWriter out) {
        switch (frame) {
            case ServerFrame.Published published -> {
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
                out.raw('}');
            }
            case ServerFrame.Subscribed subscribed -> {
                open(TYPE_REPLY, subscribed.id(), out);
                out.raw(M_TOPIC).string(subscribed.topic().value());
                extent(subscribed.extent(), out);
                out.raw(M_RECOVERED).bool(subscribed.recovered()).raw('}');
            }
            case ServerFrame.Unsubscribed unsubscribed -> {
                if (!reply(unsubscribed.id(), out)) {
                    return false;
                }
                out.raw(M_TOPIC).string(unsubscribed.topic().value()).raw('}');
            }
            case ServerFrame.ReadPage page -> {
                if (!reply(page.id(), out)) {
                    return false;
                }
                out.raw(M_TOPIC).string(page.topic().value()).raw(M_MESSAGES);
                for (int i = 0; i < page.messages().size(); i++) {
                    comma(i, out);
                    out.raw(FIRST_OFFSET);
                    restOfMessage(page.messages().get(i), out);
                }
                out.raw(']');
                extent(page.extent(), out);
                out.raw('}');
            }
            case ServerFrame.TopicList list -> {
                if (!reply(list.id(), out)) {
                    return false;
                }
                out.raw(M_TOPICS);
                positions(list.topics(), out);
                if (list.next() != null) {
                    out.raw(M_NEXT).string(list.next());
                }
                out.raw('}');
            }
            case ServerFrame.Authenticated authenticated -> {
                if (!reply(authenticated.id(), out)) {
                    return false;
                }
                out.raw(M_USER).string(authenticated.user());
                out.raw(M_EXPIRES_AT).number(authenticated.expiresAt()).raw('}');
            }
            case ServerFrame.Done done -> {
                if (!reply(done.id(), out)) {
                    return false;
                }
                out.raw('}');
            }
            case ServerFrame.Pong pong -> {
                open(TYPE_PONG, pong.id(), out);
                out.raw('}');
            }
            case ServerFrame.Error error -> error(error, out);
            case ServerFrame.Welcome welcome -> welcome(welcome, out);
            case ServerFrame.Subscriptions subscriptions -> {
                out.raw(TYPE_SUBSCRIPTIONS);
                subscriptions(subscriptions.subscriptions(), subscriptions.more(), out);
            }
            case ServerFrame.Signal signal -> {
                out.raw(TYPE_SIGNAL).string(signal.topic().value());
                out.raw(M_FROM).string(signal.from());
                out.raw(M_MESSAGE).raw(signal.payload()).raw('}');
            }
            case ServerFrame.Truncated truncated -> {
                out.raw(TYPE_TRUNCATED).string(truncated.topic().value());
                out.raw(M_EPOCH).number(truncated.epoch());
                out.raw(M_FIRST_OFFSET).number(truncated.firstOffset()).raw('}');
            }
            case ServerFrame.Reset reset -> {
                out.raw(TYPE_RESET).string(reset.topic().value());
                out.raw(M_EPOCH).number(reset.epoch());
                out.raw(M_COMMON_OFFSET).number(reset.commonOffset()).raw('}');
            }
            case ServerFrame.Draining draining ->
                out.raw(TYPE_DRAINING).number(draining.reconnectInMs()).raw('}');
        }
        return true;
    }

    private static void welcome(ServerFrame.Welcome welcome, JsonWriter out) {
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
    }

    private static void subscriptions(List<TopicExtent> subscriptions, boolean more, JsonWriter out) {
        positions(subscriptions, out);
        if (more) {
            out.raw(M_MORE);
        }
        out.raw('}');
    }

    private static void error(ServerFrame.Error error, JsonWriter out) {
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
        out.raw('}');
    }

    /// Begins a reply, unless nobody asked for one.
    private static boolean reply(byte @Nullable [] id, JsonWriter out) {
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

    private static void extent(Extent extent, JsonWriter out) {
        out.raw(M_EPOCH).number(extent.epoch());
        out.raw(M_FIRST_OFFSET).number(extent.firstOffset());
        out.raw(M_NEXT_OFFSET).number(extent.nextOffset());
    }

    /// Writes the elements of an array of topics and its end.
    private static void positions(List<TopicExtent> topics, JsonWriter out) {
        for (int i = 0; i < topics.size(); i++) {
            comma(i, out);
            Extent extent = topics.get(i).extent();
            out.raw(FIRST_TOPIC).string(topics.get(i).topic().value());
            out.raw(M_EPOCH).number(extent.epoch());
            out.raw(M_NEXT_OFFSET).number(extent.nextOffset()).raw('}');
        }
        out.raw(']');
    }

    private static void comma(int index, JsonWriter out) {
        if (index > 0) {
            out.raw(',');
        }
    }

    // ---- deliveries ----

    @Override
    public void encodeDelivery(TopicName topic, List<Message> messages, boolean arrays, DeliveryOutput out) {
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
            if (size > MAX_ARRAY_BYTES) {
                return next;
            }
            next++;
        }
        return next;
    }

    /// Writes a message from its offset's value to its closing brace.
    private static void restOfMessage(Message message, JsonWriter out) {
        out.number(message.offset()).raw(M_TIMESTAMP).number(message.timestamp());
        if (message.from() != null) {
            out.raw(M_FROM).string(message.from());
        }
        out.raw(M_MESSAGE).raw(message.payload());
        if (message.messageId() != null) {
            out.raw(M_MESSAGE_ID).string(message.messageId());
        }
        if (message.key() != null) {
            out.raw(M_KEY).string(message.key());
        }
        out.raw('}');
    }
}
