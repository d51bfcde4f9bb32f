package io.topicstream.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One request to become a WebSocket, from its head until it is decided; then the WebSocket is put in the place of the
/// HTTP connection. Belongs to the connection's loop.
final class Upgrade {
    final TransportLoop loop;
    private final HttpConnection connection;
    private final Endpoint endpoint;
    private final RequestHead head;
    private final String key;
    private final UpgradeDecision decision;
    private boolean asked;
    /// How long the decision may take, in milliseconds.
    private int deadlineMs;
    /// When the decision was asked for, for who watches.
    private long sinceNs;

    private Upgrade(HttpConnection connection, Endpoint endpoint, RequestHead head, String key) {
        this.loop = connection.loop;
        this.connection = connection;
        this.endpoint = endpoint;
        this.head = head;
        this.key = key;
        this.decision = new UpgradeDecision(this, RequestGuard.subprotocols(head));
        this.deadlineMs = (int) loop.limits.http().headDeadline().toMillis();
    }

    /// Checks the handshake.
    ///
    /// @throws Refusal if it is none, or cannot be taken
    static Upgrade of(HttpConnection connection, Channel channel, Endpoint endpoint, RequestHead head) {
        String key = RequestGuard.upgrade(head);
        connection.loop.connections.countClient(channel, head.source());
        if (connection.loop.isLeaving()) {
            throw new Refusal(503, "the server stops", Map.of("Retry-After", "1"));
        }
        return new Upgrade(connection, endpoint, head, key);
    }

    /// Whether the decision was asked for.
    boolean isAsked() {
        return asked;
    }

    /// Asks for the decision.
    void ask() {
        asked = true;
        sinceNs = endpoint.watchedNs();
        try {
            endpoint.upgrade().onUpgrade(head, decision);
        } catch (RuntimeException e) {
            LoopFaults.onFault("the decision on an upgrade failed", e);
            if (!decision.isDecided()) {
                decision.refuse(500, "internal", "internal error", Map.of());
            }
        }
    }

    void decideWithin(int ms) {
        deadlineMs = ms;
    }

    /// So long ago was the decision asked for: it may be too late.
    void onWaited(int ms) {
        if (asked && ms >= deadlineMs) {
            onLate();
        }
    }

    private void onLate() {
        onRefused(503, "unavailable", "no decision on the upgrade", Map.of("Retry-After", "1"));
    }

    void onAccepted(@Nullable String subprotocol, WebSocketListener listener, WebSocketLimits limits) {
        if (!connection.awaits(this) || !connection.context().channel().isActive()) {
            listener.onClosed(1006, "");
            return;
        }
        endpoint.observer().onUpgraded(head, decision.user(), endpoint.watchedNs() - sinceNs);
        becomeWebSocket(subprotocol, listener, limits);
    }

    void onRefused(int status, String code, String text, Map<String, String> headers) {
        if (!connection.awaits(this)) {
            return;
        }
        int closeCode = decision.closeCode(code);
        int bytes = 0;
        if (closeCode == 0) {
            bytes = connection.sendLast(status, code, text, headers);
        } else if (connection.context().channel().isActive()) {
            becomeWebSocket(decision.refusalSubprotocol(), new TurnedAway(closeCode, text), loop.limits.webSocket());
        }
        endpoint.observer()
                .onUpgradeRefused(head, status, closeCode, code, text, bytes, endpoint.watchedNs() - sinceNs);
    }

    void onRefused(int status, @Nullable String contentType, byte[] body, Map<String, String> headers) {
        if (!connection.awaits(this)) {
            return;
        }
        int bytes = connection.sendLast(status, contentType, body, headers);
        endpoint.observer().onUpgradeRefused(head, status, 0, null, "", bytes, endpoint.watchedNs() - sinceNs);
    }

    private void becomeWebSocket(
            @Nullable String subprotocol, WebSocketListener listener, WebSocketLimits webSocketLimits) {
        byte[] sentAhead = connection.leave();
        HttpOutput output = connection.output();
        HttpResponses.writeSwitching(output.room(192), loop.acceptKey.answer(key), subprotocol);
        output.push();
        output.drop();
        ChannelHandlerContext ctx = connection.context();
        WebSocketHandler handler = new WebSocketHandler(loop, listener, webSocketLimits);
        ctx.pipeline().addAfter(ctx.name(), ConnectionInitializer.WEBSOCKET, handler);
        loop.connections.replace(connection, handler);
        handler.open();
        if (sentAhead.length > 0) {
            ctx.fireChannelRead(Unpooled.wrappedBuffer(sentAhead));
            ctx.fireChannelReadComplete();
        }
        ctx.pipeline().remove(connection);
        handler.onUpgraded();
    }
}
