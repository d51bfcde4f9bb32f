package io.topicstream.gateway.model;

/// Who may open a connection.
public sealed interface Authorization {
    /// Everybody.
    record Open() implements Authorization {}

    /// Who signs the upgrade with SigV4, by a key that may `execute-api:Invoke`.
    record Iam() implements Authorization {}

    /// Who a function lets in.
    record ByFunction(Authorizer authorizer) implements Authorization {}
}
