package io.topicstream.connection;

import io.topicstream.connection.Connections.Answer;
import io.topicstream.connection.Connections.Outcome;
import io.topicstream.log.Admission;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Signals;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The connections of one lane by their ids, and what was asked of connections elsewhere through it. Owned by the
/// lane's thread; only [#enqueue] may be called on others.
public final class LaneConnections {
    private static final System.Logger LOGGER = System.getLogger(LaneConnections.class.getName());

    /// How many questions to other nodes may wait for their answers; more are not asked.
    private static final int MAX_WAITING = 1_024;

    /// The lane stands in the highest byte of a question's number.
    private static final int LANE_SHIFT = Long.SIZE - Byte.SIZE;

    private static final Answer DONE = new Answer(Outcome.DONE, null);
    private static final Answer GONE = new Answer(Outcome.GONE, null);
    private static final Answer BUSY = new Answer(Outcome.BUSY, null);
    private static final Answer UNREACHABLE = new Answer(Outcome.UNREACHABLE, null);

    private final ConnectionIds ids;
    private final Executor thread;
    private final Deadlines deadlines;
    private final ConnectionEvents events;
    private final ConnectionTable table = new ConnectionTable();
    private final Map<Long, Waiting> waiting = new HashMap<>();
    private long nextQuestion;

    private record Waiting(CompletableFuture<Answer> answer, Deadlines.Wait time) {}

    /// Those of a lane of whose connections nobody is told.
    public LaneConnections(ConnectionIds ids, Executor thread, Deadlines deadlines, int lane) {
        this(ids, thread, deadlines, lane, ConnectionEvents.NONE);
    }

    /// @param ids of the lane
    /// @param thread runs a task on the lane's thread: at once if that is the current one
    /// @param deadlines of the lane's thread
    /// @param lane its number in its node
    /// @param events told of each that is opened and closed
    public LaneConnections(ConnectionIds ids, Executor thread, Deadlines deadlines, int lane, ConnectionEvents events) {
        this.events = events;
        this.ids = ids;
        this.thread = thread;
        this.deadlines = deadlines;
        // So that an answer that comes back finds its lane.
        this.nextQuestion = (long) lane << LANE_SHIFT;
    }

    /// Where the answer to a question goes: to the lane with this number.
    static int laneOf(long question) {
        return (int) (question >>> LANE_SHIFT);
    }

    /// Runs the task on the lane's thread.
    ///
    /// @return false if the lane has ended
    boolean enqueue(Runnable task) {
        try {
            thread.execute(task);
            return true;
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    /// A new id for a connection of this lane.
    public String nextId() {
        return ids.next();
    }

    /// Whether a node of this system made the id.
    boolean isOurs(String id) {
        return ids.isOurs(id);
    }

    /// A connection is open: it can be asked of.
    public void add(OpenConnection connection) {
        table.add(connection);
        events.opened(connection);
    }

    /// A connection has ended.
    ///
    /// @param code with which it was closed, by either side; 1005 where the client gave none, 1006 where it just
    ///     vanished
    /// @param reason that came with the code; may be empty
    public void remove(OpenConnection connection, int code, String reason) {
        table.remove(connection);
        events.closed(connection, code, reason);
        LOGGER.log(
                System.Logger.Level.DEBUG,
                () -> "connection " + connection.connectionId() + " ended with " + code
                        + (reason.isEmpty() ? "" : ": " + reason));
    }

    /// Hands each of those that are open to the task, which opens and closes none.
    public void forEach(Consumer<OpenConnection> task) {
        table.forEach(task);
    }

    /// The connection with this id, if it is open on this lane; or null.
    public @Nullable OpenConnection find(String id) {
        return table.get(id);
    }

    /// How many connections are open.
    int size() {
        return table.size();
    }

    /// Does what is asked of a connection of this lane, or says that it is gone.
    Answer answer(String id, Signal.Ask ask) {
        OpenConnection connection = table.get(id);
        if (connection == null) {
            return GONE;
        }
        return switch (ask) {
            case Signal.Ask.Post(byte[] text) -> connection.post(text) ? DONE : BUSY;
            case Signal.Ask.Describe() -> new Answer(Outcome.DONE, connection.info());
            case Signal.Ask.Close(int code, String reason) -> {
                connection.close(code, reason);
                yield DONE;
            }
        };
    }

    /// Asks another node.
    ///
    /// @param from the tag of this node
    /// @param to the tag of the other
    /// @param answer completed on this thread
    void ask(Signals signals, int from, int to, String id, Signal.Ask ask, CompletableFuture<Answer> answer) {
        if (waiting.size() >= MAX_WAITING) {
            answer.complete(BUSY);
            return;
        }
        long question = nextQuestion;
        nextQuestion = (question & ~0xFFFF_FFFFL) | ((question + 1) & 0xFFFF_FFFFL);
        Deadlines.Wait wait = deadlines.begin(() -> {
            waiting.remove(question);
            answer.complete(UNREACHABLE);
        });
        waiting.put(question, new Waiting(answer, wait));
        Signal asked = new Signal.ForConnection(question, from, id, ask);
        if (signals.signal(SystemTopics.ofNode(to), asked.encode()) == Admission.REFUSED) {
            onAnswer(question, BUSY);
        }
    }

    /// Another node has answered. What comes too late is dropped.
    void onAnswer(long question, Answer answer) {
        Waiting asked = waiting.remove(question);
        if (asked != null && asked.time.end()) {
            asked.answer.complete(answer);
        }
    }

    /// How many questions wait for their answers.
    int waiting() {
        return waiting.size();
    }
}
