package io.topicstream.gateway.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a message selects, or the beginning or the end of a connection.
///
/// @param key the value that selects it; case counts
/// @param integration what it runs, or null for none: then messages to it fail
/// @param authorization who may connect; of `$connect` only
/// @param apiKeyRequired whether the caller must show an API key; of `$connect` only
/// @param modelSelectionExpression what says by which of `requestModels` a message is checked, or null
/// @param requestModels names of models, by the value of the expression
/// @param requestParameters which of `route.request.querystring.…` and `route.request.header.…` may be mapped, and
///     whether each must be there; of `$connect` only
/// @param twoWay whether what the integration answers is sent to the client
public record Route(
        String key,
        @Nullable Integration integration,
        Authorization authorization,
        boolean apiKeyRequired,
        @Nullable String modelSelectionExpression,
        Map<String, String> requestModels,
        Map<String, Boolean> requestParameters,
        boolean twoWay) {
    public Route {
        requestModels = Map.copyOf(requestModels);
        requestParameters = Map.copyOf(requestParameters);
    }
}
