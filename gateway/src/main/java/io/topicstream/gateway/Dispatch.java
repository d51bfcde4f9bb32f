package io.topicstream.gateway;

import io.topicstream.command.TokenBucket;
import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.GatewayEvent.Message;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.expression.Figures;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.mapping.MessageCheck;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Route;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Takes one event of an open connection to the back end of its route, and what that says to the client.
/// Thread-safe.
final class Dispatch {
    private static final System.Logger LOGGER = System.getLogger(Dispatch.class.getName());
    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    private final Running running;

    Dispatch(Running running) {
        this.running = running;
    }

    /// A message that came, with the ids that it has from then on.
    record Came(Peer peer, String text, String requestId, String messageId, long timeMs) {}

    /// Runs the route that a message selects.
    ///
    /// @return completes when the back end has answered, on any thread; never fails
    CompletableFuture<Void> message(StageState state, Came came) {
        Trail trail = trail(state, came);
        try {
            return handle(state, trail, (Message) trail.event().cause());
        } catch (RuntimeException e) {
            // An error of ours: it must not end the connection, nor the caller.
            LOGGER.log(System.Logger.Level.ERROR, "a message could not be dispatched", e);
            failed(state, trail, 500, ErrorFrame.INTERNAL, "INTERNAL_FAILURE", "The gateway failed: " + e);
            return DONE;
        }
    }

    /// Answers a message that has to go without.
    void throttled(StageState state, Came came, String why) {
        refused(state, trail(state, came), 429, running.settings().messages().throttledText(), "THROTTLED", why);
    }

    /// Answers a message for which no room came in time.
    void timedOut(StageState state, Came came) {
        failed(
                state,
                trail(state, came),
                504,
                running.settings().messages().timeoutText(),
                "INTEGRATION_TIMEOUT",
                "The message waited too long for others of its connection.");
    }

    /// Runs the route of the end of a connection, if there is one. What it says is for nobody.
    CompletableFuture<Void> disconnect(StageState state, GatewayEvent event) {
        Route route = state.route(Api.DISCONNECT);
        if (route == null) {
            return DONE;
        }
        Trail trail = new Trail(event);
        running.watch().began(state, event);
        running.watch().routed(state, event);
        if (running.settings().messages().disconnectsAreThrottled()
                && !(TokenBucket.take(running.events()) && state.takeOf(Api.DISCONNECT))) {
            trail.failed(
                    429,
                    running.settings().messages().throttledText(),
                    "THROTTLED",
                    "There are too many requests to the route.",
                    Trail.Blame.CLIENT);
            running.watch().ended(state, trail);
            return DONE;
        }
        if (route.integration() == null) {
            trail.failed(
                    500,
                    ErrorFrame.INTERNAL,
                    "INTEGRATION_FAILURE",
                    "The route has no integration.",
                    Trail.Blame.EXECUTION);
            running.watch().ended(state, trail);
            return DONE;
        }
        long fromMs = now();
        return running.ports()
                .backEnds()
                .call(event, route.integration())
                .toCompletableFuture()
                .handle((answer, failure) -> {
                    switch (answer) {
                        case Answer.Given given -> trail.answered(given.status(), now() - fromMs);
                        case Answer.Failed failed -> {
                            trail.unanswered(now() - fromMs, failed.detail());
                            trail.failed(
                                    statusOf(failed.why()),
                                    textOf(failed.why()),
                                    typeOf(failed.why()),
                                    failed.detail(),
                                    Trail.Blame.EXECUTION);
                        }
                        case null -> LOGGER.log(System.Logger.Level.ERROR, "a back end broke its promise", failure);
                    }
                    running.watch().ended(state, trail);
                    return null;
                });
    }

    private static Trail trail(StageState state, Came came) {
        return new Trail(new GatewayEvent(
                state.api(),
                state.stage(),
                Api.DEFAULT,
                came.peer,
                came.requestId,
                came.timeMs,
                new Message(came.messageId, came.text)));
    }

    private CompletableFuture<Void> handle(StageState state, Trail trail, Message message) {
        Route route = state.choice().of(message.json());
        if (route != null) {
            trail.goesTo(route.key());
        }
        running.watch().began(state, trail.event());
        running.watch().routed(state, trail.event());
        if (!TokenBucket.take(running.events())) {
            throttled(state, trail, "There are too many requests to all APIs together.");
            return DONE;
        }
        if (route == null) {
            refused(state, trail, 403, ErrorFrame.FORBIDDEN, "MISSING_AUTHENTICATION_TOKEN", "No route is selected.");
            return DONE;
        }
        UsageKeys.UsageKey key = planOf(state, trail.event().peer());
        if (key != null && !TokenBucket.take(key.bucket())) {
            throttled(state, trail, "There are too many requests with the API key.");
            return DONE;
        }
        if (!state.takeOf(route.key())) {
            throttled(state, trail, "There are too many requests to the route.");
            return DONE;
        }
        if (key != null && !key.takeQuota()) {
            refused(state, trail, 429, ErrorFrame.LIMIT_EXCEEDED, "QUOTA_EXCEEDED", "The API key's quota is used up.");
            return DONE;
        }
        MessageCheck check = state.checkOf(route.key());
        String problem = check == null ? null : check.problem(message.json());
        if (problem != null) {
            badRequest(state, trail, message, problem);
            return DONE;
        }
        if (route.integration() == null) {
            failed(state, trail, 500, ErrorFrame.INTERNAL, "INTEGRATION_FAILURE", "The route has no integration.");
            return DONE;
        }
        long fromMs = now();
        return running.ports()
                .backEnds()
                .call(trail.event(), route.integration())
                .toCompletableFuture()
                .handle((answer, failure) -> {
                    answered(state, trail, route, answer, failure, now() - fromMs);
                    return null;
                });
    }

    /// The key whose plan counts a message, if one does.
    private UsageKeys.@Nullable UsageKey planOf(StageState state, Peer peer) {
        return running.settings().messages().countInUsagePlans()
                ? state.usageKey(peer.identity().get("apiKey"))
                : null;
    }

    private void throttled(StageState state, Trail trail, String why) {
        refused(state, trail, 429, running.settings().messages().throttledText(), "THROTTLED", why);
    }

    private void badRequest(StageState state, Trail trail, Message message, String problem) {
        trail.failed(
                400,
                new Figures.Error(ErrorFrame.BAD_REQUEST, "BAD_REQUEST_BODY", problem),
                "The body fits no model: " + problem,
                Trail.Blame.CLIENT);
        String connectionId = trail.event().peer().connectionId();
        send(
                state,
                trail,
                running.settings().messages().badRequestAsDocumented()
                        ? ErrorFrame.badRequest(connectionId, message.messageId())
                        : ErrorFrame.of(
                                ErrorFrame.BAD_REQUEST,
                                connectionId,
                                trail.event().requestId()));
        running.watch().ended(state, trail);
    }

    private void answered(
            StageState state, Trail trail, Route route, @Nullable Answer answer, @Nullable Throwable failure, long ms) {
        switch (answer) {
            case Answer.Given given -> {
                trail.answered(given.status(), ms);
                if (route.twoWay()) {
                    reply(state, trail, given);
                } else {
                    running.watch().ended(state, trail);
                }
            }
            case Answer.Failed failed -> {
                trail.unanswered(ms, failed.detail());
                failed(
                        state,
                        trail,
                        statusOf(failed.why()),
                        textOf(failed.why()),
                        typeOf(failed.why()),
                        failed.detail());
            }
            case null -> {
                LOGGER.log(System.Logger.Level.ERROR, "a back end broke its promise", failure);
                failed(state, trail, 500, ErrorFrame.INTERNAL, "INTERNAL_FAILURE", "The gateway failed: " + failure);
            }
        }
    }

    private void reply(StageState state, Trail trail, Answer.Given given) {
        byte[] body = given.body();
        if (body == null && running.settings().messages().emptyBodiesAreSent()) {
            body = new byte[0];
        }
        if (body != null && body.length > running.settings().limits().maxReplyBytes()) {
            failed(
                    state,
                    trail,
                    500,
                    ErrorFrame.INTERNAL,
                    "INTEGRATION_FAILURE",
                    "The answer is too long for a message: " + body.length + " bytes.");
            return;
        }
        if (body != null) {
            send(state, trail, body);
        }
        running.watch().ended(state, trail);
    }

    private void refused(StageState state, Trail trail, int status, String text, String type, String why) {
        ended(state, trail, status, text, type, why, Trail.Blame.CLIENT);
    }

    private void failed(StageState state, Trail trail, int status, String text, String type, String why) {
        ended(state, trail, status, text, type, why, Trail.Blame.EXECUTION);
    }

    private void ended(
            StageState state, Trail trail, int status, String text, String type, String why, Trail.Blame blame) {
        trail.failed(status, text, type, why, blame);
        GatewayEvent event = trail.event();
        send(state, trail, ErrorFrame.of(text, event.peer().connectionId(), event.requestId()));
        running.watch().ended(state, trail);
    }

    private void send(StageState state, Trail trail, byte[] message) {
        running.ports().replies().send(trail.event().peer().connectionId(), message);
        running.watch().replied(state, trail.event());
    }

    private String textOf(Answer.Failure failure) {
        GatewaySettings.Messages texts = running.settings().messages();
        return switch (failure) {
            case INTERNAL -> ErrorFrame.INTERNAL;
            case TIMEOUT -> texts.timeoutText();
            case UNSUPPORTED_MEDIA_TYPE -> texts.unsupportedText();
            case THROTTLED -> texts.throttledText();
        };
    }

    private static int statusOf(Answer.Failure failure) {
        return switch (failure) {
            case INTERNAL -> 500;
            case TIMEOUT -> 504;
            case UNSUPPORTED_MEDIA_TYPE -> 415;
            case THROTTLED -> 429;
        };
    }

    private static String typeOf(Answer.Failure failure) {
        return switch (failure) {
            case INTERNAL -> "INTEGRATION_FAILURE";
            case TIMEOUT -> "INTEGRATION_TIMEOUT";
            case UNSUPPORTED_MEDIA_TYPE -> "UNSUPPORTED_MEDIA_TYPE";
            case THROTTLED -> "THROTTLED";
        };
    }

    private long now() {
        return running.ports().clock().millis();
    }
}
