package io.topicstream.server.forgetful;

import static io.topicstream.server.forgetful.ConnectionRows.await;

import io.topicstream.access.Permission;
import io.topicstream.command.Refusal;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Extent;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.session.Node;
import io.topicstream.session.Outbound;
import io.topicstream.session.Session;
import io.topicstream.session.SessionRecord;
import io.topicstream.session.Sessions;
import io.topicstream.topic.Audience;
import io.topicstream.topic.JoinReply;
import io.topicstream.topic.Listener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One run of the function: a session made anew around a stored record, and the thread that is its own
/// until everything that it began has been answered. Nothing of it outlives the run.
final class FrameRun implements Sessions, Outbound {
    private static final long PATIENCE_SECONDS = 30;

    private final Node node;
    private final ConnectionRows connections;
    private final RowAudience audience;
    private final Gateway gateway;
    private final FreshDialects dialects;
    private final String connectionId;
    private final RowListener listener;
    private final Session session;
    private final Thread thread = Thread.currentThread();
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Deadlines deadlines = new Deadlines(this::later, this::execute);
    private boolean closed;

    FrameRun(
            Node node,
            ConnectionRows connections,
            RowAudience audience,
            Gateway gateway,
            FreshDialects dialects,
            SessionRecord record) {
        this.node = node;
        this.connections = connections;
        this.audience = audience;
        this.gateway = gateway;
        this.dialects = dialects;
        this.connectionId = record.connectionId();
        this.listener = new RowListener(record, connections);
        this.session = new Session(node, this, record, listener, this);
    }

    Session session() {
        return session;
    }

    Listener listener() {
        return listener;
    }

    /// Takes a message of the client, and works until nothing is under way any more.
    void run(byte[] text) {
        dialects.of(listener.format()).decode(session.record(), text, 0, text.length, session);
        while (!session.isIdle() && !closed) {
            Runnable task;
            try {
                task = tasks.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
            if (task == null) {
                throw new IllegalStateException("the engine owes an answer for too long");
            }
            task.run();
        }
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

    @Override
    public void open(Session opening, boolean joinDurable, Session.Opened answer) {
        String credentialId = opening.identity().credentialId();
        if (credentialId != null) {
            connections.addOfCredential(credentialId, connectionId);
        }
        String user = opening.identity().user();
        if (user == null) {
            answer.onOpened(List.of());
            return;
        }
        // The user's hints must reach it before the list is read, or a change in between would be missed.
        connections.addOfUser(user, connectionId, false);
        try {
            if (joinDurable) {
                Joining joining = new Joining();
                for (TopicName topic : permitted(user)) {
                    audience.join(listener, topic, From.NEW, joining);
                }
                if (joining.failed) {
                    throw new CompletionException(null);
                }
            }
            answer.onOpened(subscriptions());
        } catch (CompletionException e) {
            answer.onRefused(Refusal.unavailable());
        }
    }

    private List<TopicName> permitted(String user) {
        return await(node.memberships().list(user)).stream()
                .filter(topic -> session.identity().may(Permission.SUBSCRIBE, topic))
                .toList();
    }

    /// The user's durable subscriptions, for the greeting: where this connection listens to them, with the
    /// offset from which it does.
    private List<TopicExtent> subscriptions() {
        String user = session.identity().user();
        List<TopicExtent> found = new ArrayList<>();
        if (user != null) {
            for (TopicName topic : permitted(user)) {
                Extent extent = await(node.log().extent(topic));
                long next = audience.next(listener, topic, extent.nextOffset());
                found.add(
                        new TopicExtent(topic, new Extent(extent.epoch(), Math.min(extent.firstOffset(), next), next)));
            }
        }
        return found;
    }

    /// Greets the client, and lets the messages come. It is a run of its own, since nothing can be sent
    /// before the upgrade is answered.
    void greet() {
        session.greet(subscriptions());
        String user = session.identity().user();
        if (user != null) {
            connections.addOfUser(user, connectionId, true);
        }
        audience.beginAll(connectionId);
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
        String user = ended.identity().user();
        if (user != null) {
            connections.removeOfUser(user, connectionId);
        }
        String credentialId = ended.identity().credentialId();
        if (credentialId != null) {
            connections.removeOfCredential(credentialId, connectionId);
        }
    }

    /// Joins that wait for the greeting.
    private static final class Joining implements JoinReply {
        private boolean failed;

        @Override
        public void onJoined(TopicName topic, Extent extent, long commonOffset, boolean truncated, Runnable begin) {
            // Begun by the run that greets.
        }

        @Override
        public void onJoinFailed(TopicName topic, @Nullable Throwable cause) {
            failed = true;
        }
    }

    // ---- Outbound

    @Override
    public void comeBackLater() {
        tasks.add(session::onRoom);
    }

    @Override
    public void send(ServerFrame frame) {
        byte[] text = dialects.frame(session.record(), frame);
        if (text != null) {
            gateway.post(connectionId, text);
        }
    }

    @Override
    public void close(int code, String reason) {
        closed = true;
        gateway.close(connectionId, code, reason);
    }

    @Override
    public void setReading(boolean reading) {
        // The gateway hands over the next message only when this run is over.
    }
}
