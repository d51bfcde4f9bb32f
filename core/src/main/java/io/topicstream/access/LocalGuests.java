package io.topicstream.access;

import io.topicstream.access.Authentication.Refused;
import io.topicstream.protocol.ErrorCode;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/// Callers on this machine who show nothing, as long as nobody has an API key. Last in the chain, in place of
/// [Anonymous], where the configuration neither welcomes guests nor turns them away.
///
/// Who makes the first key wants to know his callers, so it closes this door: at once on the node that made
/// it, within [#CHECK_MS] on the others, which look into the store. It stays closed while the process runs: that
/// the last key is revoked must let nobody in. A process that starts looks again.
///
/// A caller that came through a proxy is not on this machine, wherever the proxy is.
///
/// Thread-safe.
public final class LocalGuests implements Authenticator {
    /// For how long it is taken for granted that there is still no key, in milliseconds.
    public static final long CHECK_MS = 1_000;

    static final Refused PROXIED = new Refused(
            ErrorCode.UNAUTHENTICATED,
            "a credential is needed: an API key (x-api-key) or a token (Authorization: Bearer). Only callers on the"
                    + " server's own machine go without, and this request came through a proxy; access.anonymous: on"
                    + " would let it in");
    static final Refused CLOSED = new Refused(
            ErrorCode.UNAUTHENTICATED,
            "a credential is needed: an API key (x-api-key) or a token (Authorization: Bearer). There are API keys,"
                    + " so callers do not go without one; access.anonymous: on would let them in");

    private static final CompletionStage<Authentication> NOT_MINE =
            CompletableFuture.completedFuture(Authentication.NOT_MINE);

    private final Anonymous anonymous;
    private final Supplier<CompletionStage<Boolean>> anyKey;
    private final InstantSource clock;
    private volatile boolean closed;
    private volatile boolean checked;
    private volatile long checkedAtMs;

    /// @param anonymous what guests may do
    /// @param anyKey whether there is any key at all: [ApiKeys#isAny]
    public LocalGuests(Anonymous anonymous, Supplier<CompletionStage<Boolean>> anyKey, InstantSource clock) {
        this.anonymous = anonymous;
        this.anyKey = anyKey;
        this.clock = clock;
    }

    /// Tells that a key was made.
    ///
    /// @return whether guests were let in until now
    public synchronized boolean close() {
        boolean wasOpen = !closed;
        closed = true;
        return wasOpen;
    }

    @Override
    public CompletionStage<Authentication> authenticate(Credentials credentials) {
        if (credentials.isPresented()) {
            return NOT_MINE;
        }
        if (closed) {
            return CompletableFuture.completedFuture(CLOSED);
        }
        if (!credentials.isLocal()) {
            return CompletableFuture.completedFuture(PROXIED);
        }
        long nowMs = clock.millis();
        long ageMs = nowMs - checkedAtMs;
        if (checked && ageMs >= 0 && ageMs < CHECK_MS) {
            return anonymous.authenticate(credentials);
        }
        return anyKey.get().thenCompose(any -> {
            if (any) {
                close();
            } else {
                checkedAtMs = nowMs;
                checked = true;
            }
            return closed ? CompletableFuture.completedFuture(CLOSED) : anonymous.authenticate(credentials);
        });
    }
}
