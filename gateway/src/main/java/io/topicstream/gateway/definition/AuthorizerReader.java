package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.Authorizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads authorizers: of WebSocket APIs there is one kind, REQUEST.
final class AuthorizerReader {
    private static final Set<String> KNOWN = Set.of(
            "ApiId",
            "AuthorizerCredentialsArn",
            "AuthorizerType",
            "AuthorizerUri",
            "IdentitySource",
            "IdentityValidationExpression",
            "Name");
    private static final Map<String, String> REFUSED = Map.of(
            "AuthorizerPayloadFormatVersion", "is of HTTP APIs only; the event of a WebSocket API has one form",
            "AuthorizerResultTtlInSeconds", "is of HTTP APIs only; a WebSocket API asks at every handshake",
            "EnableSimpleResponses", "is of HTTP APIs only; a WebSocket API wants a policy",
            "JwtConfiguration", "is of HTTP APIs only; a WebSocket API has REQUEST authorizers");

    /// The authorizers of an API by their ids.
    Map<String, Authorizer> read(ApiDraft draft) {
        Map<String, Authorizer> authorizers = new LinkedHashMap<>();
        draft.authorizers.forEach((id, one) -> {
            one.requireKnown(KNOWN, REFUSED);
            one.require("AuthorizerType", "Name", "AuthorizerUri");
            String type = one.text("AuthorizerType", "REQUEST");
            if (!type.equals("REQUEST")) {
                one.error("AuthorizerType", "is REQUEST for a WebSocket API, not '" + type + "'");
            }
            List<String> sources = one.list("IdentitySource");
            for (String source : sources) {
                @Nullable String wrong = Expressions.identitySource(source);
                if (wrong != null) {
                    one.error("IdentitySource", wrong);
                }
            }
            authorizers.put(
                    id,
                    new Authorizer(
                            one.text("Name", one.resource().id()),
                            FunctionUri.checked(one, "AuthorizerUri"),
                            sources,
                            one.text("IdentityValidationExpression")));
        });
        return authorizers;
    }
}
