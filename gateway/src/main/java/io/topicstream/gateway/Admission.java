package io.topicstream.gateway;

import io.topicstream.command.TokenBucket;
import io.topicstream.gateway.LambdaAuthorizer.Decision;
import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.exchange.Opening;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.expression.SelectionExpression;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Route;
import io.topicstream.gateway.signature.SignatureCheck;
import io.topicstream.gateway.signature.SignatureCheck.Outcome;
import io.topicstream.gateway.signature.SignedRequest;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// One handshake on its way: signature, authorizer, API key, throttles, required parameters, back end. Who is
/// refused does not get to the next step. Owned by the thread that runs the step.
final class Admission {
    private static final int FIRST_STATUS = 200;
    private static final int LAST_SUCCESS = 299;
    private static final int LAST_STATUS = 599;
    private static final int FIRST_FAULT = 500;
    private static final String SUBPROTOCOL = "Sec-WebSocket-Protocol";
    private static final String USAGE_IDENTIFIER_KEY = "context.authorizer.usageIdentifierKey";
    private static final String HEADER = "route.request.header.";
    private static final String QUERY = "route.request.querystring.";

    private final StageState state;
    private final Running running;
    private final Handshake handshake;
    private final String methodArn;
    private final @Nullable Route route;
    private final Trail trail;

    /// @param event of the handshake, with what is known of the client before anybody was asked
    /// @param methodArn what the client wants to invoke
    Admission(StageState state, Running running, Handshake handshake, GatewayEvent event, String methodArn) {
        this.state = state;
        this.running = running;
        this.handshake = handshake;
        this.methodArn = methodArn;
        this.route = state.route(Api.CONNECT);
        this.trail = new Trail(event);
    }

    /// Decides.
    ///
    /// @return completes on any thread; fails only through an error of ours
    CompletionStage<Opening> decide() {
        running.watch().began(state, trail.event());
        running.watch().routed(state, trail.event());
        Opening refused = tooLong();
        if (refused == null && running.settings().handshakes().throttleFirst()) {
            refused = throttle(null);
        }
        if (refused != null) {
            return CompletableFuture.completedStage(refused);
        }
        Authorization authorization = route == null ? new Authorization.Open() : route.authorization();
        return switch (authorization) {
            case Authorization.Open() -> authorized(null);
            case Authorization.Iam() -> {
                Opening unsigned = signed();
                yield unsigned == null ? authorized(null) : CompletableFuture.completedStage(unsigned);
            }
            case Authorization.ByFunction(var authorizer) -> {
                long fromMs = now();
                yield new LambdaAuthorizer(running.ports().functions(), running.settings())
                        .decide(authorizer, trail.event(), methodArn)
                        .thenCompose(decision -> decided(decision, now() - fromMs));
            }
        };
    }

    /// Refuses it, since there is no room.
    Opening throttled() {
        return refused(Refusal.THROTTLED, "Too much of the stage is under way.");
    }

    private @Nullable Opening tooLong() {
        GatewaySettings.Limits limits = running.settings().limits();
        if (handshake.rawPath().length() + handshake.rawQuery().length() >= limits.maxUrlChars()) {
            return refused(Refusal.URL_TOO_LONG, "The path and the query are too long.");
        }
        long bytes = 0;
        for (Map.Entry<String, String> field : handshake.headers()) {
            bytes += field.getKey().length() + field.getValue().length();
        }
        return bytes > limits.maxHeaderBytes() ? refused(Refusal.HEADERS_TOO_LONG, "The header is too long.") : null;
    }

    /// Null for a caller who signed and may.
    private @Nullable Opening signed() {
        SignatureCheck check = running.ports().signatures();
        Outcome outcome = check == null
                ? new Outcome.Missing()
                : check.check(
                        new SignedRequest(
                                "GET", handshake.rawPath(), handshake.rawQuery(), handshake.headers(), new byte[0]),
                        SignatureCheck.INVOKE,
                        methodArn);
        return switch (outcome) {
            case Outcome.Missing() ->
                unsigned(
                        "MissingAuthenticationTokenException", "MISSING_AUTHENTICATION_TOKEN", Outcome.Missing.MESSAGE);
            case Outcome.Bad(String errorType, String message) -> unsigned(errorType, "INVALID_SIGNATURE", message);
            case Outcome.Denied(var _, String message) -> {
                trail.authenticated(403, message);
                yield refused(Refusal.accessDenied(message), message);
            }
            case Outcome.Ok(var caller) -> {
                trail.authenticated(200, null);
                Map<String, String> identity = new HashMap<>();
                identity.put("accessKey", caller.accessKeyId());
                identity.put("caller", caller.accessKeyId());
                identity.put("user", caller.accessKeyId());
                identity.put("userArn", caller.arn());
                String account = account(caller.arn());
                if (!account.isEmpty()) {
                    identity.put("accountId", account);
                }
                trail.isOf(withIdentity(identity));
                yield null;
            }
        };
    }

    /// The account in an ARN: `arn:aws:iam::{account}:user/…`.
    private static String account(String arn) {
        String[] parts = arn.split(":", 6);
        return parts.length < 6 ? "" : parts[4];
    }

    private Opening unsigned(String errorType, String type, String message) {
        trail.authenticated(403, message);
        return refused(Refusal.of(403, errorType, type, message), message);
    }

    private CompletionStage<Opening> decided(Decision decision, long ms) {
        return switch (decision) {
            case Decision.Refused(Refusal refusal, boolean called, String why) -> {
                if (called) {
                    trail.authorized(refusal.status(), ms, refusal.message());
                }
                yield CompletableFuture.completedStage(refused(refusal, why));
            }
            case Decision.Allowed(Map<String, Object> context, String usageIdentifierKey) -> {
                trail.authorized(200, ms, null);
                Map<String, Object> authorizer = new HashMap<>(context);
                authorizer.put("integrationLatency", ms);
                Peer peer = trail.event().peer();
                trail.isOf(new Peer(
                        peer.connectionId(),
                        peer.domainName(),
                        peer.connectedAtMs(),
                        peer.sourceIp(),
                        peer.userAgent(),
                        authorizer,
                        peer.identity()));
                yield authorized(usageIdentifierKey);
            }
        };
    }

    /// The caller may come in, as far as authorization goes.
    private CompletionStage<Opening> authorized(@Nullable String usageIdentifierKey) {
        UsageKeys.UsageKey key = null;
        if (route != null && route.apiKeyRequired()) {
            String value = apiKey(usageIdentifierKey);
            key = state.usageKey(value);
            if (value == null || key == null) {
                return CompletableFuture.completedStage(
                        refused(Refusal.INVALID_API_KEY, "There is no API key that may use this stage."));
            }
            trail.isOf(withIdentity(Map.of("apiKey", value, "apiKeyId", key.id())));
        }
        Opening refused = running.settings().handshakes().throttleFirst() ? planThrottle(key) : throttle(key);
        if (refused == null && key != null && !key.takeQuota()) {
            refused = refused(Refusal.QUOTA_EXCEEDED, "The quota of the API key " + key.id() + " is used up.");
        }
        if (refused == null) {
            refused = parameters();
        }
        return refused == null ? integrate() : CompletableFuture.completedStage(refused);
    }

    private @Nullable String apiKey(@Nullable String usageIdentifierKey) {
        String expression = state.api().apiKeySelectionExpression();
        if (expression.contains(USAGE_IDENTIFIER_KEY)) {
            return usageIdentifierKey;
        }
        String value = SelectionExpression.parse(expression, SelectionExpression.Use.API_KEY)
                .evaluate(trail.event());
        return value.isEmpty() ? null : value;
    }

    private Peer withIdentity(Map<String, String> more) {
        Peer peer = trail.event().peer();
        Map<String, String> identity = new HashMap<>(peer.identity());
        identity.putAll(more);
        return new Peer(
                peer.connectionId(),
                peer.domainName(),
                peer.connectedAtMs(),
                peer.sourceIp(),
                peer.userAgent(),
                peer.authorizer(),
                identity);
    }

    private @Nullable Opening throttle(UsageKeys.@Nullable UsageKey key) {
        if (!TokenBucket.take(running.connects()) || !TokenBucket.take(running.events())) {
            return refused(Refusal.THROTTLED, "There are too many requests to all APIs together.");
        }
        Opening refused = planThrottle(key);
        if (refused == null && !state.takeOf(Api.CONNECT)) {
            return refused(Refusal.THROTTLED, "There are too many requests to the stage.");
        }
        return refused;
    }

    private @Nullable Opening planThrottle(UsageKeys.@Nullable UsageKey key) {
        return key == null || TokenBucket.take(key.bucket())
                ? null
                : refused(Refusal.THROTTLED, "There are too many requests with the API key " + key.id() + ".");
    }

    private @Nullable Opening parameters() {
        if (route == null) {
            return null;
        }
        TreeSet<String> missing = new TreeSet<>();
        route.requestParameters().forEach((parameter, required) -> {
            if (required && parameter.startsWith(HEADER)) {
                String name = parameter.substring(HEADER.length());
                if (handshake.header(name) == null) {
                    missing.add(name);
                }
            } else if (required && parameter.startsWith(QUERY)) {
                String name = parameter.substring(QUERY.length());
                if (!handshake.query().containsKey(name)) {
                    missing.add(name);
                }
            }
        });
        return missing.isEmpty()
                ? null
                : refused(
                        Refusal.missing(
                                List.copyOf(missing),
                                running.settings().handshakes().missingParameterStatus()),
                        "Required parameters are missing: " + missing);
    }

    private CompletionStage<Opening> integrate() {
        if (route == null) {
            return CompletableFuture.completedStage(accepted(null));
        }
        Integration integration = route.integration();
        if (integration == null) {
            return CompletableFuture.completedStage(failed(
                    running.settings().handshakes().otherFailureStatus(),
                    ErrorFrame.INTERNAL,
                    "INTEGRATION_FAILURE",
                    "The route has no integration."));
        }
        long fromMs = now();
        return running.ports()
                .backEnds()
                .call(trail.event(), integration)
                .thenApply(answer -> answered(answer, integration, now() - fromMs));
    }

    private Opening answered(Answer answer, Integration integration, long ms) {
        return switch (answer) {
            case Answer.Given given -> {
                trail.answered(given.status(), ms);
                yield given(given, integration);
            }
            case Answer.Failed failed -> {
                trail.unanswered(ms, failed.detail());
                yield failed(failed, integration);
            }
        };
    }

    private Opening given(Answer.Given given, Integration integration) {
        if (given.status() < FIRST_STATUS || given.status() > LAST_STATUS) {
            return failed(
                    new Answer.Failed(
                            Answer.Failure.INTERNAL, "The back end's status ends no handshake: " + given.status()),
                    integration);
        }
        if (given.status() > LAST_SUCCESS) {
            trail.ended(given.status());
            return end(new Opening.Refused(
                    given.status(),
                    given.body() == null || given.body().length == 0
                            ? null
                            : given.contentType() == null ? "application/json" : given.contentType(),
                    refusalHeaders(given),
                    given.body() == null ? new byte[0] : given.body()));
        }
        String subprotocol = null;
        for (Map.Entry<String, List<String>> field : given.headers().entrySet()) {
            if (field.getKey().equalsIgnoreCase(SUBPROTOCOL)
                    && !field.getValue().isEmpty()) {
                subprotocol = field.getValue().getFirst().strip();
            }
        }
        if (subprotocol != null && !subprotocol.isEmpty() && !isToken(subprotocol)) {
            return failed(
                    new Answer.Failed(Answer.Failure.INTERNAL, "The back end's subprotocol cannot be one."),
                    integration);
        }
        return accepted(subprotocol == null || subprotocol.isEmpty() ? null : subprotocol);
    }

    /// Whether it can be a subprotocol: a token of RFC 9110, section 5.6.2.
    private static boolean isToken(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7F && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0);
    }

    private Map<String, String> refusalHeaders(Answer.Given given) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("x-amzn-RequestId", trail.event().requestId());
        headers.put("x-amz-apigw-id", trail.event().requestId());
        if (running.settings().handshakes().refusalsHaveHeaders()) {
            given.headers().forEach((name, values) -> headers.put(name, String.join(", ", values)));
        }
        return headers;
    }

    private Opening failed(Answer.Failed failed, Integration integration) {
        GatewaySettings.Handshakes choices = running.settings().handshakes();
        return switch (failed.why()) {
            case INTERNAL ->
                failed(
                        switch (integration.type()) {
                            case AWS_PROXY -> choices.functionFailureStatus();
                            case HTTP_PROXY, HTTP -> choices.serverFailureStatus();
                            case AWS, MOCK, TOPICSTREAM -> choices.otherFailureStatus();
                        },
                        ErrorFrame.INTERNAL,
                        "INTEGRATION_FAILURE",
                        failed.detail());
            case TIMEOUT ->
                failed(
                        choices.timeoutStatus(),
                        running.settings().messages().timeoutText(),
                        "INTEGRATION_TIMEOUT",
                        failed.detail());
            case UNSUPPORTED_MEDIA_TYPE ->
                failed(415, running.settings().messages().unsupportedText(), "UNSUPPORTED_MEDIA_TYPE", failed.detail());
            case THROTTLED -> failed(429, running.settings().messages().throttledText(), "THROTTLED", failed.detail());
        };
    }

    private Opening failed(int status, String message, String type, String why) {
        trail.failed(status, message, type, why, Trail.Blame.EXECUTION);
        GatewayEvent event = trail.event();
        Refusal refusal = Refusal.of(
                status, status < 500 ? "BadRequestException" : "InternalServerErrorException", type, message);
        if (running.settings().handshakes().failuresNameTheConnection()) {
            refusal = refusal.withBody(ErrorFrame.of(message, event.peer().connectionId(), event.requestId()));
        }
        return end(refusal.opening(event.requestId()));
    }

    private Opening accepted(@Nullable String subprotocol) {
        return end(new Opening.Accepted(subprotocol, trail.event().peer()));
    }

    private Opening refused(Refusal refusal, String why) {
        trail.failed(
                refusal.status(),
                refusal.message(),
                refusal.type(),
                why,
                refusal.status() >= FIRST_FAULT ? Trail.Blame.EXECUTION : Trail.Blame.CLIENT);
        return end(refusal.opening(trail.event().requestId()));
    }

    private Opening end(Opening opening) {
        running.watch().ended(state, trail);
        return opening;
    }

    private long now() {
        return running.ports().clock().millis();
    }
}
