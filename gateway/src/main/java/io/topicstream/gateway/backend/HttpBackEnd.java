package io.topicstream.gateway.backend;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.http.HttpAnswer;
import io.topicstream.gateway.http.HttpCall;
import io.topicstream.gateway.http.HttpCalls;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.integration.ConnectHeaders;
import io.topicstream.gateway.mapping.ByIdentity;
import io.topicstream.gateway.mapping.Mapped;
import io.topicstream.gateway.mapping.Mappings;
import io.topicstream.gateway.model.Integration;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/// An HTTP server: HTTP_PROXY gets the message as it is, HTTP what a template makes of it. Thread-safe.
///
/// A proxy's `$connect` has the client's header fields and query too. All else that goes out was mapped, or is what
/// API Gateway adds to every call.
public final class HttpBackEnd implements BackEnd {
    /// Fields of a client that are not for back ends: what its socket can, and what codings it can read, as answers go
    /// on without the field that names theirs.
    private static final Set<String> NOT_FORWARDED = Set.of("accept-encoding", "sec-websocket-extensions");

    /// A request that may be sent.
    ///
    /// @param server who is called, for logs
    private record Request(HttpCalls.Prepared prepared, String server) {}

    /// What requests to one integration differ by, beside what the event brings. There are as many as stages.
    private record Origin(String apiId, Map<String, String> stageVariables) {}

    private final HttpCalls calls;
    private final Mappings mappings;
    private final BackEndSettings settings;
    /// The requests of integrations whose messages change nothing in them but the body.
    private final ByIdentity<Integration, ConcurrentHashMap<Origin, Request>> alike =
            new ByIdentity<>(_ -> new ConcurrentHashMap<>());

    public HttpBackEnd(HttpCalls calls, Mappings mappings, BackEndSettings settings) {
        this.calls = calls;
        this.mappings = mappings;
        this.settings = settings;
    }

    @Override
    public void prepare(Integration integration) {
        mappings.prepare(integration);
    }

    @Override
    public CompletionStage<Answer> call(GatewayEvent event, Integration integration) {
        Request request;
        byte[] body;
        try {
            switch (mappings.requests().map(event, integration)) {
                case Mapped.Refused(Answer.Failed why) -> {
                    return CompletableFuture.completedStage(why);
                }
                case Mapped.Request mapped -> {
                    body = mapped.body();
                    request = mapped.isBodyAlone() && body.length > 0 && event.handshake() == null
                            ? alike(event, integration, mapped)
                            : request(event, integration, mapped);
                }
            }
        } catch (RuntimeException e) {
            return CompletableFuture.completedStage(
                    Failures.internal("No request can be made to " + integration.uri() + ": " + e.getMessage()));
        }
        return request.prepared.send(body).handle((answer, failure) -> {
            try {
                return failure == null
                        ? answer(event, integration, answer)
                        : Failures.of(request.server, failure);
            } catch (RuntimeException e) {
                return Failures.of(request.server, e);
            }
        });
    }

    /// The request for messages of which nothing but the body goes into it.
    private Request alike(GatewayEvent event, Integration integration, Mapped.Request mapped) {
        return alike.of(integration)
                .computeIfAbsent(
                        new Origin(event.api().id(), event.stage().variables()),
                        _ -> request(event, integration, mapped));
    }

    private Answer answer(GatewayEvent event, Integration integration, HttpAnswer answer) {
        if (integration.type() == Integration.Type.HTTP) {
            return mappings.responses()
                    .map(
                            event,
                            integration,
                            Integer.toString(answer.status()),
                            answer.status(),
                            answer.headers(),
                            answer.body());
        }
        return new Answer.Given(
                answer.status(),
                // They are for handshakes.
                event.handshake() == null ? Map.of() : AnswerHeaders.passedOn(answer.headers()),
                answer.body().length == 0 ? null : answer.body(),
                AnswerHeaders.first(answer.headers(), "content-type"));
    }

    /// @throws IllegalArgumentException if the definition and the event make no request
    private Request request(GatewayEvent event, Integration integration, Mapped.Request mapped) {
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
        return new Request(
                calls.prepare(
                        new HttpCall(method(integration.method()), uri, AnswerHeaders.passedOn(headers)),
                        server,
                        integration.serverNameToVerify(),
                        Duration.ofMillis(integration.timeoutMs())),
                server);
    }

    /// Messages have no method of their own that ANY could stand for.
    private static String method(String method) {
        return method.isEmpty() || method.equals("ANY") ? "POST" : method;
    }
}
