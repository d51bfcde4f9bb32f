package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.EventLoop;
import io.topicstream.access.Authentication;
import io.topicstream.access.Authentication.Refused;
import io.topicstream.access.Credentials;
import io.topicstream.access.EndedRights;
import io.topicstream.access.Identity;
import io.topicstream.access.RightsEnd;
import io.topicstream.command.Refusal;
import io.topicstream.dialect.Dialects;
import io.topicstream.dialect.Handshake;
import io.topicstream.door.Doorman;
import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.TopicExtent;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.server.delivery.LaneFront;
import io.topicstream.server.door.HeadCredentials;
import io.topicstream.session.Attributes;
import io.topicstream.session.Opened;
import io.topicstream.session.SessionRecord;
import io.topicstream.transport.RequestHead;
import io.topicstream.transport.WebSocketConnection;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// How the conversations of gateway connections begin: who the client is, and which topics are its own. Each is called
/// on the connection's event loop.
///
/// Who was let in by an authorizer, a signature or an API key of the API is that one. Where the API asks for nothing,
/// the
/// server asks for what its own stages ask for.
final class TalkOpening {
    private static final System.Logger LOGGER = System.getLogger(TalkOpening.class.getName());

    private static final String SUBPROTOCOL_FIELD = "Sec-WebSocket-Protocol";
    private static final Refused BAD_GRANTS =
            new Refused(ErrorCode.INTERNAL, "the authorizer's topicstreamGrants are none");

    private final Arrivals arrivals;
    private final Doorman doorman;
    private final EndedRights rights;

    /// @param rights whose have ended
    TalkOpening(Arrivals arrivals, Doorman doorman, EndedRights rights) {
        this.arrivals = arrivals;
        this.doorman = doorman;
        this.rights = rights;
    }

    // ---- with the handshake

    /// Begins the conversation of a connection that wants to open. It is greeted when it does.
    ///
    /// @param timeoutMs how long it may take to find out whether the client may
    /// @param answer lets it in, or says why not
    void connect(
            LaneFront front,
            GatewayEvent event,
            Dialects.Name dialect,
            int timeoutMs,
            CompletableFuture<Answer> answer) {
        Arrival arrival = arrivals.find(event.peer().connectionId());
        if (arrival == null) {
            answer.complete(new Answer.Failed(Answer.Failure.TIMEOUT, "The handshake was decided before."));
            return;
        }
        RequestHead request = arrival.request();
        Handshake handshake = new Handshake(dialect, request::query, arrival.offered());
        Refused problem = handshake.problem();
        if (problem != null) {
            answer.complete(refused(problem));
            return;
        }
        ScheduledFuture<?> late = front.lane()
                .loop()
                .schedule(
                        () -> answer.complete(new Answer.Failed(
                                Answer.Failure.TIMEOUT, "It could not be found out in time who connects.")),
                        timeoutMs,
                        TimeUnit.MILLISECONDS);
        var _ = answer.whenComplete((_, _) -> late.cancel(false));
        Credentials credentials = handshake.credentials(
                HeadCredentials.ofHandshake(request, "/" + event.stage().name()), request.header("Origin"), Set.of());
        var _ = who(event, () -> turnedAway(request.headers("Origin"), request.host(), credentials), credentials)
                .whenComplete((found, _) -> onLoop(front, () -> {
                    if (found instanceof Authentication.Known(Identity identity)) {
                        open(front, event, dialect, handshake, identity, arrival, answer);
                    } else {
                        answer.complete(refused(Doorman.refusal(found)));
                    }
                }));
    }

    private void open(
            LaneFront front,
            GatewayEvent event,
            Dialects.Name dialect,
            Handshake handshake,
            Identity identity,
            Arrival arrival,
            CompletableFuture<Answer> answer) {
        String subprotocol = handshake.subprotocol();
        Talk talk = new Talk(front.lane(), dialect);
        TopicSession session = new TopicSession(
                front,
                record(
                        event,
                        handshake,
                        identity,
                        dialect,
                        arrival.request().source().address()),
                talk);
        session.session().open(handshake.joinsDurable(), new Opened() {
            @Override
            public void onOpened(List<TopicExtent> subscriptions) {
                session.greetWith(subscriptions);
                talk.opened(session);
                RightsEnd end = rights.endOf(session.session().identity());
                if (end != null) {
                    // Between the check and the place in the list of those who are told; or nobody has asked yet, where
                    // the API knows its callers itself.
                    talk.onClosed();
                    answer.complete(refused(end.refused()));
                } else if (arrival.isOver() || answer.isDone()) {
                    talk.onClosed();
                } else {
                    arrival.begins(talk);
                    answer.complete(new Answer.Given(
                            200,
                            subprotocol == null ? Map.of() : Map.of(SUBPROTOCOL_FIELD, List.of(subprotocol)),
                            null,
                            null));
                }
            }

            @Override
            public void onRefused(Refusal refusal) {
                talk.opened(session);
                talk.onClosed();
                answer.complete(refused(new Refused(refusal.code(), refusal.reason())));
            }
        });
    }

    /// The answer to a handshake that is refused, in the shape of the server's errors.
    private static Answer refused(Refused why) {
        String body = new JsonWriter()
                .raw("{\"error\":".getBytes(UTF_8))
                .string(why.code().wireName())
                .raw(",\"message\":".getBytes(UTF_8))
                .string(why.reason())
                .raw('}')
                .toString();
        return new Answer.Given(why.code().httpStatus(), Map.of(), body.getBytes(UTF_8), "application/json");
    }

    // ---- with the first frame

    /// Begins the conversation of a connection that is open. It is greeted before its frames are run.
    ///
    /// @param talk in which they wait
    void firstFrame(LaneFront front, GatewayEvent event, GatewayConnection connection, Talk talk) {
        Guest guest = connection.guest();
        Credentials credentials = Credentials.none(guest.address(), guest.isLocal());
        var _ = who(event, () -> turnedAway(guest.origins(), guest.host(), credentials), credentials)
                .whenComplete((found, _) -> onLoop(front, () -> {
                    if (talk.isEnded()) {
                        return;
                    }
                    if (found instanceof Authentication.Known(Identity identity)) {
                        openLater(front, event, connection, talk, identity);
                    } else {
                        refuse(front, event, connection, talk, Doorman.refusal(found));
                    }
                }));
    }

    private void openLater(
            LaneFront front, GatewayEvent event, GatewayConnection connection, Talk talk, Identity identity) {
        Handshake none = new Handshake(talk.dialect(), _ -> null, List.of());
        TopicSession session = new TopicSession(
                front,
                record(event, none, identity, talk.dialect(), connection.guest().address()),
                talk);
        session.session().open(true, new Opened() {
            @Override
            public void onOpened(List<TopicExtent> subscriptions) {
                session.greetWith(subscriptions);
                WebSocketConnection socket = connection.socket();
                RightsEnd end = rights.endOf(session.session().identity());
                if (talk.isEnded() || socket == null) {
                    session.session().end();
                } else if (end != null) {
                    session.session().end();
                    refuse(front, event, connection, talk, end.refused());
                } else {
                    talk.opened(session);
                    talk.start(socket, connection::onActive);
                    front.lane().flush();
                }
            }

            @Override
            public void onRefused(Refusal refusal) {
                session.session().end();
                if (!talk.isEnded()) {
                    refuse(front, event, connection, talk, new Refused(refusal.code(), refusal.reason()));
                }
            }
        });
    }

    /// Answers each frame that waits by an error. The next frame begins anew.
    private static void refuse(
            LaneFront front, GatewayEvent event, GatewayConnection connection, Talk talk, Refused why) {
        connection.endsTalk();
        int count = talk.refused(new Answer.Given(why.code().httpStatus(), Map.of(), null, null));
        WebSocketConnection socket = connection.socket();
        if (socket == null) {
            return;
        }
        Identity nobody = Identity.anonymous(null, null, List.of());
        TopicSession refusing = new TopicSession(
                front,
                new SessionRecord(
                        event.peer().connectionId(),
                        nobody,
                        event.stage().name(),
                        talk.dialect().format(false),
                        connection.guest().address()),
                talk);
        refusing.startSilently(socket);
        for (int i = 0; i < count; i++) {
            refusing.send(new ServerFrame.Error(null, why.code(), why.reason(), null, null));
        }
        front.lane().flush();
    }

    // ---- both

    private static SessionRecord record(
            GatewayEvent event, Handshake handshake, Identity identity, Dialects.Name dialect, InetAddress address) {
        String id = event.peer().connectionId();
        Identity named = handshake.identity(identity, id);
        return new SessionRecord(
                id,
                named,
                event.stage().name(),
                dialect.format(handshake.takesArrays()),
                address,
                Attributes.of(handshake.attributes(named)));
    }

    private @Nullable Refused turnedAway(List<String> origins, @Nullable String host, Credentials credentials) {
        return doorman.turnsAway(origins, host, credentials);
    }

    /// Says why a page may not call; null where it may.
    private interface PageCheck {
        @Nullable
        Refused problem();
    }

    private CompletionStage<Authentication> who(GatewayEvent event, PageCheck check, Credentials credentials) {
        Identity known;
        try {
            known = GatewayCallers.of(event.peer());
        } catch (IllegalArgumentException e) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "an authorizer of the API {0} gives grants that are none: {1}",
                    event.api().name(),
                    e.getMessage());
            return CompletableFuture.completedStage(BAD_GRANTS);
        }
        if (known != null) {
            return CompletableFuture.completedStage(new Authentication.Known(known));
        }
        Refused problem = check.problem();
        return problem == null ? doorman.ask(credentials) : CompletableFuture.completedStage(problem);
    }

    private static void onLoop(LaneFront front, Runnable task) {
        EventLoop loop = front.lane().loop();
        if (loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a conversation could not begin after the end of its loop", e);
        }
    }
}
