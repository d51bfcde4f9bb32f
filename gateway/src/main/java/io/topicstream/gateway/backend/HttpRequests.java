package io.topicstream.gateway.backend;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.http.HttpAnswer;
import io.topicstream.gateway.http.HttpCall;
import io.topicstream.gateway.http.HttpCalls;
import io.topicstream.gateway.integration.ConnectHeaders;
import io.topicstream.gateway.mapping.ByIdentity;
import io.topicstream.gateway.mapping.Mapped;
import io.topicstream.gateway.model.Integration;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// Makes requests to HTTP servers. Thread-safe.
///
/// Messages of one stage to one integration mostly differ by their bodies and by fields that were mapped. All else
/// of their requests, address, fields and the checks of both, is made once.
final class HttpRequests {
    /// Fields of a client that are not for back ends: what its socket can, and what codings it can read, as answers go
    /// on without the field that names theirs.
    private static final Set<String> NOT_FORWARDED = Set.of("accept-encoding", "sec-websocket-extensions");

    /// Fields that a mapped one takes the place of.
    private static final Set<String> GIVEN = Set.of("user-agent", "accept", "content-type", "x-amzn-apigateway-api-id");

    private static final String HEADER_TARGET = "integration.request.header.";

    private final HttpCalls calls;
    private final BackEndSettings settings;
    private final ByIdentity<Integration, Alike> alike = new ByIdentity<>(Alike::of);

    HttpRequests(HttpCalls calls, BackEndSettings settings) {
        this.calls = calls;
        this.settings = settings;
    }

    /// A request to a server.
    ///
    /// @param server who is called, for logs
    /// @param fields that go with it, beside those that were prepared
    record Ready(HttpCalls.Prepared prepared, String server, Map<String, List<String>> fields, byte[] body) {
        CompletableFuture<HttpAnswer> send() {
            return prepared.send(fields, body);
        }
    }

    /// What is the same for many.
    private record Prepared(HttpCalls.Prepared prepared, String server) {}

    /// What requests to one integration differ by, beside what messages bring.
    private record Origin(String apiId, Map<String, String> stageVariables) {}

    /// The requests of messages to one integration.
    ///
    /// @param only whether mapped parameters are fields, and take no other's place
    /// @param made as many as there are stages
    private record Alike(boolean only, ConcurrentHashMap<Origin, Prepared> made) {
        static Alike of(Integration integration) {
            Set<String> names = new HashSet<>();
            boolean only = true;
            for (String target : integration.requestParameters().keySet()) {
                String name = target.substring(Math.min(target.length(), HEADER_TARGET.length()))
                        .toLowerCase(Locale.ROOT);
                only &= target.startsWith(HEADER_TARGET)
                        && names.add(name)
                        && !GIVEN.contains(name)
                        && !AnswerHeaders.isHopByHop(name);
            }
            return new Alike(only, new ConcurrentHashMap<>());
        }
    }

    /// The request for an event.
    ///
    /// @throws IllegalArgumentException if the definition and the event make none
    Ready of(GatewayEvent event, Integration integration, Mapped.Request mapped) {
        byte[] body = mapped.body();
        Alike known = alike.of(integration);
        if (!known.only || event.handshake() != null || body.length == 0) {
            Prepared own = prepare(event, integration, mapped);
            return new Ready(own.prepared, own.server, Map.of(), body);
        }
        HttpCall.check(mapped.headers());
        Prepared shared = known.made.computeIfAbsent(
                new Origin(event.api().id(), event.stage().variables()),
                _ -> prepare(event, integration, new Mapped.Request(body, Map.of(), Map.of(), Map.of())));
        return new Ready(shared.prepared, shared.server, mapped.headers(), body);
    }

    private Prepared prepare(GatewayEvent event, Integration integration, Mapped.Request mapped) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        Map<String, List<String>> query = new LinkedHashMap<>();
        Handshake handshake = event.handshake();
        if (handshake != null && integration.type() == Integration.Type.HTTP_PROXY && settings.forwardHandshake()) {
            headers.putAll(AnswerHeaders.passedOn(ConnectHeaders.all(event, handshake)));
            NOT_FORWARDED.forEach(headers::remove);
            query.putAll(handshake.query());
        }
        headers.putIfAbsent(
                "User-Agent", List.of("AmazonAPIGateway_" + event.api().id()));
        headers.putIfAbsent("Accept", List.of("application/json"));
        if (mapped.body().length > 0) {
            headers.putIfAbsent("Content-Type", List.of("application/json"));
        }
        headers.put("x-amzn-apigateway-api-id", List.of(event.api().id()));
        mapped.headers().forEach((name, values) -> {
            headers.remove(name);
            headers.put(name, values);
        });
        query.putAll(mapped.query());
        URI uri = BackEndAddress.of(integration.uri(), event.stage().variables(), mapped.path(), query);
        String server = uri.getScheme() + "://" + uri.getRawAuthority();
        HttpCall call = new HttpCall(method(integration.method()), uri, AnswerHeaders.passedOn(headers));
        return new Prepared(
                calls.prepare(
                        call, server, integration.serverNameToVerify(), Duration.ofMillis(integration.timeoutMs())),
                server);
    }

    /// Messages have no method of their own that ANY could stand for.
    private static String method(String method) {
        return method.isEmpty() || method.equals("ANY") ? "POST" : method;
    }
}
