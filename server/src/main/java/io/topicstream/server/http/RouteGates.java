package io.topicstream.server.http;

import io.topicstream.access.Authentication;
import io.topicstream.access.Credentials;
import io.topicstream.access.Permission;
import io.topicstream.command.Caller;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.door.Doorman;
import io.topicstream.server.door.RequestCredentials;
import io.topicstream.transport.HttpExchange;
import io.topicstream.transport.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who may call a route: makes of a handler one that first looks at the caller, and refuses those who may not.
///
/// Shared by all loops; what a request needs is its loop's.
final class RouteGates {
    private static final String OPERATOR_NEEDED =
            "the administrator's token is needed, or a credential with the permission metrics for every topic (*)";

    private final HttpServices services;

    RouteGates(HttpServices services) {
        this.services = services;
    }

    /// A handler that wants to know the caller.
    @FunctionalInterface
    interface CallerHandler {
        void handle(HttpLoop loop, HttpExchange exchange, String parameter, Caller caller);
    }

    /// For callers that the authenticators know; who shows nothing is anonymous, if they allow it.
    RouteHandler caller(CallerHandler handler) {
        return (loop, exchange, parameter) -> {
            Credentials credentials = RequestCredentials.of(exchange.head());
            Authentication.@Nullable Refused turnedAway = services.doorman().turnsAway(exchange.head(), credentials);
            if (turnedAway != null) {
                loop.answer.refuse(exchange, turnedAway.code(), turnedAway.reason());
                return;
            }
            loop.callers.find(exchange, () -> services.doorman().ask(credentials), found -> {
                if (found instanceof Authentication.Known(var who)) {
                    exchange.calledBy(who.user());
                    handler.handle(loop, exchange, parameter, new HttpCaller(who, services.quota()));
                } else {
                    Authentication.Refused refusal = Doorman.refusal(found);
                    loop.answer.refuse(exchange, refusal.code(), refusal.reason());
                }
            });
        };
    }

    /// Whether a page sends the request, and one that may call.
    boolean isWelcomePage(RequestHead head) {
        return isPage(head) && services.doorman().turnsAway(head, RequestCredentials.of(head)) == null;
    }

    private static boolean isPage(RequestHead head) {
        return head.header("Origin") != null;
    }

    /// For who has the administrator's token, and shows it as a bearer. No page may: not even one of this server,
    /// which has no business here.
    RouteHandler admin(RouteHandler handler) {
        return (loop, exchange, parameter) -> {
            if (isPage(exchange.head())) {
                loop.answer.refusePrivately(exchange, ErrorCode.FORBIDDEN, "web pages may not call this");
            } else if (!isAdmin(exchange.head())) {
                if (hasBearer(exchange.head())) {
                    services.traffic().onWrongAdminToken();
                }
                loop.answer.refusePrivately(
                        exchange,
                        ErrorCode.UNAUTHENTICATED,
                        "the administrator's token is needed (Authorization: Bearer)");
            } else {
                handler.handle(loop, exchange, parameter);
            }
        };
    }

    /// For the administrator, for callers on this machine that came through no proxy, and for who has the permission
    /// `metrics` or `admin` for every topic. No page may.
    RouteHandler operator(RouteHandler handler) {
        RouteHandler checked = admin(handler);
        return (loop, exchange, parameter) -> {
            Credentials credentials = RequestCredentials.of(exchange.head());
            if (isPage(exchange.head()) || isAdmin(exchange.head())) {
                checked.handle(loop, exchange, parameter);
            } else if (exchange.head().source().isLocal()) {
                handler.handle(loop, exchange, parameter);
            } else if (!credentials.isPresented()) {
                loop.answer.refusePrivately(exchange, ErrorCode.UNAUTHENTICATED, OPERATOR_NEEDED);
            } else {
                loop.callers.find(exchange, () -> services.doorman().ask(credentials), found -> {
                    if (!(found instanceof Authentication.Known(var who))) {
                        Authentication.Refused refusal = Doorman.refusal(found);
                        loop.answer.refusePrivately(exchange, refusal.code(), refusal.reason());
                    } else if (who.mayEverywhere(Permission.METRICS) || who.mayEverywhere(Permission.ADMIN)) {
                        handler.handle(loop, exchange, parameter);
                    } else {
                        loop.answer.refusePrivately(exchange, ErrorCode.FORBIDDEN, OPERATOR_NEEDED);
                    }
                });
            }
        };
    }

    private boolean isAdmin(RequestHead head) {
        List<String> all = head.headers("Authorization");
        if (all.size() != 1) {
            return false;
        }
        String token = RequestCredentials.bearer(all.get(0));
        return token != null && services.adminToken().test(token);
    }

    private static boolean hasBearer(RequestHead head) {
        for (String authorization : head.headers("Authorization")) {
            if (RequestCredentials.bearer(authorization) != null) {
                return true;
            }
        }
        return false;
    }
}
