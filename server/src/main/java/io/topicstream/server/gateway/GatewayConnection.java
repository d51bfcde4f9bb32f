package io.topicstream.server.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.topicstream.connection.ConnectionInfo;
import io.topicstream.connection.LaneConnections;
import io.topicstream.connection.OpenConnection;
import io.topicstream.gateway.GatewaySettings;
import io.topicstream.gateway.GatewayStage;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.server.delivery.Conversing;
import io.topicstream.session.Session;
import io.topicstream.topic.OutboundBudget;
import io.topicstream.transport.Utf8;
import io.topicstream.transport.WebSocketConnection;
import io.topicstream.transport.WebSocketFrames;
import io.topicstream.transport.WebSocketListener;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// One client's WebSocket on a stage of the gateway: hands what comes to the stage, sends what is posted, and
/// ends when it was idle for too long or is too old. Owned by its event loop.
///
/// Only messages and posts keep it open; a client's pings do not, unless the settings say so.
/// Where routes go to TopicStream it has a [Talk], whose session writes to the same socket.
final class GatewayConnection implements WebSocketListener, OpenConnection, Conversing {
    /// By this code and for this reason a connection ends that the callback API deletes.
    static final int DELETED = 1000;

    static final String DELETED_TEXT = "Connection Closed Normally";

    private static final int GOING_AWAY = 1001;
    private static final int UNSUPPORTED_DATA = 1003;
    private static final int NO_STATUS = 1005;
    private static final int TOO_LONG = 1009;

    private static final String GOING_AWAY_TEXT = "Going away";
    private static final String NO_STATUS_TEXT = "Client-side close frame status not set";

    private final SocketTerms terms;
    private final LaneConnections connections;
    private final GatewayStage stage;
    private final Peer peer;
    private final Guest guest;
    private @Nullable Talk talk;
    private @Nullable WebSocketConnection outlet;
    /// How many messages the stage has not made room for.
    private int unanswered;

    private long openedMs;
    private long activeMs;
    /// The same as a time of day.
    private long lastActiveAtMs;

    /// @param guest where it comes from
    /// @param talk that has begun with the handshake, or null
    GatewayConnection(
            SocketTerms terms,
            LaneConnections connections,
            GatewayStage stage,
            Peer peer,
            Guest guest,
            @Nullable Talk talk) {
        this.terms = terms;
        this.connections = connections;
        this.stage = stage;
        this.peer = peer;
        this.guest = guest;
        this.talk = talk;
        this.lastActiveAtMs = peer.connectedAtMs();
    }

    // ---- the socket

    @Override
    public void onOpen(WebSocketConnection connection) {
        outlet = connection;
        openedMs = terms.monotonicMs().getAsLong();
        activeMs = openedMs;
        connections.add(this);
        if (talk != null) {
            talk.start(connection, this::onActive);
        }
    }

    @Override
    public void onText(byte[] buffer, int from, int to) {
        onActive();
        CompletableFuture<Void> room = stage.message(peer, new String(buffer, from, to - from, StandardCharsets.UTF_8))
                .toCompletableFuture();
        WebSocketConnection open = outlet;
        if (open == null || room.isDone()) {
            return;
        }
        unanswered++;
        open.pauseReading();
        EventLoop loop = open.channel().eventLoop();
        var _ = room.whenComplete((_, _) -> {
            try {
                loop.execute(this::onRoom);
            } catch (RejectedExecutionException _) {
                // The loop has ended, and this with it.
                unanswered = 0;
            }
        });
    }

    private void onRoom() {
        unanswered--;
        WebSocketConnection open = outlet;
        if (open != null && unanswered == 0) {
            open.resumeReading();
        }
    }

    @Override
    public void onBinary(byte[] buffer, int from, int to) {
        close(UNSUPPORTED_DATA, terms.settings().sockets().binaryReason());
    }

    @Override
    public void onReadComplete() {
        // The transport flushes after this.
        push();
    }

    @Override
    public void onWritabilityChanged(boolean writable) {
        if (writable && talk != null) {
            talk.onWritable();
        }
    }

    @Override
    public void onTick(long nowNs) {
        if (talk != null) {
            talk.onTick();
        }
        WebSocketConnection open = outlet;
        if (open == null) {
            return;
        }
        GatewaySettings.Limits limits = terms.settings().limits();
        long now = terms.monotonicMs().getAsLong();
        long idleMs = now - activeMs;
        if (terms.settings().sockets().pingsAreActivity()) {
            idleMs = Math.min(idleMs, open.silentMs());
        }
        if (idleMs >= limits.idleMs() || now - openedMs >= limits.maxAgeMs()) {
            close(GOING_AWAY, GOING_AWAY_TEXT);
        }
    }

    @Override
    public void onStop(WebSocketConnection connection, int closeCode) {
        connection.close(GOING_AWAY, GOING_AWAY_TEXT);
    }

    @Override
    public void onClosed(int code, String reason) {
        outlet = null;
        connections.remove(this, code, reason);
        if (talk != null) {
            talk.onClosed();
        }
        switch (code) {
            case NO_STATUS -> stage.disconnected(peer, NO_STATUS, NO_STATUS_TEXT);
            case TOO_LONG ->
                stage.disconnected(peer, TOO_LONG, terms.settings().sockets().tooLongReason());
            default -> stage.disconnected(peer, code, reason);
        }
    }

    // ---- its conversation with TopicStream

    /// That conversation; null while there is none.
    @Nullable
    Talk talk() {
        return talk;
    }

    @Override
    public @Nullable Session conversation() {
        return talk == null || talk.session() == null ? null : talk.session().session();
    }

    /// One begins.
    void begins(Talk begun) {
        talk = begun;
    }

    /// It could not begin.
    void endsTalk() {
        talk = null;
    }

    /// Where it comes from.
    Guest guest() {
        return guest;
    }

    /// The socket, or null before it is open and after it is closed.
    @Nullable
    WebSocketConnection socket() {
        return outlet;
    }

    /// What was said goes out before what is written now.
    private void push() {
        if (talk != null) {
            talk.push();
        }
    }

    /// A message has come or goes.
    void onActive() {
        activeMs = terms.monotonicMs().getAsLong();
        lastActiveAtMs = terms.clock().millis();
    }

    // ---- OpenConnection

    @Override
    public String connectionId() {
        return peer.connectionId();
    }

    @Override
    public boolean post(byte[] message) {
        WebSocketConnection open = outlet;
        if (open == null || !open.isWritable()) {
            return false;
        }
        push();
        OutboundBudget budget = terms.budget();
        long unsentBytes = open.unsentBytes();
        if (budget.isFull() && unsentBytes > OutboundBudget.SMALL_PAGE_BYTES) {
            return false;
        }
        ByteBuf frame = frame(open, message);
        int bytes = frame.readableBytes();
        if (bytes <= OutboundBudget.SMALL_PAGE_BYTES && unsentBytes == 0) {
            open.write(frame);
        } else {
            budget.take(bytes);
            open.write(frame, () -> budget.release(bytes));
        }
        open.flush();
        onActive();
        return true;
    }

    private ByteBuf frame(WebSocketConnection open, byte[] message) {
        boolean isText = Utf8.isValid(message, 0, message.length);
        boolean isBinary = !isText && terms.settings().callbacks().invalidTextIsBinary();
        byte[] sent = isText || isBinary
                ? message
                : new String(message, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        ByteBuf frame = open.channel().alloc().ioBuffer(WebSocketFrames.headerBytes(sent.length) + sent.length);
        if (isBinary) {
            WebSocketFrames.writeBinaryHeader(frame, sent.length);
        } else {
            WebSocketFrames.writeTextHeader(frame, sent.length);
        }
        return frame.writeBytes(sent);
    }

    @Override
    public String stage() {
        return stage.name();
    }

    @Override
    public ConnectionInfo info() {
        WebSocketConnection open = outlet;
        Session conversing = conversation();
        return new ConnectionInfo(
                peer.connectionId(),
                conversing == null ? null : conversing.identity().user(),
                peer.sourceIp(),
                peer.connectedAtMs(),
                terms.clock().millis() - (open == null ? 0 : open.silentMs()),
                lastActiveAtMs,
                peer.userAgent(),
                stage.apiId());
    }

    @Override
    public void close(int code, String reason) {
        WebSocketConnection open = outlet;
        if (open != null) {
            push();
            open.close(code, reason);
        }
    }
}
