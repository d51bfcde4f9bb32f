package io.topicstream.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.connection.ConnectionInfo;
import io.topicstream.connection.Connections;
import io.topicstream.connection.Connections.Answer;
import io.topicstream.connection.Connections.Outcome;
import io.topicstream.json.JsonWriter;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The routes `/admin/connections/{connection}`: tell of one connection, send to it, end it; on this node or another.
public final class ConnectionRoutes {
    private static final String PATH = "/admin/connections/{connection}";
    private static final int POLICY = 1008;
    private static final String BY_THE_ADMINISTRATOR = "closed by the administrator";

    private static final byte[] CONNECTION_ID = ascii("{\"connection_id\":");
    private static final byte[] USER = ascii(",\"user\":");
    private static final byte[] ADDRESS = ascii(",\"address\":");
    private static final byte[] CONNECTED_AT = ascii(",\"connected_at\":");
    private static final byte[] LAST_HEARD_AT = ascii(",\"last_heard_at\":");
    private static final byte[] NULL = ascii("null");

    private final Connections connections;

    public ConnectionRoutes(Connections connections) {
        this.connections = connections;
    }

    public List<Route> routes() {
        return List.of(
                new Route("GET", PATH, Access.ADMIN, this::show),
                new Route("POST", PATH, Access.ADMIN, this::post),
                new Route("DELETE", PATH, Access.ADMIN, this::end));
    }

    private void show(Exchange exchange) {
        exchange.whenComplete(connections.describe(id(exchange)), (told, _) -> answer(exchange, told));
    }

    /// Sends the body as one text message.
    private void post(Exchange exchange) {
        byte[] text = exchange.body();
        if (!exchange.isBodyUtf8()) {
            exchange.refusePrivately(ErrorCode.BAD_FRAME, "the body is the text to send, in UTF-8");
        } else {
            exchange.whenChanged(connections.post(id(exchange), text), (told, _) -> answer(exchange, told));
        }
    }

    /// With `?code=` and `?reason=` for the close frame.
    private void end(Exchange exchange) {
        if (exchange.refusesParametersBut("code", "reason")) {
            return;
        }
        String given = exchange.query("code");
        String reason = exchange.query("reason");
        CompletionStage<Answer> ended;
        try {
            ended = connections.close(
                    id(exchange),
                    given == null ? POLICY : Integer.parseInt(given),
                    reason == null ? BY_THE_ADMINISTRATOR : reason);
        } catch (IllegalArgumentException _) {
            exchange.refusePrivately(
                    ErrorCode.BAD_FRAME, "'code' is 1000 to 1003, 1007 to 1014 or 3000 to 4999, or absent");
            return;
        }
        exchange.whenChanged(ended, (told, _) -> answer(exchange, told));
    }

    private static String id(Exchange exchange) {
        return exchange.parameter("connection");
    }

    private static void answer(Exchange exchange, @Nullable Answer told) {
        Answer answer = told == null ? new Answer(Outcome.UNREACHABLE, null) : told;
        switch (answer.outcome()) {
            case DONE -> write(exchange, answer.info());
            case GONE -> exchange.refusePrivately(ErrorCode.NOT_FOUND, "this connection has ended");
            case UNKNOWN -> exchange.refusePrivately(ErrorCode.NOT_FOUND, "this is no connection's id");
            case BUSY ->
                exchange.refusePrivately(
                        ErrorCode.OVERLOADED, "the client does not take what it is sent now; nothing was sent");
            case UNREACHABLE ->
                exchange.refusePrivately(
                        ErrorCode.UNAVAILABLE, "the connection's node does not answer; it may have been done or not");
        }
    }

    private static void write(Exchange exchange, @Nullable ConnectionInfo info) {
        AnswerWriter answer = exchange.lane().answer().beginPrivate();
        JsonWriter body = answer.body().raw(CONNECTION_ID).string(id(exchange));
        if (info != null) {
            body.raw(USER);
            if (info.user() == null) {
                body.raw(NULL);
            } else {
                body.string(info.user());
            }
            body.raw(ADDRESS).string(info.address());
            body.raw(CONNECTED_AT).number(info.connectedAtMs());
            body.raw(LAST_HEARD_AT).number(info.lastHeardMs());
        }
        body.raw('}');
        answer.send(exchange, 200);
    }
}
