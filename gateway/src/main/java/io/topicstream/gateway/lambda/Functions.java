package io.topicstream.gateway.lambda;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The port to functions, wherever they run. Thread-safe; no method blocks.
public interface Functions {
    /// Invokes a function and waits for what it returns.
    ///
    /// @param name a name or an ARN, with a qualifier or without
    /// @param payload JSON; must not change afterwards
    /// @param within how long it may take
    /// @return completes on any thread; fails with a [java.util.concurrent.TimeoutException] when it took too long,
    ///     and with an [java.io.IOException] when it is not to be had
    CompletionStage<Invocation> invoke(String name, byte[] payload, Duration within);

    /// Has a function run, and does not wait for it.
    ///
    /// @return completes when it was accepted; fails as [#invoke] does
    CompletionStage<Void> invokeLater(String name, byte[] payload);

    /// What a function returned.
    ///
    /// @param error the kind of error (`Unhandled`, `Handled`) where the function failed, else null
    /// @param payload JSON: the result, or the error with `errorMessage` and `errorType`
    record Invocation(@Nullable String error, byte[] payload) {}
}
