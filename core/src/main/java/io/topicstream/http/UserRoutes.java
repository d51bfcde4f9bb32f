package io.topicstream.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.command.Commands;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.TopicName;
import io.topicstream.people.Receipts.Behind;
import io.topicstream.people.Receipts.BehindPage;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The routes of users: a message to one, how far one has come, and who has not received a message. For callers that
/// are known.
public final class UserRoutes {
    private static final int MOST = 1_000;
    private static final int DEFAULT = 100;
    /// About the longest list of cursors, in bytes.
    private static final int LIST_BYTES = 100 * 1024;

    private static final byte[] TOPIC = ascii("{\"topic\":");
    private static final byte[] EPOCH = ascii(",\"epoch\":");
    private static final byte[] OFFSET = ascii(",\"offset\":");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] ONLINE = ascii(",\"online\":");
    private static final byte[] USER = ascii("{\"user\":");
    private static final byte[] CURSORS = ascii(",\"cursors\":[");
    private static final byte[] DELIVERED = ascii(",\"delivered\":");
    private static final byte[] READ = ascii(",\"read\":");
    private static final byte[] NEXT_OFFSET = ascii(",\"next_offset\":");
    private static final byte[] UNREAD = ascii(",\"unread\":");
    private static final byte[] NOT_RECEIVED = ascii(",\"not_received\":");
    private static final byte[] USERS = ascii(",\"users\":[");
    private static final byte[] NEXT = ascii(",\"next\":");

    private final Commands commands;
    private final byte[] durabilityLine;

    /// @param durability of the log
    public UserRoutes(Durability durability, Commands commands) {
        this.commands = commands;
        this.durabilityLine = ascii("Topic-Durability: " + durability.wireName() + "\r\n");
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("POST", "/users/{user}/messages", Access.CALLER, this::send).takingMessages(),
                new Route("GET", "/users/{user}/cursors", Access.CALLER, this::cursors),
                new Route("GET", "/topics/{topic}/receipts", Access.CALLER, this::notReceived));
    }

    /// `POST /users/{user}/messages`
    void send(Exchange exchange) {
        if (exchange.refusesParametersBut()) {
            return;
        }
        Draft draft = exchange.lane().sendBody.read(exchange);
        if (draft == null) {
            return;
        }
        // As behind a `send` on a WebSocket: the chat may have to be made before the message gets its place.
        exchange.whenSuccessfullyChanged(
                commands.send(exchange, new ClientFrame.Send(null, exchange.parameter("user"), draft)),
                sent -> answerSent(exchange, sent));
    }

    private void answerSent(Exchange exchange, ServerFrame.Sent sent) {
        AnswerWriter answer = exchange.lane().answer().begin().line(durabilityLine);
        JsonWriter body = answer.body();
        body.raw(TOPIC).string(sent.topic().value());
        body.raw(EPOCH).number(sent.epoch());
        body.raw(OFFSET).number(sent.offset());
        body.raw(TIMESTAMP).number(sent.timestamp());
        body.raw(ONLINE).bool(sent.online()).raw('}');
        answer.send(exchange, 200);
    }

    /// `GET /users/{user}/cursors`
    void cursors(Exchange exchange) {
        if (exchange.refusesParametersBut("topic", "limit", "start_after")) {
            return;
        }
        int limit = limit(exchange);
        String startAfter = TopicRoutes.textOr(exchange.query("start_after"));
        List<TopicName> topics = null;
        boolean areNames = TopicRoutes.isBeginning(startAfter);
        List<String> named = exchange.query().get("topic");
        if (named != null) {
            topics = new ArrayList<>();
            for (String name : named) {
                TopicName topic = TopicName.orNull(name);
                areNames &= topic != null;
                if (topic != null) {
                    topics.add(topic);
                }
            }
        }
        if (limit == 0) {
            exchange.refuse(ErrorCode.BAD_FRAME, "limit is 1 to " + MOST);
        } else if (!areNames) {
            exchange.refuse(ErrorCode.BAD_TOPIC, TopicName.RULE);
        } else if (topics != null && topics.size() > Query.MAX_TOPICS) {
            exchange.refuse(ErrorCode.BAD_FRAME, "at most " + Query.MAX_TOPICS + " topics at once");
        } else {
            String user = exchange.parameter("user");
            exchange.whenSuccessful(
                    commands.cursors(exchange, user, new Query.Cursors(null, topics, limit, startAfter), LIST_BYTES),
                    list -> answerCursors(exchange, user, list));
        }
    }

    private static void answerCursors(Exchange exchange, String user, Query.CursorList list) {
        AnswerWriter answer = exchange.lane().answer().begin();
        JsonWriter body = answer.body().raw(USER).string(user).raw(CURSORS);
        for (int i = 0; i < list.cursors().size(); i++) {
            Query.Cursor cursor = list.cursors().get(i);
            if (i > 0) {
                body.raw(',');
            }
            body.raw(TOPIC).string(cursor.topic().value());
            body.raw(DELIVERED).number(cursor.delivered());
            body.raw(READ).number(cursor.read());
            body.raw(NEXT_OFFSET).number(cursor.nextOffset());
            body.raw(UNREAD).number(cursor.unread()).raw('}');
        }
        end(exchange, answer, list.next());
    }

    /// `GET /topics/{topic}/receipts`
    void notReceived(Exchange exchange) {
        if (exchange.refusesParametersBut("not_received", "limit", "start_after")) {
            return;
        }
        TopicName topic = TopicName.orNull(exchange.parameter("topic"));
        String offsetText = exchange.query("not_received");
        long offset = offsetText == null ? 0 : TopicRoutes.number(offsetText);
        int limit = limit(exchange);
        if (topic == null) {
            exchange.refuse(ErrorCode.BAD_TOPIC, TopicName.RULE);
        } else if (offset < 1) {
            exchange.refuse(ErrorCode.BAD_FRAME, "not_received is the offset of a message: 1, 2, 3 …");
        } else if (limit == 0) {
            exchange.refuse(ErrorCode.BAD_FRAME, "limit is 1 to " + MOST);
        } else {
            String startAfter = TopicRoutes.textOr(exchange.query("start_after"));
            exchange.whenSuccessful(
                    commands.notReceived(exchange, new Query.Members(null, topic, limit, startAfter), offset),
                    page -> answerBehind(exchange, topic, offset, page));
        }
    }

    private static void answerBehind(Exchange exchange, TopicName topic, long offset, BehindPage page) {
        AnswerWriter answer = exchange.lane().answer().begin();
        JsonWriter body = answer.body().raw(TOPIC).string(topic.value());
        body.raw(NOT_RECEIVED).number(offset).raw(USERS);
        for (int i = 0; i < page.behind().size(); i++) {
            Behind behind = page.behind().get(i);
            if (i > 0) {
                body.raw(',');
            }
            body.raw(USER).string(behind.user());
            body.raw(DELIVERED).number(behind.delivered()).raw('}');
        }
        end(exchange, answer, page.next());
    }

    private static void end(Exchange exchange, AnswerWriter answer, @Nullable String next) {
        JsonWriter body = answer.body().raw(']');
        if (next != null) {
            body.raw(NEXT).string(next);
        }
        body.raw('}');
        answer.send(exchange, 200);
    }

    /// How long a list is wanted, or 0 where that cannot be.
    private static int limit(Exchange exchange) {
        String text = exchange.query("limit");
        long limit = text == null ? DEFAULT : TopicRoutes.number(text);
        return limit < 1 || limit > MOST ? 0 : (int) limit;
    }
}
