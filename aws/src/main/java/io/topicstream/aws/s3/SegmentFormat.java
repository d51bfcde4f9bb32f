package io.topicstream.aws.s3;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.aws.s3.Objects.Stored;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Batch;
import io.topicstream.log.Details;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The two forms of a segment, both JSON on one line. [SegmentParser] reads them.
///
/// Plain is one message with nothing but JSON to say, as deployments of the serverless streams before this
/// engine have every message. The object is theirs to the byte, so that they read it too; the epoch stands
/// beside it, in the object's metadata as `topicstream-epoch`. Theirs have none.
///
/// ```
/// {"offset":7,"payload":{"any":"JSON"},"timestamp":1767225600000}
/// ```
///
/// Every other segment says of which version it is, and what it is about:
///
/// ```
/// {"topicstream_segment":1,"topic":"news","first_offset":7,"next_offset":9,"batches":[
///   {"epoch":1767225600,"messages":[
///     {"offset":7,"payload":{"any":"JSON"},"timestamp":1767225600000,
///      "from":"ann","message_id":"m-1","key":"k","origin":"c-1","withheld_from":"c-1",
///      "headers":{"_name":"Ann"}},
///     {"offset":8,"payload":"AAEC","timestamp":1767225600000,
///      "kind":"bytes","content_type":"image/png"}]}]}
/// ```
///
/// without the breaks between the lines. A message has of these members what it has: `kind` is `bytes`,
/// with the payload in base64, or `redacted`, without payload; without it JSON. Headers with `_` in front
/// are the server's. A version, member or kind that is not known here is refused by name.
final class SegmentFormat {
    static final long VERSION = 1;
    static final String CONTENT_TYPE = "application/json";
    static final String EPOCH = "topicstream-epoch";

    static final String BYTES = "bytes";
    static final String REDACTED = "redacted";

    private static final byte[] M_VERSION = ascii("{\"topicstream_segment\":" + VERSION + ",\"topic\":");
    private static final byte[] M_FIRST_OFFSET = ascii(",\"first_offset\":");
    private static final byte[] M_NEXT_OFFSET = ascii(",\"next_offset\":");
    private static final byte[] M_BATCHES = ascii(",\"batches\":[");
    private static final byte[] M_EPOCH = ascii("{\"epoch\":");
    private static final byte[] M_MESSAGES = ascii(",\"messages\":[");
    private static final byte[] M_OFFSET = ascii("{\"offset\":");
    private static final byte[] M_PAYLOAD = ascii(",\"payload\":");
    private static final byte[] M_TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] M_KIND = ascii(",\"kind\":");
    private static final byte[] M_CONTENT_TYPE = ascii(",\"content_type\":");
    private static final byte[] M_FROM = ascii(",\"from\":");
    private static final byte[] M_MESSAGE_ID = ascii(",\"message_id\":");
    private static final byte[] M_KEY = ascii(",\"key\":");
    private static final byte[] M_ORIGIN = ascii(",\"origin\":");
    private static final byte[] M_WITHHELD_FROM = ascii(",\"withheld_from\":");
    private static final byte[] M_HEADERS = ascii(",\"headers\":{");

    private SegmentFormat() {}

    static Stored encode(TopicName topic, Segment segment) {
        JsonWriter to = new JsonWriter();
        if (isPlain(segment)) {
            Batch batch = segment.batches().getFirst();
            message(to, batch.messages().getFirst());
            Map<String, String> metadata =
                    batch.epoch() == Segment.NO_EPOCH ? Map.of() : Map.of(EPOCH, Long.toString(batch.epoch()));
            return new Stored(to.toByteArray(), metadata);
        }
        to.raw(M_VERSION).string(topic.value());
        to.raw(M_FIRST_OFFSET).number(segment.firstOffset());
        to.raw(M_NEXT_OFFSET).number(segment.nextOffset());
        to.raw(M_BATCHES);
        String comma = "";
        for (Batch batch : segment.batches()) {
            to.raw(ascii(comma)).raw(M_EPOCH).number(batch.epoch()).raw(M_MESSAGES);
            String inner = "";
            for (Message message : batch.messages()) {
                message(to.raw(ascii(inner)), message);
                inner = ",";
            }
            to.raw(']').raw('}');
            comma = ",";
        }
        to.raw(']').raw('}');
        return new Stored(to.toByteArray(), Map.of());
    }

    private static boolean isPlain(Segment segment) {
        if (segment.count() > 1) {
            return false;
        }
        Message only = segment.batches().getFirst().messages().getFirst();
        return only.from() == null && only.messageId() == null && only.details() == null;
    }

    private static void message(JsonWriter to, Message message) {
        to.raw(M_OFFSET).number(message.offset());
        if (message.kind() != Message.Kind.REDACTED) {
            to.raw(M_PAYLOAD).raw(message.json());
        }
        to.raw(M_TIMESTAMP).number(message.timestamp());
        textIfThere(to, M_FROM, message.from());
        textIfThere(to, M_MESSAGE_ID, message.messageId());
        Details details = message.details();
        if (details != null) {
            details(to, details);
        }
        to.raw('}');
    }

    private static void details(JsonWriter to, Details details) {
        switch (details.kind()) {
            case JSON -> {}
            case BYTES -> to.raw(M_KIND).string(BYTES);
            case REDACTED -> to.raw(M_KIND).string(REDACTED);
        }
        textIfThere(to, M_CONTENT_TYPE, details.contentType());
        textIfThere(to, M_KEY, details.key());
        textIfThere(to, M_ORIGIN, details.origin());
        textIfThere(to, M_WITHHELD_FROM, details.withheldFrom());
        Headers headers = details.headers();
        if (!headers.isEmpty()) {
            to.raw(M_HEADERS);
            for (int i = 0; i < headers.count(); i++) {
                if (i > 0) {
                    to.raw(',');
                }
                to.string(headers.name(i)).raw(':').string(headers.value(i));
            }
            to.raw('}');
        }
    }

    private static void textIfThere(JsonWriter to, byte[] member, @Nullable String text) {
        if (text != null) {
            to.raw(member).string(text);
        }
    }
}
