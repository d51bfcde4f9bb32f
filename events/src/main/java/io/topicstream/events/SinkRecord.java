package io.topicstream.events;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.state.StateRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is stored of a sink, beside its places.
///
/// | store | partition | key | value |
/// | --- | --- | --- | --- |
/// | durable | `sinks` | the sink's name | this record, as JSON |
/// | durable | `sink-places:` and the name | a topic | a `Place` of the package `tail`: how far it is there |
/// | durable | `sink-failures:` and the name | a topic | what its receiver did not take there, as JSON; of functions
/// alone |
/// | of what dies with a node | `sink-leases` | the name | which node runs it |
/// | of what dies with a node | `sink-status` | the name | what that node says of it, as JSON |
///
/// @param version of the record
/// @param createdAtMs since when it is there, in epoch milliseconds: of topics without a place it gets
///     the messages since
/// @param disabled why it gets nothing; null where it does
/// @param definition of a sink that was made at run time; null for one of the configuration
public record SinkRecord(
        String name,
        long version,
        long createdAtMs,
        @Nullable String disabled,
        @Nullable SinkDefinition definition) {
    /// How many sinks there may be.
    public static final int MOST = 100;

    public static final String SINKS = "sinks";
    public static final String LEASES = "sink-leases";
    public static final String STATUS = "sink-status";

    /// How the last member of a status begins: where it is in each topic.
    public static final String CURSORS = ",\"cursors\":[";

    /// Why a sink is disabled whose receiver says so.
    public static final String GONE = "its receiver answered 410: it wants no more events";

    private static final String PLACES = "sink-places:";
    private static final String FAILURES = "sink-failures:";

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member CREATED_AT = MEMBERS.add("created_at");
    private static final JsonObjectReader.Member DISABLED = MEMBERS.add("disabled");
    private static final JsonObjectReader.Member DEFINITION = MEMBERS.add("definition", JsonObjectReader.Trait.PAYLOAD);

    private static final byte[] CREATED = ascii("{\"created_at\":");
    private static final byte[] WHY_DISABLED = ascii(",\"disabled\":");
    private static final byte[] WRITTEN_DEFINITION = ascii(",\"definition\":");

    /// The partition of a sink's places.
    public static String places(String sink) {
        return PLACES + sink;
    }

    /// The partition of what a sink's receiver did not take, where functions post.
    public static String failures(String sink) {
        return FAILURES + sink;
    }

    /// As it is stored.
    public static byte[] encode(long createdAtMs, @Nullable String disabled, @Nullable SinkDefinition definition) {
        JsonWriter json = new JsonWriter();
        json.raw(CREATED).number(createdAtMs);
        if (disabled != null) {
            json.raw(WHY_DISABLED).string(disabled);
        }
        if (definition != null) {
            json.raw(WRITTEN_DEFINITION);
            SinkJson.write(json, definition, true);
        }
        return json.raw('}').toByteArray();
    }

    /// As it was stored.
    ///
    /// @throws IllegalArgumentException for what this version does not know
    public static SinkRecord of(StateRecord stored) {
        JsonObjectReader reader = MEMBERS.build();
        byte[] value = stored.value();
        if (!reader.read(value, 0, value.length) || reader.integer(CREATED_AT) < 0) {
            throw new IllegalArgumentException("the record of the sink " + stored.key() + " is none");
        }
        boolean hasDefinition = reader.has(DEFINITION) && reader.kind(DEFINITION) == JsonObjectReader.Kind.OBJECT;
        byte[] definition = hasDefinition ? reader.raw(DEFINITION) : null;
        return new SinkRecord(
                stored.key(),
                stored.version(),
                reader.integer(CREATED_AT),
                reader.string(DISABLED),
                definition == null ? null : SinkJson.read(stored.key(), definition, List.of()));
    }

    /// A status without what it says of each topic. Within texts a quotation mark is escaped, so the member is found.
    public static byte[] withoutCursors(byte[] status) {
        String text = new String(status, StandardCharsets.UTF_8);
        int end = text.indexOf(CURSORS);
        return end < 0 ? status : (text.substring(0, end) + "}").getBytes(StandardCharsets.UTF_8);
    }
}
