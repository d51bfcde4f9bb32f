package io.topicstream.aws.dynamo;

import static io.topicstream.json.JsonWriter.ascii;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Kind;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.json.JsonObjectReader.Trait;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a function is called with for the stream of the table, and what it answers.
///
/// A record is only a hint that a topic has grown: what is archived is decided by the table. So records may come late,
/// twice or never. The stream needs to show keys only, and rows that begin with `L#`.
///
/// A record whose topic cannot be archived now is named in the answer, and comes again. One that cannot be read, or
/// whose topic is damaged, becomes a dead letter, and its shard goes on. Thread-safe.
public final class ArchiveEvents {
    private static final JsonObjectReader.Builder EVENT = new JsonObjectReader.Builder();
    private static final Member RECORDS = EVENT.add("Records", Trait.LIST);

    private static final JsonObjectReader.Builder RECORD = new JsonObjectReader.Builder();
    private static final Member EVENT_NAME = RECORD.add("eventName");
    private static final Member DYNAMODB = RECORD.add("dynamodb");

    private static final JsonObjectReader.Builder CHANGE = new JsonObjectReader.Builder();
    private static final Member KEYS = CHANGE.add("Keys");
    private static final Member SEQUENCE_NUMBER = CHANGE.add("SequenceNumber");

    private static final JsonObjectReader.Builder ROW_KEY = new JsonObjectReader.Builder();
    private static final Member PK = ROW_KEY.add(DynamoTable.PK);

    private static final JsonObjectReader.Builder VALUE = new JsonObjectReader.Builder();
    private static final Member TEXT = VALUE.add("S");

    private static final String LOG = Slot.pk("");

    private final Archiver archiver;
    private final DeadLetters deadLetters;

    /// A record of the stream.
    ///
    /// @param number by which the answer names it; empty where it has none
    /// @param topic that has grown; null where it is about another row
    /// @param problem why it cannot be read, or null
    private record Grown(
            String number,
            @Nullable TopicName topic,
            @Nullable String problem,
            String text) {}

    public ArchiveEvents(Archiver archiver, DeadLetters deadLetters) {
        this.archiver = archiver;
        this.deadLetters = deadLetters;
    }

    /// Archives what has grown.
    ///
    /// @param event JSON, as a function is called with it
    /// @return the answer of the function, JSON: `batchItemFailures`
    public byte[] handle(byte[] event) {
        List<Grown> records = records(event);
        Map<TopicName, Grown> grown = new LinkedHashMap<>();
        Set<String> again = new HashSet<>();
        for (Grown one : records) {
            String problem = one.problem();
            if (problem != null) {
                bury(one, problem, again);
            } else if (one.topic() != null) {
                grown.put(one.topic(), one);
            }
        }
        for (Archiver.Failure failure : archiver.archive(grown.keySet())) {
            if (failure.mayHelp()) {
                records.stream()
                        .filter(one -> failure.topic().equals(one.topic()))
                        .forEach(one -> again.add(one.number()));
            } else {
                Grown last = grown.get(failure.topic());
                if (last != null) {
                    bury(last, failure.reason(), again);
                }
            }
        }
        return answer(records, again);
    }

    private void bury(Grown one, String reason, Set<String> again) {
        try {
            deadLetters.put(one.text(), reason);
        } catch (RuntimeException e) {
            System.getLogger(ArchiveEvents.class.getName())
                    .log(System.Logger.Level.WARNING, "a dead letter was not taken: {0}", e.getMessage());
            again.add(one.number());
        }
    }

    private static byte[] answer(List<Grown> records, Set<String> again) {
        JsonWriter to = new JsonWriter();
        to.raw(ascii("{\"batchItemFailures\":["));
        String comma = "";
        for (Grown one : records) {
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

    private static List<Grown> records(byte[] event) {
        JsonObjectReader reader = EVENT.build();
        if (!reader.read(event, 0, event.length) || !reader.has(RECORDS) || reader.kind(RECORDS) != Kind.ARRAY) {
            return List.of(new Grown("", null, "it is no event of a stream", new String(event, UTF_8)));
        }
        List<Grown> found = new ArrayList<>();
        reader.elements(RECORDS, (start, end) -> found.add(record(event, start, end)));
        return found;
    }

    private static Grown record(byte[] event, int start, int end) {
        String text = new String(event, start, end - start, UTF_8);
        JsonObjectReader record = RECORD.build();
        JsonObjectReader change = CHANGE.build();
        if (!record.read(event, start, end) || !isObject(record, DYNAMODB) || !read(change, event, record, DYNAMODB)) {
            return new Grown("", null, "it is no record of a stream", text);
        }
        String number = change.has(SEQUENCE_NUMBER) ? change.string(SEQUENCE_NUMBER) : null;
        JsonObjectReader key = ROW_KEY.build();
        JsonObjectReader value = VALUE.build();
        String pk = isObject(change, KEYS)
                        && read(key, event, change, KEYS)
                        && isObject(key, PK)
                        && read(value, event, key, PK)
                        && value.has(TEXT)
                ? value.string(TEXT)
                : null;
        if (number == null || pk == null) {
            return new Grown(number == null ? "" : number, null, "it has no key, or no number", text);
        }
        if (!pk.startsWith(LOG) || !record.isText(EVENT_NAME, ascii("INSERT"))) {
            return new Grown(number, null, null, text);
        }
        TopicName topic = TopicName.orNull(pk.substring(LOG.length()));
        return new Grown(number, topic, topic == null ? "its key names no topic" : null, text);
    }

    private static boolean isObject(JsonObjectReader reader, Member member) {
        return reader.has(member) && reader.kind(member) == Kind.OBJECT;
    }

    private static boolean read(JsonObjectReader inner, byte[] text, JsonObjectReader outer, Member member) {
        return inner.read(text, outer.start(member), outer.end(member));
    }
}
