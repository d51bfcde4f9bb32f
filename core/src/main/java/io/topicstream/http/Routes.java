package io.topicstream.http;

import io.topicstream.protocol.ErrorCode;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The HTTP API: the table of all routes, and what they have in common.
///
/// A leading `/v1` (any `v` and digits) and a trailing slash make no difference. The first row that matches answers. A
/// path that is not in the table is 404. One that is, with another method, is 405; but on the paths of the older
/// contract 404, as it says there. HEAD is answered as GET. A path at which a WebSocket is served is 426.
///
/// Immutable, and shared by all threads of a door; what a request needs is its exchange's.
public final class Routes {
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
    private static final Map<String, String> SERVER = server();
    private static final Map<String, String> UPGRADE = Map.of("Upgrade", "websocket", "Connection", "Upgrade");
    private static final byte[] NO_BYTES = {};
    private static final RouteHandler TAKE_BODY = exchange -> exchange.takeBody(exchange.route().mostBodyBytes);

    private final List<Route> table;
    /// The rows by how many segments their paths have, each list in the order of the table. The last list is for all
    /// paths that are longer still.
    private final Route[][] byLength;
    private final Gate gate;
    private final Predicate<List<String>> isStage;

    /// @param families what each family of routes has, in the order in which they are tried
    /// @param gate who may call
    /// @param isStage whether a WebSocket is served at the path of these segments
    /// @throws IllegalArgumentException if two rows have the same method and path
    public Routes(List<List<Route>> families, Gate gate, Predicate<List<String>> isStage) {
        this.table = families.stream().flatMap(List::stream).toList();
        this.gate = gate;
        this.isStage = isStage;
        Map<String, Route> known = new HashMap<>();
        int longest = 0;
        for (Route route : table) {
            Route other = known.put(route.method + " " + route.pattern.replaceAll("\\{[^/]*}", "{}"), route);
            if (other != null) {
                throw new IllegalArgumentException("two routes are one: " + other + " and " + route);
            }
            longest = Math.max(longest, route.length());
        }
        this.byLength = new Route[longest + 2][];
        for (int length = 0; length < byLength.length; length++) {
            int wanted = length;
            byLength[length] =
                    table.stream().filter(route -> route.takesLength(wanted)).toArray(Route[]::new);
        }
    }

    /// Answers a request whose body is there.
    public void handle(Exchange exchange) {
        Route route = find(exchange);
        if (route == null) {
            answerUnrouted(exchange);
        } else if (route.access == Access.OPEN) {
            route.handler.handle(exchange);
        } else {
            gate.admit(route.access, exchange, route.handler);
        }
    }

    /// Takes the body of a request of which only the head is there ([Exchange#takeBody]), or answers it. Who may call
    /// is asked here, and again when the body is there: so nobody else's body is kept.
    public void accept(Exchange exchange) {
        Route route = find(exchange);
        if (route == null) {
            answerUnrouted(exchange);
        } else if (route.access == Access.OPEN) {
            TAKE_BODY.handle(exchange);
        } else {
            gate.admit(route.access, exchange, TAKE_BODY);
        }
    }

    private @Nullable Route find(Exchange exchange) {
        List<String> segments = exchange.segments();
        Route route = find(exchange.method(), segments);
        if (route != null) {
            exchange.routeTo(route, from(segments));
        }
        return route;
    }

    private @Nullable Route find(String method, List<String> segments) {
        int from = from(segments);
        for (Route route : ofLength(segments, from)) {
            if (route.takes(method) && route.matches(segments, from)) {
                return route;
            }
        }
        return null;
    }

    /// The rows whose paths have as many segments as there are from `from` on.
    private Route[] ofLength(List<String> segments, int from) {
        return byLength[Math.min(to(segments, from) - from, byLength.length - 1)];
    }

    /// Answers what no row of the table does.
    private void answerUnrouted(Exchange exchange) {
        List<String> segments = exchange.segments();
        int from = from(segments);
        boolean isKnown = false;
        boolean isCrossOrigin = false;
        boolean isOlder = false;
        Set<String> allowed = new LinkedHashSet<>();
        Map<String, String> own = new LinkedHashMap<>();
        for (Route route : ofLength(segments, from)) {
            if (route.matches(segments, from)) {
                isKnown = true;
                isCrossOrigin |= route.access.isCrossOrigin();
                isOlder |= route.isOlder;
                allowed.add(route.method.equals("GET") ? "GET, HEAD" : route.method);
                own.putAll(route.fields);
            }
        }
        AnswerWriter answer = exchange.lane().answer();
        String method = exchange.method();
        boolean isStagePath = !isKnown && isStage.test(segments);
        if (method.equals("OPTIONS") && (isCrossOrigin || isServer(segments))) {
            exchange.answer(204, null, isServer(segments) ? SERVER : PREFLIGHT, NO_BYTES);
        } else if (isStagePath && (method.equals("GET") || method.equals("HEAD"))) {
            answer.refuseMethod(exchange, 426, "a WebSocket is served here; connect with one", UPGRADE);
        } else if (isStagePath) {
            answer.refuseMethod(exchange, 405, "a WebSocket is opened with GET", Map.of("Allow", "GET, HEAD"));
        } else if (isKnown && !isOlder) {
            if (isCrossOrigin) {
                allowed.add("OPTIONS");
                own.putAll(CROSS_ORIGIN);
            }
            String methods = String.join(", ", allowed);
            own.put("Allow", methods);
            answer.refuseMethod(exchange, 405, "this path takes " + methods, own);
        } else {
            answer.refuseBare(exchange, ErrorCode.NOT_FOUND, "not found");
        }
    }

    private static Map<String, String> server() {
        Map<String, String> fields = new LinkedHashMap<>(PREFLIGHT);
        fields.put("Allow", AnswerWriter.ALLOWED_METHODS);
        return Collections.unmodifiableMap(fields);
    }

    /// Whether the request is for the server as a whole, as load balancers ask: its path is `*` or `/`.
    private static boolean isServer(List<String> segments) {
        return segments.isEmpty() || (segments.size() == 1 && segments.get(0).isEmpty());
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

    /// Whether a request only asks how the server is.
    public boolean isProbe(String method, List<String> segments) {
        Route route = find(method, segments);
        return route != null && route.isProbe;
    }

    /// Whether a path asks for the server's health, which it tells by any name that it is called by.
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

    /// The header fields that let a page see an error with which its request was refused before it came here: the same
    /// as on every other answer of the API, and none on what no page of another origin may call.
    public Map<String, String> refusalFields(List<String> segments) {
        int from = from(segments);
        for (Route route : ofLength(segments, from)) {
            if (!route.access.isCrossOrigin() && route.matches(segments, from)) {
                return Map.of();
            }
        }
        return CROSS_ORIGIN;
    }

    /// Whether the path of these segments is one of the table's.
    public boolean isPath(List<String> segments) {
        int from = from(segments);
        for (Route route : ofLength(segments, from)) {
            if (route.matches(segments, from)) {
                return true;
            }
        }
        return false;
    }

    /// Method and path of every route, to hold the documents against.
    public List<String> listed() {
        return table.stream().map(Route::toString).toList();
    }
}
