package io.topicstream.server.admin;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.Identity;
import io.topicstream.command.Refusal;
import io.topicstream.http.Access;
import io.topicstream.http.AnswerWriter;
import io.topicstream.http.Exchange;
import io.topicstream.http.Route;
import io.topicstream.json.JsonWriter;
import io.topicstream.people.Erasure;
import io.topicstream.people.Erasures;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import java.util.Optional;

/// The routes `/admin/users/{user}` by which a user is erased: begin it, and say how far it is. For the
/// administrator.
public final class AdminErasures {
    private static final System.Logger LOGGER = System.getLogger(AdminErasures.class.getName());

    private static final byte[] USER = ascii("{\"user\":");
    private static final byte[] STATE = ascii(",\"state\":");
    private static final byte[] STARTED_AT = ascii(",\"started_at\":");
    private static final byte[] DONE_AT = ascii(",\"done_at\":");
    private static final byte[] TOPICS = ascii(",\"topics\":");
    private static final byte[] MESSAGES = ascii(",\"messages\":");

    private final Erasures erasures;

    public AdminErasures(Erasures erasures) {
        this.erasures = erasures;
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("DELETE", "/admin/users/{user}", Access.ADMIN, this::begin),
                new Route("GET", "/admin/users/{user}/erasure", Access.ADMIN, this::show));
    }

    /// `DELETE /admin/users/{user}`
    private void begin(Exchange exchange) {
        String user = exchange.parameter("user");
        if (exchange.refusesParametersBut()) {
            return;
        }
        if (!Identity.isValidId(user)) {
            exchange.refusePrivately(ErrorCode.BAD_FRAME, "a user's id is 1 to 96 characters of A-Z a-z 0-9 . _ @ + -");
            return;
        }
        exchange.whenChanged(erasures.begin(user), (begun, failure) -> {
            if (begun == null) {
                exchange.refusePrivately(Refusal.unavailable());
                return;
            }
            LOGGER.log(
                    System.Logger.Level.INFO,
                    "a user is being erased, by the administrator from "
                            + exchange.credentials().address().getHostAddress());
            answer(exchange, user, begun, 202);
        });
    }

    /// `GET /admin/users/{user}/erasure`
    private void show(Exchange exchange) {
        String user = exchange.parameter("user");
        if (exchange.refusesParametersBut()) {
            return;
        }
        exchange.whenComplete(erasures.find(user).thenApply(Optional::ofNullable), (found, failure) -> {
            if (found == null) {
                exchange.refusePrivately(Refusal.unavailable());
                return;
            }
            found.ifPresentOrElse(
                    erasure -> answer(exchange, user, erasure, 200),
                    () -> exchange.refusePrivately(ErrorCode.NOT_FOUND, "this user was not erased, or long ago"));
        });
    }

    private static void answer(Exchange exchange, String user, Erasure erasure, int status) {
        AnswerWriter answer = exchange.lane().answer().beginPrivate();
        JsonWriter body = answer.body();
        body.raw(USER).string(user);
        body.raw(STATE).string(erasure.isDone() ? "done" : "running");
        body.raw(STARTED_AT).number(erasure.begunAtMs());
        if (erasure.isDone()) {
            body.raw(DONE_AT).number(erasure.doneAtMs());
        }
        body.raw(TOPICS).number(erasure.topics());
        body.raw(MESSAGES).number(erasure.messages()).raw('}');
        answer.send(exchange, status);
    }
}
