package io.topicstream.gateway.expression;

import org.jspecify.annotations.Nullable;

/// How an event went, as far as it has gone: what the access log tells beside the event itself. Immutable;
/// each step that learns something makes a new one.
///
/// @param status what the client got, an HTTP status; 200 for a message that was handled
/// @param authenticate who the caller is, by a signature
/// @param authorizer what the authorizer's function did
/// @param authorize whether the caller may
/// @param integration what the back end did
/// @param error why it failed, where it did
public record Figures(
        @Nullable Integer status,
        Phase authenticate,
        Phase authorizer,
        Phase authorize,
        Phase integration,
        Error error) {
    /// Nothing is known yet.
    public static final Figures NONE = new Figures(null, Phase.NONE, Phase.NONE, Phase.NONE, Phase.NONE, Error.NONE);

    /// One step on the way of an event.
    ///
    /// @param error what went wrong, or null
    /// @param status what the step itself said, for instance the `statusCode` of a function's result
    /// @param serviceStatus what the service that runs the function said, or the back end's own status
    /// @param latencyMs how long the step took, in milliseconds
    /// @param serviceLatencyMs how long the service took of it, in milliseconds
    /// @param requestId of the service, or null
    public record Phase(
            @Nullable String error,
            @Nullable Integer status,
            @Nullable Integer serviceStatus,
            @Nullable Long latencyMs,
            @Nullable Long serviceLatencyMs,
            @Nullable String requestId) {
        /// It was not taken.
        public static final Phase NONE = new Phase(null, null, null, null, null, null);

        /// It was taken, and this is its status and how long it took.
        public static Phase of(@Nullable Integer status, long latencyMs) {
            return new Phase(null, status, status, latencyMs, latencyMs, null);
        }

        /// The same, with what went wrong.
        public Phase withError(@Nullable String what) {
            return new Phase(what, status, serviceStatus, latencyMs, serviceLatencyMs, requestId);
        }
    }

    /// Why an event failed.
    ///
    /// @param message what the client is told
    /// @param responseType the kind of failure, for instance `BAD_REQUEST_BODY`
    /// @param validation what of a body is not as its model says
    public record Error(
            @Nullable String message,
            @Nullable String responseType,
            @Nullable String validation) {
        /// It did not.
        public static final Error NONE = new Error(null, null, null);
    }

    /// The same with another status.
    public Figures withStatus(int now) {
        return new Figures(now, authenticate, authorizer, authorize, integration, error);
    }

    /// The same with who the caller is.
    public Figures withAuthenticate(Phase now) {
        return new Figures(status, now, authorizer, authorize, integration, error);
    }

    /// The same with what the authorizer did.
    public Figures withAuthorizer(Phase now) {
        return new Figures(status, authenticate, now, authorize, integration, error);
    }

    /// The same with whether the caller may.
    public Figures withAuthorize(Phase now) {
        return new Figures(status, authenticate, authorizer, now, integration, error);
    }

    /// The same with what the back end did.
    public Figures withIntegration(Phase now) {
        return new Figures(status, authenticate, authorizer, authorize, now, error);
    }

    /// The same with why it failed.
    public Figures withError(Error now) {
        return new Figures(status, authenticate, authorizer, authorize, integration, now);
    }
}
