package io.topicstream.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.command.Commands;
import io.topicstream.command.Refusal;
import io.topicstream.command.Result;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.About;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicName;
import io.topicstream.people.FriendlyNames;
import io.topicstream.people.RoomTopic;
import io.topicstream.people.SortableIds;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The route of the chat page: the newest messages of the one room that all its clients are in. Answers and
/// errors are written as that page knows them.
public final class ChatRoutes {
    private static final TopicName LOBBY = RoomTopic.LOBBY_TOPIC;
    private static final int MOST = 20;
    /// How many bytes the messages may have.
    private static final int PAGE_BYTES = 1 << 20;

    private static final int SMALL_PAGE_BYTES = 64 * 1024;

    private static final DateTimeFormatter ISO = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member TEXT = MEMBERS.add("text");

    private static final byte[] MESSAGES = ascii("{\"messages\":[");
    private static final byte[] ID = ascii("{\"id\":");
    private static final byte[] SENDER = ascii(",\"sender\":");
    private static final byte[] CONNECTION_ID = ascii(",\"connectionId\":");
    private static final byte[] CONTENT = ascii(",\"content\":");
    private static final byte[] CREATED_AT = ascii(",\"createdAt\":");
    private static final byte[] ROW_END = ascii("}");
    private static final byte[] REDACTED = ascii(",\"redacted\":true}");
    private static final byte[] LIST_END = ascii("]}");

    private static final String NOT_FETCHED = "Error fetching messages";
    private static final String FAILED = "Internal server error.";
    /// By which somebody is shown of whom nothing is known.
    private static final String NAMELESS = "Guest";

    private final Commands commands;

    public ChatRoutes(Commands commands) {
        this.commands = commands;
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(new Route("GET", "/chat/last-messages", Access.CALLER, this::lastMessages));
    }

    private void lastMessages(Exchange exchange) {
        int room = exchange.reserve(PAGE_BYTES, SMALL_PAGE_BYTES);
        if (room == 0) {
            refuse(exchange, ErrorCode.OVERLOADED);
            return;
        }
        Query.Read newest = new Query.Read(null, LOBBY, Query.NOT_GIVEN, Query.NOT_GIVEN, MOST);
        exchange.whenComplete(commands.read(exchange, newest, room), (result, _) -> {
            switch (result) {
                case Result.Success<Page>(Page page) -> answer(exchange, page.messages());
                case Result.Refused<Page>(Refusal refusal) -> refuse(exchange, refusal.code());
                case null -> refuse(exchange, ErrorCode.UNAVAILABLE);
            }
        });
    }

    private static void answer(Exchange exchange, List<Message> page) {
        List<Message> messages =
                page.stream().filter(message -> !isReaction(message)).toList();
        AnswerWriter answer = exchange.lane().answer().begin();
        JsonWriter body = answer.body().raw(MESSAGES);
        JsonObjectReader reader = MEMBERS.build();
        for (int i = messages.size() - 1; i >= 0; i--) {
            Message message = messages.get(i);
            String origin = message.origin();
            body.raw(ID).string(SortableIds.of(LOBBY, message.offset(), message.timestamp()));
            body.raw(SENDER).string(sender(message));
            body.raw(CONNECTION_ID).string(origin == null ? "" : origin);
            body.raw(CONTENT).string(text(message, reader));
            body.raw(CREATED_AT).string(ISO.format(Instant.ofEpochMilli(message.timestamp())));
            body.raw(message.kind() == Message.Kind.REDACTED ? REDACTED : ROW_END);
            if (i > 0) {
                body.raw(',');
            }
        }
        body.raw(LIST_END);
        answer.send(exchange, 200);
    }

    /// Whether it has no text of its own.
    private static boolean isReaction(Message message) {
        About about = message.about();
        return about != null && about.as().hasValue();
    }

    private static String sender(Message message) {
        String name = message.name();
        if (name != null) {
            return name;
        }
        String from = message.from();
        String origin = message.origin();
        return from != null ? from : origin != null ? FriendlyNames.of(origin) : NAMELESS;
    }

    /// What the message says: of another payload than that of the chats, its JSON; of one that was taken
    /// back, nothing.
    private static String text(Message message, JsonObjectReader reader) {
        if (message.kind() == Message.Kind.REDACTED) {
            return "";
        }
        byte[] json = message.json();
        @Nullable String text = null;
        if (reader.read(json, 0, json.length) && reader.has(TEXT)) {
            text = reader.string(TEXT);
        }
        reader.release();
        return text == null ? new String(json, StandardCharsets.UTF_8) : text;
    }

    /// What is the server's matter is 500 here, and all else 400, but for who comes too often.
    private static void refuse(Exchange exchange, ErrorCode code) {
        boolean isOurs = code.httpStatus() >= 500;
        int status = code == ErrorCode.RATE_LIMITED ? code.httpStatus() : isOurs ? 500 : 400;
        exchange.lane().answer().refuseAsMessage(exchange, status, code, isOurs ? FAILED : NOT_FETCHED);
    }
}
