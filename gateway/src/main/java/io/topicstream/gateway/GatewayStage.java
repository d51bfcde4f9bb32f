package io.topicstream.gateway;

import io.topicstream.command.TokenBucket;
import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.exchange.Opening;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.model.Api;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// One stage of one API. The same object for as long as the gateway lives, also under other definitions: a
/// connection keeps it. Thread-safe; no method blocks.
public final class GatewayStage {
    private static final System.Logger LOGGER = System.getLogger(GatewayStage.class.getName());

    /// How many ends of connections a stage tells at a time.
    static final int ENDS_AT_A_TIME = 64;
    /// How many more it remembers. Many connections may end at once, and each of them has its [Peer] already.
    private static final int MAX_WAITING_ENDS = 100_000;

    private final Running running;
    private final String apiId;
    private final String name;
    private final Dispatch dispatch;
    private final Conversations conversations;
    private final Room room;
    /// One conversation, of all connections that ended.
    private final Conversations ends;

    /// As the definition of the moment has it; null while it has no such stage.
    private volatile @Nullable StageState now;

    GatewayStage(Running running, String apiId, String name) {
        this.running = running;
        this.apiId = apiId;
        this.name = name;
        this.dispatch = new Dispatch(running);
        GatewaySettings.Limits limits = running.settings().limits();
        this.conversations = new Conversations(
                running.settings().messages().ordered() ? 1 : limits.callsPerConnection(),
                limits.waitingPerConnection());
        this.room = new Room(limits.callsPerStage(), limits.bytesPerStage());
        this.ends = new Conversations(ENDS_AT_A_TIME, MAX_WAITING_ENDS);
    }

    /// From now on it is so; null for not at all.
    void take(@Nullable StageState state) {
        now = state;
    }

    /// The id of its API.
    public String apiId() {
        return apiId;
    }

    /// Its name.
    public String name() {
        return name;
    }

    /// What a call of the callback API is asked to be allowed on, with the text `{connectionId}` at its end,
    /// as API Gateway has it.
    ///
    /// @param method in capitals
    public String callbackArn(String method) {
        return arn(method + "/@connections/{connectionId}");
    }

    private String arn(String what) {
        return "arn:aws:execute-api:" + running.settings().region() + ":"
                + running.settings().account() + ":" + apiId + "/" + name + "/" + what;
    }

    /// Decides about a handshake.
    ///
    /// @param connectionId the name that the connection will have
    /// @return completes on any thread, in about a minute at most, and never fails
    public CompletionStage<Opening> connect(String connectionId, Handshake handshake) {
        String requestId = running.ports().ids().get();
        StageState state = now;
        if (state == null) {
            return CompletableFuture.completedStage(Refusal.FORBIDDEN.opening(requestId));
        }
        long nowMs = running.ports().clock().millis();
        Peer peer = new Peer(
                connectionId,
                domainName(handshake),
                nowMs,
                handshake.sourceIp(),
                handshake.header("User-Agent"),
                Map.of(),
                Map.of());
        GatewayEvent event = new GatewayEvent(
                state.api(), state.stage(), Api.CONNECT, peer, requestId, nowMs, new GatewayEvent.Connect(handshake));
        Admission admission = new Admission(state, running, handshake, event, arn(Api.CONNECT));
        long bytes = bytesOf(handshake);
        if (!room.take(bytes)) {
            return CompletableFuture.completedStage(admission.throttled());
        }
        try {
            return admission
                    .decide()
                    .exceptionally(failure -> broken(requestId, failure))
                    .whenComplete((_, _) -> room.giveBack(bytes));
        } catch (RuntimeException e) {
            room.giveBack(bytes);
            return CompletableFuture.completedStage(broken(requestId, e));
        }
    }

    /// In memory a text may take two bytes for each of its units.
    private static long bytesOf(Handshake handshake) {
        long units = (long) handshake.rawPath().length() + handshake.rawQuery().length();
        for (Map.Entry<String, String> field : handshake.headers()) {
            units += field.getKey().length() + field.getValue().length();
        }
        return 2 * units;
    }

    private static Opening broken(String requestId, Throwable failure) {
        LOGGER.log(System.Logger.Level.ERROR, "a handshake could not be decided", failure);
        return Refusal.of(500, "InternalServerErrorException", "DEFAULT_5XX", ErrorFrame.INTERNAL)
                .opening(requestId);
    }

    private String domainName(Handshake handshake) {
        String configured = running.settings().domainName();
        if (configured != null) {
            return configured;
        }
        return handshake.host() != null
                ? handshake.host()
                : apiId + ".execute-api." + running.settings().region() + ".amazonaws.com";
    }

    /// Takes a message of a client.
    ///
    /// @param peer as it was accepted
    /// @return completes when the connection may be read on: as a rule it has, but not while as many of its
    ///     messages are under way as may be. A few more that were read before are kept; what is beyond is
    ///     answered as throttled. On any thread; never fails
    public CompletionStage<Void> message(Peer peer, String text) {
        Dispatch.Came came = new Dispatch.Came(
                peer,
                text,
                running.ports().ids().get(),
                running.ports().ids().get(),
                running.ports().clock().millis());
        // In memory a text may take two bytes for each of its units.
        long bytes = 2L * text.length();
        if (!room.take(bytes)) {
            throttled(came, "Too many messages of the stage are under way.");
            return Conversations.READ_ON;
        }
        return conversations.enter(
                peer.connectionId(), () -> run(came).whenComplete((_, _) -> room.giveBack(bytes)), () -> {
                    room.giveBack(bytes);
                    throttled(came, "Too many messages of the connection are under way.");
                });
    }

    private void throttled(Dispatch.Came came, String why) {
        StageState state = now;
        if (state == null) {
            forbidden(came);
        } else {
            dispatch.throttled(state, came, why);
        }
    }

    /// Never throws: what is under way is counted.
    private CompletableFuture<Void> run(Dispatch.Came came) {
        try {
            StageState state = now;
            if (state == null) {
                forbidden(came);
            } else if (running.ports().clock().millis() - came.timeMs()
                    > running.settings().limits().maxWaitMs()) {
                dispatch.timedOut(state, came);
            } else {
                return dispatch.message(state, came);
            }
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "a message could not be answered", e);
        }
        return CompletableFuture.completedFuture(null);
    }

    /// The stage is gone: there is no route any more.
    private void forbidden(Dispatch.Came came) {
        String connectionId = came.peer().connectionId();
        running.ports()
                .replies()
                .send(connectionId, ErrorFrame.of(ErrorFrame.FORBIDDEN, connectionId, came.requestId()));
    }

    /// Hears that a connection has ended that was accepted, once. Best effort.
    ///
    /// @param code of the close: the client's, the server's, 1005 where there was no code, 1006 where there
    ///     was no close
    public void disconnected(Peer peer, int code, String reason) {
        String requestId = running.ports().ids().get();
        long nowMs = running.ports().clock().millis();
        if (running.settings().messages().ordered()) {
            // Behind the messages that were before it.
            var _ = conversations.enter(
                    peer.connectionId(),
                    () -> {
                        tell(peer, code, reason, requestId, nowMs);
                        return CompletableFuture.completedFuture(null);
                    },
                    null);
        } else {
            tell(peer, code, reason, requestId, nowMs);
        }
    }

    private void tell(Peer peer, int code, String reason, String requestId, long timeMs) {
        var _ = ends.enter(
                "",
                () -> end(peer, code, reason, requestId, timeMs),
                () -> LOGGER.log(
                        System.Logger.Level.WARNING,
                        "too many connections ended at once: the end of {0} is not told",
                        peer.connectionId()));
    }

    private CompletableFuture<Void> end(Peer peer, int code, String reason, String requestId, long timeMs) {
        StageState state = now;
        if (state == null) {
            return CompletableFuture.completedFuture(null);
        }
        try {
            return dispatch.disconnect(
                    state,
                    new GatewayEvent(
                            state.api(),
                            state.stage(),
                            Api.DISCONNECT,
                            peer,
                            requestId,
                            timeMs,
                            new GatewayEvent.Disconnect(code, reason)));
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "the end of a connection could not be told", e);
            return CompletableFuture.completedFuture(null);
        }
    }

    /// Completes when the ends that were heard of so far are told, and what must be done before them.
    CompletableFuture<Void> endsTold() {
        return running.settings().messages().ordered()
                ? conversations.whenIdle().thenCompose(_ -> ends.whenIdle())
                : ends.whenIdle();
    }

    /// Takes a call of the callback API out of what all APIs together may ask for.
    ///
    /// @return false if that is used up for now: that is 429
    public boolean takeCallback() {
        return TokenBucket.take(running.events());
    }

    /// Counts a message that a callback sent to a client.
    public void posted() {
        running.watch().sent(apiId, name);
    }
}
