package io.topicstream.aws.http;

import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.door.Doorman;
import io.topicstream.http.ChatRoutes;
import io.topicstream.http.HealthRoutes;
import io.topicstream.http.OpenApiRoute;
import io.topicstream.http.PresenceRoutes;
import io.topicstream.http.Readiness;
import io.topicstream.http.RoomRoutes;
import io.topicstream.http.Route;
import io.topicstream.http.RouteGates;
import io.topicstream.http.Routes;
import io.topicstream.http.TopicRoutes;
import io.topicstream.http.UserRoutes;
import io.topicstream.log.TopicLog;
import io.topicstream.protocol.ErrorCode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The HTTP API as a function behind an HTTP API of API Gateway, or behind a URL of its own.
///
/// It has the same routes as a server, over the same commands; [Parts#more] adds to them. An event is answered on the
/// thread that brings it. Thread-safe: on one machine many events come at once.
public final class HttpFunction {
    /// How long an event may take: a second less than the gateway waits.
    public static final Duration PATIENCE = Duration.ofSeconds(29);
    /// The largest body unless one says otherwise, in bytes: as servers take it.
    public static final int BODY_BYTES = 2 << 20;

    /// What Lambda takes of an answer.
    private static final int MOST_ANSWER_BYTES = 6 << 20;
    /// A larger body is judged by its head first. No route that takes less asks for one of its own.
    private static final int LITTLE_BYTES = 64 * 1024;

    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    private static final Map<String, String> ALLOW = Map.of("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

    private static final HttpAnswer TOO_LARGE = HttpAnswer.refusal(
            413, ErrorCode.TOO_LARGE, "the answer is larger than what a function can give; ask for less", Map.of());

    private final Parts parts;
    private final Routes routes;
    /// Those that nobody uses now: what they know of topics spares a question to the log.
    private final Deque<HttpRun> idle = new ConcurrentLinkedDeque<>();

    /// What a function is made of.
    ///
    /// @param log asked where topics begin
    /// @param doorman says who may come in, and which hosts are served
    /// @param quota what bounds how much callers may ask for
    /// @param clock the time of day
    /// @param readiness what must hold for it to be ready
    /// @param adminToken whether a bearer token is the administrator's; compares in constant time
    /// @param more further families of routes, such as those of connections
    /// @param begun what commands begin beside their answers
    /// @param errors told the code of every error of the routes
    /// @param bodyBytes the largest body, as it comes and without a coding
    /// @param patience how long an event may take
    public record Parts(
            TopicLog log,
            Commands commands,
            Doorman doorman,
            Quota quota,
            InstantSource clock,
            Readiness readiness,
            Predicate<String> adminToken,
            List<List<Route>> more,
            Begun begun,
            Consumer<ErrorCode> errors,
            int bodyBytes,
            Duration patience) {
        public Parts {
            more = List.copyOf(more);
        }

        /// Without what only some want: no administrator, no further routes, nothing to be ready for.
        public Parts(TopicLog log, Commands commands, Doorman doorman, Quota quota, InstantSource clock) {
            this(
                    log,
                    commands,
                    doorman,
                    quota,
                    clock,
                    new Readiness(List.of()),
                    _ -> false,
                    List.of(),
                    Begun.NOTHING,
                    _ -> {},
                    BODY_BYTES,
                    PATIENCE);
        }
    }

    public HttpFunction(Parts parts) {
        this.parts = parts;
        List<List<Route>> families = new ArrayList<>(List.of(
                new TopicRoutes(parts.log.durability(), parts.commands).routes(),
                new UserRoutes(parts.log.durability(), parts.commands).routes(),
                new PresenceRoutes(parts.commands).routes(),
                new RoomRoutes(parts.commands).routes(),
                new ChatRoutes(parts.commands).routes(),
                new HealthRoutes(parts.readiness).routes(),
                new OpenApiRoute().routes()));
        families.addAll(parts.more);
        // WebSockets have an API of their own.
        routes = new Routes(families, new RouteGates(parts.doorman, parts.adminToken, () -> {}), _ -> false);
    }

    /// Answers an event of payload format 2.0.
    ///
    /// @return an answer of the same format
    /// @throws BadEventException if the text is not such an event; to the gateway that is a function that failed
    public byte[] handle(byte[] event) {
        long untilNs = System.nanoTime() + parts.patience.toNanos();
        HttpEvent read = HttpEvent.read(event);
        HttpAnswer answer = answer(read, untilNs);
        awaitBegun(untilNs);
        byte[] encoded = (read.method().equals("HEAD") ? answer.withoutBody() : answer).encode();
        return encoded.length <= MOST_ANSWER_BYTES ? encoded : TOO_LARGE.encode();
    }

    private HttpAnswer answer(HttpEvent event, long untilNs) {
        EventTarget target = EventTarget.NONE;
        @Nullable String broken = null;
        try {
            target = EventTarget.of(event.path(), event.isPathDecoded(), event.rawQuery());
        } catch (EventTarget.BrokenException e) {
            broken = e.why();
        }
        @Nullable String problem = broken;
        @Nullable HttpRun free = idle.pollFirst();
        HttpRun run = free == null ? new HttpRun(parts.log, parts.quota, parts.clock, parts.errors) : free;
        HttpRun.Outcome outcome =
                run.run(event, target, exchange -> take(exchange, problem), routes::handle, left(untilNs));
        if (outcome.isOver()) {
            idle.addFirst(run);
        }
        return outcome.answer();
    }

    private static Duration left(long untilNs) {
        return Duration.ofNanos(Math.max(0, untilNs - System.nanoTime()));
    }

    private void awaitBegun(long untilNs) {
        try {
            parts.begun.await(left(untilNs));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Hands an exchange to the table of routes, if it passes what a server's transport looks at.
    ///
    /// @param problem what is wrong with its target, or null
    private void take(EventExchange exchange, @Nullable String problem) {
        String method = exchange.method();
        @Nullable String host = exchange.host();
        if (method.equals("CONNECT") || method.equals("TRACE")) {
            refuse(exchange, 405, ErrorCode.UNKNOWN_ACTION, "method not allowed", ALLOW);
        } else if (!METHODS.contains(method)) {
            refuse(exchange, 501, ErrorCode.UNKNOWN_ACTION, "unknown method", ALLOW);
        } else if (host == null) {
            refuse(exchange, 400, ErrorCode.BAD_FRAME, "exactly one Host is needed", Map.of());
        } else if (!parts.doorman.servesHost(host.toLowerCase(Locale.ROOT)) && !Routes.isHealth(exchange.segments())) {
            parts.doorman.onForeignHost(host);
            refuse(exchange, 421, ErrorCode.FORBIDDEN, "this function does not serve the host " + host, Map.of());
        } else if (problem != null) {
            refuse(exchange, 400, ErrorCode.BAD_FRAME, problem, Map.of());
        } else {
            takeBody(exchange);
        }
    }

    private void takeBody(EventExchange exchange) {
        byte[] body;
        try {
            body = EventBody.of(exchange.event(), parts.bodyBytes);
        } catch (EventBody.UnfitException e) {
            refuse(exchange, e.status, e.code, e.why(), e.fields);
            return;
        }
        exchange.complete(body);
        if (body.length > LITTLE_BYTES) {
            routes.accept(exchange);
        } else {
            routes.handle(exchange);
        }
    }

    /// Refuses what the table of routes does not see. The same pages may read why as may read its answers.
    private void refuse(EventExchange exchange, int status, ErrorCode code, String why, Map<String, String> fields) {
        List<String> origins = exchange.headers("Origin");
        Map<String, String> all = new LinkedHashMap<>(fields);
        if (!origins.isEmpty() && parts.doorman.turnsAway(origins, exchange.host(), exchange.credentials()) == null) {
            all.putAll(routes.refusalFields(exchange.segments()));
        }
        parts.errors.accept(code);
        exchange.refuse(status, code, why, all);
    }
}
