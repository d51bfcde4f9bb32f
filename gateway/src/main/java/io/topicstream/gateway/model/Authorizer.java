package io.topicstream.gateway.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A function that says who may open a connection (REQUEST authorizer).
///
/// @param name for people
/// @param uri of the function, as an [Integration#uri] of a function is
/// @param identitySources what must be there before it is asked: `route.request.header.N`,
///     `route.request.querystring.N`, `stageVariables.N`, `context.N`
/// @param identityValidationExpression what the identity sources must match, or null
public record Authorizer(
        String name,
        String uri,
        List<String> identitySources,
        @Nullable String identityValidationExpression) {
    public Authorizer {
        identitySources = List.copyOf(identitySources);
    }
}
