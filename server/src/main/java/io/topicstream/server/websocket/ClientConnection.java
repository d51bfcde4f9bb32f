package io.topicstream.server.websocket;

import io.netty.buffer.ByteBuf;
import io.topicstream.connection.ConnectionInfo;
import io.topicstream.connection.OpenConnection;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.server.delivery.OutletListener;
import io.topicstream.server.delivery.WebSocketFraming;
import io.topicstream.session.Outbound;
import io.topicstream.session.Session;
import io.topicstream.session.SessionRecord;
import io.topicstream.topic.OutboundBudget;
import io.topicstream.transport.Utf8;
import io.topicstream.transport.WebSocketConnection;
import io.topicstream.transport.WebSocketFrames;
import io.topicstream.transport.WebSocketListener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One client's WebSocket: the socket, its session, and its place in the lane's audiences, in one
/// object, since there may be very many. Owned by its event loop.
///
/// Before the upgrade is answered it exists already and may be in audiences; it is then not writable,
/// so what is published meanwhile is caught up with as soon as it is.
final class ClientConnection extends OutletListener<WebSocketConnection>
        implements WebSocketListener, Outbound, OpenConnection {
    private final Session session;
    private final LaneFronts.LaneFront front;
    private @Nullable List<TopicExtent> durable;
    private boolean draining;
    /// In seconds, as an unsigned number of 32 bits: there may be very many of these objects.
    private int connectedAtS;

    ClientConnection(LaneFronts.LaneFront front, SessionRecord record) {
        super(front.lane(), record.connectionId(), record.format(), WebSocketFraming.INSTANCE);
        this.front = front;
        this.session = new Session(front.node(), front.sessions(), record, this, this);
    }

    Session session() {
        return session;
    }

    /// The user's durable subscriptions, for the greeting.
    void greetWith(List<TopicExtent> subscriptions) {
        durable = subscriptions;
    }

    // ---- the socket

    @Override
    public void onOpen(WebSocketConnection connection) {
        open(connection);
        connectedAtS = (int) (nowMs() / 1000);
        List<TopicExtent> subscriptions = durable;
        durable = null;
        session.greet(subscriptions == null ? List.of() : subscriptions);
        front.connections().add(this);
        push();
        lane().onWritable(this);
        session.announce();
    }

    @Override
    public void onText(byte[] buffer, int from, int to) {
        dialect().decode(session.record(), buffer, from, to, session);
    }

    @Override
    public void onBinary(byte[] buffer, int from, int to) {
        close(1003, "frames are text");
    }

    @Override
    public void onReadComplete() {
        // The transport flushes after this.
        push();
    }

    @Override
    public void onWritabilityChanged(boolean writable) {
        if (writable) {
            lane().onWritable(this);
            session.onRoom();
            lane().flush();
        }
    }

    @Override
    public void onTick(long nowNs) {
        session.onTick(nowMs());
    }

    @Override
    public void onDraining(int withinMs) {
        // What has come is answered, nothing more is taken: so no publish is cut off in between.
        draining = true;
        setReading(false);
        send(new ServerFrame.Draining(withinMs));
        lane().flush();
    }

    @Override
    public void onClosed(int code, String reason) {
        closed();
        front.connections().remove(this, code, reason);
        session.end();
    }

    // ---- Outbound

    @Override
    public void send(ServerFrame frame) {
        // Counted here and not before: a dialect may have no word for it.
        if (say(frame, session.record()) && frame instanceof ServerFrame.Error error) {
            front.errors().accept(error.code());
        }
    }

    @Override
    public boolean hasRoom() {
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
    public int reserve(int bytes, boolean alone) {
        WebSocketConnection open = outlet();
        int room = lane().budget().acquire(bytes, alone && open != null && unsentBytes() == 0);
        if (room == 0) {
            comeBackLater();
        }
        return room;
    }

    @Override
    public void release(int reserved) {
        lane().budget().release(reserved);
    }

    @Override
    public void sendReserved(ServerFrame reply, int reserved) {
        // From here on its bytes are counted as those of all replies are.
        lane().budget().release(reserved);
        send(reply);
    }

    @Override
    public boolean hold(int bytes) {
        return lane().budget().hold(bytes);
    }

    @Override
    public void comeBackLater() {
        lane().serveLater(this);
    }

    @Override
    protected void onRoom() {
        session.onRoom();
    }

    @Override
    public void close(int code, String reason) {
        WebSocketConnection open = outlet();
        if (open != null) {
            push();
            open.close(code, reason);
        }
    }

    @Override
    public void setReading(boolean reading) {
        WebSocketConnection open = outlet();
        if (open == null) {
            return;
        }
        if (reading && !draining) {
            open.resumeReading();
        } else {
            open.pauseReading();
        }
    }

    // ---- OpenConnection

    @Override
    public boolean post(byte[] text) {
        if (!hasRoom()) {
            return false;
        }
        WebSocketConnection open = outlet();
        if (open == null || Utf8.isValid(text, 0, text.length)) {
            say(text);
        } else {
            push();
            ByteBuf frame = open.channel().alloc().ioBuffer(WebSocketFrames.MAX_HEADER_BYTES + text.length);
            WebSocketFrames.writeBinaryHeader(frame, text.length);
            open.write(frame.writeBytes(text));
            open.flush();
        }
        return true;
    }

    @Override
    public ConnectionInfo info() {
        SessionRecord record = session.record();
        WebSocketConnection open = outlet();
        return new ConnectionInfo(
                record.connectionId(),
                record.identity().user(),
                record.address().getHostAddress(),
                Integer.toUnsignedLong(connectedAtS) * 1000,
                nowMs() - (open == null ? 0 : open.silentMs()));
    }

    private long nowMs() {
        return front.node().clock().millis();
    }

    // ---- Listener

    @Override
    protected String withholdTag() {
        return session.record().withheldTag();
    }

    @Override
    protected void onEntered(TopicName topic) {
        session.onEntered(topic);
    }

    @Override
    protected void onLeft(TopicName topic) {
        session.onLeft(topic);
    }

    @Override
    protected void onTruncated(TopicName topic, long epoch, long firstOffset) {
        send(new ServerFrame.Truncated(topic, epoch, firstOffset));
    }

    @Override
    protected void onReset(TopicName topic, long epoch, long commonOffset) {
        send(new ServerFrame.Reset(topic, epoch, commonOffset));
    }
}
