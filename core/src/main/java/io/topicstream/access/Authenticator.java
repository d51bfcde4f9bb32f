package io.topicstream.access;

import java.util.concurrent.CompletionStage;

/// One way of showing who one is.
///
/// Called on any thread, event loops included, so it does not block: what needs the store answers
/// later, on a thread of the engine. A stage that fails means that it could not be found out.
@FunctionalInterface
public interface Authenticator {
    /// Judges the credentials. A claimed id or name is for anonymous callers alone; others ignore it.
    CompletionStage<Authentication> authenticate(Credentials credentials);
}
