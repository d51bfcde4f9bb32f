package io.topicstream.dialect;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.Speaker;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Append;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.people.RoomTopic;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.MessageJson;
import io.topicstream.protocol.ServerFrame;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The dialect of the stage `/dev`: one room for all, messages, and who comes and goes.
///
/// Clients say `sendMessage` and nothing else; what cannot be done is answered with silence. Each connection has a
/// name that was made from its id. A message is withheld from those who gave the same `clientId` as its sender, the
/// tabs of one browser; who gave none gets its own back.
///
/// The page that this dialect is of reads `sendMessage`, `$connect` and `$disconnect`, though its documents speak of
/// `receiveMessage` and `systemMessage`: a stage may have either.
public final class ChatDialect implements Dialect {
    /// The longest content of a message, in units of UTF-16, as browsers count.
    public static final int MAX_CONTENT_LENGTH = 150;

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member ACTION = MEMBERS.add("action");
    private static final JsonObjectReader.Member CONTENT = MEMBERS.add("content");

    private static final byte[] SEND_MESSAGE = ascii("sendMessage");

    private static final byte[] SENT = ascii("{\"action\":\"sendMessage\",\"content\":");
    private static final byte[] RECEIVED = ascii("{\"action\":\"receiveMessage\",\"content\":");
    private static final byte[] CONNECTED = ascii("{\"action\":\"$connect\",\"content\":");
    private static final byte[] DISCONNECTED = ascii("{\"action\":\"$disconnect\",\"content\":");
    private static final byte[] OF_THE_SYSTEM = ascii("{\"action\":\"systemMessage\",\"content\":");
    private static final byte[] SENDER = ascii(",\"sender\":");
    private static final byte[] BY_SYSTEM = ascii(",\"sender\":\"System\"");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");

    /// Of those who have neither a name nor an id.
    private static final String NAMELESS = "Anonymous";

    /// As browsers write it: always with milliseconds.
    private static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final boolean namesWhatIsReceived;
    private final JsonObjectReader reader = MEMBERS.build();
    private final ChatText text = new ChatText();

    /// @param namesWhatIsReceived whether the actions of its frames are `receiveMessage` and `systemMessage`
    public ChatDialect(boolean namesWhatIsReceived) {
        this.namesWhatIsReceived = namesWhatIsReceived;
    }

    @Override
    public void decode(Speaker speaker, byte[] buffer, int from, int to, Consumer<ClientFrame> sink) {
        try {
            ClientFrame frame;
            if (reader.read(buffer, from, to)) {
                frame = frame(speaker);
            } else {
                String problem = reader.problem();
                frame = malformed(problem == null ? "not a frame" : problem);
            }
            sink.accept(frame);
        } finally {
            reader.release();
        }
    }

    private ClientFrame frame(Speaker speaker) {
        if (!reader.isText(ACTION, SEND_MESSAGE)) {
            String action = reader.string(ACTION);
            return new ClientFrame.Unknown(null, action == null ? "" : NativeDecoder.kept(action));
        }
        String content = reader.string(CONTENT);
        if (content == null || content.isEmpty() || content.length() > MAX_CONTENT_LENGTH) {
            return malformed("\"content\" is a string of 1 to " + MAX_CONTENT_LENGTH + " characters");
        }
        // The page's history tells on which connection each was said.
        Details origin = Details.NONE.withOrigin(speaker.connectionId());
        Draft draft = new Draft(ChatText.payload(reader, CONTENT), null, origin);
        boolean echo = speaker.attribute(Speaker.WITHHELD) == null;
        return new ClientFrame.Publish(null, RoomTopic.LOBBY_TOPIC, draft, Append.ANY_OFFSET, echo);
    }

    private static ClientFrame malformed(String reason) {
        return new ClientFrame.Malformed(null, ErrorCode.BAD_FRAME, reason);
    }

    /// Nothing is said to one connection alone.
    @Override
    public boolean encode(ServerFrame frame, Speaker speaker, JsonWriter out) {
        return false;
    }

    @Override
    public boolean encodeSignal(ServerFrame.ToAudience signal, JsonWriter out) {
        return switch (signal) {
            case ServerFrame.Notice notice -> {
                notice(notice, out);
                yield true;
            }
            case ServerFrame.Signal _, ServerFrame.Presence _, ServerFrame.Receipt _, ServerFrame.Redacted _ -> false;
        };
    }

    private void notice(ServerFrame.Notice notice, JsonWriter out) {
        byte[] action = notice.hasCome() ? CONNECTED : DISCONNECTED;
        out.raw(namesWhatIsReceived ? OF_THE_SYSTEM : action);
        String name = shown(notice.name(), notice.shownAs() == null ? notice.user() : notice.shownAs());
        out.string("User " + name + (notice.hasCome() ? " has joined the chat" : " has left the chat"));
        out.raw(BY_SYSTEM);
        timestamp(notice.timestamp(), out);
    }

    private static String shown(@Nullable String name, @Nullable String id) {
        return name != null ? name : id != null ? id : NAMELESS;
    }

    private static void timestamp(long ms, JsonWriter out) {
        out.raw(TIMESTAMP).string(ISO.format(Instant.ofEpochMilli(ms))).raw('}');
    }

    /// Writes each message as a WebSocket message of its own: this dialect has no arrays. Nothing stands
    /// for a reaction.
    @Override
    public void encodeDelivery(TopicName topic, List<Message> messages, boolean arrays, DeliveryOutput out) {
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            if (ChatText.isReaction(message)) {
                continue;
            }
            JsonWriter json = out.json();
            json.raw(namesWhatIsReceived ? RECEIVED : SENT);
            text.write(message, json);
            json.raw(SENDER).string(shown(message.name(), message.from()));
            MessageJson.redacted(message, json);
            timestamp(message.timestamp(), json);
            out.endOfMessage();
        }
    }
}
