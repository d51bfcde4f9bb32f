package io.topicstream.http;

import io.topicstream.access.Authentication;
import io.topicstream.access.Credentials;
import io.topicstream.access.Permission;
import io.topicstream.door.Doorman;
import io.topicstream.door.RequestCredentials;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Who may call a route, by the doorman's rules and the administrator's token. Shared by all threads of a door.
///
/// A key that is not in the cache is looked up in the store. Meanwhile what comes behind the request on its connection
/// is held back: by then the cache may know the key and would let it pass, and messages of one connection get their
/// offsets in the order in which they were sent.
public final class RouteGates implements Gate {
    private static final String OPERATOR_NEEDED =
            "the administrator's token is needed, or a credential with the permission metrics for every topic (*)";

    private final Doorman doorman;
    private final Predicate<String> adminToken;
    private final Runnable onWrongAdminToken;

    /// @param doorman says who may call
    /// @param adminToken whether a bearer token is the administrator's; compares in constant time
    /// @param onWrongAdminToken told of a bearer token on the administrator's routes that is not
    public RouteGates(Doorman doorman, Predicate<String> adminToken, Runnable onWrongAdminToken) {
        this.doorman = doorman;
        this.adminToken = adminToken;
        this.onWrongAdminToken = onWrongAdminToken;
    }

    @Override
    public void admit(Access access, Exchange exchange, RouteHandler then) {
        switch (access) {
            case OPEN -> then.handle(exchange);
            case CALLER -> admitCaller(exchange, then);
            case OPERATOR -> admitOperator(exchange, then);
            case ADMIN -> admitAdmin(exchange, then);
        }
    }

    private void admitCaller(Exchange exchange, RouteHandler then) {
        Credentials credentials = exchange.credentials();
        Authentication.@Nullable Refused turnedAway =
                isPage(exchange) ? doorman.turnsAway(exchange.headers("Origin"), exchange.host(), credentials) : null;
        if (turnedAway != null) {
            exchange.refuse(turnedAway.code(), turnedAway.reason());
            return;
        }
        CompletableFuture<Authentication> answer = doorman.ask(credentials).toCompletableFuture();
        if (answer.isDone() && !answer.isCompletedExceptionally()) {
            onCaller(exchange, answer.join(), then);
        } else {
            whenFound(exchange, answer, found -> onCaller(exchange, found, then));
        }
    }

    private static void onCaller(Exchange exchange, @Nullable Authentication found, RouteHandler then) {
        if (found instanceof Authentication.Known(var who)) {
            exchange.callAs(who);
            then.handle(exchange);
        } else {
            Authentication.Refused refusal = Doorman.refusal(found);
            exchange.refuse(refusal.code(), refusal.reason());
        }
    }

    /// Goes on when it is known who calls, and keeps the connection's next requests back until then.
    ///
    /// @param then told null where it could not be found out
    private static void whenFound(
            Exchange exchange, CompletableFuture<Authentication> answer, Consumer<@Nullable Authentication> then) {
        exchange.hold();
        exchange.whenComplete(answer, (found, failure) -> {
            try {
                then.accept(found);
            } finally {
                exchange.release();
            }
        });
    }

    private static boolean isPage(Exchange exchange) {
        return exchange.header("Origin") != null;
    }

    /// The token is shown as a bearer. No page may call: not even one of this server, which has no business here.
    private void admitAdmin(Exchange exchange, RouteHandler then) {
        if (isPage(exchange)) {
            exchange.refusePrivately(ErrorCode.FORBIDDEN, "web pages may not call this");
        } else if (isAdmin(exchange)) {
            then.handle(exchange);
        } else {
            if (hasBearer(exchange)) {
                onWrongAdminToken.run();
            }
            exchange.refusePrivately(
                    ErrorCode.UNAUTHENTICATED, "the administrator's token is needed (Authorization: Bearer)");
        }
    }

    /// The administrator, callers on this machine that came through no proxy, and who has the permission `metrics` or
    /// `admin` for every topic. No page may.
    private void admitOperator(Exchange exchange, RouteHandler then) {
        if (isPage(exchange) || isAdmin(exchange)) {
            admitAdmin(exchange, then);
            return;
        }
        Credentials credentials = exchange.credentials();
        if (credentials.isLocal()) {
            then.handle(exchange);
        } else if (!credentials.isPresented()) {
            exchange.refusePrivately(ErrorCode.UNAUTHENTICATED, OPERATOR_NEEDED);
        } else {
            whenFound(exchange, doorman.ask(credentials).toCompletableFuture(), found -> {
                if (!(found instanceof Authentication.Known(var who))) {
                    Authentication.Refused refusal = Doorman.refusal(found);
                    exchange.refusePrivately(refusal.code(), refusal.reason());
                } else if (who.mayEverywhere(Permission.METRICS) || who.mayEverywhere(Permission.ADMIN)) {
                    then.handle(exchange);
                } else {
                    exchange.refusePrivately(ErrorCode.FORBIDDEN, OPERATOR_NEEDED);
                }
            });
        }
    }

    private boolean isAdmin(Exchange exchange) {
        List<String> all = exchange.headers("Authorization");
        if (all.size() != 1) {
            return false;
        }
        String token = RequestCredentials.bearer(all.get(0));
        return token != null && adminToken.test(token);
    }

    private static boolean hasBearer(Exchange exchange) {
        for (String authorization : exchange.headers("Authorization")) {
            if (RequestCredentials.bearer(authorization) != null) {
                return true;
            }
        }
        return false;
    }
}
