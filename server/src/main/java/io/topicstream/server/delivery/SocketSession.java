package io.topicstream.server.delivery;

import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.session.Outbound;
import io.topicstream.session.Session;
import io.topicstream.session.SessionRecord;
import io.topicstream.topic.OutboundBudget;
import io.topicstream.transport.WebSocketConnection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A session on a WebSocket, and its place in the lane's audiences, in one object, since there may be very many.
/// Owned by its event loop.
///
/// Before the upgrade is answered it exists already and may be in audiences; it is then not writable,
/// so what is published meanwhile is caught up with as soon as it is.
public abstract class SocketSession extends OutletListener<WebSocketConnection> implements Outbound, Conversing {
    private final Session session;
    private final LaneFront front;
    private @Nullable List<TopicExtent> durable;

    @SuppressWarnings("this-escape") // The session keeps it, and calls nothing yet.
    protected SocketSession(LaneFront front, SessionRecord record) {
        super(front.lane(), record.connectionId(), record.format(), WebSocketFraming.INSTANCE);
        this.front = front;
        this.session = new Session(front.node(), front.sessions(), record, this, this);
    }

    /// The session.
    public final Session session() {
        return session;
    }

    @Override
    public final Session conversation() {
        return session;
    }

    /// What its event loop has of its own.
    protected final LaneFront front() {
        return front;
    }

    /// The user's durable subscriptions, for the greeting.
    public final void greetWith(List<TopicExtent> subscriptions) {
        durable = subscriptions;
    }

    /// The socket is open: greets the client.
    protected final void greet(WebSocketConnection connection) {
        open(connection);
        List<TopicExtent> subscriptions = durable;
        durable = null;
        session.greet(subscriptions == null ? List.of() : subscriptions);
    }

    /// It was greeted: what was published meanwhile is delivered, and others hear that it has come.
    protected final void begin() {
        push();
        lane().onWritable(this);
        session.announce();
    }

    /// Takes a frame of the client.
    protected final void take(byte[] buffer, int from, int to) {
        dialect().decode(session.record(), buffer, from, to, session);
    }

    /// The socket takes bytes again.
    protected final void onWritable() {
        lane().onWritable(this);
        session.onRoom();
        lane().flush();
    }

    /// The time of day, in epoch milliseconds.
    protected final long nowMs() {
        return front.node().clock().millis();
    }

    // ---- Outbound

    @Override
    public final void send(ServerFrame frame) {
        // Counted here and not before: a dialect may have no word for it.
        if (say(frame, session.record()) && frame instanceof ServerFrame.Error error) {
            front.errors().accept(error.code());
        }
    }

    @Override
    public final boolean hasRoom() {
        WebSocketConnection open = outlet();
        if (open == null || !open.isWritable()) {
            // What comes next is that it takes bytes again, or ends.
            return open == null;
        }
        if (lane().budget().isFull() && unsentBytes() > OutboundBudget.SMALL_PAGE_BYTES) {
            comeBackLater();
            return false;
        }
        return true;
    }

    @Override
    public final int reserve(int bytes, boolean alone) {
        WebSocketConnection open = outlet();
        int room = lane().budget().acquire(bytes, alone && open != null && unsentBytes() == 0);
        if (room == 0) {
            comeBackLater();
        }
        return room;
    }

    @Override
    public final void release(int reserved) {
        lane().budget().release(reserved);
    }

    @Override
    public final void sendReserved(ServerFrame reply, int reserved) {
        // From here on its bytes are counted as those of all replies are.
        lane().budget().release(reserved);
        send(reply);
    }

    @Override
    public final boolean hold(int bytes) {
        return lane().budget().hold(bytes);
    }

    @Override
    public final void comeBackLater() {
        lane().serveLater(this);
    }

    @Override
    protected final void onRoom() {
        session.onRoom();
    }

    @Override
    public final void close(int code, String reason) {
        WebSocketConnection open = outlet();
        if (open != null) {
            push();
            open.close(code, reason);
        }
    }

    // ---- Listener

    @Override
    protected final String withholdTag() {
        return session.record().withheldTag();
    }

    @Override
    protected final void onEntered(TopicName topic) {
        session.onEntered(topic);
    }

    @Override
    protected final void onLeft(TopicName topic) {
        session.onLeft(topic);
    }

    @Override
    protected final void onTruncated(TopicName topic, long epoch, long firstOffset) {
        send(new ServerFrame.Truncated(topic, epoch, firstOffset));
    }

    @Override
    protected final void onReset(TopicName topic, long epoch, long commonOffset) {
        send(new ServerFrame.Reset(topic, epoch, commonOffset));
    }
}
