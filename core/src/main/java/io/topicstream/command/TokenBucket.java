package io.topicstream.command;

import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// Lets so many a second through, and so many at once. Thread-safe.
///
/// A clock that jumps back gives nothing and takes nothing.
public final class TokenBucket {
    private static final double MS = 1000;

    private final double perSecond;
    private final double burst;
    private final InstantSource clock;
    private double tokens;
    private long filledAtMs;

    private TokenBucket(double perSecond, double burst, InstantSource clock) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.clock = clock;
        this.tokens = burst;
        this.filledAtMs = clock.millis();
    }

    /// A full bucket.
    TokenBucket(Rate rate, InstantSource clock) {
        this(rate.perSecond(), rate.burst(), clock);
    }

    /// A full bucket, or null where there is no limit. As API Gateway has it, a 0 in either place lets
    /// nothing through.
    public static @Nullable TokenBucket of(@Nullable Double perSecond, @Nullable Integer burst, InstantSource clock) {
        if ((perSecond != null && perSecond <= 0) || (burst != null && burst <= 0)) {
            return new TokenBucket(0, 0, clock);
        }
        if (perSecond == null) {
            // A burst alone: nothing would fill the bucket again, which nobody means.
            return null;
        }
        return new TokenBucket(perSecond, burst == null ? Math.max(1, Math.ceil(perSecond)) : burst, clock);
    }

    /// Whether one may pass; without a bucket everything may.
    public static boolean take(@Nullable TokenBucket bucket) {
        return bucket == null || bucket.take();
    }

    private synchronized boolean take() {
        fill();
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    /// Puts back what was taken for something that did not pass elsewhere.
    static void giveBack(@Nullable TokenBucket bucket) {
        if (bucket != null) {
            bucket.giveBack();
        }
    }

    private synchronized void giveBack() {
        tokens = Math.min(burst, tokens + 1);
    }

    /// Whether it is as good as a new one.
    synchronized boolean isFull() {
        fill();
        return tokens >= burst;
    }

    private void fill() {
        long nowMs = clock.millis();
        if (nowMs > filledAtMs) {
            tokens = Math.min(burst, tokens + (nowMs - filledAtMs) * perSecond / MS);
        }
        filledAtMs = nowMs;
    }
}
