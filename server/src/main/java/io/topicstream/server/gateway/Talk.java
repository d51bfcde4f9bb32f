package io.topicstream.server.gateway;

import io.topicstream.dialect.Dialects;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.server.delivery.EventLoopLane;
import io.topicstream.transport.WebSocketConnection;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The conversation of a gateway connection with TopicStream: its session, and in front of that the frames that the
/// session does not read yet. Owned by its event loop.
///
/// A frame that waits keeps the message under way that brought it. So as many wait as messages of a connection may be
/// under way; then the gateway stops reading the socket.
final class Talk {
    /// The frame was taken. What comes of it is said in the conversation.
    static final Answer TAKEN = new Answer.Given(200, Map.of(), null, null);
    /// The connection has ended.
    static final Answer GONE = new Answer.Given(410, Map.of(), null, null);

    private static final System.Logger LOGGER = System.getLogger(Talk.class.getName());
    private static final Answer FAILED =
            new Answer.Failed(Answer.Failure.INTERNAL, "The conversation failed with this frame.");
    private static final Answer LATE =
            new Answer.Failed(Answer.Failure.TIMEOUT, "The conversation did not take the frame in time.");

    private final EventLoopLane lane;
    private final Dialects.Name dialect;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private @Nullable TopicSession session;
    private @Nullable Runnable onSending;
    private boolean isStarted;
    private boolean isReading = true;
    private boolean isDraining;
    private boolean isEnded;

    /// A frame that waits.
    private static final class Waiting {
        final byte[] frame;
        final CompletableFuture<Answer> answer;
        private @Nullable ScheduledFuture<?> late;

        Waiting(byte[] frame, CompletableFuture<Answer> answer) {
            this.frame = frame;
            this.answer = answer;
        }

        void end(Answer how) {
            if (late != null) {
                late.cancel(false);
            }
            answer.complete(how);
        }
    }

    Talk(EventLoopLane lane, Dialects.Name dialect) {
        this.lane = lane;
        this.dialect = dialect;
    }

    /// What is spoken.
    Dialects.Name dialect() {
        return dialect;
    }

    /// The session; null while it is being opened.
    @Nullable
    TopicSession session() {
        return session;
    }

    /// Whether the connection has ended, or never will be.
    boolean isEnded() {
        return isEnded;
    }

    // ---- its beginning and end

    /// The session is open.
    void opened(TopicSession opened) {
        session = opened;
    }

    /// The socket is open: the client is greeted, and frames are taken from now on.
    ///
    /// @param sending told whenever something is given to the socket
    void start(WebSocketConnection socket, Runnable sending) {
        onSending = sending;
        TopicSession opened = session;
        if (opened != null && !isEnded) {
            opened.start(socket);
            isStarted = true;
            drain();
        }
    }

    /// There will be no session: those who wait are told so.
    ///
    /// @return how many waited
    int refused(Answer why) {
        isEnded = true;
        int count = waiting.size();
        forget(why);
        return count;
    }

    /// The connection has ended, or never will be. What the client had said is done, as far as it is more than a
    /// matter of this connection.
    void onClosed() {
        if (isEnded) {
            return;
        }
        isEnded = true;
        TopicSession opened = session;
        if (opened != null) {
            opened.onSocketClosed();
            if (isStarted) {
                takeLast(opened);
            }
            opened.session().end();
        }
        forget(GONE);
    }

    private void takeLast(TopicSession opened) {
        for (Waiting one = waiting.poll(); one != null; one = waiting.poll()) {
            one.end(take(opened, one.frame));
        }
    }

    private void forget(Answer why) {
        for (Waiting one = waiting.poll(); one != null; one = waiting.poll()) {
            one.end(why);
        }
    }

    // ---- frames

    /// Takes a frame, now or when those before it were taken.
    ///
    /// @param answer completed on this thread
    void frame(byte[] frame, int timeoutMs, CompletableFuture<Answer> answer) {
        TopicSession opened = session;
        if (isEnded) {
            answer.complete(GONE);
        } else if (opened != null && isStarted && isReading && waiting.isEmpty()) {
            answer.complete(take(opened, frame));
        } else {
            Waiting one = new Waiting(frame, answer);
            one.late = lane.loop().schedule(() -> onLate(one), timeoutMs, TimeUnit.MILLISECONDS);
            waiting.add(one);
        }
    }

    private static Answer take(TopicSession opened, byte[] frame) {
        try {
            opened.take(frame);
            return TAKEN;
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "a frame could not be run", e);
            return FAILED;
        }
    }

    private void onLate(Waiting one) {
        if (waiting.remove(one)) {
            one.end(LATE);
            lane.flush();
        }
    }

    /// Whether the session takes frames.
    void setReading(boolean reading) {
        isReading = reading;
        if (reading && !waiting.isEmpty() && !isDraining) {
            // Not here: the session is in the middle of something.
            isDraining = true;
            lane.loop().execute(() -> {
                isDraining = false;
                drain();
                lane.flush();
            });
        }
    }

    private void drain() {
        TopicSession opened = session;
        while (opened != null && isReading && !isEnded) {
            Waiting next = waiting.poll();
            if (next == null) {
                return;
            }
            next.end(take(opened, next.frame));
        }
    }

    // ---- the socket

    /// Gives the socket what was said.
    void push() {
        if (session != null) {
            session.pushSaid();
        }
    }

    /// The socket takes bytes again.
    void onWritable() {
        if (session != null && isStarted) {
            session.onSocketWritable();
        }
    }

    /// About once a second.
    void onTick() {
        if (session != null && isStarted) {
            session.onTick();
        }
    }

    /// Something is given to the socket.
    void onSending() {
        if (onSending != null) {
            onSending.run();
        }
    }
}
