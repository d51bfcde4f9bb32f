package io.topicstream.transport.client;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The calls of one loop that are under way, and the one timer for all of them: nearly every call is answered in
/// time, so a timer for each would be set and taken back for nothing. A call ends no sooner than its deadline says, and
/// [#COARSE_NS] later at most. Belongs to its loop.
final class CallDeadlines {
    /// So long it rests between two looks at the calls.
    static final long COARSE_NS = 10_000_000;

    private final EventLoop eventLoop;
    private final BiConsumer<ClientCall, Exception> cut;
    private final List<ClientCall> underWay = new ArrayList<>();
    private @Nullable Future<?> timer;
    /// When the timer looks next.
    private long timerNs;

    /// @param cut ends a call
    CallDeadlines(EventLoop eventLoop, BiConsumer<ClientCall, Exception> cut) {
        this.eventLoop = eventLoop;
        this.cut = cut;
    }

    /// A call begins.
    void add(ClientCall call, long withinNs) {
        long nowNs = System.nanoTime();
        call.deadlines = this;
        call.deadlineNs = nowNs + withinNs;
        call.place = underWay.size();
        underWay.add(call);
        if (timer == null || timerNs - call.deadlineNs > COARSE_NS) {
            lookAt(call.deadlineNs, nowNs);
        }
    }

    /// A call has ended.
    void remove(ClientCall call) {
        ClientCall last = underWay.removeLast();
        if (last != call) {
            underWay.set(call.place, last);
            last.place = call.place;
        }
    }

    /// All that are under way.
    List<ClientCall> all() {
        return List.copyOf(underWay);
    }

    private void lookAt(long whenNs, long nowNs) {
        Future<?> earlier = timer;
        if (earlier != null) {
            earlier.cancel(false);
        }
        timerNs = whenNs;
        timer = eventLoop.schedule(this::onTimer, Math.max(0, whenNs - nowNs), TimeUnit.NANOSECONDS);
    }

    private void onTimer() {
        timer = null;
        long nowNs = System.nanoTime();
        long next = Long.MAX_VALUE;
        List<ClientCall> late = new ArrayList<>();
        for (ClientCall call : underWay) {
            long leftNs = call.deadlineNs - nowNs;
            if (leftNs <= 0) {
                late.add(call);
            } else {
                next = Math.min(next, leftNs);
            }
        }
        if (next != Long.MAX_VALUE) {
            lookAt(nowNs + Math.max(COARSE_NS, next), nowNs);
        }
        for (ClientCall call : late) {
            cut.accept(call, new TimeoutException());
        }
    }
}
