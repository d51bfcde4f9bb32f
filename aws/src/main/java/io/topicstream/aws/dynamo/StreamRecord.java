package io.topicstream.aws.dynamo;

import static io.topicstream.json.JsonWriter.ascii;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Kind;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.json.JsonObjectReader.Trait;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.row.BadRowException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// A record of the table's stream: a row that was made, changed or deleted. What the row has is read when it is asked
/// for. Immutable.
public final class StreamRecord {
    /// With what the keys begin of rows that tell that a topic has grown.
    public static final String LOGS = Slot.pk("");

    /// With what the keys begin of records of what dies with a node, such as connections.
    public static final String STATES_OF_NODES = DynamoStateStore.OF_NODES;

    private static final JsonObjectReader.Builder EVENT = new JsonObjectReader.Builder();
    private static final Member RECORDS = EVENT.add("Records", Trait.LIST);

    private static final JsonObjectReader.Builder RECORD = new JsonObjectReader.Builder();
    private static final Member EVENT_NAME = RECORD.add("eventName");
    private static final Member DYNAMODB = RECORD.add("dynamodb");

    private static final JsonObjectReader.Builder CHANGE = new JsonObjectReader.Builder();
    private static final Member KEYS = CHANGE.add("Keys");
    private static final Member SEQUENCE_NUMBER = CHANGE.add("SequenceNumber");
    private static final Member CREATED = CHANGE.add("ApproximateCreationDateTime");
    private static final Member NEW_IMAGE = CHANGE.add("NewImage");
    private static final Member OLD_IMAGE = CHANGE.add("OldImage");

    private static final JsonObjectReader.Builder ROW = new JsonObjectReader.Builder();
    private static final Member PK = ROW.add(DynamoTable.PK);
    private static final Member SK = ROW.add(DynamoTable.SK);
    /// All attributes that rows of logs and states have beside.
    private static final List<Member> OTHERS = List.of(
            ROW.add(DynamoTable.FORM),
            ROW.add(Slot.COUNT),
            ROW.add(Slot.EPOCH),
            ROW.add(Slot.TIMESTAMP),
            ROW.add(Slot.BYTES),
            ROW.add(Slot.MARK),
            ROW.add(Slot.VALUE),
            ROW.add(Slot.ELSEWHERE),
            ROW.add(Slot.VERSION),
            ROW.add(Slot.ENDED),
            ROW.add(Slot.PAST),
            ROW.add(StateItem.MARK),
            ROW.add(StateItem.VALUE));

    private static final JsonObjectReader.Builder VALUE = new JsonObjectReader.Builder();
    private static final Member TEXT = VALUE.add("S");
    private static final Member NUMBER = VALUE.add("N");
    private static final Member BINARY = VALUE.add("B");

    private final String number;
    private final String text;
    private final @Nullable String problem;
    private final String pk;
    private final String sk;
    private final boolean isNew;
    private final long createdMs;
    private final byte @Nullable [] before;
    private final byte @Nullable [] after;

    /// A batch of a log that was stored.
    ///
    /// @param first offset of its messages
    /// @param count of them
    /// @param epoch in which it was stored
    /// @param messages as they were then; null where they do not stand in the row
    public record Batch(
            TopicName topic,
            long first,
            int count,
            long epoch,
            @Nullable List<Message> messages) {}

    /// A record of state that was put or has gone.
    ///
    /// @param before null where there was none
    /// @param after null where there is none
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record State(String partition, String key, byte @Nullable [] before, byte @Nullable [] after) {}

    private StreamRecord(
            String number,
            String text,
            @Nullable String problem,
            String pk,
            String sk,
            boolean isNew,
            long createdMs,
            byte @Nullable [] before,
            byte @Nullable [] after) {
        this.number = number;
        this.text = text;
        this.problem = problem;
        this.pk = pk;
        this.sk = sk;
        this.isNew = isNew;
        this.createdMs = createdMs;
        this.before = before;
        this.after = after;
    }

    private static StreamRecord broken(String number, String text, String problem) {
        return new StreamRecord(number, text, problem, "", "", false, 0, null, null);
    }

    /// By which an answer names it; empty where it has none.
    public String number() {
        return number;
    }

    /// As it is kept where it cannot be handled: without what its row had. That is somebody's message, and who takes it
    /// back does not look there.
    String letter() {
        if (before == null && after == null) {
            return text;
        }
        JsonWriter json = new JsonWriter();
        json.raw(ascii("{\"dynamodb\":{\"Keys\":{\"pk\":{\"S\":")).string(pk);
        json.raw(ascii("},\"sk\":{\"S\":")).string(sk);
        json.raw(ascii("}},\"SequenceNumber\":")).string(number);
        return json.raw(ascii("}}")).toString();
    }

    /// Why it cannot be read; null where it can.
    public @Nullable String problem() {
        return problem;
    }

    /// About when the row was written, in epoch milliseconds.
    public long createdMs() {
        return createdMs;
    }

    /// The topic to which the row is new; null where it is about another row.
    public @Nullable TopicName grown() {
        return isNew && pk.startsWith(LOGS) ? TopicName.orNull(pk.substring(LOGS.length())) : null;
    }

    /// The batch that was stored; null where it is about another row, or came out of another engine: that was told of
    /// there.
    ///
    /// @throws BadRowException where the row cannot be read
    public @Nullable Batch batch() {
        TopicName topic = grown();
        if (topic == null || sk.equals(Slot.HEAD)) {
            return null;
        }
        byte[] image = after;
        if (image == null) {
            throw new BadRowException("the stream does not show what rows have; its view is NEW_AND_OLD_IMAGES");
        }
        Map<String, AttributeValue> row = row(image);
        if (row.containsKey(Slot.PAST)) {
            return null;
        }
        Slot slot = Slot.of(row);
        byte[] value = slot.value();
        return new Batch(
                topic,
                slot.first(),
                slot.count(),
                slot.epoch(),
                value == null ? null : BatchValue.of(slot, value).messages());
    }

    /// The record that was put or has gone, of what dies with a node; null where it is about another row.
    ///
    /// @throws BadRowException where the row cannot be read
    public @Nullable State stateOfNodes() {
        return pk.startsWith(STATES_OF_NODES)
                ? new State(pk.substring(STATES_OF_NODES.length()), sk, value(before), value(after))
                : null;
    }

    private static byte @Nullable [] value(byte @Nullable [] image) {
        if (image == null) {
            return null;
        }
        Map<String, AttributeValue> row = row(image);
        DynamoTable.requireForm(row);
        // A row that stands for a deleted record has none.
        AttributeValue value = row.get(StateItem.VALUE);
        return value == null || value.b() == null ? null : value.b().asByteArray();
    }

    // ---- reading

    /// Whether a function is called with a stream's records, and not by a schedule.
    public static boolean isStream(byte[] event) {
        return records(event) != null;
    }

    private static @Nullable JsonObjectReader records(byte[] event) {
        JsonObjectReader reader = EVENT.build();
        return reader.read(event, 0, event.length) && reader.has(RECORDS) && reader.kind(RECORDS) == Kind.ARRAY
                ? reader
                : null;
    }

    /// The records that a function is called with.
    ///
    /// @param event JSON; anything else is one record with a problem
    public static List<StreamRecord> of(byte[] event) {
        JsonObjectReader reader = records(event);
        if (reader == null) {
            return List.of(broken("", new String(event, UTF_8), "it is no event of a stream"));
        }
        List<StreamRecord> found = new ArrayList<>();
        reader.elements(RECORDS, (start, end) -> found.add(record(event, start, end)));
        return found;
    }

    private static StreamRecord record(byte[] event, int start, int end) {
        String text = new String(event, start, end - start, UTF_8);
        JsonObjectReader record = RECORD.build();
        JsonObjectReader change = CHANGE.build();
        if (!record.read(event, start, end) || !read(change, event, record, DYNAMODB)) {
            return broken("", text, "it is no record of a stream");
        }
        String number = change.has(SEQUENCE_NUMBER) ? change.string(SEQUENCE_NUMBER) : null;
        JsonObjectReader key = ROW.build();
        boolean hasKey = read(key, event, change, KEYS);
        String pk = hasKey ? text(event, key, PK) : null;
        if (number == null || pk == null) {
            return broken(number == null ? "" : number, text, "it has no key, or no number");
        }
        boolean isNew = record.isText(EVENT_NAME, ascii("INSERT"));
        if (isNew && pk.startsWith(LOGS) && TopicName.orNull(pk.substring(LOGS.length())) == null) {
            return broken(number, text, "its key names no topic");
        }
        String sk = text(event, key, SK);
        return new StreamRecord(
                number,
                text,
                null,
                pk,
                sk == null ? "" : sk,
                isNew,
                createdMs(event, change),
                image(change, OLD_IMAGE),
                image(change, NEW_IMAGE));
    }

    private static byte @Nullable [] image(JsonObjectReader change, Member member) {
        return isObject(change, member) ? change.raw(member) : null;
    }

    /// Seconds, which may be written with an exponent.
    private static long createdMs(byte[] event, JsonObjectReader change) {
        if (!change.has(CREATED) || change.kind(CREATED) != Kind.NUMBER) {
            return 0;
        }
        String seconds = new String(event, change.start(CREATED), change.length(CREATED), UTF_8);
        return new BigDecimal(seconds).movePointRight(3).longValue();
    }

    private static Map<String, AttributeValue> row(byte[] image) {
        JsonObjectReader row = ROW.build();
        if (!row.read(image, 0, image.length)) {
            throw new BadRowException("its row is no JSON");
        }
        Map<String, AttributeValue> attributes = new HashMap<>();
        add(attributes, image, row, PK);
        add(attributes, image, row, SK);
        OTHERS.forEach(member -> add(attributes, image, row, member));
        return attributes;
    }

    private static void add(Map<String, AttributeValue> to, byte[] image, JsonObjectReader row, Member member) {
        JsonObjectReader value = VALUE.build();
        if (!read(value, image, row, member)) {
            return;
        }
        String text = value.has(TEXT) ? value.string(TEXT) : null;
        String number = value.has(NUMBER) ? value.string(NUMBER) : null;
        String binary = value.has(BINARY) ? value.string(BINARY) : null;
        if (text != null) {
            to.put(member.name(), AttributeValue.fromS(text));
        } else if (number != null) {
            to.put(member.name(), AttributeValue.fromN(number));
        } else if (binary != null) {
            try {
                to.put(
                        member.name(),
                        AttributeValue.fromB(
                                SdkBytes.fromByteArrayUnsafe(Base64.getDecoder().decode(binary))));
            } catch (IllegalArgumentException e) {
                throw new BadRowException("its attribute " + member.name() + " is no base64", e);
            }
        }
    }

    private static @Nullable String text(byte[] event, JsonObjectReader row, Member member) {
        JsonObjectReader value = VALUE.build();
        return read(value, event, row, member) && value.has(TEXT) ? value.string(TEXT) : null;
    }

    private static boolean isObject(JsonObjectReader reader, Member member) {
        return reader.has(member) && reader.kind(member) == Kind.OBJECT;
    }

    private static boolean read(JsonObjectReader inner, byte[] text, JsonObjectReader outer, Member member) {
        return isObject(outer, member) && inner.read(text, outer.start(member), outer.end(member));
    }

    // ---- the answer

    /// The answer of a function, JSON: `batchItemFailures`.
    ///
    /// @param again the numbers of those that are to come again
    public static byte[] answer(List<StreamRecord> all, Set<String> again) {
        JsonWriter to = new JsonWriter();
        to.raw(ascii("{\"batchItemFailures\":["));
        String comma = "";
        for (StreamRecord one : all) {
            if (again.contains(one.number())) {
                to.raw(ascii(comma))
                        .raw(ascii("{\"itemIdentifier\":"))
                        .string(one.number())
                        .raw('}');
                comma = ",";
            }
        }
        return to.raw(']').raw('}').toByteArray();
    }
}
