package io.topicstream.server.http;

import io.topicstream.command.Quota;
import java.util.Map;

/// What a server counts of who comes in, and of who must go. Of every map the keys are few and always the
/// same.
///
/// @param wrongCredentials wrong keys and tokens that were presented, at every door; the administrator's
///     own is not among them
/// @param endedConnections connections that ended because their bearers' rights had, by the cause
/// @param refused requests that were refused by a rate
/// @param authorizer what came of questions to the operator's own service, by name; empty where there is
///     none
public record AccessFigures(
        long wrongCredentials,
        Map<String, Long> endedConnections,
        Quota.Refusals refused,
        Map<String, Long> authorizer) {}
