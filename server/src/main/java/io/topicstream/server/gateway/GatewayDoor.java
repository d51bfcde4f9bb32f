package io.topicstream.server.gateway;

import io.netty.channel.EventLoop;
import io.topicstream.connection.LaneConnections;
import io.topicstream.gateway.Gateway;
import io.topicstream.gateway.GatewayStage;
import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.exchange.Opening;
import io.topicstream.transport.RequestHead;
import io.topicstream.transport.UpgradeDecision;
import io.topicstream.transport.UpgradeHandler;
import io.topicstream.transport.WebSocketLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The door to the stages of the gateway, in front of another one that serves everything else: holds a handshake open
/// until the stage has decided, and answers as the stage says. May be shared by all loops.
final class GatewayDoor implements UpgradeHandler {
    private static final System.Logger LOGGER = System.getLogger(GatewayDoor.class.getName());
    /// An authorizer and a back end may take 29 seconds each; what takes longer is our fault.
    private static final Duration LATE = Duration.ofSeconds(62);
    /// For the answer, before the transport gives its own.
    private static final Duration PATIENCE = LATE.plusSeconds(3);

    private static final int GATEWAY_TIMEOUT = 504;
    private static final int BAD_GATEWAY = 502;

    private final Gateway gateway;
    private final UpgradeHandler others;
    private final Predicate<RequestHead> isOthers;
    private final Function<EventLoop, LaneConnections> connections;
    private final SocketTerms terms;
    private final WebSocketLimits limits;
    private final AnswerFields fields;
    private final Arrivals arrivals;

    /// @param others what serves all other paths
    /// @param isOthers whether a request that means no stage of the gateway is theirs
    /// @param connections of an event loop
    /// @param limits of other WebSockets
    /// @param arrivals where handshakes are found while they are decided
    GatewayDoor(
            Gateway gateway,
            UpgradeHandler others,
            Predicate<RequestHead> isOthers,
            Function<EventLoop, LaneConnections> connections,
            SocketTerms terms,
            WebSocketLimits limits,
            AnswerFields fields,
            Arrivals arrivals) {
        this.gateway = gateway;
        this.others = others;
        this.isOthers = isOthers;
        this.connections = connections;
        this.terms = terms;
        this.limits = terms.limits(limits);
        this.fields = fields;
        this.arrivals = arrivals;
    }

    @Override
    public void onUpgrade(RequestHead request, UpgradeDecision decision) {
        @Nullable GatewayStage stage = gateway.stageAt(request.host(), request.segments());
        if (stage == null) {
            if (isOthers.test(request)) {
                others.onUpgrade(request, decision);
            } else {
                decision.refuse(
                        403,
                        AnswerFields.JSON,
                        AnswerFields.FORBIDDEN,
                        fields.ofError(AnswerFields.FORBIDDEN_EXCEPTION));
            }
            return;
        }
        decision.within(PATIENCE);
        EventLoop loop = decision.eventLoop();
        LaneConnections own = connections.apply(loop);
        ScheduledFuture<?> late = loop.schedule(() -> onLate(decision), LATE.toMillis(), TimeUnit.MILLISECONDS);
        String id = own.nextId();
        Arrival arrival = arrivals.begin(id, request, decision.offeredSubprotocols());
        var _ = stage.connect(id, handshake(request)).whenComplete((opening, failure) -> {
            arrivals.end(id);
            try {
                loop.execute(() -> {
                    late.cancel(false);
                    Talk talk = arrival.over();
                    boolean isTaken = decide(stage, own, opening, failure, decision, Guest.of(request), talk);
                    if (!isTaken && talk != null) {
                        talk.onClosed();
                    }
                });
            } catch (RejectedExecutionException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "a handshake was decided after the end of its event loop", e);
            }
        });
    }

    private static Handshake handshake(RequestHead request) {
        return new Handshake(
                request.rawPath(),
                request.rawQuery(),
                request.headers(),
                request.query(),
                request.host(),
                address(request));
    }

    /// Where a request comes from, as text, without the zone of an IPv6 address.
    static String address(RequestHead request) {
        String address = request.source().address().getHostAddress();
        int zone = address.indexOf('%');
        return zone < 0 ? address : address.substring(0, zone);
    }

    /// Answers as was decided.
    ///
    /// @param talk that was begun for the connection
    /// @return whether there is a connection, which ends the talk
    private boolean decide(
            GatewayStage stage,
            LaneConnections own,
            @Nullable Opening opening,
            @Nullable Throwable failure,
            UpgradeDecision decision,
            Guest guest,
            @Nullable Talk talk) {
        if (decision.isDecided()) {
            return false;
        }
        switch (opening) {
            case Opening.Accepted(String subprotocol, var peer) -> {
                GatewayConnection connection = new GatewayConnection(terms, own, stage, peer, guest, talk);
                try {
                    decision.acceptAsChosen(subprotocol, connection, limits);
                    return true;
                } catch (IllegalArgumentException e) {
                    LOGGER.log(System.Logger.Level.WARNING, "a back end chose a subprotocol that cannot be sent", e);
                    refuse(decision, BAD_GATEWAY, AnswerFields.JSON, AnswerFields.INTERNAL, Map.of());
                }
            }
            case Opening.Refused(int status, String contentType, Map<String, String> headers, byte[] body) ->
                refuse(decision, status, contentType, body, headers);
            case null -> {
                LOGGER.log(System.Logger.Level.ERROR, "a handshake could not be decided", failure);
                refuse(decision, 500, AnswerFields.JSON, AnswerFields.INTERNAL, Map.of());
            }
        }
        return false;
    }

    private void onLate(UpgradeDecision decision) {
        if (!decision.isDecided()) {
            refuse(
                    decision,
                    GATEWAY_TIMEOUT,
                    AnswerFields.JSON,
                    "{\"message\":\"Endpoint request timed out\"}".getBytes(StandardCharsets.UTF_8),
                    Map.of());
        }
    }

    /// Refuses as a back end says, but for what cannot stand in an answer.
    private void refuse(
            UpgradeDecision decision,
            int status,
            @Nullable String contentType,
            byte[] body,
            Map<String, String> headers) {
        int sent = status >= 200 && status <= 599 ? status : BAD_GATEWAY;
        Map<String, String> all = new LinkedHashMap<>();
        if (headers.keySet().stream().noneMatch(AnswerFields.REQUEST_ID::equalsIgnoreCase)) {
            all.putAll(fields.ofAnswer());
        }
        headers.forEach((name, value) -> {
            if (AnswerFields.maySend(name, value)) {
                all.put(name, value);
            }
        });
        boolean hasBody = sent != 204 && sent != 304;
        decision.refuse(
                sent,
                contentType != null && AnswerFields.isText(contentType) ? contentType : null,
                hasBody ? body : new byte[0],
                all);
    }
}
