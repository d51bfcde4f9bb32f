package io.topicstream.server.transport;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The place for the decision on one upgrade. May be decided from any thread, exactly once. Frames that the
/// client already sent wait, in a bounded buffer, and come after [WebSocketListener#onOpen].
public final class UpgradeDecision {
    private final HttpConnection connection;
    private final List<String> offered;
    private final String key;
    private final AtomicBoolean decided = new AtomicBoolean();

    UpgradeDecision(HttpConnection connection, List<String> offered, String key) {
        this.connection = connection;
        this.offered = offered;
        this.key = key;
    }

    /// The subprotocols that the client offers, in its order of preference.
    public List<String> offeredSubprotocols() {
        return offered;
    }

    /// The loop to which the connection belongs for life.
    public EventLoop eventLoop() {
        return connection.loop.eventLoop;
    }

    /// Opens the WebSocket within the transport's own limits.
    public void accept(@Nullable String subprotocol, WebSocketListener listener) {
        accept(subprotocol, listener, connection.loop.limits.webSocket());
    }

    /// Opens the WebSocket. From here on `listener` is told how it ends, exactly once, even if the peer is gone.
    ///
    /// @param subprotocol one of those offered, or null for none
    /// @throws IllegalArgumentException if `subprotocol` was not offered
    /// @throws IllegalStateException if there is a decision already
    public void accept(@Nullable String subprotocol, WebSocketListener listener, WebSocketLimits limits) {
        if (subprotocol != null && !offered.contains(subprotocol)) {
            throw new IllegalArgumentException("a subprotocol that was not offered cannot be chosen");
        }
        takeDecision();
        onLoop(() -> connection.onAccepted(this, subprotocol, listener, limits));
    }

    /// Answers with an error instead, in the one shape of all errors.
    ///
    /// @throws IllegalStateException if there is a decision already
    public void refuse(int status, String code, String text, Map<String, String> headers) {
        HttpResponses.requireFields(code, headers);
        takeDecision();
        onLoop(() -> connection.onRefused(this, status, code, text, headers));
    }

    /// Whether there is a decision already.
    public boolean isDecided() {
        return decided.get();
    }

    String key() {
        return key;
    }

    private void takeDecision() {
        if (!decided.compareAndSet(false, true)) {
            throw new IllegalStateException("the upgrade is already decided");
        }
    }

    private void onLoop(Runnable task) {
        EventLoop loop = eventLoop();
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }
}
