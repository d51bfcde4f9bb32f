package io.topicstream.log;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Hand-overs on their way from many threads to one, linked through themselves, so that passing one on
/// makes no object. A lane's queue is one, and so is what an engine gets back to use again.
///
/// Whoever puts one in no longer owns it; whoever takes them owns them all. Since they are only ever
/// taken all together, no taker can mistake one that was taken and put back for one that stayed.
public final class HandOverStack {
    private final AtomicReference<@Nullable HandOver> newest = new AtomicReference<>();

    /// An empty one.
    public HandOverStack() {}

    /// Puts one in. May be called on any thread.
    ///
    /// @return whether there was none: the taker may have to be woken
    @SuppressWarnings("ReferenceEquality") // a hand-over is no other one
    public boolean put(HandOver handOver) {
        HandOver below = newest.get();
        while (true) {
            handOver.next = below;
            HandOver seen = newest.compareAndExchange(below, handOver);
            if (seen == below) {
                return below == null;
            }
            below = seen;
        }
    }

    /// Takes all that are there.
    ///
    /// @return the oldest, with the others behind it ([HandOver#next]) in the order in which they were
    ///     put; or null
    public @Nullable HandOver takeAll() {
        HandOver from = newest.get() == null ? null : newest.getAndSet(null);
        HandOver oldest = null;
        while (from != null) {
            HandOver below = from.next;
            from.next = oldest;
            oldest = from;
            from = below;
        }
        return oldest;
    }
}
