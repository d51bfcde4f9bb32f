package io.topicstream.access;

import io.topicstream.access.Authentication.Known;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The authenticators of a server, but for callers whose rights have ended: whatever a blocked user shows, he is
/// refused. Thread-safe.
public final class RightfulCallers implements Authenticator {
    private final Authenticator authenticator;
    private final EndedRights ended;

    /// @param authenticator the whole chain
    public RightfulCallers(Authenticator authenticator, EndedRights ended) {
        this.authenticator = authenticator;
        this.ended = ended;
    }

    @Override
    public CompletionStage<Authentication> authenticate(Credentials credentials) {
        CompletionStage<Authentication> asked = authenticator.authenticate(credentials);
        CompletableFuture<Authentication> now = asked.toCompletableFuture();
        if (now.isDone() && !now.isCompletedExceptionally()) {
            // The usual case, once for each request over HTTP.
            Authentication found = now.join();
            Authentication judged = judge(found);
            return judged.equals(found) ? asked : CompletableFuture.completedFuture(judged);
        }
        return asked.thenApply(this::judge);
    }

    /// What becomes of a caller whom somebody else knows.
    public Authentication judge(Authentication found) {
        @Nullable RightsEnd end = found instanceof Known(Identity who) ? ended.endOf(who) : null;
        return end == null ? found : end.refused();
    }
}
