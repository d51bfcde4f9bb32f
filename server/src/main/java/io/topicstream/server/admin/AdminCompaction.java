package io.topicstream.server.admin;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.http.Access;
import io.topicstream.http.AnswerWriter;
import io.topicstream.http.Exchange;
import io.topicstream.http.Route;
import io.topicstream.protocol.ErrorCode;
import java.util.List;

/// The routes `/admin/compaction`: have the store let go of what was deleted and overwritten, and say how far
/// that is. One is made at a time, on a thread of its own. For the administrator.
public final class AdminCompaction {
    private static final System.Logger LOGGER = System.getLogger(AdminCompaction.class.getName());
    private static final byte[] STATE = ascii("{\"state\":");

    /// What became of the last one.
    private enum State {
        NONE,
        RUNNING,
        DONE,
        FAILED;

        private String wireName() {
            return switch (this) {
                case NONE -> "none";
                case RUNNING -> "running";
                case DONE -> "done";
                case FAILED -> "failed";
            };
        }
    }

    private final Runnable compaction;

    /// Guarded by this object's lock.
    private State state = State.NONE;

    /// @param compaction makes one, on the calling thread
    public AdminCompaction(Runnable compaction) {
        this.compaction = compaction;
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("POST", "/admin/compaction", Access.ADMIN, this::begin),
                new Route("GET", "/admin/compaction", Access.ADMIN, exchange -> answer(exchange, state(), 200)));
    }

    private void begin(Exchange exchange) {
        if (!begins()) {
            exchange.refusePrivately(ErrorCode.LIMIT_EXCEEDED, "the store is being compacted already");
            return;
        }
        Thread.ofPlatform().daemon().name("topicstream-compaction").start(this::run);
        answer(exchange, State.RUNNING, 202);
    }

    private void run() {
        State end = State.FAILED;
        try {
            compaction.run();
            end = State.DONE;
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "the store was not compacted", e);
        } finally {
            end(end);
        }
    }

    private synchronized boolean begins() {
        boolean begins = state != State.RUNNING;
        state = State.RUNNING;
        return begins;
    }

    private synchronized void end(State end) {
        state = end;
    }

    private synchronized State state() {
        return state;
    }

    private static void answer(Exchange exchange, State now, int status) {
        AnswerWriter answer = exchange.lane().answer().beginPrivate();
        answer.body().raw(STATE).string(now.wireName()).raw('}');
        answer.send(exchange, status);
    }
}
