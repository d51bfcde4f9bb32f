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
    private final HttpCallLimits limits;
    private final AtomicLong bytesLeft;
    private final AtomicInteger callsUnderWay = new AtomicInteger();
    private final ConcurrentHashMap<String, Integer> underWay = new ConcurrentHashMap<>();

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
        boolean[] begun = {false};
        underWay.compute(target, (_, calls) -> {
            int now = calls == null ? 0 : calls;
            begun[0] = now < limits.callsPerTarget();
            return begun[0] ? Integer.valueOf(now + 1) : calls;
        });
        if (!begun[0]) {
            callsUnderWay.decrementAndGet();
            return new TooManyCallsException(target, limits.callsPerTarget());
        }
        return null;
    }

    /// A call has ended.
    public void end(String target) {
        callsUnderWay.decrementAndGet();
        underWay.computeIfPresent(target, (_, calls) -> calls == 1 ? null : calls - 1);
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
        return underWay.getOrDefault(target, 0);
    }

    /// How many bytes the answers under way may still take.
    public long bytesLeft() {
        return bytesLeft.get();
    }
}
