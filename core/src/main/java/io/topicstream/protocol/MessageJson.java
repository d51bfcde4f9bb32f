package io.topicstream.protocol;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonWriter;
import io.topicstream.log.About;
import io.topicstream.log.Details;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;

/// A message as members of JSON: one form of it for all who show everything that a message has.
public final class MessageJson {
    private static final byte[] M_TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] M_FROM = ascii(",\"from\":");
    private static final byte[] M_NAME = ascii(",\"name\":");
    private static final byte[] M_MESSAGE = ascii(",\"message\":");
    private static final byte[] M_MESSAGE_ID = ascii(",\"message_id\":");
    private static final byte[] M_KEY = ascii(",\"key\":");
    private static final byte[] M_HEADERS = ascii(",\"headers\":{");
    private static final byte[] MORE_HEADERS = ascii(",");
    private static final byte[] M_CONTENT_TYPE = ascii(",\"content_type\":");
    private static final byte[] M_BASE64 = ascii(",\"encoding\":\"base64\"");
    private static final byte[] M_REDACTED = ascii(",\"redacted\":true");

    private MessageJson() {}

    /// Writes a message from its offset's value on, but for its closing brace.
    public static void members(Message message, JsonWriter out) {
        out.number(message.offset()).raw(M_TIMESTAMP).number(message.timestamp());
        if (message.from() != null) {
            out.raw(M_FROM).string(message.from());
        }
        Details details = message.details();
        String name = details == null ? null : message.name();
        if (name != null) {
            out.raw(M_NAME).string(name);
        }
        out.raw(M_MESSAGE).raw(message.json());
        if (message.messageId() != null) {
            out.raw(M_MESSAGE_ID).string(message.messageId());
        }
        if (details != null) {
            details(details, out);
            About about = message.about();
            if (about != null) {
                Folded.write(about, out);
            }
        }
    }

    /// Says of a message that it was taken back, where it was: a member behind others.
    public static void redacted(Message message, JsonWriter out) {
        if (message.kind() == Message.Kind.REDACTED) {
            out.raw(M_REDACTED);
        }
    }

    private static void details(Details details, JsonWriter out) {
        if (details.key() != null) {
            out.raw(M_KEY).string(details.key());
        }
        Headers headers = details.headers();
        int shown = 0;
        for (int i = 0; i < headers.count(); i++) {
            if (!headers.isServers(i)) {
                out.raw(shown == 0 ? M_HEADERS : MORE_HEADERS)
                        .string(headers.name(i))
                        .raw(':');
                out.string(headers.value(i));
                shown++;
            }
        }
        if (shown > 0) {
            out.raw('}');
        }
        switch (details.kind()) {
            case JSON -> {}
            case BYTES -> out.raw(M_CONTENT_TYPE).string(details.contentType()).raw(M_BASE64);
            case REDACTED -> out.raw(M_REDACTED);
        }
    }
}
