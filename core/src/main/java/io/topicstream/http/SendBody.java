package io.topicstream.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.log.About;
import io.topicstream.log.Draft;
import io.topicstream.protocol.AboutReader;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the body of a message to a user: `{"message": any JSON, "message_id"?, "about"?}`. What else
/// stands in it is refused: a slip in `message_id` must not store a repeat as a second message. Belongs to
/// its thread.
final class SendBody {
    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member MESSAGE = MEMBERS.add("message", JsonObjectReader.Trait.PAYLOAD);
    private static final JsonObjectReader.Member MESSAGE_ID = MEMBERS.add("message_id");

    private static final JsonObjectReader.Member ABOUT = MEMBERS.add("about");
    private static final byte[] NULL = ascii("null");

    private final AboutReader aboutReader = new AboutReader();
    private final JsonObjectReader reader = MEMBERS.build();

    /// The message, or null where the exchange was refused.
    @Nullable
    Draft read(Exchange exchange) {
        byte[] body = exchange.body();
        if (!exchange.isBodyUtf8()) {
            return refuse(exchange, "the body is not UTF-8");
        }
        if (!reader.read(body, 0, body.length)) {
            return refuse(exchange, "the body is a JSON object: " + reader.problem());
        }
        List<String> others = List.copyOf(reader.otherNames());
        if (!others.isEmpty()) {
            return refuse(
                    exchange,
                    "a message has no \"" + others.getFirst() + "\"; it has \"message\", \"message_id\" and \"about\"");
        }
        About about = null;
        if (reader.has(ABOUT)) {
            about = aboutReader.read(body, reader.start(ABOUT), reader.end(ABOUT));
            if (about == null) {
                return refuse(exchange, aboutReader.problem());
            }
        }
        if (!reader.has(MESSAGE) && (about == null || !about.as().hasValue())) {
            return refuse(exchange, "the body wants a member \"message\"");
        }
        String messageId = reader.has(MESSAGE_ID) ? reader.string(MESSAGE_ID) : null;
        if (reader.has(MESSAGE_ID) && (messageId == null || messageId.isEmpty())) {
            return refuse(exchange, "\"message_id\" is a string and not empty");
        }
        if (messageId != null && Draft.isLonger(messageId, Draft.MAX_MESSAGE_ID_LENGTH)) {
            exchange.refuse(
                    ErrorCode.TOO_LARGE, "\"message_id\" has at most " + Draft.MAX_MESSAGE_ID_LENGTH + " characters");
            return null;
        }
        Draft draft = new Draft(reader.has(MESSAGE) ? reader.payload(MESSAGE) : NULL, messageId, null);
        return about == null ? draft : draft.about(about);
    }

    private static @Nullable Draft refuse(Exchange exchange, String why) {
        exchange.refuse(ErrorCode.BAD_FRAME, why);
        return null;
    }
}
