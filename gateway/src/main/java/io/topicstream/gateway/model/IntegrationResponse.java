package io.topicstream.gateway.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What becomes of a back end's answer, where the route is not a proxy.
///
/// @param key `$default`, or a pattern between slashes, for instance `/4\d\d/`
/// @param contentHandling what becomes of the body
/// @param responseParameters sources by their targets, for instance `method.response.header.N`
/// @param templates in VTL, by the value of the template selection expression
/// @param templateSelectionExpression what selects a template, or null
public record IntegrationResponse(
        String key,
        Integration.ContentHandling contentHandling,
        Map<String, String> responseParameters,
        Map<String, String> templates,
        @Nullable String templateSelectionExpression) {
    public IntegrationResponse {
        responseParameters = Map.copyOf(responseParameters);
        templates = Map.copyOf(templates);
    }
}
