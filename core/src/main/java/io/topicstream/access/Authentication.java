package io.topicstream.access;

import io.topicstream.protocol.ErrorCode;

/// What an [Authenticator] found.
public sealed interface Authentication {
    /// The credential is not of this authenticator's kind, or it does not know it; the next one is
    /// asked.
    Authentication NOT_MINE = new NotMine();

    /// The caller is known.
    record Known(Identity identity) implements Authentication {}

    /// The caller is refused, and nobody else is asked.
    ///
    /// @param code [ErrorCode#UNAUTHENTICATED] and its like, with their HTTP status
    /// @param reason for the caller to read; says nothing about which part of a credential was wrong
    record Refused(ErrorCode code, String reason) implements Authentication {}

    /// See [#NOT_MINE].
    record NotMine() implements Authentication {}
}
