package io.topicstream.gateway;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.expression.ContextVariables;
import io.topicstream.gateway.integration.ProxyEvent;
import io.topicstream.gateway.lambda.FunctionNames;
import io.topicstream.gateway.lambda.Functions;
import io.topicstream.gateway.lambda.Functions.Invocation;
import io.topicstream.gateway.mapping.BoundedPattern;
import io.topicstream.gateway.model.Authorizer;
import io.topicstream.gateway.model.StageText;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks a function who may connect: once for each handshake, and never again for the connection. Thread-safe.
final class LambdaAuthorizer {
    /// What a function says to have the caller sent away as unknown.
    private static final String UNAUTHORIZED = "Unauthorized";

    private static final String HEADER = "route.request.header.";
    private static final String QUERY = "route.request.querystring.";
    private static final String VARIABLE = "stageVariables.";
    private static final String CONTEXT = "context.";

    /// How much longer than it may a port of functions is waited for. It has the deadline; this one is for
    /// its faults.
    private static final long PATIENCE_MS = 1_000;

    private final Functions functions;
    private final GatewaySettings settings;

    LambdaAuthorizer(Functions functions, GatewaySettings settings) {
        this.functions = functions;
        this.settings = settings;
    }

    /// What a function decided.
    sealed interface Decision {
        /// The caller may come in.
        ///
        /// @param context what is said of him in all events
        /// @param usageIdentifierKey an API key, or null
        record Allowed(
                Map<String, Object> context, @Nullable String usageIdentifierKey) implements Decision {}

        /// He may not.
        ///
        /// @param called whether the function was asked
        record Refused(Refusal refusal, boolean called, String why) implements Decision {}
    }

    /// Decides about a handshake.
    ///
    /// @param methodArn what the caller wants to invoke
    /// @return completes on any thread, and never fails
    CompletionStage<Decision> decide(Authorizer authorizer, GatewayEvent event, String methodArn) {
        for (String source : authorizer.identitySources()) {
            String value = value(source, event);
            if (value == null || value.isEmpty()) {
                return refused(Refusal.UNAUTHORIZED, false, "The identity source " + source + " is missing.");
            }
            if (!fits(authorizer.identityValidationExpression(), value)) {
                return refused(Refusal.UNAUTHORIZED, false, "The identity source " + source + " is not valid.");
            }
        }
        String uri = StageText.of(authorizer.uri(), event.stage().variables());
        String function = uri == null ? null : FunctionNames.ofUri(uri);
        if (function == null) {
            return refused(Refusal.AUTHORIZER_FAILED, false, "The authorizer names no function: " + authorizer.uri());
        }
        return functions
                .invoke(
                        function,
                        ProxyEvent.authorizer(event, methodArn),
                        Duration.ofMillis(settings.limits().authorizerTimeoutMs()))
                .toCompletableFuture()
                .copy()
                .orTimeout(settings.limits().authorizerTimeoutMs() + PATIENCE_MS, TimeUnit.MILLISECONDS)
                .thenApply(invocation -> decision(invocation, methodArn))
                .exceptionally(failure -> failed("The authorizer could not be invoked: " + failure));
    }

    private Decision decision(Invocation invocation, String methodArn) {
        if (invocation.payload().length > settings.limits().maxAuthorizerBytes()) {
            return failed("The authorizer's result is too long.");
        }
        JsonNode result;
        try {
            result = JsonMapper.shared().readTree(invocation.payload());
        } catch (JacksonException e) {
            return failed("The authorizer's result is not JSON: " + e.getOriginalMessage());
        }
        if (invocation.error() != null) {
            JsonNode message = result.get("errorMessage");
            return message != null
                            && message.isString()
                            && message.stringValue().equals(UNAUTHORIZED)
                    ? new Decision.Refused(Refusal.UNAUTHORIZED, true, "The authorizer says: Unauthorized.")
                    : failed("The authorizer failed: " + message);
        }
        Policy policy = Policy.read(result.get("policyDocument"));
        if (policy == null) {
            return failed("The authorizer's result has no policy that is understood.");
        }
        return switch (policy.verdict(Policy.INVOKE, methodArn)) {
            case ALLOWED -> allowed(result);
            case DENIED -> denied(false);
            case EXPLICITLY_DENIED -> denied(settings.handshakes().explicitDenyIsNamed());
        };
    }

    private Decision allowed(JsonNode result) {
        Map<String, Object> context = new HashMap<>();
        JsonNode given = result.get("context");
        if (given != null && !given.isNull()) {
            if (!given.isObject()) {
                return failed("The authorizer's context is not an object.");
            }
            for (Map.Entry<String, JsonNode> member : given.properties()) {
                JsonNode value = member.getValue();
                if (value.isContainer()) {
                    return failed("The authorizer's context has a value that is not a text, number or boolean.");
                }
                if (!value.isNull() || settings.handshakes().nullsOfContextAreTexts()) {
                    context.put(member.getKey(), value.isString() ? value.stringValue() : value.toString());
                }
            }
        }
        JsonNode principal = result.get("principalId");
        if (principal != null && principal.isValueNode() && !principal.isNull()) {
            context.put("principalId", principal.isString() ? principal.stringValue() : principal.toString());
        }
        JsonNode usageKey = result.get("usageIdentifierKey");
        return new Decision.Allowed(context, usageKey != null && usageKey.isString() ? usageKey.stringValue() : null);
    }

    private static Decision denied(boolean explicitly) {
        return new Decision.Refused(Refusal.denied(explicitly), true, "The authorizer's policy does not allow it.");
    }

    private static Decision failed(String why) {
        return new Decision.Refused(Refusal.AUTHORIZER_FAILED, true, why);
    }

    private static CompletionStage<Decision> refused(Refusal refusal, boolean called, String why) {
        return CompletableFuture.completedStage(new Decision.Refused(refusal, called, why));
    }

    private @Nullable String value(String source, GatewayEvent event) {
        Handshake handshake = event.handshake();
        if (handshake == null) {
            return null;
        }
        if (source.startsWith(HEADER)) {
            return header(handshake, source.substring(HEADER.length()));
        }
        if (source.startsWith(QUERY)) {
            List<String> values = handshake.query().get(source.substring(QUERY.length()));
            return values == null || values.isEmpty() ? null : values.getLast();
        }
        if (source.startsWith(VARIABLE)) {
            return event.stage().variables().get(source.substring(VARIABLE.length()));
        }
        if (source.startsWith(CONTEXT)) {
            return ContextVariables.of(event).text(source.substring(CONTEXT.length()));
        }
        return null;
    }

    private @Nullable String header(Handshake handshake, String name) {
        if (settings.handshakes().identityHeadersIgnoreCase()) {
            return handshake.header(name);
        }
        return handshake.headers().stream()
                .filter(field -> field.getKey().equals(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private static boolean fits(@Nullable String expression, String value) {
        if (expression == null || expression.isEmpty()) {
            return true;
        }
        try {
            return BoundedPattern.of(expression).matches(value);
        } catch (IllegalArgumentException | BoundedPattern.GaveUpException e) {
            return false;
        }
    }
}
