package io.topicstream.tokens;

import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// The keys that an issuer publishes at a URL.
///
/// They are fetched at the start, again when they are used and [#REFRESH_MS] old, and when a token names one
/// that is not among them. At most one fetch is under way, on a thread of its own, and there are [#GAP_MS]
/// between two. One that fails leaves the keys as they are. Keys that nobody used for [#OLD_MS] are not taken
/// at their word: the first caller then waits for the fetch.
///
/// Thread-safe.
final class FetchedKeys implements Keys {
    /// How old keys are, in milliseconds, when they are fetched again.
    static final long REFRESH_MS = 300_000;
    /// How old they are when a caller waits for that.
    static final long OLD_MS = 3_600_000;
    /// The least time between two fetches, in milliseconds.
    static final long GAP_MS = 30_000;
    /// The same as long as none has succeeded: nobody can be let in meanwhile.
    static final long FIRST_GAP_MS = 5_000;

    private static final System.Logger LOG = System.getLogger(FetchedKeys.class.getName());
    private static final long NEVER = Long.MIN_VALUE;

    private final String issuer;
    private final List<JwtAlgorithm> algorithms;
    private final Fetch fetch;
    private final Executor executor;
    private final InstantSource clock;
    private final Runnable onChange;

    private volatile @Nullable KeySet current;
    private volatile long fetchedAtMs = NEVER;
    private volatile long triedAtMs = NEVER;
    private volatile boolean failed;
    /// Guarded by this.
    private @Nullable CompletableFuture<Boolean> underWay;

    /// Gets the set of keys. May block, for as long as it has a deadline.
    @FunctionalInterface
    interface Fetch {
        byte[] run() throws IOException, InterruptedException;
    }

    /// @param executor has a thread for each fetch
    /// @param onChange called when the keys are others than before
    FetchedKeys(
            String issuer,
            List<JwtAlgorithm> algorithms,
            Fetch fetch,
            Executor executor,
            InstantSource clock,
            Runnable onChange) {
        this.issuer = issuer;
        this.algorithms = algorithms;
        this.fetch = fetch;
        this.executor = executor;
        this.clock = clock;
        this.onChange = onChange;
    }

    @Override
    public @Nullable KeySet current() {
        return current;
    }

    @Override
    public void touch(long nowMs) {
        if (isPast(fetchedAtMs, REFRESH_MS, nowMs)) {
            var _ = ask(nowMs);
        }
    }

    @Override
    public boolean isOld(long nowMs) {
        return isPast(fetchedAtMs, OLD_MS, nowMs);
    }

    @Override
    public boolean isOutOfReach() {
        return failed;
    }

    @Override
    public @Nullable CompletionStage<Boolean> ask(long nowMs) {
        CompletableFuture<Boolean> asked;
        synchronized (this) {
            if (underWay != null) {
                return underWay;
            }
            if (!isPast(triedAtMs, current == null ? FIRST_GAP_MS : GAP_MS, nowMs)) {
                return null;
            }
            triedAtMs = nowMs;
            asked = new CompletableFuture<>();
            underWay = asked;
        }
        executor.execute(() -> run(asked));
        return asked;
    }

    /// Whether it is that long ago. A clock that was set back ends the time too.
    private static boolean isPast(long sinceMs, long lengthMs, long nowMs) {
        return sinceMs == NEVER || nowMs < sinceMs || nowMs - sinceMs >= lengthMs;
    }

    private void run(CompletableFuture<Boolean> asked) {
        @Nullable KeySet fetched = null;
        try {
            fetched = KeySet.ofJson(fetch.run(), algorithms);
        } catch (IOException | RuntimeException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the keys of {0} (access.jwt) cannot be had: {1}; {2}",
                    issuer,
                    String.valueOf(e.getMessage()),
                    current == null ? "its tokens are answered with 503" : "those of before still count");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(fetched);
            asked.complete(fetched != null);
        }
    }

    /// Takes up what was fetched, and ends the fetch, in one step: nobody finds the new keys and a fetch
    /// that is still under way, or waits for one that has brought them.
    private void end(@Nullable KeySet fetched) {
        synchronized (this) {
            underWay = null;
            failed = fetched == null;
            if (fetched == null) {
                return;
            }
            fetchedAtMs = clock.millis();
            if (fetched.equals(current)) {
                return;
            }
            current = fetched;
        }
        onChange.run();
        LOG.log(
                System.Logger.Level.INFO,
                "{0} has {1} keys to sign tokens with (access.jwt)",
                issuer,
                Integer.toString(fetched.size()));
    }
}
