package io.topicstream.aws.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.aws.s3.Objects.Stored;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Kind;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.json.JsonObjectReader.Trait;
import io.topicstream.log.Batch;
import io.topicstream.log.Details;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Reads segments of either form, as [SegmentFormat] has them. Made for one object.
final class SegmentParser {
    private static final JsonObjectReader.Builder SEGMENT = new JsonObjectReader.Builder();
    private static final Member S_VERSION = SEGMENT.add("topicstream_segment");
    private static final Member S_TOPIC = SEGMENT.add("topic");
    private static final Member S_FIRST_OFFSET = SEGMENT.add("first_offset");
    private static final Member S_NEXT_OFFSET = SEGMENT.add("next_offset");
    private static final Member S_BATCHES = SEGMENT.add("batches", Trait.LIST);

    private static final JsonObjectReader.Builder BATCH = new JsonObjectReader.Builder();
    private static final Member B_EPOCH = BATCH.add("epoch");
    private static final Member B_MESSAGES = BATCH.add("messages", Trait.LIST);

    private static final JsonObjectReader.Builder MESSAGE = new JsonObjectReader.Builder();
    private static final Member M_OFFSET = MESSAGE.add("offset");
    private static final Member M_PAYLOAD = MESSAGE.add("payload", Trait.PAYLOAD);
    private static final Member M_TIMESTAMP = MESSAGE.add("timestamp");
    private static final Member M_KIND = MESSAGE.add("kind");
    private static final Member M_CONTENT_TYPE = MESSAGE.add("content_type");
    private static final Member M_FROM = MESSAGE.add("from");
    private static final Member M_MESSAGE_ID = MESSAGE.add("message_id");
    private static final Member M_KEY = MESSAGE.add("key");
    private static final Member M_ORIGIN = MESSAGE.add("origin");
    private static final Member M_WITHHELD_FROM = MESSAGE.add("withheld_from");
    private static final Member M_HEADERS = MESSAGE.add("headers");

    private static final byte[] NOTHING = {};

    private final byte[] text;
    private final JsonObjectReader segments = SEGMENT.build();
    private final JsonObjectReader batches = BATCH.build();
    private final JsonObjectReader messages = MESSAGE.build();

    private SegmentParser(byte[] text) {
        this.text = text;
    }

    /// The segment that an object is.
    ///
    /// @param firstOffset that the object's key names
    /// @throws BadSegmentException where it cannot be read, or is not the one that its key says
    static Segment parse(TopicName topic, long firstOffset, Stored object) {
        try {
            Segment segment = new SegmentParser(object.bytes()).segment(topic, object.metadata());
            if (segment.firstOffset() != firstOffset) {
                throw new BadSegmentException("it begins at offset " + segment.firstOffset());
            }
            return segment;
        } catch (BadSegmentException | IllegalArgumentException e) {
            throw new BadSegmentException(
                    "the segment " + SegmentKey.of(topic, firstOffset) + " cannot be read: " + e.getMessage(), e);
        }
    }

    private Segment segment(TopicName topic, Map<String, String> metadata) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
        } catch (CharacterCodingException e) {
            throw new BadSegmentException("it is not UTF-8", e);
        }
        boolean isRead = segments.read(text, 0, text.length);
        // Asked for first: what else is wrong may be right in another version.
        if (!segments.has(S_VERSION)) {
            return plain(metadata);
        }
        requireVersion();
        if (!isRead) {
            throw new BadSegmentException(String.valueOf(segments.problem()));
        }
        refuseOthers(segments);
        if (!segments.isText(S_TOPIC, topic.value().getBytes(UTF_8))) {
            throw new BadSegmentException("it is not of the topic " + topic);
        }
        Segment segment = new Segment(batches());
        if (segment.firstOffset() != integer(segments, S_FIRST_OFFSET)
                || segment.nextOffset() != integer(segments, S_NEXT_OFFSET)) {
            throw new BadSegmentException("it has the offsets from " + segment.firstOffset() + " up to "
                    + segment.nextOffset() + " and says otherwise");
        }
        return segment;
    }

    private void requireVersion() {
        long version = segments.integer(S_VERSION);
        if (version != SegmentFormat.VERSION) {
            String given = new String(segments.raw(S_VERSION), UTF_8);
            throw new BadSegmentException("it has the format version " + given + ", which this version does not know");
        }
    }

    private Segment plain(Map<String, String> metadata) {
        if (!messages.read(text, 0, text.length)) {
            throw new BadSegmentException(String.valueOf(messages.problem()));
        }
        return new Segment(List.of(new Batch(epoch(metadata), List.of(message()))));
    }

    private static long epoch(Map<String, String> metadata) {
        String epoch = metadata.get(SegmentFormat.EPOCH);
        try {
            return epoch == null ? Segment.NO_EPOCH : Long.parseLong(epoch);
        } catch (NumberFormatException e) {
            throw new BadSegmentException("its epoch is no number: " + epoch, e);
        }
    }

    private List<Batch> batches() {
        requireList(segments, S_BATCHES);
        List<Batch> found = new ArrayList<>();
        batches.begin(text, text.length);
        segments.elements(S_BATCHES, (start, end) -> {
            readElement(batches, start);
            refuseOthers(batches);
            found.add(new Batch(integer(batches, B_EPOCH), messages()));
        });
        return found;
    }

    private List<Message> messages() {
        requireList(batches, B_MESSAGES);
        List<Message> found = new ArrayList<>();
        messages.begin(text, text.length);
        batches.elements(B_MESSAGES, (start, end) -> {
            readElement(messages, start);
            found.add(message());
        });
        return found;
    }

    private static void readElement(JsonObjectReader reader, int start) {
        reader.readValue(start);
        String problem = reader.problem();
        if (problem != null) {
            throw new BadSegmentException(problem);
        }
    }

    private Message message() {
        refuseOthers(messages);
        long offset = integer(messages, M_OFFSET);
        Message.Kind kind = kind();
        Details details =
                new Details(kind, text(M_CONTENT_TYPE), headers(), text(M_KEY), text(M_ORIGIN), text(M_WITHHELD_FROM));
        return new Message(
                offset, integer(messages, M_TIMESTAMP), text(M_FROM), text(M_MESSAGE_ID), payload(kind), details);
    }

    private Message.Kind kind() {
        String kind = text(M_KIND);
        if (kind == null) {
            return Message.Kind.JSON;
        }
        return switch (kind) {
            case SegmentFormat.BYTES -> Message.Kind.BYTES;
            case SegmentFormat.REDACTED -> Message.Kind.REDACTED;
            default ->
                throw new BadSegmentException(
                        "it has a message of the kind \"" + kind + "\", which this version does not know");
        };
    }

    private byte[] payload(Message.Kind kind) {
        if (messages.has(M_PAYLOAD) == (kind == Message.Kind.REDACTED)) {
            throw new BadSegmentException("a message has no payload, or has one though it is redacted");
        }
        return switch (kind) {
            case JSON -> messages.payload(M_PAYLOAD);
            case BYTES -> {
                String encoded = messages.string(M_PAYLOAD);
                if (encoded == null) {
                    throw new BadSegmentException("a message of bytes has no string of base64");
                }
                yield Base64.getDecoder().decode(encoded);
            }
            case REDACTED -> NOTHING;
        };
    }

    private Headers headers() {
        if (!messages.has(M_HEADERS)) {
            return Headers.NONE;
        }
        SortedMap<String, String> headers = messages.strings(M_HEADERS);
        if (headers == null) {
            throw new BadSegmentException("the headers of a message are no object of strings");
        }
        return Headers.kept(headers);
    }

    private @Nullable String text(Member member) {
        if (!messages.has(member)) {
            return null;
        }
        String found = messages.string(member);
        if (found == null) {
            throw new BadSegmentException("the member \"" + member.name() + "\" is no string");
        }
        return found;
    }

    private static long integer(JsonObjectReader reader, Member member) {
        long found = reader.integer(member);
        if (found == JsonObjectReader.NOT_AN_INTEGER) {
            throw new BadSegmentException("the member \"" + member.name() + "\" is missing, or no whole number");
        }
        return found;
    }

    private static void requireList(JsonObjectReader reader, Member member) {
        if (!reader.has(member) || reader.kind(member) != Kind.ARRAY) {
            throw new BadSegmentException("the member \"" + member.name() + "\" is missing, or no array");
        }
    }

    private static void refuseOthers(JsonObjectReader reader) {
        if (!reader.otherNames().isEmpty()) {
            throw new BadSegmentException(
                    "it has the member \"" + reader.otherNames().getFirst() + "\", which this version does not know");
        }
    }
}
