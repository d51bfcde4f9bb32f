package io.topicstream.gateway.http;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Counts calls under way, of each target and in all, and the bytes of their answers. Several who call may share it.
/// Thread-safe; does not block.
///
/// Calls to one target are bounded in number, so that a slow one has no effect on others.
public final class CallBounds {
    /// A count that nobody adds to any more: it was, or will be, taken out of the map.
    private static final int ENDED = Integer.MIN_VALUE;

    private final HttpCallLimits limits;
    private final AtomicLong bytesLeft;
    private final AtomicInteger callsUnderWay = new AtomicInteger();
    private final ConcurrentHashMap<String, AtomicInteger> underWay = new ConcurrentHashMap<>();

    /// @param limits what calls may cost
    public CallBounds(HttpCallLimits limits) {
        this.limits = limits;
        this.bytesLeft = new AtomicLong(limits.answersBytes());
    }

    /// What calls may cost.
    public HttpCallLimits limits() {
        return limits;
    }

    /// Counts another call, if it may be; [#end] must follow then.
    ///
    /// @param target for whom it counts
    /// @return why it may not be, or null
    public @Nullable TooManyCallsException begin(String target) {
        if (callsUnderWay.incrementAndGet() > limits.calls()) {
            callsUnderWay.decrementAndGet();
            return new TooManyCallsException("all back ends", limits.calls());
        }
        if (!beginAt(target)) {
            callsUnderWay.decrementAndGet();
            return new TooManyCallsException(target, limits.callsPerTarget());
        }
        return null;
    }

    private boolean beginAt(String target) {
        while (true) {
            AtomicInteger calls = underWay.computeIfAbsent(target, _ -> new AtomicInteger());
            int now = calls.get();
            if (now >= limits.callsPerTarget()) {
                return false;
            }
            if (now == ENDED) {
                underWay.remove(target, calls);
            } else if (calls.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    /// A call has ended.
    public void end(String target) {
        callsUnderWay.decrementAndGet();
        AtomicInteger calls = underWay.get(target);
        // Targets without calls are forgotten, so that there are as many as calls at most.
        if (calls != null && calls.decrementAndGet() == 0 && calls.compareAndSet(0, ENDED)) {
            underWay.remove(target, calls);
        }
    }

    /// Takes so many bytes of what answers may have, if they are left.
    public boolean hold(int bytes) {
        if (bytesLeft.addAndGet(-bytes) < 0) {
            bytesLeft.addAndGet(bytes);
            return false;
        }
        return true;
    }

    /// Gives bytes back that were taken.
    public void giveBack(long bytes) {
        bytesLeft.addAndGet(bytes);
    }

    /// How many calls to a target are under way.
    public int underWay(String target) {
        AtomicInteger calls = underWay.get(target);
        return calls == null ? 0 : Math.max(0, calls.get());
    }

    /// How many bytes the answers under way may still take.
    public long bytesLeft() {
        return bytesLeft.get();
    }
}
