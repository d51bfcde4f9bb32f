package io.topicstream.gateway.http;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Sends requests to HTTP servers and takes their answers in. Thread-safe; does not block.
///
/// Connections are kept and used again. Redirects are not followed, cookies are not kept, and what may change
/// something is not sent twice. A call has one deadline for all of it, from looking up the name to the last byte of
/// the body: where it passes, the connection is closed. Calls have the bounds of [CallBounds].
public interface HttpCalls extends AutoCloseable {
    /// Makes a request ready to be sent any number of times. Where several messages lead to the same one, all that
    /// does not depend on them is done once.
    ///
    /// @param target for whom its calls count: a server, or one of several things that it serves
    /// @param serverName whose certificate the server must show, or null for that of its address
    /// @param within how long all of a call may take
    Prepared prepare(HttpCall call, String target, @Nullable String serverName, Duration within);

    /// A request that is ready. Immutable; thread-safe; does not block.
    @FunctionalInterface
    interface Prepared {
        /// Sends it.
        ///
        /// @param fields that go with this call, beside those of the request: others than it has, and such as
        ///     [HttpCall#check] lets pass
        /// @param body empty for none; the receiver owns it
        /// @return completes on any thread, which may be an event loop; fails with a
        ///     [java.util.concurrent.TimeoutException] when it took too long, with a [TooManyCallsException] or
        ///     an [AnswerTooLargeException] where bounds are met, and with another [java.io.IOException] where
        ///     the server was not reached or answered no HTTP
        CompletableFuture<HttpAnswer> send(Map<String, List<String>> fields, byte[] body);
    }

    /// Closes all connections. Calls that are under way fail.
    @Override
    void close();
}
