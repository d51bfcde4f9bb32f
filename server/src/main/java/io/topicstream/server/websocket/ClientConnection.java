package io.topicstream.server.websocket;

import io.netty.buffer.ByteBuf;
import io.topicstream.connection.ConnectionInfo;
import io.topicstream.connection.LaneConnections;
import io.topicstream.connection.OpenConnection;
import io.topicstream.dialect.Dialect;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.server.delivery.EncodedFrames;
import io.topicstream.server.delivery.EventLoopLane;
import io.topicstream.server.delivery.FrameEncoder;
import io.topicstream.session.Node;
import io.topicstream.session.Outbound;
import io.topicstream.session.Session;
import io.topicstream.session.SessionRecord;
import io.topicstream.topic.Encoded;
import io.topicstream.topic.Listener;
import io.topicstream.topic.OutboundBudget;
import io.topicstream.transport.LoopFaults;
import io.topicstream.transport.OutboundFrames;
import io.topicstream.transport.WebSocketConnection;
import io.topicstream.transport.WebSocketListener;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One client's WebSocket: the socket, its session, and its place in the lane's audiences, in one
/// object, since there may be very many. Owned by its event loop.
///
/// Before the upgrade is answered it exists already and may be in audiences; it is then not writable,
/// so what is published meanwhile is caught up with as soon as it is.
final class ClientConnection extends Listener implements WebSocketListener, Outbound, OpenConnection, EventLoopLane.Flushable {
    /// So many bytes of replies are not kept for the end of the turn.
    private static final int PUSHED_BYTES = 32 * 1024;

    private final EventLoopLane lane;
    private final LaneConnections connections;
    private final Session session;
    private final Node node;
    private final Consumer<ErrorCode> errors;
    private @Nullable List<TopicExtent> durable;
    private @Nullable WebSocketConnection socket;
    /// Frames of this turn that only this client gets, joined: several replies are one write.
    private @Nullable ByteBuf replies;
    private boolean flushIsDue;
    private boolean closed;
    private boolean draining;
    private long connectedAtMs;

    ClientConnection(LaneFronts.LaneFront front, Node node, SessionRecord record, Consumer<ErrorCode> errors) {
        super(record.connectionId(), record.format());
        this.lane = front.lane();
        this.connections = front.connections();
        this.node = node;
        this.errors = errors;
        this.session = new Session(node, front.sessions(), record, this, this);
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
        socket = connection;
        connectedAtMs = node.clock().millis();
        List<TopicExtent> subscriptions = durable;
        durable = null;
        session.greet(subscriptions == null ? List.of() : subscriptions);
        connections.add(this);
        pushReplies();
        lane.onWritable(this);
    }

    @Override
    public void onText(byte[] buffer, int from, int to) {
        Dialect dialect = lane.encoder().dialect(format());
        dialect.decode(buffer, from, to, session);
    }

    @Override
    public void onBinary(byte[] buffer, int from, int to) {
        close(1003, "frames are text");
    }

    @Override
    public void onReadComplete() {
        // The transport flushes after this.
        pushReplies();
    }

    @Override
    public void onWritabilityChanged(boolean writable) {
        if (writable) {
            lane.onWritable(this);
            session.onRoom();
            lane.flush();
        }
    }

    @Override
    public void onTick(long nowNs) {
        session.onTick(node.clock().millis());
    }

    @Override
    public void onDraining(int withinMs) {
        // What has come is answered, nothing more is taken: so no publish is cut off in between.
        draining = true;
        setReading(false);
        send(new ServerFrame.Draining(withinMs));
        lane.flush();
    }

    @Override
    public void onClosed(int code, String reason) {
        closed = true;
        socket = null;
        dropReplies();
        connections.remove(this, code, reason);
        session.end();
    }

    // ---- Outbound

    @Override
    public void send(ServerFrame frame) {
        if (closed) {
            return;
        }
        ByteBuf out = replies;
        if (out == null) {
            out = lane.encoder().buffer();
            replies = out;
        }
        boolean appended;
        try {
            appended = lane.encoder().append(format(), frame, connectionId(), out);
        } catch (RuntimeException | Error e) {
            onUnsaid(e);
            return;
        }
        if (appended) {
            // Counted here and not before: a dialect may have no word for it.
            if (frame instanceof ServerFrame.Error error) {
                errors.accept(error.code());
            }
            if (out.readableBytes() >= PUSHED_BYTES && socket != null) {
                // So that a client that reads gets on, and one that does not is noticed before all is said.
                pushReplies();
                socket.flush();
            } else {
                flushSoon();
            }
        } else if (!out.isReadable()) {
            out.release();
            replies = null;
        }
    }

    /// There was no memory for a reply, or it could not be written. Without it the client would wait for
    /// ever, so the connection ends.
    private void onUnsaid(Throwable cause) {
        dropReplies();
        closed = true;
        WebSocketConnection open = socket;
        if (open != null) {
            open.abort();
        }
        LoopFaults.onFault("closing a WebSocket connection: a frame could not be made", cause);
    }

    @Override
    public boolean hasRoom() {
        WebSocketConnection open = socket;
        if (open == null || !open.isWritable()) {
            // What comes next is that it takes bytes again, or ends.
            return open == null;
        }
        if (lane.budget().isFull() && unsentBytes(open) > OutboundBudget.SMALL_PAGE_BYTES) {
            comeBackLater();
            return false;
        }
        return true;
    }

    // ---- OpenConnection

    @Override
    public boolean post(byte[] text) {
        if (closed || !hasRoom()) {
            return false;
        }
        ByteBuf out = replies;
        if (out == null) {
            out = lane.encoder().buffer();
            replies = out;
        }
        FrameEncoder.appendText(text, out);
        if (out.readableBytes() >= PUSHED_BYTES) {
            pushReplies();
        }
        flushSoon();
        return true;
    }

    @Override
    public ConnectionInfo info() {
        SessionRecord record = session.record();
        WebSocketConnection open = socket;
        return new ConnectionInfo(
                record.connectionId(),
                record.identity().user(),
                record.address().getHostAddress(),
                connectedAtMs,
                node.clock().millis() - (open == null ? 0 : open.silentMs()));
    }

    private long unsentBytes(WebSocketConnection open) {
        ByteBuf out = replies;
        return open.unsentBytes() + (out == null ? 0 : out.readableBytes());
    }

    @Override
    public int reserve(int bytes, boolean alone) {
        WebSocketConnection open = socket;
        int room = lane.budget().acquire(bytes, alone && open != null && unsentBytes(open) == 0);
        if (room == 0) {
            comeBackLater();
        }
        return room;
    }

    @Override
    public void release(int reserved) {
        lane.budget().release(reserved);
    }

    @Override
    public void sendReserved(ServerFrame reply, int reserved) {
        // From here on its bytes are counted as those of all replies are.
        lane.budget().release(reserved);
        send(reply);
    }

    @Override
    public boolean hold(int bytes) {
        return lane.budget().hold(bytes);
    }

    @Override
    public void comeBackLater() {
        lane.serveLater(this);
    }

    @Override
    protected void onRoom() {
        session.onRoom();
    }

    @Override
    public void close(int code, String reason) {
        WebSocketConnection open = socket;
        if (open != null) {
            pushReplies();
            open.close(code, reason);
        }
    }

    @Override
    public void setReading(boolean reading) {
        if (socket == null) {
            return;
        }
        if (reading && !draining) {
            socket.resumeReading();
        } else {
            socket.pauseReading();
        }
    }

    // ---- Listener

    @Override
    protected boolean isWritable() {
        return socket != null && socket.isWritable();
    }

    @Override
    protected boolean isDrained() {
        return socket != null && socket.unsentBytes() == 0;
    }

    @Override
    protected boolean offer(Encoded run) {
        WebSocketConnection open = socket;
        if (open == null) {
            return false;
        }
        EncodedFrames frames = (EncodedFrames) run;
        ByteBuf out = replies;
        if (out != null) {
            if (out.readableBytes() + frames.bytes() <= OutboundFrames.COPIED_BYTES && open.isWritable()) {
                // The publisher who hears itself: the answer and the message are one write.
                frames.appendTo(out);
                return true;
            }
            pushReplies();
        }
        return switch (frames.writeTo(open)) {
            case WRITTEN -> true;
            case QUEUED -> {
                flushSoon();
                yield true;
            }
            case NOT_WRITABLE -> false;
        };
    }

    @Override
    protected void writePage(Encoded page, Runnable onSent) {
        WebSocketConnection open = socket;
        if (open == null) {
            page.release();
            onSent.run();
            return;
        }
        pushReplies();
        open.write(((EncodedFrames) page).take(), onSent);
        flushSoon();
    }

    @Override
    protected void onTruncated(TopicName topic, long epoch, long firstOffset) {
        send(new ServerFrame.Truncated(topic, epoch, firstOffset));
    }

    @Override
    protected void onReset(TopicName topic, long epoch, long commonOffset) {
        send(new ServerFrame.Reset(topic, epoch, commonOffset));
    }

    // ---- flushing

    private void flushSoon() {
        if (!flushIsDue) {
            flushIsDue = true;
            lane.flushLater(this);
        }
    }

    private void pushReplies() {
        ByteBuf out = replies;
        WebSocketConnection open = socket;
        if (out == null || open == null) {
            return;
        }
        replies = null;
        int bytes = out.readableBytes();
        if (bytes <= OutboundBudget.SMALL_PAGE_BYTES && open.unsentBytes() == 0) {
            open.write(out);
        } else {
            OutboundBudget budget = lane.budget();
            budget.take(bytes);
            open.write(out, () -> budget.release(bytes));
        }
    }

    private void dropReplies() {
        ByteBuf unsent = replies;
        replies = null;
        if (unsent != null) {
            unsent.release();
        }
    }

    @Override
    public void flush() {
        flushIsDue = false;
        pushReplies();
        if (socket != null) {
            socket.flush();
        }
    }
}
