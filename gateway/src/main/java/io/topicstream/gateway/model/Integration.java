package io.topicstream.gateway.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The back end of a route, and how a message becomes a request to it.
///
/// @param uri where it is; may hold `${stageVariables.x}`. Empty for [Type#MOCK]; for [Type#TOPICSTREAM] the
///     dialect of the frames
/// @param method of the request over HTTP, in capitals
/// @param contentHandling what becomes of the body before it is sent
/// @param passthrough what becomes of a body for which there is no template
/// @param requestParameters sources by their targets: `integration.request.header.N`, `….querystring.N`,
///     `….path.N`
/// @param requestTemplates in VTL, by the value of the template selection expression
/// @param templateSelectionExpression what selects a template, or null: then `application/json` does
/// @param timeoutMs how long an answer may take, 50 to 29,000
/// @param responses by their keys: `$default`, or a pattern between slashes
/// @param serverNameToVerify whose certificate a back end over TLS must show, or null for that of its host
public record Integration(
        Type type,
        String uri,
        String method,
        ContentHandling contentHandling,
        Passthrough passthrough,
        Map<String, String> requestParameters,
        Map<String, String> requestTemplates,
        @Nullable String templateSelectionExpression,
        int timeoutMs,
        Map<String, IntegrationResponse> responses,
        @Nullable String serverNameToVerify) {
    /// The longest that an answer may take, in milliseconds, and the default.
    public static final int MAX_TIMEOUT_MS = 29_000;

    /// The shortest time-out, in milliseconds.
    public static final int MIN_TIMEOUT_MS = 50;

    public Integration {
        requestParameters = Map.copyOf(requestParameters);
        requestTemplates = Map.copyOf(requestTemplates);
        responses = Map.copyOf(responses);
    }

    /// The kinds of back ends.
    public enum Type {
        /// A function that gets the event as it is.
        AWS_PROXY,
        /// A function that gets what a template makes of the event.
        AWS,
        /// A server that gets the message as it is.
        HTTP_PROXY,
        /// A server that gets what a template makes of the message.
        HTTP,
        /// Nothing: templates alone make the answer.
        MOCK,
        /// TopicStream itself: what a template makes of the message, or the message as it is, is a frame of the
        /// connection's conversation.
        TOPICSTREAM
    }

    /// What becomes of a body on its way.
    public enum ContentHandling {
        /// It stays as it is.
        NONE,
        /// Base64 text becomes bytes.
        CONVERT_TO_BINARY,
        /// Bytes become base64 text.
        CONVERT_TO_TEXT
    }

    /// What becomes of a body for which there is no template.
    public enum Passthrough {
        /// It is passed on when no template matches.
        WHEN_NO_MATCH,
        /// It is passed on when there are no templates at all.
        WHEN_NO_TEMPLATES,
        /// It is refused.
        NEVER
    }
}
