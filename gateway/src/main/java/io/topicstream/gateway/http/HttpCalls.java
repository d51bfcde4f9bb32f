package io.topicstream.gateway.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Sends requests to HTTP servers and takes their answers in. Thread-safe; does not block.
///
/// Connections are kept and used again. Redirects are not followed, cookies are not kept, and what may change
/// something is not sent twice. A call has one deadline for all of it, from looking up the name to the last byte of
/// the body: where it passes, the connection is closed. Calls have the bounds of [CallBounds].
public interface HttpCalls extends AutoCloseable {
    /// Sends a request.
    ///
    /// @param target for whom the call counts: a server, or one of several things that it serves
    /// @param serverName whose certificate the server must show, or null for that of its address
    /// @param within how long all of it may take
    /// @return completes on any thread, which may be an event loop; fails with a
    ///     [java.util.concurrent.TimeoutException] when it took too long, with a [TooManyCallsException] or an
    ///     [AnswerTooLargeException] where bounds are met, and with another [java.io.IOException] where the server
    ///     was not reached or answered no HTTP
    CompletableFuture<HttpAnswer> send(HttpCall call, String target, @Nullable String serverName, Duration within);

    /// Closes all connections. Calls that are under way fail.
    @Override
    void close();
}
