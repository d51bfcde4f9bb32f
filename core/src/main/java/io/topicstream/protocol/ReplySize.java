package io.topicstream.protocol;

import io.topicstream.json.JsonWriter;
import io.topicstream.log.About;
import io.topicstream.log.Details;
import io.topicstream.log.Direction;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How long a frame with a list becomes, and how much of the list goes into one: what is too long is cut before it is
/// written. Counted as the native dialect writes it; the tests of that dialect hold the two together.
public final class ReplySize {
    /// The size that the reply to a query keeps below as long as it has more than one element, in bytes.
    public static final int MAX_BYTES = 100 * 1024;

    /// What a reply to `read` has beside its messages, at most: names, id, topic, three numbers.
    private static final int READ_OVERHEAD_BYTES = 160 + ClientFrame.MAX_ID_BYTES + TopicName.MAX_LENGTH + 3 * 20;
    /// What a greeting has beside its subscriptions, at most.
    private static final int GREETING_BYTES = 1024;
    /// What a position takes beside the topic's name, at most: names of members and two numbers.
    private static final int POSITION_BYTES = 40 + 2 * 20;

    /// What every message has beside its values.
    private static final int MESSAGE_BYTES = "{\"offset\":,\"timestamp\":,\"message\":}".length();

    /// What the reply to a folded `read` says of the page.
    private static final int COVERS_BYTES = ",\"covers\":{\"first\":,\"last\":}".length() + 2 * 20;

    private static final int FROM_BYTES = ",\"from\":".length();
    private static final int NAME_BYTES = ",\"name\":".length();
    private static final int MESSAGE_ID_BYTES = ",\"message_id\":".length();
    private static final int KEY_BYTES = ",\"key\":".length();
    private static final int HEADERS_BYTES = ",\"headers\":{".length();
    private static final int CONTENT_TYPE_BYTES = ",\"content_type\":,\"encoding\":\"base64\"".length();
    private static final int REDACTED_BYTES = ",\"redacted\":true".length();

    private ReplySize() {}

    /// Cuts a list of positions into pieces, each for a frame below [#MAX_BYTES]; one, and empty, if there are none.
    public static List<List<TopicExtent>> pieces(List<TopicExtent> positions) {
        List<List<TopicExtent>> pieces = new ArrayList<>(1);
        int first = 0;
        int size = GREETING_BYTES;
        for (int i = 0; i < positions.size(); i++) {
            int bytes = POSITION_BYTES + positions.get(i).topic().value().length();
            if (size + bytes > MAX_BYTES) {
                pieces.add(positions.subList(first, i));
                first = i;
                size = GREETING_BYTES;
            }
            size += bytes;
        }
        pieces.add(positions.subList(first, positions.size()));
        return pieces;
    }

    /// Cuts a page so that the reply to a `read` stays below so many bytes, never to less than one
    /// message.
    ///
    /// @param messages ascending
    /// @param direction which way the page was read: forward keeps its first messages, backward its
    ///     last
    public static List<Message> fitting(List<Message> messages, Direction direction, int maxBytes) {
        int count = messages.size();
        long size = READ_OVERHEAD_BYTES;
        for (int kept = 0; kept < count; kept++) {
            Message next = messages.get(
                    switch (direction) {
                        case FORWARD -> kept;
                        case BACKWARD -> count - 1 - kept;
                    });
            // A comma behind each.
            size += messageBytes(next) + 1;
            if (size > maxBytes && kept > 0) {
                return switch (direction) {
                    case FORWARD -> messages.subList(0, kept);
                    case BACKWARD -> messages.subList(count - kept, count);
                };
            }
        }
        return messages;
    }

    /// How many bytes a message of a page takes, from its opening brace to its closing one.
    public static int messageBytes(Message message) {
        return MESSAGE_BYTES
                + JsonWriter.digitsOf(message.offset())
                + JsonWriter.digitsOf(message.timestamp())
                + message.jsonBytes()
                + optionalBytes(FROM_BYTES, message.from())
                + optionalBytes(MESSAGE_ID_BYTES, message.messageId())
                + (message.details() == null ? 0 : detailsBytes(message.details()) + aboutBytes(message));
    }

    /// How many of these fit into the reply to a `read` of so many bytes, never less than one.
    ///
    /// @param messages in the order in which they are kept
    public static int countFitting(List<Folded> messages, int maxBytes) {
        long size = (long) READ_OVERHEAD_BYTES + COVERS_BYTES;
        for (int i = 0; i < messages.size(); i++) {
            Folded next = messages.get(i);
            size += messageBytes(next.message()) + next.bytes() + 1;
            if (size > maxBytes && i > 0) {
                return i;
            }
        }
        return messages.size();
    }

    private static int aboutBytes(Message message) {
        About about = message.about();
        return about == null ? 0 : Folded.bytes(about);
    }

    private static int detailsBytes(Details details) {
        Headers headers = details.headers();
        int bytes = optionalBytes(KEY_BYTES, details.key()) + optionalBytes(NAME_BYTES, headers.get(Headers.NAME));
        int shown = 0;
        for (int i = 0; i < headers.count(); i++) {
            if (!headers.isServers(i)) {
                // Each with a colon, and with the comma in front of it or the brace behind the last.
                bytes += JsonWriter.stringBytes(headers.name(i)) + JsonWriter.stringBytes(headers.value(i)) + 2;
                shown++;
            }
        }
        return bytes
                + (shown == 0 ? 0 : HEADERS_BYTES)
                + switch (details.kind()) {
                    case JSON -> 0;
                    case BYTES -> optionalBytes(CONTENT_TYPE_BYTES, details.contentType());
                    case REDACTED -> REDACTED_BYTES;
                };
    }

    private static int optionalBytes(int nameBytes, @Nullable String value) {
        return value == null ? 0 : nameBytes + JsonWriter.stringBytes(value);
    }
}
