package io.topicstream.events.admin;

import io.topicstream.command.Refusal;
import io.topicstream.http.Access;
import io.topicstream.http.AnswerWriter;
import io.topicstream.http.Exchange;
import io.topicstream.http.Route;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The routes under `/admin/sinks`: make a sink, show them, move them, delete one. For the administrator.
public final class SinkRoutes {
    private static final System.Logger LOG = System.getLogger(SinkRoutes.class.getName());

    private static final JsonObjectReader.Builder REPLAY_MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member TOPIC = REPLAY_MEMBERS.add("topic");
    private static final JsonObjectReader.Member FROM = REPLAY_MEMBERS.add("from");

    private static final String FROM_RULE =
            "\"from\" is first, next, an instant such as 2030-12-31T23:59:59Z, or with a topic an offset";

    private final SinkAdmin admin;

    public SinkRoutes(SinkParts parts) {
        this.admin = new SinkAdmin(parts);
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/admin/sinks", Access.ADMIN, this::list),
                new Route("GET", "/admin/sinks/{name}", Access.ADMIN, this::show),
                new Route("PUT", "/admin/sinks/{name}", Access.ADMIN, this::put),
                new Route("DELETE", "/admin/sinks/{name}", Access.ADMIN, this::delete),
                new Route("POST", "/admin/sinks/{name}/replay", Access.ADMIN, this::replay));
    }

    private void list(Exchange exchange) {
        if (!exchange.refusesParametersBut()) {
            exchange.whenComplete(admin.show(null), (answer, _) -> answer(exchange, answer));
        }
    }

    private void show(Exchange exchange) {
        if (!exchange.refusesParametersBut()) {
            exchange.whenComplete(admin.show(exchange.parameter("name")), (answer, _) -> answer(exchange, answer));
        }
    }

    private void put(Exchange exchange) {
        if (exchange.refusesParametersBut()) {
            return;
        }
        if (!exchange.isBodyUtf8()) {
            exchange.refusePrivately(ErrorCode.BAD_FRAME, "the body is a sink as JSON, in UTF-8");
            return;
        }
        change(exchange, "put", admin.put(exchange.parameter("name"), exchange.body()));
    }

    private void delete(Exchange exchange) {
        if (!exchange.refusesParametersBut()) {
            change(exchange, "deleted", admin.delete(exchange.parameter("name")));
        }
    }

    /// `POST /admin/sinks/{name}/replay` with `{"topic"?, "from"}`
    private void replay(Exchange exchange) {
        if (exchange.refusesParametersBut()) {
            return;
        }
        byte[] body = exchange.body();
        JsonObjectReader reader = REPLAY_MEMBERS.build();
        if (!exchange.isBodyUtf8()
                || !reader.read(body, 0, body.length)
                || !reader.otherNames().isEmpty()) {
            exchange.refusePrivately(ErrorCode.BAD_FRAME, "the body is {\"topic\"?, \"from\"} as JSON");
            return;
        }
        String name = reader.string(TOPIC);
        TopicName topic = name == null ? null : TopicName.orNull(name);
        if (reader.has(TOPIC) && topic == null) {
            exchange.refusePrivately(ErrorCode.BAD_TOPIC, TopicName.RULE);
            return;
        }
        SinkAdmin.From from = from(reader);
        if (from == null) {
            exchange.refusePrivately(ErrorCode.BAD_FRAME, FROM_RULE);
            return;
        }
        change(exchange, "moved", admin.replay(exchange.parameter("name"), topic, from));
    }

    private static SinkAdmin.@Nullable From from(JsonObjectReader reader) {
        if (!reader.has(FROM)) {
            return null;
        }
        long offset = reader.integer(FROM);
        if (offset >= 1) {
            return new SinkAdmin.From.Offset(offset);
        }
        String text = reader.string(FROM);
        if (text == null) {
            return null;
        }
        return switch (text) {
            case "first" -> new SinkAdmin.From.First();
            case "next" -> new SinkAdmin.From.Next();
            default -> time(text);
        };
    }

    private static SinkAdmin.@Nullable From time(String text) {
        try {
            long timestampMs = Instant.parse(text).toEpochMilli();
            return timestampMs < 0 ? null : new SinkAdmin.From.Time(timestampMs);
        } catch (DateTimeException | ArithmeticException _) {
            return null;
        }
    }

    private static void change(Exchange exchange, String done, CompletionStage<SinkAdmin.Answer> asked) {
        exchange.whenChanged(asked, (answer, _) -> {
            if (answer instanceof SinkAdmin.Answer.Done) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "the sink " + exchange.parameter("name") + " was " + done + ", by the administrator from "
                                + exchange.credentials().address().getHostAddress());
            }
            answer(exchange, answer);
        });
    }

    private static void answer(Exchange exchange, SinkAdmin.@Nullable Answer answer) {
        switch (answer) {
            case null -> exchange.refusePrivately(Refusal.unavailable());
            case SinkAdmin.Answer.Refused(Refusal refusal) -> exchange.refusePrivately(refusal);
            case SinkAdmin.Answer.Done(int status, byte[] json) -> {
                AnswerWriter writer = exchange.lane().answer().beginPrivate();
                writer.body().raw(json);
                writer.send(exchange, status);
            }
        }
    }
}
