package io.topicstream.server.websocket;

import io.topicstream.access.Authentication;
import io.topicstream.access.Credentials;
import io.topicstream.access.EndedRights;
import io.topicstream.access.Identity;
import io.topicstream.access.RightsEnd;
import io.topicstream.command.Refusal;
import io.topicstream.dialect.Handshake;
import io.topicstream.door.Doorman;
import io.topicstream.log.TopicExtent;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.delivery.LaneFront;
import io.topicstream.server.door.HeadCredentials;
import io.topicstream.session.Attributes;
import io.topicstream.session.Opened;
import io.topicstream.session.SessionRecord;
import io.topicstream.transport.RequestHead;
import io.topicstream.transport.UpgradeDecision;
import io.topicstream.transport.UpgradeHandler;
import java.util.List;
import java.util.Map;

/// The door to the stages: which stage a path is, who may open a WebSocket there, and on which terms.
///
/// A client that offers `topicstream.v1` is refused by a close code, all others by an HTTP answer.
///
/// Before the upgrade is answered the caller is known and its durable subscriptions are joined, so
/// that everything published after the 101 arrives.
public final class Stages implements UpgradeHandler {
    private final StageTable table;
    private final Doorman doorman;
    private final EndedRights rights;
    private final LaneFronts lanes;

    /// Makes the door of a server.
    ///
    /// @param table which stages there are
    /// @param doorman says who may open a WebSocket
    /// @param rights whose have ended
    public Stages(StageTable table, Doorman doorman, EndedRights rights, LaneFronts lanes) {
        this.table = table;
        this.doorman = doorman;
        this.rights = rights;
        this.lanes = lanes;
    }

    @Override
    public void onUpgrade(RequestHead request, UpgradeDecision decision) {
        if (decision.offeredSubprotocols().contains(Handshake.ARRAYS)) {
            decision.refuseByClosing(Handshake.ARRAYS, Stages::closeCode);
        }
        StageDefinition stage = table.at(request.segments());
        if (stage == null) {
            refuse(decision, ErrorCode.NOT_FOUND, table.notFound());
            return;
        }
        decision.within(stage.upgradeDeadline());
        Handshake handshake = new Handshake(stage.dialect(), request::query, decision.offeredSubprotocols());
        Authentication.Refused problem = handshake.problem();
        if (problem != null) {
            refuse(decision, problem);
            return;
        }
        Credentials credentials = handshake.credentials(
                HeadCredentials.ofHandshake(request, stage.path()), request.header("Origin"), stage.guestTokens());
        Authentication.Refused turnedAway = doorman.turnsAway(request.headers("Origin"), request.host(), credentials);
        if (turnedAway != null) {
            refuse(decision, turnedAway);
            return;
        }
        if (stage.callers() == StageDefinition.Callers.KEY && !credentials.isPresented()) {
            refuse(decision, Handshake.KEY_WANTED);
            return;
        }
        var _ = doorman.ask(credentials)
                .whenComplete((found, failure) -> run(decision, () -> {
                    if (found instanceof Authentication.Known(Identity who)) {
                        open(stage, handshake, who, request, decision);
                    } else {
                        refuse(decision, Doorman.refusal(found));
                    }
                }));
    }

    /// The close code that goes with the code of an error.
    private static int closeCode(String wireName) {
        ErrorCode code = ErrorCode.ofWireName(wireName);
        return (code == null ? ErrorCode.INTERNAL : code).closeCode();
    }

    private void open(
            StageDefinition stage, Handshake handshake, Identity who, RequestHead request, UpgradeDecision decision) {
        decision.calledBy(who.user());
        LaneFront front = lanes.of(decision.eventLoop());
        String id = front.connections().nextId();
        Identity named = handshake.identity(who, id);
        ClientConnection connection = new ClientConnection(
                front,
                new SessionRecord(
                        id,
                        named,
                        stage.segment(),
                        stage.format(handshake.takesArrays()),
                        HeadCredentials.address(request),
                        Attributes.of(handshake.attributes(named))));
        connection.session().open(handshake.joinsDurable(), new Opened() {
            @Override
            public void onOpened(List<TopicExtent> subscriptions) {
                connection.greetWith(subscriptions);
                RightsEnd end = rights.endOf(connection.session().identity());
                if (end != null) {
                    // Between the check and the place in the list of those who are told.
                    connection.onClosed(1006, "");
                    refuse(decision, end.refused());
                } else if (decision.isDecided()) {
                    // It took too long: the transport has refused it.
                    connection.onClosed(1006, "");
                } else {
                    decision.accept(handshake.subprotocol(), connection, stage.limits());
                }
            }

            @Override
            public void onRefused(Refusal refusal) {
                connection.onClosed(1006, "");
                refuse(decision, refusal.code(), refusal.reason());
            }
        });
    }

    private static void run(UpgradeDecision decision, Runnable task) {
        if (decision.eventLoop().inEventLoop()) {
            task.run();
        } else {
            decision.eventLoop().execute(task);
        }
    }

    private static void refuse(UpgradeDecision decision, Authentication.Refused why) {
        refuse(decision, why.code(), why.reason());
    }

    private static void refuse(UpgradeDecision decision, ErrorCode code, String reason) {
        if (!decision.isDecided()) {
            decision.refuse(
                    code.httpStatus(),
                    code.wireName(),
                    reason,
                    switch (code.httpStatus()) {
                        case 401 -> Map.of("WWW-Authenticate", "Bearer");
                        case 503 -> Map.of("Retry-After", "1");
                        default -> Map.of();
                    });
        }
    }
}
