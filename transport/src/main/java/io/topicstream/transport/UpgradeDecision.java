package io.topicstream.transport;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// The place for the decision on one upgrade. May be decided from any thread, exactly once. Frames that the
/// client already sent wait, in a bounded buffer, and come after [WebSocketListener#onOpen].
public final class UpgradeDecision {
    private final Upgrade upgrade;
    private final List<String> offered;
    private final AtomicBoolean decided = new AtomicBoolean();
    private @Nullable String refusalSubprotocol;
    private @Nullable ToIntFunction<String> closeCodes;
    private @Nullable String user;

    UpgradeDecision(Upgrade upgrade, List<String> offered) {
        this.upgrade = upgrade;
        this.offered = offered;
    }

    /// The subprotocols that the client offers, in its order of preference.
    public List<String> offeredSubprotocols() {
        return offered;
    }

    /// The loop to which the connection belongs for life.
    public EventLoop eventLoop() {
        return upgrade.loop.eventLoop;
    }

    /// Opens the WebSocket within the transport's own limits.
    public void accept(@Nullable String subprotocol, WebSocketListener listener) {
        accept(subprotocol, listener, upgrade.loop.limits.webSocket());
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
        onLoop(() -> upgrade.onAccepted(subprotocol, listener, limits));
    }

    /// Opens the WebSocket with a subprotocol that a back end chose and answers for, whether the client offered it or
    /// not; else as [#accept].
    ///
    /// @throws IllegalArgumentException if it holds more than printable ASCII
    public void acceptAsChosen(@Nullable String subprotocol, WebSocketListener listener, WebSocketLimits limits) {
        HttpResponses.requireFields(subprotocol, Map.of());
        takeDecision();
        onLoop(() -> upgrade.onAccepted(subprotocol, listener, limits));
    }

    /// Wants a refusal to be a close code, which a browser shows to its page, and not an HTTP answer, of which
    /// the page learns nothing: the WebSocket is opened with `subprotocol` and closed at once. To be called
    /// within [UpgradeHandler#onUpgrade].
    ///
    /// @param subprotocol one of those offered
    /// @param closeCode the close code that goes with the code of an error
    public void refuseByClosing(String subprotocol, ToIntFunction<String> closeCode) {
        refusalSubprotocol = subprotocol;
        closeCodes = closeCode;
    }

    /// Says how long the decision may take; without it that is the deadline for a request's head. To be called within
    /// [UpgradeHandler#onUpgrade].
    public void within(Duration deadline) {
        TransportLimits.requireDeadline("deadline", deadline);
        upgrade.decideWithin((int) deadline.toMillis());
    }

    /// Says as whom the caller is known, for who watches. To be called on the event loop, before the decision.
    public void calledBy(@Nullable String user) {
        this.user = user;
    }

    /// Answers with an error instead, in the one shape of all errors.
    ///
    /// @throws IllegalStateException if there is a decision already
    public void refuse(int status, String code, String text, Map<String, String> headers) {
        HttpResponses.requireFields(code, headers);
        takeDecision();
        onLoop(() -> upgrade.onRefused(status, code, text, headers));
    }

    /// Answers with an answer of any kind instead, as a back end gave it. It is the last one of its connection, and
    /// always goes over HTTP, whatever [#refuseByClosing] said.
    ///
    /// @param status 200 to 599
    /// @param contentType null for none
    /// @param body must not change afterwards; empty with 204 and 304
    /// @param headers without those that the transport writes itself: `Content-Type`, `Content-Length`,
    ///     `Connection`, `Transfer-Encoding`, `Date`
    /// @throws IllegalArgumentException if one of them is not so
    /// @throws IllegalStateException if there is a decision already
    public void refuse(int status, @Nullable String contentType, byte[] body, Map<String, String> headers) {
        if (status < 200 || status > 599 || (HttpAnswers.isWithoutBody(status) && body.length > 0)) {
            throw new IllegalArgumentException(
                    "not an answer to an upgrade: " + status + ", " + body.length + " bytes");
        }
        HttpResponses.requireFields(contentType, headers);
        HttpAnswers.requireForeign(headers);
        takeDecision();
        onLoop(() -> upgrade.onRefused(status, contentType, body, headers));
    }

    /// Whether there is a decision already.
    public boolean isDecided() {
        return decided.get();
    }

    @Nullable
    String refusalSubprotocol() {
        return refusalSubprotocol;
    }

    @Nullable
    String user() {
        return user;
    }

    /// The close code of a refusal, or 0 where it is an HTTP answer.
    int closeCode(String code) {
        ToIntFunction<String> codes = closeCodes;
        return codes == null ? 0 : codes.applyAsInt(code);
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
