package io.topicstream.server.http;

import static io.topicstream.protocol.JsonWriter.ascii;

import io.netty.util.concurrent.FastThreadLocal;
import io.topicstream.access.Authentication;
import io.topicstream.access.Credentials;
import io.topicstream.access.Identity;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.http.Readiness.Condition;
import io.topicstream.server.transport.HttpExchange;
import io.topicstream.server.transport.HttpHandler;
import io.topicstream.server.transport.RequestHead;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The HTTP API: the table of all routes, and what they have in common.
///
/// A leading `/v1` (any `v` and digits) and a trailing slash make no difference. A path that is not in the table is
/// 404, and so is one that is, with another method: the older contract wants it so. HEAD is answered as GET.
///
/// May be shared by all loops; what a request needs is its loop's.
public final class HttpRoutes implements HttpHandler {
    private static final byte[] OK_BODY = ascii("{\"status\":\"ok\"}");
    private static final Map<String, String> PREFLIGHT = Map.of(
            "Access-Control-Allow-Origin",
            "*",
            "Access-Control-Allow-Methods",
            AnswerWriter.ALLOWED_METHODS,
            "Access-Control-Allow-Headers",
            AnswerWriter.ALLOWED_HEADERS,
            "Access-Control-Max-Age",
            "7200");
    private static final Map<String, String> CROSS_ORIGIN =
            Map.of("Access-Control-Allow-Origin", "*", "Access-Control-Expose-Headers", AnswerWriter.EXPOSED_HEADERS);
    private static final Map<String, String> OPEN = Map.of("Access-Control-Allow-Origin", "*");
    private static final byte[] NO_BYTES = {};

    private final HttpServices services;
    private final FastThreadLocal<@Nullable HttpLoop> loops = new FastThreadLocal<>();
    private final byte[] openApi = openApi();
    private final Route[] table;

    public HttpRoutes(HttpServices services) {
        this.services = services;
        TopicRoutes topics = new TopicRoutes(services);
        AdminKeys keys = new AdminKeys(services.keys(), services.endGuests());
        MetricsPage metrics = new MetricsPage(services.figures(), services.errors(), services.traffic());
        this.table = new Route[] {
            route("POST", "/topics/{topic}/produce", caller(topics::produce)),
            route("GET", "/topics/{topic}/consume", caller(topics::consume)),
            route("GET", "/topics", caller(topics::list)),
            route("GET", "/", new HomePage(services.figures().version())::show),
            route("GET", "/health", HttpRoutes::ok),
            route("GET", "/healthz", HttpRoutes::ok),
            route("GET", "/health/live", HttpRoutes::ok),
            route("GET", "/health/ready", this::ready),
            route("GET", "/openapi.yaml", this::openApi),
            privateRoute("GET", "/metrics", operator(metrics::show)),
            privateRoute("POST", "/admin/keys", admin(keys::create)),
            privateRoute("GET", "/admin/keys", admin(keys::list)),
            privateRoute("DELETE", "/admin/keys/{name}", admin(keys::delete)),
            privateRoute("POST", "/admin/backup", admin(services.backup()::begin)),
            privateRoute("GET", "/admin/backup", admin(services.backup()::show)),
        };
    }

    private static Route route(String method, String pattern, Route.Handler handler) {
        return new Route(method, pattern, true, handler);
    }

    private static Route privateRoute(String method, String pattern, Route.Handler handler) {
        return new Route(method, pattern, false, handler);
    }

    @Override
    public void handle(HttpExchange exchange) {
        HttpLoop loop = loop(exchange);
        RequestHead head = exchange.head();
        List<String> segments = head.segments();
        int from = from(segments);
        int to = to(segments, from);
        String method = head.method().equals("HEAD") ? "GET" : head.method();
        for (Route route : table) {
            if (route.matches(segments, from, to)) {
                if (route.method.equals(method)) {
                    route.handler.handle(loop, exchange, route.parameter(segments, from));
                    return;
                }
                if (route.crossOrigin && method.equals("OPTIONS")) {
                    exchange.respond(204, null, PREFLIGHT, NO_BYTES);
                    return;
                }
            }
        }
        loop.answer.refuseBare(exchange, ErrorCode.NOT_FOUND, "not found");
    }

    /// Where the path of a route begins in these segments.
    private static int from(List<String> segments) {
        return !segments.isEmpty() && isVersion(segments.get(0)) ? 1 : 0;
    }

    /// Where it ends.
    private static int to(List<String> segments, int from) {
        int to = segments.size();
        return to - from > 1 && segments.get(to - 1).isEmpty() ? to - 1 : to;
    }

    /// Whether no page of another origin may call this path.
    private boolean isPrivate(RequestHead head) {
        int from = from(head.segments());
        int to = to(head.segments(), from);
        for (Route route : table) {
            if (!route.crossOrigin && route.matches(head.segments(), from, to)) {
                return true;
            }
        }
        return false;
    }

    /// Whether a path asks for the server's health, which it tells whatever name it is called by.
    public static boolean isHealth(List<String> segments) {
        int from = from(segments);
        int length = to(segments, from) - from;
        String first = length == 0 ? "" : segments.get(from);
        return switch (length) {
            case 1 -> first.equals("health") || first.equals("healthz");
            case 2 -> first.equals("health");
            default -> false;
        };
    }

    /// Method and path of every route, to hold the documents against.
    List<String> listed() {
        return Arrays.stream(table)
                .map(route -> route.method + " " + route.pattern)
                .toList();
    }

    private HttpLoop loop(HttpExchange exchange) {
        HttpLoop loop = loops.get();
        if (loop == null) {
            loop = new HttpLoop(exchange.eventLoop(), services);
            loops.set(loop);
        }
        return loop;
    }

    private static boolean isVersion(String segment) {
        int length = segment.length();
        if (length < 2 || segment.charAt(0) != 'v') {
            return false;
        }
        for (int i = 1; i < length; i++) {
            if (segment.charAt(i) < '0' || segment.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    // ---- who may

    /// A handler that wants to know the caller.
    @FunctionalInterface
    private interface CallerHandler {
        void handle(HttpLoop loop, HttpExchange exchange, String parameter, Identity who);
    }

    /// For callers that the authenticators know; who shows nothing is anonymous, if they allow it.
    private Route.Handler caller(CallerHandler handler) {
        return (loop, exchange, parameter) -> {
            Credentials credentials = RequestCredentials.of(exchange.head());
            if (isPage(exchange.head()) && !allowsPage(exchange.head(), credentials)) {
                loop.answer.refuse(
                        exchange,
                        ErrorCode.FORBIDDEN,
                        "pages of this origin may not call without a credential: send one (x-api-key or "
                                + "Authorization: Bearer), or have the origin listed in server.allowed_origins");
                return;
            }
            loop.callers.find(exchange, () -> services.authenticator().authenticate(credentials), found -> {
                switch (found) {
                    case Authentication.Known(var who) -> {
                        exchange.calledBy(who.user());
                        handler.handle(loop, exchange, parameter, who);
                    }
                    case Authentication.Refused(var code, var reason) -> loop.answer.refuse(exchange, code, reason);
                    case Authentication.NotMine() ->
                        loop.answer.refuse(exchange, ErrorCode.UNAUTHENTICATED, "a credential is needed");
                    case null ->
                        loop.answer.refuse(
                                exchange, ErrorCode.UNAVAILABLE, "credentials cannot be checked now; come again");
                }
            });
        };
    }

    /// The header fields that let a page see an error with which the transport refused its request. The same pages as
    /// may call, and the same fields as on every other answer of the API.
    public Map<String, String> refusalFields(RequestHead head) {
        return isPage(head) && allowsPage(head, RequestCredentials.of(head)) && !isPrivate(head)
                ? CROSS_ORIGIN
                : Map.of();
    }

    private static boolean isPage(RequestHead head) {
        return head.header("Origin") != null;
    }

    private boolean allowsPage(RequestHead head, Credentials credentials) {
        return services.origins().permits(head.headers("Origin"), head.host(), credentials.isPresented());
    }

    /// For whoever has the administrator's token, and shows it as a bearer. No page may: not even one of this server,
    /// which has no business here.
    private Route.Handler admin(Route.Handler handler) {
        return (loop, exchange, parameter) -> {
            if (isPage(exchange.head())) {
                loop.answer.refusePrivately(exchange, ErrorCode.FORBIDDEN, "web pages may not call this");
            } else if (!isAdmin(exchange.head())) {
                loop.answer.refusePrivately(
                        exchange,
                        ErrorCode.UNAUTHENTICATED,
                        "the administrator's token is needed (Authorization: Bearer)");
            } else {
                handler.handle(loop, exchange, parameter);
            }
        };
    }

    /// For the administrator, and for callers on this machine that are no pages and came through no proxy.
    private Route.Handler operator(Route.Handler handler) {
        Route.Handler checked = admin(handler);
        return (loop, exchange, parameter) -> {
            if (exchange.head().source().isLocal() && !isPage(exchange.head())) {
                handler.handle(loop, exchange, parameter);
            } else {
                checked.handle(loop, exchange, parameter);
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

    // ---- what needs no class of its own

    private static void ok(HttpLoop loop, HttpExchange exchange, String none) {
        AnswerWriter answer = loop.answer.begin();
        answer.body().raw(OK_BODY);
        answer.send(exchange, 200);
    }

    private void ready(HttpLoop loop, HttpExchange exchange, String none) {
        List<Condition> unmet = services.figures().readiness().unmet();
        if (unmet.isEmpty()) {
            ok(loop, exchange, none);
        } else {
            loop.answer.refuseUnready(exchange, unmet);
        }
    }

    private void openApi(HttpLoop loop, HttpExchange exchange, String none) {
        exchange.respond(200, "application/yaml", OPEN, openApi);
    }

    private static byte[] openApi() {
        try (InputStream in = HttpRoutes.class.getResourceAsStream("openapi.yaml")) {
            if (in == null) {
                throw new IllegalStateException("openapi.yaml is missing from the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
