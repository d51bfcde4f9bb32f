package io.topicstream.aws.audience;

import static io.topicstream.aws.audience.Waits.await;

import io.topicstream.access.Permission;
import io.topicstream.aws.audience.Callbacks.Answer;
import io.topicstream.aws.audience.Task.Place;
import io.topicstream.command.Refusal;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.session.Node;
import io.topicstream.session.Opened;
import io.topicstream.session.Outbound;
import io.topicstream.session.Session;
import io.topicstream.session.SessionRecord;
import io.topicstream.session.Sessions;
import io.topicstream.topic.Audience;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One run of the function: a session made anew around a stored record, and the thread that is its own
/// until everything that it began has been answered. Nothing of it outlives the run.
final class FrameRun implements Sessions, Outbound {
    private final Node node;
    private final ConnectionRows connections;
    private final RowAudience audience;
    private final Callbacks callbacks;
    private final Posts posts;
    private final FreshDialects dialects;
    private final String connectionId;
    private final RowListener listener;
    private final Session session;
    private final Thread thread = Thread.currentThread();
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Deadlines deadlines = new Deadlines(this::later, this::execute);
    private List<Place> places = List.of();
    private SessionRecord kept;
    private @Nullable OpeningWait opening;
    private boolean closed;
    private boolean gone;

    FrameRun(
            Node node,
            ConnectionRows connections,
            RowAudience audience,
            Callbacks callbacks,
            Posts posts,
            FreshDialects dialects,
            ConnectionRows.Row row) {
        this.node = node;
        this.connections = connections;
        this.audience = audience;
        this.callbacks = callbacks;
        this.posts = posts;
        this.dialects = dialects;
        this.listener = new RowListener(row, connections);
        this.connectionId = listener.connectionId();
        this.session = new Session(node, this, row.connection().session(), listener, this);
        this.kept = session.record();
    }

    Session session() {
        return session;
    }

    RowListener listener() {
        return listener;
    }

    /// The places that were taken when it connected.
    List<Place> places() {
        return places;
    }

    /// Whether a post found the connection gone.
    boolean isGone() {
        return gone;
    }

    /// Says something to a client whose connection may not be open yet, though the gateway has said so.
    void whileOpening(OpeningWait wait, Runnable saying) {
        opening = wait;
        try {
            saying.run();
        } finally {
            opening = null;
        }
    }

    /// Takes a message of the client, and works until nothing is under way any more.
    void run(byte[] text) {
        run(told -> dialects.of(listener.format()).decode(told.record(), text, 0, text.length, told));
    }

    /// Tells the session something, and works until nothing is under way any more.
    void run(Consumer<Session> event) {
        event.accept(session);
        while (!session.isIdle() && !closed) {
            Runnable task;
            try {
                task = tasks.poll(Waits.PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
            if (task == null) {
                throw new IllegalStateException("the engine owes an answer for too long");
            }
            task.run();
        }
        keep();
    }

    /// Stores what this run has changed of what the session knows: before the client is told, since its next frame
    /// may come with the answer.
    private void keep() {
        SessionRecord before = kept;
        SessionRecord changed = session.record();
        if (!changed.equals(before)) {
            kept = changed;
            connections.renewed(before, changed);
            // Frames that ran meanwhile may have changed something else.
            listener.change(connection -> connection.with(merged(before, changed, connection.session())));
        }
    }

    /// What is stored by now, with what this run has changed.
    private static SessionRecord merged(SessionRecord before, SessionRecord changed, SessionRecord stored) {
        return new SessionRecord(
                stored.connectionId(),
                changed.identity().equals(before.identity()) ? stored.identity() : changed.identity(),
                stored.stage(),
                stored.format(),
                stored.address(),
                changed.attributes().equals(before.attributes()) ? stored.attributes() : changed.attributes());
    }

    // ---- Sessions

    @Override
    public Audience audience() {
        return audience;
    }

    @Override
    public Lane lane() {
        return handOver -> tasks.add(handOver::run);
    }

    @Override
    public Deadlines deadlines() {
        return deadlines;
    }

    private void execute(Runnable task) {
        if (Thread.currentThread().equals(thread)) {
            task.run();
        } else {
            tasks.add(task);
        }
    }

    /// The connection's own rows are there already: the user's hints must reach it before the list is read, or a
    /// change in between would be missed.
    @Override
    public void open(Session opening, boolean joinDurable, Opened answer) {
        String user = opening.identity().user();
        TopicName room = opening.record().room();
        List<TopicExtent> subscriptions = new ArrayList<>();
        try {
            List<TopicName> topics = user == null ? List.of() : permitted(user);
            // What is joined here is begun by the run that greets.
            if (room != null) {
                List<TopicName> all = new ArrayList<>(topics);
                all.add(room);
                places = audience.joinAll(listener, all, subscriptions);
            } else if (joinDurable) {
                places = audience.joinAll(listener, topics, subscriptions);
            } else {
                subscriptions.addAll(audience.extents(topics));
            }
        } catch (CompletionException e) {
            answer.onRefused(Refusal.unavailable());
            return;
        }
        answer.onOpened(subscriptions);
    }

    private List<TopicName> permitted(String user) {
        return await(node.memberships().list(user)).stream()
                .filter(topic -> session.identity().may(Permission.SUBSCRIBE, topic) && session.takes(topic))
                .toList();
    }

    private void later(Runnable task, long delayMs) {
        CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS).execute(() -> tasks.add(task));
    }

    @Override
    public void leftAlone(Session session, TopicName topic) {
        // Nothing puts it back but a hint that it is subscribed to anew.
    }

    @Override
    public void changedDurably(Session session, TopicName topic) {
        // Nothing is remembered between frames, so nothing of before can be believed.
    }

    @Override
    public void closed(Session ended) {
        // Its rows go by the run that hears of the end.
    }

    @Override
    public void renamed(Session session) {
        // Its record says so; whether a connection is there the gateway knows at once.
    }

    // ---- Outbound

    @Override
    public void comeBackLater() {
        tasks.add(session::onRoom);
    }

    @Override
    public void send(ServerFrame frame) {
        keep();
        byte[] text = dialects.frame(session.record(), frame);
        if (text == null || gone) {
            return;
        }
        switch (post(text)) {
            case DONE -> {}
            case GONE -> gone = true;
            // Nobody reads: as if the answer was lost with the connection, which is what becomes of it.
            case BUSY -> close(ErrorCode.OVERLOADED.closeCode(), "answers are not read");
            case TOO_LARGE -> sendInstead(frame);
        }
    }

    private Answer post(byte[] text) {
        Answer answer = posts.post(connectionId, text);
        while (answer == Answer.GONE && opening != null && opening.again()) {
            answer = posts.post(connectionId, text);
        }
        return answer;
    }

    /// Says of an answer that it is larger than what can be posted.
    private void sendInstead(ServerFrame frame) {
        byte[] id = switch (frame) {
            case Query.ReadPage page -> page.id();
            case Query.TopicList list -> list.id();
            case Query.MemberList list -> list.id();
            case Query.OnlineList list -> list.id();
            default -> null;
        };
        ServerFrame error = new ServerFrame.Error(
                id, ErrorCode.TOO_LARGE, "the answer is larger than what can be sent; ask for less", null, null);
        byte[] text = dialects.frame(session.record(), error);
        if (text != null && post(text) == Answer.GONE) {
            gone = true;
        }
    }

    @Override
    public void close(int code, String reason) {
        closed = true;
        callbacks.close(connectionId, code, reason);
    }

    @Override
    public void setReading(boolean reading) {
        // The gateway hands over other messages whatever this run does.
    }
}
