package io.topicstream.server.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.netty.util.concurrent.FastThreadLocal;
import io.topicstream.command.Caller;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.http.Readiness.Condition;
import io.topicstream.transport.HttpExchange;
import io.topicstream.transport.HttpHandler;
import io.topicstream.transport.RequestHead;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The HTTP API: the table of all routes, and what they have in common.
///
/// A leading `/v1` (any `v` and digits) and a trailing slash make no difference. A path that is not in the table is
/// 404. One that is, with another method, is 405; but on the paths of the older contract 404, as it says there.
/// HEAD is answered as GET. A path at which a WebSocket is served is 426.
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
    private static final Map<String, String> SERVER = server();
    private static final Map<String, String> UPGRADE = Map.of("Upgrade", "websocket", "Connection", "Upgrade");
    private static final byte[] NO_BYTES = {};

    private static final String PRODUCE = "/topics/{topic}/produce";
    private static final String CONSUME = "/topics/{topic}/consume";
    private static final String TOPICS = "/topics";
    private static final String METRICS = "/metrics";
    /// The paths of the older contract, in which another method is 404.
    private static final Set<String> OLDER = Set.of(PRODUCE, CONSUME, TOPICS);
    /// What the body of a request may have that is not a message.
    private static final int LITTLE_BYTES = 64 * 1024;

    private final HttpServices services;
    private final RouteGates gates;
    private final Predicate<RequestHead> isStage;
    private final FastThreadLocal<@Nullable HttpLoop> loops = new FastThreadLocal<>();
    private final byte[] openApi = openApi();
    private final Route[] table;

    public HttpRoutes(HttpServices services) {
        this(services, head -> false);
    }

    /// @param isStage whether a WebSocket is served at the path of the request
    public HttpRoutes(HttpServices services, Predicate<RequestHead> isStage) {
        this.services = services;
        this.gates = new RouteGates(services);
        this.isStage = isStage;
        TopicRoutes topics = new TopicRoutes(services);
        MetricsPage metrics = new MetricsPage(services.figures(), services.errors(), services.traffic());
        List<Route> routes = new ArrayList<>(List.of(
                new Route("POST", PRODUCE, true, gates.caller(topics::produce), gates.caller(HttpRoutes::takeMessage)),
                new Route("GET", CONSUME, true, gates.caller(topics::consume), gates.caller(HttpRoutes::takeLittle)),
                new Route("GET", TOPICS, true, gates.caller(topics::list), gates.caller(HttpRoutes::takeLittle)),
                openRoute("/", new HomePage(services.figures().version())::show),
                openRoute("/health", HttpRoutes::ok),
                openRoute("/healthz", HttpRoutes::ok),
                openRoute("/health/live", HttpRoutes::ok),
                openRoute("/health/ready", this::ready),
                openRoute("/openapi.yaml", this::openApi),
                new Route(
                        "GET", METRICS, false, gates.operator(metrics::show), gates.operator(HttpRoutes::takeLittle))));
        services.admin().forEach(route -> routes.add(adminRoute(route)));
        this.table = routes.toArray(Route[]::new);
    }

    private static Route openRoute(String pattern, RouteHandler handler) {
        return new Route("GET", pattern, true, handler, HttpRoutes::takeLittle);
    }

    private Route adminRoute(AdminRoute route) {
        return new Route(
                route.method(),
                route.pattern(),
                false,
                gates.admin(route.handler()),
                gates.admin(HttpRoutes::takeLittle));
    }

    @Override
    public void handle(HttpExchange exchange) {
        route(exchange, false);
    }

    /// Who may call is asked before the body is there, and again with it: so nobody else's body is kept.
    @Override
    public void accept(HttpExchange exchange) {
        route(exchange, true);
    }

    private void route(HttpExchange exchange, boolean atTheGate) {
        HttpLoop loop = loop(exchange);
        Route route = find(exchange.head());
        if (route == null) {
            answerUnrouted(loop, exchange);
            return;
        }
        List<String> segments = exchange.head().segments();
        RouteHandler handler = atTheGate ? route.gate : route.handler;
        handler.handle(loop, exchange, route.parameter(segments, from(segments)));
    }

    @Override
    public boolean isProbe(RequestHead head) {
        Route route = find(head);
        return route != null && (route.pattern.startsWith("/health") || route.pattern.equals(METRICS));
    }

    private @Nullable Route find(RequestHead head) {
        List<String> segments = head.segments();
        int from = from(segments);
        int to = to(segments, from);
        String method = head.method();
        for (Route route : table) {
            if (route.takes(method) && route.matches(segments, from, to)) {
                return route;
            }
        }
        return null;
    }

    /// Of a message the transport says how large it may be.
    private static void takeMessage(HttpLoop loop, HttpExchange exchange, String none, Caller caller) {
        exchange.takeBody(Integer.MAX_VALUE);
    }

    private static void takeLittle(HttpLoop loop, HttpExchange exchange, String none, Caller caller) {
        exchange.takeBody(LITTLE_BYTES);
    }

    private static void takeLittle(HttpLoop loop, HttpExchange exchange, String none) {
        exchange.takeBody(LITTLE_BYTES);
    }

    /// Answers what no row of the table does.
    private void answerUnrouted(HttpLoop loop, HttpExchange exchange) {
        RequestHead head = exchange.head();
        List<String> segments = head.segments();
        int from = from(segments);
        int to = to(segments, from);
        boolean isKnown = false;
        boolean isCrossOrigin = false;
        boolean isOlder = false;
        StringJoiner allowed = new StringJoiner(", ");
        for (Route route : table) {
            if (route.matches(segments, from, to)) {
                isKnown = true;
                isCrossOrigin |= route.crossOrigin;
                isOlder |= OLDER.contains(route.pattern);
                allowed.add(route.method.equals("GET") ? "GET, HEAD" : route.method);
            }
        }
        boolean isStagePath = !isKnown && isStage.test(head);
        if (head.method().equals("OPTIONS") && (isCrossOrigin || isServer(head))) {
            exchange.respond(204, null, isServer(head) ? SERVER : PREFLIGHT, NO_BYTES);
        } else if (isStagePath && (head.method().equals("GET") || head.method().equals("HEAD"))) {
            refuse(exchange, 426, "a WebSocket is served here; connect with one", UPGRADE);
        } else if (isStagePath) {
            refuse(exchange, 405, "a WebSocket is opened with GET", Map.of("Allow", "GET, HEAD"));
        } else if (isKnown && !isOlder) {
            String methods = isCrossOrigin ? allowed.add("OPTIONS").toString() : allowed.toString();
            Map<String, String> fields = new LinkedHashMap<>(isCrossOrigin ? CROSS_ORIGIN : Map.of());
            fields.put("Allow", methods);
            refuse(exchange, 405, "this path takes " + methods, fields);
        } else {
            loop.answer.refuseBare(exchange, ErrorCode.NOT_FOUND, "not found");
        }
    }

    private void refuse(HttpExchange exchange, int status, String reason, Map<String, String> fields) {
        services.errors().count(ErrorCode.UNKNOWN_ACTION);
        exchange.respondError(status, ErrorCode.UNKNOWN_ACTION.wireName(), reason, fields);
    }

    private static Map<String, String> server() {
        Map<String, String> fields = new LinkedHashMap<>(PREFLIGHT);
        fields.put("Allow", AnswerWriter.ALLOWED_METHODS);
        return Collections.unmodifiableMap(fields);
    }

    /// Whether the request is for the server as a whole, as load balancers ask.
    private static boolean isServer(RequestHead head) {
        return head.rawPath().equals("*") || head.rawPath().equals("/");
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

    /// The header fields that let a page see an error with which the transport refused its request. The same pages as
    /// may call, and the same fields as on every other answer of the API.
    public Map<String, String> refusalFields(RequestHead head) {
        return gates.isWelcomePage(head) && !isPrivate(head) ? CROSS_ORIGIN : Map.of();
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
